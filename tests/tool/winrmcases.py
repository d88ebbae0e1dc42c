"""Command lines of winrm.cmd, run by test_tool.py."""

import json

from toolcase import USER, environment
from verbcases import CIMV2, WINRM, VerbCase

OURS = ("--trusted-hosts", "*", "--set", "allow-unencrypted=true")


class WinrmTest(VerbCase):
    """What administrators type."""

    def winrm(self, *args, user=True, **more):
        """Run a command line, as Administrator."""
        login = ("-u:" + USER, "-a:basic") if user else ()
        return self.tool("winrm", *args, "-r:" + self.host, *login, *OURS, **more)

    def fine(self, *args, **more):
        """Run one that ends well and tells nothing, and return its stdout."""
        done = self.winrm(*args, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""), args)
        return done.stdout.decode()

    def wrong(self, *args):
        """Run one that is refused at once, and return what it tells."""
        done = self.tool("winrm", *args, env=environment(None))
        self.assertEqual((done.returncode, done.stdout), (2, b""), args)
        return done.stderr.decode()

    def test_verbs(self):
        self.assertEqual(self.fine("get", "winrm/config"), self.good("get", "winrm/config"))
        self.assertEqual(self.fine("G", "winrm/config/winrs"), self.good("get", "winrm/config/winrs"))
        for verb, name in ("set", "a"), ("s", "b"):
            self.assertIn("TrustedHosts     = %s\n" % name,
                          self.fine(verb, "winrm/config/client", '@{TrustedHosts="%s"}' % name))
        for verb in "enumerate", "enum", "e":
            self.assertIn("Transport ", self.fine(verb, "winrm/config/listener"))
        self.assertIn("ReturnValue = 0\n", self.fine("invoke", "StopService", WINRM))
        done = self.winrm("i", "StartService", "wmicimv2/Win32_Service?Name=none")
        self.assertEqual(done.returncode, 8)
        other = "winrm/config/listener?Address=*+Transport=HTTPS"
        self.assertEqual(self.fine("c", other, '@{CertificateThumbprint="%s"}' % ("0123456789" * 4)),
                         "http://schemas.microsoft.com/wbem/wsman/1/config/listener"
                         "?Address=*+Transport=HTTPS\n")
        self.assertEqual(self.fine("d", other), "")
        self.assertIn("product-vendor", self.fine("identify"))
        self.assertIn("product-vendor", self.fine("id", "-authentication:None", user=False,
                                                  env=environment(None)))
        self.assertEqual(self.tool("winrm", "helpmsg", "0x80338012").stdout,
                         self.tool("explain", "0x80338012").stdout)

    def test_switches(self):
        for switch in "-format:xml", "/FORMAT:#xml", "-F:xml":
            self.assertTrue(self.fine("get", WINRM, switch).startswith("<p:Win32_Service "))
        lines = self.fine("get", "winrm/config/winrs", "-f:pretty").splitlines()
        self.assertEqual(lines[1:3], ["  <cfg:AllowRemoteShellAccess>true</cfg:AllowRemoteShellAccess>",
                                      "  <cfg:IdleTimeout>7200000</cfg:IdleTimeout>"])
        self.assertEqual(self.fine("get", WINRM, "-fragment:Name"), "Name = WinRM\n")
        self.assertEqual(self.fine("e", "winrm/config/listener", "-returntype:EPR"),
                         "http://schemas.microsoft.com/wbem/wsman/1/config/listener"
                         "?Address=*+Transport=HTTP\n")
        self.assertEqual(
            self.fine("e", "wmicimv2/*", "-fi:select Name from Win32_Service where Name='WinRM'",
                      "-dialect:WQL", "-timeout:5000", "-encoding:UTF-16", "-skipRevocationCheck",
                      "-SPNport", "-skipcacheck", "-skipCNcheck", "-un"), "Name = WinRM\n")
        for switch, name in (["-associations"], "Win32_DependentService\n"), ([], "Win32_Service\n"):
            self.assertTrue(self.fine("e", "wmicimv2/*", "-dialect:association",
                                      "-filter:{Object=Win32_Service?Name=WinRM}",
                                      *switch).startswith(name))
        self.assertEqual(self.fine("e", "wmicimv2/Test_Item", '-options:@{count="3";size=1}').count("Id"), 3)
        for switch in "-shallow", "-basePropertiesOnly":
            self.fine("e", "wmicimv2/CIM_Service", switch)
        text = self.fine("set", "winrm/config/winrs", "-file:-", data=b'@{MaxShellsPerUser="31"}')
        self.assertIn("MaxShellsPerUser       = 31\n", text)

    def test_our_options(self):
        found = json.loads(self.fine("get", WINRM, "--json", "--properties", "State"))
        self.assertEqual(found["epr"]["resource"], CIMV2 + "Win32_Service")
        self.assertEqual(found["value"], {"State": "Running"})

    def test_password(self):
        """It is refused wherever it may stand, and never repeated."""
        for word in "-p:geheim", "-PASSWORD:geheim", "/p:geheim", "-passwrod:geheim", "-u:me:geheim":
            told = self.wrong("get", "winrm/config", "-r:h", word)
            self.assertNotIn("geheim", told)
            self.assertIn("WSC_PASSWORD", told)
        self.fine("get", WINRM, "-p:*")

    def test_no_remote(self):
        self.assertEqual(self.wrong("get", "winrm/config/service"),
                         "wsc: winrm get: of which host? There is no service of WinRM on this machine\n"
                         "  try: -remote:HOST\n")
        for resource in "winrm/config/client", "winrm/config/Client/auth":
            self.assertIn("its settings are options of each call\n  try: --trusted-hosts LIST",
                          self.wrong("set", resource, '@{TrustedHosts="a"}'))
        self.assertIn("is for Windows itself\n", self.wrong("quickconfig"))
        self.assertIn("is for Windows itself\n", self.wrong("qc", "-transport:https"))

    def test_refused(self):
        for words, told in (
                (["gte"], 'winrm has no command "gte"\n  try: wsc winrm get\n'),
                (["get", "x", "-formt:xml"], "unknown switch -formt; see `wsc winrm help switches`\n"
                 "  try: -format:FORMAT\n"),
                (["get", "x", "-r", "h"], "-r: HOST is missing: it follows the colon, without a blank\n"
                 "  try: -r:HOST\n"),
                (["get", "x", "-r=h"], "-r: HOST follows a colon\n  try: -r:HOST\n"),
                (["get", "x", "-usessl:1"], "-usessl takes no value\n"),
                (["get", "x", "-r:h", "-r:i"], "-r: there is a host already: h\n"),
                (["get", "x", "-r:h", "-filter:x"], "-filter is not a switch of winrm get\n"),
                (["get", "x", "-r:h", "-a:digest"], "-a:digest: this program has no Digest"),
                (["get", "x", "-r:h", "-a:CredSSP"], "-a:CredSSP: this program has no CredSSP\n"),
                (["get", "x", "-r:h", "-a:x"], '-a: None, Basic, Negotiate, Kerberos or Certificate, not "x"\n'),
                (["get", "x", "-r:h", "-certificate:00"], "-certificate: a thumbprint names a certificate"),
                (["get", "x", "-r:h", "-encoding:latin1"], '-encoding: utf-8 or utf-16, not "latin1"\n'),
                (["get", "x", "-r:h", "-timeout:1s"], '-timeout: a number of milliseconds, not "1s"\n'),
                (["get", "x", "-r:h", "-f:html"], '-f: text, xml or pretty, not "html"\n'),
                (["e", "x", "-r:h", "-returntype:x"], "-returntype: object, epr or objectandepr"),
                (["e", "x", "-r:h", "-options:x"], "-options: it begins with a brace"),
                (["e", "x", "-r:h", "-associations"], "-associations is for -dialect:association"),
                (["get", "x", "-r:h", "-u:me", "-defaultCreds"], "-defaultCreds and -username exclude"),
                (["set", "x", "@{A=1", "-r:h"], "@{A=1: the } is missing\n  try: single quotes"),
                (["get", "-r:h"], "RESOURCE is missing"), (["get", "x", "-r:me:pw@h"], "HOST: a user name"),
                (["help", "filter"], 'winrm help has no topic "filter"\n  try: wsc winrm help filters\n')):
            self.assertTrue(self.wrong(*words).startswith("wsc: " + told), (words, self.wrong(*words)))

    def test_help(self):
        text = self.tool("winrm", "help").stdout.decode()
        for words in [], ["-?"], ["/?"], ["help", "-?"]:
            self.assertEqual(self.tool("winrm", *words).stdout.decode(), text)
        topics = [line.split()[0] for line in text.split("topics")[1].splitlines()
                  if line.startswith("  ")]
        self.assertEqual(topics, ["uris", "aliases", "config", "certmapping", "filters", "switches",
                                  "input", "remoting", "auth", "customremoteshell"])
        for topic in topics + ["get", "e", "set", "invoke", "id", "uri", "alias"]:
            done = self.tool("winrm", "help", topic)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertGreater(len(done.stdout), 200)
            self.assertLessEqual(max(len(x) for x in done.stdout.decode().splitlines()), 80)
        self.assertEqual(self.tool("winrm", "enum", "-?").stdout, self.tool("winrm", "help", "enumerate").stdout)
        self.assertIn(b"wmicimv2  http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2\n",
                      self.tool("winrm", "help", "aliases").stdout)
        self.assertIn(b"usage: wsc winrm ", self.tool("winrm", "--help").stdout)
