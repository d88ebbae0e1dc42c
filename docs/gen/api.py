#!/usr/bin/env python3
"""api.py markdown|man INCLUDE-DIR [VERSION]: the reference page, or wsman-client(3), from the public headers.

A header is its comment at the top, then sections: a rule `/* --- name --- */`, and below it functions, each
behind its comment, and other declarations, which are shown as they stand.
"""
import os
import re
import sys

LABELS = ("errors", "returns", "since", "Results")


class Function:
    def __init__(self, comment, declaration):
        self.declaration = re.sub(r"\s+", " ", declaration).replace("WSC_API ", "", 1)
        self.name = re.search(r"(wsc_\w+)\(", self.declaration).group(1)
        self.text = comment
        arguments = self.declaration[self.declaration.index("("):]
        self.arguments = re.findall(r"(\w+)(?=[,)])", arguments)

    def parts(self):
        """(label or None, text): what it does, then its arguments, errors and so on"""
        labels = "|".join(map(re.escape, self.arguments + list(LABELS)))
        one = rf"(?:{labels})(?:, (?:{labels}))*(?: \([^)]*\))?"
        cut = re.split(rf"(?:^|(?<=[.)] )|(?<=[.)]))({one}): ", self.text)
        return [(None, cut[0].strip())] + [(k, v.strip()) for k, v in zip(cut[1::2], cut[2::2])]


def plain(comment):
    """a comment without its frame; line breaks stay"""
    return re.sub(r"(?m)^ \* ?", "", comment[2:-2]).strip()


def flat(comment):
    return re.sub(r"\s+", " ", plain(comment))


class Header:
    def __init__(self, folder, name):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = f.read()
        self.name = name
        top = re.match(r"/\*.*?\*/", text, re.S)
        self.about = plain(top.group(0))
        body = text[top.end():]
        # include guard, extern "C" and what makes WSC_API
        body = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", body, flags=re.S)
        body = re.sub(r"#ifndef WSC_\w+_H\n#define WSC_\w+_H\n|#ifndef WSC_API\n.*?#endif\n|#endif\s*\Z|#include [^\n]*\n", "", body, flags=re.S)
        rule = r"/\* --- (.*?) -+ \*/\n"
        cut = re.split(rule, body)
        self.sections = [(title, self.items(part)) for title, part in zip([""] + cut[1::2], cut[::2]) if part.strip()]

    @staticmethod
    def items(part):
        """Functions, and text of other declarations between them"""
        found, at = [], 0
        for m in re.finditer(r"(/\*(?:(?!\*/).)*\*/)\nWSC_API([^;]*;)", part, re.S):
            between = part[at:m.start()].strip("\n")
            if between.strip():
                found.append(between)
            found.append(Function(flat(m.group(1)), "WSC_API" + m.group(2)))
            at = m.end()
        if part[at:].strip():
            found.append(part[at:].strip("\n"))
        return found

    def functions(self):
        return [f for _, items in self.sections for f in items if isinstance(f, Function)]


# --- Markdown --------------------------------------------------------------------------------------

def md(text, known, own=None):
    text = re.sub(r"([*<>|])", r"\\\1", text)

    def name(m):
        word = m.group(0)
        return f"[`{word}`](#{word})" if word in known and word != own else f"`{word}`"

    # neither the ends of lists as wsc_client_*, nor what is part of a path
    return re.sub(r"(?<![\w/-])(?:wsc|WSC)_\w*[a-zA-Z0-9](?![\w\\.-]*(?:\\\*|/))", name, text)


def md_about(header, known):
    """Paragraphs; numbered rules and labelled lines begin their own."""
    out = []
    for line in header.about.splitlines():
        begins = re.match(r"\s*\d+\. |[A-Z]\w+(?: that hold for every function$|: )|Text is ", line)
        if not line.strip():
            out.append("")
        elif begins or not out or not out[-1]:
            if out and out[-1] and not (re.match(r"\s*\d+\. ", line) and re.match(r"\d+\. ", out[-1])):
                out.append("")
            out.append(md(line.strip(), known))
        else:
            out[-1] += " " + md(line.strip(), known)
    return "\n".join(out)


def wrapped(declaration):
    """a prototype in lines of 100 columns at most"""
    if len(declaration) <= 100:
        return declaration
    head, rest = declaration.split("(", 1)
    lines, line = [], head + "("
    for argument in re.split(r"(?<=,) ", rest):
        if len(line) + len(argument) > 100:
            lines.append(line.rstrip())
            line = " " * (len(head) + 1)
        line += argument + " "
    return "\n".join(lines + [line.rstrip()])


