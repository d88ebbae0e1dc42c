"""Classes with instances of their own: services, variables, tests."""

import os
import threading
import time

from cim import CimClass, Embedded, Ref, props
from commands import Abandoned
from enumeration import IterSource
from faults import Fault

# Name, display name, state, start mode, services it depends on
SERVICES = (
    ("BITS", "Background Intelligent Transfer Service", "Stopped", "Manual",
     ("RpcSs",)),
    ("Dnscache", "DNS Client", "Running", "Auto", ()),
    ("EventLog", "Windows Event Log", "Running", "Auto", ()),
    ("LanmanServer", "Server", "Running", "Auto", ()),
    ("RemoteRegistry", "Remote Registry", "Stopped", "Disabled", ("RpcSs",)),
    ("RpcSs", "Remote Procedure Call (RPC)", "Running", "Auto", ()),
    ("Spooler", "Print Spooler", "Running", "Auto", ("RpcSs",)),
    ("Themes", "Themes", "Running", "Auto", ()),
    ("W32Time", "Windows Time", "Stopped", "Manual", ()),
    ("WinRM", "Windows Remote Management (WS-Management)", "Running",
     "Auto", ("RpcSs",)))
START_MODES = ("Boot", "System", "Auto", "Manual", "Disabled")
START_NAMES = {"automatic": "Auto"}
MAX_ITEMS = 1000000


