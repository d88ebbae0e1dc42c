#!/usr/bin/python3
"""logins.py --logins PROGRAM [-n N]: N Kerberos logins at once, each by an
identity of its own, against one KDC: CPU for each, and the longest time for
which the loop stood still. The client has a processor to itself, where there
are two; the KDC and the endpoint, which elsewhere are other machines, have
the other one."""

import argparse
import os
import re
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "kdc"), os.path.join(TESTS, "endpoint")]

import harness  # noqa: E402
import kdc as kdcs  # noqa: E402
from run import stay_on  # noqa: E402

GOAL_MS = 5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--logins", required=True)
    parser.add_argument("-n", type=int, default=1000)
    args = parser.parse_args()
    why = kdcs.missing()
    if why:
        print("skipped: " + why)
        return 77
    stay_on(0)
    with kdcs.Kdc() as kdc:
        kdc.add_user(harness.USER, harness.PASSWORD)
        kdc.add_service("HTTP/localhost")
        with harness.Endpoint("--negotiate", "--keytab", kdc.keytab,
                              "--schemes", "Negotiate,Kerberos",
                              "--max-connections", str(args.n + 10)) as far:
            stay_on(1)
            out = subprocess.run(
                [args.logins, far.url.replace("127.0.0.1", "localhost"),
                 str(args.n), harness.USER, "auth=kerberos",
                 "realm=" + kdc.realm, "krb5-config=" + kdc.krb5_config,
                 "kdc-timeout=600s"],
                env={**os.environ, "WSC_PASSWORD": harness.PASSWORD},
                stdout=subprocess.PIPE, text=True, check=True).stdout
        logins = kdc.logins(harness.USER)
    got = {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", out)}
    print("%d logins at once, %d AS exchanges: %.1f s, %.1f ms of CPU each "
          "(workers included)" % (got["count"], logins, got["wall"],
                                  got["cpu"] * 1e3 / got["count"]))
    met = got["longest_ms"] < GOAL_MS
    print("longest step %.2f ms, goal under %d: %s; busiest step %.2f ms of CPU"
          % (got["longest_ms"], GOAL_MS, "met" if met else "not met",
             got["busiest_ms"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
