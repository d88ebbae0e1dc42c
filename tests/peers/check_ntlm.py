#!/usr/bin/env python3
"""Checks of the library's NTLM with pyspnego's acceptor (from PyPI).

Usage: check_ntlm.py PROGRAM     (build/tests/peers/ntlm_line)
"""

import hashlib
import os
import subprocess
import sys
import tempfile

import spnego
from spnego.channel_bindings import AddressType, GssChannelBindings
from spnego.exceptions import BadBindingsError, SpnegoError

FAILED = []
HASH = hashlib.sha256(b"a certificate").digest()
# as it is given, as the acceptor looks it up, password
USERS = (
    ("user", ":user", "Password01"),
    ("CORP\\user", "CORP:user", "other"),
    ("user@corp.example", ":user@corp.example", "Pa ss"),
    ("B\u00dcRO\\j\u00fcrgen", "B\u00dcRO:j\u00fcrgen", "p\u00e4\u00dfwort\u20ac"),
    ("\u0436\u03b1", ":\u0436\u03b1", "\U0001f600\U0010ffff"),
)
SIZES = (0, 1, 16, 1000, 100000, 1 << 20)


def check(name, got, wanted):
    """Print one line in the form that run_peers.py reads."""
    if got == wanted:
        print("ok %s" % name)
    else:
        FAILED.append(name)
        print("FAIL %s: %.200r" % (name, got))


def bindings(digest):
    """Return what a server puts around the hash of its certificate."""
    return digest and GssChannelBindings(
        initiator_addrtype=AddressType.unspecified,
        acceptor_addrtype=AddressType.unspecified,
        application_data=b"tls-server-end-point:" + digest)


class Ours:
    """The library's end: one process for one context."""

    def __init__(self, program, user, password, digest=None):
        self.process = subprocess.Popen(
            [program, user, password, "HTTP/peer",
             digest.hex() if digest else "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def call(self, word, *data):
        """Return the word of the answer and its arguments."""
        line = " ".join([word] + [d.hex() or "-" for d in data])
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        word, *rest = self.process.stdout.readline().split()
        if word == "error":
            return word, rest[0]
        return (word, *(bytes.fromhex(r.replace("-", "")) for r in rest))


def login(ours, digest=None):
    """Return the acceptor's end, or the name of its error."""
    theirs = spnego.server(protocol="ntlm", channel_bindings=bindings(digest),
                           options=spnego.NegotiateOptions.use_ntlm)
    word, token = ours.call("start")
    challenge = theirs.step(token)
    word, token = ours.call("step", challenge)
    if word != "done":
        return word
    try:
        theirs.step(token)
    except BadBindingsError:
        return "bindings"
    except SpnegoError as error:
        return type(error).__name__
    return theirs


def check_logins(program):
    """Check names, passwords and channel bindings."""
    for user, _, password in USERS:
        with Ours(program, user, password, HASH) as ours:
            theirs = login(ours, HASH)
            check("login of %s" % ascii(user),
                  getattr(theirs, "complete", theirs), True)
    user, _, password = USERS[0]
    for name, ours_has, theirs_has, wanted in (
            ("no bindings", None, None, True),
            ("bindings of ours alone", HASH, None, True),
            ("wrong bindings", HASH[::-1], HASH, "bindings"),
            ("missing bindings", None, HASH, "bindings")):
        with Ours(program, user, password, ours_has) as ours:
            theirs = login(ours, theirs_has)
            check(name, getattr(theirs, "complete", theirs), wanted)
    with Ours(program, user, "wrong") as ours:
        check("wrong password", login(ours), "InvalidTokenError")


def check_messages(program):
    """Check sealed messages of many sizes in both directions."""
    user, _, password = USERS[3]
    with Ours(program, user, password) as ours:
        theirs = login(ours)
        for size in SIZES:
            text = bytes(i * 7 % 251 for i in range(size))
            word, *parts = ours.call("wrap", text)
            check("%d bytes from us" % size,
                  word == "sealed" and theirs.unwrap_winrm(*parts), text)
            sealed = theirs.wrap_winrm(text)
            check("%d bytes to us" % size,
                  ours.call("unwrap", sealed.header, sealed.data),
                  ("plain", text))
            word, *parts = ours.call("wrap", text)
            check("%d bytes from us, wrapped" % size,
                  word == "sealed" and theirs.unwrap(b"".join(parts)).data,
                  text)
        sealed = theirs.wrap_winrm(b"text")
        check("an altered message is refused",
              ours.call("unwrap", sealed.header, sealed.data[:-1] + b"!"),
              ("error", "8009030f"))
        sealed = theirs.wrap_winrm(b"text")
        check("and the context is dead",
              ours.call("unwrap", sealed.header, sealed.data)[0], "error")


def check_mics(program):
    """Check signatures of texts: behind each, both streams begin anew there,
    as SPNEGO has it."""
    user, _, password = USERS[1]
    with Ours(program, user, password) as ours:
        theirs = login(ours)
        word, mic = ours.call("mic", b"mechanisms")
        check("a signature of ours", theirs.verify(b"mechanisms", mic), 0)
        check("a signature of theirs",
              ours.call("verify", b"mechanisms", theirs.sign(b"mechanisms")),
              ("good",))
        theirs._reset_ntlm_crypto_state(outgoing=False)
        theirs._reset_ntlm_crypto_state(outgoing=True)
        word, *parts = ours.call("wrap", b"text")
        check("a message of ours behind it",
              word == "sealed" and theirs.unwrap_winrm(*parts), b"text")
        sealed = theirs.wrap_winrm(b"text")
        check("a message of theirs behind it",
              ours.call("unwrap", sealed.header, sealed.data),
              ("plain", b"text"))


def main():
    """Run all checks."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "users")
        with open(path, "w", encoding="utf-8") as users:
            users.writelines("%s:%s\n" % u[1:] for u in USERS)
        os.environ["NTLM_USER_FILE"] = path
        check_logins(sys.argv[1])
        check_messages(sys.argv[1])
        check_mics(sys.argv[1])
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
