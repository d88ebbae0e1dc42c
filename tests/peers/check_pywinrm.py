#!/usr/bin/python3
"""Checks of the endpoint with pywinrm (Debian package python3-winrm).

Usage: check_pywinrm.py URL USER PASSWORD CA-FILE
"""

import sys
import warnings

import winrm
from winrm.protocol import Protocol

warnings.simplefilter("ignore")
FAILED = []


def check(name, got, wanted):
    """Print one line in the form that run_peers.py reads."""
    if got == wanted:
        print("ok %s" % name)
    else:
        FAILED.append(name)
        print("FAIL %s: %r" % (name, got))


def run(protocol, line, args=(), **shell):
    """Run one command in a shell of its own."""
    ident = protocol.open_shell(**shell)
    try:
        command = protocol.run_command(ident, line, args)
        result = protocol.get_command_output(ident, command)
        protocol.cleanup_command(ident, command)
        return result
    finally:
        protocol.close_shell(ident)


def main():
    """Run all checks."""
    url, user, password, authority = sys.argv[1:5]
    transport = "ssl" if url.startswith("https") else "plaintext"
    session = winrm.Session(url, auth=(user, password), transport=transport,
                            ca_trust_path=authority)
    result = session.run_cmd("ipconfig", ["/all"])
    check("run_cmd", (result.status_code, b"IPv4" in result.std_out),
          (0, True))
    result = session.run_cmd("echo out; echo err >&2; exit 5")
    check("streams and exit code",
          (result.std_out, result.std_err, result.status_code),
          (b"out\n", b"err\n", 5))
    result = session.run_cmd("no-such-program-here")
    check("failing command", result.status_code, 1)
    # The operation timeout is much shorter than the command's silence.
    protocol = Protocol(url, transport, user, password,
                        ca_trust_path=authority, operation_timeout_sec=1,
                        read_timeout_sec=5)
    check("long silent command", run(protocol, "sleep 2.5; echo late"),
          (b"late\n", b"", 0))
    text = "\u00e4\u20ac\u4f60"
    check("unicode", run(protocol, "echo", [text], codepage=65001),
          (text.encode() + b"\n", b"", 0))
    check("environment", run(protocol, "echo $WSC_VAR; pwd",
                             env_vars={"WSC_VAR": "a b"},
                             working_directory="/usr"),
          (b"a b\n/usr\n", b"", 0))
    wrong = winrm.Session(url, auth=(user, "wrong"), transport=transport,
                          ca_trust_path=authority)
    try:
        wrong.run_cmd("true")
        check("wrong password", "accepted", "refused")
    except winrm.exceptions.InvalidCredentialsError:
        check("wrong password", "refused", "refused")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
