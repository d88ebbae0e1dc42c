"""Paths within a configuration, and what a security descriptor says; run by test_tool.py."""

import json

from toolcase import environment
from verbcases import VerbCase

PLUGIN = "WSMan:\\localhost\\Plugin\\microsoft.powershell\\"
LISTENER = "Listener/%s?Address=*+Transport=HTTP"


class PathTest(VerbCase):
    """One setting, read and written."""

    def test_get(self):
        for path, text in (("WSMan:\\localhost\\Service\\MaxConnections", "300"),
                           ("winrm/config/service/maxconnections", "300"),
                           ("WSMan:\\localhost\\Client\\TrustedHosts", ""),
                           ("winrm/config/" + LISTENER % "Port", str(self.endpoint.port)),
                           (PLUGIN + "Quotas\\MaxShellsPerUser", "30"),
                           (PLUGIN + "enabled", "true"),
                           (PLUGIN + "InitializationParameters\\PSVersion", "5.1"),
                           (PLUGIN + "Resources\\Resource\\Security\\ExactMatch", "false")):
            self.assertEqual(self.good("get", path), text + "\n", path)
        self.assertIn('Quotas [MaxShells="30"]', self.good("get", PLUGIN + "Quotas"))
        self.assertIn("    Resource [ResourceUri=", self.good("get", PLUGIN + "Resources"))
        found = self.one("get", "winrm/config/service/MaxConnections")
        self.assertEqual((list(found), found["path"], found["value"]),
                         (["host", "epr", "path", "value", "error"], "MaxConnections", "300"))

    def test_get_nothing(self):
        self.assertEqual(self.bad(8, "get", PLUGIN + "Quotas\\MaxShelsPerUser"),
                         "wsc: %s: the resource has no Quotas/MaxShelsPerUser\n"
                         "  try: Quotas/MaxShellsPerUser\n" % self.host)
        found = self.one("get", "winrm/config/service/auth/Bsaic")
        self.assertEqual(found["error"]["name"], "WSC_E_NOT_FOUND")
        for option, value in ("--fragment", "x"), ("--format", "xml"):
            self.assertIn("is of no use for one setting\n", self.bad(
                2, "get", "winrm/config/service/MaxConnections", option, value))
        for command in "enumerate", "delete":
            self.assertIn("this is inside a resource", self.bad(2, command, PLUGIN + "Quotas"))

    def test_set_plugin(self):
        """Attributes and parameters; what is not changed stays."""
        before = self.one("get", "winrm/config/plugin?Name=microsoft.powershell")["value"]
        text = self.good("config", "set", "Plugin/microsoft.powershell/quotas/maxshellsperuser=33",
                         PLUGIN + "InitializationParameters\\PSVersion=5.2",
                         PLUGIN + "InitializationParameters\\PSMaximumReceivedObjectSizeMB=11",
                         "plugin\\WMI Provider\\InitializationParameters\\a=b",
                         "Plugin/AutoRestart?Name=microsoft.powershell=true")
        self.assertTrue(text.startswith("Plugin/microsoft.powershell/quotas/maxshellsperuser = 33\n"
                                        "Plugin\\microsoft.powershell\\InitializationParameters\\PSVersion = 5.2\n"))
        after = self.one("get", "winrm/config/plugin?Name=microsoft.powershell")["value"]
        self.assertEqual(after["Quotas"], {**before["Quotas"], "@MaxShellsPerUser": "33"})
        self.assertEqual((after["@AutoRestart"], before["@AutoRestart"]), ("true", "false"))
        self.assertEqual(after["Resources"], before["Resources"])
        for name, value in ("PSVersion", "5.2"), ("PSMaximumReceivedObjectSizeMB", "11"):
            self.assertEqual(self.good("get", PLUGIN + "InitializationParameters\\" + name), value + "\n")
        self.assertEqual(self.good("get", "WSMan:\\localhost\\Plugin\\WMI Provider\\InitializationParameters\\a"),
                         "b\n")

    def test_set_plugin_wrong(self):
        told = self.bad(8, "config", "set", PLUGIN + "Quotas\\MaxShels=1")
        self.assertIn("Quotas has no MaxShels; the resource was not changed\n", told)
        self.assertIn("did you mean MaxShells?\n", told)
        self.assertTrue(told.endswith("  the names of all settings: wsc config show %s\n" % self.host))
        done = self.verb("config", "set", "--json", PLUGIN + "Nothing=1")
        self.assertEqual(json.loads(done.stdout)["error"]["name"], "WSC_E_NOT_FOUND")
        self.assertNotIn("Put", self.endpoint.state()["counts"])
        self.assertIn("0x80338000", self.bad(8, "config", "set", "Plugin/nix/Enabled=false"))
        told = self.bad(2, "config", "set", PLUGIN + "RunAsPassword=geheim")
        self.assertNotIn("geheim", told)
        self.assertIn("other users can read the command line", told)

    def test_set_listener(self):
        other = "winrm/config/listener?Address=*+Transport=HTTPS"
        self.good("create", other, "CertificateThumbprint=" + "0123456789" * 4, "Port=0", "Enabled=false")
        path = "Listener/Hostname?Address=*+Transport=HTTPS"
        self.assertEqual(self.good("config", "set", path + "=srv1"), path + " = srv1\n")
        self.assertEqual(self.good("get", "winrm/config/" + path), "srv1\n")
        for word in LISTENER % "Port" + "=1", LISTENER % "Enabled" + "=false":
            self.assertIn("may be the listener that this program calls",
                          self.bad(2, "config", "set", word, start_new_session=True))

    def test_suggestions(self):
        for word, near in (("Service/MaxConections=1", "MaxConnections"),
                           ("MaxEnvelopSizekb=600", "MaxEnvelopeSizekb"),
                           ("Service/Auth/Kerberus=true", "Kerberos"),
                           (PLUGIN + "Autorestrt=true", "AutoRestart"),
                           (LISTENER % "Hostnam" + "=x", "Hostname")):
            self.assertIn(" did you mean %s?\n" % near, self.bad(8, "config", "set", word))

    def test_words(self):
        for word, told in (
                ("Plugin\\x=1", "PATH: the name of a setting is missing behind the resource\n  Plugin\\x\n"
                 "          ^\n"),
                ("Listener?Address=*+Transport=HTTP=1", "PATH: the name of a setting is missing behind the "
                 "resource\n"),
                ("Plugin\\*\\Enabled=1", "PATH: this is not for several at once")):
            done = self.tool("config", "set", "h", word, env=environment(None))
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr.decode().startswith("wsc: " + told), done.stderr)

    def test_descriptors(self):
        text = self.good("config", "show")
        self.assertIn("S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)\n"
                      "            allow Administrators: full control\n"
                      "            allow Interactive Users: read (get, enumerate, subscribe)\n"
                      "            audit Everyone: full control (failures)\n", text)
        self.assertIn('[Sddl="O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)"]\n'
                      "                    allow Administrators: full control\n", text)
        self.assertNotIn("allow Administrators", self.good("get", "winrm/config/service"))
