#!/usr/bin/env python3
"""banned.py SOURCE: calls that the library may not make."""
import os
import re
import sys

# in all of lib/
EVERYWHERE = {
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca)\s*\(": "unbounded",
    r"\b(strtol|strtoul|strtod|atoi|atof|isalpha|isdigit|isspace|tolower|toupper|strcasecmp|setlocale)\s*\(":
        "depends on the locale: base/str.h",
    r"\b(printf|puts|perror|fprintf)\s*\(": "the library writes nothing by itself: base/log.h",
    r"\b(abort|exit|_exit)\s*\(": "the program's life is not ours",
    r"\b(signal|sigaction|setenv|putenv|chdir|umask)\s*\(": "the program's own state",
    r"\b(rand|srand|random)\s*\(": "randomness comes in: struct wsc__rng",
    r"\b(xmlCleanupParser|xmlSetGenericErrorFunc|xmlMemSetup|gnutls_global_set_mem_functions)\s*\(": "global state of another library",
    r"\b(TODO|FIXME|XXX)\b": "do it, or write an issue",
}
# allocation, clocks, threads and sockets come in as arguments
PURE = {
    r"\b(malloc|calloc|realloc|free|strdup)\s*\(": "memory comes in: base/mem.h",
    r"\b(time|clock_gettime|gettimeofday|uv_now|uv_hrtime)\s*\(": "time comes in",
}
OWN_CLOCK = ("lib/auth/krb5_kdc.c",)  # the deadline of a request to a KDC, on a worker
PURE_EXCEPT = ("lib/base/mem.c", "lib/io/", "lib/xml/", "lib/tls/")


def strip(text):
    """comments and strings out, lines kept"""
    keep = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', keep, text, flags=re.S)


def main():
    source = sys.argv[1]
    problems = []
    for folder, _, names in os.walk(os.path.join(source, "lib")):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            rel = os.path.relpath(os.path.join(folder, name), source)
            with open(os.path.join(source, rel), encoding="utf-8") as f:
                code = f.read()
            if re.search(r"\b(TODO|FIXME|XXX)\b", code):
                problems.append(f"{rel}: TODO")
            rules = dict(EVERYWHERE)
            if not rel.startswith(PURE_EXCEPT):
                rules.update(PURE)
            for number, line in enumerate(strip(code).splitlines(), 1):
                for pattern, why in rules.items():
                    if why == "time comes in" and rel in OWN_CLOCK:
                        continue
                    if re.search(pattern, line) and not re.search(r"->\s*(free|time)\s*\(", line):
                        problems.append(f"{rel}:{number}: {line.strip()[:80]}: {why}")
    print("\n".join(problems) or "nothing banned is called")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
