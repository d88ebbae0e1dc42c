#!/usr/bin/env python3
"""headers.py --include DIR... -- COMPILER...: the public headers compile alone, pedantically."""
import subprocess
import sys

# <wsman-client/uv.h> brings libuv's header, which is C99 and later
HEADERS = {"wsman-client/wsman-client.h": None, "wsman-client/value.h": None, "wsman-client/version.h": None, "wsman-client/uv.h": "c90 c++98",
           "wsman-client/sys/auth.h": None, "wsman-client/sys/encoder.h": None, "wsman-client/sys/transport.h": None}


def main():
    cut = sys.argv.index("--")
    dirs = [sys.argv[i + 1] for i in range(1, cut) if sys.argv[i] == "--include"]
    compiler = sys.argv[cut + 1:]
    std = next(a[5:] for a in compiler if a.startswith("-std="))
    failed = 0
    for header, too_old in HEADERS.items():
        if too_old and std in too_old.split():
            continue
        flags = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wno-long-long", "-D_POSIX_C_SOURCE=200809L",
                 "-D_DEFAULT_SOURCE", "-fsyntax-only"]
        for d in dirs:
            flags += ["-I", d]
        r = subprocess.run(compiler[:1] + compiler[1:] + flags + ["-"], input=f"#include <{header}>\nextern int nothing;\n".encode(),
                           stderr=subprocess.PIPE, check=False)
        if r.returncode:
            failed += 1
            print(f"{header} with {std}:\n{r.stderr.decode()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
