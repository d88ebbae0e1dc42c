#!/usr/bin/env python3
"""same_output.py FILE PROGRAM [ARG...]: the program prints what stands in the file."""
import difflib
import subprocess
import sys


def main():
    path, command = sys.argv[1], sys.argv[2:]
    made = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    try:
        with open(path, encoding="utf-8") as f:
            kept = f.read()
    except OSError as e:
        print(e)
        kept = ""
    if made == kept:
        return 0
    sys.stdout.writelines(list(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), path, "made now"))[:60])
    print(f"\n{path} is out of date: {' '.join(command)} > {path}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
