#!/usr/bin/python3
"""Tests of the KDC, and of the endpoint's Kerberos with MIT's client."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "endpoint")]

import harness  # noqa: E402
import kdc  # noqa: E402

try:
    import gssapi
    import initiator
except ImportError:
    gssapi = None

USER, PASSWORD = "alice", "pass \u20ac'\""
ADMIN = harness.USER
SERVICES = ("HTTP/localhost", "HTTP/localhost:5985", "WSMAN/localhost",
            "HOST/localhost")
ALL = kdc.ENCTYPES + (kdc.AES256_SHA2, kdc.AES128_SHA2)
NUMBERS = dict(zip(ALL, (18, 17, 23, 20, 19)))
HEADERS = {18: 60, 17: 60, 20: 72, 19: 64}
SIZES = (0, 1, 100, 255, 1000, 70000)


@unittest.skipIf(kdc.missing(), kdc.missing())
class KdcTest(unittest.TestCase):
    """The KDC by itself, with Heimdal's clients."""

    @classmethod
    def setUpClass(cls):
        cls.kdc = kdc.Kdc("WSMAN.TEST", "OTHER.TEST",
                          hosts={"far.test": "OTHER.TEST"})
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, PASSWORD)
        cls.kdc.add_service(*SERVICES)

    def setUp(self):
        self.kdc.forget()

    def ticket(self, ccache, *words):
        """Ask for a ticket; return what it failed with, or an empty text."""
        return subprocess.run(
            ["kgetcred", "--cache=FILE:" + ccache, *words], check=False,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env=self.kdc.environment(), timeout=kdc.LIMIT).stderr

    def listed(self, ccache):
        """Return what is in a credential cache."""
        return subprocess.run(
            ["heimtools", "klist", "-v", "-c", ccache], check=True,
            capture_output=True, text=True, timeout=kdc.LIMIT,
            env=self.kdc.environment()).stdout

    def refused(self, *args, **more):
        """Return what kinit says when it fails."""
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            self.kdc.ccache("none", *args, **more)
        return caught.exception.stderr

    def test_login_and_tickets(self):
        ccache = self.kdc.ccache("one", USER, PASSWORD)
        for name in SERVICES[:2] * 2:
            self.assertEqual(self.ticket(ccache, name), "")
        self.assertIn("unknown", self.ticket(ccache, "HTTP/nobody"))
        self.assertEqual(self.kdc.logins(USER), 1)
        self.assertEqual(self.kdc.failures(USER), 0)
        self.assertEqual(len(self.kdc.requests("AS-REQ", USER)), 2)
        self.assertEqual([self.kdc.tickets(name) for name in SERVICES],
                         [1, 1, 0, 0])
        self.assertGreater(self.kdc.tickets("HTTP/nobody"), 0)
        self.kdc.forget()
        self.assertEqual(self.kdc.requests(), [])

    def test_wrong_password(self):
        self.assertIn("Password incorrect", self.refused(USER, "wrong"))
        self.assertEqual(self.kdc.logins(USER), 0)
        self.assertGreaterEqual(self.kdc.failures(USER), 1)

    def test_who_cannot_log_in(self):
        for how, text in (("disabled", "policy rejects"),
                          ("expired", "expired"),
                          ("password_expired", "Password has expired")):
            with self.subTest(how):
                self.kdc.add_user(how, PASSWORD, **{how: True})
                self.assertIn(text, self.refused(how, PASSWORD))
        self.assertIn("unknown", self.refused("nobody", PASSWORD))

    def test_changes(self):
        self.kdc.add_user("bob", "old")
        self.kdc.set_password("bob", "new")
        self.refused("bob", "old")
        self.kdc.ccache("bob", "bob", "new")
        self.kdc.remove("bob")
        self.refused("bob", "new")
        with self.assertRaises(RuntimeError):
            self.kdc.remove("bob")

    def test_short_tickets(self):
        self.kdc.add_user("brief", PASSWORD, ticket_life="90 seconds",
                          renewable_life="1 hour")
        ccache = self.kdc.ccache("brief", "brief", PASSWORD, "--renewable")
        self.assertIn("renewable", self.listed(ccache))
        done = subprocess.run(
            ["kinit.heimdal", "--renew", "--cache=FILE:" + ccache],
            check=False, env=self.kdc.environment(), timeout=kdc.LIMIT)
        self.assertEqual(done.returncode, 0)
        self.assertIn("renew", self.kdc.requests("TGS-REQ")[0].flags)

    def test_flags(self):
        self.kdc.add_service("HTTP/trusted", delegate=True)
        for options, wanted in ((("--no-forwardable",), False),
                                (("--forwardable",), True)):
            ccache = self.kdc.ccache("flags", USER, PASSWORD, *options,
                                     krb5_config=self.kdc.config("f.conf"))
            self.assertEqual("forwardable" in self.listed(ccache), wanted)
        self.assertEqual(self.ticket(ccache, "HTTP/trusted"), "")
        self.assertIn("ok-as-delegate", self.listed(ccache))

    def test_keys(self):
        self.kdc.add_service("HTTP/old", enctypes=[kdc.RC4],
                             keytab=self.kdc.path("old.keytab"))
        keys = subprocess.run(
            ["ktutil.heimdal", "-k", self.kdc.path("old.keytab"), "list"],
            check=True, capture_output=True, text=True).stdout
        self.assertEqual(keys.count("HTTP/old"), 1)
        self.assertIn(kdc.RC4, keys)
        keytab = self.kdc.user_keytab(USER)
        done = subprocess.run(
            ["kinit.heimdal", "--keytab=" + keytab, "--cache=FILE:"
             + self.kdc.path("by-key"), self.kdc.principal(USER)],
            env=self.kdc.environment(), check=False, timeout=kdc.LIMIT)
        self.assertEqual(done.returncode, 0)

    def test_two_realms(self):
        self.kdc.trust("WSMAN.TEST", "OTHER.TEST")
        self.kdc.add_service("HTTP/far.test@OTHER.TEST")
        self.kdc.add_user("carol@OTHER.TEST", PASSWORD)
        ccache = self.kdc.ccache("far", USER, PASSWORD)
        self.assertEqual(self.ticket(ccache, "--canonicalize",
                                     "HTTP/far.test@WSMAN.TEST"), "")
        self.assertEqual(self.kdc.tickets("HTTP/far.test@OTHER.TEST"), 1)
        self.kdc.ccache("carol", "carol@OTHER.TEST", PASSWORD)
        self.assertEqual(self.kdc.logins("carol@OTHER.TEST"), 1)

    def test_silence(self):
        self.kdc.pause()
        try:
            client = self.login_in_background(self.kdc.krb5_config)
        finally:
            self.kdc.resume()
        self.kdc.wait("pre-authentication succeeded -- " + USER)
        self.assertEqual(client.wait(kdc.LIMIT), 0)

    def login_in_background(self, krb5_config):
        """Return a process that logs in."""
        client = subprocess.Popen(
            ["kinit.heimdal", "--password-file=STDIN", "--cache=FILE:"
             + self.kdc.path("background"), self.kdc.principal(USER)],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self.kdc.environment(krb5_config=krb5_config))
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        client.stdin.write(PASSWORD.encode())
        client.stdin.close()
        return client

    def test_black_hole(self):
        with kdc.BlackHole() as hole:
            client = self.login_in_background(
                self.kdc.config("hole.conf", kdcs=[hole.address]))
            hole.wait()
            self.assertIsNone(client.poll())
        with kdc.BlackHole(refuse=True) as nobody:
            client = self.login_in_background(
                self.kdc.config("none.conf", kdcs=["tcp/" + nobody.address]))
            self.assertEqual(client.wait(kdc.LIMIT), 1)
        self.assertEqual(self.kdc.requests(), [])

    def test_program(self):
        """What other programs' tests start."""
        with subprocess.Popen(
                [sys.executable, os.path.join(HERE, "kdc.py"), "--realm",
                 "A.TEST", "--user", "u:" + PASSWORD, "--user-keytab", "u",
                 "--service", "HTTP/x", "--die-with-parent"],
                stdout=subprocess.PIPE, text=True) as program:
            told = {}
            while "ready" not in told:
                word, value = program.stdout.readline().split()
                told[word] = value
            for word in "krb5-config", "keytab", "user-keytab", "log":
                self.assertTrue(os.path.exists(told[word]), word)
            self.assertEqual(told["realm"], "A.TEST")
            program.send_signal(signal.SIGTERM)
            self.assertEqual(program.wait(kdc.LIMIT), 0)
        self.assertFalse(os.path.exists(told["log"]))

    def test_killed(self):
        """No KDC is left behind by one who was killed."""
        with subprocess.Popen(
                [sys.executable, os.path.join(HERE, "kdc.py")],
                stdout=subprocess.PIPE, text=True) as program:
            told = dict(program.stdout.readline().split() for _ in range(5))
            left = os.pidfd_open(int(told["ready"]))
            program.kill()
            program.wait()
        self.addCleanup(os.close, left)
        kdc.select.select([left], [], [])
        kdc.shutil.rmtree(os.path.dirname(told["log"]))


