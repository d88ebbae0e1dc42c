"""What the tests share: the endpoint of tests/endpoint."""

import collections
import gc
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
ROOT = os.path.dirname(os.path.dirname(PACKAGE))
sys.path[:0] = [PACKAGE] + [os.path.join(ROOT, "tests", name)
                            for name in ("endpoint", "tool", "bindings")]
os.environ.setdefault("WSMAN_CLIENT_LIBRARY", os.path.join(
    ROOT, "build", "lib", "libwsman-client.so.0"))

import harness  # noqa: E402
from harness import PASSWORD, USER  # noqa: E402
from wsman_client import Client  # noqa: E402

PLAIN = {"allow_unencrypted": True, "trusted_hosts": "*"}
LOGIN = {"user": USER, "password": PASSWORD, "auth": "basic", **PLAIN}
GET = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"


def ours():
    """Count the live objects whose class is the package's."""
    gc.collect()
    return collections.Counter(
        type(thing).__name__ for thing in gc.get_objects()
        if type(thing).__module__.startswith("wsman_client."))


class EndpointCase(unittest.TestCase):
    """A case with an endpoint that takes Basic over http."""

    arguments = ("--allow-unencrypted",)

    @classmethod
    def setUpClass(cls):
        cls.endpoint = harness.Endpoint(*cls.arguments)
        cls.addClassCleanup(cls.endpoint.stop)
        cls.url = cls.endpoint.url

    def setUp(self):
        self.endpoint.control("POST", "reset")

    def client(self, **options):
        """Return a client that the end of the test closes."""
        client = Client(self.url, **{**LOGIN, **options})
        self.addCleanup(client.close)
        return client

    def assert_clean(self):
        """Check that nothing is left on the server, and no rule broken."""
        self.doCleanups()  # a blocking client cleans up while it is called
        self.assertEqual(self.endpoint.wait(shells=0)["violations"], [])
