"""Negotiate and NTLM: logins of a connection, sealed messages.

The far end is MIT's GSSAPI with gss-ntlmssp (tests/endpoint/negotiate.py).
"""

import json
import os
import tempfile
import unittest

from toolcase import PASSWORD, USER, ToolCase, environment, harness

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

HOST = os.uname().nodename.upper()
NAMES = (USER, "%s\\%s" % (HOST, USER), ".\\" + USER)
SCHEMES = ("negotiate", "ntlm")


@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class LoginTest(ToolCase):
    """Against an endpoint that takes Negotiate alone."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.arguments = ("--negotiate", "--basic", "off", "--make-cert",
                         directory.name, "--https-port", "0")
        super().setUpClass()
        cls.ca = os.path.join(directory.name, "ca.pem")
        cls.http, cls.https = cls.endpoint.urls
        cls.address = harness.Endpoint.address(cls.http)

    def login(self, url, *command, user=USER, scheme="negotiate",
              options=("--trusted-hosts", "127.0.0.1"), **more):
        """Run a command over a connection that logs in."""
        return self.tool("run", "-u", user, "--auth", scheme, "--ca", self.ca,
                         *options, url, *command, **more)

    def assert_good(self, done, out):
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (out, b"", 0))
        state = self.endpoint.state()
        self.assertEqual(state["violations"], [])
        self.assertEqual(state["logins"].get("refused", 0), 0)

    def test_every_scheme_name_and_transport(self):
        for scheme in SCHEMES:
            for url in (self.http, self.https):
                for user in NAMES:
                    with self.subTest(scheme=scheme, url=url, user=user):
                        self.assert_good(self.login(
                            url, "echo in", user=user, scheme=scheme), b"in\n")

    def test_encryption(self):
        always = ("--set", "encryption=always")
        self.assert_good(self.login(self.https, "echo x", options=always),
                         b"x\n")
        never = ("--set", "trusted-hosts=*", "--set", "encryption=never")
        done = self.login(self.http, "echo x", options=never)
        self.assertIn(b"0x803380DE", done.stderr)
        self.assertEqual(self.endpoint.state()["logins"].get("leg", 0), 2)

    def test_much_of_everything(self):
        data = os.urandom(1 << 20)
        self.assert_good(self.login(self.http, "cat", data=data), data)

    def test_other_character_set(self):
        self.endpoint.control("POST", "reset")
        text = "\u00e4\u20ac\U0001f600"
        self.assert_good(self.login(self.http, "echo '%s'" % text),
                         text.encode() + b"\n")

    def test_wrong_password_is_tried_once(self):
        hosts = "\n".join([self.http] * 5).encode()
        done = self.tool(
            "run", "-u", USER, "--auth", "ntlm", "--set", "trusted-hosts=*",
            "--hosts", "-", "echo", "x", data=hosts,
            env=environment("wrong"))
        self.assertEqual(done.returncode, 5)
        self.assertEqual(done.stderr.count(
            b"the server refused the login with NTLM"), 5, done.stderr)
        self.assertEqual(self.endpoint.state()["logins"],
                         {"leg": 1, "refused": 1})

    def test_wrong_password_is_tried_at_one_host(self):
        """An account may be a domain's, unless it is said not to be."""
        with harness.Endpoint(*self.arguments[:3]) as second:
            hosts = "\n".join([self.http, second.url] * 3).encode()
            for user, tried in (USER, 1), ("CORP\\" + USER, 1), (
                    ".\\" + USER, 2):
                for endpoint in self.endpoint, second:
                    endpoint.control("POST", "reset")
                done = self.tool(
                    "run", "-u", user, "--auth", "negotiate", "--set",
                    "trusted-hosts=*", "--hosts", "-", "echo", "x",
                    data=hosts, env=environment("wrong"))
                self.assertEqual(done.returncode, 6)
                self.assertEqual(sum(
                    endpoint.state()["logins"].get("refused", 0)
                    for endpoint in (self.endpoint, second)), tried)

    def test_not_trusted(self):
        before = self.endpoint.state()["accepted"]
        for hosts in ("", "10.*", "<local>", "127.0.0.2,localhost"):
            done = self.login(self.http, "echo x",
                              options=("--set", "trusted-hosts=" + hosts))
            self.assertIn(b"ERROR_WSMAN_SERVER_NOT_TRUSTED", done.stderr)
            self.assertIn(b"option trusted-hosts to 127.0.0.1", done.stderr)
            self.assertEqual((done.stdout, done.returncode), (b"", 255))
        # the two connections are those of the questions here
        self.assertEqual(self.endpoint.state()["accepted"], before + 1)
        done = self.login(self.http, "echo x",
                          options=("--set", "trusted-hosts=a*b"))
        self.assertIn(b"trusted-hosts: ", done.stderr)

    def test_by_default(self):
        """A user name means Negotiate, and none the tickets of kinit."""
        for url in self.http, self.https:
            done = self.tool("run", "-u", USER, "--ca", self.ca,
                             "--trusted-hosts=127.0.0.1", url, "echo x")
            self.assert_good(done, b"x\n")
            done = self.tool("identify", "-v", "-u", USER, "--ca", self.ca,
                             "--trusted-hosts=127.0.0.1", url)
            self.assertEqual(b"nothing proves" in done.stderr,
                             url == self.http)
        nobody = {**environment(None), "KRB5CCNAME": "FILE:/nowhere/cc",
                  "KRB5_CONFIG": "/dev/null"}
        done = self.tool("identify", "--ca", self.ca, self.https, env=nobody)
        self.assertEqual(done.returncode, 6)
        self.assertIn(b"(0x803380E5)", done.stderr)
        self.assertIn(b"\n  username: --user NAME\n", done.stderr)
        done = self.tool("identify", "--ca", self.ca, "--spn-host",
                         "srv.example.com", "--spn-port", "--spn-prefix",
                         "WSMAN", "--auth", "kerberos", self.https,
                         env=nobody)
        self.assertEqual(done.returncode, 6)
        self.assertIn(b"\n  spn: WSMAN/srv.example.com:", done.stderr)
        self.assertIn(b"Kerberos", done.stderr)
        self.assertEqual(self.endpoint.state()["logins"].get("refused", 0), 0)

    def test_schemes_without_credentials(self):
        for scheme, code in (("negotiate", b"(0x803380E5)"),
                             ("ntlm", b"(0x803380B0)"),
                             ("basic", b"(0x803380B0)"),
                             ("kerberos", b"(0x8033810B)")):
            done = self.tool("identify", "--auth", scheme, self.http)
            self.assertEqual(done.returncode, 6, scheme)
            self.assertIn(code, done.stderr, scheme)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_tickets_and_passwords(self):
        """With a keytab or a cache nobody is asked for a password."""
        for tickets, code in ("--keytab", 1), ("--ccache", 6):
            done = self.tool("identify", "-u", "me@EXAMPLE.COM", tickets,
                             "/nowhere/file", "--realm", "EXAMPLE.COM",
                             "--delegate", "--spn-host", "srv", self.http,
                             env=environment(None), start_new_session=True)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(b"/nowhere/file", done.stderr)
        done = self.tool("identify", "--keytab", "x", "--ccache", "y",
                         self.http)
        self.assertIn(b"the options keytab and ccache exclude each other",
                      done.stderr)
        done = self.tool("identify", "-u", USER, "--keytab", "x",
                         "--password-file", "y", self.http)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--password-file and --keytab or --ccache exclude",
                      done.stderr)

    def test_no_password(self):
        for password in None, "":
            done = self.login(self.http, "echo x", env=environment(password))
            self.assertEqual(done.returncode, 255)
            self.assertIn(b"no password for user", done.stderr)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_nothing_secret_in_the_log(self):
        done = self.login(self.http, "echo x",
                          options=("--trace", "--set", "trusted-hosts=*"))
        self.assertEqual(done.stdout, b"x\n")
        self.assertIn(b"Authorization: Negotiate ***", done.stderr)
        self.assertIn(b"logged in as " + USER.encode(), done.stderr)
        for secret in (PASSWORD.encode(), b"TlRMTVNTUAA", b"YIIB", b"oYI"):
            self.assertNotIn(secret, done.stderr)

    def test_how_it_got_in(self):
        done = self.login(self.https, "echo x", options=("--stats",))
        self.assertIn(b"; login: Negotiate as %s by NTLM for HTTP/127.0.0.1\n"
                      % USER.encode(), done.stderr)
        said = self.tool("identify", "--json", "--stats", "-u", USER,
                         self.https, "--ca", self.ca)
        self.assertEqual(json.loads(said.stdout)["login"], {
            "scheme": "Negotiate", "mechanism": "NTLM", "identity": USER,
            "spn": "HTTP/127.0.0.1"})

    def test_other_binding_and_spn(self):
        for options in (("channel-binding=never",), ("spn-prefix=WSMAN",),
                        ("spn-host=other", "spn-port=true")):
            options = [w for o in options for w in ("--set", o)]
            self.assert_good(self.login(self.https, "echo x",
                                        options=options), b"x\n")
        done = self.login(self.https, "echo x",
                          options=("--set", "spn-prefix=a/b"))
        self.assertIn(b"WSC_E_OPTION", done.stderr)

    def test_offered(self):
        """A server without it says what it has."""
        with harness.Endpoint("--allow-unencrypted") as endpoint:
            done = self.login(endpoint.url, "echo x")
        self.assertIn(b"does not accept Negotiate", done.stderr)
        self.assertEqual(done.returncode, 255)
