#!/usr/bin/python3
"""Tests of the program wsc and of the examples against the test endpoint.

WSC_BIN names the program, WSC_EXAMPLES_DIR the directory of the examples.
"""

import base64
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bindingcases import BindingTest  # noqa: E402,F401
from certcases import (  # noqa: E402,F401
    HandshakeCertificateTest, LateCertificateTest, NoCertificateTest,
    RenegotiationTest, TokenTest)
from configcases import (  # noqa: E402,F401
    ConfigDiffTest, ConfigSetTest, ConfigShowTest, ShellsTest)
from domaincases import (  # noqa: E402,F401
    BindingTest, ChoiceTest, KdcTest, NamesTest, SealedTest, SpnTest)
from examplecases import ExamplesTest  # noqa: E402,F401
from hostscases import (  # noqa: E402,F401
    HostListTest, HostsEndTest, HostsInputTest, HostsJsonTest, HostsTest,
    ProgressTest, StatsTest)
from kerberoscases import KerberosTest  # noqa: E402,F401
from logincases import LoginTest  # noqa: E402,F401
from manycases import (  # noqa: E402,F401
    CommandsTest, ConfigManyTest, HintsTest, InvokeEachTest, PropertiesTest,
    SlowEndTest, SubscribeManyTest)
from offlinecases import OfflineTest  # noqa: E402,F401
from pagecases import WindowsPageTest  # noqa: E402,F401
from pathcases import PathTest  # noqa: E402,F401
from subscribecases import SubscribeTest  # noqa: E402,F401
from tlscases import TlsTest  # noqa: E402,F401
from verbcases import (  # noqa: E402,F401
    ChangeTest, EnumerateTest, GetTest, ManyHostsTest, VerbWordsTest)
from winrmcases import WinrmTest  # noqa: E402,F401
from wordcases import (  # noqa: E402,F401
    EmptyPasswordTest, LongWordsTest, MistakesTest, SecretWordsTest)
from toolcase import (  # noqa: E402
    LIMIT, PASSWORD, PLAIN, USER, WSC, Rewriter, ToolCase,
    environment, harness)


class RunTest(ToolCase):
    """Streams and exit codes of a command."""

    def test_streams_and_code(self):
        done = self.run_("echo out; echo err >&2; exit 7")
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (b"out\n", b"err\n", 7))
        self.assert_clean()

    def test_arguments_are_joined(self):
        done = self.run_("printf", "%s-", "a", "b  c", "-u")
        self.assertEqual(done.stdout, b"a-b-c--u-")

    def test_double_dash(self):
        done = self.tool("run", *PLAIN, "--", self.host, "echo", "--json")
        self.assertEqual(done.stdout, b"--json\n")

    def test_options_between_host_and_command(self):
        done = self.tool("run", self.host, *PLAIN, "echo", "x")
        self.assertEqual(done.stdout, b"x\n")

    def test_stdin_binary(self):
        data = bytes(range(256)) * 10
        self.assertEqual(self.run_("cat", data=data).stdout, data)

    def test_stdin_large(self):
        data = os.urandom(5 << 20)
        done = self.run_("cat", data=data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout == data)
        self.assert_clean()

    def test_stdin_nobody_reads(self):
        done = self.run_("exit 4", data=b"x" * (3 << 20))
        self.assertEqual((done.returncode, done.stderr), (4, b""))
        self.assert_clean()

    def test_no_stdin(self):
        process = self.start("cat; echo end", options=["-n"])
        self.assertEqual(process.stdout.read(), b"end\n")
        self.assertEqual(process.wait(LIMIT), 0)

    def test_stdin_streams(self):
        process = self.start("while read x; do echo got $x; done")
        for word in (b"one", b"two"):
            process.stdin.write(word + b"\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"got %s\n" % word)
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_terminal_is_no_stdin(self):
        terminal = self.terminal("run", *PLAIN, self.host, "cat; echo end")
        terminal.expect(b"end")
        self.assertEqual(terminal.wait(), 0)

    def test_interactive(self):
        terminal = self.terminal("run", "-i", *PLAIN, self.host,
                                 "read x; echo got-$x")
        terminal.send(b"word\n")
        terminal.expect(b"got-word")
        self.assertEqual(terminal.wait(), 0)

    def test_unicode(self):
        text = "Grüße, 世界 \U0001f600"
        done = self.run_("printf", "'%s'", "'" + text + "'")
        self.assertEqual(done.stdout.decode(), text)

    def test_environment_and_directory(self):
        done = self.run_("echo $A:$B:`pwd`", options=[
            "-e", "A=1=2", "--set", "env=B=x", "-C", "/usr"])
        self.assertEqual(done.stdout, b"1=2:x:/usr\n")

    def test_code_of_a_signal(self):
        done = self.run_("kill -INT $$")
        self.assertEqual(done.returncode, 254)
        self.assertEqual(done.stderr.decode(), "wsc: %s: remote exit code 3221225786 "
                         "(0xC000013A, STATUS_CONTROL_C_EXIT)\n" % self.host)

    def test_code_254_and_255(self):
        for code in (253, 254, 255):
            done = self.run_("exit %d" % code)
            self.assertEqual(done.returncode, min(code, 254))
            self.assertEqual(b"exit code %d" % code in done.stderr,
                             code > 253)

    def test_timeout(self):
        begin = time.monotonic()
        done = self.run_("sleep 50", options=["--timeout", "300ms"])
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"code: WSC_E_DEADLINE", done.stderr)
        self.assert_clean()

    def test_no_such_program(self):
        done = self.run_("no-such-program-here")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr)

    def test_memory_is_bounded(self):
        with open(WSC, "rb") as file:
            if b"__asan_init" in file.read():
                self.skipTest("a sanitizer needs memory of its own")
        size = 40000000
        process = self.start("head -c %d /dev/zero; read x" % size)
        while size:
            data = process.stdout.read(min(size, 1 << 20))
            self.assertTrue(data)
            size -= len(data)
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            peak = int(re.search(r"VmHWM:\s*(\d+)", file.read()).group(1))
        self.assertLess(peak, 33000)
        process.stdin.write(b"\n")
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)


