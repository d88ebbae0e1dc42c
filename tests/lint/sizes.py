#!/usr/bin/env python3
"""sizes.py SOURCE: files and functions stay within the size budget of CONTRIBUTING.md."""
import os
import re
import sys

FILE_LINES, FUNCTION_LINES, COLUMNS = 800, 60, 100
# what may be larger, and why
EXCUSED = {
    "lib/base/faults.def": "a table: a line or two per Windows code",
}


def functions(lines):
    """(name, first line, length) of every function body: '{' in the first column to '}' in it"""
    start, name = None, ""
    for i, line in enumerate(lines):
        if line.startswith("{"):
            head = " ".join(lines[max(0, i - 6):i])
            found = re.findall(r"\b(\w+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?:\w+\([^)]*\))?\s*$", head.strip())
            start, name = i, found[-1] if found else "?"
        elif line.startswith("}") and start is not None:
            yield name, start + 1, i - start - 1
            start = None


def main():
    source = sys.argv[1]
    problems, largest = [], (0, "")
    for top in ("lib", "include", "examples", "tests"):
        for folder, _, names in os.walk(os.path.join(source, top)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                rel = os.path.relpath(path, source)
                if not name.endswith((".c", ".h", ".def", ".py")) or rel in EXCUSED:
                    continue
                with open(path, encoding="utf-8") as f:
                    lines = f.read().splitlines()
                if top == "lib" and name.endswith((".c", ".h")):
                    problems += [f"{rel}:{i}: {len(line)} columns, more than {COLUMNS}"
                                 for i, line in enumerate(lines, 1) if len(line) > COLUMNS]
                if len(lines) > FILE_LINES:
                    problems.append(f"{rel}: {len(lines)} lines, more than {FILE_LINES}")
                if not name.endswith(".c") or top == "tests":
                    continue
                for function, line, length in functions(lines):
                    largest = max(largest, (length, f"{rel}:{function}"))
                    if length > FUNCTION_LINES:
                        problems.append(f"{rel}:{line}: {function} has {length} lines, more than {FUNCTION_LINES}")
    print("\n".join(problems) or f"within the budget; largest function: {largest[1]} with {largest[0]} lines")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
