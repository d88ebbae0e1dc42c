"""config, shells, invoke --filter and subscribe on one host or on many, run by test_tool.py."""

import json
import os
import signal
import socket
import subprocess
import tempfile

from toolcase import LIMIT, PLAIN, USER, WSC, environment
from verbcases import VerbCase

DOWN = "127.0.0.1:1"
STOPPED = ("wmicimv2/*", "--filter", "select * from Win32_Service where State='Stopped'")
CLASS = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service"


class ManyCase(VerbCase):
    """What these cases share."""

    def many(self, command, *words, hosts=None, code=0, **more):
        """Run a command on hosts; of config the first word is what it does. Return stdout, stderr."""
        first, words = (words[:1], words[1:]) if command == "config" else ((), words)
        done = self.tool(command, *first, *PLAIN, "--hosts", "-", *words,
                         data="\n".join(hosts or [self.host, DOWN, self.host]).encode(), **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def objects(self, *args, **more):
        """Run a command on hosts and return its objects, in the order of the list."""
        text, _ = self.many(*args, "--json", **more)
        return sorted((json.loads(line) for line in text.splitlines()), key=lambda x: x["line"])


class ConfigManyTest(ManyCase):
    """config --hosts."""

    def test_show(self):
        text, told = self.many("config", "show", code=1)
        self.assertEqual(text.count("%s: Config\n" % self.host), 2)
        self.assertTrue(all(line.startswith(self.host + ": ") for line in text.splitlines()))
        self.assertTrue(told.endswith("wsc: 3 hosts: 2 ok, 1 failed\n"), told)
        found = self.objects("config", "show", code=1)
        self.assertEqual([x["Config"] is not None for x in found], [True, False, True])
        self.assertEqual([x["error"] is None for x in found], [True, False, True])

    def test_set(self):
        text, told = self.many("config", "set", "MaxTimeoutms=70000", "Client/TrustedHosts=a", code=1)
        self.assertEqual(text, ("{0}: MaxTimeoutms = 70000\n{0}: Client/TrustedHosts = a\n" * 2).format(self.host))
        self.assertEqual(told.count("no connection"), 1)
        found = self.objects("config", "set", "MaxTimeoutms=80000", "Service/MaxConections=1", code=3)
        self.assertEqual([len(x["changed"]) for x in found], [1, 0, 1])
        self.assertIn("did you mean MaxConnections", found[0]["error"]["remedy"])

    def test_lost(self):
        """A host that goes in the middle has failed; one that refuses a part is told."""
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "a.json")
            with open(file, "w", encoding="utf-8") as out:
                out.write(self.good("config", "show", "--json"))
            for effect in "close-before-reply", "html":
                self.endpoint.inject({"action": "Enumerate", "count": -1, "effect": effect})
                for words in (["show"], ["diff", file]):
                    done = self.verb("config", *words, "--json")
                    self.assertGreater(done.returncode, 2)
                    self.assertIsNotNone(json.loads(done.stdout)["error"])
                self.endpoint.control("POST", "reset")
            self.endpoint.inject({"action": "Enumerate", "effect": "fault", "code": 5})
            done = self.verb("config", "diff", file, "--json", "-q")
            self.assertEqual((done.returncode, json.loads(done.stdout)["not_compared"]), (8, ["Listeners"]))
        with self.rewritten((b":Config", b":Other")) as host:
            done = self.verb("config", "show", "--json", host=host)
            self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["text"]),
                             (9, "the answer holds no configuration"))

    def test_stopped(self):
        """Of a host that was under way JSON tells that it was canceled."""
        self.endpoint.inject({"action": "Enumerate", "effect": "delay", "ms": 60000})
        process = subprocess.Popen([WSC, "config", "show", *PLAIN, "--json", self.host], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.addCleanup(self.finish, process)
        self.endpoint.wait(Enumerate=1)
        process.send_signal(signal.SIGTERM)
        text = process.stdout.read()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGTERM)
        self.assertEqual(json.loads(text)["error"]["name"], "WSC_E_CANCELED")

    def test_guard(self):
        """It asks once, for all, before any is written to."""
        done = self.many("config", "set", "Service/Auth/Basic=false", code=2, start_new_session=True)
        self.assertEqual(done[1].count("may cut off our own access"), 1)
        self.many("config", "reset", code=2, start_new_session=True)
        self.assertEqual(self.endpoint.state()["requests"], [])

    def test_reset(self):
        self.good("config", "set", "MaxTimeoutms=70000")
        found = self.objects("config", "reset", "--force", hosts=[self.host])
        self.assertEqual(found[0]["error"], None)
        self.assertIn(" = 60000\n", self.good("get", "winrm/config", "--properties", "MaxTimeoutms"))

    def test_diff(self):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "a.json")
            with open(file, "w", encoding="utf-8") as out:
                out.write(self.good("config", "show", "--json"))
            text, told = self.many("config", "diff", file, code=1)
            self.assertEqual(text, "")
            self.good("config", "set", "MaxTimeoutms=70000")
            text, told = self.many("config", "diff", file, code=3)
            self.assertEqual(text, ("{0}: -MaxTimeoutms = 70000\n{0}: +MaxTimeoutms = 60000\n" * 2).format(self.host))
            self.assertTrue(told.endswith("wsc: 3 hosts: 0 ok, 1 failed, 2 differ\n"), told)
            found = self.objects("config", "diff", file, code=3)
            self.assertEqual([x["differences"] and len(x["differences"]) for x in found], [1, None, 1])
        self.endpoint.control("POST", "reset")
        text, told = self.many("config", "diff", self.host, hosts=[self.host])
        self.assertEqual((text, told), ("", "wsc: 1 host: 1 ok, 0 failed\n"))
        text, told = self.many("config", "diff", DOWN, hosts=[self.host], code=3)
        self.assertIn("no connection", told)
        self.assertNotIn("hosts:", told)