class WideCodeTest(ToolCase):
    """Exit codes that do not fit into eight bits."""

    def code(self, code, *options):
        """Run a command that ends with this code."""
        handler = type("Handler", (Rewriter,), {
            "target": (self.endpoint.host, self.endpoint.port),
            "code": str(code).encode()})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *args: None  # wsc may go first
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            return self.tool("run", *PLAIN, *options,
                             "127.0.0.1:%d" % server.server_port, "exit 7")
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def test_codes(self):
        for code in (256, 512, 65536, 3221225786, 4294967295):
            done = self.code(code)
            self.assertEqual(done.returncode, 254, code)
            self.assertRegex(done.stderr, rb"exit code %d( \(0x%08X[,)]|$)" % (code, code))

    def test_json(self):
        done = self.code(256, "--json", "-q")
        self.assertEqual((done.returncode, done.stderr), (254, b""))
        self.assertEqual(json.loads(done.stdout)["exit_code"], 256)


class JsonTest(ToolCase):
    """--json and --quiet."""

    def test_text(self):
        done = self.run_('printf \'"a"\\t\\\\\\n\'; echo ö >&2; exit 3',
                         options=["--json"])
        result = json.loads(done.stdout)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(result, {
            "host": self.host, "exit_code": 3, "stdout": '"a"\t\\\n',
            "stdout_encoding": "utf-8", "stderr": "ö\n",
            "stderr_encoding": "utf-8", "error": None})

    def test_bytes(self):
        data = bytes(range(256))
        for cut in (256, 255, 254):
            done = self.run_("cat", data=data[:cut], options=["--json"])
            result = json.loads(done.stdout)
            self.assertEqual(result["stdout_encoding"], "base64")
            self.assertEqual(base64.b64decode(result["stdout"]), data[:cut])

    def test_limit(self):
        done = self.run_("yes", options=["--json", "--set",
                                         "received-limit=100k"])
        result = json.loads(done.stdout)
        self.assertEqual(done.returncode, 255)
        self.assertEqual(result["error"]["name"], "WSC_E_LIMIT")
        self.assertEqual(result["error"]["option"], "received-limit")
        self.assertTrue(result["stdout"].startswith("y\ny\n"))
        self.assert_clean()

    def test_failure(self):
        done = self.run_("true", options=["--json"],
                         env=environment("wrong"))
        error = json.loads(done.stdout)["error"]
        self.assertEqual(done.returncode, 255)
        self.assertEqual((error["name"], error["class"], error["fault-code"],
                          error["http-status"]),
                         ("WSC_E_AUTH", "auth", 1326, 401))
        self.assertIn(b"  code: WSC_E_AUTH", done.stderr)

    def test_failure_before_anything_is_sent(self):
        done = self.tool("run", "--json", "-u", USER, "--auth", "basic",
                         self.host, "true")
        self.assertEqual(json.loads(done.stdout)["error"]["name"],
                         "WSC_E_UNENCRYPTED")

    def test_quiet(self):
        done = self.run_("true", options=["-q"], env=environment("wrong"))
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (255, b"", b""))


