"""The program wsc over https."""

import os
import re
import tempfile

from toolcase import ROOT, USER, ToolCase, harness


class TlsTest(ToolCase):
    """https with a certification authority of our own."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.arguments = ("--make-cert", directory.name, "--https-port", "0")
        super().setUpClass()
        cls.ca = os.path.join(directory.name, "ca.pem")
        port = harness.Endpoint.address(cls.endpoint.urls[1])[1]
        cls.host = "localhost:%d" % port
        cls.url = "https://127.0.0.1:%d/wsman" % port

    def test_ca(self):
        for where in (["--https", self.host], [self.url]):
            done = self.tool("run", "-u", USER, "--auth", "basic", "--ca", self.ca, *where,
                             "echo", "safe")
            self.assertEqual((done.stdout, done.returncode), (b"safe\n", 0),
                             done.stderr)

    def test_refused(self):
        done = self.tool("run", "-u", USER, "--auth", "basic", self.url, "echo", "x")
        self.assertEqual((done.stdout, done.returncode), (b"", 255))
        self.assertIn(b"code: WSC_E_TLS_VERIFY", done.stderr)
        done = self.tool("identify", "-u", USER, "--auth", "basic", self.url)
        self.assertEqual(done.returncode, 5)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_states(self):
        """What the log shows is drawn in docs/states.md."""
        with open(os.path.join(ROOT, "docs/states.md"),
                  encoding="utf-8") as file:
            drawn = set(re.findall(r"^    (\w+ --> \w+)", file.read(), re.M))
        seen = set()
        for args, code in (["--ca", self.ca], 3), ([], 255):
            done = self.tool("run", "-vv", "-u", USER, "--auth", "basic", *args, self.url,
                             "exit 3")
            self.assertEqual(done.returncode, code)
            seen |= {"%s --> %s" % pair for pair in re.findall(
                r": (\w+) -> (\w+)$", done.stderr.decode(), re.M)}
        self.assertIn("handshake --> busy", seen)
        self.assertIn("handshake --> closed", seen)
        self.assertEqual(seen - drawn, set())

    def test_no_switch(self):
        for args in (["--insecure"], ["--insecure-skip-ca-check"]):
            done = self.tool("identify", *args, self.url)
            self.assertEqual(done.returncode, 2)
        done = self.tool("identify", "-u", USER, "--auth", "basic", self.url, "--set",
                         "insecure-skip-ca-check=true")
        self.assertEqual(done.returncode, 0, done.stderr)
