"""What the user wrote: long words are cut, and no secret stays where others see it."""

import fcntl
import os
import subprocess
import tempfile
import time

from toolcase import LIMIT, PASSWORD, PLAIN, USER, WSC, ToolCase, environment

LONG = "x" * 100000
F_SETPIPE_SZ = 1031


class LongWordsTest(ToolCase):
    """What is repeated is cut, and what is said of it is not."""

    def assert_cut(self, done, text):
        """Check that this is told in few words."""
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(text, done.stderr.decode())
        self.assertIn(b"xxx...", done.stderr)
        self.assertLess(len(done.stderr), 1000)

    def test_line_of_a_list(self):
        for word in "y" + "x." * 2500000 + "x.", "y" + LONG * 50, "y y" + LONG * 50, "y\tz\1" + LONG:
            done = self.tool("run", *PLAIN, "--hosts", "-", "true",
                             data=(word + "\n").encode())
            self.assertEqual(done.returncode, 1)
            self.assertLess(len(done.stderr), 1000)
            self.assertIn(b"wsc: line 1: ", done.stderr)
            self.assertIn(b"x...", done.stderr.replace(b".x", b"x"))

    def test_words(self):
        for args, text in (
                (["identify", "--" + LONG], "see --help"),
                (["identify", "--set", LONG, "h"], "NAME=VALUE is wanted"),
                (["identify", "--set", LONG + "=1", "h"], "unknown option"),
                (["identify", "--set", "password%s=SECRET" % LONG, "h"], "other users can read"),
                (["identify", "--auth", "u:SECRET@" + "x" * 500, "h"], "is not one of"),
                (["identify", "--set", "session-id=" + LONG, "h"], "GUID"),
                (["identify", "--auth", LONG, "h"], "is not one of"),
                (["identify", "--set", "tls-pin=" + LONG, "https://h"], "not a pin"),
                (["identify", LONG], "is not a host"),
                (["identify", "http://" + LONG], "is not a host"),
                (["run", "--parallel", LONG, "h", "x"], "a number is wanted"),
                (["run", "--hosts", LONG, "x"], "cannot be read"),
                (["explain", LONG], "that is known"),
                (["options", LONG], "there is no option"),
                (["help", LONG], "unknown command"),
                ([LONG], "unknown command")):
            self.assert_cut(self.tool(*args), text)

    def test_paths(self):
        """They are told up to a thousand characters."""
        for option in "ca", "password-file", "cert", "set=tls-crl-file", "set=tls-keylog-file":
            done = self.tool("identify", "-u", "u", "--%s=%s" % (option, LONG), "https://h.invalid")
            self.assertEqual(done.returncode, 1, option)
            self.assertIn(b"xx: ", done.stderr.replace(b"xx cannot be read: ", b"xx: "))
            self.assertLess(len(done.stderr), 1800)

    def test_number_without_unit(self):
        for length, shown in (3, "111"), (100, "1" * 100), (101, "1" * 100 + "..."):
            done = self.tool("identify", "--timeout", "1" * length, "h")
            self.assertEqual(done.stderr.decode(), "wsc: --timeout {0}: of what? Give a unit: "
                             "{0}s, {0}m\n".format(shown))

    def test_host_is_named_once(self):
        """Also one that the library has cut."""
        for word in "a " + "x" * 85, "a " + "x" * 97, "a " + "x" * 500, "a " + "x" * 96 + "\u4e16" * 9:
            done = self.tool("identify", word)
            self.assertTrue(done.stderr.startswith(b'wsc: "a xx'), done.stderr)

    def test_cut_between_characters(self):
        done = self.tool("explain", "x" * 99 + "\u00e4" * 50)
        self.assertIn("x" * 99 + "...", done.stderr.decode())