class FailureTest(ToolCase):
    """What is told when it does not work, and the exit codes."""

    def identify(self, *args, **more):
        """Run wsc identify."""
        return self.tool("identify", *args, **more)

    def assert_told(self, done, status, code):
        """Check the exit code, and text, remedy and code on stderr."""
        lines = done.stderr.decode().splitlines()
        self.assertEqual(done.returncode, status, lines)
        self.assertTrue(lines[0].startswith("wsc: "), lines)
        self.assertTrue(any(x.startswith("  try: ") for x in lines), lines)
        self.assertTrue(lines[-1].startswith("  code: " + code), lines)
        return lines

    def test_wrong_password(self):
        lines = self.assert_told(self.identify(
            *PLAIN, self.host, env=environment("wrong")), 6, "WSC_E_AUTH")
        self.assertEqual(lines[-1], "  code: WSC_E_AUTH, ERROR_LOGON_FAILURE "
                                    "(1326), HTTP 401")
        self.assertNotIn("wrong\n", "".join(lines))
        self.assertIn(self.host, lines[0])
        self.assertEqual(lines[0].count("127.0.0.1"), 1)
        self.assert_told(self.run_("true", env=environment("wrong")), 255,
                         "WSC_E_AUTH")

    def test_no_host(self):
        lines = self.assert_told(self.identify("a b"), 2, "WSC_E_USAGE")
        self.assertTrue(lines[0].startswith('wsc: "a b" is not a host'), lines)

    def test_unresolvable(self):
        self.assert_told(self.identify("no-such-host.invalid"), 3,
                         "WSC_E_RESOLVE")

    def test_refused(self):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            host = "127.0.0.1:%d" % sock.getsockname()[1]
            lines = self.assert_told(self.identify("--auth", "none", host), 3,
                                     "WSC_E_CONNECT")
        self.assertEqual(lines[1], "  target: http://%s/wsman" % host)

    def test_unencrypted(self):
        self.assert_told(self.identify("-u", USER, "--auth", "basic",
                                       self.host), 6, "WSC_E_UNENCRYPTED")
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_deadline(self):
        self.endpoint.inject({"action": "Identify", "effect": "delay",
                              "ms": 5000})
        self.assert_told(self.identify(*PLAIN, "--timeout", "200ms",
                                       self.host), 4, "WSC_E_DEADLINE")

    def test_not_wsman(self):
        self.endpoint.inject({"effect": "html"})
        self.assert_told(self.identify(*PLAIN, self.host), 9, "WSC_E_HTTP")

    def test_access_denied(self):
        self.endpoint.inject({"effect": "fault", "code": 5,
                              "text": "Access is denied."})
        self.assert_told(self.identify(*PLAIN, self.host), 7,
                         "WSC_E_ACCESS_DENIED")

    def test_fault(self):
        self.endpoint.inject({"effect": "fault", "code": 0x57,
                              "text": "bad \x9b31mvalue"})
        done = self.identify(*PLAIN, self.host)
        self.assert_told_fault(done)

    def assert_told_fault(self, done):
        """Check a fault; it need not have a remedy."""
        text = done.stderr.decode()
        self.assertEqual(done.returncode, 8, text)
        self.assertIn("ERROR_INVALID_PARAMETER", text)
        self.assertNotIn("\x9b", text)

    def test_unknown_library_option(self):
        done = self.identify("--set", "allow-unencryptd=true", self.host)
        self.assert_told(done, 2, "WSC_E_OPTION")
        self.assertIn(b"allow-unencrypted", done.stderr)
        for word, hint in ("timeout", " timeout"), ("colour", ""):
            done = self.identify("--set", word + "=1", self.host)
            self.assertIn("  try: wsc options%s\n" % hint,
                          done.stderr.decode())
        done = self.identify("--set", "port=99999", self.host)
        self.assert_told(done, 2, "WSC_E_OPTION")

    def test_context_option(self):
        done = self.identify(*PLAIN, "--set", "dns-cache=1s", self.host)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_bad_command_lines(self):
        for args, text in (
                (["--jsn", "h"], "--json"), (["-Z", "h"], "-Z"),
                (["--colour", "h"], "--colour; see --help"),
                (["--json=x", "h"], "no value"), (["--user"], "NAME"),
                (["--allow-unencrypted", "h"], "--set allow-unencrypted"),
                (["--username", "x", "h"], "try: --user NAME\n"),
                (["--ca-file", "x", "h"], "try: --ca FILE\n"),
                (["--verify", "h"], "try: --set tls-verify-name=VALUE\n"),
                (["--opentimeout", "1s", "h"],
                 "try: --set open-timeout=VALUE\n"),
                (["--timeot", "1s", "h"], "try: --timeout DURATION\n"),
                (["--header", "x", "h"], "try: --set header=KEY=VALUE\n"),
                (["--password", "x", "h"], "--password-file"),
                (["--password=x", "h"], "--password-file"),
                (["--pass-word=SECRET", "h"], "--password-file"),
                (["--pasword=SECRET", "h"], "--password-file"),
                (["--set", "pasword=SECRET", "h"], "Passwords"),
                (["--passwordfd=3", "h"], "try: --password-fd N\n"),
                (["--tls-key-password=SECRET"], "--key-password-file"),
                (["--set", "password=x", "h"], "Passwords"),
                (["--set", "x", "h"], "NAME=VALUE"),
                (["--set", "header=x", "h"], "NAME=VALUE"),
                (["--env", "A=b", "h"], "not an option of this"),
                ([], "HOST"), (["h", "more"], "too many"),
                (["https://me:SECRET@h"], "--user"), (["SECRET@h"], "--user"),
                (["http://me:SEC/SECRET@h"], "--user"), (["me:SEC?SECRET@h:5986"], "--user"),
                (["--set", "header=Authorization: Basic SECRET=", "h"], "header"),
                (["--set", "header=Authorization: Basic SECRET", "h"], "NAME=VALUE"),
                (["--auth", "digest", "h"], "wsc: --auth: \"digest"),
                (["--password-fd", "x", "h"], "number")):
            done = self.identify(*args)
            self.assertEqual(done.returncode, 2, args)
            self.assertIn(text, done.stderr.decode(), args)
            self.assertNotIn(b"SECRET", done.stdout + done.stderr)
        for word in "--colour", "--shell", "--streams", "--skip-ca":
            self.assertNotIn(b"try:", self.identify(word, "h").stderr, word)
        for pair in "header=X-A=b", "option=A=b", "option-must-comply=A=b":
            self.assertEqual(self.identify(*PLAIN, "--set", pair,
                                           self.host).returncode, 0, pair)
        self.assertIn(b"tls-ca-file: /nowhere cannot be read: ", self.identify(
            "--ca", "/nowhere", "https://h").stderr)
        told = self.identify("--user", "u", "--auth", "basic", "h", env=environment()).stderr
        self.assertIn(b"\n  tls: --https\n", told)
        self.assertIn(b"\n  username: --user NAME\n",
                      self.identify(self.host).stderr)
        self.assertIn(b"  allow-unencrypted: --set allow-unencrypted=true\n", told)
        self.assertEqual(self.tool("run", "--jsn", "h", "c").returncode, 255)
        self.assertEqual(self.tool("run", "h").returncode, 255)
        self.assertEqual(self.tool("rnu").returncode, 2)
        self.assertIn(b"wsc run", self.tool("rnu").stderr)
        self.assertEqual(self.tool().returncode, 2)

    def test_server_gone(self):
        process = self.start("echo ready; sleep 50", options=[
            "--set", "receive-retries=0"])
        self.assertEqual(process.stdout.readline(), b"ready\n")
        self.endpoint.wait(receiving=1)
        self.endpoint.control("POST", "expire")
        self.assertEqual(process.wait(LIMIT), 255)
        self.assertIn(b"WSC_E_", process.stderr.read())


