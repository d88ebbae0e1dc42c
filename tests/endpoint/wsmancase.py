"""Requests on resources, for the tests only."""

import html

from harness import DMTF, TRANSFER, Case, Client, envelope

ENUM = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
EVENT = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
BIND = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
SELECTOR = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATION = ("http://schemas.dmtf.org/wbem/wsman/1/cimbinding/"
               "associationFilter")
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def tag(ns, name):
    """Return the name of an element."""
    return "{%s}%s" % (ns, name)


def local(element):
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def option(name, value, comply=False):
    """Return an option."""
    return '<w:Option Name="%s"%s>%s</w:Option>' % (
        name, ' MustComply="true"' if comply else "", value)


def wql(query):
    """Return the filter of a query."""
    return '<w:Filter Dialect="%s">%s</w:Filter>' % (WQL, html.escape(query))


def selector_filter(**names):
    """Return a selector filter."""
    return '<w:Filter Dialect="%s"><w:SelectorSet>%s</w:SelectorSet>' \
        "</w:Filter>" % (SELECTOR, "".join(
            '<w:Selector Name="%s">%s</w:Selector>' % item
            for item in names.items()))


class Resources(Client):
    """A client of resources."""

    def get(self, uri, selectors=(), **more):
        """Send Get."""
        return self.post(envelope(TRANSFER + "Get", uri=uri,
                                  selectors=list(selectors), **more))

    def put(self, uri, body, selectors=(), **more):
        """Send Put."""
        return self.post(envelope(TRANSFER + "Put", body, uri=uri,
                                  selectors=list(selectors), **more))

    def make(self, uri, body, selectors=(), **more):
        """Send Create."""
        return self.post(envelope(TRANSFER + "Create", body, uri=uri,
                                  selectors=list(selectors), **more))

    def remove(self, uri, selectors=(), **more):
        """Send Delete."""
        return self.post(envelope(TRANSFER + "Delete", uri=uri,
                                  selectors=list(selectors), **more))

    def invoke(self, uri, method, inner="", selectors=(), **more):
        """Invoke a method."""
        return self.post(envelope(
            "%s/%s" % (uri, method),
            '<p:%s_INPUT xmlns:p="%s" xmlns:xsi="%s">%s</p:%s_INPUT>'
            % (method, uri, XSI, inner, method), uri=uri,
            selectors=list(selectors), **more))

    def enumerate(self, uri, inner="", count=None, optimize=True, **more):
        """Send Enumerate."""
        parts = "<w:OptimizeEnumeration/>" if optimize else ""
        if count is not None:
            parts += "<w:MaxElements>%d</w:MaxElements>" % count
        return self.post(envelope(
            ENUM + "/Enumerate", '<n:Enumerate xmlns:n="%s" xmlns:b="%s">%s%s'
            "</n:Enumerate>" % (ENUM, BIND, parts, inner), uri=uri, **more))

    def pull(self, uri, context, count=None, inner="", **more):
        """Send Pull."""
        if count is not None:
            inner += "<n:MaxElements>%d</n:MaxElements>" % count
        return self.post(envelope(
            ENUM + "/Pull", '<n:Pull xmlns:n="%s"><n:EnumerationContext>%s'
            "</n:EnumerationContext>%s</n:Pull>" % (ENUM, context, inner),
            uri=uri, **more))

    def release(self, uri, context, **more):
        """Send Release."""
        return self.post(envelope(
            ENUM + "/Release", '<n:Release xmlns:n="%s">'
            "<n:EnumerationContext>%s</n:EnumerationContext></n:Release>"
            % (ENUM, context), uri=uri, **more))

    def all_items(self, uri, inner="", count=100, **more):
        """Enumerate to the end; return the items."""
        answer = self.enumerate(uri, inner, count, **more)
        more.pop("optimize", None)
        found = []
        while True:
            if answer.status != 200:
                raise AssertionError(answer.text)
            found += items(answer)
            if ended(answer):
                return found
            answer = self.pull(uri, context(answer), count, **more)


def items(answer):
    """Return the items of an answer."""
    for ns in (DMTF, ENUM):
        holder = answer.find(ns, "Items")
        if holder is not None:
            return list(holder)
    return []


def ended(answer):
    """True if the answer tells the end."""
    return any(answer.find(ns, "EndOfSequence") is not None
               for ns in (DMTF, ENUM))


def context(answer):
    """Return the enumeration context of an answer."""
    return answer.text_of(ENUM, "EnumerationContext")


def values(element):
    """Return the texts of the children of an element."""
    return {local(e): e.text for e in element}


def keys_of(element):
    """Return the selectors within an element."""
    return {e.get("Name"): e.text
            for e in element.iter(tag(DMTF, "Selector"))}


class ResourceCase(Case):
    """A test case with a client of resources."""

    def new_client(self, other=None):
        client = Resources(self.endpoint)
        self.addCleanup(client.close)
        return client

    def enumerations(self):
        """Return what the endpoint knows of enumerations."""
        return self.endpoint.state()["enumerations"]
