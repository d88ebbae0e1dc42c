#!/usr/bin/env python3
"""symbols.py SOURCE LIBRARY: exported symbols = symbol map = public headers, and each is documented.

A function is documented when a comment of its own stands right before it and holds a "since".
"""
import os
import re
import subprocess
import sys


def header_functions(text):
    """name -> its comment"""
    found, comment = {}, ""
    for block in re.split(r"\n\s*\n", text):
        comment = ""
        for m in re.finditer(r"/\*.*?\*/|WSC_API[^;]*;", block, re.S):
            if m.group(0).startswith("/*"):
                comment = m.group(0)
            else:
                found[re.search(r"(wsc_\w+)\s*\(", m.group(0)).group(1)] = comment
                comment = ""
    return found


def main():
    source, library = sys.argv[1:3]
    functions = {}
    for name in ("wsman-client.h", "value.h", "uv.h", "sys/auth.h", "sys/encoder.h", "sys/transport.h"):
        with open(os.path.join(source, "include/wsman-client", name), encoding="utf-8") as f:
            functions.update(header_functions(f.read()))
    with open(os.path.join(source, "lib/libwsman-client.map"), encoding="utf-8") as f:
        mapped = set(re.findall(r"^\s+(wsc_\w+);", f.read(), re.M))
    out = subprocess.run(["nm", "-D", "--defined-only", library], stdout=subprocess.PIPE, check=True).stdout.decode()
    exported = {line.split()[2].split("@")[0] for line in out.splitlines() if line.split()[1] in "TDBR"}
    exported -= {n for n in exported if n.startswith("_")}
    problems = []
    for what, a, b in (("in the headers but not exported", set(functions), exported),
                       ("exported but not in the headers", exported, set(functions)),
                       ("in the map but not in the headers", mapped, set(functions)),
                       ("in the headers but not in the map", set(functions), mapped)):
        problems += [f"{n}: {what}" for n in sorted(a - b)]
    problems += [f"{n}: no documentation with a version (since)" for n, c in sorted(functions.items()) if "since" not in c]
    print("\n".join(problems) or f"{len(exported)} symbols agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
