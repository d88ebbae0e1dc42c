#!/usr/bin/env python3
"""abidiff.py SOURCE LIBRARY: the ABI holds all that the recorded baseline promised.

Adding functions is fine; anything that would break a program built before is not. A new baseline is
recorded with --record, in a commit that says why.
"""
import os
import re
import subprocess
import sys
import shutil


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    source, library = args
    baseline = os.path.join(source, "tests/abi/baseline.abi")
    headers = os.path.join(source, "include")
    if not shutil.which("abidiff"):
        print("skipped: abidiff (package abigail-tools) is not installed")
        return 77
    if "--record" in sys.argv:
        rc = subprocess.run(["abidw", "--headers-dir", headers, "--drop-private-types", "--exported-interfaces-only", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                               "--out-file", baseline, library], check=False).returncode
        with open(baseline, encoding="utf-8") as f:
            text = re.sub(r"path='[^']*/((?:lib|include)/[^']*)'", r"path='\1'", f.read())  # where it was built is nobody's business
        with open(baseline, "w", encoding="utf-8") as f:
            f.write(text)
        return rc
    r = subprocess.run(["abidiff", "--headers-dir2", headers, "--drop-private-types", "--no-added-syms", baseline, library], check=False)
    # bit 0: error of the tool, bit 1: usage, bit 2: changed, bit 3: incompatible
    return 1 if r.returncode & (1 | 2 | 8) else 0


if __name__ == "__main__":
    sys.exit(main())