@unittest.skipIf(kdc.missing(), kdc.missing())
@unittest.skipUnless(gssapi, "python3-gssapi is not there")
class AcceptorTest(unittest.TestCase):
    """The endpoint with Kerberos and NTLM, against MIT's initiator."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.kdc = kdc.Kdc(enctypes=ALL)
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(ADMIN, PASSWORD)
        cls.kdc.add_user(USER, PASSWORD)
        cls.kdc.add_service("HTTP/localhost", "WSMAN/localhost")
        cls.kdc.add_service("HTTP/trusted", delegate=True)
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        os.environ["KRB5_CONFIG"] = cls.kdc.config("mit.conf",
                                                   forwardable="true")
        cls.creds = initiator.credentials(cls.kdc.principal(ADMIN), PASSWORD,
                                          "kerberos")
        os.environ["NTLM_USER_FILE"] = os.devnull
        cls.ntlm = initiator.credentials(
            "%s\\%s" % (os.uname().nodename.upper(), ADMIN),
            harness.PASSWORD, "ntlm")

    def start(self, *arguments):
        """Start an endpoint for http and https."""
        self.endpoint = harness.Endpoint(
            "--negotiate", "--keytab", self.kdc.keytab, "--basic", "off",
            "--make-cert", self.directory.name, "--https-port", "0",
            *arguments)
        self.addCleanup(self.endpoint.stop)
        self.http, self.https = self.endpoint.urls

    def client(self, url=None, creds=None, **more):
        """Return a client that has not logged in yet."""
        client = initiator.Initiator(self.endpoint, url or self.http,
                                     creds or self.creds, **more)
        self.addCleanup(client.close)
        return client

    def works(self, client):
        """Log in, run a command, and return what the endpoint knows."""
        self.assertEqual(client.login(), 200)
        self.assertEqual(client.create().status, 200)
        self.assertEqual(client.all_of("echo in"), (b"in\n", b"", 0))
        self.assertEqual(client.delete().status, 200)
        state = self.endpoint.state()
        self.assertEqual(state["violations"], [])
        return state["sessions"][-1]

    def refused(self, client):
        """Check that a login is refused."""
        try:
            self.assertEqual(client.login(), 401)
        except gssapi.exceptions.GSSError:
            pass                # an answer that tells why
        logins = self.endpoint.state()["logins"]
        self.assertEqual(logins.get("accepted", 0), 0)
        self.assertEqual(logins["refused"], 1)
        self.endpoint.control("POST", "reset")

    def test_every_form(self):
        self.start("--schemes", "Negotiate,Kerberos")
        for url in self.http, self.https:
            for scheme, mechanism in (("Negotiate", "spnego"),
                                      ("Negotiate", "kerberos"),
                                      ("Kerberos", "kerberos")):
                with self.subTest(url=url, scheme=scheme, by=mechanism):
                    told = self.works(self.client(url, scheme=scheme,
                                                  mechanism=mechanism))
                    self.assertEqual(told, {
                        "scheme": scheme, "spnego": mechanism == "spnego",
                        "mechanism": "kerberos",
                        "user": self.kdc.principal(ADMIN),
                        "target": self.kdc.principal("HTTP/localhost"),
                        "bound": url == self.https, "delegated": False,
                        "enctype": 18})
            for mechanism in "spnego", "ntlm":
                told = self.works(self.client(url, self.ntlm,
                                              mechanism=mechanism))
                self.assertEqual(told["mechanism"], "ntlm")
                self.assertEqual(told["spnego"], mechanism == "spnego")
                self.assertEqual(told["target"], "HTTP/localhost")
                self.assertEqual(told["bound"], url == self.https)

    def test_offers(self):
        for schemes in "Kerberos", "Negotiate", "Kerberos,Negotiate":
            self.start("--schemes", schemes)
            client = harness.Client(self.endpoint)
            answer = client.post("x", auth=False)
            client.close()
            self.assertEqual(answer.headers.get_all("WWW-Authenticate"),
                             schemes.split(","))
        self.start("--schemes", "Kerberos")
        client = self.client()
        self.assertEqual(client.login(), 401)      # not a leg at all
        self.assertEqual(self.endpoint.state()["logins"], {})
        self.refused(self.client(scheme="Kerberos", mechanism="spnego"))
        self.refused(self.client(creds=self.ntlm, scheme="Kerberos",
                                 mechanism="ntlm"))

    def test_sealed_messages(self):
        self.start()
        for enctype, number in NUMBERS.items():
            with self.subTest(enctype):
                self.sealed_by(enctype, number)

    def sealed_by(self, enctype, number, **more):
        """Check messages of many sizes in both directions."""
        before = os.environ["KRB5_CONFIG"]
        os.environ["KRB5_CONFIG"] = self.kdc.config("one.conf", [enctype])
        try:
            creds = initiator.credentials(self.kdc.principal(ADMIN), PASSWORD,
                                          "kerberos")
            client = self.client(creds=creds, **more)
            self.assertEqual(client.login(), 200)
        finally:
            os.environ["KRB5_CONFIG"] = before
        self.assertEqual(client.create().status, 200)
        for size in SIZES:
            text = "x" * size
            self.assertEqual(client.run("cat").status, 200)
            self.assertEqual(client.send(text.encode(), True).status, 200)
            self.assertEqual(client.output(), (text.encode(), b"", 0))
            client.signal()
            if number in HEADERS:
                self.assertEqual(client.header, HEADERS[number])
            else:
                self.assertIn(client.header, (45, 46, 47, 48))
        state = self.endpoint.state()
        self.assertEqual(state["violations"], [])
        self.assertEqual(state["sessions"][-1]["enctype"], number)

    def test_length_of_rc4(self):
        self.start("--rc4-length", "plain")
        self.sealed_by(kdc.RC4, NUMBERS[kdc.RC4], rc4_pad=0)

    def test_what_is_not_sealed_well(self):
        self.start()
        body = harness.envelope(harness.TRANSFER + "Get")
        for way in "clear", "cut", "plain", "changed", "repeated":
            with self.subTest(way):
                self.endpoint.control("POST", "reset")
                client = self.client()
                client.login()
                parts = client.parts
                client.parts = lambda plain: self.spoil(way, parts(plain),
                                                        client)
                if way == "clear":
                    client.secure = True
                if way == "repeated":
                    self.assertNotEqual(client.post(body).status, 400)
                self.assertEqual(client.post(body).status,
                                 500 if way == "clear" else 400)
                kind = "not-sealed" if way == "clear" else "not-unsealed"
                found = self.endpoint.state()["violations"]
                self.assertEqual({v["kind"] for v in found}, {kind})

    @staticmethod
    def spoil(way, parts, client):
        """Return parts that the endpoint has to refuse."""
        length, header, data = parts
        if way == "cut":                # where SSPI does not cut
            return length, (header + data)[:16], (header + data)[16:]
        if way == "plain":              # not rotated
            token = client.context.wrap(b"x" * 50, True).message
            return 50, token[:60], token[60:]
        if way == "changed":
            return length, header, data[:-1] + bytes([data[-1] ^ 1])
        client.parts = lambda plain: parts
        return parts

    def test_mechanisms(self):
        """Of what is offered the endpoint takes what it may."""
        self.start("--mechanisms", "kerberos")
        self.works(self.client())
        self.endpoint.control("POST", "reset")
        for mechanism in "spnego", "ntlm":
            self.refused(self.client(creds=self.ntlm, mechanism=mechanism))
        self.start("--mechanisms", "ntlm")
        self.works(self.client(creds=self.ntlm))
        self.endpoint.control("POST", "reset")
        self.refused(self.client(mechanism="kerberos"))

    def test_another_mechanism_than_the_first(self):
        """The endpoint asks for the MIC of SPNEGO (request-mic)."""
        both = self.both_credentials()
        for mechanisms, wanted in (("ntlm", "ntlm"), ("kerberos", "kerberos"),
                                   ("ntlm,kerberos", "kerberos")):
            self.start("--mechanisms", mechanisms)
            client = self.client(creds=both)
            told = self.works(client)
            self.assertEqual(told["mechanism"], wanted)
            self.assertTrue(told["spnego"])
            if wanted == "ntlm":
                # [0] negState request-mic
                self.assertIn(b"\xa0\3\x0a\1\3", client.tokens[0])

    def both_credentials(self):
        """Return credentials for Kerberos (first) and NTLM."""
        path = self.kdc.path("ntlm-users")
        with open(path, "w", encoding="utf-8") as out:
            out.write("%s:%s:%s\n" % (os.uname().nodename.upper(), ADMIN,
                                      harness.PASSWORD))
        ccache = self.kdc.ccache("both", ADMIN, PASSWORD)
        for name, value in (("NTLM_USER_FILE", path),
                            ("KRB5CCNAME", "FILE:" + ccache)):
            self.addCleanup(os.environ.__setitem__, name,
                            os.environ.get(name, os.devnull))
            os.environ[name] = value
        oids = initiator.OIDS
        creds = initiator.raw.acquire_cred(
            None, usage="initiate",
            mechs=[oids[m] for m in ("kerberos", "ntlm", "spnego")]).creds
        return gssapi.Credentials(creds)

    def test_bindings(self):
        for kind, wanted in (("relaxed", 200), ("strict", 401),
                             ("none", 200)):
            self.start("--channel-binding", kind)
            for creds in self.creds, self.ntlm:
                client = self.client(self.https, creds, bound=False)
                self.assertEqual(client.login(), wanted, kind)
            if kind == "none":
                continue
            told = self.works(self.client(self.https))
            self.assertTrue(told["bound"])
            self.endpoint.control("POST", "reset")
            client = self.client(self.https, bound=False)
            client.context = self.wrongly_bound()
            self.refused(client)

    def wrongly_bound(self):
        """Return a context bound to another certificate."""
        return gssapi.SecurityContext(
            name=gssapi.Name("HTTP@localhost",
                             gssapi.NameType.hostbased_service),
            mech=initiator.OIDS["spnego"], creds=self.creds,
            flags=initiator.FLAGS, usage="initiate",
            channel_bindings=initiator.raw.ChannelBindings(
                application_data=b"tls-server-end-point:" + bytes(32)))

    def test_delegation(self):
        self.start()
        flags = initiator.FLAGS | initiator.DELEGATE
        told = self.works(self.client(flags=flags, target="HTTP@trusted"))
        self.assertEqual(told["delegated"], self.kdc.principal(ADMIN))
        self.assertEqual(told["target"], self.kdc.principal("HTTP/trusted"))

    def test_users(self):
        creds = initiator.credentials(self.kdc.principal(USER), PASSWORD,
                                      "kerberos")
        self.start()
        self.refused(self.client(creds=creds))
        self.start("--principal", self.kdc.principal(USER))
        told = self.works(self.client(creds=creds))
        self.assertEqual(told["user"], self.kdc.principal(USER))
        self.endpoint.control("POST", "reset")
        self.refused(self.client())

    def test_error_tokens(self):
        """A service whose key is another one than in the keytab."""
        self.kdc.add_service("HTTP/changed")
        self.kdc.kadmin("passwd", "--random-key", "HTTP/changed")
        for options, wanted in ((), 0), (("--error-tokens",), 1):
            self.start(*options)
            client = self.client(target="HTTP@changed", mechanism="kerberos")
            self.refused(client)
            self.assertEqual(len(client.tokens), wanted)


if __name__ == "__main__":
    if kdc.missing():
        print("skipped:", kdc.missing())
        sys.exit(77)
    unittest.main()
