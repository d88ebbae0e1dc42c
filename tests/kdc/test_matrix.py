#!/usr/bin/python3
"""A test for each cell of the table of logins (matrix.py), by its name.

One of them, or a row: test_matrix.py -k kerberos_keytab_https, -k ntlm_own_
The library is used by its Python package, the far end is the endpoint.
"""

import itertools
import os
import sys
import tempfile
import unittest
import unittest.mock

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "endpoint"),
                os.path.join(ROOT, "bindings", "python")]
os.environ.setdefault("WSMAN_CLIENT_LIBRARY", os.path.join(
    ROOT, "build", "lib", "libwsman-client.so.0"))

import certs  # noqa: E402
import harness  # noqa: E402
import kdc as fixture  # noqa: E402
import matrix  # noqa: E402
from harness import PASSWORD, USER  # noqa: E402
from wsman_client import Client, Context, WsmanError  # noqa: E402

try:
    import gssapi  # noqa: F401
    GSSAPI = True
except ImportError:
    GSSAPI = False

SERVER = "server.wsman.test"   # spn-host, as if localhost were called that
COMPUTER = os.uname().nodename.upper()
PRINCIPAL = "%s@%s" % (USER, fixture.REALM)
NOWHERE = "FILE:/nowhere/ccache"
OPTIONS = {"trusted": {"trusted_hosts": "*", "allow_unencrypted": True},
           "always": {"encryption": "always"}}
NAMES = {"name": USER, "domain": "WSMAN\\" + USER, "upn": PRINCIPAL,
         "computer": "%s\\%s" % (COMPUTER, USER), "own": ".\\" + USER}
# What a server is told by NTLM, as gss-ntlmssp writes it.
TOLD = {"upn": "\\" + PRINCIPAL, "name": USER}


