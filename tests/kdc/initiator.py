"""A WinRM client that logs in and seals by MIT's GSSAPI (python3-gssapi):
the far end of what the endpoint does, for its tests only.

MIT takes its krb5.conf from the environment; whoever makes an Initiator sets
KRB5_CONFIG before.
"""

import base64
import hashlib
import re
import struct

import gssapi
from gssapi import raw

import harness

OIDS = {name: gssapi.OID.from_int_seq(text) for name, text in (
    ("kerberos", "1.2.840.113554.1.2.2"), ("ntlm", "1.3.6.1.4.1.311.2.2.10"),
    ("spnego", "1.3.6.1.5.5.2"))}
FLAG = gssapi.RequirementFlag
FLAGS = (FLAG.mutual_authentication | FLAG.replay_detection
         | FLAG.out_of_sequence_detection | FLAG.confidentiality
         | FLAG.integrity)
DELEGATE = FLAG.delegate_to_peer
MARK = b"--Encrypted Boundary"
PROTOCOL = "application/HTTP-%s-session-encrypted"


def credentials(user, password, *mechanisms):
    """Return credentials of a user, for these mechanisms and SPNEGO."""
    name = gssapi.Name(user, gssapi.NameType.user)
    oids = [OIDS[m] for m in mechanisms]
    creds = raw.acquire_cred_with_password(
        name, password.encode(), mechs=oids + [OIDS["spnego"]],
        usage="initiate").creds
    raw.set_neg_mechs(creds, oids)
    return gssapi.Credentials(creds)


class Initiator(harness.Client):
    """A client that logs its connection in."""

    def __init__(self, endpoint, url, creds, mechanism="spnego",
                 scheme="Negotiate", target="HTTP@localhost", flags=FLAGS,
                 bound=True, rc4_pad=1):
        self.url, self.scheme = url, scheme
        self.flags, self.rc4_pad = flags, rc4_pad
        self.secure = url.startswith("https")
        super().__init__(endpoint, endpoint.connect(url=url))
        self.context = gssapi.SecurityContext(
            name=gssapi.Name(target, gssapi.NameType.hostbased_service),
            mech=OIDS[mechanism], creds=creds, usage="initiate", flags=flags,
            channel_bindings=self.bindings() if bound else None)
        self.tokens = []

    def bindings(self):
        """Return the bindings to the server's certificate (of SHA-256)."""
        if not self.secure:
            return None
        self.connection.connect()
        der = self.connection.sock.getpeercert(True)
        return raw.ChannelBindings(application_data=b"tls-server-end-point:"
                                   + hashlib.sha256(der).digest())

    def login(self):
        """Log in; return the status of the last answer."""
        token = self.context.step()
        while True:
            value = "%s %s" % (self.scheme, base64.b64encode(token).decode())
            self.connection.request("POST", "/wsman", b"",
                                    {"Authorization": value})
            answer = self.connection.getresponse()
            answer.read()
            scheme, _, text = answer.getheader("WWW-Authenticate",
                                               "").partition(" ")
            if text and scheme == self.scheme:
                self.tokens.append(base64.b64decode(text))
                token = self.context.step(self.tokens[-1])
            if answer.status != 401 or not token or not text:
                return answer.status

    def close(self):
        """Close the connection."""
        super().close()
        self.context = None

    def post(self, text, headers=(), path="/wsman", auth=True):
        """Send a request, sealed over http; return its Answer."""
        plain = text if isinstance(text, bytes) else text.encode()
        kind = "application/soap+xml;charset=UTF-8"
        if self.secure:
            return super().post(plain, headers, path, False)
        word = "SPNEGO" if self.scheme == "Negotiate" else self.scheme
        protocol = PROTOCOL % word
        headers = {"Content-Type": 'multipart/encrypted;protocol="%s";'
                   'boundary="Encrypted Boundary"' % protocol}
        self.connection.request("POST", path,
                                self.seal(plain, kind, protocol), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        got = answer.getheader("Content-Type", "")
        if got.startswith("multipart/encrypted"):
            body = self.unseal(body, protocol)
            answer.headers.replace_header("Content-Type", kind)
        return harness.Answer(answer, body)

    def seal(self, plain, kind, protocol):
        """Return the body of a sealed request."""
        length, header, data = self.parts(plain)
        return b"".join((
            MARK, b"\r\n\tContent-Type: ", protocol.encode(),
            b"\r\n\tOriginalContent: type=", kind.encode(),
            b";Length=%d\r\n" % length, MARK,
            b"\r\n\tContent-Type: application/octet-stream\r\n",
            struct.pack("<I", len(header)), header, data, MARK, b"--\r\n"))

    def parts(self, plain):
        """Return Length, header and data, as SSPI cuts them."""
        token = self.context.wrap(plain, True).message
        if token.startswith(b"\x01\0\0\0"):               # NTLM
            return len(plain), token[:16], token[16:]
        if token.startswith(b"\x05\x04"):                 # AES: not rotated
            tail = len(token) - len(plain) - 32
            token = (token[:6] + struct.pack(">H", tail) + token[8:16]
                     + token[-tail:] + token[16:-tail])
            return len(plain), token[:32 + tail], token[32 + tail:]
        cut = len(token) - len(plain) - 1                 # RC4
        return len(plain) + self.rc4_pad, token[:cut], token[cut:]

    def unseal(self, body, protocol):
        """Return the plain text of a sealed reply."""
        found = re.match(
            re.escape(MARK) + b"\r\n\tContent-Type: "
            + re.escape(protocol.encode()) + b"\r\n\tOriginalContent: type="
            b"application/soap\\+xml;charset=UTF-8;Length=(\\d+)\r\n"
            + re.escape(MARK) + b"\r\n\tContent-Type: application/octet-"
            b"stream\r\n(.{4})", body, re.S)
        size = struct.unpack("<I", found[2])[0]
        sealed = body[found.end():-len(MARK + b"--\r\n")]
        self.header, length = size, int(found[1])
        plain = self.context.unwrap(sealed).message
        if len(sealed) - size not in (len(plain), len(plain) + 1) or (
                length != len(plain) and length != len(sealed) - size):
            raise AssertionError("Length=%d for %d" % (length, len(plain)))
        return plain
