"""wsc run --hosts, and --stats."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile

from toolcase import (LIMIT, PASSWORD, PLAIN, USER, WSC, ToolCase,
                      environment)


class HostsCase(ToolCase):
    """A case with a list of hosts."""

    arguments = ("--allow-unencrypted", "--max-shells-per-user", "200")

    def setUp(self):
        super().setUp()
        self.other = "localhost:%d" % self.endpoint.port
        sock = socket.socket()  # bound, and nobody listens
        self.addCleanup(sock.close)
        sock.bind(("127.0.0.1", 0))
        self.refused = "127.0.0.1:%d" % sock.getsockname()[1]

    def creates(self):
        """Return how many shells were asked for."""
        return self.endpoint.state()["counts"].get("Create", 0)

    def list(self, *lines, raw=None):
        """Write a list of hosts; return its name."""
        handle, name = tempfile.mkstemp()
        self.addCleanup(os.unlink, name)
        with os.fdopen(handle, "wb") as file:
            file.write(raw or ("\n".join(lines) + "\n").encode())
        return name

    def hosts(self, lines, *command, options=(), **more):
        """Run a command on these hosts."""
        return self.tool("run", *PLAIN, "--hosts", self.list(*lines),
                         *options, *command, **more)

    def begin(self, lines, *command, options=()):
        """Start it; its streams are pipes."""
        process = subprocess.Popen(
            [WSC, "run", *PLAIN, "--hosts", self.list(*lines), *options,
             *command], env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin = process.stderr
        self.addCleanup(self.finish, process)
        return process


class HostsTest(HostsCase):
    """Which hosts, and what becomes of their output."""

    def test_lines_are_marked(self):
        done = self.hosts([self.host, self.other], "echo out; echo err >&2")
        both = {b"%s: %%s\n" % h.encode() for h in (self.host, self.other)}
        self.assertEqual(set(done.stdout.splitlines(True)),
                         {x % b"out" for x in both})
        err = done.stderr.splitlines(True)
        self.assertEqual(set(err[:2]), {x % b"err" for x in both})
        self.assertEqual(err[2:], [b"wsc: 2 hosts: 2 ok\n"])
        self.assertEqual(done.returncode, 0)
        self.assert_clean()

    def test_lines_are_whole(self):
        process = self.begin([self.host], "printf a; read x < %s; "
                             "printf 'b\\nc'" % self.fifo())
        self.endpoint.wait(Receive=2)  # the a has come alone
        with open(self.fifo_name, "w", encoding="ascii") as file:
            file.write("\n")
        self.assertEqual(process.stdout.read().decode(),
                         "{0}: ab\n{0}: c\n".format(self.host))
        self.assertEqual(process.wait(LIMIT), 0)

    def fifo(self):
        """Make a fifo."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.fifo_name = os.path.join(directory.name, "fifo")
        os.mkfifo(self.fifo_name)
        return self.fifo_name

    def test_empty_lines(self):
        done = self.hosts([self.host], "printf '\\n\\nx\\n'")
        self.assertEqual(done.stdout.decode(),
                         "{0}: \n{0}: \n{0}: x\n".format(self.host))

    def test_long_line(self):
        for size in (65536, 65537, 200000):
            done = self.hosts(
                [self.host], "head -c %d /dev/zero | tr '\\0' x; echo" % size)
            mark = self.host.encode() + b": "
            lines = done.stdout.splitlines()
            self.assertEqual(len(lines), -(-size // 65536))
            for line in lines[:-1]:
                self.assertEqual(line, mark + b"x" * 65536 + b"[...]")
            self.assertEqual(sum(x.count(b"x") for x in lines), size)
            self.assertTrue(lines[-1].endswith(b"x"))

    def test_hundred(self):
        lines = ([self.host, self.other] * 45 + [self.refused] * 7 +
                 ["no-such-host.invalid"] * 3)
        script = "i=0; while [ $i -lt 40 ]; do echo $i-out; i=$((i+1)); done"
        done = self.hosts(lines, script, options=["--parallel", "20"])
        self.assertEqual(done.returncode, 10)
        seen = {self.host: 0, self.other: 0}
        for line in done.stdout.decode().splitlines():
            host, text = line.split(": ")
            self.assertRegex(text, r"^\d+-out$")
            seen[host] += 1
        self.assertEqual(set(seen.values()), {45 * 40})
        err = done.stderr.decode().splitlines()
        self.assertEqual(err[-1], "wsc: 100 hosts: 90 ok, 10 failed "
                                  "(10 network)")
        self.assertEqual(len([x for x in err if x.startswith(
            "wsc: %s: " % self.refused)]), 7)
        self.assertEqual(len([x for x in err if x.startswith("  try: ")]), 2)
        self.assert_clean()

    def test_exit_codes(self):
        done = self.hosts([self.host, self.other, self.refused],
                          'case "$A" in x) exit 3;; esac', options=[
                              "-e", "A=x"])
        self.assertEqual(done.returncode, 3)
        err = done.stderr.decode()
        self.assertIn("wsc: %s: exit code 3\n" % self.host, err)
        self.assertIn("wsc: %s: exit code 3\n" % self.other, err)
        self.assertTrue(err.endswith("wsc: 3 hosts: 0 ok, 2 exit code != 0, "
                                     "1 failed (1 network)\n"), err)

    def test_more_than_the_exit_code_can_tell(self):
        for count, code in ((99, 99), (100, 100), (130, 100)):
            done = self.hosts([self.refused] * count, "true")
            self.assertEqual(done.returncode, code)

    def test_one_after_the_other(self):
        done = self.hosts([self.host, self.other] * 3, "echo 1; echo 2",
                          options=["--parallel", "1"])
        self.assertEqual(done.stdout.decode(), "".join(
            "{0}: 1\n{0}: 2\n".format(h)
            for h in [self.host, self.other] * 3))
        self.assert_clean()

    def test_no_more_than_wanted(self):
        flag = self.fifo() + "-open"
        process = self.begin(
            [self.host] * 5, "echo x; while ! [ -e %s ]; do sleep 0.05; done"
            % flag, options=["--parallel", "2"])
        for _ in range(2):
            self.assertTrue(process.stdout.readline())
        self.endpoint.wait(receiving=2)
        self.assertEqual(self.creates(), 2)
        with open(flag, "wb"):
            pass
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertEqual(self.creates(), 5)

    def test_quiet(self):
        done = self.hosts([self.host, self.refused, "a b"], "exit 2",
                          options=["-q"])
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (3, b"", b""))

    def test_wrong_password(self):
        done = self.hosts([self.host, self.other], "true",
                          env=environment("wrong"))
        self.assertEqual(done.returncode, 2)
        err = done.stderr.decode()
        self.assertIn("2 failed (2 auth)\n", err)
        self.assertEqual(err.count("  try: "), 1)

    def test_options_of_the_remedies(self):
        done = self.tool("run", "-u", USER, "--auth", "basic", "--hosts",
                         self.list(self.host, self.other), "true")
        err = done.stderr.decode()
        self.assertEqual(err.count("  try: "), 1, err)
        self.assertEqual(err.count("\n  tls: --https\n"), 1, err)

    def test_hints_stand_below_their_error(self):
        """Each once, at the first error that needs it."""
        done = self.tool("run", "-u", USER, "--auth", "basic", "--hosts",
                         self.list(self.host, self.other, "a b", "https://h.invalid"), "true")
        lines = done.stderr.decode().splitlines()
        starts = [i for i, x in enumerate(lines) if x.startswith("wsc: ")] + [len(lines)]
        parts = [lines[i:k] for i, k in zip(starts, starts[1:])]
        self.assertEqual(len(parts), 5, lines)
        hints = ["  trusted-hosts: --trusted-hosts LIST",
                 "  allow-unencrypted: --set allow-unencrypted=true", "  tls: --https"]
        for hint in hints:
            self.assertEqual(lines.count(hint), 1, lines)
        [first] = [p for p in parts if hints[0] in p]
        self.assertIn("Basic over plain HTTP", first[0])
        self.assertEqual(first[2:], hints)

    def test_few_descriptors(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (20, hard))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        lines = [self.host] * 30
        done = self.hosts(lines, "echo x", preexec_fn=few)
        self.assertEqual((done.returncode, done.stdout.count(b"\n")), (0, 30))
        hard = 80
        done = self.hosts(lines, "echo x", preexec_fn=few)
        self.assertEqual((done.returncode, done.stdout.count(b"\n")), (0, 30))
        self.assertIn(b"2 hosts at once", done.stderr)


class HostListTest(HostsCase):
    """The file."""

    def test_comments_and_blanks(self):
        raw = ("\ufeff# all of them\r\n\r\n  %s  # the first\r\n\t\n#%s\n%s"
               % (self.host, self.refused, self.other)).encode()
        done = self.tool("run", *PLAIN, "--hosts", self.list(raw=raw),
                         "echo x")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(done.stdout.decode().splitlines()),
                         {self.host + ": x", self.other + ": x"})

    def test_bad_lines(self):
        raw = b"\n".join([b"a b", self.host.encode(), b"me:SECRET@h",
                          b"x\0y", b"bad\x1b[31m", b"ftp://h",
                          b"h:99999", b""])
        done = self.tool("run", *PLAIN, "--hosts", self.list(raw=raw),
                         "echo x")
        self.assertEqual(done.returncode, 6)
        self.assertEqual(done.stdout.decode(), self.host + ": x\n")
        err = done.stderr.decode()
        for line in (1, 3, 4, 5, 6, 7):
            self.assertEqual(err.count("wsc: line %d: " % line), 1, err)
        self.assertIn("7 hosts: 1 ok, 6 failed (6 usage)", err)
        self.assertNotIn("SECRET", err)
        self.assertNotIn("\x1b", err)

    def test_scheme_against_https(self):
        done = self.tool("run", "-u", USER, "--https", "--hosts",
                         self.list("http://" + self.host), "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"line 1: ", done.stderr)

    def test_stdin(self):
        done = self.tool("run", *PLAIN, "--hosts", "-", "cat; echo end",
                         data=("%s\n%s\n" % (self.host,
                                             self.other)).encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(done.stdout.decode().splitlines()),
                         {self.host + ": end", self.other + ": end"})

    def test_password_and_list_on_stdin(self):
        done = self.tool("run", *PLAIN, "--password-fd", "0", "--hosts=-",
                         "echo x", env=environment(None),
                         data=("%s\n%s\n" % (PASSWORD, self.host)).encode())
        self.assertEqual(done.stdout.decode(), self.host + ": x\n")

    def test_unreadable(self):
        for name, text in (("/nowhere/list", "No such file"),
                           ("/", "directory"), ("/dev/null", "no host")):
            done = self.tool("run", *PLAIN, "--hosts", name, "true")
            self.assertEqual((done.returncode, done.stdout), (255, b""))
            self.assertIn("--hosts: ", done.stderr.decode())
            self.assertIn(text, done.stderr.decode())

    def test_command_lines(self):
        name = self.list(self.host)
        for args, text in (
                ([self.host, "--hosts", name, "x"], "in the place of HOST"),
                (["--hosts", name], "COMMAND"), (["--hosts"], "FILE"),
                (["--hosts", name, "https://h", "x"], "be the command"),
                (["--hosts", name, "-i", "x"], "exclude"),
                (["--hosts", name, "--parallel", "0", "x"], "1 to"),
                (["--hosts", name, "--parallel", "x", "x"], "number"),
                (["--parallel", "3", self.host, "x"], "no use without --hosts")):
            done = self.tool("run", *PLAIN, *args)
            self.assertEqual(done.returncode, 255, args)
            self.assertIn(text, done.stderr.decode(), args)
        done = self.tool("run", *PLAIN, "--hosts", name, "--", "echo", "-x")
        self.assertEqual(done.stdout.decode(), self.host + ": -x\n")
        done = self.tool("run", "--hosts", name, *PLAIN, "--password-file",
                         "/nowhere", "x")
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"/nowhere", done.stderr)

    def test_password_is_asked_once(self):
        terminal = self.terminal(
            "run", *PLAIN, "--hosts", self.list(self.host, self.other),
            "echo", "done-it", env=environment(None))
        asked = terminal.expect(b": ")
        self.assertIn(b"Password of %s for all hosts" % USER.encode(), asked)
        terminal.send(PASSWORD.encode() + b"\n")
        terminal.expect(b"2 ok")
        self.assertEqual(terminal.wait(), 0)


