"""Plug-ins as resources: their configuration, in memory."""

import copy
import xml.etree.ElementTree as ET

from config_tree import CONFIG, SDDL_TEXT
from faults import Fault
from listeners import Table
from xmltools import child, local, to_xml

PLUGIN = CONFIG + "/plugin"
SPACE = CONFIG + "/PluginConfiguration"
BOOLEANS = ("true", "false", "1", "0")
ANY = None
# Attribute: the values it may have, in lower case; None: any
ATTRIBUTES = {
    "name": ANY, "filename": ANY, "sdkversion": ("1", "2"),
    "xmlrenderingtype": ("text", "xmlreader"), "architecture": ("32", "64"),
    "usesharedprocess": BOOLEANS, "autorestart": BOOLEANS,
    "processidletimeoutsec": "number", "runasuser": ANY,
    "runaspassword": ANY, "runasvirtualaccount": BOOLEANS,
    "runasvirtualaccountgroups": ANY,
    "outputbufferingmode": ("block", "drop"), "enabled": BOOLEANS,
    "lang": ANY}
NEEDED = ("name", "filename", "sdkversion", "xmlrenderingtype")
CAPABILITIES = ("Get", "Put", "Create", "Delete", "Invoke", "Enumerate",
                "Subscribe", "Shell", "Identify")
CHILDREN = ("InitializationParameters", "Resources", "Quotas")
SDDL = "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema"
EVENTS = "http://schemas.microsoft.com/wbem/wsman/1/windows/EventLog"
POWERSHELL = "http://schemas.microsoft.com/powershell/microsoft.powershell"
ALL = ("Get SupportsFragment", "Put SupportsFragment", "Invoke", "Create",
       "Delete", "Enumerate SupportsFiltering", "Subscribe")
# Name, file, resources with their capabilities, quotas, parameters
BUILT_IN = (
    ("WMI Provider", "%systemroot%\\system32\\WsmWmiPl.dll",
     ((WMI, ALL), (DMTF, ALL)), {}, {}),
    ("Event Forwarding Plugin", "%systemroot%\\system32\\wevtfwd.dll",
     ((EVENTS, ("Subscribe SupportsFiltering",)),), {}, {}),
    ("microsoft.powershell", "%windir%\\system32\\pwrshplugin.dll",
     ((POWERSHELL, ("Shell",)),),
     {"MaxShells": 30, "MaxShellsPerUser": 30, "MaxConcurrentUsers": 5,
      "MaxProcessesPerShell": 15, "MaxMemoryPerShellMB": 1024,
      "MaxConcurrentCommandsPerShell": 1000, "IdleTimeoutms": 7200000,
      "MaxIdleTimeoutms": 2147483647}, {"PSVersion": "5.1"}))


def named(name, **attributes):
    """Return an element of a plug-in's configuration."""
    return ET.Element("{%s}%s" % (SPACE, name),
                      {k: str(v) for k, v in attributes.items()})


def built_in(name, file, resources, quotas, parameters):
    """Return the configuration of a plug-in that is always there."""
    root = named("PlugInConfiguration", Name=name, Filename=file,
                 SDKVersion=1, XmlRenderingType="text", Architecture=64,
                 UseSharedProcess="true", AutoRestart="false",
                 ProcessIdleTimeoutSec=0, OutputBufferingMode="Block",
                 Enabled="true")
    if parameters:
        holder = named("InitializationParameters")
        holder.extend(named("Param", Name=n, Value=v)
                      for n, v in parameters.items())
        root.append(holder)
    holder = named("Resources")
    for uri, capabilities in resources:
        resource = named("Resource", ResourceUri=uri, SupportsOptions="true",
                         ExactMatch="false")
        resource.append(named("Security", Uri=uri, ExactMatch="false",
                              Sddl=SDDL))
        for capability in capabilities:
            kind, *more = capability.split()
            resource.append(named("Capability", Type=kind,
                                  **dict.fromkeys(more, "true")))
        holder.append(resource)
    root.append(holder)
    if quotas:
        root.append(named("Quotas", **quotas))
    return root


class Plugins(Table):
    """The plug-ins."""

    uri = PLUGIN
    root = "PlugInConfiguration"
    keys = ("Name",)

    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        """Go back to those that are always there."""
        with self.lock:
            self.rows = {(row[0].lower(),): {
                "Name": row[0], "element": built_in(*row)}
                for row in BUILT_IN}

    def row_xml(self, row):
        shown = copy.deepcopy(row["element"])
        for name in shown.attrib:
            if name.lower() == "runaspassword":
                shown.set(name, "")
        return to_xml(shown)

    def check_keys(self, keys):
        if not keys["Name"]:
            raise Fault("selector_value")

    def read(self, request):
        root = request.body_child()
        if root is None or local(root).lower() != self.root.lower():
            raise Fault("schema")
        return {"element": copy.deepcopy(root)}

    def check(self, row, old):
        """Check what is given, and add what is not to be changed."""
        element = row["element"]
        attributes = {k.rpartition("}")[2].lower(): (k, v)
                      for k, v in element.attrib.items()}
        name = attributes.get("name", (None, row["Name"]))[1]
        if name.lower() != row["Name"].lower():
            raise Fault("keys" if old else "schema")
        for key, (_, value) in attributes.items():
            check_attribute(key, value)
        check_children(element)
        if old is not None:
            element = merged(old["element"], element, attributes)
        present = {k.lower() for k in element.attrib}
        if not set(NEEDED) <= present | {"name"} or (
                child(element, "Resources") is None):
            raise Fault("schema")
        return {"Name": row["Name"], "element": element}


def check_attribute(key, value):
    """Refuse attributes that are unknown, and values that are not valid."""
    if key not in ATTRIBUTES:
        raise Fault("schema")
    allowed = ATTRIBUTES[key]
    if allowed == "number":
        if not value.isdigit():
            raise Fault("schema")
    elif allowed is not None and value.lower() not in allowed:
        raise Fault("schema")


def check_children(element):
    """Check the children of a plug-in's configuration."""
    for found in element:
        if local(found) not in CHILDREN:
            raise Fault("schema")
        for name, value in found.attrib.items():
            if local(found) == "Quotas" and not value.isdigit():
                raise Fault("schema")
    resources = child(element, "Resources")
    if resources is None:
        return
    if not len(resources):
        raise Fault("schema")
    for resource in resources:
        if local(resource) != "Resource" or not resource.get("ResourceUri"):
            raise Fault("schema")
        if child(resource, "Capability") is None:
            raise Fault("schema")
        for part in resource:
            check_part(part)


def check_part(part):
    """Check a Security or Capability."""
    if local(part) == "Security":
        sddl = part.get("Sddl") or ""
        if not sddl or not SDDL_TEXT.match(sddl):
            raise Fault("sddl")
    elif local(part) != "Capability" or (
            part.get("Type") not in CAPABILITIES):
        raise Fault("schema")


def merged(old, new, attributes):
    """Return the old configuration with what is new in it."""
    result = copy.deepcopy(old)
    for name in list(result.attrib):
        if name.lower() in attributes:
            del result.attrib[name]
    for name, value in attributes.values():
        result.set(name, value)
    for found in new:
        before = child(result, local(found))
        if before is not None:
            result.remove(before)
        result.append(found)
    return result
