"""What is to be read in the tokens of others: for whom they are."""

import struct

AUTHENTICATE = b"NTLMSSP\0\3\0\0\0"
AV_TARGET_NAME, AV_START = 9, 44       # MS-NLMP 2.2.2.1, 2.2.2.8
AP_REQ = bytes.fromhex("06092a864886f7120102020100")   # RFC 4121 4.1


def target_of(token):
    """Return the name of the service that a token is for, or None."""
    place = token.find(AUTHENTICATE)
    if place >= 0:
        return ntlm_target(token[place:])
    place = token.find(AP_REQ)
    if place >= 0:
        return ticket_target(token[place + len(AP_REQ):])
    return None


def ntlm_target(message):
    """Return the target name in an AUTHENTICATE_MESSAGE, or None."""
    size, _, offset = struct.unpack_from("<HHI", message, 20)
    pairs = message[offset + AV_START:offset + size]
    while len(pairs) >= 4:
        kind, size = struct.unpack_from("<HH", pairs)
        if kind == AV_TARGET_NAME:
            return pairs[4:4 + size].decode("utf-16-le")
        pairs = pairs[4 + size:]
    return None


def parts(data):
    """Return the elements of DER as a dict of tags."""
    found = {}
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start += size & 0x7f
            size = int.from_bytes(data[2:start], "big")
        found.setdefault(tag, []).append(data[start:start + size])
        data = data[start + size:]
    return found


def inside(data, *tags):
    """Return the content of the first element on that way."""
    for tag in tags:
        data = parts(data)[tag][0]
    return data


def ticket_target(message):
    """Return the service of the ticket in an AP-REQ (RFC 4120 5.3, 5.5)."""
    ticket = inside(message, 0x6e, 0x30, 0xa3, 0x61, 0x30)
    realm = inside(ticket, 0xa1, 0x1b).decode()
    names = parts(inside(ticket, 0xa2, 0x30, 0xa1, 0x30))[0x1b]
    return "%s@%s" % ("/".join(name.decode() for name in names), realm)
