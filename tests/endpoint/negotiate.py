"""Negotiate for the endpoint: an acceptor of GSSAPI per connection.

The tokens and the sealing are MIT's and gss-ntlmssp's (python3-gssapi,
gss-ntlmssp); without these packages the endpoint runs, but cannot do it.
"""

import base64
import binascii
import hashlib
import os
import re
import ssl
import struct
import subprocess

try:
    import gssapi
    from gssapi.raw import ChannelBindings
    GSSAPI = True
except ImportError:
    GSSAPI = False

SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
BOUNDARY = "Encrypted Boundary"
SIGNATURE = 16             # of an NTLM message
FRAME = 1024               # around a sealed message


class Broken(Exception):
    """A sealed message that is none."""


def write_users(path, user, password):
    """Make the file from which gss-ntlmssp takes the accounts."""
    domain = os.uname().nodename.upper()
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
              encoding="utf-8") as out:
        out.write("%s:%s:%s\n" % (domain, user, password))
    os.environ["NTLM_USER_FILE"] = path


def bindings_of(cert):
    """Return the tls-server-end-point of a PEM file's first certificate."""
    with open(cert, encoding="ascii") as file:
        pem = re.search("-----BEGIN CERT.*?-----END CERT[A-Z]*-----",
                        file.read(), re.S).group(0)
    text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=pem,
                          check=True, capture_output=True, text=True).stdout
    name = re.search(r"Signature Algorithm: (\S+)", text).group(1).lower()
    kind = next((k for k in ("sha512", "sha384") if k in name), "sha256")
    digest = hashlib.new(kind, ssl.PEM_cert_to_DER_cert(pem)).digest()
    return b"tls-server-end-point:" + digest


class Login:
    """The security context of one connection."""

    def __init__(self, binding=None):
        self.binding = binding
        self.context = None
        self.user = None

    def step(self, value):
        """Take a token in base64; return (accepted, reply in base64)."""
        try:
            token = base64.b64decode(value, validate=True)
        except binascii.Error:
            return False, None
        if self.context is None or self.user is not None:
            bind = self.binding and ChannelBindings(
                application_data=self.binding)
            self.context = gssapi.SecurityContext(usage="accept",
                                                  channel_bindings=bind)
            self.user = None
        try:
            reply = self.context.step(token)
            complete = self.context.complete   # raises what step put off
        except gssapi.exceptions.GSSError:
            self.context = None
            return False, None
        if complete:
            # gss-ntlmssp counts the NUL at the end.
            name = str(self.context.initiator_name).rstrip("\0")
            self.user = name.rpartition("\\")[2].partition("@")[0]
        reply = base64.b64encode(reply).decode() if reply else None
        return complete, reply

    def unseal(self, body, content_type):
        """Return (plain text, its content type) of a sealed request."""
        mark = b"--" + BOUNDARY.encode() + b"\r\n"
        head, _, rest = body.partition(
            mark + b"\tContent-Type: application/octet-stream\r\n")
        match = re.fullmatch(
            re.escape(mark) + b"\tContent-Type: ([^\r\n]*)\r\n"
            b"\tOriginalContent: type=([^\r\n]*);Length=(\\d+)\r\n", head)
        end = b"--" + BOUNDARY.encode() + b"--\r\n"
        if not match or not rest.endswith(end) or content_type != (
                'multipart/encrypted;protocol="%s";boundary="%s"'
                % (SPNEGO, BOUNDARY)) or match.group(1).decode() != SPNEGO:
            raise Broken(content_type)
        rest = rest[:-len(end)]
        size = struct.unpack("<I", rest[:4])[0]
        if size != SIGNATURE:
            raise Broken("a header of %d bytes" % size)
        try:
            plain = self.context.unwrap(rest[4:]).message
        except gssapi.exceptions.GSSError as error:
            raise Broken(str(error))
        if len(plain) != int(match.group(3)):
            raise Broken("Length")
        return plain, match.group(2).decode()

    def seal(self, plain, content_type):
        """Return (body, content type) of a sealed reply."""
        sealed = self.context.wrap(plain, True).message
        mark = "--" + BOUNDARY
        head = ("%s\r\n\tContent-Type: %s\r\n\tOriginalContent: type=%s;"
                "Length=%d\r\n%s\r\n\tContent-Type: application/octet-stream"
                "\r\n" % (mark, SPNEGO, content_type, len(plain), mark))
        body = (head.encode() + struct.pack("<I", SIGNATURE) + sealed
                + mark.encode() + b"--\r\n")
        return body, 'multipart/encrypted;protocol="%s";boundary="%s"' % (
            SPNEGO, BOUNDARY)
