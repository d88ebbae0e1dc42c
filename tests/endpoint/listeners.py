"""Listeners and certificate mappings as resources."""

import hashlib
import ipaddress
import re
import ssl
import threading

from config_tree import CONFIG, boolean, prefix, THUMBPRINT
from enumeration import enumerate_items
from faults import Fault
from soap import ENUMERATION, TRANSFER, text_of, xml_text
from xmltools import created, epr, local

LISTENER = CONFIG + "/listener"
MAPPING = CONFIG + "/service/certmapping"
MAC = re.compile(r"^[0-9A-Fa-f]{2}([-:][0-9A-Fa-f]{2}){5}$")


def thumbprints(path):
    """Return the SHA-1 thumbprints of the certificates in a PEM file."""
    with open(path, encoding="ascii", errors="replace") as file:
        found = re.findall("-----BEGIN CERT.*?-----END CERT[A-Z]*-----",
                           file.read(), re.S)
    return [hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
            for pem in found]


class Table:
    """Resources with keys and elements, in memory.

    Derived classes name uri, root, keys (as the selectors are spelled) and
    elements, and check what is to be stored.
    """

    takes_fragments = False
    uri = root = space = ""
    keys = elements = ()
    cannot_change = "keys"

    def __init__(self):
        self.lock = threading.RLock()
        self.rows = {}

    def operation(self, request, uri):
        """Return the function that answers a request."""
        run = {TRANSFER + "Get": self._get, TRANSFER + "Put": self._put,
               TRANSFER + "Create": self._create,
               TRANSFER + "Delete": self._delete,
               ENUMERATION + "Enumerate": self._enumerate,
               }.get(request.action)
        if run is None:
            raise Fault("action")
        return run

    # --- what derived classes change ---

    def check_keys(self, keys):
        """Refuse keys that are not valid."""

    def check(self, row, old):
        """Return the row to be stored, old being the one before."""
        return row

    def stored(self, row, old):
        """Do what a new or changed row asks for."""

    def removed(self, row):
        """Do what the end of a row asks for."""

    def shown(self, row):
        """Return (name, value) pairs of a row to be shown."""
        return row.items()

    # --- operations ---

    def _keys(self, request):
        names = {k.lower(): k for k in self.keys}
        if set(request.selectors) - set(names):
            raise Fault("extra_selectors")
        if len(request.selectors) < len(names):
            raise Fault("few_selectors")
        return {k: request.selectors[k.lower()] for k in self.keys}

    @staticmethod
    def _ident(keys):
        return tuple(value.lower() for value in keys.values())

    def find(self, request):
        """Return the row that the selectors name."""
        row = self.rows.get(self._ident(self._keys(request)))
        if row is None:
            raise Fault("not_found")
        return row

    def row_xml(self, row):
        """Return a row as an element."""
        parts = []
        for name, value in self.shown(row):
            if isinstance(value, bool):
                value = "true" if value else "false"
            parts.append("<cfg:%s>%s</cfg:%s>" % (name, xml_text(value),
                                                  name))
        return '<cfg:%s xmlns:cfg="%s">%s</cfg:%s>' % (
            self.root, self.uri, "".join(parts), self.root)

    def row_epr(self, request, row):
        """Return the reference to a row."""
        return epr(request.url, self.uri, [(k, row[k]) for k in self.keys])

    def _get(self, request, uri):
        with self.lock:
            return self.row_xml(self.find(request))

    def read(self, request):
        """Return the elements of the body that are set."""
        root = request.body_child()
        if root is None or local(root).lower() != self.root.lower():
            raise Fault("schema")
        names = {n.lower(): n for n in self.elements + self.keys}
        given = {}
        for element in root:
            name = names.get(local(element).lower())
            if name is None or (name in given and name != "ListeningOn"):
                raise Fault("schema")
            given[name] = text_of(element)
        return given

    def _put(self, request, uri):
        with self.lock:
            old = self.find(request)
            given = self.read(request)
            for name in self.keys:
                if given.get(name, old[name]).lower() != old[name].lower():
                    raise Fault(self.cannot_change)
                given.pop(name, None)
            row = self.check(dict(old, **given), old)
            self.rows[self._ident({k: row[k] for k in self.keys})] = row
            self.stored(row, old)
            return self.row_xml(row)

    def _create(self, request, uri):
        keys = self._keys(request)
        self.check_keys(keys)
        with self.lock:
            if self._ident(keys) in self.rows:
                raise Fault("already_exists")
            given = self.read(request)
            for name in self.keys:
                if given.pop(name, keys[name]).lower() != keys[name].lower():
                    raise Fault("schema")
            row = self.check(dict(keys, **given), None)
            self.rows[self._ident(keys)] = row
            self.stored(row, None)
        return created(request.url, self.uri, list(keys.items()))

    def _delete(self, request, uri):
        with self.lock:
            row = self.find(request)
            del self.rows[self._ident({k: row[k] for k in self.keys})]
        self.removed(row)
        return ""

    def _enumerate(self, request, uri):
        def items(wanted):
            with self.lock:
                rows = list(self.rows.values())
            return (wanted.item(lambda r=row: self.row_xml(r),
                                lambda r=row: self.row_epr(request, r))
                    for row in rows)
        return enumerate_items(request, items)


