#!/usr/bin/env python3
"""Run a recorded exchange with a real Windows host through the public API.

    replay_calls.py RECORDING.json CALLS.json

RECORDING is served by replay.py beside the recordings' folder; CALLS is the list of calls to make, as
data:

    {"client": {OPTION: VALUE, ...},
     "calls": [
        {"open": {OPTION: VALUE}},                     a shell; the calls below use it
        {"run": [PROGRAM, ARG...], "options": {...},
         "input": [TEXT, ...],                         each is one Send; the last one ends stdin
         "signal": NAME,                               sent once there is output
         "expect": {"stdout": TEXT, "stderr": TEXT, "stdout-has": [TEXT], "exit": N,
                    "error": {"code": NAME, "fault-code": N, ...}}},
        {"identify": {...}, "expect": {"product-vendor": TEXT}},
        {"request": ACTION, "resource": URI, "selectors": {...}, "body": XML, "options": {...},
         "expect": {"body-has": [TEXT], "error": {...}}},
        {"close": true}],
     "left": N, "unexpected": N}                       what /report may still name; 0 when absent

Without an "open" before it a "run" goes through wsc_client_run. A map in options is a repeated option.
Exit status 0: everything as expected, and /report names nothing that was left or unexpected but
Signal and Delete. 77: no recordings here.
"""
import ctypes
import json
import os
import re
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bindings"))
from wscffi import Api  # noqa: E402


class Failed(Exception):
    pass


class Player:
    def __init__(self, api, url, spec):
        self.api, self.shell = api, None
        self.ctx = api.new("ctx_new")
        options = dict({"auth": "none", "operation-timeout": 20000}, **spec.get("client", {}))
        params = api.params(**options)
        self.client = api.new("client_new", self.ctx, url.encode(), None, params)
        api.params_unref(params)

    def options(self, values):
        return self.api.params(**values) if values else None

    def check_error(self, error, expect):
        api = self.api
        if not error:
            raise Failed(f"no error, expected {expect}")
        for name, want in expect.items():
            if name == "code":
                have = api.code_name(api.error_code(error)).decode()
            elif isinstance(want, int):
                have = api.number(error, name)
            else:
                have = api.text("error_get_str", error, name)
            if have != want:
                raise Failed(f"error's {name} is {have!r}, expected {want!r} ({api.error_text(error).decode()})")

    # --- calls ------------------------------------------------------------------------------------------

    def do_open(self, call):
        self.shell = self.api.new("shell_open", self.client, self.options(call["open"]))
        rc = self.api.shell_wait(self.shell, 60000)
        if "expect" in call:
            self.check_error(self.api.shell_error(self.shell), call["expect"]["error"])
        elif rc:
            raise Failed(f"open: {self.api.error_text(self.api.shell_error(self.shell)).decode()}")

    def write(self, command, text, last):
        data, taken = text.encode(), ctypes.c_size_t()
        while data:
            rc = self.api.command_write(command, data, len(data), ctypes.byref(taken), 60000)
            if rc:
                raise Failed(f"write: {self.api.code_name(rc).decode()}")
            data = data[taken.value:]
        if last:
            self.api.command_write_eof(command)

    def wait_for_send(self, command, last):
        """until the Send of what was written is on its way, or, unless the last follows, answered: while it is on its
        way the last text and the end of input can be put together, and go as one"""
        name, busy = ("state", ("waiting", "starting")) if last else ("input-pending", None)
        while self.api.text("command_get_str", command, "state") != "done":
            have = self.api.text("command_get_str", command, name)
            if have not in busy if busy else have == "0":
                return
            self.api.ctx_wait(self.ctx, 60000)

    def read(self, command, signal):
        out, buf, n = {1: b"", 2: b""}, ctypes.create_string_buffer(65536), ctypes.c_size_t()
        while True:
            stream = ctypes.c_int(0)
            rc = self.api.command_read(command, ctypes.byref(stream), buf, len(buf), ctypes.byref(n), 60000)
            if rc or not n.value:
                return rc, out
            out[stream.value] += buf.raw[:n.value]
            if signal:
                if self.api.command_signal(None, command, signal.encode()):
                    raise Failed(f"signal {signal} refused")
                signal = None

    def do_run(self, call):
        api, argv = self.api, call["run"]
        args = api.strings(argv[1:])
        maker, owner = ("shell_run", self.shell) if self.shell else ("client_run", self.client)
        command = api.new(maker, owner, argv[0].encode(), args, len(argv) - 1, self.options(call.get("options")))
        pieces = call.get("input", [])
        for i, text in enumerate(pieces):
            last = i == len(pieces) - 1
            if i:
                self.wait_for_send(command, last)
            self.write(command, text, last)
        rc, out = self.read(command, call.get("signal"))
        expect = call.get("expect", {})
        if "error" in expect:
            self.check_error(api.command_error(command), expect["error"])
        elif rc:
            raise Failed(f"run: {api.error_text(api.command_error(command)).decode()}")
        for stream, name in ((1, "stdout"), (2, "stderr")):
            have = out[stream].decode()
            if name in expect and have != expect[name]:
                raise Failed(f"{name} is {have!r}, expected {expect[name]!r}")
            for part in expect.get(name + "-has", []):
                if part not in have:
                    raise Failed(f"{name} lacks {part!r}: {have!r}")
        code = ctypes.c_int64()
        if "exit" in expect and (api.command_exit_code(command, ctypes.byref(code)) or code.value != expect["exit"]):
            raise Failed(f"exit code {code.value}, expected {expect['exit']}")
        api.command_unref(command)

    def finish_op(self, op, expect):
        rc = self.api.op_wait(op, 60000)
        if "error" in expect:
            self.check_error(self.api.op_error(op), expect["error"])
        elif rc:
            raise Failed(self.api.error_text(self.api.op_error(op)).decode())
        for name, want in expect.items():
            if name == "body-has":
                body = self.api.text("op_get_str", op, "body") or ""
                missing = [w for w in want if w not in body]
                if missing:
                    raise Failed(f"the body lacks {missing}: {body[:500]}")
            elif name != "error" and self.api.text("op_get_str", op, name) != want:
                raise Failed(f"{name} is {self.api.text('op_get_str', op, name)!r}, expected {want!r}")
        self.api.op_unref(op)

    def do_identify(self, call):
        op = self.api.new("identify", self.client, self.options(call["identify"]))
        self.finish_op(op, call.get("expect", {}))

    def do_request(self, call):
        epr = self.api.new("epr_new", call["resource"].encode()) if "resource" in call else None
        for name, value in call.get("selectors", {}).items():
            self.api.epr_add_selector(epr, name.encode(), value.encode())
        body = call.get("body", "").encode()
        op = self.api.new("request", self.client, call["request"].encode(), epr, body, len(body),
                          self.options(call.get("options")))
        self.api.epr_unref(epr)
        self.finish_op(op, call.get("expect", {}))

    def do_close(self, _call):
        op = self.api.new("shell_close", self.shell)
        self.finish_op(op, {})
        self.api.shell_unref(self.shell)
        self.shell = None

    def play(self, calls):
        for i, call in enumerate(calls):
            kind = next((k for k in ("open", "run", "identify", "request", "close") if k in call), None)
            if not kind:
                raise Failed(f"call {i} is none that is known: {call}")
            try:
                getattr(self, "do_" + kind)(call)
            except Failed as e:
                raise Failed(f"call {i} ({kind}): {e}") from None

    def end(self):
        self.api.shell_unref(self.shell)
        self.api.client_unref(self.client)
        rc = self.api.ctx_close(self.ctx, 20000)
        self.api.ctx_unref(self.ctx)
        if rc:
            raise Failed("clean-up did not end")


