#!/usr/bin/env python3
"""Check the types of package and examples; skipped without mypy."""

import os
import shutil
import subprocess
import sys

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = shutil.which("mypy", path="/usr/bin") or shutil.which("mypy")
if not program:
    print("skipped: mypy is not installed")
    sys.exit(77)
sys.exit(subprocess.call([program, "--cache-dir", os.devnull], cwd=FOLDER))
