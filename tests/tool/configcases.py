"""config and shells, run by test_tool.py."""

import json
import os
import tempfile
import xml.etree.ElementTree as ET

from toolcase import LIMIT, PLAIN, USER, environment
from verbcases import VerbCase


class ConfigShowTest(VerbCase):
    """The whole configuration."""

    def test_text(self):
        text = self.good("config", "show")
        self.assertTrue(text.startswith("Config\n    MaxEnvelopeSizekb   = 500\n"))
        for part in ("\n    Service\n", "\n        Auth\n            Basic             = true\n",
                     "\nListeners\n    Listener\n        Address               = *\n",
                     '\nPlugins\n    PlugInConfiguration [Name="', "            Param [Name="):
            self.assertIn(part, text)

    def test_json(self):
        found = self.one("config", "show")
        self.assertEqual(list(found), ["host", "Config", "Listeners", "CertMappings", "Plugins",
                                       "unread", "error"])
        self.assertEqual(found["Config"]["Service"]["Auth"]["Basic"], "true")
        self.assertEqual([x["Transport"] for x in found["Listeners"]], ["HTTP"])
        self.assertEqual((found["CertMappings"], found["unread"]), ([], {}))
        self.assertIn("@Name", found["Plugins"][0])

    def test_xml(self):
        root = ET.fromstring(self.good("config", "show", "--format", "xml"))
        self.assertEqual(len(root), 4)

    def test_unread(self):
        """What cannot be read is told, and does not end it."""
        self.endpoint.inject({"action": "Enumerate", "effect": "fault", "code": 5})
        done = self.verb("config", "show")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"wsc: %s: Listeners cannot be read: " % self.host.encode(), done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertNotIn(b"\nListeners\n", done.stdout)
        self.assertIn(b"\nPlugins\n", done.stdout)
        self.endpoint.inject({"action": "Get", "effect": "fault", "code": 5})
        done = self.verb("config", "show", "--json")
        self.assertEqual(done.returncode, 7)
        found = json.loads(done.stdout)
        self.assertEqual((found["Config"], found["error"]["fault-code"]), (None, 5))
        self.assertEqual(len(found["Listeners"]), 1)

    def test_no_host(self):
        done = self.verb("config", "show", host="127.0.0.1:1")
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertEqual(done.stderr.count(b"no connection"), 1)


