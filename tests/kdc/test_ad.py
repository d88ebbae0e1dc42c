#!/usr/bin/python3
"""Tests against a domain of Samba's: MIT's client, the tool (WSC_BIN), and
the library's NTLM with ntlm_auth as its far end (WSC_NTLM_LINE names
tests/peers/ntlm_line).
"""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "endpoint")]

import harness  # noqa: E402
import ntlmauth  # noqa: E402
import samba_ad  # noqa: E402

try:
    import initiator
    from gssapi.exceptions import GSSError
except ImportError:
    initiator = None

BUILD = os.path.join(os.path.dirname(os.path.dirname(HERE)), "build")
WSC = os.environ.get("WSC_BIN", os.path.join(BUILD, "examples", "wsc"))
NTLM_LINE = os.environ.get("WSC_NTLM_LINE",
                           os.path.join(BUILD, "tests/peers/ntlm_line"))
HOST = "server.ad.test"
USER, PASSWORD = "alice", "Passw0rd of alice \u20ac"
LIMIT = 60
WHY = samba_ad.missing()


def setUpModule():
    """Make the domain, and be inside from now on."""
    if WHY:
        raise unittest.SkipTest(WHY)
    if not initiator:
        raise unittest.SkipTest("python3-gssapi is not there")
    AdCase.make()


class AdCase(unittest.TestCase):
    """A case with a domain; the process is inside."""

    @classmethod
    def make(cls):
        """Make what all cases share."""
        cls.domain = samba_ad.Domain(hosts=[HOST, "old.ad.test"])
        unittest.addModuleCleanup(cls.domain.stop)
        cls.domain.add_user(USER, PASSWORD)
        cls.domain.add_user("spent", PASSWORD)
        cls.domain.tool("user", "disable", "spent")
        cls.keytab = cls.domain.add_service(
            "web", "HTTP/" + HOST, "HTTP/%s:5985" % HOST, "WSMAN/" + HOST)
        cls.old_keytab = cls.domain.add_service("old", "HTTP/old.ad.test",
                                                enctypes=4)
        unittest.enterModuleContext(cls.domain.entered())
        directory = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(directory.cleanup)
        cls.directory = directory.name
        # Nothing but DNS tells where the domain is.
        cls.config = os.path.join(cls.directory, "krb5.conf")
        with open(cls.config, "w", encoding="ascii") as out:
            out.write("[libdefaults]\ndefault_realm = %s\nrdns = false\n"
                      "dns_lookup_kdc = true\nforwardable = true\n"
                      "dns_canonicalize_hostname = false\n"
                      % cls.domain.realm)
        os.environ["KRB5_CONFIG"] = cls.config
        os.environ["KRB5CCNAME"] = "FILE:" + os.path.join(cls.directory, "no")
        cls.endpoint = cls.start(cls.keytab)
        cls.http, cls.https = cls.named(cls.endpoint, HOST)

    @classmethod
    def start(cls, keytab):
        """Return an endpoint of the service with this keytab."""
        endpoint = harness.Endpoint(
            "--negotiate", "--keytab", keytab, "--mechanisms", "kerberos",
            "--schemes", "Negotiate,Kerberos", "--basic", "off",
            "--principal", cls.domain.principal(USER), "--make-cert",
            cls.directory, "--https-port", "0")
        unittest.addModuleCleanup(endpoint.stop)
        return endpoint

    @staticmethod
    def named(endpoint, host):
        """Return the URLs of an endpoint with the name of the service."""
        return [url.replace("127.0.0.1", host) for url in endpoint.urls]

    def setUp(self):
        self.endpoint.control("POST", "reset")


