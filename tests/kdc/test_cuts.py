#!/usr/bin/python3
"""Whole exchanges with a login by Kerberos and sealed messages, over a
connection that breaks: behind every so many bytes of them, in either
direction, by an end and by a reset. With WSC_TEST_EVERY_BYTE set behind each
byte, which takes some minutes.

WSMAN_CLIENT_LIBRARY is the path of the library.
"""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "endpoint"),
                os.path.join(ROOT, "bindings", "python")]

import harness  # noqa: E402
import kdc as kdcs  # noqa: E402
from cutter import DOWN, UP, Cutter  # noqa: E402
from wsman_client import (AuthError, Client, Context,  # noqa: E402
                          Identity, NetworkError, WsmanError)

USER, PASSWORD = "alice", "alice's secret"
EVERY = bool(os.environ.get("WSC_TEST_EVERY_BYTE"))

try:
    import gssapi
except ImportError:
    gssapi = None


def missing():
    """Return why the tests cannot run, or an empty text."""
    return kdcs.missing() or ("" if gssapi else "python3-gssapi is not there")


@unittest.skipIf(missing(), missing())
class CutTest(unittest.TestCase):
    """One identity, so that the KDC is asked once and what is cut is the
    connection to the service."""

    @classmethod
    def setUpClass(cls):
        cls.kdc = kdcs.Kdc()
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, PASSWORD)
        cls.kdc.add_service("HTTP/localhost")
        cls.endpoint = harness.Endpoint(
            "--negotiate", "--basic", "off", "--schemes",
            "Negotiate,Kerberos", "--keytab", cls.kdc.keytab,
            "--principal", USER + "@" + cls.kdc.realm)
        cls.addClassCleanup(cls.endpoint.stop)
        cls.wire = Cutter((cls.endpoint.host, cls.endpoint.port))
        cls.addClassCleanup(cls.wire.__exit__)
        cls.context = Context()
        cls.addClassCleanup(cls.context.close)

    def settle(self):
        """Shells may be left: who never heard of one cannot delete it. A
        Signal may have been cut, and a Delete whose answer was is said once
        more."""
        for broken in self.endpoint.state()["violations"]:
            self.assertTrue(broken["kind"] == "terminate-missing" or
                            (broken["kind"], broken["what"]) ==
                            ("request-after-delete", "Delete"), broken)
        self.endpoint.control("POST", "reset")

    tearDown = settle

    def identity(self, auth):
        """Return an identity, and how to make a client with it."""
        who = Identity(self.context, USER, PASSWORD, auth=auth,
                       realm=self.kdc.realm,
                       krb5_config=self.kdc.krb5_config)
        self.addCleanup(who.close)
        return lambda: Client("http://localhost:%d/wsman"
                              % self.wire.address[1], identity=who,
                              context=self.context, auth=auth,
                              open_timeout="20s", cancel_timeout="20s",
                              operation_timeout="20s")

    def cut_everywhere(self, auth, step, once):
        """once(client, number) raises what is no end of a broken one."""
        connect = self.identity(auth)

        def life(number, *cut):
            self.wire.behind(*cut)
            with connect() as client:
                return once(client, number)

        self.assertTrue(life(0))
        self.assertTrue(life(0))    # nothing is asked of the KDC any more
        whole = list(self.wire.bytes)
        self.assertGreater(min(whole), 1000)
        asked = self.kdc.logins(USER)
        number = failed = 0
        for direction in UP, DOWN:
            for behind in range(0, whole[direction], 1 if EVERY else step):
                for reset in False, True:
                    number += 1
                    if number % 10 == 0:    # the shells that are left
                        self.settle()
                    with self.subTest(direction=direction, behind=behind,
                                      reset=reset):
                        failed += not life(number, direction, behind, reset)
        self.assertEqual(self.kdc.logins(USER), asked)
        self.assertGreater(failed, 5)
        print("# %s: %d and %d bytes, %d cuts, %d felt"
              % (auth, *whole, number, failed))

    def broken(self, error):
        """What one may be told of a connection that broke."""
        if isinstance(error, NetworkError):
            self.assertIn(error.name, ("WSC_E_CONNECTION_LOST",
                                       "WSC_E_CONNECT"))
        else:
            self.assertIsInstance(error, AuthError)
            self.assertIn("closes the connection", str(error))
        return False

    def test_identify(self):
        def once(client, _):
            try:
                self.assertIn("OS: 10.0", client.identify()["product-version"])
            except WsmanError as error:
                return self.broken(error)
            return True

        for auth in "negotiate", "kerberos":
            self.cut_everywhere(auth, 61, once)

    def test_run(self):
        """A command runs once or not at all, and once when it is said to
        have."""
        with tempfile.TemporaryDirectory() as made:
            def once(client, number):
                path = os.path.join(made, str(number))
                good = True
                try:
                    result = client.run("echo run >> %s; echo x" % path)
                    self.assertEqual((result.stdout, result.exit_code),
                                     (b"x\n", 0))
                except WsmanError as error:
                    good = self.broken(error)
                try:
                    with open(path, encoding="ascii") as file:
                        text = file.read()
                    os.unlink(path)
                except FileNotFoundError:
                    text = ""
                self.assertIn(text, ("run\n",) if good else ("", "run\n"))
                return good

            self.cut_everywhere("negotiate", 499, once)


if __name__ == "__main__":
    unittest.main()
