#!/usr/bin/env python3
"""count.py TESTLOG.json: how many tests of a meson run passed, failed, were skipped."""
import json
import sys


def main():
    passed = failed = skipped = 0
    try:
        with open(sys.argv[1], encoding="utf-8") as f:
            for line in f:
                result = json.loads(line)["result"]
                passed += result in ("OK", "EXPECTEDFAIL")
                skipped += result == "SKIP"
                failed += result not in ("OK", "EXPECTEDFAIL", "SKIP")
    except OSError:
        failed = 1
    print(passed, failed, skipped)


if __name__ == "__main__":
    main()