class Service(CimClass):
    """A fixed set of services, whose state can be changed."""

    name = "Win32_Service"
    base = "Win32_BaseService CIM_Service CIM_LogicalElement"
    properties = props(
        "AcceptPause boolean; AcceptStop boolean; Caption;"
        "CreationClassName; DelayedAutoStart boolean; Description;"
        "DesktopInteract boolean; DisplayName string write; ErrorControl;"
        "ExitCode uint32; InstallDate datetime; Name string key; PathName;"
        "ProcessId uint32; ServiceType; Started boolean;"
        "StartMode string write; StartName; State; Status;"
        "SystemCreationClassName; SystemName")

    def __init__(self, repository):
        super().__init__(repository)
        value = props("ReturnValue uint32")
        plain = lambda run: (run, False, (), value)
        self.methods = {
            "StartService": plain(self._start),
            "StopService": plain(self._stop),
            "PauseService": plain(self._pause),
            "ResumeService": plain(self._resume),
            "InterrogateService": plain(self._interrogate),
            "ChangeStartMode": (self._change_mode, False,
                                props("StartMode"), value),
            "Change": (self._change, False, props(
                "DisplayName; StartMode; DesktopInteract boolean"), value)}
        self.lock = threading.RLock()
        self.table = {}
        self.reset()

    def reset(self):
        """Go back to the first state."""
        with self.lock:
            self.table = {row[0].lower(): self._row(i, *row)
                          for i, row in enumerate(SERVICES)}

    @staticmethod
    def _row(index, name, display, state, mode, needs):
        running = state == "Running"
        return {"AcceptPause": name == "LanmanServer",
                "AcceptStop": running and name not in ("RpcSs", "EventLog"),
                "Caption": display, "CreationClassName": "Win32_Service",
                "DelayedAutoStart": False, "Description": display + ".",
                "DesktopInteract": False, "DisplayName": display,
                "ErrorControl": "Normal", "ExitCode": 0, "Name": name,
                "PathName": "C:\\Windows\\system32\\svchost.exe -k " + name,
                "ProcessId": 800 + 4 * index if running else 0,
                "ServiceType": "Share Process", "Started": running,
                "StartMode": mode, "StartName": "LocalSystem",
                "State": state, "Status": "OK",
                "SystemCreationClassName": "Win32_ComputerSystem",
                "SystemName": os.uname().nodename.upper()}

    @staticmethod
    def needs(name):
        """Return the services that one depends on."""
        for row in SERVICES:
            if row[0].lower() == name.lower():
                return row[4]
        return ()

    @staticmethod
    def needed_by(name):
        """Return the services that depend on one."""
        return [row[0] for row in SERVICES
                if name.lower() in [n.lower() for n in row[4]]]

    def instances(self, request):
        with self.lock:
            rows = [dict(row) for row in self.table.values()]
        return iter(rows)

    def put(self, values, changes, request):
        row = self.table[values["Name"].lower()]
        for name, value in changes.items():
            prop = self.by_name[name.lower()]
            if not prop.write and value != values.get(name):
                raise Fault("not_capable")
        mode = changes.get("StartMode", row["StartMode"])
        if self._mode(mode) is None:
            raise Fault("cim_value")
        with self.lock:
            row["StartMode"] = self._mode(mode)
            row["DisplayName"] = changes.get("DisplayName",
                                             row["DisplayName"])
            row["Caption"] = row["DisplayName"]

    @staticmethod
    def _mode(text):
        text = START_NAMES.get((text or "").lower(), text or "")
        for mode in START_MODES:
            if mode.lower() == text.lower():
                return mode
        return None

    # --- methods; values is a copy of the row ---

    def _set(self, values, state):
        row = self.table[values["Name"].lower()]
        running = state != "Stopped"
        row.update(State=state, Started=running,
                   AcceptStop=running, ProcessId=row["ProcessId"] or 900)
        if not running:
            row["ProcessId"] = 0
        return {"ReturnValue": 0}

    def _start(self, values, given, request):
        with self.lock:
            if values["State"] != "Stopped":
                return {"ReturnValue": 10}
            if values["StartMode"] == "Disabled":
                return {"ReturnValue": 14}
            return self._set(values, "Running")

    def _stop(self, values, given, request):
        with self.lock:
            if values["State"] == "Stopped":
                return {"ReturnValue": 5}
            if any(self.table[n.lower()]["Started"]
                   for n in self.needed_by(values["Name"])):
                return {"ReturnValue": 3}
            if not values["AcceptStop"]:
                return {"ReturnValue": 2}
            return self._set(values, "Stopped")

    def _pause(self, values, given, request):
        with self.lock:
            if values["State"] != "Running":
                return {"ReturnValue": 6}
            if not values["AcceptPause"]:
                return {"ReturnValue": 5}
            return self._set(values, "Paused")

    def _resume(self, values, given, request):
        with self.lock:
            if values["State"] != "Paused":
                return {"ReturnValue": 5}
            return self._set(values, "Running")

    def _interrogate(self, values, given, request):
        return {"ReturnValue": 0 if values["Started"] else 6}

    def _change_mode(self, values, given, request):
        mode = self._mode(given.get("StartMode"))
        if mode is None:
            return {"ReturnValue": 21}
        with self.lock:
            self.table[values["Name"].lower()]["StartMode"] = mode
        return {"ReturnValue": 0}

    def _change(self, values, given, request):
        if given.get("StartMode") is not None:
            answer = self._change_mode(values, given, request)
            if answer["ReturnValue"]:
                return answer
        with self.lock:
            row = self.table[values["Name"].lower()]
            for name in ("DisplayName", "DesktopInteract"):
                if given.get(name) is not None:
                    row[name] = given[name]
        return {"ReturnValue": 0}


class DependentService(CimClass):
    """Which service depends on which."""

    name = "Win32_DependentService"
    base = "CIM_ServiceServiceDependency CIM_Dependency"
    association = ("Antecedent", "Dependent")
    properties = props(
        "Antecedent reference key; Dependent reference key;"
        "TypeOfDependency uint16")

    def instances(self, request):
        for name, *_, needs in SERVICES:
            for other in needs:
                yield {"Antecedent": Ref("Win32_Service", {"Name": other}),
                       "Dependent": Ref("Win32_Service", {"Name": name}),
                       "TypeOfDependency": None}