class Listeners(Table):
    """The listeners: those of the start, and those created since."""

    uri = LISTENER
    root = "Listener"
    keys = ("Address", "Transport")
    elements = ("Port", "Hostname", "Enabled", "URLPrefix",
                "CertificateThumbprint", "ListeningOn")

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.running = []          # opened at the start
        self.extra = {}            # ident: listener opened since
        self.open = None           # function(transport, port)

    def started(self, listeners, opener):
        """Note what listens; opener makes another one."""
        self.running = listeners
        self.open = opener
        self.reset()

    def reset(self):
        """Go back to the listeners of the start."""
        with self.lock:
            extra, self.extra = list(self.extra.values()), {}
            self.rows = {}
            for listener in self.running:
                row = self._row_of(listener)
                self.rows[self._ident({k: row[k] for k in self.keys})] = row
        for listener in extra:
            listener.close()

    def _row_of(self, listener):
        cert = ""
        if listener.tls:
            cert = thumbprints(self.config.tls[0])[0]
        return {"Address": "*",
                "Transport": "HTTPS" if listener.tls else "HTTP",
                "Port": listener.port, "Hostname": "", "Enabled": True,
                "URLPrefix": "wsman", "CertificateThumbprint": cert,
                "ListeningOn": self._addresses()}

    def _addresses(self):
        host = self.config.host
        if host in ("0.0.0.0", "::", ""):
            return ["127.0.0.1", "::1"] if host != "0.0.0.0" else [
                "127.0.0.1"]
        return [host]

    def shown(self, row):
        for name, value in row.items():
            for one in value if isinstance(value, list) else [value]:
                yield name, one

    def check_keys(self, keys):
        address = keys["Address"]
        kind, _, rest = address.partition(":")
        if address != "*":
            try:
                if kind.upper() == "IP":
                    ipaddress.ip_address(rest)
                elif kind.upper() != "MAC" or not MAC.match(rest):
                    raise ValueError(address)
            except ValueError:
                raise Fault("listener_address")
        keys["Transport"] = keys["Transport"].upper()
        if keys["Transport"] not in ("HTTP", "HTTPS"):
            raise Fault("selector_value")

    def check(self, row, old):
        secure = row["Transport"] == "HTTPS"
        number = str(row.get("Port", 5986 if secure else 5985))
        if not number.isdigit() or int(number) > 65535:
            raise Fault("port")
        cert = row.get("CertificateThumbprint", "")
        if secure and not cert:
            raise Fault("thumbprint_blank")
        if cert and not secure:
            raise Fault("thumbprint_not_blank")
        if cert and not THUMBPRINT.match(cert):
            raise Fault("schema")
        enabled = row.get("Enabled", True)
        if not isinstance(enabled, bool):
            enabled = boolean(enabled, None)
        return {"Address": row["Address"], "Transport": row["Transport"],
                "Port": int(number), "Hostname": row.get("Hostname", ""),
                "Enabled": enabled,
                "URLPrefix": prefix(row.get("URLPrefix", "wsman"), None),
                "CertificateThumbprint": cert,
                "ListeningOn": old["ListeningOn"] if old else []}

    def stored(self, row, old):
        """Open, close or move the port of a listener made since."""
        ident = self._ident({k: row[k] for k in self.keys})
        if old is not None and ident not in self.extra and (
                old["ListeningOn"]):
            return                 # those of the start stay as they are
        moved = old is None or old["Port"] != row["Port"]
        if (moved or not row["Enabled"]) and ident in self.extra:
            self.extra.pop(ident).close()
            row["ListeningOn"] = []
        if not row["Enabled"] or ident in self.extra or self.open is None:
            return
        try:
            listener = self.open(row["Transport"], row["Port"])
        except OSError:
            return                 # as on Windows: it listens on nothing
        if listener is not None:
            self.extra[ident] = listener
            row["Port"] = listener.port
            row["ListeningOn"] = self._addresses()

    def removed(self, row):
        listener = self.extra.pop(
            self._ident({k: row[k] for k in self.keys}), None)
        if listener is not None:
            listener.close()


