"""get, enumerate, set, invoke, create and delete, run by test_tool.py."""

import contextlib
import http.server
import json
import re
import signal
import subprocess
import tempfile
import threading
import xml.etree.ElementTree as ET

from toolcase import LIMIT, PLAIN, WSC, Rewriter, ToolCase, environment

CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
WINRM = "wmicimv2/Win32_Service?Name=WinRM"
SPOOLER = "wmicimv2/Win32_Service?Name=Spooler"


class VerbCase(ToolCase):
    """What these cases share."""

    def good(self, *args, **more):
        """Run a command that ends well and tells nothing, and return its stdout."""
        done = self.verb(*args, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""), args)
        return done.stdout.decode()

    def bad(self, code, *args, **more):
        """Run a command that fails so, and return its stderr."""
        done = self.verb(*args, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode()

    def one(self, *args, **more):
        """Run a command and return its one object."""
        done = self.verb(*args, "--json", **more)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        found = json.loads(done.stdout)
        self.assertEqual((list(found)[0], list(found)[-1]), ("host", "error"))
        return found

    def lines(self, *args, **more):
        """Run a command and return its objects, one a line."""
        done = self.verb(*args, "--json", **more)
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextlib.contextmanager
    def rewritten(self, *changes):
        """A host in front of the endpoint that changes what it says."""
        handler = type("Handler", (Rewriter,), {
            "target": (self.endpoint.host, self.endpoint.port), "changes": changes})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *args: None
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield "127.0.0.1:%d" % server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class GetTest(VerbCase):
    """One resource, in all formats."""

    arguments = ("--allow-unencrypted", "--gpo", "Service/IPv4Filter=10.0.0.1")

    def test_text(self):
        text = self.good("get", "winrm/config/service")
        self.assertTrue(text.startswith("Service\n    RootSDDL                         = O:NSG"))
        self.assertIn("\n    Auth\n        Basic             = true\n", text)
        self.assertIn('\n    IPv4Filter                       = 10.0.0.1 [Source="GPO"]\n', text)
        self.assertIn("\n    CertificateThumbprint            = \n", text)
        self.assertIn("\n    InstallDate             = $null\n", self.good("get", WINRM))

    def test_policy(self):
        """What a policy sets is not written."""
        for args in (["set", "winrm/config/service", "IPv4Filter=*"],
                     ["config", "set", "Service/IPv4Filter=*"]):
            self.assertIn("IPv4Filter is set by a policy", self.bad(7, *args))
        self.assertEqual(self.endpoint.state()["counts"], {"Get": 2})

    def test_json(self):
        found = self.one("get", WINRM, "--properties", "state,InstallDate,Name")
        self.assertEqual(found, {
            "host": self.host, "epr": {"resource": CIMV2 + "Win32_Service",
                                       "selectors": {"Name": "WinRM"}},
            "name": "Win32_Service",
            "value": {"State": "Running", "InstallDate": None, "Name": "WinRM"}, "error": None})
        self.assertEqual(list(found["value"]), ["State", "InstallDate", "Name"])
        value = self.one("get", "winrm/config/service")["value"]
        self.assertEqual((value["IPv4Filter"], value["IPv4Filter@Source"]), ("10.0.0.1", "GPO"))
        self.assertEqual(value["MaxConnections"], "300")

    def test_json_error(self):
        found = self.one("get", "wmicimv2/Win32_Service?Name=none")
        self.assertIsNone(found["value"])
        self.assertEqual(found["error"]["name"], "WSC_E_NOT_FOUND")

    def test_types(self):
        value = self.lines("enumerate", "wmicimv2/Test_Types")[0]["value"]
        for name, wanted in (("B", True), ("U64", 18446744073709551615), ("S64", -2 ** 63),
                             ("R32", 1.5), ("Text", "text"), ("Empty", ""), ("Nothing", None),
                             ("When", "2020-01-01T00:00:00.123456-08:00"),
                             ("Numbers", [1, 2, 3]), ("Words", ["one", "", "<three>"]),
                             ("Target", {"resource": CIMV2 + "Win32_Service",
                                         "selectors": {"Name": "WinRM"}})):
            self.assertEqual(value[name], wanted)
        self.assertEqual(value["Part"]["Next"]["Name"], "innermost")
        self.assertEqual([part["Name"] for part in value["Parts"]], ["inner", "second"])
        text = self.good("enumerate", "wmicimv2/Test_Types")
        for line in ("Numbers   = 1, 2, 3", "Words     = one", "Words     = ", "Empty     = ",
                     "Nothing   = $null", "Span      = P1DT2H3M4.5S",
                     "Target    = " + CIMV2 + "Win32_Service?Name=WinRM", "Part"):
            self.assertIn("\n    %s\n" % line, text)

    def test_xml(self):
        root = ET.fromstring(self.good("get", "winrm/config/winrs", "--format", "xml"))
        self.assertEqual(root.find("{%s/winrs}MaxShellsPerUser" % CONFIG).text, "30")

    def test_fragment(self):
        name = "Windows Remote Management (WS-Management)"
        self.assertEqual(self.good("get", WINRM, "--fragment", "DisplayName"),
                         "DisplayName = %s\n" % name)
        self.assertEqual(self.good("get", WINRM, "--fragment", "DisplayName/text()"), name + "\n")

    def test_selectors(self):
        self.assertIn("Name                    = Spooler\n", self.good(
            "get", "wmicimv2/Win32_Service", "--selector", "Name=Spooler"))
        self.assertIn("it is there already", self.bad(2, "get", WINRM, "--selector", "name=x"))

    def test_clean(self):
        """What could drive a terminal is left out, and what could break a line."""
        with self.rewritten((b"Print Spooler", "a\u009b31m\u0085b&#10;c\t\u200bd".encode())) as host:
            for form in "text", "table":
                done = self.verb("get", SPOOLER, "--format", form, host=host)
                self.assertNotIn("\u009b", done.stdout.decode())
                self.assertIn(b"a31mb", done.stdout)
            self.assertEqual(len(done.stdout.splitlines()), 2)
            told = self.one("get", SPOOLER, host=host)
            self.assertEqual(told["value"]["Caption"], "a\u009b31m\u0085b\nc\t\u200bd")
            terminal = self.terminal("get", *PLAIN, "--format", "xml", host, SPOOLER)
            terminal.expect(b"Win32_Service>")
            self.assertEqual(terminal.wait(), 0)
            self.assertNotIn("\u009b".encode(), terminal.text)

    def test_stats(self):
        self.assertEqual(self.one("get", WINRM, "--stats")["stats"]["requests"], 1)
        done = self.verb("get", WINRM, "--stats")
        self.assertIn(b", requests 1, ", done.stderr)


class EnumerateTest(VerbCase):
    """Many instances, as they arrive."""

    def test_text(self):
        text = self.good("enumerate", "winrm/config/listener")
        self.assertTrue(text.startswith("Listener\n    Address               = *\n"))
        self.assertEqual(text, self.good("enum", "winrm/config/listener"))
        self.assertEqual(self.good("enum", "wmicimv2/Test_Item", "--option", "count=2").split("\n\n"), [
            "Test_Item\n    Id   = %d\n    Name = Item %d\n    Text = %s%s" % (
                i, i, "x" * 20, "\n" * (i == 2)) for i in (1, 2)])

    def test_table(self):
        text = self.good("enum", "wmicimv2/Win32_Service", "--format", "table", "--properties",
                         "Name,state,InstallDate,nothing", "-q")
        lines = text.splitlines()
        self.assertEqual(lines[0], "Name            state    InstallDate  nothing")
        self.assertEqual(lines[1], "BITS            Stopped  $null        ")
        self.assertEqual(len(lines), 11)

    def test_table_bounds(self):
        """A column is cut, but the last one is not; later rows do not move it."""
        text = self.good("enum", "wmicimv2/Test_Item", "--format", "table", "--option", "count=120",
                         "--option", "size=60", "--properties", "Text,Id,Text")
        lines = text.splitlines()
        self.assertEqual(lines[1], "x" * 45 + "...  1   " + "x" * 60)
        self.assertEqual(lines[120], "x" * 45 + "...  120  " + "x" * 60)

    def test_json(self):
        found = self.lines("enum", "wmicimv2/Test_Item", "--option", "count=3")
        self.assertEqual([x["value"]["Id"] for x in found], ["1", "2", "3"])
        self.assertEqual([list(x) for x in found], [["host", "name", "value", "error"]] * 3)
        found = self.lines("enum", "wmicimv2/Test_Item", "--option", "count=3", "--stats")
        self.assertEqual((found[3]["items"], found[3]["error"]), (3, None))
        self.assertIn("requests", found[3]["stats"])

    def test_json_error(self):
        [found] = self.lines("enum", "wmicimv2/No_Class")
        self.assertEqual((found["value"], found["items"]), (None, 0))
        self.assertEqual(found["error"]["class"], "fault")

    def test_error_on_the_way(self):
        self.endpoint.inject({"action": "Pull", "effect": "fault", "code": 5})
        args = "enum", "wmicimv2/Test_Item", "--option", "count=10", "--max-elements", "4"
        found = self.lines(*args)
        self.assertEqual([x["value"] is None for x in found], [False] * 4 + [True])
        self.assertEqual((found[-1]["items"], found[-1]["error"]["fault-code"]), (4, 5))
        for form in "text", "table", "xml":
            self.endpoint.control("POST", "reset")
            self.endpoint.inject({"action": "Pull", "effect": "fault", "code": 5})
            done = self.verb(*args, "--format", form)
            self.assertEqual(done.returncode, 7)
            self.assertIn(b"Item 4", done.stdout)
            self.assertNotIn(b"</w:Results>", done.stdout)

    def test_xml(self):
        root = ET.fromstring(self.good("enum", "wmicimv2/Test_Item", "--format", "xml"))
        self.assertEqual(len(root), 10)

    def test_references(self):
        """They can be given back."""
        lines = self.good("enum", "wmicimv2/Win32_Service", "--returntype", "epr").splitlines()
        self.assertEqual(lines[9], CIMV2 + "Win32_Service?Name=WinRM")
        for form in "table", "text":
            self.assertEqual(lines, self.good("enum", "wmicimv2/Win32_Service", "--returntype", "epr",
                                              "--format", form).splitlines())
        self.assertIn(" = WinRM\n", self.good("get", lines[9]))
        found = self.lines("enum", "wmicimv2/Win32_Service", "--returntype", "object-and-epr")
        self.assertEqual(found[9]["epr"]["selectors"], {"Name": "WinRM"})
        self.assertEqual(found[9]["value"]["Name"], "WinRM")
        self.assertIn("\n    %s\n" % lines[0], self.good(
            "enum", "wmicimv2/Win32_Service", "--returntype", "object-and-epr"))

    def test_filters(self):
        def names(*args):
            return [x["value"]["Name"] for x in self.lines("enum", *args)]
        query = "select Name,State from Win32_Service where State='Stopped'"
        stopped = ["BITS", "RemoteRegistry", "W32Time"]
        self.assertEqual(names("wmicimv2/*", "--filter", query), stopped)
        self.assertEqual(names("wmicimv2/Win32_Service", "--dialect", "selector", "--filter",
                               "{State=Stopped}"), stopped)
        self.assertIn("RpcSs", names("wmicimv2/*", "--dialect", "association", "--filter",
                                     "{Object=Win32_Service?Name=WinRM}"))

    def test_filter_wrong(self):
        told = self.bad(2, "enum", "wmicimv2/Win32_Service", "--dialect", "selector",
                        "--filter", "{State=Running}}")
        self.assertTrue(told.endswith("\n  {State=Running}}\n                 ^\n"), told)

    def test_cancel(self):
        process = subprocess.Popen(
            [WSC, "enum", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=100000",
             "--option", "delay=20", "--max-elements", "2", "--format", "table"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment())
        self.addCleanup(lambda: (process.stdout.close(), process.stderr.close()))
        self.endpoint.wait(Pull=2)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=LIMIT)
        self.assertEqual((process.returncode, told[1]), (130, b""))
        self.assertIn(b"Item 2", told[0])
        self.endpoint.wait(Release=1, enumerations=0)

    def test_closed_stdout(self):
        for form in "text", "json", "table", "xml":
            process = subprocess.Popen(
                [WSC, "enum", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=1000000",
                 "--format", form], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=environment())
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(LIMIT), 141)
            process.stderr.close()
            self.endpoint.wait(Release=1, enumerations=0)
            self.endpoint.control("POST", "reset")

    def test_reader_goes_while_it_waits(self):
        """Nothing has to be written to notice it."""
        self.endpoint.inject({"action": "Pull", "effect": "delay", "ms": 600000})
        process = subprocess.Popen(
            [WSC, "enum", *PLAIN, self.host, "wmicimv2/Test_Item", "--max-elements", "2"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment())
        process.stdout.readline()
        self.endpoint.wait(Pull=1)
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), 141)

    def test_memory_is_bounded(self):
        with open(WSC, "rb") as file:
            if b"__asan_init" in file.read():
                self.skipTest("a sanitizer needs memory of its own")
        for form in "table", "json":
            process = subprocess.Popen(
                [WSC, "enum", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=100000",
                 "--option", "size=200", "--format", form], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, env=environment())
            seen = 0
            for line in process.stdout:
                seen += 1
                if seen == 90000:  # it still has much to write
                    with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
                        peak = int(re.search(r"VmHWM:\s*(\d+)", file.read()).group(1))
            self.assertEqual(seen, 100000 + (form == "table"))
            self.assertLess(peak, 33000)
            process.stdout.close()
            self.assertEqual(process.wait(LIMIT), 0)

    def test_slow_reader(self):
        """Nothing is lost where stdout takes little at a time."""
        process = subprocess.Popen(
            [WSC, "enum", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=20000", "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment())
        self.endpoint.wait(Pull=1)
        lines = process.stdout.read().splitlines()
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertTrue([int(json.loads(x)["value"]["Id"]) for x in lines] == list(range(1, 20001)))


class ChangeTest(VerbCase):
    """set, create, delete and invoke."""

    def test_set(self):
        text = self.good("set", "winrm/config/winrs", "MaxShellsPerUser=40")
        self.assertIn("\n    MaxShellsPerUser       = 40\n", text)
        self.good("set", "winrm/config", "Winrs/MaxShellsPerUser=41", "Client/URLPrefix=x")
        self.good("set", "winrm/config/winrs", '@{MaxProcessesPerShell="7"}', "IdleTimeout=70000")
        value = self.one("get", "winrm/config")["value"]
        self.assertEqual([value["Winrs"][x] for x in
                          ("MaxShellsPerUser", "MaxProcessesPerShell", "IdleTimeout")],
                         ["41", "7", "70000"])
        self.assertEqual(value["Client"]["URLPrefix"], "x")

    def test_set_empty_and_unknown(self):
        self.good("set", "winrm/config/client", "TrustedHosts=a,b")
        found = self.one("set", "winrm/config/client", "trustedhosts=")
        self.assertEqual(found["value"]["TrustedHosts"], "")
        self.assertIn("Client has no Nothing", self.bad(8, "set", "winrm/config/client",
                                                              "Nothing=1"))

    def test_replace(self):
        """Only what is given is sent, and nothing is read before."""
        self.good("set", "winrm/config/winrs", "MaxShellsPerUser=44", "--replace")
        self.assertEqual([x["action"] for x in self.endpoint.state()["requests"]], ["Put"])

    def test_fragment(self):
        self.good("set", WINRM, "--fragment", "DisplayName", "DisplayName=New name")
        self.assertEqual(self.good("get", WINRM, "--fragment", "DisplayName/text()"), "New name\n")

    def test_content(self):
        """XML and @{...}, from stdin and from files."""
        xml = b'<?xml version="1.0"?>\n<x:Winrs xmlns:x="%s/winrs"><x:MaxShellsPerUser>%%d' \
              b"</x:MaxShellsPerUser></x:Winrs>\n" % CONFIG.encode()
        self.good("set", "winrm/config/winrs", "-", data=xml % 51)
        self.assertEqual(self.one("get", "winrm/config/winrs")["value"]["MaxShellsPerUser"], "51")
        self.good("set", "winrm/config/winrs", "--file", "-", data=b" @{MaxShellsPerUser=52}\n")
        self.assertEqual(self.one("get", "winrm/config/winrs")["value"]["MaxShellsPerUser"], "52")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"\xef\xbb\xbf" + xml % 53)
            file.flush()
            self.good("set", "winrm/config/winrs", "--file", file.name, "IdleTimeout=80000")
        value = self.one("get", "winrm/config/winrs")["value"]
        self.assertEqual((value["MaxShellsPerUser"], value["IdleTimeout"]), ("53", "80000"))
        for data, told in ((b"<a>\n<b></c></a>", "stdin, line 2: the XML is not well-formed\n  <b>"),
                           (b"", "stdin holds nothing\n"), (b"a\0b", "a NUL, and is neither"),
                           (b"{a=1", "}")):
            self.assertIn(told, self.bad(2, "set", "winrm/config/winrs", "-", data=data))
        self.assertIn("/nothing cannot be read: No such file", self.bad(
            2, "set", "winrm/config/winrs", "--file", "/nothing"))

    def test_create_and_delete(self):
        self.assertEqual(self.good("create", "winrm/config/listener?Address=*+Transport=HTTPS",
                                   "CertificateThumbprint=" + "0123456789" * 4, "Port=1"),
                         CONFIG + "/listener?Address=*+Transport=HTTPS\n")
        self.assertIn("HTTPS", self.good("enum", "winrm/config/listener"))
        self.assertEqual(self.good("delete", "winrm/config/listener?Address=*+Transport=HTTPS"), "")
        self.assertNotIn("HTTPS", self.good("enum", "winrm/config/listener"))
        found = self.one("create", "winrm/config/listener?Address=*+Transport=HTTPS",
                         "CertificateThumbprint=" + "0123456789" * 4)
        self.assertEqual(found["value"], {"resource": CONFIG + "/listener", "selectors": {
            "Address": "*", "Transport": "HTTPS"}})
        found = self.one("delete", "winrm/config/listener?Address=*+Transport=HTTPS")
        self.assertEqual((found["value"], found["error"]), (None, None))

    def test_invoke(self):
        self.assertEqual(self.good("invoke", "StopService", SPOOLER),
                         "StopService_OUTPUT\n    ReturnValue = 0\n")
        done = self.verb("invoke", "StopService", SPOOLER)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, b"StopService_OUTPUT\n    ReturnValue = 5\n")
        self.assertEqual(done.stderr.decode(), "wsc: %s: StopService gave ReturnValue 5, which is no "
                         "success\n" % self.host)
        found = self.one("invoke", "StopService", SPOOLER, "-q")
        self.assertEqual((found["method"], found["return_value"]), ("StopService", 5))
        self.assertEqual(self.verb("invoke", "StopService", SPOOLER, "-q").stderr, b"")

    def test_invoke_with_parameters(self):
        found = self.one("invoke", "Create", "wmicimv2/Win32_Process", "CommandLine=notepad.exe")
        self.assertEqual(found["return_value"], 0)
        self.assertTrue(found["value"]["ProcessId"])
        self.good("invoke", "Create", "wmicimv2/Win32_Process",
                  '@{CommandLine="calc.exe";CurrentDirectory=$null}')
        self.good("invoke", "ChangeStartMode", SPOOLER, "-", data=b"<x><StartMode>Manual</StartMode></x>")
        self.assertIn("Manual", self.good("get", SPOOLER, "--properties", "StartMode"))

    def test_secrets(self):
        for word in ("Password=SECRET", "RunAsPassword=SECRET", '@{URI="x";Password="SECRET"}'):
            told = self.bad(2, "create", "winrm/config/service/certmapping", word)
            self.assertIn("other users can read the command line", told)
            self.assertNotIn("SECRET", told)