class Environment(CimClass):
    """Environment variables, in memory."""

    name = "Win32_Environment"
    base = "CIM_SystemResource CIM_LogicalElement CIM_ManagedSystemElement"
    properties = props(
        "Caption; Description; InstallDate datetime; Name string key;"
        "Status; SystemVariable boolean; UserName string key;"
        "VariableValue string write")

    def __init__(self, repository):
        super().__init__(repository)
        self.lock = threading.RLock()
        self.table = {}
        self.reset()

    def reset(self):
        """Go back to the first variables."""
        with self.lock:
            self.table = {}
            for name, value in (("OS", "Windows_NT"), ("PATHEXT", ".EXE"),
                                ("TEMP", "%SystemRoot%\\TEMP")):
                self._add(name, "<SYSTEM>", value)

    def _add(self, name, user, value):
        text = "%s\\%s" % (user, name)
        self.table[name.lower(), user.lower()] = {
            "Caption": text, "Description": text, "Name": name,
            "Status": "OK", "SystemVariable": user == "<SYSTEM>",
            "UserName": user, "VariableValue": value}
        return self.table[name.lower(), user.lower()]

    def instances(self, request):
        with self.lock:
            return iter([dict(row) for row in self.table.values()])

    def put(self, values, changes, request):
        for name, value in changes.items():
            if name != "VariableValue" and value != values.get(name):
                raise Fault("not_capable")
        key = values["Name"].lower(), values["UserName"].lower()
        with self.lock:
            row = self.table[key]
            row["VariableValue"] = changes.get("VariableValue",
                                               row["VariableValue"])
            if not row["VariableValue"]:
                # As on Windows: without a value it is gone.
                del self.table[key]

    def create(self, values, request):
        name, user = values.get("Name"), values.get("UserName")
        if not name or not user or values.get("VariableValue") is None:
            raise Fault("cim_value")
        with self.lock:
            if (name.lower(), user.lower()) in self.table:
                raise Fault("already_exists")
            return self._add(name, user, values["VariableValue"])

    def delete(self, values, request):
        with self.lock:
            self.table.pop((values["Name"].lower(),
                            values["UserName"].lower()), None)


class Item(CimClass):
    """As many small instances as the options, or selectors, ask for.

    count: how many (10); size: characters of Text (20); delay: ms before
    each; start: the first Id (1).
    """

    name = "Test_Item"
    properties = props("Id uint32 key; Name; Text")

    @staticmethod
    def number(request, name, default):
        """Return a number out of the options or the selectors."""
        text = request.options.get(name, request.selectors.get(name))
        if text is None:
            return default
        if not text.isdigit() or int(text) > MAX_ITEMS:
            raise Fault("option_value")
        return int(text)

    def instances(self, request):
        count = self.number(request, "count", 10)
        start = self.number(request, "start", 1)
        text = "x" * self.number(request, "size", 20)
        return ({"Id": i, "Name": "Item %d" % i, "Text": text}
                for i in range(start, start + count))

    def source(self, items, request):
        """Return the source of an enumeration."""
        return IterSource(items, self.number(request, "delay", 0) / 1000)

    def find(self, keys, request):
        number = int(next(iter(keys.values())))
        if not 1 <= number <= MAX_ITEMS:
            return None
        text = "x" * self.number(request, "size", 20)
        return {"Id": number, "Name": "Item %d" % number, "Text": text}


class Inner(CimClass):
    """What is embedded in Test_Types."""

    name = "Test_Inner"
    abstract = True
    properties = props(
        "Name; Number uint32; Flags boolean[]; When datetime;"
        "Next object")


ODD = "<&>\"' \t\u00e4\u20ac\U0001f600 ]]> \r\n end "


