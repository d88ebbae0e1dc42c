#!/usr/bin/env python3
"""includes.py SOURCE: every #include follows the arrows of lib/ARCHITECTURE.md."""
import os
import re
import sys

# layer -> the layers it may include (besides itself)
ALLOWED = {
    "base": set(),
    "xml": {"base"},
    "wsman": {"base", "xml"},
    "http": {"base"},
    "tls": {"base"},
    "auth": {"base"},
    "psrp": {"base", "xml"},
    "proto": {"base", "wsman", "psrp", "http", "tls", "auth"},
    "io": {"base", "proto"},
    "api": {"base", "xml", "wsman", "psrp", "http", "tls", "auth", "proto", "io"},
}
# third-party headers -> the only places where they may stand
ONLY_IN = {
    r"uv\.h": {"lib/io/", "include/wsman-client/uv.h"},
    r"libxml/.*": {"lib/xml/"},
    r"gnutls/.*": {"lib/tls/"},
    r"nettle/.*": {"lib/auth/", "lib/tls/", "lib/psrp/"},
    r"uni(case|conv|ctype|norm|str|types)\.h": {"lib/auth/utf16.c"},  # libunistring's
    r"gssapi.*": {"lib/auth/krb5"},
    r"krb5.*": {"lib/auth/krb5"},
    # GnuTLS judges certificates by the wall clock itself; a request to a KDC has its own deadline, on a worker
    r"(time|sys/time)\.h": {"lib/io/", "lib/tls/", "lib/auth/krb5_kdc.c"},
    r"(pthread|threads)\.h": {"lib/io/", "lib/base/opts_table.c", "lib/api/ctx.c", "lib/base/process.c",
                               "lib/auth/krb5_kdc.c"},  # outside io: pthread_once; there a lock, too, for getservbyname
    r"(sys/socket|netdb|netinet/.*|arpa/inet|poll)\.h": {"lib/io/", "lib/auth/krb5_kdc.c"},  # there on a worker
}


def check(path, rel):
    problems = []
    layer = rel.split("/")[1] if rel.startswith("lib/") and rel.count("/") > 1 else None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not m:
                continue
            quoted, name = m.group(1) == '"', m.group(2)
            first = name.split("/")[0]
            if quoted and layer and first in ALLOWED and first != layer and first not in ALLOWED[layer]:
                problems.append(f"{rel}:{number}: {layer} may not include {name}")
            for pattern, places in ONLY_IN.items():
                if not quoted and re.fullmatch(pattern, name) and not any(rel.startswith(p) for p in places):
                    problems.append(f"{rel}:{number}: <{name}> only in {', '.join(sorted(places))}")
    return problems


def main():
    source = sys.argv[1]
    problems = []
    for top in ("lib", "include"):
        for folder, _, names in os.walk(os.path.join(source, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".def")):
                    path = os.path.join(folder, name)
                    problems += check(path, os.path.relpath(path, source))
    print("\n".join(problems) or "all includes follow the layers")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
