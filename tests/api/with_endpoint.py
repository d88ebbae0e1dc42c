#!/usr/bin/python3
"""Runs PROGRAM [ARGS] with a WinRM test service of its own: with_endpoint.py [--all] PROGRAM [ARGS...]

The program finds in its environment WSC_ENDPOINT_URL, WSC_ENDPOINT_HTTPS_URL (where openssl made a
certificate), WSC_ENDPOINT_CA, WSC_ENDPOINT_USER and WSC_ENDPOINT_PASSWORD. With --all the service also takes
client certificates (WSC_ENDPOINT_CLIENT_CERT, _KEY, _P12, _CLEAR_KEY; WSC_ENDPOINT_KEY_PASSWORD opens the second and
the third) and, where its packages are there, Negotiate (WSC_ENDPOINT_NEGOTIATE is set then), with a KDC for the same
user if there can be one (WSC_ENDPOINT_REALM, WSC_ENDPOINT_KRB5_CONFIG, WSC_ENDPOINT_KRB5_KEY). Exits as the program does."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

ENDPOINT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "endpoint", "endpoint.py")
USER = "Administrator"
KEY_PASSWORD = "Quagga-at-noon-0815"
PASSWORD = "Zebra-crossing-4711"  # nothing else in a log looks like it
MANY = ["--max-shells-per-user", "1000", "--max-commands-per-shell", "1000", "--max-processes-per-shell", "1000",
        "--max-operations-per-user", "10000", "--max-connections", "1000", "--max-envelope-kb", "500"]


def has_gssapi():
    try:
        import gssapi  # noqa: F401
    except ImportError:
        return False
    return True


@contextlib.contextmanager
def kerberos():
    """Give arguments of the service and what the program finds in its environment."""
    sys.path.insert(0, os.path.join(os.path.dirname(ENDPOINT), "..", "kdc"))
    import kdc
    if kdc.missing():
        yield [], {}
        return
    with kdc.Kdc() as its:
        its.add_user(USER, PASSWORD)
        its.add_service("HTTP/localhost")
        with open(its.user_keytab(USER), "rb") as file: # AES-256: number, length, key
            key = file.read().split(b"\0\x12\0\x20")[1][:32]
        yield (["--keytab", its.keytab, "--principal", f"{USER}@{its.realm}", "--schemes", "Negotiate,Kerberos"],
               {"WSC_ENDPOINT_REALM": its.realm, "WSC_ENDPOINT_KRB5_CONFIG": its.krb5_config,
                "WSC_ENDPOINT_KRB5_KEY": key.hex()})


def client_certificate(certs):
    """Make one for the user, both keys under a password."""
    sys.path.insert(0, os.path.dirname(ENDPOINT))
    import certs as maker
    maker.make(certs)
    cert, key, _ = maker.make_client(certs, USER)
    locked, packed = os.path.join(certs, "locked.key"), os.path.join(certs, "locked.p12")
    for command in (["pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:" + KEY_PASSWORD],
                    ["pkcs12", "-export", "-in", cert, "-inkey", key, "-out", packed, "-passout",
                     "pass:" + KEY_PASSWORD]):
        subprocess.run(["openssl"] + command, check=True, stderr=subprocess.DEVNULL)
    return {"WSC_ENDPOINT_CLIENT_CERT": cert, "WSC_ENDPOINT_CLIENT_KEY": locked, "WSC_ENDPOINT_CLIENT_P12": packed,
            "WSC_ENDPOINT_CLIENT_CLEAR_KEY": key,
            "WSC_ENDPOINT_KEY_PASSWORD": KEY_PASSWORD}


def start(directory, tls, more=()):
    command = [sys.executable, ENDPOINT, "--password", PASSWORD, "--allow-unencrypted", "--die-with-parent",
               "--directory", directory, "--log", os.path.join(directory, "log")] + MANY + list(more)
    if tls:
        command += ["--make-cert", os.path.join(directory, "certs"), "--https-port", "0"]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    urls = [service.stdout.readline().rpartition(" ")[2].strip() for _ in range(2 if tls else 1)]
    return service, urls


def main():
    everything = sys.argv[1:2] == ["--all"]
    program = sys.argv[1 + everything:]
    if not program:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="wsc-api-") as directory, contextlib.ExitStack() as stack:
        tls = shutil.which("openssl") is not None
        certs, more, extra = os.path.join(directory, "certs"), [], {}
        if everything and tls:
            extra = client_certificate(certs)
            more = ["--client-ca", os.path.join(certs, "ca.pem")]
        if everything and has_gssapi():
            arguments, found = stack.enter_context(kerberos())
            more += ["--negotiate"] + arguments
            extra.update(found, WSC_ENDPOINT_NEGOTIATE="yes")
        service, urls = start(directory, tls, more)
        environment = dict(os.environ, WSC_ENDPOINT_URL=urls[0], WSC_ENDPOINT_USER=USER,
                           WSC_ENDPOINT_PASSWORD=PASSWORD, **extra)
        if tls:
            environment.update(WSC_ENDPOINT_HTTPS_URL=urls[1], WSC_ENDPOINT_CA=os.path.join(certs, "ca.pem"))
        try:
            under = shlex.split(os.environ.get("WSC_TEST_UNDER", ""))  # valgrind, for one
            code = subprocess.call(under + program, env=environment)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait()
    if code < 0:
        print(f"{program[0]}: ended by {signal.Signals(-code).name}", file=sys.stderr)
        code = 99
    sys.exit(code)


if __name__ == "__main__":
    main()