class SignalTest(ToolCase):
    """Ctrl+C, SIGTERM, and an stdout that nobody reads."""

    def test_ctrl_c(self):
        terminal = self.terminal(
            "run", *PLAIN, self.host, "trap 'echo caught; exit 5' INT; "
            "echo ready; while :; do sleep 0.05; done")
        terminal.expect(b"ready")
        terminal.send(b"\x03")
        terminal.expect(b"caught")
        self.assertEqual(terminal.wait(), 5)
        self.assert_clean()

    def test_ctrl_c_twice(self):
        terminal = self.terminal("run", *PLAIN, self.host,
                                 "trap '' INT; echo ready; sleep 100")
        terminal.expect(b"ready")
        terminal.send(b"\x03")
        terminal.expect(b"once more ends it")
        self.endpoint.wait(Signal=1)
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assert_clean()

    def test_ctrl_c_three_times(self):
        terminal = self.terminal("run", *PLAIN, self.host,
                                 "trap '' INT; echo ready; sleep 100")
        terminal.expect(b"ready")
        self.endpoint.inject({"action": "Signal", "effect": "delay",
                              "ms": 9000, "count": -1})
        terminal.send(b"\x03")
        self.endpoint.wait(Signal=1)
        terminal.send(b"\x03")
        self.endpoint.wait(Signal=2)
        begin = time.monotonic()
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertLess(time.monotonic() - begin, 5)

    def test_ctrl_c_before_the_command_runs(self):
        self.endpoint.inject({"action": "Create", "effect": "delay",
                              "ms": 1500})
        process = self.start("sleep 100")
        self.endpoint.wait(Create=1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 130)
        self.assert_clean()

    def test_sigterm(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            process = self.start("echo ready; sleep 100")
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            self.assertEqual(process.wait(LIMIT), 128 + number)
            self.assert_clean()

    def test_nohup(self):
        process = self.start(
            "echo ready; read x; echo $x", preexec_fn=lambda: signal.signal(
                signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGHUP)
        process.stdin.write(b"on\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"on\n")
        self.assertEqual(process.wait(LIMIT), 0)

    def test_identify(self):
        self.endpoint.inject({"action": "Identify", "effect": "delay",
                              "ms": 9000})
        process = subprocess.Popen([WSC, "identify", *PLAIN, self.host],
                                   env=environment(), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(self.finish, process)
        self.endpoint.wait(Identify=1)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 130)
        self.assertLess(time.monotonic() - begin, 5)

    def test_stdout_closed(self):
        process = self.start("yes")
        self.assertEqual(process.stdout.read(4), b"y\ny\n")
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), 141)
        self.assertEqual(process.stderr.read(), b"")
        self.assert_clean()

    def test_stdout_blocked(self):
        process = self.start("yes")
        self.endpoint.wait(Receive=4)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 143)
        self.assert_clean()

    def test_stdout_full(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [WSC, "run", *PLAIN, self.host, "echo x"], stdout=full,
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env=environment(), timeout=LIMIT)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"No space left", done.stderr)
        self.assert_clean()

    def without(self, closed, *args):
        """Run wsc without some of the standard descriptors."""
        return subprocess.run(["/bin/sh", "-c", 'exec "$@" ' + closed, "sh", WSC, *args],
                              env=environment(), timeout=LIMIT, capture_output=True)

    def test_standard_descriptors_closed(self):
        for command, code in ("cat; exit 6", 6), ("echo x; exit 6", 255):
            done = self.without("<&- >&- 2>&-", "run", *PLAIN, self.host, command)
            self.assertEqual(done.returncode, code)

    def test_stdout_not_there(self):
        """What is lost is told, and no success."""
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.host)
            file.flush()
            run, x = ["run", *PLAIN], ["echo", "x"]
            for args, code in (
                    ([*run, self.host, *x], 255), ([*run, "--json", self.host, *x], 255),
                    ([*run, "--hosts", file.name, *x], 255), (["run", "--help"], 255),
                    ([*run, "--json", "--hosts", file.name, *x], 255),
                    (["identify", *PLAIN, self.host], 1), (["help"], 1), (["--version"], 1),
                    (["options"], 1), (["explain", "5"], 1), (["help", "run"], 1)):
                done = self.without(">&-", *args)
                self.assertEqual(done.returncode, code, args)
                self.assertIn(b"wsc: stdout cannot be written: it is closed\n", done.stderr, args)
        self.assert_clean()


