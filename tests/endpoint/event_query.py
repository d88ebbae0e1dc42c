"""Queries for events: the part of XPath that event logs know."""

import re
import time
import xml.etree.ElementTree as ET

from cim import time_value
from faults import Fault
from xmltools import local

TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?|<=|>=|!=|[=<>()\[\]"
                   r"/,*]|@?[A-Za-z_][\w.-]*)")
SIGNS = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b,
         "<": lambda a, b: a < b, ">": lambda a, b: a > b,
         "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}


class Expression:
    """A path that selects an event or does not."""

    def __init__(self, text):
        self.tokens, position = [], 0
        text = text.strip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if not match:
                raise Fault("event_filter")
            self.tokens.append(match.group(1))
            position = match.end()
        self.place = 0
        self.path = self._path()
        if self.place != len(self.tokens):
            raise Fault("event_filter")

    def matches(self, event):
        """True if the path selects something of an event."""
        root = ET.Element("root")
        root.append(event)
        return bool(self.path(root))

    def _next(self):
        return (self.tokens[self.place] if self.place < len(self.tokens)
                else None)

    def _accept(self, *signs):
        found = self._next()
        if found in signs:
            self.place += 1
            return found
        return None

    def _expect(self, sign):
        if not self._accept(sign):
            raise Fault("event_filter")

    def _path(self):
        """Return function(element), which returns what is selected."""
        steps = [self._step()]
        while self._accept("/"):
            steps.append(self._step())

        def run(element):
            found = [element]
            for step in steps:
                found = [e for one in found
                         if not isinstance(one, str) for e in step(one)]
            return found
        return run

    def _step(self):
        name = self._next()
        if name is None or not re.match(r"^(\*|@?[A-Za-z_])", name):
            raise Fault("event_filter")
        self.place += 1
        tests = []
        while self._accept("["):
            tests.append(self._or())
            self._expect("]")
        if name.startswith("@"):
            return lambda e: [e.get(name[1:])] if e.get(name[1:]) else []

        def run(element):
            return [e for e in element if name in ("*", e.tag)
                    and all(t(e) for t in tests)]
        return run

    def _or(self):
        parts = [self._and()]
        while self._accept("or"):
            parts.append(self._and())
        return lambda e: any(p(e) for p in parts)

    def _and(self):
        parts = [self._unary()]
        while self._accept("and"):
            parts.append(self._unary())
        return lambda e: all(p(e) for p in parts)

    def _unary(self):
        if self._next() == "not" and self.tokens[self.place + 1:][:1] == [
                "("]:
            self.place += 2
            inner = self._or()
            self._expect(")")
            return lambda e: not inner(e)
        if self._accept("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self):
        left = self._operand()
        sign = self._accept(*SIGNS)
        if sign is None:
            return lambda e: bool(left(e))
        right = self._operand()
        return lambda e: any(compare(sign, a, b) for a in left(e)
                             for b in right(e))

    def _operand(self):
        token = self._next()
        if token is None:
            raise Fault("event_filter")
        if token[0] in "'\"" or token[0].isdigit():
            self.place += 1
            return lambda e: [token.strip("'\"")]
        if token == "timediff":
            self.place += 1
            self._expect("(")
            path = self._path()
            self._expect(")")
            return lambda e: [str((time.time() - (time_value(v) or 0))
                                  * 1000) for v in path(e)]
        return self._path()


def compare(sign, left, right):
    """Compare two texts, as numbers if both are."""
    left, right = [getattr(v, "text", v) or "" for v in (left, right)]
    try:
        return SIGNS[sign](float(left), float(right))
    except ValueError:
        return SIGNS[sign](left, right)


class EventQuery:
    """A QueryList."""

    def __init__(self, element):
        root = element[0] if len(element) else None
        if root is None:
            try:
                root = ET.fromstring((element.text or "").strip())
            except ET.ParseError:
                raise Fault("filter_xml")
        if local(root) != "QueryList" or not len(root):
            raise Fault("filter_xml")
        self.selects, self.suppresses = [], []
        for query in root:
            if local(query) != "Query" or not len(query):
                raise Fault("filter_xml")
            for part in query:
                self._read(query, part)
        if not self.selects:
            raise Fault("event_filter")

    def _read(self, query, part):
        lists = {"Select": self.selects, "Suppress": self.suppresses}
        chosen = lists.get(local(part))
        channel = part.get("Path") or query.get("Path")
        if chosen is None or not channel:
            raise Fault("filter_xml")
        chosen.append((channel, Expression(part.text or "")))

    def channels(self):
        """Return the channels that are asked for."""
        return {channel for channel, _ in self.selects}

    def matches(self, channel, event):
        """True if an event of a channel is wanted."""
        def any_of(parts):
            return any(c.lower() == channel.lower() and e.matches(event)
                       for c, e in parts)
        return any_of(self.selects) and not any_of(self.suppresses)
