"""The configuration: its settings, read by Get and changed by Put."""

import ipaddress
import re
import threading

from faults import Fault
from soap import TRANSFER, text_of, xml_text
from xmltools import is_nil, local

CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
RESTORE = CONFIG + "/Restore"
SDDL = ("O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)"
        "(AU;SA;GXGW;;;WD)")
U32 = 4294967295
HOST = re.compile(r"^(\*|[\w.*:\[\]%-]+)$")
PREFIX = re.compile(r"^\w+(/\w+)*$", re.ASCII)
THUMBPRINT = re.compile(r"^([0-9A-Fa-f]{2} ?){19}[0-9A-Fa-f]{2}$")
SDDL_TEXT = re.compile(r"^(O:[\w-]+)?(G:[\w-]+)?(D:\w*(\([^()]*\))*)?"
                       r"(S:\w*(\([^()]*\))*)?$")


# --- kinds of values: function(text, setting), which returns the value ---

def number(text, setting):
    """Read a number within the bounds of the setting."""
    if not re.match(r"^\+?\d{1,20}$", text):
        raise Fault("schema")
    if not setting.low <= int(text) <= setting.high:
        raise Fault(setting.fault)
    return int(text)


def boolean(text, setting):
    """Read a boolean as the schema has it; winrm's own letter case too."""
    word = text.lower()
    if word not in ("true", "false", "1", "0"):
        raise Fault("schema")
    return word in ("true", "1")


def free(text, setting):
    """Take any text."""
    return text


def hosts(text, setting):
    """Read TrustedHosts."""
    for part in filter(None, text.split(",")):
        if not HOST.match(part.strip()):
            raise Fault("host_pattern")
    return text


def hardening(text, setting):
    """Read CbtHardeningLevel."""
    if text.capitalize() not in ("Strict", "Relaxed", "None"):
        raise Fault("cbt")
    return text.capitalize()


def prefix(text, setting):
    """Read a URL prefix."""
    if not PREFIX.match(text):
        raise Fault("schema")
    return text


def thumbprint(text, setting):
    """Read a thumbprint, or nothing."""
    if text and not THUMBPRINT.match(text):
        raise Fault("schema")
    return text


def sddl(text, setting):
    """Read a security descriptor."""
    if not text or not SDDL_TEXT.match(text):
        raise Fault("sddl")
    return text


def ip_filter(text, setting):
    """Read ranges of addresses, * or nothing."""
    for part in filter(None, text.split(",")) if text != "*" else ():
        try:
            for address in part.split("-", 1):
                ipaddress.ip_address(address.strip())
        except ValueError:
            raise Fault("ip_filter")
    return text


class Setting:
    """One value: how it is read, and where it takes effect.

    attr is the name of an option of the command line that holds it.
    """

    def __init__(self, kind=free, default=None, attr=None, low=0, high=U32,
                 fixed=False, fault="schema"):
        self.kind = kind
        self.default = default
        self.attr = attr
        self.low = low
        self.high = high
        self.fixed = fixed
        self.fault = fault


def on(default=True, attr=None, **more):
    """A switch."""
    return Setting(boolean, default, attr, **more)


def count(default=None, attr=None, low=0, high=U32, **more):
    """A number."""
    return Setting(number, default, attr, low, high, **more)


def port(default):
    """A default port."""
    return count(default, None, 1, 65535, fault="port")


CLIENT = {
    "NetworkDelayms": count(5000, low=500), "URLPrefix": Setting(
        prefix, "wsman"),
    "AllowUnencrypted": on(False),
    "Auth": {"Basic": on(), "Digest": on(), "Kerberos": on(),
             "Negotiate": on(), "Certificate": on(), "CredSSP": on(False)},
    "DefaultPorts": {"HTTP": port(5985), "HTTPS": port(5986)},
    "TrustedHosts": Setting(hosts, "")}
SERVICE = {
    "RootSDDL": Setting(sddl, SDDL),
    "MaxConcurrentOperations": count(U32, fixed=True),
    "MaxConcurrentOperationsPerUser": count(
        attr="max_operations_per_user", low=1),
    "EnumerationTimeoutms": count(attr="enumeration_timeout", low=500),
    "MaxConnections": count(attr="max_connections", low=1),
    "MaxPacketRetrievalTimeSeconds": count(attr="packet_timeout", low=1),
    "AllowUnencrypted": on(attr="allow_unencrypted"),
    "Auth": {"Basic": on(attr="basic"), "Kerberos": on(attr="auth_kerberos"),
             "Negotiate": on(attr="auth_negotiate"),
             "Certificate": on(attr="auth_certificate"),
             "CredSSP": on(False),
             "CbtHardeningLevel": Setting(hardening, attr="hardening")},
    "DefaultPorts": {"HTTP": count(5985, fixed=True),
                     "HTTPS": count(5986, fixed=True)},
    "IPv4Filter": Setting(ip_filter, "*"),
    "IPv6Filter": Setting(ip_filter, "*"),
    "EnableCompatibilityHttpListener": on(False),
    "EnableCompatibilityHttpsListener": on(False),
    "CertificateThumbprint": Setting(thumbprint, ""),
    "AllowRemoteAccess": on(True, fixed=True)}
WINRS = {
    "AllowRemoteShellAccess": on(attr="allow_shells"),
    "IdleTimeout": count(attr="idle_timeout", low=0, high=2147483647),
    "MaxConcurrentUsers": count(attr="max_shell_users", low=1,
                                high=2147483647),
    "MaxShellRunTime": count(2147483647, fixed=True),
    "MaxProcessesPerShell": count(attr="max_processes_per_shell",
                                  high=2147483647),
    "MaxMemoryPerShellMB": count(2147483647, high=2147483647),
    "MaxShellsPerUser": count(attr="max_shells_per_user", high=2147483647)}
