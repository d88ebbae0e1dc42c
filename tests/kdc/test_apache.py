#!/usr/bin/python3
"""The library against Apache with mod_auth_gssapi (apache.py): another front
end, by MIT's library and gss-ntlmssp. Behind it is the endpoint."""

import collections
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "endpoint"),
                os.path.join(ROOT, "bindings", "python")]
os.environ.setdefault("WSMAN_CLIENT_LIBRARY", os.path.join(
    ROOT, "build", "lib", "libwsman-client.so.0"))

import apache as front  # noqa: E402
import certs  # noqa: E402
import harness  # noqa: E402
import kdc as fixture  # noqa: E402
from harness import PASSWORD, USER  # noqa: E402
from wsman_client import AuthError, Client, Context, WsmanError  # noqa: E402

PRINCIPAL = "%s@%s" % (USER, fixture.REALM)
COMPUTER = os.uname().nodename.upper()
KERBEROS = {"auth": "negotiate", "user": PRINCIPAL}
NTLM = {"auth": "ntlm", "user": USER}
# How to log in, and whom the server then sees, by which mechanism.
LOGINS = (
    (KERBEROS, PRINCIPAL, "Negotiate/krb5"),
    ({"auth": "negotiate", "user": USER, "realm": fixture.REALM}, PRINCIPAL,
     "Negotiate/krb5"),
    ({"auth": "negotiate", "user": ".\\" + USER},
     "%s\\%s" % (COMPUTER, USER), "Negotiate/NTLM"),
    ({"auth": "negotiate", "user": "%s\\%s" % (COMPUTER, USER)},
     "%s\\%s" % (COMPUTER, USER), "Negotiate/NTLM"),
    ({**KERBEROS, "mechanisms": "ntlm"}, "\\" + PRINCIPAL, "Negotiate/NTLM"),
    (NTLM, USER, "Negotiate/NTLM"))


def missing():
    """Return why this cannot be tried, or None."""
    if not os.path.exists("/etc/gss/mech.d/mech.ntlmssp.conf"):
        return "gss-ntlmssp is not there"
    return fixture.missing() or front.missing()


def setUpModule():
    """Start what all of the cases use."""
    if missing():
        return
    made = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(made.cleanup)
    ApacheCase.pair = certs.make(made.name)
    ApacheCase.ca = os.path.join(made.name, "ca.pem")
    ApacheCase.kdc = fixture.Kdc()
    unittest.addModuleCleanup(ApacheCase.kdc.stop)
    ApacheCase.kdc.add_user(USER, PASSWORD)
    ApacheCase.kdc.add_service("HTTP/localhost")
    ApacheCase.endpoint = harness.Endpoint("--allow-unencrypted")
    unittest.addModuleCleanup(ApacheCase.endpoint.stop)


