"""Channel bindings: NTLM over https with certificates of every kind.

The far end is MIT's GSSAPI with gss-ntlmssp, which compares what the client
is bound to with the certificate that it shows itself (tests/endpoint).
"""

import hashlib
import os
import ssl
import subprocess
import sys
import tempfile
import unittest

from logincases import GSSAPI
from toolcase import HERE, PASSWORD, USER, WSC, environment, harness

sys.path.insert(0, os.path.join(HERE, "..", "endpoint"))
import negotiate  # noqa: E402

RSA = ("-newkey", "rsa:2048")
PSS = ("-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048")
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
SIGNED_PSS = ("-sigopt", "rsa_padding_mode:pss")
# how openssl makes it, its hash, and the one that is bound (RFC 5929 4.1;
# SHA-256 for what is weak and for what has none)
ROWS = (
    [(RSA, h, b) for h, b in (("md5", "sha256"), ("sha1", "sha256"),
                              ("sha224", "sha224"), ("sha256", "sha256"),
                              ("sha384", "sha384"), ("sha512", "sha512"))]
    + [(RSA + SIGNED_PSS, h, h) for h in ("sha256", "sha384", "sha512")]
    + [(RSA + SIGNED_PSS, "sha1", "sha256")]
    + [(PSS, h, h) for h in ("sha256", "sha384", "sha512")]
    + [(EC, h, b) for h, b in (("sha1", "sha256"), ("sha256", "sha256"),
                               ("sha384", "sha384"), ("sha512", "sha512"))]
    + [(("-newkey", "ed25519"), None, "sha256"),
       (("-newkey", "ed448"), None, "sha256")])


def make(directory, how, digest):
    """Make a certificate of its own issuing; return its path and the key's."""
    cert, key = (os.path.join(directory, n) for n in ("c.pem", "k.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", *how, *(["-" + digest] if digest else []),
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, stderr=subprocess.DEVNULL)
    return cert, key


@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class BindingTest(unittest.TestCase):
    """One endpoint for each certificate."""

    def login(self, cert, key, *arguments, options=()):
        """Log in there; return what came of it."""
        with harness.Endpoint("--negotiate", "--basic", "off", "--tls", cert,
                              key, "--https-port", "0", *arguments) as far:
            url = far.urls[1]
            done = subprocess.run(
                [WSC, "run", "-u", USER, "--auth", "negotiate", "--ca", cert,
                 *options, url, "echo bound"], capture_output=True,
                env=environment(PASSWORD), timeout=60)
            return done, far.state()["logins"]

    def test_every_certificate(self):
        for how, digest, bound in ROWS:
            with self.subTest(how=how, digest=digest), \
                    tempfile.TemporaryDirectory() as directory:
                cert, key = make(directory, how, digest)
                with open(cert, encoding="ascii") as file:
                    der = ssl.PEM_cert_to_DER_cert(file.read())
                self.assertEqual(
                    negotiate.bindings_of(cert), b"tls-server-end-point:"
                    + hashlib.new(bound, der).digest())
                done, logins = self.login(cert, key)
                self.assertEqual((done.stdout, done.stderr), (b"bound\n", b""))
                self.assertEqual(logins.get("refused", 0), 0)

    def test_wrong_binding(self):
        """The far end does look at it, and at nothing where there is none."""
        with tempfile.TemporaryDirectory() as directory:
            cert, key = make(directory, EC, "sha256")
            other = ("--binding-hash", "sha512")
            done, _ = self.login(cert, key, *other)
            self.assertEqual((done.stdout, done.returncode), (b"", 255))
            self.assertIn(b"0x8009030C", done.stderr)
            done, _ = self.login(cert, key, *other, options=(
                "--set", "channel-binding=never"))
            self.assertEqual((done.stdout, done.stderr), (b"bound\n", b""))
