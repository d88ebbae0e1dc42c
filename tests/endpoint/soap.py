"""Envelopes: reading requests and writing replies, as text."""

import re
import uuid
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from faults import Fault

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "e": "http://schemas.xmlsoap.org/ws/2004/08/eventing",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "m": "http://schemas.microsoft.com/wbem/wsman/1/machineid",
    "cim": "http://schemas.dmtf.org/wbem/wscim/1/common",
    "b": "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
}
XML_NS = "http://www.w3.org/XML/1998/namespace"
ANONYMOUS = NS["a"] + "/role/anonymous"
SHELL = NS["rsp"]
SHELL_CMD = SHELL + "/cmd"
TRANSFER = NS["x"] + "/"
ENUMERATION = NS["n"] + "/"
EVENTING = NS["e"] + "/"

# Headers that this service understands; any other one marked
# mustUnderstand is refused.
KNOWN_HEADERS = (
    {"{%s}%s" % (NS["a"], n) for n in
     ("To", "From", "ReplyTo", "FaultTo", "Action", "MessageID", "RelatesTo")}
    | {"{%s}%s" % (NS["w"], n) for n in
       ("ResourceURI", "SelectorSet", "OptionSet", "MaxEnvelopeSize",
        "OperationTimeout", "Locale", "RequestEPR", "FragmentTransfer",
        "RequestTotalItemsCountEstimate")}
    | {"{%s}%s" % (NS["p"], n) for n in
       ("DataLocale", "SessionId", "ActivityId", "OperationID", "SequenceId")}
    | {"{%s}MachineID" % NS["m"], "{%s}Identifier" % NS["e"]})

