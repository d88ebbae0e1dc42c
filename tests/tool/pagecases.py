"""docs/windows.md: what it has for this machine works."""

import glob
import hashlib
import os
import re
import subprocess
import tempfile
import unittest

from toolcase import (EXAMPLES, LIMIT, PASSWORD, ROOT, USER, ToolCase,
                      environment, harness)

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

# what New-SelfSignedCertificate puts into one: it is no authority
SERVER = """
[req]
distinguished_name = name
[name]
[server]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = clientAuth, serverAuth
subjectAltName = DNS:localhost
subjectKeyIdentifier = hash
"""


def page(name):
    """Return the text of a page."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def blocks(text, language):
    """Return what it has in this language."""
    return re.findall(r"^```%s\n(.*?)^```" % language, text, re.S | re.M)


@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class WindowsPageTest(ToolCase):
    """Its commands, in their order, with the test endpoint as the host."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.blocks = blocks(page("docs/windows.md"), "sh")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=srv1", "-config", "/dev/stdin", "-extensions",
             "server", "-keyout", "srv1.key", "-out", "own.pem"],
            cwd=cls.directory, input=SERVER.encode(), check=True,
            capture_output=True)
        subprocess.run(["openssl", "x509", "-in", "own.pem", "-outform",
                        "der", "-out", "srv1.cer"], cwd=cls.directory,
                       check=True)
        cls.make_client()
        cls.arguments = ("--allow-unencrypted", "--negotiate",
                         "--https-port", "0", "--tls",
                         os.path.join(cls.directory, "own.pem"),
                         os.path.join(cls.directory, "srv1.key"),
                         "--client-ca",
                         os.path.join(cls.directory, "user.pem"))
        super().setUpClass()
        cls.secure = "https://localhost:%d" % harness.Endpoint.address(
            cls.endpoint.urls[1])[1]

    @classmethod
    def make_client(cls):
        """Run the block that makes the client certificate."""
        [block] = [b for b in cls.blocks if "openssl req" in b]
        cls.blocks.remove(block)
        cls.shell(block.replace("USER", USER))

    @classmethod
    def shell(cls, text):
        """Run a block; return what it wrote."""
        path = EXAMPLES + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-eu"], input=text.encode(),
                              cwd=cls.directory, capture_output=True,
                              env={**os.environ, "PATH": path},
                              timeout=LIMIT)
        if done.returncode:
            raise AssertionError("%s\n%s" % (text, done.stderr.decode()))
        return done.stdout.decode()

    def test_blocks(self):
        with open(os.path.join(self.directory, "srv1.cer"), "rb") as file:
            pin = hashlib.sha256(file.read()).hexdigest().upper()
        told = ""
        for block in self.blocks:
            for old, new in (("https://srv1.example.com", self.secure),
                             ("http://srv1.example.com", self.host),
                             ("hosts srv1.example.com", "hosts 127.0.0.1"),
                             ("WSC_PASSWORD=...", "WSC_PASSWORD=" + PASSWORD),
                             ("HASH", pin), ("USER", USER)):
                block = block.replace(old, new)
            if "wsc run" in block and "--cert" not in block:
                block = "export WSC_PASSWORD=%s\n" % PASSWORD + block
            told += self.shell(block)
        self.assertEqual(told.count("Microsoft Corporation"), 2)
        name = subprocess.run("hostname", capture_output=True, check=True)
        self.assertEqual(told.count(name.stdout.decode()), 3)
        key = re.search(r"= ([0-9a-f]{64})$", told, re.M).group(1)
        done = self.tool("identify", "--anonymous", self.secure)
        self.assertIn("tls-pin=sha256:" + key, done.stderr.decode())
        self.assert_clean()

    @unittest.skipUnless("WSC_FIRST" in os.environ, "built by meson")
    def test_first_program(self):
        """The one of README.md."""
        for password, code, out, err in (
                (PASSWORD, 0, b"x\n", b""),
                ("wrong", 1, b"", b"the server refused the login with NTLM")):
            done = subprocess.run(
                [os.environ["WSC_FIRST"], self.secure, "echo x"],
                env={**environment(password), "CA_FILE": os.path.join(
                    self.directory, "own.pem")},
                capture_output=True, timeout=LIMIT)
            self.assertEqual((done.returncode, done.stdout), (code, out))
            self.assertEqual(done.stderr.split(b"\n")[0].split(b" (")[0], err)

    def test_errors(self):
        """Those of its table are texts of the library."""
        texts = ""
        for path in glob.glob(os.path.join(ROOT, "lib", "*", "*.[cd]*")):
            texts += re.sub(r'"\s*"', "", page(path))
        rows = re.findall(r"^\| `([^`]+)` \|", page("docs/windows.md"), re.M)
        self.assertGreater(len(rows), 5)
        for row in rows:
            self.assertIn(row, texts)

    def test_readme(self):
        """The short form has nothing that the long one has not."""
        [short] = blocks(page("README.md"), "powershell")
        known = "".join(blocks(page("docs/windows.md"), "powershell"))
        for line in short.splitlines():
            self.assertIn(line + "\n", known)
