#!/usr/bin/env python3
"""test_man.py PAGE...: roff and man read the pages without a warning, and nothing that there is is missing on them."""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ["WSC_SOURCE_DIR"]


def source(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as f:
        return f.read()


# page -> the words that it has to hold
WANTED = {
    "wsman-client.3": re.findall(r"^WSC_API [^(;]*?(wsc_\w+)\(", source("include/wsman-client/wsman-client.h")
                                 + source("include/wsman-client/value.h"), re.M),
    "wsman-client-options.7": re.findall(r'^WSC__PARAM\(\w+, "([^"]+)"', source("lib/params.def"), re.M),
    "wsc.1": re.findall(r'^    \{ "(\w+)", CMD_', source("examples/wsc/texts.c"), re.M)
             + ["--" + n for n in re.findall(r'^    \{ OPT_\w+, [^,]+, "([^"]+)"', source("examples/wsc/opt_table.c"), re.M)],
}


def read(tool, *argv):
    done = subprocess.run([tool, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding="utf-8",
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200", "MANPAGER": "cat"})
    return done.stdout, ([f"{' '.join([tool, *argv])}:\n{done.stderr}"] if done.returncode or done.stderr else [])


def main():
    tools = [t for t in ("groff", "man") if shutil.which(t)]
    problems = []
    for page in sys.argv[1:]:
        name = os.path.basename(page)
        with open(page, encoding="utf-8") as f:
            text = f.read().replace("\\-", "-")
        wanted = WANTED[name]
        assert len(wanted) > 10, (name, wanted)
        problems += [f"{name}: nothing about {w}" for w in wanted if not re.search(re.escape(w) + r"(?![\w-])", text)]
        if "groff" in tools:
            problems += read("groff", "-ww", "-z", "-man", "-Tutf8", page)[1]
        if "man" in tools:
            shown, bad = read("man", "--warnings", "-l", page)
            problems += bad + ([] if "SEE ALSO" in shown else [f"{name}: man shows no whole page"])
    print("\n".join(problems) or f"{len(sys.argv) - 1} pages are good")
    if not problems and len(tools) < 2:
        print("skipped: groff and man are not both installed")
        return 77
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
