"""Sealed messages: multipart/encrypted (MS-WSMV 2.2.9.1) and what each
mechanism makes of a message: its header, and the data behind it.
"""

import re
import struct

try:
    import gssapi
    from gssapi import raw
except ImportError:        # negotiate.py says so
    pass

PROTOCOLS = {"negotiate": "application/HTTP-SPNEGO-session-encrypted",
             "kerberos": "application/HTTP-Kerberos-session-encrypted"}
BOUNDARY = "Encrypted Boundary"
FRAME = 1024               # around a sealed message
SESSION_KEY = "1.2.840.113554.1.2.2.5.5"     # GSS_C_INQ_SSPI_SESSION_KEY
RC4 = 23
# The header of a message of AES: 16 bytes, confounder and checksum.
AES_HEADERS = {17: 60, 18: 60, 19: 64, 20: 72}


class Broken(Exception):
    """A sealed message that is none."""


def split(body, content_type, protocol):
    """Return (type, length, header, data) of a multipart body."""
    mark = b"--" + BOUNDARY.encode() + b"\r\n"
    head, _, rest = body.partition(
        mark + b"\tContent-Type: application/octet-stream\r\n")
    match = re.fullmatch(
        re.escape(mark) + b"\tContent-Type: ([^\r\n]*)\r\n"
        b"\tOriginalContent: type=([^\r\n]*);Length=(\\d+)\r\n", head)
    end = b"--" + BOUNDARY.encode() + b"--\r\n"
    if not match or not rest.endswith(end) or content_type != (
            'multipart/encrypted;protocol="%s";boundary="%s"'
            % (protocol, BOUNDARY)) or match.group(1).decode() != protocol:
        raise Broken(content_type)
    rest = rest[:-len(end)]
    size = struct.unpack("<I", rest[:4])[0]
    if len(rest) < 4 + size:
        raise Broken("a header of %d bytes" % size)
    return (match.group(2).decode(), int(match.group(3)), rest[4:4 + size],
            rest[4 + size:])


def join(content_type, length, header, data, protocol):
    """Return (body, content type), the opposite of split()."""
    mark = "--" + BOUNDARY
    head = ("%s\r\n\tContent-Type: %s\r\n\tOriginalContent: type=%s;"
            "Length=%d\r\n%s\r\n\tContent-Type: application/octet-stream"
            "\r\n" % (mark, protocol, content_type, length, mark))
    body = (head.encode() + struct.pack("<I", len(header)) + header + data
            + mark.encode() + b"--\r\n")
    return body, 'multipart/encrypted;protocol="%s";boundary="%s"' % (
        protocol, BOUNDARY)


class Ntlm:
    """NTLM: the signature is the header, the data are as long as the text."""

    HEADER = 16

    def __init__(self, context):
        self.context = context

    def seal(self, plain):
        """Return (Length, header, data)."""
        sealed = self.context.wrap(plain, True).message
        return len(plain), sealed[:self.HEADER], sealed[self.HEADER:]

    def check(self, length, header, data):
        """Raise Broken if the parts are not cut where Windows cuts them."""
        if len(header) != self.HEADER or len(data) != length:
            raise Broken("a header of %d bytes, data of %d for %d"
                         % (len(header), len(data), length))

    def unseal(self, length, header, data):
        """Return the plain text."""
        self.check(length, header, data)
        try:
            done = self.context.unwrap(header + data)
        except gssapi.exceptions.GSSError as error:
            raise Broken(str(error))
        if not done.encrypted:
            raise Broken("signed only")
        return done.message


class Aes(Ntlm):
    """Kerberos with AES: confounder and checksum are rotated to the front,
    so that the data are as long as the text (MS-KILE 3.4.5.4.1).
    """

    def __init__(self, context, enctype):
        super().__init__(context)
        self.header = AES_HEADERS[enctype]

    def seal(self, plain):
        """Return (Length, header, data)."""
        iov = raw.IOV(raw.IOVBufferType.header, plain,
                      raw.IOVBufferType.padding, std_layout=False)
        raw.wrap_iov(self.context, iov, True)
        header, data, padding = (part.value or b"" for part in iov)
        return self.length(plain, padding), header, data + padding

    def length(self, plain, padding):
        """Return what Length= says."""
        return len(plain) + len(padding)

    def check(self, length, header, data):
        """Raise Broken if the parts are not cut where Windows cuts them."""
        if len(header) != self.header or len(data) != length:
            raise Broken("a header of %d bytes, data of %d for %d"
                         % (len(header), len(data), length))
        token, flags, extra, rotated = struct.unpack(">2sBxHH", header[:8])
        if (token != b"\5\4" or flags & 3 != 2 or extra
                or rotated != self.header - 32):
            raise Broken("header %s" % header[:16].hex())


class Rc4(Aes):
    """Kerberos with RC4: framing of a length that depends on the data's, and
    a byte of padding behind them, which Length= counts. If not in our
    replies, requests may do as they like.
    """

    def __init__(self, context, padded):
        Ntlm.__init__(self, context)
        self.padded = padded

    def length(self, plain, padding):
        """Return what Length= says."""
        return len(plain) + self.padded * len(padding)

    def check(self, length, header, data):
        """Raise Broken if the parts are not cut where Windows cuts them."""
        inner = 2 + 9 + 32 + len(data)     # OID, header, data
        octets = 1 if inner < 0x80 else 1 + (inner.bit_length() + 7) // 8
        more = len(data) - length
        if len(header) != 1 + octets + 11 + 32 or more < 0 or (
                more > (not self.padded)):
            raise Broken("a header of %d bytes, data of %d for %d"
                         % (len(header), len(data), length))


def enctype_of(context):
    """Return the number of the type of a Kerberos session's key."""
    oid = gssapi.OID.from_int_seq(SESSION_KEY)
    return raw.inquire_sec_context_by_oid(context, oid)[1][-1]


def sealer(context, kerberos, padded):
    """Return what seals the messages of a context."""
    if not kerberos:
        return Ntlm(context)
    enctype = enctype_of(context)
    return Rc4(context, padded) if enctype == RC4 else Aes(context, enctype)
