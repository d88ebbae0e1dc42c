"""krb5.conf files, for Heimdal and MIT at once, and ports of our own."""

import socket

LOOPBACK = "127.0.0.1"


def take_port(backlog=None):
    """Return (TCP socket, UDP socket) on one free port of the loopback.

    Until they are closed nobody is given that port by chance, but a server
    that sets SO_REUSEADDR, as the KDC does, can bind it all the same. With
    a backlog the TCP socket listens, and the port is ours alone.
    """
    while True:
        tcp, udp = (socket.socket(type=kind) for kind in (
            socket.SOCK_STREAM, socket.SOCK_DGRAM))
        try:
            if backlog is None:
                for sock in tcp, udp:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind((LOOPBACK, 0))
            udp.bind(tcp.getsockname())
            if backlog is not None:
                tcp.listen(backlog)
            return tcp, udp
        except OSError:        # the other half is somebody's: another one
            tcp.close()
            udp.close()


def section(name, entries):
    """Return the lines of a section; nested dicts are in braces."""
    lines = ["[%s]\n" % name]
    for key, value in entries.items():
        if isinstance(value, dict):
            lines += ["\t%s = {\n" % key]
            lines += ["\t\t%s = %s\n" % (k, v) for k, v in pairs(value)]
            lines += ["\t}\n"]
        else:
            lines += ["\t%s = %s\n" % (k, v) for k, v in pairs({key: value})]
    return "".join(lines)


def pairs(entries):
    """Return (key, value) of all; lists repeat their key."""
    return [(key, one) for key, value in entries.items()
            for one in (value if isinstance(value, list) else [value])]


def config(realms, hosts=None, enctypes=None, **libdefaults):
    """Return the text of a krb5.conf.

    realms maps names to lists of KDCs, the first is the default one; hosts
    maps names and .domains to realms; enctypes is what a client asks for, in
    tickets and sessions. Nothing is asked of DNS. Each of the two
    implementations passes over what only the other one knows.
    """
    defaults = {"default_realm": next(iter(realms)),
                "dns_lookup_kdc": "false", "dns_lookup_realm": "false",
                "dns_canonicalize_hostname": "false", "rdns": "false"}
    if enctypes:
        names = ("default_etypes", "default_tkt_enctypes",     # Heimdal, MIT
                 "default_tgs_enctypes", "permitted_enctypes")
        defaults.update(dict.fromkeys(names, " ".join(enctypes)))
    defaults.update(libdefaults)
    return (section("libdefaults", defaults)
            + section("realms", {realm: {"kdc": kdcs}
                                 for realm, kdcs in realms.items()})
            + section("domain_realm", hosts or {}))