class HostsInputTest(HostsCase):
    """Our stdin goes to every host."""

    def test_each_has_all_of_it(self):
        data = os.urandom(300000)
        done = self.hosts([self.host, self.other] * 3, "md5sum", data=data,
                          options=["--parallel", "2"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len({x.split(b": ")[1]
                              for x in done.stdout.splitlines()}), 1)
        self.assertEqual(done.stdout.count(b"\n"), 6)

    def test_it_streams(self):
        process = subprocess.Popen(
            [WSC, "run", *PLAIN, "--hosts", self.list(self.host),
             "while read x; do echo got $x; done"], env=environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.finish, process)
        for word in (b"one", b"two"):
            process.stdin.write(word + b"\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"%s: got %s\n" % (
                self.host.encode(), word))
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_nobody_reads(self):
        done = self.hosts([self.host, self.refused], "exit 0",
                          data=b"x" * 3000000)
        self.assertEqual(done.returncode, 1)
        self.assert_clean()

    def test_none(self):
        done = self.hosts([self.host], "cat; echo end", data=b"no",
                          options=["-n"])
        self.assertEqual(done.stdout.decode(), self.host + ": end\n")

    def test_too_much(self):
        with open("/dev/zero", "rb") as zero:
            done = subprocess.run(
                [WSC, "run", *PLAIN, "--hosts", self.list(self.host),
                 "cat > /dev/null"], stdin=zero, capture_output=True,
                env=environment(), timeout=LIMIT)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"64 MiB", done.stderr)
        self.assert_clean()


