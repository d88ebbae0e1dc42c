"""Enumerations under way: Enumerate, Pull and Release."""

import collections
import itertools
import threading
import time

from commands import Abandoned
from faults import Fault
from soap import ENUMERATION, NS, new_uuid, parse_duration, tag, text_of
from xmltools import child, local

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
MODES = ("EnumerateEPR", "EnumerateObjectAndEPR")
POLYMORPHISM = ("IncludeSubClassProperties", "ExcludeSubClassProperties",
                "None")
# Room in a reply for all that is not an item.
RESERVE = 2048
ITEM_RESERVE = 64
REMEMBERED = 1000
OPTION_SPACES = (NS["w"], NS["n"])


def enumerate_items(request, items, filters=False):
    """Answer Enumerate with what items(wanted) yields, as texts.

    It is called at once; what it returns is read as the client pulls.
    """
    wanted = Wanted(request)
    if wanted.filter is not None and not filters:
        raise Fault("no_filters")
    source = items(wanted)
    if not hasattr(source, "take"):
        source = IterSource(source)
    return request.enumerations.begin(request, wanted, source)


def positive(text, fault="schema"):
    """Read a number above zero."""
    if not text.isdigit() or int(text) < 1:
        raise Fault(fault)
    return int(text)


class Wanted:
    """What an Enumerate asks for."""

    def __init__(self, request):
        body = request.body_child("n", "Enumerate")
        if body is None:
            raise Fault("schema")
        self.optimize = body.find(tag("w", "OptimizeEnumeration")) is not None
        self.count = 1
        self.mode = None
        self.polymorphism = POLYMORPHISM[0]
        self.filter = None
        self.dialect = None
        self._read(body)

    def _read(self, body):
        elements = [e for e in body
                    if e.tag.startswith(tuple("{%s}" % s
                                              for s in OPTION_SPACES))]
        for element in elements:
            name, text = local(element), text_of(element)
            if name == "MaxElements":
                self.count = positive(text)
            elif name == "EnumerationMode":
                if text not in MODES + ("", "EnumerateObject"):
                    raise Fault("enum_mode")
                self.mode = text if text in MODES else None
            elif name == "Filter":
                if self.filter is not None:
                    raise Fault("filter")
                self.filter = element
                self.dialect = element.get("Dialect") or XPATH
            elif name == "Expires":
                raise Fault("expires" if parse_duration(text) else
                            "bad_expires")
        mode = text_of(body.find(tag("b", "PolymorphismMode")))
        if mode:
            if mode not in POLYMORPHISM:
                raise Fault("polymorphism")
            self.polymorphism = mode

    def item(self, object_xml, epr_xml):
        """Return the text of an item in the mode asked for."""
        if self.mode == "EnumerateEPR":
            return epr_xml()
        if self.mode:
            return "<w:Item>%s%s</w:Item>" % (object_xml(), epr_xml())
        return object_xml()


class IterSource:
    """Items out of an iterator, each of them perhaps after some time."""

    left = "enumeration-left"

    def __init__(self, items, delay=0):
        self.items = iter(items)
        self.delay = delay
        self.due = time.monotonic() + delay
        self.eager = not delay     # what comes next can be looked at

    def take(self, deadline, peer_gone):
        """Return the next item, or None if there is none in time."""
        if self.delay:
            now = time.monotonic()
            if self.due > deadline:
                time.sleep(max(0, deadline - now))
                return None
            time.sleep(max(0, self.due - now))
            self.due = time.monotonic() + self.delay
        return next(self.items)

    def admit(self):
        """Refuse a Pull if the source is gone: never."""

    def headers(self, items):
        """Return headers of a reply with items."""
        return []

    def close(self):
        """The enumeration is over."""


class Enumeration:
    """One enumeration under way."""

    numbers = itertools.count(1)

    def __init__(self, request, wanted, source):
        self.user = request.user
        self.uri = request.resource_uri.lower()
        self.selectors = dict(request.selectors)
        self.source = source
        self.optimize = wanted is not None and wanted.optimize
        self.context = None
        self.expires = 0
        self.busy = False
        self.held = None           # an item that is read, but not sent
        self.failed = None         # a fault to be told
        self.fault_at = None       # (number of an item, its fault)
        self.record = {"number": next(self.numbers),
                       "resource": request.resource_uri,
                       "user": request.user, "pulls": 0, "releases": 0,
                       "items": 0, "contexts": 0, "end": "open"}

    def next(self, deadline, peer_gone):
        """Return the next item or None; raises StopIteration or Fault."""
        if self.held is not None:
            item, self.held = self.held, None
            return item
        if self.failed is not None:
            raise self.failed
        if self.fault_at and self.record["items"] + 1 >= self.fault_at[0]:
            raise self.fault_at[1]
        return self.source.take(deadline, peer_gone)

    def at_end(self):
        """True if it is known that nothing follows."""
        if self.held is not None or self.failed or self.fault_at:
            return False
        if not self.source.eager:
            return False
        try:
            self.held = self.source.take(0, None)
        except StopIteration:
            return True
        except Fault as fault:
            self.failed = fault
        return False


