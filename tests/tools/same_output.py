#!/usr/bin/env python3
"""same_output.py FILE[#PART] PROGRAM [ARG...]: the program prints what stands in the file, or in it between the lines
<!-- PART --> and <!-- /PART -->."""
import difflib
import re
import subprocess
import sys


def main():
    (path, _, part), command = sys.argv[1].partition("#"), sys.argv[2:]
    made = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    try:
        with open(path, encoding="utf-8") as f:
            kept = f.read()
    except OSError as e:
        print(e)
        kept = ""
    if part:
        found = re.search(f"^<!-- {part} -->\n(.*)^<!-- /{part} -->$", kept, re.S | re.M)
        kept = found[1] if found else ""
    if made == kept:
        return 0
    sys.stdout.writelines(list(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), path, "made now"))[:60])
    place = f"between the marks of {part} in {path}" if part else f"> {path}"
    print(f"\n{path} is out of date: {' '.join(command)} {place}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
