"""Client certificates: wsc against the endpoint, and against OpenSSL."""

import os
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from toolcase import LIMIT, USER, WSC, ToolCase

import certs

IDENTITY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<i:IdentifyResponse xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity'
    '/1/wsmanidentity.xsd"><i:ProductVendor>By hand</i:ProductVendor>'
    "</i:IdentifyResponse></s:Body></s:Envelope>")


class CertificateCase(ToolCase):
    """An https endpoint and certificates for its clients."""

    asks = True
    late = ()

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.server = certs.make(cls.directory)
        cls.ca = cls.path("ca.pem")
        cls.mine = certs.make_client(cls.directory, USER)
        cls.arguments = ("--make-cert", cls.directory, "--https-port", "0")
        if cls.asks:
            cls.arguments += ("--client-ca", cls.ca) + cls.late
        super().setUpClass()
        cls.host = "%s:%d" % cls.endpoint.address(cls.endpoint.url)
        port = cls.endpoint.address(cls.endpoint.urls[1])[1]
        cls.url = "https://127.0.0.1:%d/wsman" % port

    @classmethod
    def path(cls, name, text=None):
        """Return the path of a file of ours, written if there is a text."""
        name = os.path.join(cls.directory, name)
        if text is not None:
            with open(name, "w", encoding="ascii") as out:
                out.write(text)
        return name

    def identify(self, *options, url=None, code=0):
        """Run wsc identify; return what it wrote."""
        done = self.tool("identify", "--ca", self.ca, *options,
                         url or self.url)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode() if code else done.stdout.decode()


class HandshakeCertificateTest(CertificateCase):
    """The server asks at the handshake."""

    def test_pem(self):
        pair = ("--cert", self.mine[0], "--key", self.mine[1])
        self.assertIn("OS: 10.0.17763", self.identify(*pair))
        done = self.tool("run", "--ca", self.ca, *pair, self.url, "echo", "x")
        self.assertEqual((done.stdout, done.returncode), (b"x\n", 0),
                         done.stderr)

    def test_set(self):
        with open(self.mine[0], encoding="ascii") as cert:
            with open(self.mine[1], encoding="ascii") as key:
                both = self.path("both.pem", key.read() + cert.read())
        self.assertIn("OS:", self.identify("--set", "tls-cert-file=" + both))
        self.assertIn("OS:", self.identify("--cert", both, "--auth",
                                           "certificate"))

    def test_pkcs12(self):
        password = self.path("password", "secret\n")
        self.assertIn("OS:", self.identify(
            "--cert", self.mine[2], "--key-password-file", password))
        wrong = self.path("wrong", "SECRET\n")
        text = self.identify("--cert", self.mine[2], "--key-password-file",
                             wrong, code=5)
        self.assertIn("--key-password-file FILE\n", text)
        self.assertNotIn("--set tls-key-password=", text)
        self.assertIn("tls-cert-file: %s: the password is wrong"
                      % self.mine[2], text)
        self.assertNotIn("SECRET", text)

    def test_command_line(self):
        for args in (["--key-password=SECRET"], ["--key-password", "SECRET"],
                     ["--set", "tls-key-password=SECRET"]):
            text = self.identify(*args, code=2)
            self.assertNotIn("SECRET", text)

    def test_nobody(self):
        nobody = certs.make_client(self.directory, "nobody")
        text = self.identify("--cert", nobody[0], "--key", nobody[1], code=6)
        self.assertIn("refused the client certificate (HTTP 401)", text)
        self.assertIn("certmapping", text)

    def test_forbidden(self):
        self.endpoint.inject({"effect": "status", "status": 403})
        text = self.identify("--cert", self.mine[0], "--key", self.mine[1],
                             code=6)
        self.assertIn("refused the client certificate (HTTP 403)", text)

    def test_foreign(self):
        other = self.path("other")
        certs.make(other)
        foreign = certs.make_client(other, USER)
        text = self.identify("--cert", foreign[0], "--key", foreign[1], code=5)
        self.assertIn("did not accept our client certificate", text)

    def test_plain_http(self):
        text = self.identify("--cert", self.mine[0], "--key", self.mine[1],
                             url=self.host, code=6)
        self.assertIn("needs https", text)
        self.assertIn("tls: --https", text)

    def test_bad_choices(self):
        pair = ("--cert", self.mine[0], "--key", self.mine[1])
        text = self.identify("--auth", "certificate", code=6)
        self.assertIn("there is none", text)
        text = self.identify("--auth", "certificate", "-u", USER, *pair,
                             code=6)
        self.assertIn("a user name was given", text)
        text = self.identify("--key", self.mine[1], code=2)
        self.assertIn("--key is of no use without --cert FILE", text)

    def test_key_log(self):
        log = self.path("keys")
        self.identify("--cert", self.mine[0], "--key", self.mine[1], "--set",
                      "tls-keylog-file=" + log)
        with open(log, encoding="ascii") as text:
            self.assertRegex(text.read(), "(?m)^[A-Z_0-9]+ [0-9a-f]{64} ")
        self.assertEqual(os.stat(log).st_mode & 0o777, 0o600)


