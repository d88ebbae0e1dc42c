"""Fragment transfer: paths into an instance, read and written."""

import copy
import re
import xml.etree.ElementTree as ET

from faults import Fault
from soap import NS, parse_bool, tag
from xmltools import XSI_NIL, local, part, to_xml

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
STEP = re.compile(r"^(?:[\w.-]+:)?([A-Za-z_][\w.-]*|\*)(?:\[(\d+)\])?$")
KNOWN = {NS["w"]: "w", NS["s"]: "s"}


class Fragment:
    """What the header FragmentTransfer asks for."""

    def __init__(self, element):
        understand = element.get("{%s}mustUnderstand" % NS["s"])
        if not parse_bool(understand):
            raise Fault("header_invalid",
                        "FragmentTransfer must be understood.")
        dialect = element.get("Dialect")
        if dialect is not None and ":" not in dialect:
            raise Fault("fragment_bad_dialect")
        if dialect not in (None, XPATH):
            raise Fault("fragment_dialect")
        self.path = (element.text or "").strip()
        if not self.path:
            raise Fault("fragment_missing")
        if self.path.startswith("/"):
            raise Fault("filter")
        self.steps = []
        self.text = False
        self._read()

    def _read(self):
        parts = self.path.split("/")
        if parts[-1] == "text()":
            self.text = True
            parts.pop()
        for step in parts:
            match = STEP.match(step)
            if not match:
                raise Fault("fragment_path")
            number = match.group(2)
            if number == "0":
                raise Fault("fragment_path")
            self.steps.append((match.group(1), number and int(number)))
        if not self.steps:
            raise Fault("fragment_path")

    def select(self, root):
        """Return [(parent, element)] of what the path selects."""
        found = [(None, root)]
        for name, number in self.steps:
            after = []
            for _, parent in found:
                chosen = [e for e in parent if name in ("*", local(e))]
                if number:
                    chosen = chosen[number - 1:number]
                after += [(parent, e) for e in chosen]
            found = after
        return found

    def read(self, text):
        """Return the XmlFragment of an instance."""
        found = self.select(part(text))
        if not found:
            raise Fault("fragment_path")
        if self.text:
            inner = "".join(to_xml(e).partition(">")[2].rpartition("</")[0]
                            for _, e in found)
        else:
            inner = "".join(to_xml(e) for _, e in found)
        return "<w:XmlFragment>%s</w:XmlFragment>" % inner

    def write(self, root, body):
        """Replace what the path selects in an instance.

        Nothing in the XmlFragment makes the value null; a property that is
        null can be given elements, and an array more of them.
        """
        wrapper = body.find(tag("w", "XmlFragment"))
        if wrapper is None:
            raise Fault("fragment_body")
        found = self.select(root)
        if not found:
            raise Fault("fragment_path")
        fresh = [copy.deepcopy(e) for e in wrapper]
        if self.text:
            if fresh or len(found) != 1:
                raise Fault("fragment_body")
            element = found[0][1]
            element.text = wrapper.text or ""
            element.attrib.pop(XSI_NIL, None)
            return
        self._check_names(fresh, found)
        self._replace(found, fresh)

    @staticmethod
    def _check_names(fresh, found):
        names = {local(e) for _, e in found}
        for element in fresh:
            if local(element) not in names:
                raise Fault("fragment_body")

    @staticmethod
    def _replace(found, fresh):
        parent, first = found[0]
        if any(p is not parent for p, _ in found):
            raise Fault("fragment_path")
        place = list(parent).index(first)
        if not fresh:
            same = [e for e in parent if local(e) == local(first)]
            if len(same) > len(found):
                for _, element in found:
                    parent.remove(element)
                return
            fresh = [ET.Element(first.tag, {XSI_NIL: "true"})]
        for _, element in found:
            parent.remove(element)
        for element in reversed(fresh):
            parent.insert(place, element)