DURATION = re.compile(
    r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")
GUID = re.compile(r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
# XML 1.0 has no way to carry these; Windows writes a question mark instead.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def tag(prefix, name):
    """Return the ElementTree name of prefix:name."""
    return "{%s}%s" % (NS[prefix], name)


def new_uuid():
    """Return a new GUID in the upper-case form used on the wire."""
    return str(uuid.uuid4()).upper()


def text_of(element):
    """Return the trimmed text of an element that may be None."""
    if element is None or element.text is None:
        return ""
    return element.text.strip()


def xml_text(value):
    """Escape a value for element content."""
    return escape(UNWRITABLE.sub("?", str(value)))


def xml_attr(value):
    """Escape and quote a value for use as an attribute."""
    return quoteattr(UNWRITABLE.sub("?", str(value)), {'"': "&quot;"})


def parse_bool(value):
    """Read an xs:boolean; letter case is ignored, as peers send True."""
    return value is not None and value.strip().lower() in ("1", "true")


def parse_duration(value):
    """Return milliseconds of an xs:duration, or None if it is not one."""
    match = DURATION.match(value.strip())
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds = match.groups()
    whole = (int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)
    return int(whole * 60000 + float(seconds or 0) * 1000)


def format_duration(ms):
    """Write a duration in the manner of IdleTimeOut (PT7200.000S)."""
    return "PT%d.%03dS" % (ms // 1000, ms % 1000)


def format_run_time(seconds):
    """Write a duration in the manner of ShellRunTime (P0DT0H0M0S)."""
    whole = int(seconds)
    return "P%dDT%dH%dM%dS" % (whole // 86400, whole // 3600 % 24,
                               whole // 60 % 60, whole % 60)


class Request:
    """One parsed request envelope."""

    def __init__(self, root):
        self.root = root
        self.header = root.find(tag("s", "Header"))
        self.body = root.find(tag("s", "Body"))
        self.action = self.header_text("a", "Action")
        self.message_id = self.header_text("a", "MessageID")
        self.to = self.header_text("a", "To")
        self.resource_uri = self.header_text("w", "ResourceURI")
        self.activity_id = self.header_text("p", "ActivityId")
        self.selectors = {}        # by names in lower case
        self.selector_eprs = {}    # those that are references
        self.options = {}
        self.reply_headers = []    # more of them, as text
        self.wishes = {}           # what injection rules want of this one
        self.text = ""
        self.comply = {}
        self.max_envelope = 153600
        self.timeout_ms = None
        self.utf16 = False
        self.user = ""
        self.client_ip = ""
        self.host = ""
        self.url = ""
        self.peer_gone = lambda: False

    def header_element(self, prefix, name):
        """Return a header element or None."""
        if self.header is None:
            return None
        return self.header.find(tag(prefix, name))

    def header_text(self, prefix, name):
        """Return the text of a header, or None when it is absent."""
        element = self.header_element(prefix, name)
        return None if element is None else text_of(element)

    def body_child(self, prefix=None, name=None):
        """Return the (named) first child of the Body, or None."""
        if self.body is None:
            return None
        if name is None:
            return self.body[0] if len(self.body) else None
        return self.body.find(tag(prefix, name))

    def selectors_raw(self, name):
        """Return a selector before any check, for the records."""
        for element in self.root.iter(tag("w", "Selector")):
            if (element.get("Name") or "").lower() == name.lower():
                return text_of(element)
        return None

    def command_id(self):
        """Return the CommandId named anywhere in the body, or None."""
        for element in self.body.iter():
            if element.get("CommandId"):
                return element.get("CommandId")
        return None

    @property
    def short_action(self):
        """Return the last word of the action; Identify has no action."""
        if self.action:
            return self.action.rstrip("/").rsplit("/", 1)[-1]
        if self.body_child("wsmid", "Identify") is not None:
            return "Identify"
        return ""


def decode_body(body, content_type):
    """Return (text, is_utf16) of an HTTP body."""
    utf16 = "utf-16" in content_type.lower()
    try:
        if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return body.decode("utf-16"), True
        if utf16:
            return body.decode("utf-16-le"), True
        return body.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        raise Fault("character_set")


def parse(text):
    """Parse the text of an envelope into a Request."""
    # A DTD has no place in SOAP, and entities could blow the parser up.
    if "<!DOCTYPE" in text:
        raise Fault("invalid_xml")
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        raise Fault("invalid_xml")
    if root.tag != tag("s", "Envelope"):
        if root.tag.endswith("}Envelope"):
            raise Fault("version_mismatch")
        raise Fault("invalid_body")
    request = Request(root)
    request.text = text
    if request.body is None:
        raise Fault("invalid_body")
    return request


# Namespaces declared on the Envelope of each kind of reply, as Windows does.
PREFIXES = {
    "Create": "s a x w rsp p", "Command": "s a x w rsp p",
    "Signal": "s a x w rsp p", "Send": "s a x w rsp p",
    **dict.fromkeys(("Disconnect", "Reconnect", "Connect"), "s a x w rsp p"),
    "Receive": "s a w rsp p", "Delete": "s a w p", "Get": "s a x w p",
    **dict.fromkeys(("Enumerate", "Pull", "Release"), "s a n w p"),
    **dict.fromkeys(("Subscribe", "Unsubscribe"), "s a e n w p"),
    "fault": "s a x e n w p b",
}


def envelope(kind, action, relates_to, body, activity_id=None, headers=()):
    """Return the text of a reply envelope."""
    declared = "".join(' xmlns:%s="%s"' % (p, NS[p])
                       for p in PREFIXES.get(kind, PREFIXES["Get"]).split())
    activity = ""
    if activity_id:
        activity = "<p:ActivityId>%s</p:ActivityId>" % xml_text(activity_id)
    relates = ""
    if relates_to:
        relates = "<a:RelatesTo>%s</a:RelatesTo>" % xml_text(relates_to)
    return ('<s:Envelope xml:lang="en-US"%s><s:Header>'
            "<a:Action>%s</a:Action><a:MessageID>uuid:%s</a:MessageID>%s"
            "<a:To>%s</a:To>%s%s</s:Header><s:Body>%s</s:Body></s:Envelope>"
            % (declared, xml_text(action), new_uuid(), activity, ANONYMOUS,
               relates, "".join(headers), body))


def reply(request, body):
    """Return the text of a successful reply to the request."""
    return envelope(request.short_action, request.action + "Response",
                    request.message_id, body, request.activity_id,
                    request.reply_headers)


def fault_envelope(fault, request, machine):
    """Return the text of a fault reply; request may be None."""
    return envelope("fault", fault.action,
                    request.message_id if request else None,
                    fault.body(machine),
                    request.activity_id if request else None)
