"""Classes and instances of CIM: their description and their XML."""

import datetime
import re
import xml.etree.ElementTree as ET

from faults import Fault
from soap import ANONYMOUS, NS, parse_duration, tag, text_of
from xmltools import (XSI_TYPE, child, epr, exact_text, is_nil, local,
                      namespace, to_xml, writable)

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
BITS = {"uint8": (0, 8), "uint16": (0, 16), "uint32": (0, 32),
        "uint64": (0, 64), "sint8": (1, 8), "sint16": (1, 16),
        "sint32": (1, 32), "sint64": (1, 64)}
XSI_NAMES = {
    "boolean": "Boolean", "uint8": "UnsignedByte", "uint16": "UnsignedShort",
    "uint32": "UnsignedInt", "uint64": "UnsignedLong", "sint8": "Byte",
    "sint16": "Short", "sint32": "Int", "sint64": "Long", "real32": "Float",
    "real64": "Double", "string": "String", "char16": "Char16",
    "datetime": "DateTime", "interval": "DateTime",
    "reference": "Reference"}
ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
                 r"(Z|[+-]\d\d:?\d\d)?)?$")
DMTF_TIME = re.compile(r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)"
                       r"\.(\d{6})([+-])(\d{3})$")


class Property:
    """One property, or one parameter of a method."""

    def __init__(self, name, kind="string", *flags):
        self.name = name
        self.array = kind.endswith("[]")
        self.kind = kind[:-2] if self.array else kind
        self.key = "key" in flags
        self.write = "write" in flags or self.key

    @property
    def plain(self):
        """True if it can be compared with a text."""
        return not self.array and (self.kind in BITS or self.kind in (
            "string", "boolean", "char16", "real32", "real64"))


def props(text):
    """Read lines of name, type and flags, with ; between them."""
    return [Property(*line.split()) for line in text.split(";")
            if line.strip()]


class Ref:
    """A reference to an instance."""

    def __init__(self, cls, keys):
        self.cls = cls             # name of the class
        self.keys = dict(keys)

    def __eq__(self, other):
        return isinstance(other, Ref) and self.ident() == other.ident()

    def ident(self):
        """Return what two references to the same have in common."""
        return (self.cls.lower(), tuple(sorted(
            (k.lower(), str(v).lower()) for k, v in self.keys.items())))

    def __str__(self):
        return "%s.%s" % (self.cls, ",".join(
            '%s="%s"' % item for item in self.keys.items()))


class Embedded:
    """An instance within an instance."""

    def __init__(self, cls, values):
        self.cls = cls             # a CimClass
        self.values = values


class CimClass:
    """A class: its properties, and what can be done with its instances."""

    name = base = ""
    properties = ()
    singleton = False
    typed = False                  # write xsi:type on every property
    methods = {}                   # name: (function, static, in, out)
    association = ()               # names of the two references
    abstract = False

    def __init__(self, repository):
        self.repository = repository
        self.by_name = {p.name.lower(): p for p in self.properties}
        self.keys = [p for p in self.properties if p.key]

    def instances(self, request):
        """Yield the values of all instances."""
        return iter(())

    def find(self, keys, request):
        """Return the values of the instance with these keys, or None."""
        wanted = {k.lower(): v for k, v in keys.items()}
        for values in self.instances(request):
            if all(same_key(values[p.name], wanted[p.name.lower()])
                   for p in self.keys if p.name.lower() in wanted):
                return values
        return None

    def put(self, values, changes, request):
        """Change an instance."""
        raise Fault("not_capable")

    def create(self, values, request):
        """Make an instance; return its values."""
        raise Fault("not_capable")

    def delete(self, values, request):
        """Remove an instance."""
        raise Fault("not_capable")

    def is_a(self, name):
        """True if this is the class of that name or derived from it."""
        wanted = name.lower()
        return wanted == self.name.lower() or wanted in [
            b.lower() for b in self.ancestors()]

    def ancestors(self):
        """Return the names of the classes above, the nearest first."""
        return self.base.split()

    def get(self, values, name):
        """Return (property, value) of a name in any case, or None."""
        found = self.by_name.get(name.lower())
        if found is None:
            return None
        return found, values.get(found.name)


def same_key(value, wanted):
    """Compare the value of a key with that of a selector."""
    if isinstance(value, Ref) or isinstance(wanted, Ref):
        return value == wanted
    if isinstance(value, bool):
        return str(value).lower() == str(wanted).lower()
    return str(value).lower() == str(wanted).lower()


