#!/usr/bin/env python3
"""links.py SOURCE: every file and heading to which a page of ours links exists."""
import os
import re
import shutil
import subprocess
import sys


def pages(source):
    """The paths of all pages that git has; without git, as in a tarball, of those that are no build and not other people's."""
    if os.path.exists(os.path.join(source, ".git")) and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=source, stdout=subprocess.PIPE, check=False)
        if listed.returncode == 0:
            paths = [os.path.join(source, os.fsdecode(n)) for n in listed.stdout.split(b"\0") if n]
            return [p for p in paths if os.path.exists(p)]
    found = []
    for folder, folders, names in os.walk(source):
        folders[:] = [f for f in folders if not f.startswith((".git", "build", "subprojects"))
                      and not os.path.exists(os.path.join(folder, f, "pyvenv.cfg"))]
        found += (os.path.join(folder, n) for n in names if n.endswith(".md"))
    return found


def anchors(path):
    """Headings, and names set by hand, as the hosts of git make links of them."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"^```.*?^```", "", f.read(), flags=re.S | re.M)
    heads = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", h.lower()).strip().replace(" ", "-") for h in heads} | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def main():
    source = sys.argv[1]
    problems, seen = [], 0
    for page in pages(source):
        with open(page, encoding="utf-8") as f:
            text = re.sub(r"^```.*?^```|`[^`\n]*`", "", f.read(), flags=re.S | re.M)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            seen += 1
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(path) or anchor and anchor not in anchors(path):
                problems.append(f"{os.path.relpath(page, source)}: {target} leads nowhere")
    print("\n".join(problems) or f"{seen} links, all lead somewhere")
    return 1 if problems or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
