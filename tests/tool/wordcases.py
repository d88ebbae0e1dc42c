"""What the user wrote: long words are cut, and no secret stays where others see it."""

import fcntl
import os
import subprocess
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
                (["identify", "--password-fd", LONG, "h"], "a number is wanted"),
                (["identify", "--set", LONG, "h"], "NAME=VALUE is wanted"),
                (["identify", "--set", LONG + "=1", "h"], "unknown option"),
                (["identify", "--set", "password%s=SECRET" % LONG, "h"], "unknown option"),
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

    def test_cut_between_characters(self):
        done = self.tool("explain", "x" * 99 + "\u00e4" * 50)
        self.assertIn("x" * 99 + "...", done.stderr.decode())


class SecretWordsTest(ToolCase):
    """A secret on the command line is refused, and wiped before anything is said of it."""

    def arguments_of(self, *args):
        """Return the arguments of a wsc that waits to be heard, without its secret."""
        out, into = os.pipe()
        fcntl.fcntl(into, F_SETPIPE_SZ, 4096)
        os.write(into, b"x" * 4096)  # full: who writes, waits
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
                ["--key-passwd", "SECRET"], ["--set", "header=Authorization: SECRET"]):
            seen = self.arguments_of("identify", *args, "host")
            self.assertNotIn(b"SECRET", seen, args)
            self.assertTrue(seen.endswith(b"\0host\0"), seen)


class EmptyPasswordTest(ToolCase):
    """An empty WSC_PASSWORD is the same as none."""

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
