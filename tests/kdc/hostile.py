"""Somebody who answers in the place of a KDC, as anybody on the way can."""

import socketserver
import struct
import threading
import time

from krb5conf import LOOPBACK, config

PREAUTH_REQUIRED, WRONG_REALM = 25, 68
ENC_TIMESTAMP, ETYPE_INFO2 = 2, 19
AES256 = 18


def tlv(tag, content):
    """Return an element of DER."""
    size = len(content)
    if size > 127:
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        return bytes([tag, 0x80 | len(octets)]) + octets + content
    return bytes([tag, size]) + content


def inside(number, content):
    """Return content with the context's tag."""
    return tlv(0xa0 | number, content)


def integer(number):
    """Return an INTEGER that is not negative."""
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def text(string):
    """Return a KerberosString."""
    return tlv(0x1b, string.encode())


def error(code, realm, data=None, client_realm=None):
    """Return a KRB-ERROR."""
    names = tlv(0x30, text("krbtgt") + text(realm))
    stamp = time.strftime("%Y%m%d%H%M%SZ", time.gmtime()).encode()
    body = inside(0, integer(5)) + inside(1, integer(30))
    body += inside(4, tlv(0x18, stamp)) + inside(5, integer(0))
    body += inside(6, integer(code))
    if client_realm:
        body += inside(7, text(client_realm))
    body += inside(9, text(realm))
    body += inside(10, tlv(0x30, inside(0, integer(2)) + inside(1, names)))
    if data is not None:
        body += inside(12, tlv(4, data))
    return tlv(0x7e, tlv(0x30, body))


def wants_proof(realm, user, rounds=None):
    """Return the answer that asks for the password, hashed so often."""
    entry = inside(0, integer(AES256)) + inside(1, text(realm + user))
    if rounds is not None:
        entry += inside(2, tlv(4, struct.pack(">I", rounds)))
    info = tlv(0x30, tlv(0x30, entry))
    data = b"".join(
        tlv(0x30, inside(1, integer(kind)) + inside(2, tlv(4, value)))
        for kind, value in ((ETYPE_INFO2, info), (ENC_TIMESTAMP, b"")))
    return error(PREAUTH_REQUIRED, realm, tlv(0x30, data))


class Impostor:
    """answer(request, proof) gives a reply, or nothing: it hangs up."""

    def __init__(self, answer):
        self.proofs = 0
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            """One request."""

            def handle(self):
                head = self.rfile.read(4)
                if len(head) < 4:
                    return
                request = self.rfile.read(struct.unpack(">I", head)[0])
                proof = b"\xa1\x03\x02\x01\x02\xa2" in request
                outer.proofs += proof
                reply = answer(request, proof)
                if reply:
                    self.wfile.write(struct.pack(">I", len(reply)) + reply)

        self.server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def write_config(self, path, *realms):
        """Write the krb5.conf in which these realms are its own."""
        where = ["%s:%d" % self.server.server_address]
        with open(path, "w", encoding="utf-8") as out:
            out.write(config({realm: where for realm in realms}))
        return path