class HostsJsonTest(HostsCase):
    """--json: a line for each host."""

    def lines(self, done):
        """Return the objects, by line of the list."""
        found = [json.loads(x) for x in done.stdout.splitlines()]
        return {x["line"]: x for x in found}

    def test_objects(self):
        done = self.hosts(["#", self.host, self.refused, self.other, "a b"],
                          "echo ö; echo e >&2; exit 4", options=["--json"])
        self.assertEqual(done.returncode, 4)
        self.assertEqual(done.stdout.count(b"\n"), 4)
        found = self.lines(done)
        for line, host in ((2, self.host), (4, self.other)):
            self.assertEqual(found[line], {
                "host": host, "line": line, "exit_code": 4, "stdout": "ö\n",
                "stdout_encoding": "utf-8", "stderr": "e\n",
                "stderr_encoding": "utf-8", "error": None})
        self.assertEqual(found[3]["error"]["name"], "WSC_E_CONNECT")
        self.assertIsNone(found[3]["exit_code"])
        self.assertEqual(found[5]["error"]["name"], "WSC_E_USAGE")
        self.assertIn(b"4 hosts: 0 ok, 2 exit code != 0, 2 failed (1 network,"
                      b" 1 usage)\n", done.stderr)

    def test_as_they_end(self):
        process = self.begin([self.host, self.refused], "sleep 600",
                             options=["--json"])
        self.assertEqual(json.loads(process.stdout.readline())["host"],
                         self.refused)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(json.loads(process.stdout.readline())["error"]
                         ["name"], "WSC_E_CANCELED")
        self.assertEqual(process.wait(LIMIT), 143)
        self.assert_clean()

    def test_limit(self):
        done = self.hosts([self.host], "yes", options=[
            "--json", "--set", "received-limit=100k"])
        self.assertEqual(json.loads(done.stdout)["error"]["option"],
                         "received-limit")
        self.assert_clean()

    def test_bytes(self):
        done = self.hosts([self.host], "cat", data=b"\xff\0",
                          options=["--json"])
        self.assertEqual(json.loads(done.stdout)["stdout"], "/wA=")

    def test_stats(self):
        done = self.hosts([self.host, self.refused, "a b"], "echo x",
                          options=["--json", "--stats"])
        found = self.lines(done)
        self.assertEqual(found[1]["stats"]["repeats"], 0)
        self.assertGreater(found[1]["stats"]["bytes-received"], 500)
        self.assertGreaterEqual(found[1]["stats"]["requests"], 3)
        self.assertEqual(found[1]["login"], {
            "scheme": "Basic", "mechanism": None, "identity": USER,
            "spn": None})
        self.assertEqual(found[2]["stats"]["requests"], 0)
        self.assertIsNone(found[3]["stats"])
        self.assertIsNone(found[3]["login"])


