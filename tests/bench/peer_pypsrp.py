#!/usr/bin/env python3
"""The workloads of the benchmark with pypsrp (from PyPI).

usage: peer_pypsrp.py PORT commands N | stream MB [KB] | logins N | enumerate N [KB]     AUTH: basic, or ntlm, which seals
"""
import os
import xml.etree.ElementTree as ET

from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

import peer_common


def connect(port):
    """one WSMan object, so that its connection is kept"""
    auth = os.environ.get("AUTH", "basic")
    return WSMan("127.0.0.1", port=port, ssl=False, auth=auth, encryption="never" if auth == "basic" else "always",
                 username="bench", password="bench")


def run(wsman, line):
    """open, run, receive, signal, delete; how many bytes of stdout"""
    with WinRS(wsman) as shell:
        process = Process(shell, line)
        process.invoke()
        process.signal(SignalCode.TERMINATE)
    if process.rc:
        raise SystemExit(f"exit code {process.rc}")
    return len(process.stdout)


def commands(port, number):
    """number commands, one after the other"""
    with connect(port) as wsman:
        return number, sum(run(wsman, "hello") for _ in range(number))


def stream(port, line):
    """one command with much output"""
    with connect(port) as wsman:
        return 1, run(wsman, line)


def logins(port, number):
    """a connection, its login, one request; number times"""
    for _ in range(number):
        with connect(port) as wsman:
            wsman.delete("http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd", selector_set=SelectorSet())
    return number, 0


def ask(verb, context):
    """the body of an Enumerate or a Pull"""
    body = ET.Element("{%s}%s" % (NAMESPACES["wsen"], verb))
    if context:
        ET.SubElement(body, "{%s}EnumerationContext" % NAMESPACES["wsen"]).text = context
        ET.SubElement(body, "{%s}MaxElements" % NAMESPACES["wsen"]).text = "32000"
    else:
        ET.SubElement(body, "{%s}OptimizeEnumeration" % NAMESPACES["wsman"])
        ET.SubElement(body, "{%s}MaxElements" % NAMESPACES["wsman"]).text = "32000"
    return body


def take(reply):
    """the context, how many instances, and how much text two properties of them have"""
    items = [element for name in ("wsen", "wsman") for element in reply.findall(".//{%s}Items/*" % NAMESPACES[name])]
    size = 0
    for item in items:
        space = item.tag.partition("}")[0] + "}"
        size += len(item.find(space + "Handle").text) + len(item.find(space + "Name").text)
        int(item.find(space + "KernelModeTime").text)
    return reply.find(".//{%s}EnumerationContext" % NAMESPACES["wsen"]).text, len(items), size


def enumerate_them(port, number, kilo):
    """number instances, in answers of so many thousand bytes"""
    selectors = SelectorSet()
    selectors.add_option("count", str(number))
    selectors.add_option("kb", str(kilo))
    with connect(port) as wsman:
        reply = wsman.enumerate(peer_common.THREADS, ask("Enumerate", None), selector_set=selectors)
        context, count, size = take(reply)
        while context:
            reply = wsman.pull(peer_common.THREADS, ask("Pull", context), selector_set=selectors)
            context, more, text = take(reply)
            count, size = count + more, size + text
    return count, size


if __name__ == "__main__":
    peer_common.main(commands, stream, logins, enumerate_them)
