#!/usr/bin/env python3
"""What bash completes, asked as readline asks it; zsh and fish, where there are, accept their scripts.
WSC_PAGES_DIR names the folder of the scripts."""
import os
import shutil
import subprocess
import tempfile
import unittest

PAGES = os.environ["WSC_PAGES_DIR"]
# words as COMP_WORDBREAKS splits them
ASK = """
. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_wsc || exit
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


class BashTest(unittest.TestCase):
    def ask(self, *words, cwd=None):
        done = subprocess.run(["bash", "--norc", "-u", "-c", ASK, "bash", os.path.join(PAGES, "wsc"), "wsc", *words], cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding="utf-8")
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split("\n")[:-1]

    def test_commands(self):
        self.assertEqual(self.ask("sh"), ["shell", "shells"])
        self.assertEqual(self.ask("help", "ex"), ["explain"])
        self.assertEqual(self.ask("help", "run", ""), [])
        self.assertIn("identify", self.ask(""))

    def test_options(self):
        self.assertEqual(self.ask("run", "--no"), ["--no-stdin"])
        self.assertEqual(self.ask("identify", "--no"), [])
        self.assertEqual(self.ask("identify", "srv1", "--an"), ["--anonymous"])

    def test_verbs(self):
        for command in "enumerate", "enum":
            self.assertEqual(self.ask(command, "srv1", "--fil"), ["--filter"])
        self.assertEqual(self.ask("get", "srv1", "winrm/config", "--fo"), ["--format"])
        self.assertEqual(self.ask("get", "--format", "t"), ["text", "table"])
        self.assertEqual(self.ask("enum", "--returntype", "e"), ["epr"])
        self.assertEqual(self.ask("config", "s"), ["show", "set"])
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "saved.json"), "w", encoding="utf-8"):
                pass
            self.assertEqual(self.ask("config", "diff", "srv1", "s", cwd=folder), ["saved.json"])
            self.assertEqual(self.ask("config", "diff", "s", cwd=folder), [])

    def test_winrm(self):
        self.assertEqual(self.ask("winrm", "en"), ["enumerate"])
        self.assertEqual(self.ask("winrm", "get", "winrm/config", "-fo"), ["-format:"])
        self.assertEqual(self.ask("winrm", "get", "winrm/config", "--trus"), ["--trusted-hosts"])

    def test_options_end_at_the_command(self):
        self.assertEqual(self.ask("run", "--user", "me", "srv1", "--no"), ["--no-stdin"])
        self.assertEqual(self.ask("run", "--user", "me", "srv1", "dir", "--no"), [])
        self.assertEqual(self.ask("run", "--auth", "=", "basic", "http", ":", "//srv1", "--no"), ["--no-stdin"])
        self.assertEqual(self.ask("run", "--set", "tls", "=", "true", "srv1", ":", "80", "dir", "--no"), [])

    def test_hosts_stand_for_the_host(self):
        self.assertEqual(self.ask("run", "--hosts", "list", "--no"), ["--no-stdin"])
        self.assertEqual(self.ask("run", "--hosts", "list", "dir", "--no"), [])
        self.assertEqual(self.ask("run", "--hosts", "=", "list", "dir", "--no"), [])
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "servers"), "w", encoding="utf-8"):
                pass
            self.assertEqual(self.ask("run", "--hosts", "s", cwd=folder), ["servers"])

    def test_library_options(self):
        self.assertEqual(self.ask("run", "--set", "tls-pi"), ["tls-pin="])
        self.assertEqual(self.ask("options", "tls-pi"), ["tls-pin"])
        self.assertEqual(self.ask("options", "passw"), ["password", "password-file"])
        self.assertEqual(self.ask("run", "--set", "passw"), ["password-file="])  # a secret is refused there
        self.assertGreater(len(self.ask("run", "--set", "")), 50)

    def test_values(self):
        self.assertEqual(self.ask("run", "--set", "tls", "=", "t"), ["true"])
        self.assertEqual(self.ask("run", "--set", "stderr", "="), ["keep", "merge", "discard"])
        self.assertEqual(self.ask("run", "--auth", "b"), ["basic"])
        self.assertEqual(self.ask("run", "--auth", "=", "b"), ["basic"])
        self.assertEqual(self.ask("run", "--user", ""), [])

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "my ca.pem"), "w", encoding="utf-8"):
                pass
            self.assertEqual(self.ask("run", "--ca", "m", cwd=folder), ["my ca.pem"])
            self.assertEqual(self.ask("run", "--set", "tls-ca-file", "=", "m", cwd=folder), ["my ca.pem"])
            self.assertEqual(self.ask("run", "--user", "m", cwd=folder), [])


class OtherShellsTest(unittest.TestCase):
    def check(self, shell, name):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        done = subprocess.run([shell, "-n", os.path.join(PAGES, name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b""))

    def test_zsh(self):
        self.check("zsh", "_wsc")

    def test_fish(self):
        self.check("fish", "wsc.fish")
        if shutil.which("fish"):
            script = f"source {os.path.join(PAGES, 'wsc.fish')}; complete -C 'wsc run --set tls-pi'; complete -C 'wsc run --no-s'"
            done = subprocess.run(["fish", "--no-config", "-c", script], stdout=subprocess.PIPE, check=True, encoding="utf-8")
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["tls-pin=", "--no-stdin"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