class InvokeEachTest(ManyCase):
    """invoke --filter."""

    def called(self):
        """Return how often a method was called."""
        return sum(x["action"] == "StartService" for x in self.endpoint.state()["requests"])

    def test_text(self):
        done = self.verb("invoke", "StartService", *STOPPED)
        self.assertEqual(done.returncode, 1)
        parts = done.stdout.decode().split("\n\n")
        self.assertEqual([p.splitlines()[0] for p in parts],
                         ["%s?Name=%s:" % (CLASS, n) for n in ("BITS", "RemoteRegistry", "W32Time")])
        self.assertEqual(done.stderr.decode(),
                         "wsc: {0}: {1}?Name=RemoteRegistry: ReturnValue 14\n"
                         "wsc: {0}: 3 instances: 2 ok, 1 failed\n".format(self.host, CLASS))

    def test_dry_run(self):
        self.assertEqual(self.good("invoke", "StartService", *STOPPED, "--dry-run"),
                         "".join("%s?Name=%s\n" % (CLASS, n) for n in ("BITS", "RemoteRegistry", "W32Time")))
        found = self.lines("invoke", "StartService", *STOPPED, "--dry-run")
        self.assertEqual([x["epr"]["selectors"]["Name"] for x in found], ["BITS", "RemoteRegistry", "W32Time"])
        self.assertEqual(self.called(), 0)

    def test_json(self):
        found = self.lines("invoke", "StartService", *STOPPED)
        self.assertEqual([(x["epr"]["selectors"]["Name"], x["return_value"]) for x in found],
                         [("BITS", 0), ("RemoteRegistry", 14), ("W32Time", 0)])

    def test_failures(self):
        """One that fails does not stop the others, a host that is gone does."""
        self.endpoint.inject({"action": "StopService", "effect": "fault", "code": 5})
        filters = ("wmicimv2/Win32_Service", "--dialect", "selector", "--filter", "{StartMode=Auto}")
        done = self.verb("invoke", "StopService", *filters, "--json")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1)
        self.assertEqual([x["error"] and x["error"]["fault-code"] for x in found[:2]], [5, None])
        self.assertGreater(len(found), 4)
        self.endpoint.inject({"action": "StartService", "effect": "cut", "after": 0})
        done = self.verb("invoke", "StartService", *filters)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b": 0 ok, 1 failed, ", done.stderr)
        self.assertTrue(done.stderr.endswith(b" not called\n"))

    def test_none(self):
        done = self.verb("invoke", "StopService", "wmicimv2/Win32_Service", "--dialect", "selector",
                         "--filter", "{Name=none}")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertEqual(done.stderr, b"wsc: %s: the filter selects no instance\n" % self.host.encode())

    def test_too_many(self):
        done = self.verb("invoke", "Change", "wmicimv2/*", "--option",
                         "count=10001", "--filter", "select * from Test_Item")
        self.assertEqual(done.returncode, 10)
        self.assertIn(b"more than 10,000 instances; none was called", done.stderr)

    def test_wrong(self):
        told = self.bad(2, "invoke", "X", "wmicimv2/Win32_Service", "--dialect", "selector", "--filter", "{A")
        self.assertIn("\n  {A\n    ^\n", told)
        told = self.bad(8, "invoke", "X", "wmicimv2/*", "--filter", "select")
        self.assertIn("0x8033801A", told)
        for words, why in ((["--dry-run"], "--dry-run is of no use without --filter TEXT\n"),
                           (["--filter", "x", "--format", "xml"],
                            "--format xml is of no use with --filter: text, table or json\n")):
            self.assertEqual(self.bad(2, "invoke", "X", "wmicimv2/*", *words), "wsc: " + why)
        self.assertEqual(self.called(), 0)

    def test_hosts(self):
        found = self.objects("invoke", "StartService", *STOPPED, hosts=[self.host, DOWN], code=2)
        self.assertEqual([x["line"] for x in found], [1, 1, 1, 2])
        text, told = self.many("invoke", "StartService", *STOPPED, hosts=[self.host], code=1)
        self.assertTrue(text.startswith("%s: %s?Name=RemoteRegistry:\n" % (self.host, CLASS)))


