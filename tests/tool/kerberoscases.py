"""Kerberos as docs/authentication.md has it: who logs in how, and what an error says."""

import os
import sys
import tempfile
import unittest
import unittest.mock

from toolcase import HERE, USER, ToolCase, environment, harness

sys.path.insert(0, os.path.join(HERE, "..", "kdc"))

import hostile  # noqa: E402
import kdc  # noqa: E402

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

REALM = "WSMAN.TEST"
ALICE = USER + "@" + REALM


@unittest.skipIf(kdc.missing(), kdc.missing())
@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class KerberosTest(ToolCase):
    """The recipes, against a KDC and an endpoint of this machine."""

    @classmethod
    def setUpClass(cls):
        cls.kdc = kdc.Kdc()
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, "secret")
        cls.kdc.add_service("HTTP/localhost")
        cls.kdc.add_service("WSMAN/other")
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.arguments = ("--negotiate", "--keytab", cls.kdc.keytab, "--basic",
                         "off", "--schemes", "Negotiate,Kerberos",
                         "--make-cert", directory.name, "--https-port", "0")
        with unittest.mock.patch.dict(os.environ,
                                      KRB5_CONFIG=cls.kdc.krb5_config):
            super().setUpClass()
        cls.ca = os.path.join(directory.name, "ca.pem")
        cls.http = "http://localhost:%d" % cls.endpoint.port
        cls.https = "https://localhost:%d" % harness.Endpoint.address(
            cls.endpoint.urls[1])[1]

    def setUp(self):
        super().setUp()
        self.kdc.forget()

    def ask(self, *args, ccache="/nowhere/cc", password=None):
        """Run identify with the KDC's realm as this machine's."""
        env = {**environment(password), **self.kdc.environment(),
               "KRB5_CONFIG": self.kdc.krb5_config,
               "KRB5CCNAME": "FILE:" + ccache}
        return self.tool("identify", "--ca", self.ca, *args, env=env,
                         start_new_session=True)

    def good(self, scheme, *args, **more):
        """Log in, and see in the log how that was done."""
        done = self.ask("-v", *args, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        how = scheme if scheme == "Kerberos" else scheme + ", Kerberos"
        self.assertIn(" by %s (HTTP/localhost)" % how, done.stderr.decode())

    def bad(self, code, *args, **more):
        """Fail with this code; return what is told."""
        done = self.ask(*args, **more)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("(0x%08X)" % code, done.stderr.decode())
        return done.stderr.decode()

    def test_password(self):
        """No host is trusted: Kerberos proves who it is."""
        for url in self.http, self.https:
            self.good("Negotiate", "-u", ALICE, url, password="secret")
        self.good("Kerberos", "-u", USER, "--auth", "kerberos", self.http,
                  password="secret")
        self.good("Negotiate", "-u", USER, "--realm", REALM, self.http,
                  password="secret")

    def test_tickets_of_kinit(self):
        cache = self.kdc.ccache("cc", USER, "secret")
        self.good("Negotiate", self.http, ccache=cache)
        self.good("Kerberos", "--realm", REALM, self.http, ccache=cache)
        self.good("Kerberos", "--ccache", cache, self.https)
        self.good("Kerberos", "--auth", "kerberos", "--spn-host", "localhost",
                  "http://127.0.0.1:%d" % self.endpoint.port, ccache=cache)
        self.assertEqual(self.kdc.failures(USER), 0)

    def test_keytab(self):
        keytab = self.kdc.user_keytab(USER)
        self.good("Kerberos", "--keytab", keytab, self.http)
        self.good("Negotiate", "--keytab", keytab, "--auth", "negotiate",
                  "-u", ALICE, self.http)

    def test_none(self):
        text = self.bad(0x8033810C, "--auth", "kerberos", self.http)
        self.assertIn("/nowhere/cc", text)
        self.assertIn("kinit", text)

    def test_wrong_password(self):
        """That is said as it is, though nothing but Kerberos was offered."""
        self.bad(0x8009030C, "-u", ALICE, self.http, password="wrong")
        self.assertEqual(self.endpoint.state()["logins"].get("refused", 0), 0)

    def test_name_that_nobody_has(self):
        for auth, code in (("kerberos", 0x80090303),
                           ("negotiate", 0x803380E4)):
            text = self.bad(code, "-u", ALICE, "--auth", auth, "--spn-prefix",
                            "NONE", self.http, password="secret")
            self.assertIn("`setspn -q NONE/localhost`", text)
            self.assertIn("`setspn -s HTTP/localhost:%d LOCALHOST`"
                          % self.endpoint.port, text)
            self.assertIn("`setspn -s WSMAN/localhost LOCALHOST`", text)
            self.assertIn("\n  spn-prefix: --spn-prefix PREFIX\n", text)
        self.assertIn("to localhost, which is not in trusted-hosts", text)
        self.assertIn("SEC_E_TARGET_UNKNOWN", text)
        self.assertIn("\n  trusted-hosts: --trusted-hosts LIST\n", text)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_forbidden(self):
        text = self.bad(0x803380E4, "-u", ALICE, "--set", "mechanisms=ntlm",
                        self.http, password="secret")
        self.assertIn("mechanisms", text)
        self.assertEqual(self.kdc.requests(), [])

    def impostor(self, answer, *args):
        """Return how often it was shown the password, and what is told."""
        with hostile.Impostor(answer) as kdc_, \
                tempfile.TemporaryDirectory() as where:
            conf = kdc_.write_config(os.path.join(where, "krb5.conf"), REALM,
                                     "OTHER.TEST")
            done = self.ask("-u", ALICE, "--auth", "kerberos", "--set",
                            "krb5-config=" + conf, *args, self.http,
                            password="wrong")
            self.assertEqual(done.returncode, 6, done.stderr)
            return kdc_.proofs, done.stderr.decode()

    def test_too_much_work(self):
        """Hashing ends neither with its time nor with who waits for it."""
        for rounds in None, 4096, 32768:
            proofs, _ = self.impostor(
                lambda r, proof: None if proof else
                hostile.wants_proof(REALM, USER, rounds))
            self.assertEqual(proofs, 2)
        for rounds in 0, 1 << 20, 0xffffffff:
            proofs, told = self.impostor(
                lambda r, proof: hostile.wants_proof(REALM, USER, rounds))
            self.assertEqual(proofs, 0)
            self.assertIn("more work on the password", told)

    def test_nothing_is_heard(self):
        """Each proof may be one that counts towards a lock-out."""
        def elsewhere(request, proof):
            other = REALM if b"OTHER.TEST" in request else "OTHER.TEST"
            return hostile.error(
                hostile.WRONG_REALM, REALM, client_realm=other) \
                if proof else hostile.wants_proof(REALM, USER)

        def hangs_up(_, proof):
            return None if proof else hostile.wants_proof(REALM, USER)

        for answer in hangs_up, elsewhere:
            proofs, told = self.impostor(answer)
            self.assertEqual(proofs, 2)
            self.assertIn("says anything about the password", told)
