"""Negotiate from Python: blocking and asyncio, errors, many hosts."""

import asyncio
import unittest

from support import PASSWORD, USER, EndpointCase

from wsman_client import AsyncClient, AuthError, Client, UsageError

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

WHO = {"user": USER}  # auth is negotiate then
TRUST = {"trusted_hosts": "127.0.0.1"}


@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class LoginTest(EndpointCase):
    """Over http, with sealed messages."""

    arguments = ("--negotiate", "--basic", "off")

    def test_blocking(self):
        with Client(self.url, **WHO, password=PASSWORD, **TRUST) as host:
            self.assertEqual(host.run("cat", input=b"x" * 100000).stdout,
                             b"x" * 100000)
            self.assertGreater(host.stats()["logins"], 0)
        self.assert_clean()

    def test_asyncio(self):
        async def all_at_once():
            async with AsyncClient(self.url, **WHO, password=PASSWORD,
                                   **TRUST) as host:
                return await asyncio.gather(*[
                    host.run("echo %d" % i) for i in range(20)])
        results = asyncio.run(all_at_once())
        self.assertEqual([r.stdout for r in results],
                         [b"%d\n" % i for i in range(20)])
        self.assert_clean()

    def test_refused(self):
        with Client(self.url, **WHO, password="wrong", **TRUST) as host:
            for _ in range(3):
                with self.assertRaises(AuthError) as caught:
                    host.run("echo x")
                self.assertEqual(caught.exception.details["mechanism"], "NTLM")
                self.assertEqual(caught.exception.details["spn"],
                                 "HTTP/127.0.0.1")
        self.assertEqual(self.endpoint.state()["logins"],
                         {"leg": 1, "refused": 1})

    def test_without_credentials(self):
        """Nobody is named: that shows when somebody is to log in."""
        with Client(self.url) as host:
            with self.assertRaises(AuthError) as caught:
                host.run("echo x")
            self.assertEqual(caught.exception.fault_code, 0x803380E5)
            self.assertIn("username", caught.exception.remedy)
            host.identify(identify_unauthenticated=True)
        for auth, code in (("kerberos", 0x8033810B), ("ntlm", 0x803380B0),
                           ("negotiate", 0x803380E5), ("basic", 0x803380B0)):
            with self.assertRaises(AuthError) as caught:
                Client(self.url, auth=auth)
            self.assertEqual(caught.exception.fault_code, code, auth)

    def test_options_of_kerberos(self):
        """They reach the library, and exclude each other."""
        with Client("srv1", keytab="/nowhere", realm="EXAMPLE.COM",
                    spn_prefix="WSMAN", spn_host="srv1.example.com",
                    spn_port=True, delegate=True, krb5_config="/nowhere",
                    kdc_timeout="1s", mechanisms="kerberos") as host:
            self.assertEqual(host.option("spn_prefix"), ("WSMAN", "client"))
        with self.assertRaises(UsageError) as caught:
            Client("srv1", keytab="/nowhere", ccache="/nowhere")
        self.assertEqual(caught.exception.details["option"], "ccache")

    def test_not_trusted(self):
        with self.assertRaises(AuthError) as caught:
            Client(self.url, **WHO, password=PASSWORD)
        self.assertEqual(caught.exception.fault_code, 0x803380E4)


if __name__ == "__main__":
    unittest.main()
