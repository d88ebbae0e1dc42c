"""Kerberos: passwords, keytabs, caches of tickets, what the KDC is asked.

The KDC is Heimdal's (tests/kdc), the far end MIT's GSSAPI
(tests/endpoint/negotiate.py).
"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

from toolcase import (HERE, LIMIT, PASSWORD, USER, WSC, ToolCase, environment,
                      harness)

sys.path.insert(0, os.path.join(HERE, "..", "kdc"))

import certs  # noqa: E402
import kdc as fixture  # noqa: E402

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

ENCTYPES = {fixture.AES256: 18, fixture.AES128: 17, fixture.RC4: 23,
            fixture.AES256_SHA2: 20, fixture.AES128_SHA2: 19}
SPN = "HTTP/localhost"
KINDS = ("kerberos", "negotiate")


@unittest.skipIf(fixture.missing(), fixture.missing())
@unittest.skipUnless(GSSAPI, "python3-gssapi is not there")
class KerberosCase(ToolCase):
    """A case with a KDC and an endpoint that knows its services."""

    more = ()              # arguments of the endpoint

    @classmethod
    def setUpClass(cls):
        cls.kdc = fixture.Kdc(enctypes=tuple(ENCTYPES))
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, PASSWORD)
        cls.kdc.add_service(SPN)
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.ca = os.path.join(directory.name, "ca.pem")
        cls.arguments = ("--negotiate", "--schemes", "Negotiate,Kerberos",
                         "--basic", "off", "--keytab", cls.kdc.keytab,
                         "--make-cert", directory.name, "--https-port", "0",
                         *cls.more)
        super().setUpClass()
        cls.http, cls.https = map(cls.named, cls.endpoint.urls)

    @staticmethod
    def named(url):
        """Return a URL with the name that is in the SPN."""
        return url.replace("127.0.0.1", "localhost")

    def setUp(self):
        super().setUp()
        self.kdc.forget()

    def words(self, user=None, auth="kerberos", krb5_config=None, **options):
        """Return the options of a command line."""
        options["krb5-config"] = krb5_config or self.kdc.krb5_config
        words = ["--auth", auth, "--ca", self.ca]
        for name, value in options.items():
            words += ["--set", "%s=%s" % (name.replace("_", "-"), value)]
        return words + (["-u", user] if user else [])

    def environment(self, password=None, **more):
        """Return an environment in which there are no tickets."""
        return {**environment(password), "KRB5_CONFIG": os.devnull,
                "KRB5CCNAME": "FILE:" + self.kdc.path("none"), **more}

    def login(self, url, *command, user=None, password=PASSWORD, data=b"",
              env=None, **options):
        """Run a command as USER, or as user."""
        return self.tool(
            "run", *self.words(user or self.kdc.principal(USER), **options),
            url, *(command or ("echo in",)), data=data,
            env=self.environment(password, **(env or {})))

    def implicit(self, url, env=None, **options):
        """Run a command without a user name and a password."""
        return self.tool("run", *self.words(**options), url, "echo in",
                         env=self.environment(None, **(env or {})))

    def assert_good(self, done, out=b"in\n", **about):
        """Check that a command has run, and what the endpoint tells."""
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (out, b"", 0))
        state = self.endpoint.state()
        self.assertEqual(state["violations"], [])
        self.assertEqual(state["logins"].get("refused", 0), 0)
        about.setdefault("mechanism", "kerberos")
        told = state["sessions"][-1]
        self.assertEqual({key: told[key] for key in about}, about)

    def assert_error(self, done, *texts, code=255):
        """Check that nothing has run, and what the error says."""
        self.assertEqual((done.stdout, done.returncode), (b"", code),
                         done.stderr)
        for text in texts:
            self.assertIn(text.encode(), done.stderr)
        self.assertEqual(self.endpoint.state()["requests"], [])


class NamesTest(KerberosCase):
    """Whose name, by what, to whom."""

    def test_every_scheme_and_transport(self):
        for auth in KINDS:
            for url in self.http, self.https:
                with self.subTest(auth=auth, url=url):
                    self.assert_good(
                        self.login(url, auth=auth), enctype=18,
                        bound=url == self.https, delegated=False,
                        user=self.kdc.principal(USER),
                        target=self.kdc.principal(SPN))

    def test_names(self):
        for user, options in (
                (USER, {}), (USER, {"realm": self.kdc.realm}),
                ("%s@%s" % (USER, self.kdc.realm.lower()), {})):
            with self.subTest(user=user, **options):
                self.assert_good(self.login(self.http, user=user, **options),
                                 user=self.kdc.principal(USER))

    def test_keytab(self):
        keytab = self.kdc.user_keytab(USER)
        for name in keytab, "FILE:" + keytab:
            self.assert_good(self.login(self.http, password=None,
                                        keytab=name))
        self.assert_good(self.implicit(self.http, keytab=keytab),
                         user=self.kdc.principal(USER))

    def test_service_account(self):
        """A principal that has no password."""
        name = "backup/host.test"
        self.kdc.add(name)
        keytab = self.kdc.user_keytab(name)
        with harness.Endpoint(*self.arguments, "--principal",
                              self.kdc.principal(name)) as endpoint:
            done = self.implicit(self.named(endpoint.url), keytab=keytab)
            self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))

    def test_ccache(self):
        ccache = self.kdc.ccache("cc", USER, PASSWORD)
        self.kdc.forget()
        for name in ccache, "FILE:" + ccache:
            self.assert_good(self.implicit(self.http, ccache=name),
                             user=self.kdc.principal(USER))
        self.assert_good(self.implicit(
            self.http, env={"KRB5CCNAME": "FILE:" + ccache}))
        self.assertEqual(self.kdc.requests("AS-REQ"), [])
        self.assertEqual(self.kdc.tickets(SPN), 3)

    def test_what_is_not_there(self):
        none = os.path.join(self.kdc.directory, "not-there")
        for options in ({"keytab": none}, {"ccache": none}):
            self.assert_error(self.implicit(self.http, **options), none)
        self.assert_error(self.login(self.http, krb5_config=none), none)
        self.assertEqual(self.kdc.requests(), [])

    def test_who_cannot_log_in(self):
        for how in "disabled", "expired", "password_expired":
            self.kdc.add_user(how, PASSWORD, **{how: True})
        for user, text in (
                ("disabled", "policy"),
                ("expired", "STATUS_ACCOUNT_EXPIRED"),
                ("password_expired", "STATUS_PASSWORD_EXPIRED"),
                ("nobody", "nobody")):
            for auth in KINDS:
                with self.subTest(user, auth=auth):
                    self.assert_error(self.login(
                        self.http, user=self.kdc.principal(user), auth=auth),
                        text)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_wrong_password_is_tried_once(self):
        """Neither a second time at the KDC nor with NTLM at the server."""
        for auth in KINDS:
            for url in self.http, self.https:
                with self.subTest(auth=auth, url=url):
                    self.kdc.forget()
                    self.assert_error(self.login(
                        url, password="wrong", auth=auth, trusted_hosts="*"),
                        "password")
                    self.assertEqual(self.kdc.failures(USER), 1)
                    self.assertEqual(self.kdc.logins(USER), 0)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_wrong_password_of_many(self):
        hosts = "\n".join([self.http] * 5 + [self.https] * 5).encode()
        for auth in KINDS:
            self.kdc.forget()
            done = self.tool(
                "run", *self.words(self.kdc.principal(USER), auth=auth),
                "--hosts", "-", "echo", "x", data=hosts,
                env=self.environment("wrong"))
            self.assertEqual((done.stdout, done.returncode), (b"", 10))
            self.assertEqual(self.kdc.failures(USER), 1)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_nothing_secret_in_the_log(self):
        done = self.tool("run", *self.words(self.kdc.principal(USER)),
                         "--trace", self.http, "echo in",
                         env=self.environment(PASSWORD))
        self.assertEqual(done.stdout, b"in\n")
        self.assertIn(b"Authorization: Kerberos ***", done.stderr)
        for secret in (PASSWORD.encode(), b"YII", b"oYI"):
            self.assertNotIn(secret, done.stderr)

    def test_delegation(self):
        self.kdc.add_service("HTTP/trusted", delegate=True)
        for options, wanted in (
                ({}, False),
                ({"delegate": "true"}, self.kdc.principal(USER))):
            self.assert_good(self.login(self.http, spn_host="trusted",
                                        **options), delegated=wanted)


class SealedTest(KerberosCase):
    """Messages, sealed by keys of every type.

    The two ends agree on a key of the best type that both have; what we have
    there is what the configuration of the process says.
    """

    def only(self, enctype):
        """Return options of login() for keys of one type."""
        conf = self.kdc.config("one.conf", [enctype])
        return {"krb5_config": conf, "env": {"KRB5_CONFIG": conf}}

    def test_every_key(self):
        data = os.urandom(1 << 18)
        for name, number in ENCTYPES.items():
            for auth in KINDS:
                with self.subTest(name, auth=auth):
                    self.assert_good(self.login(
                        self.http, "cat", data=data, auth=auth,
                        **self.only(name)), data, enctype=number)
                    self.assert_good(self.login(
                        self.http, "printf x", auth=auth, **self.only(name)),
                        b"x", enctype=number)

    def test_other_length_of_rc4(self):
        """A server that does not count the padding."""
        with harness.Endpoint(*self.arguments, "--rc4-length",
                              "plain") as endpoint:
            done = self.login(self.named(endpoint.url),
                              **self.only(fixture.RC4))
            self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
            self.assertEqual(endpoint.state()["sessions"][0]["enctype"], 23)

    def test_service_with_an_old_key(self):
        self.kdc.add_service("HTTP/old", enctypes=[fixture.RC4])
        self.assert_good(self.login(self.http, spn_host="old"))

    def test_inside_https(self):
        for auth in KINDS:
            self.assert_good(self.login(self.https, encryption="always",
                                        auth=auth), bound=True)


class SpnTest(KerberosCase):
    """For which service a ticket is asked for, and how often."""

    def test_parts(self):
        port = harness.Endpoint.address(self.https)[1]
        names = "WSMAN/localhost", "HOST/other", "WSMAN/localhost:%d" % port
        self.kdc.add_service(*names)
        for name, options in zip(names, (
                {"spn_prefix": "WSMAN"},
                {"spn_prefix": "HOST", "spn_host": "other"},
                {"spn_prefix": "WSMAN", "spn_port": "true"})):
            with self.subTest(name):
                self.kdc.forget()
                self.assert_good(self.login(self.https, **options),
                                 target=self.kdc.principal(name))
                self.assertEqual(
                    {r.server for r in self.kdc.requests("TGS-REQ")},
                    {self.kdc.principal(name)})

    def test_address(self):
        url = self.http.replace("localhost", "127.0.0.1")
        self.assert_error(self.login(url), "0x8033810B")
        self.assertEqual(self.kdc.requests(), [])
        self.assert_good(self.login(url, spn_host="localhost"))

    def test_unknown(self):
        for auth in KINDS:
            self.assert_error(
                self.login(self.http, spn_host="nobody", auth=auth),
                "HTTP/nobody", "setspn")
        self.assertEqual(self.kdc.logins(USER), 2)
        self.assertEqual(self.endpoint.state()["logins"], {})

    def test_of_another_account(self):
        """A ticket that the service cannot read."""
        self.kdc.add_service("HTTP/changed")
        self.kdc.kadmin("passwd", "--random-key",
                        self.kdc.principal("HTTP/changed"))
        for options in (), ("--error-tokens",):
            with harness.Endpoint(*self.arguments, *options) as endpoint:
                done = self.login(self.named(endpoint.url),
                                  spn_host="changed")
                self.assert_error(done, "HTTP/changed")
                self.assertEqual(endpoint.state()["logins"], {"refused": 1})

    def test_once_for_many(self):
        """One login for all hosts, one ticket for each service."""
        with harness.Endpoint(*self.arguments) as second:
            urls = [self.http, self.https, *map(self.named, second.urls)]
            ports = [harness.Endpoint.address(url)[1] for url in urls]
            names = ["HTTP/localhost:%d" % port for port in ports]
            self.kdc.add_service(*names)
            self.kdc.forget()
            done = self.tool(
                "run", *self.words(self.kdc.principal(USER), spn_port="true"),
                "--hosts", "-", "echo", "in",
                data="\n".join(urls * 3).encode(),
                env=self.environment(PASSWORD))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.count(b": in\n"), 12)
            self.assertEqual(self.kdc.logins(USER), 1)
            self.assertEqual([self.kdc.tickets(n) for n in names], [1] * 4)
            self.assertEqual(len(self.kdc.requests()), 2 + 4)


class BindingTest(KerberosCase):
    """A server that wants to be bound to its certificate."""

    more = ("--channel-binding", "strict")

    def test_binding(self):
        for auth in KINDS:
            self.endpoint.control("POST", "reset")
            self.assert_good(self.login(self.https, auth=auth), bound=True)
            self.endpoint.control("POST", "reset")
            done = self.login(self.https, auth=auth, channel_binding="never")
            self.assert_error(done)
            self.assertEqual(self.endpoint.state()["logins"], {"refused": 1})

    def test_certificates(self):
        """The hash is that of the certificate's signature."""
        for kind in certs.KINDS:
            with tempfile.TemporaryDirectory() as directory, \
                    harness.Endpoint(
                        *self.arguments, "--make-cert", directory,
                        "--cert-kind", kind) as endpoint:
                for auth in KINDS + ("ntlm",):
                    with self.subTest(kind, auth=auth):
                        done = self.login(
                            self.named(endpoint.urls[1]), auth=auth,
                            user=USER,
                            tls_ca_file=os.path.join(directory, "ca.pem"))
                        self.assertEqual((done.stdout, done.stderr),
                                         (b"in\n", b""))