# --- values as XML ---

class Writer:
    """Writes instances, with the addresses of one request."""

    def __init__(self, prefix=WMI, space="root/cimv2", url=ANONYMOUS,
                 typed=False):
        self.skip_nil = False      # leave out what is null
        self.location = False      # add cim:Location
        self.prefix = prefix
        self.space = space
        self.url = url
        self.typed = typed

    def uri(self, name):
        """Return the resource URI of a class."""
        if self.prefix == DMTF:
            return DMTF + name
        return "%s%s/%s" % (WMI, self.space, name)

    def selectors(self, keys):
        """Return the selectors of a reference."""
        found = [(n, self._selector(v)) for n, v in keys.items()]
        if self.prefix == DMTF:
            found.insert(0, ("__cimnamespace", self.space))
        return found

    def _selector(self, value):
        if isinstance(value, Ref):
            return RawXml(self.ref(value))
        return value

    def ref(self, ref):
        """Return a reference as a:EndpointReference."""
        return epr(self.url, self.uri(ref.cls), self.selectors(ref.keys))

    def instance(self, cls, values, name=None, names=None):
        """Return an instance; names limits it to some properties."""
        name = name or cls.name
        typed = self.typed or cls.typed
        parts = [self.property(p, values.get(p.name), typed)
                 for p in cls.properties
                 if (names is None or p.name.lower() in names)
                 and not (self.skip_nil and values.get(p.name) is None)]
        if self.location:
            parts.append("<cim:Location>%s</cim:Location>" % epr(
                self.url, self.uri(cls.name), self.selectors(
                    {p.name: values[p.name] for p in cls.keys}), None))
        return ('<p:%s xmlns:p="%s" xmlns:xsi="%s" xmlns:cim="%s" '
                'xsi:type="p:%s_Type">%s</p:%s>'
                % (name, self.uri(name), NS["xsi"], NS["cim"], name,
                   "".join(parts), name))

    def property(self, prop, value, typed=False, prefix="p:"):
        """Return the element, or the elements, of a property."""
        name = prefix + prop.name
        if value is None:
            return '<%s xsi:nil="true"/>' % name
        kind = ""
        if typed and prop.kind in XSI_NAMES:
            kind = ' xsi:type="cim:cim%s"' % XSI_NAMES[prop.kind]
        values = value if prop.array else [value]
        return "".join(self._one(name, prop, v, kind) for v in values)

    def _one(self, name, prop, value, kind):
        if isinstance(value, Embedded):
            uri = self.uri(value.cls.name)
            inner = "".join(self.property(p, value.values.get(p.name),
                                          self.typed or value.cls.typed,
                                          "e:")
                            for p in value.cls.properties)
            return ('<%s xmlns:e="%s" xsi:type="e:%s_Type">%s</%s>'
                    % (name, uri, value.cls.name, inner, name))
        return "<%s%s>%s</%s>" % (name, kind, self.content(prop, value),
                                  name)

    def content(self, prop, value):
        """Return what stands in the element of a value."""
        if isinstance(value, Ref):
            return epr(self.url, self.uri(value.cls),
                       self.selectors(value.keys), None)
        if isinstance(value, bool):
            return "true" if value else "false"
        if prop.kind == "datetime":
            return "<cim:Datetime>%s</cim:Datetime>" % exact_text(value)
        if prop.kind == "interval":
            return "<cim:Interval>%s</cim:Interval>" % exact_text(value)
        return exact_text(value)


class RawXml:
    """Text for a selector that is XML already."""

    def __init__(self, xml):
        self.xml = xml


# --- values out of XML ---

def read_instance(cls, element, fault="schema"):
    """Return the values that an element gives to properties of a class."""
    given = {}
    for found in element:
        prop = cls.by_name.get(local(found).lower())
        if prop is None:
            # References to the instance itself may stand last.
            if namespace(found) == NS["cim"] and local(found) == "Location":
                continue
            raise Fault(fault)
        given.setdefault(prop.name, []).append(found)
    return {name: read_property(cls.by_name[name.lower()], elements, cls)
            for name, elements in given.items()}


def read_property(prop, elements, cls):
    """Return the value of a property out of its elements."""
    if len(elements) == 1 and is_nil(elements[0]):
        return None
    if prop.array:
        return [read_value(prop, e, cls) for e in elements]
    if len(elements) > 1:
        raise Fault("schema")
    return read_value(prop, elements[0], cls)


