#!/usr/bin/python3
"""Every scheme with every form of credentials over every transport.

As a program: the table for docs/authentication.md. What it says is proved by
test_matrix.py, which has a test for each cell.
"""

TESTS = "tests/kdc/test_matrix.py"

# What a client is given besides: trusted is trusted-hosts and
# allow-unencrypted, always is encryption=always.
COLUMNS = {"http": "http", "trusted": "http, trusted", "https": "https",
           "always": "https, always"}

SCHEMES = {"basic": "`basic`", "certificate": "`certificate`",
           "kerberos": "`kerberos`", "ntlm": "`ntlm`",
           "negotiate": "`negotiate`",
           "noservice": "`negotiate`, and the KDC has no such service",
           "auto": "`auto`"}

FORMS = {"name": r"`user`", "domain": r"`DOMAIN\user`",
         "computer": r"`COMPUTER\user`", "upn": "`user@domain`",
         "own": r"`.\user`", "keytab": "`keytab`", "ccache": "`ccache`",
         "kinit": "none: tickets of kinit",
         "realm": "none, but `realm`: tickets of kinit",
         "cert": "`tls-cert-file`"}

KERBEROS = "sealed", "sealed", "bound", "bound, sealed"
# Who answers over http may be anybody.
NTLM = ("0x803380E4",) + KERBEROS[1:]
BASIC = "0x803380DE", "clear", "TLS", "TLS"
CERTIFICATE = "0x803380D8", "0x803380D8", "TLS", "TLS"


def _refused(code):
    return (code,) * 4


ROWS = {
    ("basic", "name"): BASIC,
    ("basic", "computer"): BASIC,
    ("basic", "upn"): ("0x803380DE",) + ("0x0000052E",) * 3,
    ("basic", "own"): BASIC,
    ("basic", "keytab"): _refused("0x803380B0"),
    ("basic", "ccache"): _refused("0x803380B0"),
    ("basic", "kinit"): _refused("0x803380B0"),
    ("certificate", "cert"): CERTIFICATE,
    ("certificate", "name"): _refused("0x803380AF"),
    ("certificate", "kinit"): _refused("0x803380B4"),
    ("kerberos", "name"): KERBEROS,
    ("kerberos", "domain"): KERBEROS,
    ("kerberos", "computer"): _refused("0xC0000064"),
    ("kerberos", "upn"): KERBEROS,
    ("kerberos", "own"): _refused("0x8009030E"),
    ("kerberos", "keytab"): KERBEROS,
    ("kerberos", "ccache"): KERBEROS,
    ("kerberos", "kinit"): KERBEROS,
    ("ntlm", "name"): NTLM,
    ("ntlm", "computer"): NTLM,
    ("ntlm", "upn"): NTLM,
    ("ntlm", "own"): NTLM,
    ("ntlm", "keytab"): _refused("0x803380B0"),
    ("ntlm", "ccache"): _refused("0x803380B0"),
    ("ntlm", "kinit"): _refused("0x803380B0"),
    ("negotiate", "name"): KERBEROS,
    ("negotiate", "domain"): KERBEROS,
    ("negotiate", "computer"): NTLM,
    ("negotiate", "upn"): KERBEROS,
    ("negotiate", "own"): NTLM,
    ("negotiate", "keytab"): KERBEROS,
    ("negotiate", "ccache"): KERBEROS,
    ("negotiate", "kinit"): KERBEROS,
    ("noservice", "name"): NTLM,
    ("noservice", "upn"): NTLM,
    ("noservice", "keytab"): _refused("0x80090303"),
    ("noservice", "ccache"): _refused("0x80090303"),
    ("noservice", "kinit"): _refused("0x80090303"),
    ("auto", "name"): KERBEROS,
    ("auto", "domain"): KERBEROS,
    ("auto", "computer"): NTLM,
    ("auto", "upn"): KERBEROS,
    ("auto", "own"): NTLM,
    ("auto", "keytab"): KERBEROS,
    ("auto", "ccache"): KERBEROS,
    ("auto", "kinit"): KERBEROS,
    ("auto", "realm"): KERBEROS,
    ("auto", "cert"): CERTIFICATE,
}

# By which mechanism a row logs in, and under which scheme: what is not the
# scheme's own. SPNEGO is what auto takes, too.
NTLM_ROWS = {row for row, cells in ROWS.items() if cells == NTLM}
AS_KERBEROS = {("auto", "keytab"), ("auto", "ccache"), ("auto", "realm")}

# Why the rest is not there.
SENSELESS = {
    "a client certificate goes with `certificate` and `auto` alone": {
        (scheme, "cert") for scheme in
        ("basic", "kerberos", "ntlm", "negotiate", "noservice")},
    "with `certificate` a name is one too many in any form, and a keytab or "
    "a ccache is none": {
        ("certificate", form) for form in
        ("domain", "computer", "upn", "own", "keytab", "ccache")},
    r"with `basic` there are no domains": {("basic", "domain")},
    r"the server of these tests has no domain behind its NTLM "
    "(tests/kdc/test_ad.py has)": {("ntlm", "domain"),
                                   ("noservice", "domain")},
    "no ticket is asked for, whatever the service is called": {
        ("noservice", "computer"), ("noservice", "own")},
    "`realm` alone decides only what `auto` is": {
        (scheme, "realm") for scheme in SCHEMES if scheme != "auto"},
}


def cells():
    """Go through (name of the test, scheme, form, column, outcome)."""
    for (scheme, form), outcomes in ROWS.items():
        for column, outcome in zip(COLUMNS, outcomes):
            yield ("_".join((scheme, form, column)), scheme, form, column,
                   outcome)


def how(scheme, form):
    """Return (mechanism or None, scheme on the wire) of a login."""
    if scheme == "basic":
        return None, "Basic"
    if "cert" in (scheme, form):
        return None, "Certificate"
    if (scheme, form) in NTLM_ROWS:
        return "ntlm", "Negotiate"
    wire = scheme == "kerberos" or (scheme, form) in AS_KERBEROS
    return "kerberos", "Kerberos" if wire else "Negotiate"


def _row(scheme, form, outcomes):
    mechanism = how(scheme, form)[0]
    shown = [SCHEMES[scheme], FORMS[form],
             {"ntlm": "NTLM", "kerberos": "Kerberos"}.get(mechanism, "")]
    if all(outcome.startswith("0x") for outcome in outcomes):
        shown[2] = ""
    return shown + ["%s `%s_%s_%s`" % (outcome, scheme, form, column)
                    for column, outcome in zip(COLUMNS, outcomes)]


def markdown():
    """Return the lines of the table and what is not in it."""
    heads = ["`auth`", "credentials", "mechanism", *COLUMNS.values()]
    yield "| %s |" % " | ".join(heads)
    yield "|---" * len(heads) + "|"
    for (scheme, form), outcomes in ROWS.items():
        yield "| %s |" % " | ".join(_row(scheme, form, outcomes))
    yield ""
    yield "Not there:"
    yield ""
    for reason, rows in SENSELESS.items():
        schemes = [key for key in SCHEMES if any(r[0] == key for r in rows)]
        forms = [key for key in FORMS if any(r[1] == key for r in rows)]
        yield "- `%s_%s_*`: %s" % (_one_of(schemes), _one_of(forms), reason)


def _one_of(names):
    return names[0] if len(names) == 1 else "{%s}" % ",".join(names)


if __name__ == "__main__":
    print("\n".join(markdown()))