@unittest.skipIf(fixture.missing(), fixture.missing())
@unittest.skipUnless(GSSAPI, "python3-gssapi and gss-ntlmssp are not there")
class MatrixTest(unittest.TestCase):
    """One server that takes everything, one account that it has by every
    name."""

    @classmethod
    def setUpClass(cls):
        cls.kdc = fixture.Kdc()
        cls.addClassCleanup(cls.kdc.stop)
        cls.kdc.add_user(USER, PASSWORD)
        cls.kdc.add_service("HTTP/" + SERVER)
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        certs.make(made.name)
        cert, key = certs.make_client(made.name, USER)[:2]
        cls.ca = os.path.join(made.name, "ca.pem")
        cls.endpoint = harness.Endpoint(
            "--negotiate", "--schemes", "Negotiate,Kerberos", "--keytab",
            cls.kdc.keytab, "--principal", PRINCIPAL, "--allow-unencrypted",
            "--make-cert", made.name, "--https-port", "0", "--client-ca",
            cls.ca)
        cls.addClassCleanup(cls.endpoint.stop)
        cls.urls = [url.replace("127.0.0.1", "localhost")
                    for url in cls.endpoint.urls]
        cls.tickets = "FILE:" + cls.kdc.ccache("cc", USER, PASSWORD)
        cls.forms = {form: {"user": name, "password": PASSWORD}
                     for form, name in NAMES.items()}
        cls.forms.update(
            keytab={"keytab": cls.kdc.user_keytab(USER)},
            ccache={"ccache": cls.tickets}, kinit={},
            realm={"realm": fixture.REALM},
            cert={"tls_cert_file": cert, "tls_key_file": key})
        cls.context = Context()
        cls.addClassCleanup(cls.context.close)

    def setUp(self):
        self.endpoint.control("POST", "reset")
        self.kdc.forget()

    def login(self, scheme, form, column):
        """Ask the server who it is, logged in that way."""
        auth = "negotiate" if scheme == "noservice" else scheme
        default = self.tickets if form in ("kinit", "realm") else NOWHERE
        options = {**self.forms[form], **OPTIONS.get(column, {})}
        with unittest.mock.patch.dict(os.environ, KRB5CCNAME=default,
                                      KRB5_CONFIG=os.devnull):
            with Client(self.urls[column in ("https", "always")], auth=auth,
                        context=self.context, tls_ca_file=self.ca,
                        krb5_config=self.kdc.krb5_config,
                        spn_host="nobody" if scheme == "noservice"
                        else SERVER, **options) as client:
                said = client.identify()
                return said, {name: client.info(name) for name in (
                    "scheme", "mechanism", "identity")}

    def check_refused(self, outcome, scheme, form, column):
        with self.assertRaises(WsmanError) as caught:
            self.login(scheme, form, column)
        self.assertEqual("0x%08X" % caught.exception.fault_code, outcome)
        state = self.endpoint.state()
        self.assertEqual((state["requests"], state["logins"]), ([], {}))
        if (scheme, form) == ("basic", "upn") and column != "http":
            self.assertEqual(caught.exception.http_status, 401)
        else:              # before anything was sent to the server
            self.assertEqual(state["statuses"].get("401", 0), 0)

    def check_good(self, outcome, scheme, form, column):
        said, told = self.login(scheme, form, column)
        self.assertIn("OS: 10.0.17763", said["product-version"])
        state = self.endpoint.state()
        mechanism, wire = matrix.how(scheme, form)
        self.assertEqual(told, {
            "scheme": "NTLM" if scheme == "ntlm" else wire,
            "mechanism": {"kerberos": "Kerberos", "ntlm": "NTLM",
                          None: None}[mechanism],
            "identity": PRINCIPAL if mechanism == "kerberos"
            else NAMES.get(form, self.forms[form].get("tls_cert_file"))})
        self.assertEqual(state["violations"], [])
        request, = state["requests"]
        self.assertEqual(
            {key: request[key] for key in ("user", "scheme", "sealed")},
            {"user": PRINCIPAL if mechanism == "kerberos" else USER,
             "scheme": wire, "sealed": "sealed" in outcome})
        if mechanism:
            self.check_session(state, mechanism, scheme, form, wire)
            self.assertEqual(state["sessions"][0]["bound"],
                             "bound" in outcome)
        else:
            self.assertIn(outcome, ("clear", "TLS"))
            self.assertEqual(state["logins"], {})
        self.check_kdc(mechanism, scheme, form)

    def check_session(self, state, mechanism, scheme, form, wire):
        about, = state["sessions"]
        spn = "HTTP/" + ("nobody" if scheme == "noservice" else SERVER)
        self.assertEqual(about, {
            **about, "scheme": wire, "mechanism": mechanism,
            "spnego": wire == "Negotiate" and scheme != "ntlm",
            "delegated": False,
            "target": self.kdc.principal(spn) if mechanism == "kerberos"
            else spn,
            "user": PRINCIPAL if mechanism == "kerberos"
            else TOLD.get(form, NAMES["computer"])})
        self.assertEqual(state["logins"].get("refused", 0), 0)

    def check_kdc(self, mechanism, scheme, form):
        """It is asked where Kerberos may be, and for no more than needed."""
        asked = {r.server for r in self.kdc.requests("TGS-REQ")}
        if mechanism == "kerberos":
            self.assertEqual(asked, {self.kdc.principal("HTTP/" + SERVER)})
            self.assertEqual(self.kdc.logins(USER), int(
                "user" in self.forms[form] or form == "keytab"))
        elif scheme == "noservice":
            self.assertIn(self.kdc.principal("HTTP/nobody"), asked)
        elif (scheme, form) in (("negotiate", "computer"),
                                ("auto", "computer")):
            self.assertEqual((asked, self.kdc.logins(USER)), (set(), 0))
        else:
            self.assertEqual(self.kdc.requests(), [])


def _add(name, scheme, form, column, outcome):
    check = (MatrixTest.check_refused if outcome.startswith("0x")
             else MatrixTest.check_good)
    setattr(MatrixTest, "test_" + name,
            lambda self: check(self, outcome, scheme, form, column))


for _cell in matrix.cells():
    _add(*_cell)


class WholeTest(unittest.TestCase):
    """Nothing is missing in the table without a reason."""

    def test_every_pair(self):
        known = list(matrix.ROWS) + [
            row for rows in matrix.SENSELESS.values() for row in rows]
        self.assertCountEqual(known, list(itertools.product(
            matrix.SCHEMES, matrix.FORMS)))

    def test_every_cell_is_a_test(self):
        names = unittest.TestLoader().getTestCaseNames(MatrixTest)
        self.assertCountEqual(
            names, ["test_" + cell[0] for cell in matrix.cells()])


if __name__ == "__main__":
    unittest.main()