class PasswordTest(ToolCase):
    """Where the password comes from, and where it never shows."""

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.directory(), "password")
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(PASSWORD + "\nmore\n")

    def directory(self):
        """Return a new directory."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return directory.name

    def test_file(self):
        done = self.run_("echo", "x", options=["--password-file", self.file],
                         env=environment("wrong"))
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 0))

    def test_set_file(self):
        done = self.run_("echo", "x", env=environment(None), options=[
            "--set", "password-file=" + self.file])
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 0))

    def test_missing_file(self):
        done = self.run_("true", options=["--password-file", "/nowhere"])
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"/nowhere", done.stderr)
        self.assertIn(b"code: WSC_E_IO", done.stderr)

    def test_fd(self):
        with open(self.file, "rb") as file:
            done = self.run_(
                "echo", "x", env=environment(None), pass_fds=[file.fileno()],
                options=["--password-fd", str(file.fileno())])
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 0))

    def test_fd_is_stdin(self):
        done = self.run_("cat", env=environment(None),
                         options=["--password-fd", "0"],
                         data=PASSWORD.encode() + b"\r\nthe rest")
        self.assertEqual((done.stdout, done.returncode), (b"the rest", 0))

    def test_bad_fd(self):
        done = self.run_("true", options=["--password-fd", "99"])
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"--password-fd 99", done.stderr)

    def test_file_and_fd(self):
        done = self.run_("true", options=["--password-fd", "0",
                                          "--password-file", self.file])
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"exclude", done.stderr)

    def test_nowhere(self):
        done = self.run_("true", env=environment(None),
                         start_new_session=True)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"WSC_PASSWORD", done.stderr)

    def test_prompt(self):
        terminal = self.terminal("run", *PLAIN, self.host, "echo", "done",
                                 env=environment(None))
        asked = terminal.expect(b": ")
        self.assertIn(b"Password of %s for %s" % (
            USER.encode(), self.host.encode()), asked)
        self.assertFalse(terminal.echoes())
        terminal.send(PASSWORD.encode() + b"\n")
        seen = terminal.expect(b"done")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn(PASSWORD.encode(), seen)
        self.assertTrue(terminal.echoes())

    def test_prompt_interrupted(self):
        for key, code in ((b"\x03", 130), (b"\x1c", 131)):
            terminal = self.terminal("run", *PLAIN, self.host, "echo",
                                     env=environment(None))
            terminal.expect(b": ")
            terminal.send(key)
            self.assertEqual(terminal.wait(), code)
            self.assertTrue(terminal.echoes())

    def test_prompt_stopped(self):
        terminal = self.terminal("run", *PLAIN, self.host, "echo", "done",
                                 env=environment(None))
        terminal.expect(b": ")
        terminal.send(b"\x1a")
        pid = terminal.process.pid
        status = os.waitpid(pid, os.WUNTRACED)[1]
        self.assertTrue(os.WIFSTOPPED(status))
        self.assertTrue(terminal.echoes())
        os.kill(pid, signal.SIGCONT)
        terminal.expect(b": ")
        self.assertFalse(terminal.echoes())
        terminal.send(PASSWORD.encode() + b"\n")
        terminal.expect(b"done")
        self.assertEqual(terminal.wait(), 0)

    def test_trace(self):
        done = self.run_("echo", "traced", options=["--trace"])
        self.assertEqual((done.stdout, done.returncode), (b"traced\n", 0))
        log = done.stderr.decode()
        self.assertIn("Authorization", log)
        self.assertIn("CommandLine", log)
        self.assertNotIn(PASSWORD, log)
        self.assertNotIn(harness.authorization().split()[1], log)

    def test_verbose(self):
        done = self.run_("echo", "x", options=["-vv"])
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 0))
        self.assertIn(b"wsc: ", done.stderr)
        self.assertNotIn(PASSWORD.encode(), done.stderr)

    def test_not_in_environment_or_arguments(self):
        process = self.start("echo ready; read x")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        for name in ("environ", "cmdline"):
            with open("/proc/%d/%s" % (process.pid, name), "rb") as file:
                self.assertNotIn(PASSWORD.encode(), file.read())
        process.stdin.close()
        process.wait(LIMIT)


class IdentifyTest(ToolCase):
    """wsc identify."""

    def test_authenticated(self):
        done = self.tool("identify", *PLAIN, self.host)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"OS: 10.0.17763", done.stdout)

    def test_anonymous(self):
        done = self.tool("identify", "--anonymous", self.host)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"OS: 0.0.0", done.stdout)
        done = self.tool("identify", "--anonymous", "--ccache", "x", self.host)
        self.assertIn(b"--keytab or --ccache exclude each other", done.stderr)
        for option in "--user", "--password-file", "--password-fd", "--auth":
            done = self.tool("identify", "--anonymous", option, "0", self.host) \
                if option != "--auth" else self.tool("identify", "--anonymous", option, "basic",
                                                     self.host)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.decode(),
                             "wsc: --anonymous and %s exclude each other\n" % option)

    def test_json(self):
        done = self.tool("identify", "--json", *PLAIN, self.host)
        result = json.loads(done.stdout)
        self.assertIn("OS: 10.0.17763", result["product-version"])
        self.assertIsNone(result["error"])
        done = self.tool("identify", "--json", *PLAIN, self.host,
                         env=environment("wrong"))
        self.assertEqual(done.returncode, 6)
        self.assertEqual(json.loads(done.stdout)["error"]["name"],
                         "WSC_E_AUTH")


class ShellTest(ToolCase):
    """wsc shell on a terminal."""

    def shell(self, program="/bin/sh"):
        """Start one."""
        return self.terminal("shell", *PLAIN, "--program", program,
                             self.host)

    def test_lines(self):
        terminal = self.shell()
        terminal.send(b"echo a$((1+1))b\n")
        terminal.expect(b"a2b")
        terminal.send(b"echo c$((2+2))d >&2\n")
        terminal.expect(b"c4d")
        terminal.send(b"exit 9\n")
        self.assertEqual(terminal.wait(), 9)
        self.assert_clean()

    def test_ctrl_d(self):
        terminal = self.shell()
        terminal.send(b"echo a$((1+1))b\n")
        terminal.expect(b"a2b")
        terminal.send(b"\x04")
        self.assertEqual(terminal.wait(), 0)
        self.assert_clean()

    def test_ctrl_c(self):
        terminal = self.shell()
        terminal.send(b"n=0; trap 'n=$((n+1)); echo caught=$n' INT\n")
        terminal.send(b"echo a$((1+1))b; sleep 100\n")
        terminal.expect(b"a2b")
        self.endpoint.wait(receiving=1)
        for i in (1, 2):
            terminal.send(b"\x03")
            terminal.expect(b"caught=%d" % i)
            terminal.send(b"echo on$((%d+%d)); sleep 100\n" % (i, i))
            terminal.expect(b"on%d" % (2 * i))
        terminal.send(b"\x1c")
        self.assertEqual(terminal.wait(), 131)
        self.assert_clean()

    def test_piped(self):
        done = self.tool("shell", *PLAIN, "--program", "/bin/sh", self.host,
                         data=b"echo one\nexit 3\n")
        self.assertEqual((done.stdout, done.returncode), (b"one\n", 3))


if __name__ == "__main__":
    unittest.main()