class Types(CimClass):
    """One instance with every type there is."""

    name = "Test_Types"
    typed = True
    properties = props(
        "Name string key; B boolean write;"
        "U8 uint8 write; U16 uint16 write; U32 uint32 write;"
        "U64 uint64 write; S8 sint8 write; S16 sint16 write;"
        "S32 sint32 write; S64 sint64 write; R32 real32 write;"
        "R64 real64 write; C char16 write; Text string write;"
        "Odd string write; Empty string write; Nothing string write;"
        "When datetime write; Span interval write; Target reference write;"
        "Part object write; Numbers uint32[] write; Words string[] write;"
        "Times datetime[] write; Targets reference[] write;"
        "Parts object[] write; NoNumbers uint32[] write;"
        "Switches boolean[] write; Bytes uint8[] write")

    def __init__(self, repository):
        super().__init__(repository)
        value = props("ReturnValue uint32")
        self.methods = {
            "Echo": (None, True, None, None),
            "Wait": (self._wait, True, props("Milliseconds uint32"), value),
            "Fail": (self._fail, True, props("Code uint32"), value),
            "Reverse": (self._reverse, True, props(
                "Numbers uint32[]; Words string[]; Part object;"
                "Target reference"), props(
                    "Numbers uint32[]; Words string[]; Part object;"
                    "Target reference; ReturnValue uint32"))}
        self.lock = threading.RLock()
        self.values = {}

    def reset(self):
        """Go back to the first values."""
        inner = self.repository.classes["test_inner"]
        part = Embedded(inner, {
            "Name": "inner", "Number": 7, "Flags": [True, False],
            "When": "2021-02-03T04:05:06.000000Z",
            "Next": Embedded(inner, {"Name": "innermost"})})
        target = Ref("Win32_Service", {"Name": "WinRM"})
        with self.lock:
            self.values = {
                "Name": "all", "B": True, "U8": 255, "U16": 65535,
                "U32": 4294967295, "U64": 18446744073709551615,
                "S8": -128, "S16": -32768, "S32": -2147483648,
                "S64": -9223372036854775808, "R32": "1.5",
                "R64": "-2.2250738585072014E-308", "C": "\u00df",
                "Text": "text", "Odd": ODD, "Empty": "", "Nothing": None,
                "When": "2020-01-01T00:00:00.123456-08:00",
                "Span": "P1DT2H3M4.5S", "Target": target, "Part": part,
                "Numbers": [1, 2, 3], "Words": ["one", "", "<three>"],
                "Times": ["2020-01-01T00:00:00Z",
                          "2020-06-01T12:00:00.5+02:00"],
                "Targets": [target, Ref("Win32_Environment", {
                    "Name": "OS", "UserName": "<SYSTEM>"})],
                "Parts": [part, Embedded(inner, {"Name": "second"})],
                "NoNumbers": None, "Switches": [False, True],
                "Bytes": [0, 0, 0, 6, 1, 255]}

    def instances(self, request):
        with self.lock:
            return iter([dict(self.values)])

    def _wait(self, values, given, request):
        """Answer late, or not within OperationTimeout."""
        ms = given.get("Milliseconds") or 0
        end = time.monotonic() + min(ms, request.timeout_ms) / 1000
        while time.monotonic() < end:
            if request.peer_gone():
                raise Abandoned()
            time.sleep(max(0, min(0.05, end - time.monotonic())))
        if ms > request.timeout_ms:
            raise Fault("timed_out")
        return {"ReturnValue": 0}

    def _fail(self, values, given, request):
        """Fail with a code, in the manner of a provider."""
        raise Fault("internal", "The method failed.", "nested",
                    code=given.get("Code") or 5)

    def _reverse(self, values, given, request):
        """Return arrays backwards, and the rest as it is."""
        answer = dict(given, ReturnValue=0)
        for name in ("Numbers", "Words"):
            if given.get(name) is not None:
                answer[name] = given[name][::-1]
        return answer

    def put(self, values, changes, request):
        with self.lock:
            self.values.update(changes)


CLASSES = (Service, DependentService, Environment, Item, Inner, Types)
