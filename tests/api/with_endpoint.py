#!/usr/bin/python3
"""Runs PROGRAM [ARGS] with a WinRM test service of its own: with_endpoint.py PROGRAM [ARGS...]

The program finds in its environment WSC_ENDPOINT_URL, WSC_ENDPOINT_HTTPS_URL (where openssl made a
certificate), WSC_ENDPOINT_CA, WSC_ENDPOINT_USER and WSC_ENDPOINT_PASSWORD. Exits as the program does."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

ENDPOINT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "endpoint", "endpoint.py")
PASSWORD = "Zebra-crossing-4711"  # nothing else in a log looks like it
MANY = ["--max-shells-per-user", "1000", "--max-commands-per-shell", "1000", "--max-processes-per-shell", "1000",
        "--max-operations-per-user", "10000", "--max-connections", "1000", "--max-envelope-kb", "500"]


def start(directory, tls):
    command = [sys.executable, ENDPOINT, "--password", PASSWORD, "--allow-unencrypted", "--die-with-parent",
               "--directory", directory, "--log", os.path.join(directory, "log")] + MANY
    if tls:
        command += ["--make-cert", os.path.join(directory, "certs"), "--https-port", "0"]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    urls = [service.stdout.readline().rpartition(" ")[2].strip() for _ in range(2 if tls else 1)]
    return service, urls


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="wsc-api-") as directory:
        tls = shutil.which("openssl") is not None
        service, urls = start(directory, tls)
        environment = dict(os.environ, WSC_ENDPOINT_URL=urls[0], WSC_ENDPOINT_USER="Administrator",
                           WSC_ENDPOINT_PASSWORD=PASSWORD)
        if tls:
            environment.update(WSC_ENDPOINT_HTTPS_URL=urls[1], WSC_ENDPOINT_CA=os.path.join(directory, "certs", "ca.pem"))
        try:
            under = shlex.split(os.environ.get("WSC_TEST_UNDER", ""))  # valgrind, for one
            code = subprocess.call(under + sys.argv[1:], env=environment)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait()
    if code < 0:
        print(f"{sys.argv[1]}: ended by {signal.Signals(-code).name}", file=sys.stderr)
        code = 99
    sys.exit(code)


if __name__ == "__main__":
    main()