class ConfigSetTest(VerbCase):
    """Settings by path."""

    def test_paths(self):
        """The resource is the smallest one; what one has goes at once."""
        text = self.good("config", "set", "Service/MaxConnections=400", "winrs.MaxShellsPerUser=35",
                         "WSMan:\\localhost\\MaxTimeoutms=70000", "service.Auth.Certificate=true",
                         "winrm/config/Service/IPv6Filter=*", "WSMan:\\localhost\\Shell\\IdleTimeout=90000")
        self.assertEqual(text, "Service/MaxConnections = 400\nService/IPv6Filter = *\n"
                         "Winrs/MaxShellsPerUser = 35\nWinrs/IdleTimeout = 90000\nMaxTimeoutms = 70000\n"
                         "Service/Auth/Certificate = true\n")
        self.assertEqual([x["action"] for x in self.endpoint.state()["requests"]], ["Get", "Put"] * 4)
        found = self.one("config", "set", "Client/Auth/Digest=false", "Client.TrustedHosts=")
        self.assertEqual(found["changed"], [{"path": "Client/Auth/Digest", "value": "false"},
                                            {"path": "Client/TrustedHosts", "value": ""}])

    def test_words(self):
        for words, told in (
                ([], "PATH=VALUE is missing; see --help\n"),
                (["x"], 'PATH=VALUE: NAME=VALUE is wanted, not "x"\n'),
                (["Service/Auth=1"], "PATH: the name of a setting is missing: Service/MaxConnections\n"
                 "  Service/Auth\n              ^\n"),
                (["Service/Foo/Bar=1"], "PATH: there is no such part of the configuration\n"
                 "  Service/Foo/Bar\n          ^\n"),
                (["a=1", "A=2"], "A is there twice\n"),
                (["Listener/Port=1"], "PATH: there are several of these, and each is a resource of its "
                 "own\n  Listener/Port\n  ^\n  try: wsc set HOST 'winrm/config/listener?Address=*+"
                 "Transport=HTTP' NAME=VALUE\n")):
            self.assertEqual(self.bad(2, "config", "set", *words), "wsc: " + told)
        for words, told in ((["show"], "HOST is missing; see --help\n"),
                            ([], "show, set, diff or reset is missing; see --help\n"),
                            (["shw", "h"], "config: show, set, diff or reset is wanted first, not "
                             '"shw"\n  try: wsc config show\n'),
                            (["diff", "h"], "OTHER (a host, or a file) is missing; see --help\n"),
                            (["show", "h", "--force"],
                             "--force is of no use without config set or config reset\n"),
                            (["show", "h", "--format", "table"],
                             "config has no table: --format text, xml or json\n")):
            done = self.tool("config", *words)
            self.assertEqual((done.returncode, done.stderr.decode()), (2, "wsc: " + told))
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_unknown(self):
        told = self.bad(8, "config", "set", "MaxTimeoutms=80000", "Service/MaxConections=1")
        self.assertIn("has no MaxConections", told)
        self.assertIn("wsc config show %s\n" % self.host, told)
        self.assertIn("1 of 2 settings were written before\n", told)

    def test_what_cuts_off(self):
        """It needs --force, or somebody who says yes."""
        for word in ("Service/Auth/Basic=false", "service.allowunencrypted=False",
                     "Service/AllowRemoteAccess=false", "Service/IPv4Filter=10.0.0.1",
                     "Service/RootSDDL=x"):
            told = self.bad(2, "config", "set", "MaxTimeoutms=90000", word, start_new_session=True)
            self.assertIn(" may cut off our own access: ", told)
            self.assertTrue(told.endswith("  try: --force, for there is no terminal to ask on\n"))
            done = self.verb("config", "set", word, "--json", start_new_session=True)
            self.assertEqual(json.loads(done.stdout)["error"]["name"], "WSC_E_USAGE")
        self.assertEqual(self.endpoint.state()["requests"], [])
        for word in ("Service/Auth/Kerberos=false", "Winrs/AllowRemoteShellAccess=false",
                     "Client/Auth/Basic=false", "Service/Auth/Basic=true", "Service/IPv4Filter=*"):
            self.good("config", "set", word, start_new_session=True)
        self.good("config", "set", "Service/Auth/Basic=false", "--force", start_new_session=True)
        self.assertEqual(self.bad(6, "get", "winrm/config").count("\n  code: "), 1)

    def test_what_cuts_off_by_verbs(self):
        ours = "winrm/config/listener?Address=*+Transport=HTTP"
        for args in (["delete", ours], ["set", ours, "Enabled=false"], ["set", ours, "Port=1"],
                     ["set", "winrm/config/service/auth", "Basic=false"],
                     ["set", "winrm/config", "Service/Auth/Basic=false"],
                     ["set", "winrm/config/service", '@{AllowUnencrypted="false"}']):
            told = self.bad(2, *args, start_new_session=True)
            self.assertIn(" may cut off our own access: ", told)
            done = self.tool(args[0], *PLAIN, "--hosts", "-", *args[1:], data=self.host.encode(),
                             start_new_session=True)
            self.assertEqual(done.returncode, 2)
        self.assertEqual(self.endpoint.state()["requests"], [])
        self.good("set", ours, "Enabled=true", start_new_session=True)
        self.good("set", "winrm/config/service/auth", "Kerberos=false", start_new_session=True)
        self.good("set", "winrm/config/service/auth", "Basic=false", "--force", start_new_session=True)

    def test_asks(self):
        for answer, code in (b"n\n", 1), (b"\n", 1), (b"y\n", 0):
            terminal = self.terminal("config", "set", *PLAIN, self.host, "Service/IPv4Filter=10.0.0.1")
            terminal.expect(b"(y/N) ")
            terminal.send(answer)
            self.assertEqual(terminal.wait(), code)
            self.assertEqual(b"nothing was written" in terminal.rest(), code == 1)
        self.assertIn("= 10.0.0.1\n", self.good("get", "winrm/config/service"))

    def test_reset(self):
        self.good("config", "set", "Service/MaxConnections=400")
        self.assertIn("--force", self.bad(
            2, "config", "reset", start_new_session=True))
        self.assertEqual(self.good("config", "reset", "--force"), "")
        self.assertIn(" = 300\n", self.good("get", "winrm/config/service", "--properties",
                                            "MaxConnections"))


