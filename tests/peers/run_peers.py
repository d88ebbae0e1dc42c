#!/usr/bin/python3
"""Checks that other people's WinRM clients work with the endpoint, and the
library's NTLM with another acceptor.

The environment variable WSC_VENV names a directory with (or for) a Python
environment with pypsrp and pyspnego; without it a temporary one is made.
WSC_BUILD names the build directory (build).
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "kdc"),
                os.path.join(HERE, "..", "endpoint")]

import kdc  # noqa: E402
from harness import PASSWORD, USER, Endpoint   # noqa: E402

GOPATH = "/usr/share/gocode"
MASTERZEN = GOPATH + "/src/github.com/masterzen/winrm"
TIMEOUT = 300
BUILD_TIMEOUT = 900
SYSTEM_PYTHON = "/usr/lib/python3/dist-packages"


class Results:
    """Counts and prints the results."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def skip(self, name, why):
        """Report a peer that cannot be tried."""
        self.skipped += 1
        print("SKIP %s: %s" % (name, why), flush=True)

    def line(self, name, line):
        """Take over a line of a peer's check."""
        if line.startswith("ok "):
            self.passed += 1
        elif line.startswith("FAIL "):
            self.failed += 1
        else:
            return
        word, _, rest = line.partition(" ")
        print("%s %s: %s" % (word, name, rest), flush=True)

    def fail(self, name, why):
        """Report a failure outside of the checks."""
        self.failed += 1
        print("FAIL %s: %s" % (name, why), flush=True)


def run(results, name, command):
    """Run one peer's checks."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                              check=False)
    except subprocess.TimeoutExpired:
        results.fail(name, "no end after %d s" % TIMEOUT)
        return
    before = results.passed + results.failed
    failed = results.failed
    for line in done.stdout.splitlines():
        results.line(name, line)
    # A crash must not look like a short list of successes.
    if results.failed == failed and (
            done.returncode or results.passed + results.failed == before):
        results.fail(name, "status %d: %s" % (done.returncode,
                                              done.stderr[-2000:]))


def find_pywinrm(directory):
    """Return the start of the command line, or the reason why there is none.
    """
    python = "/usr/bin/python3"
    done = subprocess.run([python, "-c", "import winrm"], check=False,
                          capture_output=True)
    if done.returncode:
        return None, "package python3-winrm is not installed"
    return [python, os.path.join(HERE, "check_pywinrm.py")], None


def find_venv(directory, package, module):
    """Return the Python of the environment, with the package installed, or
    None and the reason.
    """
    venv = os.environ.get("WSC_VENV") or os.path.join(directory, "venv")
    python = os.path.join(venv, "bin", "python")
    steps = []
    if not os.path.exists(python):
        steps.append(["/usr/bin/python3", "-m", "venv", venv])
    if subprocess.run(["test", "-e", python], check=False).returncode or \
            subprocess.run([python, "-c", "import " + module], check=False,
                           capture_output=True).returncode:
        steps.append([python, "-m", "pip", "-q", "install", package])
    for step in steps:
        try:
            done = subprocess.run(step, check=False, capture_output=True,
                                  stdin=subprocess.DEVNULL,
                                  timeout=BUILD_TIMEOUT)
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, str(error)
        if done.returncode:
            return None, "%s failed" % " ".join(step[1:5])
    return python, None


def find_pypsrp(directory):
    """As find_pywinrm(); installs pypsrp if need be."""
    python, why = find_venv(directory, "pypsrp", "pypsrp")
    return python and [python, os.path.join(HERE, "check_pypsrp.py")], why


def find_ntlm(directory):
    """As find_pywinrm(); installs pyspnego if need be."""
    build = os.environ.get("WSC_BUILD") or os.path.join(HERE, "../../build")
    program = os.path.join(build, "tests", "peers", "ntlm_line")
    if not os.path.exists(program):
        return None, "%s is not built" % program
    python, why = find_venv(directory, "pyspnego", "spnego")
    return python and [python, os.path.join(HERE, "check_ntlm.py"),
                       program], why


def find_logins(directory):
    """As find_pywinrm(); pypsrp with Kerberos.

    krb5 is built against MIT's headers, which are not where they usually are
    (package krb5-multidev); gssapi is Debian's.
    """
    why = kdc.missing()
    if not why and not os.path.isdir(SYSTEM_PYTHON + "/gssapi"):
        why = "package python3-gssapi is not installed"
    if why:
        return None, why
    os.environ["KRB5_KRB5CONFIG"] = "krb5-config.mit"
    for package in "pypsrp", "krb5":
        python, why = find_venv(directory, package, package)
        if not python:
            return None, why
    where = subprocess.run(
        [python, "-c", "import sysconfig as s; print(s.get_path('purelib'))"],
        check=True, capture_output=True, text=True).stdout.strip()
    with open(where + "/system.pth", "w", encoding="utf-8") as out:
        out.write(SYSTEM_PYTHON + "\n")
    return [python, os.path.join(HERE, "check_logins.py")], None


def find_masterzen(directory):
    """As find_pywinrm(); builds the Go program."""
    if not os.path.isdir(MASTERZEN):
        return None, ("package golang-github-masterzen-winrm-dev is not "
                      "installed")
    env = dict(os.environ, GOPATH=GOPATH, GO111MODULE="off", GOFLAGS="")
    env.setdefault("GOCACHE", os.path.join(directory, "go-cache"))
    program = os.path.join(directory, "masterzen")
    try:
        done = subprocess.run(
            ["go", "build", "-o", program,
             os.path.join(HERE, "masterzen", "main.go")],
            env=env, check=False, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    if done.returncode:
        return None, "go build failed: %s" % done.stderr.strip()
    return [program], None


def main():
    """Run all peers over http and https, then the acceptors."""
    results = Results()
    with tempfile.TemporaryDirectory() as directory, Endpoint(
            "--allow-unencrypted", "--make-cert", directory,
            "--https-port", "0") as endpoint:
        authority = os.path.join(directory, "ca.pem")
        for name, find in (("pywinrm", find_pywinrm),
                           ("pypsrp", find_pypsrp),
                           ("masterzen", find_masterzen)):
            command, why = find(directory)
            for url in endpoint.urls:
                scheme = url.partition(":")[0]
                label = "%s over %s" % (name, scheme)
                host, port = endpoint.address(url)
                where = [url]
                if name == "masterzen":
                    where = [scheme, host, str(port)]
                if command is None:
                    results.skip(label, why)
                else:
                    run(results, label, command + where
                        + [USER, PASSWORD, authority])
        endpoint.state()   # still alive
        for name, find in (("NTLM with pyspnego", find_ntlm),
                           ("logins of pypsrp", find_logins)):
            command, why = find(directory)
            if command is None:
                results.skip(name, why)
            else:
                run(results, name, command)
    print("%d passed, %d failed, %d skipped"
          % (results.passed, results.failed, results.skipped))
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