class ChoiceTest(KerberosCase):
    """Kerberos or NTLM, where the two sides do not want the same."""

    more = ("--principal", USER + "@" + fixture.REALM)

    def against(self, theirs, ours, url=1, **options):
        """Log in to an endpoint that takes these mechanisms."""
        with harness.Endpoint(*self.arguments, "--mechanisms",
                              theirs) as endpoint:
            done = self.login(self.named(endpoint.urls[url]),
                              auth="negotiate", mechanisms=ours, **options)
            return done, endpoint.state()

    def test_what_both_want(self):
        for theirs, ours, wanted in (
                ("kerberos,ntlm", "kerberos,ntlm", "kerberos"),
                ("kerberos,ntlm", "ntlm,kerberos", "ntlm"),
                ("kerberos,ntlm", "ntlm", "ntlm"),
                ("ntlm", "kerberos,ntlm", "ntlm"),
                ("kerberos", "ntlm,kerberos", "kerberos")):
            for url in 0, 1:
                with self.subTest(theirs=theirs, ours=ours, url=url):
                    done, state = self.against(theirs, ours, url,
                                               trusted_hosts="*")
                    self.assertEqual((done.stdout, done.stderr),
                                     (b"in\n", b""))
                    self.assertEqual(state["violations"], [])
                    self.assertEqual(state["sessions"][0]["mechanism"],
                                     wanted)
                    self.assertTrue(state["sessions"][0]["spnego"])

    def test_nothing_that_both_want(self):
        for theirs, ours in (("ntlm", "kerberos"), ("kerberos", "ntlm")):
            done, state = self.against(theirs, ours, trusted_hosts="*")
            self.assert_error(done)
            self.assertEqual(state["logins"].get("accepted", 0), 0)

    def test_not_trusted(self):
        """Over http NTLM is not offered to just anybody."""
        done, state = self.against("ntlm", "kerberos,ntlm", 0)
        self.assert_error(done, "trusted-hosts")
        self.assertEqual(state["logins"].get("accepted", 0), 0)
        done, state = self.against("kerberos", "kerberos,ntlm", 0)
        self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))

    def test_no_ticket_for_the_service(self):
        """NTLM does where Kerberos cannot, if it may."""
        done, state = self.against("kerberos,ntlm", "kerberos,ntlm",
                                   spn_host="nobody")
        self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
        self.assertEqual(state["sessions"][0]["mechanism"], "ntlm")