def markdown(headers):
    known = {f.name for h in headers for f in h.functions()}
    print("# The API\n\nMade from the headers in `include/wsman-client`, which have the same in one piece.")
    print("`version.h` beside them has `WSC_VERSION_STRING` and `WSC_VERSION_NUMBER`.\n")
    for h in headers:
        links = [f"[{heading(t)}](#{heading(t).lower().replace(' ', '-')})" for t, _ in h.sections if t]
        print(f"- `<wsman-client/{h.name}>`" + (": " if links else "") + ", ".join(links))
    for h in headers:
        print(f"\n## `<wsman-client/{h.name}>`\n\n{md_about(h, known)}")
        for title, items in h.sections:
            if title:
                print(f"\n### {heading(title)}")
            more = title[len(heading(title)):].strip(": ()")
            if more:
                print(f"\n{md(more, known)}.")
            for item in items:
                if isinstance(item, Function):
                    md_function(item, known)
                else:
                    print(f"\n```c\n{item}\n```")


def heading(title):
    """what stands before a colon or bracket"""
    short = re.split(r": | \(", title)[0]
    return short[:1].upper() + short[1:]


def md_function(f, known):
    print(f"\n#### `{f.name}`\n\n```c\n{wrapped(f.declaration)}\n```\n")
    (_, text), *rest = f.parts()
    if text:
        print(md(text, known, f.name))
    if text and rest:
        print()
    for label, text in rest:
        print(f"- *{label}*: {md(text, known, f.name)}")


# --- roff ------------------------------------------------------------------------------------------

def roff(text):
    for plain_text, escaped in (("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("^", "\\(ha"), ("~", "\\(ti")):
        text = text.replace(plain_text, escaped)
    text = re.sub(r"(?:wsc|WSC)_\w+\*?", r"\\fB\g<0>\\fR", text)
    return "\\&" + text


def man_about(header):
    for line in header.about.splitlines():
        number = re.match(r"\s*(\d+\.) (.*)", line)
        if number:
            print(f".IP {number.group(1)} 4\n{roff(number.group(2))}")
        elif not line.strip():
            print(".PP")
        else:
            if re.match(r"[A-Z]\w+: |Text is ", line):
                print(".PP")
            print(roff(line.strip()))


def man(headers, version):
    print(f'.\\" Made from the headers.\n.TH WSMAN\\-CLIENT 3 "" "libwsman\\-client {version}" "Library Functions"')
    print(".SH NAME\nwsman\\-client \\- WinRM and WS\\-Management client library\n.SH SYNOPSIS\n.nf")
    for h in headers:
        print(f".B #include <wsman\\-client/{roff(h.name)[2:]}>")
    print(".fi\n.PP\ncc prog.c $(pkg\\-config \\-\\-cflags \\-\\-libs wsman\\-client)\n.SH DESCRIPTION")
    man_about(headers[0])
    print(".SH FUNCTIONS\nEach by its first sentence; the whole is in the headers.")
    for h in headers:
        for title, items in h.sections:
            functions = [i for i in items if isinstance(i, Function)]
            if not functions:
                continue
            print(f".SS {roff(heading(title) if title else '<wsman-client/' + h.name + '>')}")
            for f in functions:
                first = re.split(r"(?<=\.) (?=[A-Za-z])", f.parts()[0][1])[0]
                print(f".TP\n.B {f.name}\n{roff(first)}")
    print(".SH STATUS CODES")
    for _, items in headers[0].sections:
        for item in items:
            if isinstance(item, str):
                for name, meaning in re.findall(r"#define (WSC_E_\w+) +\S+ +/\* (.*?) \*/", item):
                    print(f".TP\n.B {name}\n{roff(meaning)}")
    print(".SH SEE ALSO\n.BR wsman\\-client\\-options (7),\n.BR wsc (1)")


def main():
    folder = sys.argv[2]
    names = [os.path.relpath(os.path.join(d, n), folder) for d, _, ns in os.walk(folder) for n in ns if n.endswith(".h")]
    names.sort(key=lambda n: (n.startswith("sys/"), n != "wsman-client.h", n != "value.h", n))
    headers = [Header(folder, name) for name in names]
    if sys.argv[1] == "man":
        man(headers, sys.argv[3])
    else:
        markdown(headers)


if __name__ == "__main__":
    main()