class AcceptorTest(AdCase):
    """The domain with MIT's client."""

    def login(self, url, user=USER, password=PASSWORD, target="HTTP@" + HOST,
              endpoint=None, **more):
        """Run a command; return what the endpoint knows of the login."""
        creds = initiator.credentials(self.domain.principal(user), password,
                                      "kerberos")
        endpoint = endpoint or self.endpoint
        client = initiator.Initiator(endpoint, url, creds, target=target,
                                     **more)
        self.addCleanup(client.close)
        self.assertEqual(client.login(), 200)
        self.assertEqual(client.create().status, 200)
        self.assertEqual(client.all_of("echo in"), (b"in\n", b"", 0))
        self.assertEqual(client.delete().status, 200)
        state = endpoint.state()
        self.assertEqual(state["violations"], [])
        return state["sessions"][-1]

    def test_every_form(self):
        for url in self.endpoint.urls:
            for scheme, mechanism in (("Negotiate", "spnego"),
                                      ("Negotiate", "kerberos"),
                                      ("Kerberos", "kerberos")):
                told = self.login(url, scheme=scheme, mechanism=mechanism)
                self.assertEqual(told["user"], self.domain.principal(USER))
                self.assertEqual(told["enctype"], 18)
                self.assertEqual(told["target"],
                                 self.domain.principal("HTTP/" + HOST))

    def test_names_of_the_service(self):
        told = self.login(self.endpoint.url, target="WSMAN@" + HOST)
        self.assertEqual(told["target"],
                         self.domain.principal("WSMAN/" + HOST))
        with self.assertRaises(GSSError):
            self.login(self.endpoint.url, target="HTTP@nobody.ad.test")

    def test_service_with_rc4(self):
        other = self.start(self.old_keytab)
        told = self.login(other.url, target="HTTP@old.ad.test",
                          endpoint=other)
        self.assertEqual(told["target"],
                         self.domain.principal("HTTP/old.ad.test"))

    def test_who_cannot_log_in(self):
        for user, password in ((USER, "wrong"), ("spent", PASSWORD),
                               ("nobody", PASSWORD)):
            with self.assertRaises(GSSError):
                self.login(self.endpoint.url, user, password)


class ToolCase(AdCase):
    """A case of the tool."""

    def tool(self, *options, user=USER, password=PASSWORD, url=None,
             auth="kerberos"):
        """Run a command with the tool."""
        env = {k: v for k, v in os.environ.items() if k != "WSC_PASSWORD"}
        if password:
            env["WSC_PASSWORD"] = password
        words = ["-u", user] if user else []
        return subprocess.run(
            [WSC, "run", "--ca", os.path.join(self.directory, "ca.pem"),
             "--auth", auth, *words, *options, url or self.http, "echo in"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT,
            env=env)


@unittest.skipUnless(os.path.exists(WSC), "wsc is not built")
class ToolTest(ToolCase):
    """The tool, which finds the domain by DNS."""

    def assert_good(self, done, target="HTTP/" + HOST):
        """Check that the command has run, and for whom."""
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (b"in\n", b"", 0))
        state = self.endpoint.state()
        self.assertEqual(state["violations"], [])
        told = state["sessions"][-1]
        self.assertEqual((told["user"], told["target"]),
                         (self.domain.principal(USER),
                          self.domain.principal(target)))

    def test_forms_of_the_name(self):
        for user in (USER, self.domain.principal(USER), USER + "@ad.test"):
            for auth in "kerberos", "negotiate":
                with self.subTest(user=user, auth=auth):
                    self.assert_good(self.tool(user=user, auth=auth))
        self.assert_good(self.tool("--set", "tls-verify-name=localhost",
                                   url=self.https))
        self.assert_good(self.tool("--set", "realm=" + self.domain.realm,
                                   user="AD\\" + USER))

    def test_name_beside_the_account(self):
        """A user principal name that is not the account's."""
        self.domain.add_user("bob", PASSWORD)
        self.domain.run("ldbmodify", "--url=/var/lib/samba/private/sam.ldb",
                        input="dn: CN=%s,CN=Users,DC=ad,DC=test\n"
                              "changetype: modify\n"
                              "replace: userPrincipalName\n"
                              "userPrincipalName: first.last@ad.test\n"
                              % USER)
        try:
            self.assert_good(self.tool(user="first.last@ad.test"))
        finally:
            self.domain.run(
                "ldbmodify", "--url=/var/lib/samba/private/sam.ldb",
                input="dn: CN=%s,CN=Users,DC=ad,DC=test\n"
                      "changetype: modify\nreplace: userPrincipalName\n"
                      "userPrincipalName: %s@ad.test\n" % (USER, USER))

    def test_keytab(self):
        keytab = self.domain.extract("alice.keytab", USER)
        self.assert_good(self.tool("--set", "keytab=" + keytab,
                                   password=None, user=None))

    def test_names_of_the_service(self):
        self.assert_good(self.tool("--set", "spn-prefix=WSMAN"),
                         "WSMAN/" + HOST)
        done = self.tool("--set", "spn-prefix=NOBODY")
        self.assertIn(b"NOBODY/" + HOST.encode(), done.stderr)
        self.assertIn(b"0x80090303", done.stderr)

    def test_errors(self):
        self.domain.add_user("stale", PASSWORD,
                             "--must-change-at-next-login")
        for user, text in (("spent", b"STATUS_ACCOUNT_DISABLED"),
                           ("stale", b"STATUS_PASSWORD"),
                           ("nobody", b"nobody")):
            with self.subTest(user):
                done = self.tool(user=self.domain.principal(user))
                self.assertEqual(done.stdout, b"")
                self.assertIn(text, done.stderr)

    def test_lock_out(self):
        """A wrong password counts once; a right one is not a second try."""
        self.domain.tool("domain", "passwordsettings", "set",
                         "--account-lockout-threshold=2")
        try:
            done = self.tool(password="wrong", auth="negotiate")
            self.assertIn(b"0x8009030C", done.stderr)
            shown = self.domain.tool("user", "show", USER,
                                     "--attributes=badPwdCount")
            self.assertIn("badPwdCount: 1\n", shown)
            self.assert_good(self.tool())
            for _ in range(2):
                self.tool(password="wrong")
            done = self.tool()
            self.assertEqual(done.stdout, b"")
            self.assertIn(b"STATUS_ACCOUNT", done.stderr)
        finally:
            self.domain.tool("domain", "passwordsettings", "set",
                             "--account-lockout-threshold=0")
            self.domain.tool("user", "unlock", USER)


