#!/usr/bin/env python3
"""Checks of the endpoint's Kerberos and NTLM with pypsrp (from PyPI; with
krb5 from there and Debian's gssapi), against a KDC of their own.

Usage: check_logins.py
"""

import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "kdc"),
                os.path.join(HERE, "..", "endpoint")]

import harness  # noqa: E402
import krb5  # noqa: E402
import kdc as fixture  # noqa: E402
from pypsrp.exceptions import AuthenticationError  # noqa: E402
from pypsrp.shell import Process, SignalCode, WinRS  # noqa: E402
from pypsrp.wsman import WSMan  # noqa: E402
from spnego.exceptions import SpnegoError  # noqa: E402

FAILED = []
USER, PASSWORD = harness.USER, "kerberos's pass-word"
ENCTYPES = {fixture.AES256: 18, fixture.AES128: 17, fixture.AES256_SHA2: 20,
            fixture.AES128_SHA2: 19}
TEXT = b"x" * 70000


def check(name, got, wanted):
    """Print one line in the form that run_peers.py reads."""
    if got == wanted:
        print("ok %s" % name)
    else:
        FAILED.append(name)
        print("FAIL %s: %.300r" % (name, got))


class Logins:
    """A KDC, and endpoints that know its services."""

    def __init__(self, kdc, directory):
        self.kdc, self.directory = kdc, directory
        self.principal = kdc.principal(USER)

    def endpoint(self, *arguments):
        """Return an endpoint for http and https."""
        return harness.Endpoint(
            "--negotiate", "--keytab", self.kdc.keytab, "--basic", "off",
            "--make-cert", self.directory, "--https-port", "0", *arguments)

    def run(self, endpoint, url, auth, user, password, **more):
        """Run cat; return what the endpoint tells of the login."""
        endpoint.control("POST", "reset")
        secure = url.startswith("https")
        with WSMan("localhost", port=endpoint.address(url)[1], ssl=secure,
                   auth=auth, username=user, password=password,
                   cert_validation=secure and os.path.join(self.directory,
                                                           "ca.pem"),
                   **{"negotiate_service": "HTTP", **more}) as wsman:
            with WinRS(wsman) as shell:
                process = Process(shell, "cat")
                process.begin_invoke()
                process.send(TEXT, end=True)
                process.end_invoke()
                process.signal(SignalCode.TERMINATE)
                if (process.stdout, process.rc) != (TEXT, 0):
                    return process.stdout, process.stderr, process.rc
        state = endpoint.state()
        if state["violations"]:
            return state["violations"]
        return state["sessions"][-1]

    def tried(self, *args, **more):
        """The same; the kind of error if there was one."""
        try:
            return self.run(*args, **more)
        except (AuthenticationError, SpnegoError, krb5.Krb5Error) as error:
            return type(error).__name__

    def told(self, mechanism, scheme, spnego, secure, **more):
        """Return what the endpoint should tell."""
        kerberos = mechanism == "kerberos"
        realm = "@" + self.kdc.realm if kerberos else ""
        return {"scheme": scheme, "mechanism": mechanism, "spnego": spnego,
                "bound": secure, "delegated": False, "user": USER + realm,
                "target": "HTTP/localhost" + realm,
                "enctype": 18 if kerberos else None, **more}

    def every_form(self):
        """Every scheme over http (sealed) and https (bound)."""
        with self.endpoint("--channel-binding", "strict") as endpoint:
            for url in endpoint.urls:
                for auth, mechanism, user, password in (
                        ("kerberos", "kerberos", self.principal, PASSWORD),
                        ("negotiate", "kerberos", self.principal, PASSWORD),
                        ("ntlm", "ntlm", USER, harness.PASSWORD),
                        ("negotiate", "ntlm", USER, harness.PASSWORD)):
                    scheme = url.partition(":")[0]
                    check("%s with %s over %s" % (auth, mechanism, scheme),
                          self.tried(endpoint, url, auth, user, password),
                          self.told(mechanism, "Negotiate",
                                    auth == "negotiate", scheme == "https"))
            check("https without the binding", self.tried(
                endpoint, endpoint.urls[1], "kerberos", self.principal,
                PASSWORD, negotiate_send_cbt=False), "AuthenticationError")

    def only(self):
        """Endpoints that take one scheme or mechanism alone."""
        with self.endpoint("--schemes", "Kerberos") as endpoint:
            check("the scheme Kerberos", self.tried(
                endpoint, endpoint.url, "kerberos", self.principal, PASSWORD),
                self.told("kerberos", "Kerberos", False, False))
        with self.endpoint("--mechanisms", "ntlm") as endpoint:
            check("Kerberos where only NTLM is taken", self.tried(
                endpoint, endpoint.url, "kerberos", self.principal, PASSWORD),
                "AuthenticationError")

    def others(self):
        """Names of services, delegation, a wrong password."""
        with self.endpoint() as endpoint:
            args = (endpoint, endpoint.url, "negotiate", self.principal)
            check("another name of the service", self.tried(
                *args, PASSWORD, negotiate_service="WSMAN"),
                self.told("kerberos", "Negotiate", True, False,
                          target=self.kdc.principal("WSMAN/localhost")))
            check("delegation", self.tried(
                *args, PASSWORD, negotiate_delegate=True),
                self.told("kerberos", "Negotiate", True, False,
                          delegated=self.principal))
            self.kdc.forget()
            check("a wrong password is refused", self.tried(
                endpoint, endpoint.url, "kerberos", self.principal, "wrong"),
                "Krb5Error")
            check("and reached the KDC", self.kdc.failures(USER) > 0, True)

    def every_key(self):
        """Keys of all types but RC4: of these pypsrp leaves the padding."""
        before = os.environ["KRB5_CONFIG"]
        with self.endpoint() as endpoint:
            for enctype, number in ENCTYPES.items():
                os.environ["KRB5_CONFIG"] = self.kdc.config("one.conf",
                                                            [enctype])
                check("sealed by " + enctype, self.tried(
                    endpoint, endpoint.url, "kerberos", self.principal,
                    PASSWORD), self.told("kerberos", "Negotiate", False,
                                         False, enctype=number))
        os.environ["KRB5_CONFIG"] = before


def main():
    """Run all checks."""
    with tempfile.TemporaryDirectory() as directory, fixture.Kdc(
            enctypes=ENCTYPES) as kdc:
        kdc.add_user(USER, PASSWORD)
        kdc.add_service("HTTP/localhost", "WSMAN/localhost", delegate=True)
        os.environ["KRB5_CONFIG"] = kdc.config("client.conf",
                                               forwardable="true")
        os.environ["KRB5CCNAME"] = "FILE:" + kdc.path("none")
        logins = Logins(kdc, directory)
        logins.every_form()
        logins.only()
        logins.others()
        logins.every_key()
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