class CommandsTest(ManyCase):
    """shells --commands."""

    def test_commands(self):
        process = self.start("cat")
        self.endpoint.wait(Command=1)
        [shell] = self.lines("shells")
        ident = shell["value"]["ShellId"]
        [found] = self.lines("shells", "--commands", ident)
        self.assertEqual(found["name"], "Command")
        lines = self.good("shells", "--commands", ident).splitlines()
        self.assertIn("CommandId", lines[0])
        self.assertIn(found["value"]["CommandId"], lines[1])
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertIn("WSC_E_SHELL_GONE", self.bad(8, "shells", "--commands", ident))
        for words, told in ((["--commands", ""], "--commands: ID is missing; see --help\n"),
                            (["--commands", "a", "--remove", "b"], "--commands and --remove exclude each other\n"),
                            (["--commands", "a", "--owner", USER], "--commands and --owner exclude each other\n")):
            self.assertEqual(self.bad(2, "shells", *words), "wsc: " + told)


class SubscribeManyTest(ManyCase):
    """subscribe --hosts."""

    def test_count(self):
        for number in range(3):
            self.endpoint.control("POST", "event", {"channel": "System", "event_id": number, "message": "hi"})
        found = self.objects("subscribe", "--filter", "System", "--existing", "--count", "4", code=1)
        self.assertEqual(sum(x["value"] is not None and x["error"] is None for x in found), 4)
        self.assertEqual([x["error"]["name"] for x in found if x["line"] == 2], ["WSC_E_CONNECT"])
        state = self.endpoint.wait(enumerations=0)
        self.assertEqual(state["violations"], [])

    def test_goes_on(self):
        """Until Ctrl+C, though one host is lost."""
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("%s\n%s\n" % (self.host, DOWN))
            file.flush()
            process = subprocess.Popen(
                [WSC, "subscribe", *PLAIN, "--hosts", file.name, "--filter", "System", "--existing"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment())
            self.addCleanup(self.finish, process)
            self.assertTrue(process.stdout.readline().startswith(self.host.encode() + b": "))
            self.endpoint.control("POST", "event", {"channel": "System", "event_id": 77, "message": "now"})
            while b"  77  now" not in (line := process.stdout.readline()):
                self.assertTrue(line)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(LIMIT), 128 + signal.SIGINT)
        state = self.endpoint.wait(enumerations=0)  # a Pull that was under way may come behind Unsubscribe
        self.assertEqual([v for v in state["violations"] if v["kind"] != "pull-after-end"], [])

    def test_words(self):
        for words, told in ((["--retry"], "--hosts and --retry exclude each other\n"),
                            (["--bookmark", "x"], "--hosts and --bookmark exclude each other\n"),
                            ([], "--filter is missing: which events?\n"
                             "  try: --filter System, another channel, or a QueryList in XML\n")):
            self.assertEqual(self.many("subscribe", *words, code=2)[1], "wsc: " + told)