@unittest.skipIf(missing(), missing())
class ApacheCase(unittest.TestCase):
    """A case with an Apache of certain settings."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.apache = front.Apache(
            cls.endpoint.url, harness.authorization(), cls.kdc.keytab,
            ["%s:%s:%s" % (COMPUTER, USER, PASSWORD),
             ":%s:%s" % (PRINCIPAL, PASSWORD)], cls.pair, **cls.settings)
        cls.addClassCleanup(cls.apache.stop)
        cls.http, cls.https = (
            "%s://%s/wsman" % (scheme, where.replace("127.0.0.1", "localhost"))
            for scheme, where in (("http", cls.apache.http),
                                  ("https", cls.apache.https)))
        cls.urls = cls.http, cls.https

    def setUp(self):
        self.endpoint.control("POST", "reset")
        self.kdc.forget()
        self.apache.mark()

    def tearDown(self):
        self.assertEqual(self.endpoint.state()["violations"], [])

    def client(self, url, login, **options):
        """Return a client; over http its messages are not sealed, for what
        is behind Apache could not read them."""
        more = {"encryption": "never", "allow_unencrypted": True,
                "trusted_hosts": "localhost"} if url == self.http else {}
        return Client(url, **{"password": PASSWORD, "tls_ca_file": self.ca,
                              "krb5_config": self.kdc.krb5_config, **more,
                              **login, **options})

    def run_(self, *args, **options):
        """Run a command; return its output."""
        with self.client(*args, **options) as client:
            return client.run("echo x").stdout

    def check(self, user, mechanism):
        """Check that each connection has logged in once, at its begin; return
        how many there were."""
        legs = 1 if mechanism == "Negotiate/krb5" else 2
        connections = collections.defaultdict(list)
        for seen in self.seen():
            connections[seen.port].append(seen)
        for seen in connections.values():
            self.assertEqual([(s.scheme, s.status) for s in seen[:legs]],
                             [("Negotiate", "401"),
                              ("Negotiate", "200")][-legs:])
            self.assertEqual({s.scheme for s in seen[legs:]}, {"-"})
            self.assertNotIn("401", {s.status for s in seen[legs:]})
            self.assertEqual({(s.user, s.mechanism) for s in seen[legs - 1:]},
                             {(user, mechanism)})
        return len(connections)

    def seen(self):
        """Return what Apache has seen since the test began, with all that
        got through to the endpoint."""
        through = len(self.endpoint.state()["requests"])
        return self.apache.seen(lambda all_: sum(
            s.scheme == "-" and s.status != "401" for s in all_) >= through)


class LoginTest(ApacheCase):
    """Who gets in, how."""

    def test_every_login(self):
        for url in self.urls:
            for login, user, mechanism in LOGINS:
                with self.subTest(url=url, **login):
                    self.setUp()
                    self.assertEqual(self.run_(url, login), b"x\n")
                    self.check(user, mechanism)
                    asked = mechanism == "Negotiate/krb5"
                    self.assertEqual(self.kdc.logins(USER), asked)
                    self.assertEqual(self.kdc.tickets("HTTP/localhost"),
                                     asked)

    def test_binding(self):
        """Apache asks for none, and minds none."""
        for binding in "auto", "never":
            for login in KERBEROS, NTLM:
                self.assertEqual(self.run_(self.https, login,
                                           channel_binding=binding), b"x\n")

    def test_much(self):
        data = os.urandom(1 << 20)
        for login in KERBEROS, NTLM:
            with self.client(self.https, login) as client:
                self.assertEqual(client.run("cat", input=data).stdout, data)

    def test_wrong_password(self):
        for url in self.urls:
            for login in NTLM, {**KERBEROS, "mechanisms": "ntlm"}:
                self.setUp()
                with self.client(url, login, password="wrong") as client:
                    for _ in range(2):
                        with self.assertRaises(AuthError) as caught:
                            client.run("echo x")
                        self.assertEqual(caught.exception.fault_code,
                                         0x8009030C)
                seen = self.apache.seen(lambda all_: len(all_) >= 2)
                self.assertEqual([s.status for s in seen], ["401", "401"])
            self.setUp()
            with self.assertRaises(AuthError) as caught:
                self.run_(url, KERBEROS, password="wrong")
            self.assertEqual(caught.exception.fault_code, 0x8009030C)
            self.assertEqual(self.kdc.failures(USER), 1)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_nobody(self):
        """The request of who has not logged in gets nowhere."""
        with self.assertRaises(AuthError) as caught:
            self.run_(self.https, {"auth": "none"}, password=None)
        self.assertEqual(caught.exception.details["offered"],
                         "Negotiate, NTLM")
        with self.assertRaises(AuthError):
            self.run_(self.https, {"auth": "basic", "user": USER})
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_scheme_that_is_not_there(self):
        """Kerberos without Negotiate is Windows' own."""
        with self.assertRaises(AuthError) as caught:
            self.run_(self.https, {**KERBEROS, "auth": "kerberos"})
        self.assertIn("does not accept Kerberos", str(caught.exception))
        self.assertIn("auth to negotiate", caught.exception.remedy)
        self.assertEqual(caught.exception.details["offered"],
                         "Negotiate, NTLM")
        self.assertEqual(self.run_(self.https, {
            **KERBEROS, "mechanisms": "kerberos"}), b"x\n")

    def test_identities_apart(self):
        """Two at once, and no connection is shared by them."""
        with Context() as context:
            clients = [self.client(self.https, login, context=context)
                       for login in (KERBEROS, NTLM)]
            commands = [client.start("cat") for client in clients * 3]
            for number, command in enumerate(commands):
                command.write(b"%d" % number)
                command.write_eof()
            for number, command in enumerate(commands):
                self.assertEqual(b"".join(data for _, data in command),
                                 b"%d" % number)
                command.close()
            for client in clients:
                client.close()
        users = collections.defaultdict(set)
        for seen in self.seen():
            users[seen.port].add(seen.user)
        self.assertEqual({frozenset(names - {"-"})
                          for names in users.values()},
                         {frozenset({PRINCIPAL}), frozenset({USER})})

    def test_faults(self):
        """Apache closes the connection behind every fault: a new one logs in
        again, and the command is not lost."""
        for login, user, mechanism in LOGINS[0], LOGINS[5]:
            self.setUp()
            self.endpoint.inject({"action": "Receive", "nth": 1, "count": 3,
                                  "effect": "fault", "key": "timed_out"})
            self.assertEqual(self.run_(self.https, login), b"x\n")
            self.assertGreater(self.check(user, mechanism), 3)
            self.assertEqual(
                sum(s.status == "500" for s in self.seen()), 3)
            self.assertLessEqual(self.kdc.logins(USER), 1)

    def test_what_cannot_be_sealed(self):
        """A sealed message is for Apache, who cannot read it."""
        for url, options in ((self.http, {"encryption": "auto"}),
                             (self.https, {"encryption": "always"})):
            with self.assertRaises(WsmanError):
                self.run_(url, KERBEROS, **options)
        self.assertEqual(self.endpoint.state()["requests"], [])


