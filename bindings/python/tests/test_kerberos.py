"""Kerberos from Python; also beside MIT's Kerberos, in one process."""

import os
import sys
import unittest

from support import ROOT, USER, EndpointCase

from wsman_client import AuthError, Client

try:
    import gssapi
    GSSAPI = True
except ImportError:
    GSSAPI = False

sys.path.insert(0, os.path.join(ROOT, "tests", "kdc"))

import kdc as kdcs  # noqa: E402

SPN = "HTTP/localhost"
SECRET = "kerberos secret"


@unittest.skipUnless(GSSAPI and not kdcs.missing(),
                     "heimdal-kdc, python3-gssapi or gss-ntlmssp is not there")
class KerberosTest(EndpointCase):
    """Over http, with sealed messages, to a host that is not trusted."""

    @classmethod
    def setUpClass(cls):
        cls.kdc = kdcs.Kdc()
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, SECRET)
        cls.kdc.add_service(SPN)
        cls.arguments = ("--negotiate", "--basic", "off", "--keytab",
                         cls.kdc.keytab, "--schemes", "Negotiate,Kerberos")
        super().setUpClass()

    def host(self, **options):
        return Client(self.url.replace("127.0.0.1", "localhost"),
                      krb5_config=self.kdc.krb5_config,
                      realm=self.kdc.realm, **options)

    def setUp(self):
        super().setUp()
        self.kdc.forget()

    def test_password(self):
        for auth in ("auto", "negotiate", "kerberos"):
            with self.host(user=USER, password=SECRET, auth=auth) as host:
                self.assertEqual(host.run("echo x").stdout, b"x\n")
        self.assertEqual(self.kdc.logins(USER), 3)
        self.assert_clean()

    def test_refused(self):
        with self.host(user=USER, password="wrong") as host:
            for _ in range(3):
                with self.assertRaises(AuthError) as caught:
                    host.run("echo x")
                self.assertEqual(caught.exception.fault_code, 0x8009030C)
        self.assertEqual(self.kdc.failures(USER), 1)

    def test_two_realms(self):
        """Contexts with realms and settings of their own, at once."""
        with kdcs.Kdc("OTHER.TEST") as other:
            other.add_user(USER, "another secret")
            other.add_service(SPN, keytab=self.kdc.keytab)
            hosts = [self.host(user=USER, password=SECRET),
                     Client(self.url.replace("127.0.0.1", "localhost"),
                            krb5_config=other.krb5_config, realm=other.realm,
                            user=USER, password="another secret")]
            try:
                for _ in range(3):
                    for host in hosts:
                        self.assertEqual(host.run("echo x").stdout, b"x\n")
            finally:
                for host in hosts:
                    host.close()
            self.assertEqual(other.logins(USER), 1)
        self.assertEqual(self.kdc.logins(USER), 1)
        self.assertEqual({x["user"] for x in self.endpoint.state()["sessions"]
                          if x["user"]},
                         {USER + "@WSMAN.TEST", USER + "@OTHER.TEST"})

    def test_beside_mit(self):
        """Contexts of both libraries live at once, and none disturbs the
        other."""
        ccache = self.kdc.ccache("cc", USER, SECRET)
        config = os.environ.get("KRB5_CONFIG")
        os.environ["KRB5_CONFIG"] = self.kdc.krb5_config
        try:
            name = gssapi.Name(SPN, gssapi.NameType.kerberos_principal)
            creds = gssapi.Credentials(usage="initiate",
                                       store={"ccache": ccache})
            before = gssapi.SecurityContext(name=name, creds=creds,
                                            usage="initiate")
            token = before.step()
            with self.host(user=USER, password=SECRET) as host:
                self.assertEqual(host.run("echo x").stdout, b"x\n")
                acceptor = gssapi.SecurityContext(
                    usage="accept", creds=gssapi.Credentials(
                        usage="accept", store={"keytab": self.kdc.keytab}))
                before.step(acceptor.step(token))
                self.assertTrue(before.complete)
                sealed = before.wrap(b"by MIT", True).message
                self.assertEqual(host.run("echo y").stdout, b"y\n")
                self.assertEqual(acceptor.unwrap(sealed).message, b"by MIT")
        finally:
            if config is None:
                del os.environ["KRB5_CONFIG"]
            else:
                os.environ["KRB5_CONFIG"] = config
        with open("/proc/self/maps", encoding="ascii") as file:
            maps = file.read()
        self.assertIn("libgssapi_krb5.so", maps)  # MIT's
        self.assertIn("libgssapi.so.3", maps)     # Heimdal's


if __name__ == "__main__":
    unittest.main()