TREE = {"MaxEnvelopeSizekb": count(attr="max_envelope_kb", low=32),
        "MaxTimeoutms": count(attr="operation_timeout_max", low=500),
        "MaxBatchItems": count(attr="max_batch_items", low=1),
        "MaxProviderRequests": count(U32, fixed=True),
        "Client": CLIENT, "Service": SERVICE, "Winrs": WINRS}

# Resource URI: (name of the root element, path into the tree)
URIS = {CONFIG: ("Config", ()), CONFIG + "/winrs": ("Winrs", ("Winrs",))}
for _side in ("Client", "Service"):
    _uri = "%s/%s" % (CONFIG, _side.lower())
    URIS[_uri] = (_side, (_side,))
    URIS[_uri + "/auth"] = ("Auth", (_side, "Auth"))
    URIS[_uri + "/defaultports"] = ("DefaultPorts", (_side, "DefaultPorts"))
GET_ONLY = (CONFIG + "/service/defaultports",)


def leaves(tree, path=()):
    """Yield (path, setting) of all settings below a place of the tree."""
    for name, inner in tree.items():
        if isinstance(inner, dict):
            yield from leaves(inner, path + (name,))
        else:
            yield path + (name,), inner


def as_text(value):
    """Write a value as the schema does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Configuration:
    """All settings; the resource of the configuration's URIs."""

    takes_fragments = False

    def __init__(self, config):
        self.config = config
        self.lock = threading.RLock()
        self.settings = dict(leaves(TREE))
        self.start = {s.attr: getattr(config, s.attr)
                      for s in self.settings.values() if s.attr}
        self.values = {}
        self.gpo = set()
        self.reset()

    def reset(self):
        """Go back to the values of the start, and to their policies."""
        self.restore()
        with self.lock:
            self.gpo.clear()
        for text in self.config.gpo:
            self.add_policy(text)

    def restore(self):
        """Go back to the values of the start, but for those of policies."""
        with self.lock:
            for path, setting in self.settings.items():
                if path in self.gpo:
                    continue
                if setting.attr:
                    setattr(self.config, setting.attr,
                            self.start[setting.attr])
                else:
                    self.values[path] = setting.default

    def add_policy(self, text):
        """Put Path/Name=value under control of a policy."""
        name, equals, value = text.partition("=")
        wanted = tuple(name.strip().lower().split("/"))
        for path, setting in self.settings.items():
            if tuple(p.lower() for p in path) == wanted and equals:
                with self.lock:
                    self._store(path, setting.kind(value.strip(), setting))
                    self.gpo.add(path)
                return
        raise ValueError("no setting %r" % text)

    def value(self, *path):
        """Return the value of a setting."""
        setting = self.settings[path]
        if setting.attr:
            return getattr(self.config, setting.attr)
        return self.values[path]

    def _store(self, path, value):
        setting = self.settings[path]
        if setting.attr:
            setattr(self.config, setting.attr, value)
        else:
            self.values[path] = value

    # --- the operations ---

    def operation(self, request, uri):
        """Return the function that answers a request."""
        if request.action == RESTORE and uri == CONFIG:
            return self._restore
        if request.action == TRANSFER + "Get":
            return self._get
        if request.action == TRANSFER + "Put" and uri not in GET_ONLY:
            return self._put
        raise Fault("action")

    def _restore(self, request, uri):
        self.restore()
        return '<cfg:Restore_OUTPUT xmlns:cfg="%s"/>' % CONFIG

    def _get(self, request, uri):
        if request.selectors:
            raise Fault("invalid_selectors")
        name, path = URIS[uri]
        tree = TREE
        for step in path:
            tree = tree[step]
        with self.lock:
            return '<cfg:%s xmlns:cfg="%s">%s</cfg:%s>' % (
                name, uri, self._xml(tree, path), name)

    def _xml(self, tree, path):
        parts = []
        for name, inner in tree.items():
            here = path + (name,)
            source = ""
            if isinstance(inner, dict):
                text = self._xml(inner, here)
            else:
                text = xml_text(as_text(self.value(*here)))
                source = ' Source="GPO"' if here in self.gpo else ""
            parts.append("<cfg:%s%s>%s</cfg:%s>" % (name, source, text, name))
        return "".join(parts)

    def _put(self, request, uri):
        if request.selectors:
            raise Fault("invalid_selectors")
        root = request.body_child()
        name, path = URIS[uri]
        if root is None or local(root).lower() != name.lower():
            raise Fault("schema")
        tree = TREE
        for step in path:
            tree = tree[step]
        with self.lock:
            changes = {}
            self._read(root, tree, path, changes)
            for place, value in changes.items():
                self._store(place, value)
        return self._get(request, uri)

    def _read(self, element, tree, path, changes):
        """Collect what an element changes; nothing is changed yet."""
        names = {name.lower(): name for name in tree}
        for found in element:
            name = names.get(local(found).lower())
            if name is None:
                raise Fault("schema")
            here = path + (name,)
            if here in changes:
                raise Fault("schema")
            if isinstance(tree[name], dict):
                self._read(found, tree[name], here, changes)
            else:
                self._change(here, found, changes)

    def _change(self, path, element, changes):
        setting = self.settings[path]
        if len(element) or is_nil(element):
            raise Fault("schema")
        text = text_of(element)
        # What is read and written back as it was changes nothing.
        if text == as_text(self.value(*path)):
            return
        if setting.fixed:
            raise Fault("read_only")
        value = setting.kind(text, setting)
        if path in self.gpo and value != self.value(*path):
            raise Fault("gpo")
        changes[path] = value