@unittest.skipUnless(os.path.exists(WSC), "wsc is not built")
class MemberTest(ToolCase):
    """The tool, and Samba's SPNEGO at its far end."""

    @classmethod
    def setUpClass(cls):
        cls.member = harness.Endpoint(
            "--negotiate", "--ntlm-auth", "--basic", "off", "--user", USER,
            "--make-cert", cls.directory, "--https-port", "0")
        cls.addClassCleanup(cls.member.stop)
        cls.url = cls.named(cls.member, HOST)[1]

    def setUp(self):
        self.member.control("POST", "reset")

    def login(self, *options, **more):
        """Run a command with the tool."""
        return self.tool("--set", "tls-verify-name=localhost", *options,
                         url=self.url, auth="negotiate", **more)

    def test_ntlm(self):
        for user in ("AD\\" + USER, USER + "@ad.test", "AD\\ALICE"):
            with self.subTest(user):
                done = self.login("--set", "mechanisms=ntlm", user=user)
                self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
                told = self.member.state()["sessions"][-1]
                self.assertEqual(told["user"], "AD\\" + USER)
                self.assertEqual(told["target"], "HTTP/" + HOST)

    def test_kerberos(self):
        """By the account of the machine: HOST/ stands for HTTP/."""
        done = self.login("--set", "spn-host=" + self.domain.controller,
                          user=self.domain.principal(USER))
        self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
        told = self.member.state()["sessions"][-1]
        self.assertEqual(told["target"], self.domain.principal(
            "HTTP/" + self.domain.controller))

    def test_wrong_password(self):
        done = self.login("--set", "mechanisms=ntlm", user="AD\\" + USER,
                          password="wrong")
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"0x8009030C", done.stderr)
        self.assertEqual(self.member.state()["logins"]["refused"], 1)


@unittest.skipUnless(os.path.exists(NTLM_LINE), "ntlm_line is not built")
class NtlmTest(AdCase):
    """The library's NTLM, judged by a member of the domain."""

    def login(self, user, password):
        """Return ntlm_auth's word and what it says."""
        with subprocess.Popen(
                [NTLM_LINE, user, password, "HTTP/" + HOST, "-"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                encoding="utf-8") as ours, ntlmauth.Acceptor(
                    ntlmauth.NTLM) as theirs:
            def call(line):
                ours.stdin.write(line + "\n")
                ours.stdin.flush()
                return bytes.fromhex(ours.stdout.readline().split()[1])
            word, token, rest = theirs.step(call("start"))
            self.assertEqual(word, "TT", rest)
            word, _, rest = theirs.step(call("step " + token.hex()))
            ours.stdin.close()
            return word, rest

    def test_names(self):
        for user in ("AD\\" + USER, "ad.test\\" + USER, USER + "@ad.test",
                     "ad\\ALICE"):
            with self.subTest(user):
                self.assertEqual(self.login(user, PASSWORD),
                                 ("AF", "AD\\" + USER))

    def test_refused(self):
        for user, password, text in (
                (USER, "wrong", "NT_STATUS_WRONG_PASSWORD"),
                ("spent", PASSWORD, "NT_STATUS_ACCOUNT_DISABLED"),
                ("nobody", PASSWORD, "NT_STATUS_NO_SUCH_USER")):
            with self.subTest(user):
                word, rest = self.login("AD\\" + user, password)
                self.assertEqual(word, "NA")
                self.assertIn(rest.split()[0],
                              (text, "NT_STATUS_LOGON_FAILURE"))


if __name__ == "__main__":
    if WHY:
        print("skipped:", WHY)
        sys.exit(77)
    unittest.main()