class HostsEndTest(HostsCase):
    """Signals, and an stdout that nobody reads."""

    trap = "trap 'echo caught; exit 5' INT; echo ready; " \
           "while :; do sleep 0.05; done"

    def test_ctrl_c(self):
        process = self.begin([self.host, self.other] * 3, self.trap,
                             options=["--parallel", "2"])
        for _ in range(2):
            self.assertIn(b": ready\n", process.stdout.readline())
        self.endpoint.wait(receiving=2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.read().count(b": caught\n"), 2)
        self.assertEqual(process.wait(LIMIT), 6)
        err = process.stderr.read().decode()
        self.assertIn("wsc: Ctrl+C is sent to 2 commands, no further host "
                      "begins; once more ends them\n", err)
        self.assertTrue(err.endswith("wsc: 6 hosts: 0 ok, 2 exit code != 0, "
                                     "4 not begun\n"), err)
        self.assertEqual(self.creates(), 2)
        self.assert_clean()

    def test_ctrl_c_twice(self):
        # With --json nothing is told before a command's end.
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "ready")
        os.mkfifo(path)
        ready = os.fdopen(os.open(path, os.O_RDWR))  # for both, without end
        self.addCleanup(ready.close)
        process = self.begin([self.host, self.other, self.host],
                             "trap '' INT; echo ready > %s; sleep 600" % path,
                             options=["--parallel", "2", "--json"])
        for _ in range(2):
            self.assertEqual(ready.readline(), "ready\n")
        self.endpoint.wait(receiving=2)
        process.send_signal(signal.SIGINT)
        self.endpoint.wait(Signal=2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 130)
        found = [json.loads(x) for x in process.stdout.read().splitlines()]
        self.assertEqual([x["error"]["name"] for x in found],
                         ["WSC_E_CANCELED"] * 3)
        self.assertIn(b"2 failed (2 canceled), 1 not begun\n",
                      process.stderr.read())
        self.assert_clean()

    def test_sigterm(self):
        process = self.begin([self.host] * 4, "echo ready; sleep 600",
                             options=["--parallel", "2"])
        for _ in range(2):
            self.assertTrue(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 143)
        self.assert_clean()

    def test_stdout_closed(self):
        process = self.begin([self.host, self.other], "yes")
        self.assertTrue(process.stdout.read(4))
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), 141)
        self.assertEqual(process.stderr.read(), b"")
        self.assert_clean()

    def test_stdout_blocked(self):
        process = self.begin([self.host, self.other], "yes")
        self.endpoint.wait(Receive=6)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 143)
        self.assert_clean()

    def test_stderr_blocked(self):
        process = self.begin([self.host, self.other], "yes >&2")
        self.endpoint.wait(Receive=6)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 143)
        self.assert_clean()

    def test_stderr_closed(self):
        process = self.begin([self.host], "yes >&2 & echo x; wait")
        self.assertIn(b": x\n", process.stdout.readline())
        process.stderr.close()
        self.endpoint.wait(Receive=9)  # it goes on
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 143)

    def test_stdout_slow(self):
        with open(WSC, "rb") as file:
            sanitized = b"__asan_init" in file.read()
        size = 6000000
        process = self.begin([self.host] * 4, "yes 1234567 | head -c %d" %
                             size)
        total = 0
        while True:
            data = process.stdout.read(100000)
            if not data:
                break
            total += data.count(b": 1234567\n")
            if total > 2500000 // 8 and not sanitized:
                with open("/proc/%d/status" % process.pid,
                          encoding="ascii") as file:
                    peak = re.search(r"VmHWM:\s*(\d+)", file.read())
                if peak:
                    self.assertLess(int(peak.group(1)), 60000)
        self.assertEqual(total, 4 * size // 8)
        self.assertEqual(process.wait(LIMIT), 0)

    def test_stdout_full(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [WSC, "run", *PLAIN, "--hosts", self.list(self.host),
                 "echo x"], stdout=full, stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE, env=environment(), timeout=LIMIT)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"No space left", done.stderr)
        self.assert_clean()


