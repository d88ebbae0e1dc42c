#!/usr/bin/env python3
"""The workloads of the benchmark with pywinrm (Debian: python3-winrm).

usage: peer_pywinrm.py PORT commands N | stream MB [KB]
"""
from winrm.protocol import Protocol

import peer_common


def connect(port):
    """one protocol object, so that its connection is kept"""
    return Protocol(f"http://127.0.0.1:{port}/wsman", transport="plaintext", username="bench", password="bench")


def run(protocol, line):
    """open, run, receive, signal, delete; how many bytes of stdout"""
    shell = protocol.open_shell()
    command = protocol.run_command(shell, line)
    out, _, code = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    if code:
        raise SystemExit(f"exit code {code}")
    return len(out)


def commands(port, number):
    """number commands, one after the other"""
    protocol = connect(port)
    return number, sum(run(protocol, "hello") for _ in range(number))


def stream(port, line):
    """one command with much output"""
    return 1, run(connect(port), line)


if __name__ == "__main__":
    peer_common.main(commands, stream)