class LateCertificateTest(CertificateCase):
    """The server asks when it has read the request (TLS 1.3)."""

    late = ("--ask-late",)

    def test_run(self):
        pair = ("--cert", self.mine[0], "--key", self.mine[1])
        done = self.tool("run", "--ca", self.ca, *pair, self.url, "cat",
                         data=b"y" * 200000)
        self.assertEqual((done.stdout, done.returncode), (b"y" * 200000, 0),
                         done.stderr)


class NoCertificateTest(CertificateCase):
    """The server does not ask."""

    asks = False

    def test_not_asked(self):
        text = self.identify("--cert", self.mine[0], "--key", self.mine[1],
                             code=6)
        self.assertIn("did not ask for the client certificate", text)
        self.assertIn('Certificate="true"', text)

    def test_basic(self):
        self.assertIn("OS:", self.identify(
            "-u", USER, "--auth", "basic", "--cert", self.mine[0], "--key",
            self.mine[1]))


class RenegotiationTest(CertificateCase):
    """OpenSSL asks by a second handshake (TLS 1.2), in mid-request."""

    @staticmethod
    def end(process):
        """End a process and read what it still says."""
        if process.poll() is None:
            process.kill()
        process.communicate()

    def read_until(self, stream, pattern, text=""):
        """Read until a line matches."""
        end = time.monotonic() + LIMIT
        while not re.search(pattern, text):
            left = end - time.monotonic()
            if left <= 0 or not select.select([stream], [], [], left)[0]:
                self.fail("no %r in %r" % (pattern, text))
            data = os.read(stream.fileno(), 65536).decode("latin-1")
            if not data:
                self.fail("it ended after %r" % text)
            text += data
        return text

    def test_renegotiation(self):
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
             self.server[0], "-key", self.server[1], "-CAfile", self.ca,
             "-tls1_2", "-naccept", "1", "-crlf"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(self.end, server)
        text = self.read_until(server.stdout, r"ACCEPT \S+:(\d+)\n")
        port = re.search(r"ACCEPT \S+:(\d+)\n", text).group(1)
        client = subprocess.Popen(
            [WSC, "identify", "--ca", self.ca, "--cert", self.mine[0],
             "--key", self.mine[1], "https://127.0.0.1:%s/wsman" % port],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.end, client)
        text = self.read_until(server.stdout, "</s:Envelope>")
        self.assertIn("secprofile/https/mutual", text)
        os.write(server.stdin.fileno(), b"R\n")
        text = self.read_until(server.stdout, "CN = %s\nverify return:1\n" % USER)
        os.write(server.stdin.fileno(), (
            "HTTP/1.1 200 \nContent-Type: application/soap+xml;charset=UTF-8\n"
            "Content-Length: %d\n\n%s\n" % (len(IDENTITY) + 2, IDENTITY)
            ).encode())
        out, err = client.communicate(timeout=LIMIT)
        self.assertIn(b"By hand", out, err)
        self.assertEqual(client.returncode, 0)


class TokenTest(CertificateCase):
    """Certificate and key on a token (SoftHSM, where it is installed)."""

    PIN = "123456"

    @classmethod
    def setUpClass(cls):
        if not shutil.which("softhsm2-util") or not shutil.which("p11tool"):
            raise unittest.SkipTest("no softhsm2-util or no p11tool")
        super().setUpClass()
        conf = cls.path("softhsm2.conf", "directories.tokendir = %s\n"
                        "objectstore.backend = file\n" % cls.directory)
        cls.env = dict(os.environ, SOFTHSM2_CONF=conf, GNUTLS_PIN=cls.PIN)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label",
                        "wsc", "--pin", cls.PIN, "--so-pin", cls.PIN],
                       env=cls.env, check=True, stdout=subprocess.DEVNULL)
        for kind, path in (("privkey", cls.mine[1]),
                           ("certificate", cls.mine[0])):
            done = subprocess.run(
                ["p11tool", "--login", "--write", "--load-" + kind, path,
                 "--label", "me", "pkcs11:token=wsc"], env=cls.env,
                check=False, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            if done.returncode:
                raise unittest.SkipTest("p11-kit does not know SoftHSM")
        del cls.env["GNUTLS_PIN"]

    def tool(self, *args, **more):
        """Run wsc where the token is."""
        return super().tool(*args, env=self.env, **more)

    def test_urls(self):
        pin = self.path("pin", self.PIN + "\n")
        one = ("--cert", "pkcs11:token=wsc;object=me")
        two = ("--cert", one[1] + ";type=cert",
               "--key", one[1] + ";type=private")
        for urls in (one, two):
            self.assertIn("OS:", self.identify(
                *urls, "--key-password-file", pin))

    def test_pin(self):
        url = ("--cert", "pkcs11:token=wsc;object=me")
        text = self.identify(*url, code=5)
        self.assertIn("wants its PIN", text)
        self.assertIn("--key-password-file", text)
        wrong = self.path("wrong-pin", "SECRET\n")
        text = self.identify(*url, "--key-password-file", wrong, code=5)
        self.assertIn("The PIN is wrong", text)
        self.assertNotIn("SECRET", text)
