#!/usr/bin/python3
"""with_kdc.py PROGRAM [ARGS...]: runs it with a KDC of its own.

The program finds in its environment KDC_REALM, KDC_CONFIG (krb5.conf),
KDC_CONFIG_<ETYPE> (the same, with that encryption type alone: AES256, AES128,
RC4, AES256_SHA2, AES128_SHA2), KDC_CONFIG_HOLE (a KDC that never answers),
KDC_CONFIG_LAX (another realm, LAX.TEST, which wants no pre-authentication),
KDC_KEYTAB (of the service HTTP/localhost), KDC_USER_KEYTAB, KDC_CCACHE and
KDC_OLD_CCACHE (of alice; the second has expired), KDC_SERVICE_CCACHE (of
backup/host). Users: alice and backup/host, "secret"; zebra,
"Zebra-crossing-4711"; locked, gone and stale are disabled, expired, and have an expired password.
"""

import os
import shlex
import subprocess
import sys

import kdc as kdcs

ALL = {"AES256": kdcs.AES256, "AES128": kdcs.AES128, "RC4": kdcs.RC4,
       "AES256_SHA2": kdcs.AES256_SHA2, "AES128_SHA2": kdcs.AES128_SHA2}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if kdcs.missing():
        print("skipped: " + kdcs.missing())
        return 77
    with kdcs.Kdc(enctypes=tuple(ALL.values())) as kdc, \
            kdcs.Kdc("LAX.TEST", options={"require-preauth": "no"}) as lax, \
            kdcs.BlackHole() as hole:
        lax.add_user("alice", "secret")
        kdc.add_user("alice", "secret")
        kdc.add_user("zebra", "Zebra-crossing-4711")
        kdc.add_user("backup/host", "secret")
        kdc.add_user("locked", "secret", disabled=True)
        kdc.add_user("gone", "secret", expired=True)
        kdc.add_user("stale", "secret", password_expired=True)
        kdc.add_service("HTTP/localhost")
        settings = {
            "REALM": kdc.realm, "CONFIG": kdc.krb5_config,
            "CONFIG_HOLE": kdc.config("hole.conf", kdcs=[hole.address]),
            "CONFIG_LAX": lax.krb5_config,
            "KEYTAB": kdc.keytab, "USER_KEYTAB": kdc.user_keytab("alice"),
            "CCACHE": kdc.ccache("cc", "alice", "secret"),
            "SERVICE_CCACHE": kdc.ccache("service", "backup/host", "secret"),
            "OLD_CCACHE": kdc.ccache("old", "alice", "secret",
                                     "--lifetime=1s"),
        }
        for name, etype in ALL.items():
            settings["CONFIG_" + name] = kdc.config(
                name + ".conf", enctypes=(etype,))
        environment = {**os.environ, **{
            "KDC_" + name: value for name, value in settings.items()}}
        under = shlex.split(os.environ.get("WSC_TEST_UNDER", ""))  # valgrind
        return subprocess.call(under + sys.argv[1:], env=environment)


if __name__ == "__main__":
    sys.exit(main())