class PropertiesTest(ManyCase):
    """--properties."""

    PLUGINS = "winrm/config/plugin"

    def test_attributes(self):
        """They go by their names as elements do."""
        lines = self.good("enum", self.PLUGINS, "--format", "table", "--properties", "name,Enabled").splitlines()
        self.assertEqual((lines[0].split(), lines[-1].split()), (["name", "Enabled"], ["microsoft.powershell", "true"]))
        self.assertIn("Name  ", self.good("enum", self.PLUGINS, "--format", "table"))
        text = self.good("enum", self.PLUGINS, "--properties", "Name")
        self.assertIn('PlugInConfiguration [Name="WMI Provider"]\n', text)
        found = self.lines("enum", self.PLUGINS, "--properties", "Name")
        self.assertEqual(found[0]["value"], {"@Name": "WMI Provider"})

    def test_unknown(self):
        for command in (["enum", "winrm/config/listener"], ["get", "winrm/config/listener?Address=*+Transport=HTTP"]):
            for form in ("text", "table", "json"):
                done = self.verb(*command, "--properties", "Adress,Port,X", "--format", form)
                self.assertEqual(done.returncode, 0)
                self.assertEqual(done.stderr.decode(), 'wsc: --properties: nothing that came has "Adress"\n'
                                 '  try: Address\nwsc: --properties: nothing that came has "X"\n')
        self.good("enum", "winrm/config/listener", "--properties", "X", "-q")
        self.assertEqual(self.good("shells"), "")  # nothing came


class HintsTest(ManyCase):
    """What was probably meant."""

    def test_restore(self):
        """A reset by its method asks, too, and --force answers."""
        for more in ([], ["--filter", "select * from X"]):
            told = self.bad(2, "invoke", "Restore", "winrm/config", *more, start_new_session=True)
            self.assertTrue(told.endswith("  try: --force, for there is no terminal to ask on\n"), told)
        self.assertEqual(self.endpoint.state()["requests"], [])
        self.good("invoke", "Restore", "winrm/config", "--force", start_new_session=True)

    def test_twice(self):
        told = self.bad(2, "set", "winrm/config/plugin?Name=microsoft.powershell", "Enabled=true", "Enabled=false")
        self.assertIn("Enabled is there once, and is given twice; the resource was not changed", told)

    def test_order(self):
        done = self.tool("get", *PLAIN, "winrm/config", self.host)
        self.assertTrue(done.stderr.endswith(b"\n  try: HOST first, then RESOURCE\n"), done.stderr)

    def test_ampersand(self):
        told = self.bad(8, "get", "winrm/config/listener?Address=*&Transport=HTTP")
        self.assertTrue(told.startswith("wsc: RESOURCE: it is a + that stands between selectors, not a &\n"))
        told = self.bad(8, "get", "wmicimv2/Win32_Service?Name=R&D")
        self.assertNotIn("between selectors", told)


class SlowEndTest(ManyCase):
    """The clean-up after Ctrl+C, and readers that do not read."""

    def test_nobody_reads(self):
        """A signal ends it though its output goes nowhere."""
        for words in (["enumerate", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=200000"],
                      ["subscribe", *PLAIN, "--hosts", "/dev/stdin", "--filter", "System", "--existing"]):
            process = subprocess.Popen([WSC, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=environment())
            self.addCleanup(self.finish, process)
            process.stdin.write(self.host.encode())
            process.stdin.close()
            process.stdout.read(1)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(LIMIT), 128 + signal.SIGTERM)

    def test_socket_is_gone(self):
        ours, theirs = socket.socketpair()
        process = subprocess.Popen([WSC, "subscribe", *PLAIN, self.host, "--filter", "System"],
                                   stdin=subprocess.DEVNULL, stdout=theirs, env=environment())
        self.addCleanup(process.kill)
        theirs.close()
        self.endpoint.wait(Subscribe=1)
        ours.close()
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGPIPE)

    def test_told(self):
        """What takes its time is told, and once more ends it."""
        self.endpoint.inject({"action": "Pull", "effect": "delay", "ms": 60000, "count": -1})
        process = subprocess.Popen(
            [WSC, "enumerate", *PLAIN, self.host, "wmicimv2/Test_Item", "--option", "count=100000",
             "--max-elements", "10"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment())
        self.addCleanup(self.finish, process)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stderr.readline(),
                         b"wsc: waiting for the server to clean up; Ctrl+C once more ends at once\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGINT)