class Mappings(Table):
    """Which account a client certificate becomes."""

    uri = MAPPING
    root = "certmapping"
    keys = ("URI", "Subject", "Issuer")
    elements = ("UserName", "Password", "Enabled", "PassCertToPlugin")
    cannot_change = "mapping_keys"

    def __init__(self, config):
        super().__init__()
        self.config = config

    def reset(self):
        """Forget all mappings."""
        with self.lock:
            self.rows = {}

    def check_keys(self, keys):
        subject = keys["Subject"]
        if not subject or "*" in subject[1:-1] or (
                subject.count("*") > 1 and subject != "*"):
            raise Fault("mapping_subject")
        if not THUMBPRINT.match(keys["Issuer"]):
            raise Fault("mapping_issuer")
        if not keys["URI"]:
            raise Fault("selector_value")

    def check(self, row, old):
        row = dict(row)
        if old is None and not row.get("UserName"):
            raise Fault("mapping_user")
        fresh = old is None or row.get("Password") or (
            row["UserName"] != old["UserName"])
        if fresh:
            self._check_account(row)
        for name, default in (("Enabled", True), ("PassCertToPlugin",
                                                  False)):
            value = row.get(name, default)
            if not isinstance(value, bool):
                value = boolean(value, None)
            row[name] = value
        row["Password"] = ""
        return {n: row[n] for n in self.keys + self.elements}

    def _check_account(self, row):
        if not row.get("Password"):
            raise Fault("mapping_blank")
        name = row["UserName"].rpartition("\\")[2]
        if (name.lower() != self.config.user.lower()
                or row["Password"] != self.config.password):
            raise Fault("mapping_user")

    def account(self, name):
        """Return the account of a certificate with this name, or None.

        Without any mapping the name itself has to be the account's.
        """
        wanted = self.config.user
        with self.lock:
            rows = list(self.rows.values())
        if not rows:
            return wanted if name.lower() == wanted.lower() else None
        issuers = thumbprints(self.config.client_ca)
        for row in rows:
            issuer = row["Issuer"].replace(" ", "").upper()
            if (row["Enabled"] and issuer in issuers
                    and matches(row["Subject"].lower(), name.lower())):
                return wanted
        return None


def matches(pattern, name):
    """Match a name against a Subject with * at one end."""
    if pattern.startswith("*"):
        return name.endswith(pattern[1:])
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern
