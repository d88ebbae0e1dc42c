"""Classes that tell of the machine on which the service runs."""

import os
import socket
import threading
import time

from cim import CimClass, iso_time, props
from faults import Fault

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def read(path):
    """Return the text of a file, or an empty one."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def boot_time():
    """Return when the machine was started."""
    for line in read("/proc/stat").splitlines():
        if line.startswith("btime "):
            return int(line.split()[1])
    return 0


def meminfo():
    """Return /proc/meminfo in KiB."""
    found = {}
    for line in read("/proc/meminfo").splitlines():
        name, _, rest = line.partition(":")
        found[name] = int(rest.split()[0])
    return found


def os_name():
    """Return the name of the system."""
    for line in read("/etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return os.uname().sysname


class Process(CimClass):
    """The processes, out of /proc."""

    name = "Win32_Process"
    base = "CIM_Process CIM_LogicalElement CIM_ManagedSystemElement"
    properties = props(
        "Caption; CommandLine; CreationClassName; CreationDate datetime;"
        "CSCreationClassName; CSName; Description; ExecutablePath;"
        "ExecutionState uint16; Handle string key; HandleCount uint32;"
        "InstallDate datetime; KernelModeTime uint64; Name; OSName;"
        "ParentProcessId uint32; Priority uint32; ProcessId uint32;"
        "SessionId uint32; Status; TerminationDate datetime;"
        "ThreadCount uint32; UserModeTime uint64; VirtualSize uint64;"
        "WorkingSetSize uint64")
    create_in = props("CommandLine; CurrentDirectory;"
                           "ProcessStartupInformation object")
    create_out = props("ProcessId uint32; ReturnValue uint32")

    def __init__(self, repository):
        super().__init__(repository)
        value = props("ReturnValue uint32")
        self.methods = {
            "Create": (self._create, True, self.create_in, self.create_out),
            "Terminate": (self._terminate, False,
                          props("Reason uint32"), value),
            "GetOwner": (self._owner, False, (), props(
                "Domain; ReturnValue uint32; User"))}
        self.next_pid = 40000

    def instances(self, request):
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        for pid in sorted(pids):
            values = self._values(pid)
            if values:
                yield values

    def find(self, keys, request):
        handle = str(next(iter(keys.values())))
        return self._values(int(handle)) if handle.isdigit() else None

    @staticmethod
    def _values(pid):
        stat = read("/proc/%d/stat" % pid)
        if not stat:
            return None            # it is over
        name = stat.partition("(")[2].rpartition(")")[0]
        fields = stat.rpartition(")")[2].split()
        line = read("/proc/%d/cmdline" % pid).rstrip("\0").replace("\0", " ")
        try:
            path = os.readlink("/proc/%d/exe" % pid)
        except OSError:
            path = None
        return {
            "Caption": name, "CommandLine": line or None,
            "CreationClassName": "Win32_Process",
            "CreationDate": iso_time(boot_time() + int(fields[19]) / TICKS),
            "CSCreationClassName": "Win32_ComputerSystem",
            "CSName": os.uname().nodename, "Description": name,
            "ExecutablePath": path, "Handle": str(pid), "HandleCount": 0,
            "KernelModeTime": int(fields[12]) * 10000000 // TICKS,
            "Name": name, "OSName": os_name(),
            "ParentProcessId": int(fields[1]), "Priority": 8,
            "ProcessId": pid, "SessionId": 0,
            "ThreadCount": int(fields[17]),
            "UserModeTime": int(fields[11]) * 10000000 // TICKS,
            "VirtualSize": int(fields[20]),
            "WorkingSetSize": int(fields[21]) * PAGE}

    def _create(self, values, given, request):
        """Start nothing, but answer as if it were started."""
        line = given.get("CommandLine")
        if not line:
            return {"ReturnValue": 21}
        if line.split()[0].lower().startswith("missing"):
            return {"ReturnValue": 9}
        self.next_pid += 4
        return {"ProcessId": self.next_pid, "ReturnValue": 0}

    def _terminate(self, values, given, request):
        return {"ReturnValue": 2}      # access denied

    def _owner(self, values, given, request):
        try:
            uid = os.stat("/proc/%s" % values["Handle"]).st_uid
        except OSError:
            return {"ReturnValue": 3}
        return {"Domain": os.uname().nodename.upper(), "User": str(uid),
                "ReturnValue": 0}


class OperatingSystem(CimClass):
    """The one system."""

    name = "Win32_OperatingSystem"
    base = "CIM_OperatingSystem CIM_LogicalElement CIM_ManagedSystemElement"
    singleton = True
    properties = props(
        "BuildNumber; Caption; CSName; Description string write;"
        "FreePhysicalMemory uint64; InstallDate datetime;"
        "LastBootUpTime datetime; LocalDateTime datetime; Name string key;"
        "NumberOfProcesses uint32; NumberOfUsers uint32; OSArchitecture;"
        "OSType uint16; Primary boolean; Status;"
        "TotalVisibleMemorySize uint64; Version; MUILanguages string[]")

    def __init__(self, repository):
        super().__init__(repository)
        value = props("ReturnValue uint32")
        self.methods = {
            "Reboot": (self._refuse, False, (), value),
            "Shutdown": (self._refuse, False, (), value)}
        self.description = ""

    def reset(self):
        """Forget what was put."""
        self.description = ""

    def instances(self, request):
        memory = meminfo()
        name = os_name()
        yield {
            "BuildNumber": "17763", "Caption": name,
            "CSName": os.uname().nodename, "Description": self.description,
            "FreePhysicalMemory": memory.get("MemAvailable", 0),
            "LastBootUpTime": iso_time(boot_time()),
            "LocalDateTime": iso_time(time.time()), "Name": name,
            "NumberOfProcesses": sum(1 for n in os.listdir("/proc")
                                     if n.isdigit()),
            "NumberOfUsers": 1, "OSArchitecture": os.uname().machine,
            "OSType": 36, "Primary": True, "Status": "OK",
            "TotalVisibleMemorySize": memory.get("MemTotal", 0),
            "Version": os.uname().release, "MUILanguages": ["en-US"]}

    def put(self, values, changes, request):
        for name, value in changes.items():
            if name != "Description" and value != values.get(name):
                raise Fault("not_capable")
        self.description = changes.get("Description", self.description)

    def _refuse(self, values, given, request):
        return {"ReturnValue": 1314}   # a privilege is missing


class ComputerSystem(CimClass):
    """The machine."""

    name = "Win32_ComputerSystem"
    base = "CIM_UnitaryComputerSystem CIM_ComputerSystem CIM_System"
    singleton = True
    properties = props(
        "Caption; Domain; DomainRole uint16; Manufacturer; Model;"
        "Name string key; NumberOfLogicalProcessors uint32;"
        "NumberOfProcessors uint32; PartOfDomain boolean; SystemType;"
        "TotalPhysicalMemory uint64; UserName")

    def instances(self, request):
        name = os.uname().nodename.upper()
        yield {"Caption": name, "Domain": "WORKGROUP", "DomainRole": 2,
               "Manufacturer": "libwsman-client", "Model": "endpoint",
               "Name": name, "NumberOfLogicalProcessors": os.cpu_count(),
               "NumberOfProcessors": 1, "PartOfDomain": False,
               "SystemType": os.uname().machine,
               "TotalPhysicalMemory": meminfo().get("MemTotal", 0) * 1024}


class LogicalDisk(CimClass):
    """The mounted disks, with letters from C: on."""

    name = "Win32_LogicalDisk"
    base = "CIM_LogicalDisk CIM_StorageExtent CIM_LogicalDevice"
    properties = props(
        "Access uint16; Caption; Compressed boolean; Description;"
        "DeviceID string key; DriveType uint32; FileSystem;"
        "FreeSpace uint64; MediaType uint32; Name; ProviderName;"
        "Size uint64; SystemName; VolumeName string write")

    def __init__(self, repository):
        super().__init__(repository)
        self.names = {}

    def reset(self):
        """Forget what was put."""
        self.names = {}

    @staticmethod
    def _mounts():
        found, seen = [("/", "overlay")], set()
        for line in read("/proc/mounts").splitlines():
            device, path, kind = line.split()[:3]
            if path == "/":
                found[0] = ("/", kind)
            elif device.startswith("/dev/") and device not in seen:
                seen.add(device)
                if os.path.isdir(path):
                    found.append((path, kind))
        return found[:20]

    def instances(self, request):
        for index, (path, kind) in enumerate(self._mounts()):
            letter = "%s:" % chr(ord("C") + index)
            try:
                space = os.statvfs(path)
            except OSError:
                continue
            yield {"Access": 0, "Caption": letter, "Compressed": False,
                   "Description": "Local Fixed Disk", "DeviceID": letter,
                   "DriveType": 3, "FileSystem": kind,
                   "FreeSpace": space.f_bavail * space.f_frsize,
                   "MediaType": 12, "Name": letter,
                   "Size": space.f_blocks * space.f_frsize,
                   "SystemName": os.uname().nodename.upper(),
                   "VolumeName": self.names.get(letter, path)}

    def put(self, values, changes, request):
        for name, value in changes.items():
            if name not in ("VolumeName", "FreeSpace") and (
                    value != values.get(name)):
                raise Fault("not_capable")
        if changes.get("VolumeName") is not None:
            self.names[values["DeviceID"]] = changes["VolumeName"]


class Processor(CimClass):
    """How busy the processors are, since the last time it was asked."""

    name = "Win32_PerfFormattedData_PerfOS_Processor"
    base = "Win32_PerfFormattedData Win32_Perf CIM_StatisticalInformation"
    properties = props(
        "Caption; Description; Name string key;"
        "PercentIdleTime uint64; PercentInterruptTime uint64;"
        "PercentPrivilegedTime uint64; PercentProcessorTime uint64;"
        "PercentUserTime uint64; InterruptsPersec uint32")

    def __init__(self, repository):
        super().__init__(repository)
        self.lock = threading.Lock()
        self.before = {}

    def instances(self, request):
        for line in read("/proc/stat").splitlines():
            if not line.startswith("cpu"):
                break
            name, *numbers = line.split()
            yield self._values(name[3:] or "_Total", list(map(int, numbers)))

    def _values(self, name, now):
        with self.lock:
            before = self.before.get(name, [0] * len(now))
            self.before[name] = now
        spent = [max(0, a - b) for a, b in zip(now, before)]
        whole = sum(spent[:8]) or 1
        percent = lambda *which: sum(spent[i] for i in which) * 100 // whole
        idle = percent(3, 4)
        return {"Name": name, "PercentIdleTime": idle,
                "PercentInterruptTime": percent(5, 6),
                "PercentPrivilegedTime": percent(2),
                "PercentProcessorTime": 100 - idle,
                "PercentUserTime": percent(0, 1), "InterruptsPersec": 0}


class Memory(CimClass):
    """The memory counters; there is one instance, without a key."""

    name = "Win32_PerfFormattedData_PerfOS_Memory"
    base = "Win32_PerfFormattedData Win32_Perf CIM_StatisticalInformation"
    singleton = True
    properties = props(
        "AvailableBytes uint64; AvailableKBytes uint64;"
        "AvailableMBytes uint64; CacheBytes uint64; Caption;"
        "CommitLimit uint64; CommittedBytes uint64; Description; Name;"
        "PageFaultsPersec uint32; PagesPersec uint32")

    def instances(self, request):
        memory = meminfo()
        free = memory.get("MemAvailable", 0)
        yield {"AvailableBytes": free * 1024, "AvailableKBytes": free,
               "AvailableMBytes": free // 1024,
               "CacheBytes": memory.get("Cached", 0) * 1024,
               "CommitLimit": memory.get("CommitLimit", 0) * 1024,
               "CommittedBytes": memory.get("Committed_AS", 0) * 1024,
               "PageFaultsPersec": 0, "PagesPersec": 0}


class NetworkAdapter(CimClass):
    """The network interfaces."""

    name = "Win32_NetworkAdapterConfiguration"
    base = "CIM_Setting"
    properties = props(
        "Caption; Description; DHCPEnabled boolean; DNSHostName;"
        "Index uint32 key; InterfaceIndex uint32; IPAddress string[];"
        "IPEnabled boolean; MACAddress; MTU uint32")

    def instances(self, request):
        for index, name in socket.if_nameindex():
            base = "/sys/class/net/%s/" % name
            yield {"Caption": name, "Description": name,
                   "DHCPEnabled": False, "DNSHostName": os.uname().nodename,
                   "Index": index, "InterfaceIndex": index,
                   "IPAddress": ["127.0.0.1"] if name == "lo" else None,
                   "IPEnabled": name == "lo",
                   "MACAddress": read(base + "address").strip() or None,
                   "MTU": int(read(base + "mtu") or 0)}


HOST_CLASSES = (Process, OperatingSystem, ComputerSystem, LogicalDisk,
                Processor, Memory, NetworkAdapter)