class SecretWordsTest(ToolCase):
    """A secret on the command line is refused, and wiped before anything is said of it."""

    def arguments_of(self, *args):
        """Return the arguments of a wsc that waits to be heard, without its secret."""
        out, into = os.pipe()
        size = fcntl.fcntl(into, F_SETPIPE_SZ, 4096)  # a page at least
        os.write(into, b"x" * size)  # full: who writes, waits
        process = subprocess.Popen([WSC, *args], stderr=into, env=environment())
        os.close(into)
        try:
            end = time.monotonic() + LIMIT
            seen = b"SECRET"
            while (b"SECRET" in seen or not seen) and time.monotonic() < end:
                with open("/proc/%d/cmdline" % process.pid, "rb") as file:
                    seen = file.read()
            self.assertIsNone(process.poll())
            return seen
        finally:
            os.close(out)
            process.wait(LIMIT)

    def test_wiped(self):
        for args in (
                ["--set", "password=SECRET"], ["--set", "pasword=SECRET"],
                ["--set", "tls-key-pasword=SECRET"], ["--set", "key-passwd=SECRET"],
                ["--pasword=SECRET"], ["--pasword", "SECRET"],
                ["--key-passwd", "SECRET"], ["--set", "header=Authorization: SECRET"],
                ["-u", "me:SECRET"], ["-ume:SECRET"], ["--set", "username=me:SECRET"],
                ["--password-fd", "SECRET"], ["-p", "SECRET"], ["-pSECRET"],
                ["--set", "tls-key-pass=SECRET"], ["--tls-key-pass", "SECRET"],
                ["--set", "PWD=SECRET"], ["--pin=SECRET"], ["--Pass", "SECRET"],
                ["--password-fdd", "SECRET"], ["--set", "=SECRET"], ["-e", "=SECRET"],
                ["--auth=u:SECRET@h"], ["--timeout", "u:SECRET@h"],
                ["--set", "skip-cmd=u:SECRET@h"]):
            seen = self.arguments_of("run", *args, "host")
            self.assertNotIn(b"SECRET", seen, args)
            self.assertTrue(seen.endswith(b"\0host\0"), seen)

    def test_not_repeated(self):
        """As other programs take it, where it does not belong, or misspelt."""
        user, key = "--password-file FILE", "--key-password-file FILE"
        for args, text in (
                (["identify", "-u", "me:SECRET", "h"], user),
                (["identify", "--set", "username=me:SECRET", "h"], user),
                (["identify", "--user-password=SECRET", "h"], user),
                (["identify", "--wsc-password=SECRET", "h"], user),
                (["identify", "--my-key-password=SECRET", "h"], key),
                (["identify", "--tls-key-pass", "SECRET", "h"], key),
                (["identify", "--pin=SECRET", "h"], key),
                (["identify", "--proxy-pass=SECRET", "h"], user),
                (["identify", "-p", "SECRET", "h"], user),
                (["identify", "-pSECRET", "h"], user),
                (["identify", "--set", "tls-key-pass=SECRET", "h"], "see \"Passwords\""),
                (["identify", "--set", "pwd=SECRET", "h"], "see \"Passwords\""),
                (["identify", "--set", "=SECRET", "h"], "there is no NAME"),
                (["identify", "--auth=u:SECRET@h", "h"], "\"***@h\" is not one of"),
                (["identify", "--timeout", "u:SECRET@h", "h"], "\"***@h\" is not a duration"),
                (["identify", "--set", "skip-cmd=u:SECRET@h", "h"], "\"***@h\" is not a switch"),
                (["identify", "--password-fd", "SECRET", "h"], "a number is wanted"),
                (["run", "--hosts", "me:SECRET@h", "c"], "***@h cannot be read"),
                (["run", "--hosts", "f", "http://me:SECRET@h", "c"], "***@h"),
                (["run", "--hosts", "f", "http://me:SECRET@" + LONG, "c"], "***@xxx"),
                (["run", "--parallel", "https://me:SECRET@h", "h", "c"], "***@h"),
                (["explain", "http://me:SECRET@h"], "***@h"),
                (["options", "me:SECRET@h"], "***@h"),
                (["me:SECRET@h", "run", "c"], "***@h")):
            told = self.tool(*args).stderr.decode()
            self.assertNotIn("SECRET", told, args)
            self.assertIn(text, told, args)
            self.assertEqual("--key-" in told, text == key, args)

    def test_options_judged_late(self):
        """The library repeats what it takes for no value of an option."""
        for name in "tls-pin", "session-id", "operation-id", "shell-id", "command-id", "u:SECRET@x":
            for json in [], ["--json"]:
                done = self.tool("run", *json, "--set", name + "=u:SECRET@h", "https://h.invalid", "c")
                self.assertEqual(done.returncode, 255)
                self.assertNotIn(b"SECRET", done.stdout + done.stderr, name)
                self.assertIn(b'"***@', done.stderr, name)

    def test_hosts(self):
        for host in ("https:/me:SECRET@h/", "//me:SECRET@h/", "h:/SECRET@x", "http//me:SECRET@h/",
                     "HTTPS:SECRET@h", "http://http://me:SECRET@h", "http:\\\\me:SECRET@h"):
            for args in ["run", host, "c"], ["run", "--hosts", "-", "c"]:
                done = self.tool(*args, data=host.encode())
                self.assertNotIn(b"SECRET", done.stdout + done.stderr, args)
                self.assertIn(b"a user name goes to --user", done.stderr, args)

    def test_what_is_none(self):
        """A user's domain, and a path with an '@' behind a host."""
        done = self.tool("identify", "-u", "me@corp", "h", env=environment(None),
                         start_new_session=True)
        self.assertIn(b"no password for user me@corp", done.stderr)
        for word in "--tls-pin", "--tls-pins":
            done = self.tool("identify", word, "x", "h")
            self.assertIn(b"  try: --set tls-pin=VALUE\n", done.stderr)
        for word in "--pass-file", "--passwd-fd":
            done = self.tool("identify", word, "x", "h")
            self.assertIn(b"unknown option", done.stderr)
        done = self.tool("identify", "h.invalid:1/a@b")
        self.assertIn(b"wsc: h.invalid:1/a@b: ", done.stderr)