class KdcTest(KerberosCase):
    """KDCs that are slow, silent, or not there."""

    def test_silent(self):
        with fixture.BlackHole() as hole:
            conf = self.kdc.config("hole.conf", kdcs=[hole.address])
            for auth in KINDS:
                self.assert_error(self.login(
                    self.http, auth=auth, krb5_config=conf,
                    kdc_timeout="1000"), self.kdc.realm)
            hole.wait()

    def test_not_there(self):
        with fixture.BlackHole(refuse=True) as nobody:
            conf = self.kdc.config("none.conf", kdcs=[nobody.address])
            self.assert_error(self.login(self.http, krb5_config=conf,
                                         kdc_timeout="2000"), self.kdc.realm)

    def test_second_one(self):
        real = "127.0.0.1:%d" % self.kdc.port
        for refuse in True, False:
            with fixture.BlackHole(refuse=refuse) as first:
                conf = self.kdc.config("two.conf", kdcs=[first.address, real])
                self.assert_good(self.login(self.http, krb5_config=conf))

    def test_ctrl_c(self):
        """Nobody waits for a KDC longer than they want."""
        with fixture.BlackHole() as hole:
            conf = self.kdc.config("hole.conf", kdcs=[hole.address])
            process = subprocess.Popen(
                [WSC, "run", *self.words(self.kdc.principal(USER),
                                         krb5_config=conf,
                                         kdc_timeout="600000",
                                         open_timeout="600000",
                                         cancel_timeout="1000"),
                 self.http, "echo in"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self.environment(PASSWORD))
            process.stdin = process.stderr
            self.addCleanup(self.finish, process)
            hole.wait()
            process.send_signal(signal.SIGINT)
            self.assertNotEqual(process.wait(LIMIT), 0)

    def test_late(self):
        self.kdc.pause()
        try:
            process = subprocess.Popen(
                [WSC, "run", *self.words(self.kdc.principal(USER)), self.http,
                 "echo in"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=self.environment(PASSWORD))
            process.stdin = process.stderr
            self.addCleanup(self.finish, process)
        finally:
            self.kdc.resume()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_answers_too_large_for_a_datagram(self):
        with fixture.Kdc(options={
                "max-kdc-datagram-reply-length": "100"}) as kdc:
            kdc.add_user(USER, PASSWORD)
            kdc.add_service(SPN)
            with harness.Endpoint("--negotiate", "--keytab",
                                  kdc.keytab) as endpoint:
                done = self.login(self.named(endpoint.url), auth="negotiate",
                                  krb5_config=kdc.krb5_config)
                self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
            self.assertEqual(kdc.logins(USER), 1)

    def test_other_realm(self):
        """A user of one realm, a service of another one."""
        with fixture.Kdc("USERS.TEST", "SERVERS.TEST",
                         hosts={"localhost": "SERVERS.TEST"}) as kdc:
            kdc.trust("USERS.TEST", "SERVERS.TEST")
            kdc.add_user(USER, PASSWORD)
            kdc.add_service(SPN + "@SERVERS.TEST")
            with harness.Endpoint("--negotiate", "--keytab",
                                  kdc.keytab) as endpoint:
                done = self.login(
                    self.named(endpoint.url), auth="negotiate",
                    user=kdc.principal(USER), krb5_config=kdc.krb5_config)
                self.assertEqual((done.stdout, done.stderr), (b"in\n", b""))
                told = endpoint.state()["sessions"][0]
        self.assertEqual(told["target"], SPN + "@SERVERS.TEST")
