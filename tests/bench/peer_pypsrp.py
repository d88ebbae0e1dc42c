#!/usr/bin/env python3
"""The workloads of the benchmark with pypsrp (from PyPI).

usage: peer_pypsrp.py PORT commands N | stream MB [KB] | logins N     AUTH: basic, or ntlm, which seals
"""
import os

from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import SelectorSet, WSMan

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


if __name__ == "__main__":
    peer_common.main(commands, stream, logins)