class ManyHostsTest(VerbCase):
    """--hosts: the same on each, lines marked by host."""

    def many(self, verb, *args, hosts, **more):
        """Run a verb on a list of hosts."""
        return self.tool(verb, *PLAIN, "--hosts", "-", *args, data="\n".join(hosts).encode(), **more)

    def test_text(self):
        done = self.many("get", "winrm/config/winrs", "--properties", "MaxShellsPerUser",
                         hosts=[self.host] * 3)
        self.assertEqual(done.stdout.decode().splitlines(), [
            self.host + ": Winrs", self.host + ":     MaxShellsPerUser = 30"] * 3)
        self.assertEqual((done.returncode, done.stderr), (0, b"wsc: 3 hosts: 3 ok, 0 failed\n"))

    def test_failures(self):
        done = self.many("enum", "--json", "wmicimv2/Test_Item",
                         hosts=[self.host, "127.0.0.1:1", "a b", "127.0.0.1:1"])
        found = [json.loads(x) for x in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 3)
        self.assertEqual(len(found), 14)
        ends = {x["line"]: x for x in found if x["value"] is None}
        self.assertEqual(ends[1]["items"], 10)
        self.assertEqual(ends[2]["error"]["name"], "WSC_E_CONNECT")
        self.assertEqual(set(ends), {1, 2, 3, 4})
        told = done.stderr.decode()
        self.assertIn("wsc: 4 hosts: 1 ok, 3 failed\n", told)
        self.assertEqual(told.count("  try: On the server run"), 1)

    def test_bounded(self):
        done = self.many("enum", "--parallel", "2", "--format", "table", "wmicimv2/Test_Item",
                         "--option", "count=3000", hosts=[self.host] * 8)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 8 * 3001)
        self.assertTrue(all(x.startswith(self.host.encode() + b": ")
                            for x in done.stdout.splitlines()))

    def test_signal(self):
        process = subprocess.Popen(
            [WSC, "enum", *PLAIN, "--hosts", "/dev/stdin", "--parallel", "1", "wmicimv2/Test_Item",
             "--option", "count=1000", "--option", "delay=20", "--max-elements", "2"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment())
        process.stdin.write(("%s\n" % self.host * 4).encode())
        process.stdin.close()
        self.endpoint.wait(Pull=2)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(LIMIT), 130)
        self.endpoint.wait(Release=1, enumerations=0)


