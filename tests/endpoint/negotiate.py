"""Negotiate and Kerberos for the endpoint: an acceptor of GSSAPI per
connection.

The tokens and the sealing are MIT's and gss-ntlmssp's (python3-gssapi,
gss-ntlmssp); without these packages the endpoint runs, but cannot do it.
"""

import base64
import binascii
import hashlib
import os
import re
import ssl
import subprocess

import sealing
import tokens

try:
    import gssapi
    from gssapi import raw
    GSSAPI = True
except ImportError:
    GSSAPI = False

SCHEMES = ("Negotiate", "Kerberos")
MECHANISMS = {"kerberos": "1.2.840.113554.1.2.2",
              "ntlm": "1.3.6.1.4.1.311.2.2.10"}
SPNEGO = "1.3.6.1.5.5.2"
SPNEGO_DER = bytes.fromhex("06062b0601050502")


def write_users(path, user, principals, password):
    """Make the file from which gss-ntlmssp takes the accounts.

    A name with a realm comes without a domain.
    """
    names = ["%s:%s" % (os.uname().nodename.upper(), user)]
    names += [":" + name for name in principals or ()]
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
              encoding="utf-8") as out:
        out.writelines("%s:%s\n" % (name, password) for name in names)
    os.environ["NTLM_USER_FILE"] = path


def use_keytab(keytab, directory):
    """Let this process take the tickets of the keytab's services.

    By the environment: what is acquired from a credential store makes
    gss-ntlmssp 1.2 crash behind SPNEGO.
    """
    os.environ["KRB5_KTNAME"] = "FILE:" + keytab
    os.environ["KRB5RCACHENAME"] = "file2:" + os.path.join(directory, "seen")
    os.environ["KRB5_CONFIG"] = os.devnull


def hash_of(text):
    """Return the name of the hash for a certificate, as openssl shows it.

    RFC 5929 4.1, and what peers do where the signature has none of its own.
    """
    part = re.search(r"Signature Algorithm: (\S+)(?:\s+Hash Algorithm: (\S+))?",
                     text)
    name, of_pss = part.group(1).lower(), (part.group(2) or "sha1").lower()
    if "ed25519" in name or "ed448" in name:
        return "sha256"
    if "pss" in name:
        name = of_pss
    found = re.search(r"sha(224|384|512)", name)
    return found.group(0) if found else "sha256"


def bindings_of(cert, kind=None):
    """Return the tls-server-end-point of a PEM file's first certificate."""
    with open(cert, encoding="ascii") as file:
        pem = re.search("-----BEGIN CERT.*?-----END CERT[A-Z]*-----",
                        file.read(), re.S).group(0)
    text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=pem,
                          check=True, capture_output=True, text=True).stdout
    digest = hashlib.new(kind or hash_of(text),
                         ssl.PEM_cert_to_DER_cert(pem)).digest()
    return b"tls-server-end-point:" + digest


def credentials(mechanisms):
    """Return what takes tokens of these mechanisms, bare and in SPNEGO."""
    oids = [gssapi.OID.from_int_seq(MECHANISMS[name]) for name in mechanisms]
    creds = raw.acquire_cred(
        None, mechs=oids + [gssapi.OID.from_int_seq(SPNEGO)],
        usage="accept").creds
    raw.set_neg_mechs(creds, oids)
    return gssapi.Credentials(creds)


class Login:
    """The security context of one connection."""

    def __init__(self, config, secure):
        self.config = config
        self.binding = config.binding if secure and (
            config.hardening != "None") else None
        self.context = None
        self.user = None
        self.sealer = None
        self.scheme = None
        self.about = None          # of the last complete login
        self.error = None          # why the last one failed

    def step(self, scheme, value):
        """Take a token in base64; return (accepted, reply in base64)."""
        reply = None
        try:
            token = base64.b64decode(value, validate=True)
            if self.context is None or self.user is not None:
                self._begin(scheme, token)
            reply = self.context.step(token)
            complete = self.context.complete   # raises what step put off
            if complete:
                self._finish(token)
                if not self.user:
                    return self._refuse("not for %s" % self.about["user"])
        except (binascii.Error, gssapi.exceptions.GSSError) as error:
            return self._refuse(str(error), reply)
        return complete, self._text(reply)

    @staticmethod
    def _text(token):
        return base64.b64encode(token).decode() if token else None

    def _begin(self, scheme, token):
        self.user = self.error = None
        self.scheme = scheme
        self.spnego = SPNEGO_DER in token[:16]
        self.first = token
        bind = self.binding and raw.ChannelBindings(
            application_data=self.binding)
        self.context = gssapi.SecurityContext(
            usage="accept", channel_bindings=bind,
            creds=credentials(self.config.mechanisms))

    def _refuse(self, why, token=None):
        self.context = self.user = None
        self.error = why
        return False, self._text(token) if self.config.error_tokens else None

    def _finish(self, token):
        context = self.context
        kerberos = context.mech.dotted_form == MECHANISMS["kerberos"]
        flags = context.actual_flags
        # gss-ntlmssp counts the NUL at the end. Both libraries know the
        # target, but one tells of whose key it was, the other one crashes.
        self.about = {
            "scheme": self.scheme, "spnego": self.spnego,
            "mechanism": "kerberos" if kerberos else "ntlm",
            "user": str(context.initiator_name).rstrip("\0"),
            "target": (tokens.target_of(token)
                       or tokens.target_of(self.first)),
            "bound": gssapi.RequirementFlag.channel_bound in flags,
            "delegated": (gssapi.RequirementFlag.delegate_to_peer in flags
                          and self._delegated()),
            "enctype": sealing.enctype_of(context) if kerberos else None}
        self.sealer = sealing.sealer(context, kerberos,
                                     self.config.rc4_length == "padded")
        self.user = self._allowed(kerberos)

    def _delegated(self):
        creds = self.context.delegated_creds
        return str(creds.name) if creds else None

    def _allowed(self, kerberos):
        """Return the name of the user, or None if this one may not log in."""
        name, wanted = self.about["user"], self.config.user
        strict = self.config.hardening == "Strict" and self.binding
        if (strict and not self.about["bound"]) or (
                self.scheme == "Kerberos" and (self.spnego or not kerberos)):
            return None
        if kerberos and self.config.principal:
            return name if name in self.config.principal else None
        name = name.rpartition("\\")[2].partition("@")[0]
        return wanted if name.lower() == wanted.lower() else None

    def unseal(self, body, content_type):
        """Return (plain text, its content type) of a sealed request."""
        kind, length, header, data = sealing.split(
            body, content_type, sealing.PROTOCOLS[self.scheme.lower()])
        return self.sealer.unseal(length, header, data), kind

    def seal(self, plain, content_type):
        """Return (body, content type) of a sealed reply."""
        return sealing.join(content_type, *self.sealer.seal(plain),
                            sealing.PROTOCOLS[self.scheme.lower()])