def read_value(prop, element, cls):
    """Return one value out of an element."""
    if prop.kind == "reference":
        return read_ref(element)
    if prop.kind in ("datetime", "interval"):
        return read_time(prop, element)
    if prop.kind == "object":
        return read_embedded(element, cls)
    if len(element):
        raise Fault("schema")
    return read_text(prop, element.text or "")


def read_text(prop, text):
    """Return the value of a text; raises Fault."""
    if prop.kind == "string":
        return text
    bare = text.strip()
    if prop.kind in BITS:
        signed, bits = BITS[prop.kind]
        low = -(1 << bits - 1) if signed else 0
        if not re.match(r"^[+-]?\d+$", bare, re.ASCII) or not (
                low <= int(bare) < low + (1 << bits)):
            raise Fault("cim_value")
        return int(bare)
    if prop.kind == "boolean":
        if bare.lower() not in ("true", "false", "1", "0"):
            raise Fault("cim_value")
        return bare.lower() in ("true", "1")
    if prop.kind in ("real32", "real64"):
        try:
            return Real(float(bare.replace("INF", "inf")), bare)
        except ValueError:
            raise Fault("cim_value")
    if prop.kind == "char16" and len(text.encode("utf-16-le")) != 2:
        raise Fault("cim_value")
    return text


class Real(float):
    """A number that is written as it was read."""

    def __new__(cls, value, text):
        self = super().__new__(cls, value)
        self.text = text
        return self

    def __str__(self):
        return self.text


def read_time(prop, element):
    """Return a time or an interval in its ISO form."""
    inner = element[0] if len(element) else element
    text = text_of(inner)
    if local(inner) == "CIM_DateTime" and len(inner):
        text = text_of(inner[0])
    if parse_duration(text) is not None or (ISO.match(text)
                                            or DMTF_TIME.match(text)):
        return text
    raise Fault("cim_value")


def read_ref(element):
    """Return the Ref of an endpoint reference, or its content."""
    inner = child(element, "EndpointReference")
    element = element if inner is None else inner
    parameters = child(element, "ReferenceParameters")
    if parameters is None:
        parameters = child(element, "ReferenceProperties")
    uri = text_of(child(parameters, "ResourceURI"))
    if not uri:
        raise Fault("cim_value")
    keys = {}
    holder = child(parameters, "SelectorSet")
    for found in () if holder is None else holder:
        name = found.get("Name") or ""
        if name.lower() == "__cimnamespace":
            continue
        keys[name] = read_ref(found) if len(found) else (found.text or "")
    return Ref(uri.rstrip("/").rpartition("/")[2], keys)


def read_embedded(element, cls):
    """Return an embedded instance; its class is in xsi:type."""
    kind = (element.get(XSI_TYPE) or "").rpartition("}")[2]
    name = kind[:-5] if kind.endswith("_Type") else kind
    if not name and len(element) == 1:
        return read_embedded(element[0], cls)
    inner = cls.repository.classes.get(name.lower())
    if inner is None:
        raise Fault("cim_value")
    return Embedded(inner, read_instance(inner, element, "cim_value"))


# --- times ---

def iso_time(seconds):
    """Write a time as cim:Datetime has it."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_value(text):
    """Return the seconds of a time in either form, or None."""
    match = DMTF_TIME.match(text)
    if match:
        *parts, micro, sign, minutes = match.groups()
        offset = int(minutes) * (1 if sign == "+" else -1)
    else:
        match = ISO.match(text)
        if not match:
            return None
        *parts, micro, zone = match.groups()
        parts = [p or "0" for p in parts]
        micro = (micro or "0")[:6].ljust(6, "0")
        offset = 0
        if zone and zone != "Z":
            digits = zone[1:].replace(":", "")
            offset = int(digits[:2]) * 60 + int(digits[2:])
            offset = -offset if zone[0] == "-" else offset
    try:
        moment = datetime.datetime(*map(int, parts), int(micro),
                                   datetime.timezone.utc)
    except ValueError:
        return None
    return moment.timestamp() - offset * 60


def body_as_is(element, name):
    """Return an element and all in it, by another name."""
    space = namespace(element)
    element.tag = "{%s}%s" % (space, name)
    ET.SubElement(element, "{%s}ReturnValue" % space).text = "0"
    return writable(to_xml(element))


def input_of(request, root, name):
    """Return the <method>_INPUT element of a qualified body."""
    body = root.find(tag("s", "Body"))
    found = body[0] if body is not None and len(body) else None
    if found is None or local(found).lower() != name.lower() + "_input":
        raise Fault("schema")
    return found