class Limits:
    """How much a reply may hold, and how long it may take to fill it."""

    def __init__(self, request, config, count, characters=None, max_ms=None):
        self.count = min(count, config.max_batch_items)
        few = request.wishes.get("few-items")
        if few is not None:
            self.count = min(self.count, few.number("max", 0))
        self.room = request.max_envelope - RESERVE
        self.characters = characters
        ms = request.timeout_ms
        self.fault = "timed_out"
        if max_ms is not None and max_ms <= ms:
            ms, self.fault = max_ms, "pull_timed_out"
        self.deadline = time.monotonic() + ms / 1000
        self.peer_gone = request.peer_gone


class Enumerations:
    """All enumerations; the operations on them."""

    def __init__(self, config, state):
        self.config = config
        self.state = state
        self.lock = threading.RLock()
        self.open = {}             # context: Enumeration
        self.past = {}             # the same for contexts not in force
        self.records = collections.deque(maxlen=REMEMBERED)

    # --- life ---

    def reset(self):
        """Forget everything."""
        with self.lock:
            everything = list(self.open.values())
            self.open.clear()
            self.past.clear()
            self.records.clear()
        for enumeration in everything:
            enumeration.source.close()
        self._tell()

    def held_by(self, user):
        """Return how many enumerations a user has open."""
        self._sweep()
        with self.lock:
            return sum(1 for e in self.open.values()
                       if e.user == user and not e.busy)

    def _tell(self):
        self.state.enumeration_count(len(self.open))

    def _sweep(self):
        """End what nobody pulled from in time."""
        now = time.monotonic()
        with self.lock:
            over = [e for e in self.open.values()
                    if e.expires <= now and not e.busy]
            for enumeration in over:
                self.finish(enumeration, "expired")
        for enumeration in over:
            self.state.violation(enumeration.source.left,
                                 enumeration.record["resource"])

    def expire_now(self):
        """End all enumerations as if their time were over."""
        with self.lock:
            over = list(self.open.values())
            for enumeration in over:
                self.finish(enumeration, "expired")
        return len(over)

    def finish(self, enumeration, how):
        """Take an enumeration out; how tells why it ended."""
        with self.lock:
            if self.open.pop(enumeration.context, None) is None:
                return
            self.past[enumeration.context] = enumeration
            enumeration.record["end"] = how
            while len(self.past) > 20 * REMEMBERED:
                self.past.pop(next(iter(self.past)))
        enumeration.source.close()
        self._tell()

    def _new_context(self, enumeration):
        with self.lock:
            if enumeration.context is not None:
                self.open.pop(enumeration.context, None)
                self.past[enumeration.context] = enumeration
            enumeration.context = "uuid:" + new_uuid()
            enumeration.record["contexts"] += 1
            self.open[enumeration.context] = enumeration

    def _touch(self, enumeration):
        limit = getattr(enumeration.source, "idle_ms",
                        self.config.enumeration_timeout)
        enumeration.expires = time.monotonic() + limit / 1000

    def register(self, request, wanted, source):
        """Add an enumeration (or subscription) and return it."""
        enumeration = Enumeration(request, wanted, source)
        rule = request.wishes.get("item-fault")
        if rule is not None:
            enumeration.fault_at = (rule.number("item", 1), rule.fault())
        self._new_context(enumeration)
        self._touch(enumeration)
        with self.lock:
            self.records.append(enumeration.record)
        self._tell()
        return enumeration

    # --- operations ---

    def begin(self, request, wanted, source):
        """Return the body of an EnumerateResponse."""
        enumeration = self.register(request, wanted, source)
        if not wanted.optimize or self.config.no_optimize:
            return ("<n:EnumerateResponse>%s</n:EnumerateResponse>"
                    % self._context_xml(enumeration))
        limits = Limits(request, self.config, wanted.count)
        enumeration.busy = True
        items, ended = self._guarded(enumeration, limits, True)
        context = ("<n:EnumerationContext/>" if ended
                   else self._context_xml(enumeration))
        return ("<n:EnumerateResponse>%s<w:Items>%s</w:Items>%s"
                "</n:EnumerateResponse>"
                % (context, "".join(items),
                   "<w:EndOfSequence/>" if ended else ""))

    @staticmethod
    def _context_xml(enumeration):
        return ("<n:EnumerationContext>%s</n:EnumerationContext>"
                % enumeration.context)

    def _guarded(self, enumeration, limits, first=False):
        """Fill a reply; what fails ends the enumeration."""
        try:
            items, ended = self._batch(enumeration, limits, first)
        except Fault as fault:
            enumeration.busy = False
            if fault.key not in ("pull_timed_out", "timed_out",
                                 "envelope_exceeded"):
                self.finish(enumeration, "failed")
            elif first:
                self.finish(enumeration, "failed")
            raise
        except Abandoned:
            enumeration.busy = False
            raise
        except BaseException:
            enumeration.busy = False
            self.finish(enumeration, "failed")
            raise
        enumeration.busy = False
        enumeration.record["items"] += len(items)
        if ended:
            self.finish(enumeration, "complete")
        return items, ended

    def _batch(self, enumeration, limits, first):
        """Return (items, True if it was the end)."""
        items, room = [], limits.room
        characters = limits.characters
        while len(items) < limits.count:
            deadline = 0 if items and not isinstance(
                enumeration.source, IterSource) else limits.deadline
            try:
                item = self._next(enumeration, items, deadline, limits)
            except StopIteration:
                return items, True
            if item is None:
                break
            size = len(item.encode()) + ITEM_RESERVE
            if size > room or (characters is not None
                               and len(item) > characters):
                enumeration.held = item
                if not items:
                    raise Fault("envelope_exceeded")
                return items, False
            items.append(item)
            room -= size
            if characters is not None:
                characters -= len(item)
            if time.monotonic() > limits.deadline:
                return items, False
        if not items and limits.count and not first:
            raise Fault(limits.fault)
        return items, (len(items) > 0 and not self.config.late_end
                       and enumeration.at_end())

    @staticmethod
    def _next(enumeration, items, deadline, limits):
        """The next item; a fault waits until the items before are sent."""
        before = enumeration.record["items"]
        enumeration.record["items"] += len(items)
        try:
            return enumeration.next(deadline, limits.peer_gone)
        except Fault as fault:
            if not items:
                raise
            enumeration.failed = fault
            return None
        finally:
            enumeration.record["items"] = before

    def _find(self, request, body, name):
        """Return the enumeration of a request; count the request."""
        if body is None:
            raise Fault("schema")
        context = text_of(child(body, "EnumerationContext"))
        if not context:
            raise Fault("schema")
        self._sweep()
        with self.lock:
            found = self.open.get(context)
            past = found or self.past.get(context)
            if past is not None and past.user == request.user:
                past.record[name] += 1
            if found is None or found.user != request.user:
                self._blame(past, name)
                raise self._gone_fault(past)
            if "expire-context" in request.wishes:
                self.finish(found, "expired")
                raise Fault("context")
            if found.uri != request.resource_uri.lower() or (
                    found.selectors != request.selectors):
                self.state.violation("pull-for-other-resource", found.uri)
                raise Fault("pull_other")
            if found.busy:
                self.state.violation("concurrent-pull", found.uri)
                raise Fault("pull_busy")
            found.busy = True
            return found

    def _blame(self, past, name):
        """Note what a client must not do with an old context."""
        word = {"pulls": "pull", "releases": "release"}[name]
        if past is None:
            self.state.violation(word + "-unknown-context", "")
        elif past.record["end"] == "open":
            self.state.violation(word + "-old-context",
                                 past.record["resource"])
        elif past.record["end"] in ("complete", "released",
                                    "unsubscribed"):
            self.state.violation(word + "-after-end",
                                 past.record["resource"])

    @staticmethod
    def _gone_fault(past):
        """Return the fault for a context that is not in force."""
        told = getattr(past and past.source, "gone_fault", None)
        return told() if told else Fault("context")

    def pull(self, request, uri):
        """Return the body of a PullResponse."""
        body = request.body_child("n", "Pull")
        enumeration = self._find(request, body, "pulls")
        try:
            enumeration.source.admit()
            limits = self._pull_limits(request, body)
        except Fault as fault:
            enumeration.busy = False
            if fault.key != "schema":
                self.finish(enumeration, "failed")
            raise
        try:
            items, ended = self._guarded(enumeration, limits)
        finally:
            self._touch(enumeration)
        context = ""
        if not ended:
            if not self.config.keep_context:
                self._new_context(enumeration)
            context = self._context_xml(enumeration)
        request.reply_headers += enumeration.source.headers(items)
        return ("<n:PullResponse>%s<n:Items>%s</n:Items>%s</n:PullResponse>"
                % (context, "".join(items),
                   "<n:EndOfSequence/>" if ended else ""))

    def _pull_limits(self, request, body):
        count, characters, max_ms = 1, None, None
        text = text_of(child(body, "MaxElements"))
        if text:
            count = positive(text)
        text = text_of(child(body, "MaxCharacters"))
        if text:
            characters = positive(text)
        text = text_of(child(body, "MaxTime"))
        if text:
            max_ms = parse_duration(text)
            if max_ms is None:
                raise Fault("schema")
        return Limits(request, self.config, count, characters, max_ms)

    def release(self, request, uri):
        """End an enumeration."""
        enumeration = self._find(request, request.body_child("n", "Release"),
                                 "releases")
        enumeration.busy = False
        self.finish(enumeration, "released")
        return ""

    def operation(self, request):
        """Return the function for an action on contexts, or None."""
        return {ENUMERATION + "Pull": self.pull,
                ENUMERATION + "Release": self.release}.get(request.action)

    def describe(self):
        """Return what /_control/state shows."""
        with self.lock:
            return [dict(record) for record in self.records]
