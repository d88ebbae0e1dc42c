"""README and examples: what they show works."""

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest

from support import PACKAGE, PASSWORD, USER, EndpointCase

import wsman_client

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False


@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class ReadmeTest(EndpointCase):
    """Each piece of code is run, with another host."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.ca = os.path.join(folder.name, "ca.pem")
        cls.arguments = ("--make-cert", folder.name, "--https-port", "0",
                         "--negotiate")
        super().setUpClass()
        with open(os.path.join(PACKAGE, "README.md"), encoding="utf-8") as f:
            cls.text = f.read()
        cls.pieces = re.findall(r"```python\n(.*?)```", cls.text, re.S)

    def output(self, piece):
        """Run one; the commands of Windows become those of this machine."""
        for old, new in (("https://srv1", self.endpoint.urls[1]),
                         ("ca.pem", self.ca), ("secret", PASSWORD),
                         ("C:\\\\Temp", "/tmp"), ("dir /s", "ls /"),
                         ('"/all"', '"-all"')):
            piece = piece.replace(old, new)
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            exec(compile(piece, "README.md", "exec"), {})
        return text.getvalue()

    def test_blocking(self):
        text = self.output(self.pieces[0])
        self.assertIn("STDOUT", text)
        self.assertTrue(text.endswith("a\r\nb\r\n\n"), text)

    def test_asyncio(self):
        text = self.output(self.pieces[1])
        self.assertIn("STDOUT b'a\\r\\nb\\r\\n'\n0\n", text)

    def test_resources(self):
        text = self.output(self.pieces[2])
        self.assertTrue(text.startswith("True 60000\n"), text)
        self.assertIn("WinRM Running 8", text)
        self.assertTrue(text.endswith(
            "\n['BITS', 'RemoteRegistry', 'W32Time']\nNone\n0\n"), text)
        counts = self.endpoint.state()["counts"]
        self.assertEqual((counts["Put"], counts["Delete"]), (2, 1))

    def test_resources_asyncio(self):
        self.assertRegex(self.output(self.pieces[3]),
                         r"^\{'ProcessId': '\d+', 'ReturnValue': '0'\}\n"
                         r"C: \d+\n")

    def test_errors(self):
        text = self.output(self.pieces[4])
        self.assertIn("WSC_E_TLS_VERIFY", text)
        self.assertEqual(len(self.pieces), 5)

    def test_names(self):
        for name in wsman_client.__all__:
            self.assertTrue(hasattr(wsman_client, name))
            kind = getattr(wsman_client, name)
            if isinstance(kind, type) and issubclass(kind, Exception):
                self.assertIn("`%s`" % name,
                              self.text + "`WsmanError`")


class ExampleTest(EndpointCase):
    """examples/many_hosts.py."""

    def run_it(self, *arguments, password=PASSWORD,
               options="auth=basic trusted-hosts=* allow-unencrypted"):
        env = dict(os.environ, PYTHONPATH=PACKAGE, WSC_OPTIONS=options)
        env.pop("WSC_PASSWORD", None)
        if password is not None:
            env["WSC_PASSWORD"] = password
        return subprocess.run(
            [sys.executable,
             os.path.join(PACKAGE, "examples", "many_hosts.py"), *arguments],
            env=env, capture_output=True, encoding="utf-8", timeout=60)

    def test_hosts(self):
        one = "127.0.0.1:%d" % self.endpoint.port
        two = "localhost:%d" % self.endpoint.port
        done = self.run_it(USER, "echo out; echo err >&2", one, two)
        self.assertEqual(done.returncode, 0, done.stderr)
        for host in (one, two):
            self.assertIn("%s| out\n" % host, done.stdout)
            self.assertIn("%s: exit code 0\n" % host, done.stdout)
            self.assertIn("%s| err\n" % host, done.stderr)
        self.assert_clean()

    def test_option_without_value(self):
        done = self.run_it(USER, "true", "127.0.0.1:%d" % self.endpoint.port,
                           options="auth=basic trusted-hosts=* "
                           "allow-unencrypted deadline=1m")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_failures(self):
        host = "127.0.0.1:%d" % self.endpoint.port
        self.assertEqual(self.run_it(USER, "exit 3", host).returncode, 1)
        done = self.run_it(USER, "true", host, password="incorrect")
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused", done.stderr)
        self.assertIn("try: ", done.stderr)
        self.assertIn("usage", self.run_it().stderr)
        for wrong, text in (({"password": None}, "the password is missing"),
                            ({"options": "colour"}, '"colour"')):
            done = self.run_it(USER, "true", host, **wrong)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
