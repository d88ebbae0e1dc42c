#!/usr/bin/env python3
"""The workloads of the benchmark with pywinrm (Debian: python3-winrm).

usage: peer_pywinrm.py PORT commands N | stream MB [KB] | enumerate N [KB]
"""
import xmltodict
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


def ask(protocol, verb, body, number, kilo):
    """one exchange of an enumeration: its context, how many instances, and how much text two properties of them have"""
    message = protocol._get_soap_header(action=f"{peer_common.ENUMERATION}/{verb}", resource_uri=peer_common.THREADS)
    message["env:Header"]["w:SelectorSet"] = {"w:Selector": [{"@Name": "count", "#text": str(number)},
                                                             {"@Name": "kb", "#text": str(kilo)}]}
    message["env:Body"] = {"n:" + verb: body}
    reply = protocol.send_message(xmltodict.unparse({"env:Envelope": message}))
    reply = xmltodict.parse(reply)["s:Envelope"]["s:Body"][f"n:{verb}Response"]
    items = (reply.get("n:Items") or reply.get("w:Items"))["p:Win32_Thread"]
    items = items if isinstance(items, list) else [items]
    for item in items:
        int(item["p:KernelModeTime"])
    return reply["n:EnumerationContext"], len(items), sum(len(item["p:Handle"]) + len(item["p:Name"]) for item in items)


def enumerate_them(port, number, kilo):
    """number instances, in answers of so many thousand bytes; pywinrm has the exchange, and xmltodict reads"""
    protocol = connect(port)
    context, count, size = ask(protocol, "Enumerate", {"w:OptimizeEnumeration": None, "w:MaxElements": "32000"}, number, kilo)
    while context:
        body = {"n:EnumerationContext": context, "n:MaxElements": "32000"}
        context, more, text = ask(protocol, "Pull", body, number, kilo)
        count, size = count + more, size + text
    return count, size


if __name__ == "__main__":
    peer_common.main(commands, stream, enumerate_them=enumerate_them)