class VerbWordsTest(VerbCase):
    """What is missing or wrong in the words; nothing is sent."""

    def test_words(self):
        for args, told in (
                (["get"], "HOST is missing; see --help\n"),
                (["get", "h"], "RESOURCE is missing; see --help\n"),
                (["get", "h", "winrm/config", "x"], 'there is one word too many: "x"; see --help\n'),
                (["set", "h", "winrm/config"], "NAME=VALUE is missing; see --help\n"),
                (["set", "h", "winrm/config", "x"], 'NAME=VALUE is wanted, not "x"\n'),
                (["set", "h", "winrm/config", "=x"], 'NAME=VALUE is wanted, not "=x"\n'),
                (["set", "h", "winrm/config", "a b=x"],
                 'NAME=VALUE: "a b" cannot be the name of a property\n'),
                (["set", "h", "winrm/config", "a=\1"], "a: its value is no text that can be sent: "
                 "no UTF-8, or a control character\n"),
                (["invoke", "h"], "METHOD is missing; see --help\n"),
                (["invoke", "h", "winrm/config", "Restore"], "METHOD stands before RESOURCE, and is a "
                 'name: not "winrm/config"\n'),
                (["enum", "h", "winrm/config?a"], "RESOURCE: a selector is written Name=value; a value "
                 "that holds a + needs quotes\n  winrm/config?a\n               ^\n"),
                (["get", "h", "winrm/con fig"], "RESOURCE: a URI has no blanks and no control "
                 "characters\n  winrm/con fig\n           ^\n"),
                (["get", "h", "wmicimv2/" + "x" * 100 + "ä /y"], "RESOURCE: a URI has no blanks and no "
                 "control characters\n  %sä /y\n  %s^\n" % ("x" * 58, " " * 59)),
                (["set", "h", "winrm/config", "{a=1"], '@{Name="value";...}: the } is missing\n  {a=1\n'
                 "      ^\n"),
                (["get", "--hosts", "f", "h", "winrm/config"],
                 'there is one word too many: "winrm/config"; see --help\n'),
                (["get", "--json", "--format", "xml", "h", "shell"],
                 "--json and another --format exclude each other\n"),
                (["get", "--format", "yaml", "h", "shell"],
                 '--format: text, table, xml, pretty or json, not "yaml"\n'),
                (["set", "--fragment", "a", "--replace", "h", "shell", "a=1"],
                 "--fragment and --replace exclude each other\n"),
                (["set", "--hosts", "-", "shell", "-"],
                 "--hosts - and content from stdin exclude each other\n"),
                (["get", "--filter", "x", "h", "shell"],
                 "--filter is not an option of this command; see --help\n"),
                (["get", "--parallel", "2", "h", "shell"], "--parallel is of no use without --hosts "
                 "FILE\n"),
                (["enumerat", "h", "shell"], 'unknown command "enumerat"\n  try: wsc enumerate\n')):
            done = self.tool(*args, env=environment(None))
            self.assertEqual(done.stderr.decode(), "wsc: " + told, args)
            self.assertEqual(done.returncode, 2)

    def test_no_such_dialect(self):
        told = self.bad(2, "enum", "shell", "--dialect", "sql", "--filter", "x")
        self.assertTrue(told.startswith("wsc: %s: dialect: no such dialect: wql, " % self.host), told)
        self.assertNotIn("^", told)

    def test_secrets_in_a_resource(self):
        done = self.tool("get", "h", "http://me:SECRET@h/ x")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn(b"SECRET", done.stderr)

    def test_options_between_words(self):
        done = self.tool("get", self.host, "--json", "winrm/config/winrs", *PLAIN)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_help(self):
        for command in ("get", "enumerate", "set", "invoke", "create", "delete", "config", "shells"):
            done = self.tool("help", command, env={**environment(), "COLUMNS": "80"})
            self.assertTrue(done.stdout.startswith(b"usage: wsc " + command.encode()))
            self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 80)
