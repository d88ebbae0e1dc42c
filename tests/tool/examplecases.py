"""Tests of the example programs, run by test_tool.py."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

from toolcase import EXAMPLES, LIMIT, ROOT, USER, ToolCase, environment


CLEAR = ("auth=basic", "trusted-hosts=*", "allow-unencrypted=true")
TOKEN = "a.good.token"


class Relay:
    """A Unix socket that leads to a TCP port of this machine."""

    def __init__(self, path, port):
        self.port = port
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        """Pair every connection with one of its own."""
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=pair,
                                 daemon=True).start()

    @staticmethod
    def pump(source, sink):
        """Pass on what comes, and the end."""
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class ExamplesTest(ToolCase):
    """Every example program."""

    arguments = (*ToolCase.arguments, "--bearer", TOKEN)

    def test_sources(self):
        """They tell of an error alike, and are as short as README.md says."""
        folder, fails = os.path.join(ROOT, "examples"), set()
        names = [n for n in sorted(os.listdir(folder)) if re.match(r"\d\d-.*\.c$", n)]
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            fails.add(re.search(r"^static int fail\(.*?^}\n", text, re.S | re.M).group(0))
            if name != "07-own-transport.c":
                self.assertLess(text.count("\n"), 120, name)
        self.assertEqual((len(names), len(fails)), (11, 1))
        with open(os.path.join(folder, "11-monitor", "hosts.c"), encoding="utf-8") as file:
            self.assertIn(fails.pop().removeprefix("static "), file.read())

    def example(self, name, *args, data=b"", env=None):
        """Run one."""
        path = os.path.join(EXAMPLES, "example-" + name)
        return subprocess.run([path, *args],
                              input=data, capture_output=True,
                              env=env or environment(), timeout=LIMIT)

    def simple(self, name):
        """Run one that takes HOST USER COMMAND."""
        done = self.example(name, self.host, USER,
                            "echo out; echo err >&2; exit 7", *CLEAR)
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (b"out\n", b"err\n", 7))
        self.assert_clean()
        done = self.example(name, self.host, USER, "cat; echo end", *CLEAR)
        self.assertEqual(done.stdout, b"end\n")  # no input, and none awaited
        done = self.example(name, self.host, USER, "kill -INT $$", *CLEAR)
        self.assertEqual(done.returncode, 254)
        done = self.example(name, self.host, USER, "true", *CLEAR,
                            env=environment("wrong"))
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"refused", done.stderr)
        self.assertEqual(self.example(name).returncode, 255)

    def test_unknown_option(self):
        """Every example says so, also when it has no value."""
        first = {"02-poll-loop": [self.host, self.host, USER, "true"],
                 "05-events": [self.host, USER, "true", "--"],
                 "06-get-config": [self.host, USER],
                 "07-own-transport": ["/nowhere", self.host, USER, "true"],
                 "09-lasting-shell": [self.host, USER, "start", "true"],
                 "10-own-auth": ["/nowhere", self.host, "true"],
                 "11-monitor": [USER, self.host, "--"],
                 "12-enumerate": [self.host, USER, "SELECT * FROM Win32_Service"]}
        for name in sorted(os.listdir(EXAMPLES)):
            if not re.fullmatch(r"example-[\w-]+", name):
                continue
            name = name[8:]
            for option in ("colour=red", "colour"):
                done = self.example(name, *first.get(
                    name, [self.host, USER, "true"]), option)
                self.assertNotEqual(done.returncode, 0, name)
                self.assertIn(b"colour", done.stderr, name)

    def test_remedies(self):
        """Every example says what to do, in a line of its own."""
        user = [USER, "true"]
        for name, args in (("01-run-sync", user), ("02-poll-loop", ["h.invalid", *user]),
                           ("03-uv-loop", user), ("04-stream-stdin", user), ("05-events", user),
                           ("06-get-config", [USER]), ("08-own-encoder", user),
                           ("09-lasting-shell", [USER, "start", "true"]), ("12-enumerate", [USER])):
            for host, text in ("a b", b"is not a host"), ("https://h.invalid", b""):
                done = self.example(name, host, *args)
                self.assertNotEqual(done.returncode, 0, name)
                lines = done.stderr.splitlines()
                self.assertIn(text, lines[0], name)
                self.assertRegex(lines[0], rb" \(WSC_E_[A-Z]+\)$")
                self.assertTrue(lines[1].startswith(b"  try: "), lines)
        for host in "a b", "https://h.invalid":
            done = self.example("07-own-transport", "/nowhere", host, *user)
            self.assertIn(b"\n  try: ", done.stderr)
            done = self.example("10-own-auth", "/nowhere", host, "true")
            self.assertIn(b"\n  try: ", done.stderr)
        done = self.example("11-monitor", "-p", "0", USER, "a b")
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"is not a host", done.stderr)
        self.assertIn(b"\n  try: ", done.stderr)

    def test_run_sync(self):
        self.simple("01-run-sync")

    def test_uv_loop(self):
        self.simple("03-uv-loop")

    def test_stream_stdin(self):
        self.simple("04-stream-stdin")
        data = os.urandom(2 << 20)
        done = self.example("04-stream-stdin", self.host, USER, "cat",
                            *CLEAR, data=data)
        self.assertTrue(done.stdout == data)
        self.assertEqual((done.stderr, done.returncode), (b"", 0))
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [os.path.join(EXAMPLES, "example-04-stream-stdin"), self.host, USER, "echo x",
                 *CLEAR], stdin=subprocess.DEVNULL, stdout=full,
                stderr=subprocess.PIPE, env=environment(), timeout=LIMIT)
        self.assertEqual((done.stderr, done.returncode), (b"stdout cannot be written\n", 255))

    def test_poll_loop(self):
        other = "localhost:%d" % self.endpoint.port
        done = self.example("02-poll-loop", self.host, other, USER,
                            "cat; echo out", *CLEAR)
        self.assertEqual(done.returncode, 0, done.stderr)
        for host in (self.host, other):
            self.assertIn(b"%s| out\n" % host.encode(), done.stdout)
            self.assertIn(b"%s: exit code 0\n" % host.encode(), done.stdout)
        done = self.example("02-poll-loop", self.host, "h.invalid", USER,
                            "echo out", *CLEAR)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"%s| out\n" % self.host.encode(), done.stdout)
        self.assertIn(b"h.invalid: ", done.stderr)
        self.assert_clean()

    def test_get_config(self):
        done = self.example("06-get-config", self.host, USER,
                            *CLEAR)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"MaxEnvelopeSizekb", done.stdout)

    def test_own_transport(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "socket")
            done = self.example("07-own-transport", path, self.host, USER,
                                "true", *CLEAR)
            self.assertEqual(done.returncode, 255)
            self.assertIn(b"%s: No such file" % path.encode(), done.stderr)
            with Relay(path, self.endpoint.port):
                done = self.example("07-own-transport", path, "far.invalid",
                                    USER, "echo out; echo err >&2", *CLEAR)
                self.assertEqual(
                    (done.stdout, done.stderr, done.returncode),
                    (b"out\n", b"err\n", 0))
                done = self.example("07-own-transport", path, "far.invalid",
                                    USER, "head -c 3000000 /dev/zero", *CLEAR)
                self.assertEqual(len(done.stdout), 3000000)
        self.assertEqual(self.example("07-own-transport").returncode, 255)
        self.assert_clean()

    def test_own_encoder(self):
        done = self.example("08-own-encoder", self.host, USER,
                            "echo out; exit 3", *CLEAR)
        self.assertEqual((done.stdout, done.returncode), (b"out\n", 3))
        count = sum(self.endpoint.state()["counts"].values())
        self.assertGreaterEqual(count, 5)
        self.assertEqual(done.stderr, b"%d requests\n" % count)
        done = self.example("08-own-encoder", self.host, USER, "true", *CLEAR,
                            env=environment("wrong"))
        self.assertTrue(done.stderr.endswith(b"\n1 request\n"), done.stderr)
        self.assertEqual(self.example("08-own-encoder").returncode, 255)
        self.assert_clean()

    def test_own_auth(self):
        plain = CLEAR[1:]
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "token")
            done = self.example("10-own-auth", path, self.host, "true", *plain)
            self.assertEqual(done.returncode, 255)
            self.assertIn(b"%s: No such file" % path.encode(), done.stderr)
            self.assertIn(b"\n  try: Let the gateway", done.stderr)
            with open(path, "w", encoding="ascii") as file:
                file.write("stale\n")
            done = self.example("10-own-auth", path, self.host, "true", *plain)
            self.assertEqual(done.returncode, 255)
            self.assertIn(b"refused the login by Bearer (WSC_E_AUTH)", done.stderr)
            with open(path, "w", encoding="ascii") as file:
                file.write(TOKEN + "\n")
            done = self.example("10-own-auth", path, self.host, "true")
            self.assertIn(b"WSC_E_UNENCRYPTED", done.stderr)
            done = self.example("10-own-auth", path, self.host, "echo out; exit 3",
                                *plain)
            self.assertEqual((done.stdout, done.stderr, done.returncode),
                             (b"out\n", b"", 3))
        self.assertEqual(self.example("10-own-auth").returncode, 255)
        self.assert_clean()

    def test_lasting_shell(self):
        more = (*CLEAR,
                "resource-uri=urn:libwsman-client:shell:lasting")
        done = self.example("09-lasting-shell", self.host, USER, "start",
                            "echo out; echo err >&2; exit 7", *more)
        self.assertEqual((done.stderr, done.returncode), (b"", 0))
        ids = done.stdout.decode().split()
        done = self.example("09-lasting-shell", self.host, USER, "collect",
                            *ids, *more)
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (b"out\n", b"err\n", 7))
        self.assert_clean()
        done = self.example("09-lasting-shell", self.host, USER, "start",
                            "true", *CLEAR)  # cmd's cannot
        self.assertEqual((done.stdout, done.returncode), (b"", 255))
        self.assertIn(b"0x803381C5", done.stderr)
        done = self.example("09-lasting-shell")
        self.assertEqual(done.returncode, 255)
        self.assertIn(b" resource-uri=URI ", done.stderr)
        self.assert_clean()

    def test_enumerate(self):
        running = "SELECT * FROM Win32_Service WHERE State = 'Running'"
        for query, pid in (running, rb"\d+"), (running.replace("*", "Name, State"), b"0"):
            done = self.example("12-enumerate", self.host, USER, query, *CLEAR)
            self.assertEqual((done.stderr, done.returncode), (b"", 0))
            self.assertRegex(done.stdout, rb"(?m)^WinRM +Running +%s " % pid)
            lines = done.stdout.splitlines()
            self.assertEqual(lines[-1], b"%d of them" % (len(lines) - 1))
        self.assertIsNotNone(re.search(rb"(?m)^WinRM .* -$", done.stdout))
        done = self.example("12-enumerate", self.host, USER, "SELECT * FROM Nothing", *CLEAR)
        self.assertEqual((done.stdout, done.returncode), (b"", 255))
        self.assertIn(b"0x8033801A", done.stderr)
        done = self.example("12-enumerate", self.host, USER, running, *CLEAR, env=environment("wrong"))
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"refused", done.stderr)
        self.assertEqual(self.example("12-enumerate").returncode, 255)
        self.assert_clean()

    def test_monitor(self):
        """Against a service; with many, and some that fail: tests/bench/monitor.py."""
        command = [os.path.join(EXAMPLES, "example-11-monitor"), "-p", "0", "-i", "0.1", USER, self.host, "--", *CLEAR]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
            try:
                url = process.stdout.readline().decode().strip()
                page, reads = "", r'wsc_reads_total\{host="%s"\} (?!0$|1$|2$)' % self.host
                while not re.search(reads, page, re.M):
                    with opener.open(url, timeout=LIMIT) as reply:
                        page = reply.read().decode()
                with self.assertRaises(urllib.error.HTTPError):
                    opener.open(url.replace("metrics", "other"), timeout=LIMIT)
            finally:
                process.send_signal(signal.SIGINT)
                self.assertEqual((*process.communicate(), process.returncode), (b"", b"", 0))
        self.assertIn('wsc_up{host="%s"} 1\n' % self.host, page)
        self.assertRegex(page, r"# TYPE windows_memory_available_bytes gauge\nwindows_memory_available_bytes\{host")
        self.assertEqual(self.example("11-monitor").returncode, 255)
        self.assert_clean()

    def test_events(self):
        done = self.example("05-events", self.host, USER, "echo a", "exit 3",
                            "echo b; echo c", "--", *CLEAR)
        self.assertEqual(done.returncode, 1, done.stderr)
        for line in (b"echo a| a", b"echo a: exit code 0",
                     b"exit 3: exit code 3", b"echo b; echo c| b"):
            self.assertIn(line + b"\n", done.stdout)
        self.assertEqual(self.endpoint.state()["counts"]["Create"], 1)
        self.assert_clean()
        done = self.example("05-events", self.host, USER, "echo a", "--",
                            *CLEAR,
                            env=environment("wrong"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"refused", done.stderr)
