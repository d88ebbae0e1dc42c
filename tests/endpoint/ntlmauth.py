"""Samba's ntlm_auth as the acceptor of tokens: a member of a domain."""

import base64
import subprocess

import tokens

LIMIT = 30
SPNEGO, NTLM = "gss-spnego", "squid-2.5-ntlmssp"


class Acceptor:
    """A process of ntlm_auth, for one login."""

    def __init__(self, protocol=SPNEGO):
        self.spnego = protocol == SPNEGO
        self.process = subprocess.Popen(
            ["ntlm_auth", "--helper-protocol=" + protocol],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.word = "YR"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(LIMIT)

    def step(self, token):
        """Take a token; return (word, token or None, the rest).

        The words are Samba's: TT (goes on), AF (accepted, as the user in the
        rest), NA (refused, for the reason there), BH (broken).
        """
        self.process.stdin.write("%s %s\n" % (
            self.word, base64.b64encode(token).decode()))
        self.process.stdin.flush()
        self.word = "KK"
        word, _, rest = self.process.stdout.readline().strip().partition(" ")
        if not self.spnego and word != "TT":
            return word, None, rest
        text, _, rest = rest.partition(" ")
        token = None if text in ("*", "") else base64.b64decode(text)
        return word, token, rest


class Login:
    """What negotiate.Login is, without sealed messages: for https."""

    def __init__(self, config, secure):
        self.config = config
        self.user = self.about = self.error = self.acceptor = None
        self.scheme = None

    def step(self, scheme, value):
        """Take a token in base64; return (accepted, reply in base64)."""
        token = base64.b64decode(value)
        if self.acceptor is None:
            self.scheme, self.first, self.error = scheme, token, None
            self.acceptor = Acceptor()
        word, reply, rest = self.acceptor.step(token)
        reply = base64.b64encode(reply).decode() if reply else None
        if word == "TT":
            return False, reply
        self.acceptor.close()
        self.acceptor = None
        name = rest.rpartition("\\")[2].partition("@")[0]
        if word != "AF" or name.lower() != self.config.user.lower():
            self.error = "%s %s" % (word, rest)
            return False, reply
        target = tokens.target_of(token) or tokens.target_of(self.first)
        self.about = {"scheme": scheme, "user": rest, "target": target}
        self.user = self.config.user
        return True, reply