class MechanismTest(ApacheCase):
    """What is agreed on where Apache does not take all."""

    settings = {"mechanisms": ("ntlmssp",)}

    def test_ntlm_alone(self):
        """Kerberos was offered first: NTLM takes a leg more, and the list of
        mechanisms is signed."""
        for url in self.urls:
            self.setUp()
            self.assertEqual(self.run_(url, KERBEROS), b"x\n")
            seen = self.seen()
            self.assertEqual([s.status for s in seen if s.port ==
                              seen[0].port][:4], ["401", "401", "200", "200"])
            self.assertEqual(seen[-1].mechanism, "Negotiate/NTLM")
            with self.assertRaises(WsmanError) as caught:
                self.run_(url, {**KERBEROS, "mechanisms": "kerberos"})
            self.assertEqual(caught.exception.fault_code, 0x80090305)


class KerberosAloneTest(ApacheCase):
    """The other way round."""

    settings = {"mechanisms": ("krb5",)}

    def test_kerberos_alone(self):
        for url in self.urls:
            self.setUp()
            self.assertEqual(self.run_(url, {
                **KERBEROS, "mechanisms": "ntlm,kerberos"}), b"x\n")
            self.assertEqual(self.seen()[-1].mechanism, "Negotiate/krb5")
            with self.assertRaises(WsmanError) as caught:
                self.run_(url, LOGINS[2][0])
            self.assertEqual(caught.exception.fault_code, 0x80090305)


class ShortTest(ApacheCase):
    """An Apache that closes connections early."""

    settings = {"requests": 3}

    def test_every_connection_logs_in(self):
        data = os.urandom(1 << 20)
        for url in self.urls:
            for login, user, mechanism in LOGINS[0], LOGINS[2], LOGINS[5]:
                with self.subTest(url=url, **login):
                    self.setUp()
                    with self.client(url, login) as client:
                        self.assertEqual(
                            client.run("cat", input=data).stdout, data)
                    self.assertGreater(self.check(user, mechanism), 4)
                    self.assertLessEqual(self.kdc.logins(USER), 1)
                    self.assertLessEqual(self.kdc.tickets("HTTP/localhost"),
                                         1)


class LongTokenTest(ApacheCase):
    """One that takes no header as long as a token: Kerberos' first one,
    NTLM's last one."""

    settings = {"field": 400}

    def test_error(self):
        for url in self.urls:
            for login in KERBEROS, NTLM, LOGINS[2][0]:
                with self.assertRaises(AuthError) as caught:
                    self.run_(url, login)
                self.assertIn("with HTTP 400", str(caught.exception))
                self.assertEqual(caught.exception.http_status, 400)
                self.assertEqual(caught.exception.fault_code, 0x80090308)
                self.assertIn("MaxFieldLength", caught.exception.remedy)


class TooShortTest(ApacheCase):
    """One that closes them behind the login."""

    settings = {"requests": 1}

    def test_error(self):
        with self.assertRaises(AuthError) as caught:
            self.run_(self.https, NTLM)
        self.assertIn("closes the connection", str(caught.exception))
        self.assertIn("keep connections", caught.exception.remedy)


class UnboundTest(ApacheCase):
    """One that wants a login with each request, which WinRM never does."""

    settings = {"bound": False}

    def test_error(self):
        for url in self.urls:
            self.setUp()
            with self.assertRaises(AuthError) as caught:
                self.run_(url, KERBEROS)
            self.assertIn("again and again", str(caught.exception))
            self.assertIn("GssapiConnectionBound", caught.exception.remedy)
            seen = self.apache.seen(lambda all_: len(all_) >= 4)
            self.assertEqual([s.status for s in seen],
                             ["200", "401", "200", "401"])
            with self.assertRaises(WsmanError) as caught:
                self.run_(url, NTLM)
            self.assertEqual(caught.exception.fault_code, 0x80090305)
            # Apache tells a request once its answer has gone out: the next
            # round must not take this one for its own.
            seen = self.apache.seen(lambda all_: len(all_) >= 5)
            self.assertEqual([s.status for s in seen[4:]], ["401"])
        self.assertEqual(self.endpoint.state()["requests"], [])


if __name__ == "__main__":
    unittest.main()