class MistakesTest(ToolCase):
    """What is missing, empty or misspelt is told in the tool's own words, and nothing is sent."""

    def test_words(self):
        for args, told in (
                (["run", "h", ""], "COMMAND is empty; see --help\n"),
                (["run", "h", " ", "x"], "COMMAND is empty; see --help\n"),
                (["shell", "--program", "", "h"], "--program: PROGRAM is empty\n"),
                (["run", "-u", "", "h", "x"], "--user: the user name is empty\n"),
                (["run", "--set", "username=", "h", "x"], "--set username: the user name is empty\n"),
                (["run", "--key", "x", "https://h", "x"], "--key is of no use without --cert FILE\n"),
                (["run", "--password-file", "pw", "h", "x"],
                 "--password-file is of no use without --user NAME\n"),
                (["run", "--spn-port=yes", "h", "x"], "--spn-port takes no value\n"),
                (["run", "--delegate=1", "h", "x"], "--delegate takes no value\n"),
                (["run", "h", "--keytab"], "--keytab: FILE is missing\n"),
                (["identify", "--trusted-hosts"], "--trusted-hosts: LIST is missing\n"),
                (["run", "--password-fd", "3", "h", "x"],
                 "--password-fd is of no use without --user NAME\n"),
                (["run", "-u", "u", "--password-file", "-", "h", "x"],
                 "--password-file: - is no file; a password on stdin is given by --password-fd\n"
                 "  try: --password-fd 0\n"),
                (["run", "--time", "3s", "h", "x"],
                 "unknown option --time; see --help\n  try: --timeout DURATION\n"),
                (["run", "--JSON", "h", "x"], "unknown option --JSON; see --help\n  try: --json\n"),
                (["run", "-V"], "unknown option -V; see --help\n  try: --version\n"),
                (["RUN"], "unknown command \"RUN\"\n  try: wsc run\n"),
                (["version"], "unknown command \"version\"\n  try: wsc --version\n"),
                (["-V"], "unknown command \"-V\"\n  try: wsc --version\n")):
            done = self.tool(*args, env=environment(None))
            self.assertEqual(done.stderr.decode(), "wsc: " + told)
            self.assertEqual(done.returncode, 255 if args[0] in ("run", "shell") else 2)

    def test_skip_cmd(self):
        """A switch that is to be off is not switched on."""
        self.endpoint.inject({"action": "Command", "effect": "fault", "code": 2})
        done = self.run_("true", options=["--set", "skip-cmd=true"])
        self.assertIn(b"(skip-cmd off)", done.stderr)
        self.assertIn(b"\n  skip-cmd: --set skip-cmd=false\n", done.stderr)


class EmptyPasswordTest(ToolCase):
    """An empty WSC_PASSWORD is the same as none; an empty one from elsewhere is never sent."""

    def test_files(self):
        for text in b"", b"\n", b"\r\n", b"\nmore\n":
            with tempfile.NamedTemporaryFile() as file:
                file.write(text)
                file.flush()
                done = self.run_("true", options=["--password-file", file.name])
                self.assertEqual(done.stderr.decode(), "wsc: --password-file: the file %s holds no "
                                 "password: its first line is empty\n" % file.name)
                self.assertEqual(done.returncode, 255)
        done = self.run_("true", options=["--set", "password-file=/dev/null"])
        self.assertIn(b"the file /dev/null holds no password", done.stderr)
        done = self.run_("true", options=["--password-fd", "0"])
        self.assertIn(b"file descriptor 0 holds no password", done.stderr)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_fifo(self):
        """What can be read but once is a file, too."""
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "fifo")
            os.mkfifo(path)
            process = self.start("echo x", options=["--password-file", path])
            with open(path, "w", encoding="utf-8") as file:
                file.write(PASSWORD + "\n")
            self.assertEqual(process.stdout.read(), b"x\n")
            self.assertEqual(process.wait(LIMIT), 0)

    def test_no_terminal(self):
        done = self.run_("true", env=environment(""), start_new_session=True)
        self.assertEqual(done.returncode, 255)
        self.assertIn(b"no password for user %s: WSC_PASSWORD is empty\n  try: " % USER.encode(),
                      done.stderr)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_terminal(self):
        terminal = self.terminal("run", *PLAIN, self.host, "echo", "done", env=environment(""))
        terminal.expect(b"Password of ")
        terminal.send(PASSWORD.encode() + b"\n")
        terminal.expect(b"done")
        self.assertEqual(terminal.wait(), 0)
