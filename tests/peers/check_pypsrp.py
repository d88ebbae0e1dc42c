#!/usr/bin/env python3
"""Checks of the endpoint with pypsrp (from PyPI).

Usage: check_pypsrp.py URL USER PASSWORD CA-FILE
"""

import sys
import uuid
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

from pypsrp.client import Client
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

FAILED = []


def check(name, got, wanted):
    """Print one line in the form that run_peers.py reads."""
    if got == wanted:
        print("ok %s" % name)
    else:
        FAILED.append(name)
        print("FAIL %s: %r" % (name, got))


def options(url, authority):
    """Return the connection options for a URL."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return {"server": parts.hostname, "port": parts.port, "ssl": secure,
            "auth": "basic", "encryption": "never",
            "cert_validation": authority if secure else False,
            "operation_timeout": 1, "read_timeout": 5}


def check_process(wsman):
    """Check WinRS shells and their processes."""
    with WinRS(wsman) as shell:
        process = Process(shell, "echo", ["out;", "echo err >&2; exit 3"])
        process.invoke()
        check("process", (process.stdout, process.stderr, process.rc),
              (b"out\n", b"err\n", 3))
        process.signal(SignalCode.CTRL_C)
        process = Process(shell, "cat")
        process.begin_invoke()
        process.send(b"one\n", end=False)
        process.send(b"two\n", end=True)
        process.end_invoke()
        check("stdin", (process.stdout, process.rc), (b"one\ntwo\n", 0))
        process.signal(SignalCode.TERMINATE)
        process = Process(shell, "sleep 2.5; echo late")
        process.invoke()
        check("silent command", process.stdout, b"late\n")
        process = Process(shell, "echo up; sleep 100")
        process.begin_invoke()
        process.poll_invoke()
        process.signal(SignalCode.CTRL_C)
        process.end_invoke()
        check("ctrl_c", (process.stdout, process.rc),
              (b"up\n", 0xC000013A))
        process = Process(shell, "printf", ["%s.", "a b"], no_shell=True)
        process.invoke()
        check("no_shell", process.stdout, b"a b.")
        process = Process(shell, "no-such-program", no_shell=True)
        try:
            process.invoke()
            check("no_shell not found", None, 2147942402)
        except WSManFaultError as error:
            check("no_shell not found", error.code, 2147942402)


def check_shell(wsman):
    """Check the properties of shells and what happens after the end."""
    with WinRS(wsman, environment={"WSC_VAR": "x y"},
               working_directory="/usr", idle_time_out=100,
               name="peer") as shell:
        process = Process(shell, "echo $WSC_VAR; pwd")
        process.invoke()
        check("environment", process.stdout, b"x y\n/usr\n")
    try:
        Process(shell, "true").invoke()
        check("closed shell", None, 2150858843)
    except WSManFaultError as error:
        check("closed shell", error.code, 2150858843)


def check_lasting(wsman, other):
    """Check shells that are left, and taken up by the same or another one."""
    kind = "urn:libwsman-client:shell:lasting"
    element = lambda name: ET.Element("{%s}%s" % (NAMESPACES["rsp"], name))
    code_of = lambda call: _fault(lambda: call(
        kind, element("Reconnect"), selector_set=selectors))
    with WinRS(wsman, resource_uri=kind, id=str(uuid.uuid4())) as shell:
        selectors = SelectorSet()
        selectors.add_option("ShellId", shell.id)
        process = Process(shell, "cat")
        process.begin_invoke()
        process.send(b"one\n", end=False)
        check("connected", code_of(wsman.reconnect), 0x803381D0)
        wsman.disconnect(kind, element("Disconnect"), selector_set=selectors)
        check("disconnected", _fault(process.poll_invoke), 0x803381C4)
        check("another session", code_of(other.reconnect), 0x803381C6)
        wsman.reconnect(kind, selector_set=selectors)
        process.send(b"two\n", end=True)
        process.end_invoke()
        check("reconnected", (process.stdout, process.rc), (b"one\ntwo\n", 0))
        process.signal(SignalCode.TERMINATE)
        wsman.disconnect(kind, element("Disconnect"), selector_set=selectors)
        other.connect(kind, element("Connect"), selector_set=selectors)
        check("connected elsewhere",
              _fault(Process(shell, "true").begin_invoke), 0x803381CD)
    with WinRS(wsman) as shell:
        selectors = SelectorSet()
        selectors.add_option("ShellId", shell.id)
        check("disconnect of cmd", _fault(lambda: wsman.disconnect(
            shell.resource_uri, element("Disconnect"),
            selector_set=selectors)), 0x803381C5)


def _fault(call):
    try:
        call()
    except WSManFaultError as error:
        return error.code
    return None


def main():
    """Run all checks."""
    url, user, password, authority = sys.argv[1:5]
    kwargs = options(url, authority)
    with WSMan(username=user, password=password, **kwargs) as wsman:
        check_process(wsman)
        check_shell(wsman)
        with WSMan(username=user, password=password, **kwargs) as other:
            check_lasting(wsman, other)
        wsman.update_max_payload_size()
        check("envelope size from config", wsman.max_envelope_size, 512000)
    with Client(username=user, password=password, **kwargs) as client:
        text = "\u00e4\u20ac"
        out, err, code = client.execute_cmd("echo %s; echo e >&2; exit 2"
                                            % text, encoding="utf-8")
        check("execute_cmd", (out, err, code), (text + "\n", "e\n", 2))
    kwargs["username"], kwargs["password"] = user, "wrong"
    try:
        with Client(**kwargs) as client:
            client.execute_cmd("true")
        check("wrong password", "accepted", "refused")
    except AuthenticationError:
        check("wrong password", "refused", "refused")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
