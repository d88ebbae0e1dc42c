"""Help and tables, run by test_tool.py."""

import json
import subprocess
import unittest

from toolcase import LIMIT, WSC, environment


class OfflineTest(unittest.TestCase):
    """Help and tables: no server is asked."""

    def tool(self, *args, code=0, **env):
        """Run wsc and return its stdout."""
        done = subprocess.run([WSC, *args], capture_output=True, text=True,
                              env={**environment(), **env}, timeout=LIMIT,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if not code else done.stderr

    def test_version(self):
        for args in (["--version"], ["run", "--version"]):
            self.assertRegex(self.tool(*args), r"^wsc \d+\.\d+\.\d+\n$")

    def test_help(self):
        for args in (["help"], ["--help"], ["-h"], ["help", "help"]):
            text = self.tool(*args)
            self.assertIn("insecure-skip-ca-check", text)
            self.assertIn("\nexamples:\n  wsc identify", text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for command in ("run", "shell", "identify", "options", "explain"):
            text = self.tool("help", command)
            self.assertEqual(text, self.tool(command, "--help"))
            self.assertTrue(text.startswith("usage: wsc " + command))
            self.assertEqual("--hosts" in text, command == "run")
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.tool("help", "nothing", code=2)

    def test_options(self):
        text = self.tool("options")
        self.assertIn("\ndeadline (duration in ms 0..2147483647, default 0)\n",
                      text)
        for width in (50, 100):
            lines = self.tool("options", COLUMNS=str(width)).splitlines()
            wrapped = [x for x in lines if x.startswith("    ")]
            self.assertLessEqual(max(map(len, wrapped)), width)
        self.assertTrue(self.tool("options", "tls").startswith("tls (bool"))
        self.assertIn("tls-pin", self.tool("options", "tls-pni", code=2))
        self.assertTrue(self.tool("options", "nosuchthing", code=2).endswith(
            "  try: wsc options\n"))

    def test_options_json(self):
        table = json.loads(self.tool("options", "--json"))["options"]
        names = [x["name"] for x in table]
        self.assertIn("max-envelope-size", names)
        self.assertEqual([x["name"] for x in table if x["secret"]],
                         ["password", "tls-key-password"])
        one = json.loads(self.tool("options", "--json", "auth"))
        self.assertEqual(one, table[names.index("auth")])

    def test_explain(self):
        for code in ("2150858793", "-2144108503", "0x80338029",
                     "ERROR_WSMAN_OPERATION_TIMEDOUT"):
            lines = self.tool("explain", code).splitlines()
            self.assertEqual(lines[0], "ERROR_WSMAN_OPERATION_TIMEDOUT  "
                             "2150858793  -2144108503  0x80338029")
            self.assertEqual(lines[1], "  status: WSC_E_TIMEOUT")
        self.assertIn("WSC_E_TIMEOUT", self.tool("explain", "-12"))
        self.assertIn("1326", self.tool("explain", "ERROR_LOGON_FAILURE"))
        self.assertIn("ERROR_LOGON_FAILURE", self.tool("explain", "0x8007052E"))
        five = json.loads(self.tool("explain", "--json", "5"))
        for key, value in (("name", "ERROR_ACCESS_DENIED"), ("code", 5),
                           ("signed", 5), ("hex", "0x00000005"),
                           ("status", "WSC_E_ACCESS_DENIED"),
                           ("class", "access")):
            self.assertEqual(five[key], value)
        self.assertIn("Remote Management Users", five["remedy"])
        self.assertEqual(set(five), {
            "name", "code", "signed", "hex", "status", "class", "meaning",
            "cause", "remedy"})
        text = self.tool("explain", "5")
        hint = "  in PowerShell: put single quotes around @{...}\n"
        self.assertNotIn(hint, text)
        self.assertTrue(self.tool("explain", "0x80338026").endswith(hint))
        for key in ("status", "class", "meaning", "cause", "remedy"):
            self.assertIn(f"\n  {key}: {five[key]}\n", text)
        self.assertIn("\n  tls-ca-file: --ca FILE\n",
                      self.tool("explain", "WSC_E_TLS_VERIFY"))
        bare = json.loads(self.tool("explain", "--json",
                                    "ERROR_WSMAN_CLIENT_ZERO_HEARTBEAT"))
        self.assertIsNone(bare["cause"])
        self.assertEqual(bare["status"], "WSC_E_FAULT")
        self.assertIn("fault", bare["meaning"])
        for code in ("wsc_e_timeout", "WSC_E_TIMEOUT", "FFFFFFF4"):
            self.assertIn("WSC_E_TIMEOUT  4294967284  -12", self.tool("explain", code))
        self.assertIn("WSC_E_AUTH", self.tool("explain", "NO_SUCH_NAME", code=1))
        self.assertIn("\n  skip-cmd: --set skip-cmd=false\n", self.tool("explain", "2"))
        for word in ("ERROR_ACESS_DENIED", "ERROR_ACCESSS_DENIED", "error_acxess_denied",
                     "ERROR_ACCESS_DENEID"):
            self.assertTrue(self.tool("explain", word, code=1).endswith(
                "  try: wsc explain ERROR_ACCESS_DENIED\n"))
        self.tool("explain", "4000000000", code=1)
        self.tool("explain", "0x123456789", code=1)

    def test_explain_status(self):
        """Those of HTTP that errors show."""
        keys = set(json.loads(self.tool("explain", "--json", "5")))
        for status, code in ((401, "AUTH"), (403, "ACCESS_DENIED"), (404, "HTTP"), (405, "HTTP"),
                             (413, "HTTP"), (415, "HTTP"), (500, "HTTP"), (503, "BUSY")):
            text = self.tool("explain", str(status))
            self.assertTrue(text.startswith("HTTP %d " % status))
            self.assertIn("\n  status: WSC_E_%s\n" % code, text)
            for words in ["HTTP", str(status)], ["http %d" % status], ["HTTP/%d" % status]:
                self.assertEqual(self.tool("explain", *words), text)
            told = json.loads(self.tool("explain", "--json", "HTTP", str(status)))
            self.assertEqual((set(told), told["code"]), (keys, status))
        self.assertEqual(self.tool("explain", "HTTP", "999", code=1),
                         "wsc: HTTP 999 is not known\n")
        self.tool("explain", "HTTP", "401", "x", code=2)
