"""Elements as text, names without case, and names inside of values."""

import xml.etree.ElementTree as ET

from soap import NS, UNWRITABLE, text_of, xml_attr, xml_text

XSI_TYPE = "{%s}type" % NS["xsi"]
XSI_NIL = "{%s}nil" % NS["xsi"]
PREFIX_OF = {uri: prefix for prefix, uri in NS.items()}
PREFIX_OF["http://www.w3.org/XML/1998/namespace"] = "xml"


def local(element):
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element):
    """Return the namespace of an element, or an empty text."""
    return element.tag[1:].partition("}")[0] if "{" in element.tag else ""


def child(element, name):
    """Return the first child with this local name in any case, or None."""
    for found in () if element is None else element:
        if local(found).lower() == name.lower():
            return found
    return None


def child_text(element, name):
    """Return the trimmed text of a child, or an empty text."""
    return text_of(child(element, name))


def is_nil(element):
    """True if the element is xsi:nil."""
    return (element.get(XSI_NIL) or "").strip() in ("true", "1")


def exact_text(value):
    """Escape a text so that no parser changes its line ends."""
    return xml_text(value).replace("\r", "&#13;")


def qualified(text):
    """Parse a text; xsi:type then holds {namespace}name, not a prefix."""
    parser = ET.XMLPullParser(("start-ns", "end-ns", "start"))
    parser.feed(text)
    parser.close()
    scopes = []
    root = None
    for event, data in parser.read_events():
        if event == "start-ns":
            scopes.append(data)
        elif event == "end-ns":
            scopes.pop()
        else:
            root = data if root is None else root
            kind = data.get(XSI_TYPE)
            if kind:
                data.set(XSI_TYPE, _resolve(kind.strip(), scopes))
    return root


def part(text):
    """Parse a part of a reply, as qualified() does."""
    return qualified('<part xmlns:a="%s" xmlns:w="%s">%s</part>'
                     % (NS["a"], NS["w"], text))[0]


def _resolve(name, scopes):
    prefix, colon, rest = name.rpartition(":")
    for known, uri in reversed(scopes):
        if known == prefix:
            return "{%s}%s" % (uri, rest)
    return rest if colon else name


def to_xml(element, known=None):
    """Return an element as text; known are the prefixes in force."""
    known = dict(known or {})
    declared = []

    def name_of(tag):
        uri, brace, rest = tag[1:].rpartition("}")
        if not brace:
            return tag
        if uri == "http://www.w3.org/XML/1998/namespace":
            return "xml:" + rest
        if uri not in known:
            prefix = PREFIX_OF.get(uri, "p")
            if prefix in known.values():
                prefix = "ns%d" % len(known)
            known[uri] = prefix
            declared.append(" xmlns:%s=%s" % (prefix, xml_attr(uri)))
        return "%s:%s" % (known[uri], rest)

    if element.tag.startswith("{"):
        name = name_of(element.tag)
    else:
        name = element.tag
    attributes = []
    for key, value in element.items():
        if key == XSI_TYPE and value.startswith("{"):
            value = name_of(value)
        if key.startswith("{"):
            key = name_of(key)
        attributes.append(" %s=%s" % (key, xml_attr(value)))
    inner = exact_text(element.text or "") + "".join(
        to_xml(e, known) + exact_text(e.tail or "") for e in element)
    start = name + "".join(declared) + "".join(attributes)
    return "<%s>%s</%s>" % (start, inner, name)


def writable(text):
    """Return the text as a reply can carry it."""
    return UNWRITABLE.sub("?", text)


def epr(url, uri, selectors, name="a:EndpointReference"):
    """Return an endpoint reference; values are texts or more XML."""
    inner = "".join("<w:Selector Name=%s>%s</w:Selector>"
                    % (xml_attr(n), selector_xml(v)) for n, v in selectors)
    if name is None:
        start = end = ""
    else:
        start, end = "<%s>" % name, "</%s>" % name
    return ("%s<a:Address>%s</a:Address><a:ReferenceParameters>"
            "<w:ResourceURI>%s</w:ResourceURI><w:SelectorSet>%s"
            "</w:SelectorSet></a:ReferenceParameters>%s"
            % (start, xml_text(url), xml_text(uri), inner, end))


def selector_xml(value):
    """Return the content of a selector."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return getattr(value, "xml", None) or exact_text(value)


def created(url, uri, selectors):
    """Return the body of a CreateResponse."""
    return epr(url, uri, selectors, "x:ResourceCreated")