class ProgressTest(HostsCase):
    """The line that tells how far it is, on a terminal."""

    def start_on_terminal(self, *options, term="xterm"):
        """Run on two hosts that print a line, and one that refuses."""
        env = environment()
        env["TERM"] = term
        return self.terminal(
            "run", *PLAIN, *options, "--hosts", self.list(
                self.host, self.refused, self.other), "echo", "line", env=env)

    def test_progress(self):
        terminal = self.start_on_terminal()
        seen = terminal.expect(b"3 hosts: 2 ok, 1 failed (1 network)\r\n")
        self.assertEqual(terminal.wait(), 1)
        self.assertIn(b"\r\x1b[K0/3 done, 0 failed, 3 running", seen)
        self.assertRegex(seen, rb"\d/3 done, 1 failed, \d running")
        # it is gone before anything else is written
        shown = re.sub(rb"[^\r\n]*\r\x1b\[K", b"", seen)
        self.assertNotIn(b"running", shown)
        self.assertEqual(shown.count(b": line\r\n"), 2)

    def test_words_of_the_summary(self):
        """An exit code is no failure, here as there."""
        env = environment()
        env["TERM"] = "xterm"
        terminal = self.terminal("run", *PLAIN, "--parallel", "1", "--hosts", self.list(
            self.host, self.refused, self.other, self.host), "echo line; exit 3", env=env)
        seen = terminal.expect(b"4 hosts: 0 ok, 3 exit code != 0, 1 failed (1 network)\r\n")
        self.assertEqual(terminal.wait(), 4)
        self.assertRegex(seen, rb"2/4 done, 1 exit code != 0, 1 failed, 1 running")

    def test_lines(self):
        terminal = self.start_on_terminal()
        seen = terminal.expect(b"3 hosts: 2 ok, 1 failed (1 network)\r\n")
        shown = re.sub(rb"[^\r\n]*\r\x1b\[K", b"", seen)
        for line in shown.split(b"\r\n"):
            self.assertRegex(line, rb"^(wsc: |  try: |127|localhost|$)")

    def test_none(self):
        for terminal in (self.start_on_terminal(term="dumb"),
                         self.start_on_terminal("-q")):
            self.assertEqual(terminal.wait(), 1)
            self.assertNotIn(b"\x1b", terminal.rest())

    def test_ctrl_c_on_a_terminal(self):
        env = environment()
        env["TERM"] = "xterm"
        terminal = self.terminal("run", *PLAIN, "--hosts",
                                 self.list(self.host), HostsEndTest.trap,
                                 env=env)
        terminal.expect(b": ready\r\n")
        self.endpoint.wait(receiving=1)
        terminal.send(b"\x03")
        terminal.expect(b"\r\x1b[Kwsc: Ctrl+C is sent to 1 command, ")
        terminal.expect(b": caught\r\n")
        self.assertEqual(terminal.wait(), 1)
        self.assert_clean()