def find_server(recording):
    for folder in (os.path.dirname(recording), os.path.dirname(os.path.dirname(os.path.abspath(recording)))):
        path = os.path.join(folder, "replay.py")
        if os.path.exists(path):
            return path
    return None


def run(recording, calls):
    with open(calls, encoding="utf-8") as f:
        spec = json.load(f)
    server = subprocess.Popen([sys.executable, find_server(recording), recording], stdout=subprocess.PIPE)
    try:
        url = re.search(r"http://\S+", server.stdout.readline().decode()).group(0)
        player = Player(Api(), url, spec)
        try:
            player.play(spec["calls"])
        finally:
            player.end()
        with urllib.request.urlopen(url.replace("/wsman", "/report")) as reply:
            report = json.load(reply)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
    minor = ("/Signal", "/transfer/Delete")
    for key in ("left", "unexpected"):
        rest = [m for m in report[key] if not m["action"].endswith(minor)]
        if len(rest) > spec.get(key, 0):
            raise Failed(f"{key}: {json.dumps(rest)}")
    print(f"{os.path.basename(recording)}: {len(spec['calls'])} calls, {report['served']} of {report['recorded']} messages served, "
          f"{len(report['differs'])} differ")


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    recording, calls = sys.argv[1:]
    if not os.path.exists(recording) or not find_server(recording):
        print(f"skipped: {recording} is not here")
        return 77
    try:
        run(recording, calls)
    except Failed as e:
        print(f"{os.path.basename(recording)}: {e}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
