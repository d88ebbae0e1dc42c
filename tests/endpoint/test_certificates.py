"""Tests of the endpoint: client certificates."""

import http.client
import os
import ssl
import tempfile
import unittest

import certs
from handler import MUTUAL
from harness import USER, Client, Endpoint


class CertificateCase(unittest.TestCase):
    """An endpoint that takes certificates of its CA."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        certs.make(cls.directory)
        cls.ca = os.path.join(cls.directory, "ca.pem")
        cls.endpoint = Endpoint("--make-cert", cls.directory, "--https-port",
                                "0", "--client-ca", cls.ca, *cls.arguments)
        cls.addClassCleanup(cls.endpoint.stop)
        cls.address = cls.endpoint.address(cls.endpoint.urls[1])
        other = os.path.join(cls.directory, "other")
        certs.make(other)
        cls.mine = certs.make_client(cls.directory, USER)
        cls.nobody = certs.make_client(cls.directory, "nobody")
        cls.foreign = certs.make_client(other, USER)

    def client(self, paths=None, late=True, version=None):
        """Return a client with this certificate."""
        context = ssl.create_default_context(cafile=self.ca)
        context.post_handshake_auth = late
        if version:
            context.maximum_version = version
        if paths:
            context.load_cert_chain(paths[0], paths[1])
        client = Client(self.endpoint, http.client.HTTPSConnection(
            *self.address, timeout=30, context=context))
        self.addCleanup(client.close)
        return client

    @staticmethod
    def status(client, value=MUTUAL):
        """Send a request; return the HTTP status."""
        return client.post("x", {"Authorization": value}).status


class AtHandshakeTest(CertificateCase):
    """Asked at the handshake."""

    def test_users(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for paths, good in ((self.mine, True), (self.nobody, False),
                                (None, False)):
                status = self.status(self.client(paths, version=version))
                self.assertEqual(status != 401, good)

    def test_header_counts(self):
        client = self.client(self.mine)
        answer = client.post("x", {"Authorization": "other"})
        self.assertEqual(answer.status, 401)
        self.assertIn(MUTUAL, answer.headers.get_all("WWW-Authenticate"))

    def test_basic_stays(self):
        self.assertEqual(self.client(self.mine).create().status, 200)
        self.assertEqual(self.client().create().status, 200)

    def test_foreign(self):
        with self.assertRaisesRegex(ssl.SSLError, "(?i)unknown.ca"):
            self.status(self.client(self.foreign))


class LateTest(CertificateCase):
    """Asked when the request is there."""

    arguments = ("--ask-late",)

    def test_users(self):
        for paths, late, good in (
                (self.mine, True, True), (self.mine, False, False),
                (self.nobody, True, False), (None, False, False)):
            status = self.status(self.client(paths, late))
            self.assertEqual(status != 401, good)

    def test_foreign(self):
        with self.assertRaisesRegex((ssl.SSLError, OSError), "(?i)unknown.ca"):
            self.status(self.client(self.foreign))


if __name__ == "__main__":
    unittest.main()