class ConfigDiffTest(VerbCase):
    """Two configurations."""

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def saved(self, name, *options):
        """Save the configuration and return the file."""
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.good("config", "show", *options))
        return path

    def test_files(self):
        files = self.saved("a.json", "--json"), self.saved("a.xml", "--format", "xml")
        for file in *files, self.host:
            self.assertEqual(self.good("config", "diff", file),
                             "--- %s\n+++ %s\n" % (self.host, file))
        self.good("config", "set", "Service/MaxConnections=400", "Client/TrustedHosts=a,b")
        self.good("create", "winrm/config/listener?Address=*+Transport=HTTPS",
                  "CertificateThumbprint=" + "0123456789" * 4)
        for file in files:
            done = self.verb("config", "diff", file)
            self.assertEqual((done.returncode, done.stderr), (1, b""))
            lines = done.stdout.decode().splitlines()
            for line in ("-Client/TrustedHosts = a,b", "+Client/TrustedHosts = ",
                         "-Service/MaxConnections = 400", "+Service/MaxConnections = 300",
                         "-Listeners[*,HTTPS]/Transport = HTTPS"):
                self.assertIn(line, lines)
            self.assertFalse([x for x in lines if "HTTP]" in x or "Plugins" in x])
            found = self.one("config", "diff", file)
            self.assertIn({"path": "Service/MaxConnections", "value": "400", "other_value": "300"},
                          found["differences"])
        self.assertEqual(self.good("config", "diff", self.host),
                         "--- %s\n+++ %s\n" % (self.host, self.host))

    def test_unread(self):
        """A section that one has not is not compared."""
        path = self.saved("a.json", "--json")
        self.endpoint.inject({"action": "Enumerate", "effect": "fault", "code": 5})
        done = self.verb("config", "diff", path)
        self.assertEqual(done.returncode, 8)
        self.assertEqual(done.stderr, b"wsc: %s: Listeners is not compared: one of both has none\n" % self.host.encode())

    def test_bad_files(self):
        path = os.path.join(self.directory, "x")
        for text, told in (
                ("{\"a\": 1,\n \"b\": }", "line 2: neither XML nor JSON of `wsc config show`\n"),
                ("<a>", "neither XML nor JSON"), ("{}", "holds no configuration\n  try: wsc config show"),
                ("{\"Config\": null}", "holds no configuration"), ("", "neither XML nor JSON"),
                ("<a/>", "holds no configuration"), ("[" * 100, "neither"),
                ("{\"a\":" + "{\"a\":" * 5000, "neither"), ("{\"a@b\": \"\"}", "neither"),
                ("{\"a\": \"\\ud800\"}", "neither")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            self.assertIn(told, self.bad(2, "config", "diff", path))
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_no_other(self):
        told = self.bad(3, "config", "diff", "127.0.0.1:1")
        self.assertIn("no connection", told)


class ShellsTest(VerbCase):
    """The shells on a host."""

    def test_shells(self):
        self.assertEqual(self.good("shells"), "")
        process = self.start("cat")
        self.endpoint.wait(Command=1)
        lines = self.good("shells").splitlines()
        self.assertEqual(lines[0].split(), ["ShellId", "Name", "Owner", "ClientIP", "State",
                                            "ShellInactivity", "ChildProcesses"])
        self.assertEqual(lines[1].split()[1:4], [USER, "127.0.0.1", "Connected"])
        [found] = self.lines("shells")
        self.assertEqual((list(found), found["value"]["Owner"]),
                         (["host", "name", "value", "error"], USER))
        self.assertEqual(len(self.lines("shells", "--owner", USER)), 1)
        self.assertEqual(self.lines("shells", "--owner", 'no"body;}'), [])
        self.assertEqual(self.good("shells", "--remove", found["value"]["ShellId"]), "")
        self.assertEqual(self.lines("shells"), [])
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 255)
        removed = self.one("shells", "--remove", found["value"]["ShellId"])
        self.assertEqual((removed["removed"], removed["error"]["name"]), (None, "WSC_E_SHELL_GONE"))

    def test_many_hosts(self):
        process = self.start("cat")
        self.endpoint.wait(Command=1)
        for owner, n in (USER, 1), ("nobody", 0):
            done = self.tool("shells", *PLAIN, "--hosts", "-", "--json", "--owner", owner,
                             data=("%s\n127.0.0.1:1\n" % self.host).encode())
            self.assertEqual(done.returncode, 1)
            found = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(sum(x["value"] is not None for x in found), n)
            self.assertEqual(sum(x["error"] is not None for x in found), 1)
        done = self.tool("shells", *PLAIN, "--hosts", "-", data=self.host.encode())
        self.assertTrue(done.stdout.startswith(b"%s: ShellId  " % self.host.encode()))
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_words(self):
        for words, told in ((["x"], 'there is one word too many: "x"; see --help\n'),
                            (["--remove", ""], "--remove: ID is missing; see --help\n"),
                            (["--remove", "a", "--owner", "b"], "--remove and --owner exclude each other\n")):
            done = self.tool("shells", "h", *words, env=environment(None))
            self.assertEqual((done.returncode, done.stderr.decode()), (2, "wsc: " + told))