class StatsTest(HostsCase):
    """--stats."""

    def test_one_host(self):
        done = self.run_("echo x; exit 3", options=["--stats"])
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 3))
        self.assertRegex(done.stderr.decode(), r"^wsc: %s: bytes-sent \d+, "
                         r"bytes-received \d+, requests \d+, .*, pause-ms "
                         r"\d+; login: Basic as %s\n$" %
                         (re.escape(self.host), USER))

    def test_one_host_json(self):
        done = self.run_("echo x", options=["--stats", "--json"])
        stats = json.loads(done.stdout)["stats"]
        self.assertEqual(done.stderr, b"")
        self.assertGreaterEqual(stats["connections"], 1)
        self.assertGreaterEqual(stats["requests"], 3)
        self.assertEqual(stats["tls-ms"], 0)
        self.assertIn("wait-ms", stats)

    def test_many(self):
        done = self.hosts([self.host, self.other], "true",
                          options=["--stats"])
        self.assertEqual(len(re.findall(
            r"(?m)^wsc: \S+: bytes-sent \d+, ", done.stderr.decode())), 2)

    def test_shell(self):
        done = self.tool("shell", *PLAIN, "--stats", "--program", "/bin/sh",
                         self.host, data=b"exit 2\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b": bytes-sent ", done.stderr)
