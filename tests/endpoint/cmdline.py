"""What a command line turns into: the line for sh, and helper programs."""

import codecs
import os
import re

# cmd.exe refuses longer lines with this sort of message and exit code 1.
MAX_LINE = 8191
TOO_LONG = "echo 'The line is longer than 8191 characters.' >&2; exit 1"

# Small programs standing in for everyday Windows commands.
HELPERS = {
    "cmd": 'case "$1" in /[cCkK]) shift;; esac\n'
           '[ $# = 0 ] && exec /bin/sh\n'
           'exec /bin/sh -c "$*"\n',
    "ipconfig": "printf '\\r\\nWindows IP Configuration\\r\\n\\r\\n"
                "   IPv4 Address. . . . . . . . . . . : 127.0.0.1\\r\\n'\n",
    "ver": "printf '\\r\\nMicrosoft Windows [Version 10.0.17763.1]"
           "\\r\\n'\n",
    "chcp": "printf 'Active code page: %s\\r\\n' \"${1:-65001}\"\n",
    "findstr": 'exec grep -e "$@"\n',
    "ping": 'n=4\n[ "$1" = -n ] && { n=$2; shift 2; }\n'
            "while [ $n -gt 0 ]; do\n"
            "  printf 'Reply from %s: bytes=32 time<1ms TTL=128\\r\\n' \"$1\"\n"
            "  n=$((n - 1))\n  [ $n -gt 0 ] && sleep 1\ndone\nexit 0\n",
    "hostname": "exec uname -n\n",
    "whoami": "exec id -un\n",
}
CODE_PAGES = {65001: None, 20127: "ascii", 28591: "latin-1", 936: "gbk"}


def install_helpers(directory):
    """Write the helper programs, with and without .exe, to a directory."""
    for name, script in HELPERS.items():
        for path in (name, name + ".exe"):
            path = os.path.join(directory, path)
            with open(path, "w", encoding="ascii") as out:
                out.write("#!/bin/sh\n" + script)
            os.chmod(path, 0o755)


def shell_line(command, arguments, variables):
    """Join command and arguments and adapt the line to /bin/sh."""
    line = " ".join([command] + arguments)
    if len(line) > MAX_LINE:
        return TOO_LONG
    names = {name.upper(): name for name in variables}

    def expand(match):
        name = names.get(match.group(1).upper())
        return "${%s}" % name if name else match.group(0)

    line = re.sub(r"%([A-Za-z_]\w*)%", expand, line)
    line = re.sub(r"(?i)\bexit\s+/b\b", "exit", line)
    line = re.sub(r"(?i)^type\s", "cat ", line)
    if line.strip().lower() == "cd":
        return "pwd"
    # C:\Windows\System32\cmd.exe and the like: only the last part counts.
    return re.sub(r'(?i)^"?[a-z]:(?:\\[\w.]+)*\\([\w.]+\.exe)"?(?=\s|$)',
                  r"\1", line)


def direct_argv(command, arguments):
    """Return the argument vector of a program run without a shell."""
    return [re.sub(r"(?i)^[a-z]:\\(?:.*\\)?", "", command.strip('"'))
            ] + arguments


def code_page_codec(number):
    """Return a codec name, or None for UTF-8; LookupError if unknown."""
    if number in CODE_PAGES:
        return CODE_PAGES[number]
    return codecs.lookup("cp%d" % number).name


class Transcoder:
    """Turns bytes of one encoding into another, cut at any place."""

    def __init__(self, source, target):
        self.plain = source == target
        if not self.plain:
            self.decoder = codecs.getincrementaldecoder(source)("replace")
            self.encoder = codecs.getincrementalencoder(target)("replace")

    def feed(self, data, final=False):
        """Convert the next piece."""
        if self.plain:
            return data
        return self.encoder.encode(self.decoder.decode(data, final), final)
