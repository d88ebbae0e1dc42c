#!/usr/bin/env python3
"""words.py SOURCE: every option that documentation and examples name exists (a typo would only show at run time)."""
import os
import re
import sys


def main():
    source = sys.argv[1]
    with open(os.path.join(source, "lib/params.def"), encoding="utf-8") as f:
        known = set(re.findall(r'WSC__PARAM\(\w+, "([^"]+)"', f.read()))
    problems, seen = [], 0
    for top in ("README.md", "docs", "examples", "bindings", "quickstart"):
        path = os.path.join(source, top)
        files = [path] if os.path.isfile(path) else [os.path.join(d, n) for d, _, ns in os.walk(path) for n in sorted(ns)]
        for name in files:
            if not name.endswith((".md", ".c", ".py", "quickstart")):
                continue
            with open(name, encoding="utf-8") as f:
                text = f.read()
            used = re.findall(r'wsc_params_(?:set_\w+|add)\(\s*\w+,\s*"([^"]+)"', text) + re.findall(r"--set[ =]([a-z][a-z-]+)=", text)
            seen += len(used)
            problems += [f"{os.path.relpath(name, source)}: no option {u}" for u in used if u not in known]
    print("\n".join(problems) or f"{seen} uses of options, all known")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
