"""Subscriptions to events, pulled by their clients."""

import re
import threading
import time
import xml.etree.ElementTree as ET

from cim import iso_time, time_value
from commands import Abandoned
from event_query import EventQuery
from faults import Fault
from soap import (EVENTING, format_duration, new_uuid, parse_bool,
                  parse_duration, tag, text_of, xml_attr, xml_text)
from xmltools import local

EVENT_LOG = "http://schemas.microsoft.com/wbem/wsman/1/windows/EventLog"
PULL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull"
EVENT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Event"
HEARTBEAT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Heartbeat"
EARLIEST = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest"
DIALECT = "http://schemas.microsoft.com/win/2004/08/events/eventquery"
EVENT_NS = "http://schemas.microsoft.com/win/2004/08/events/event"
CHANNELS = ("Application", "System", "Security", "Setup")
LEVELS = {0: "Information", 1: "Critical", 2: "Error", 3: "Warning",
          4: "Information", 5: "Verbose"}
FOREVER_MS = 31536000000
SLICE = 0.5


class Event:
    """One event of a channel."""

    def __init__(self, number, data):
        get = data.get
        self.number = number
        self.channel = str(get("channel", "Application"))
        self.level = int(get("level", 4))
        self.id = int(get("event_id", 1000))
        self.provider = str(get("provider", "endpoint"))
        self.message = str(get("message", "Event %d" % number))
        self.data = dict(get("data", {}))
        self.time = iso_time(get("time", time.time()))
        self.element = ET.fromstring(self.xml(False, False))

    def xml(self, rendered, named=True):
        """Return the event; without a namespace to be tested."""
        data = "".join("<Data Name=%s>%s</Data>"
                       % (xml_attr(n), xml_text(v))
                       for n, v in self.data.items())
        text = ""
        if rendered:
            text = ('<RenderingInfo Culture="en-US"><Message>%s</Message>'
                    "<Level>%s</Level><Channel>%s</Channel></RenderingInfo>"
                    % (xml_text(self.message),
                       LEVELS.get(self.level, ""), xml_text(self.channel)))
        return ("<Event%s><System><Provider Name=%s/><EventID>%d</EventID>"
                "<Version>0</Version><Level>%d</Level><Task>0</Task>"
                "<Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>"
                "<TimeCreated SystemTime=%s/><EventRecordID>%d"
                "</EventRecordID><Channel>%s</Channel><Computer>%s"
                "</Computer></System><EventData>%s</EventData>%s</Event>"
                % (' xmlns="%s"' % EVENT_NS if named else "",
                   xml_attr(self.provider), self.id, self.level,
                   xml_attr(self.time), self.number,
                   xml_text(self.channel), "endpoint", data, text))


class Delivered(str):
    """The text of an item, with what was read up to there."""

    place = None


class Subscription:
    """One subscription: the source of its Pulls."""

    eager = False
    left = "subscription-left"

    def __init__(self, log, query):
        self.log = log
        self.query = query
        self.ident = "uuid:" + new_uuid()
        self.heartbeats = None     # ms
        self.idle_ms = FOREVER_MS
        self.end = None            # monotonic time of Expires
        self.rendered = True
        self.cdata = False
        self.bookmarks = False
        self.position = {}         # channel: the last record read
        self.read_to = 0           # index into the log
        self.sent = {}             # position at the end of the last reply
        self.silent_since = time.monotonic()
        self.lost = None
        self.closed = False

    def admit(self):
        """Refuse a Pull if the subscription is over."""
        if self.lost is not None:
            raise self.lost
        if self.end is not None and time.monotonic() > self.end:
            raise Fault("context")

    def gone_fault(self):
        """Return the fault for a Pull after the end."""
        if self.lost is not None:
            return self.lost
        return Fault("no_heartbeat" if self.heartbeats else "context")

    def take(self, deadline, peer_gone):
        """Return the next event, or a heartbeat, or None."""
        with self.log.cond:
            while True:
                self.admit()
                if self.closed:
                    raise Fault("subscription_closed")
                event = self._read()
                if event is not None:
                    self.silent_since = time.monotonic()
                    return self._item(event)
                now = time.monotonic()
                due = float("inf")
                if self.heartbeats:
                    due = self.silent_since + self.heartbeats / 1000
                if now >= due and deadline:
                    self.silent_since = now
                    return self._text('<w:Event Action="%s"/>' % HEARTBEAT)
                if now >= deadline:
                    return None
                if peer_gone():
                    raise Abandoned()
                self.log.cond.wait(min(SLICE, deadline - now,
                                       max(0.01, due - now)))

    def _read(self):
        events = self.log.events
        while self.read_to < len(events):
            event = events[self.read_to]
            self.read_to += 1
            if event.number <= self.position.get(event.channel.lower(), 0):
                continue
            if self.query.matches(event.channel, event.element):
                self.position[event.channel.lower()] = event.number
                return event
        return None

    def _item(self, event):
        inner = event.xml(self.rendered)
        if self.cdata:
            inner = "<![CDATA[%s]]>" % inner.replace("]]>", "]]&gt;")
        return self._text('<w:Event Action="%s">%s</w:Event>'
                          % (EVENT, inner))

    def _text(self, text):
        item = Delivered(text)
        item.place = dict(self.position)
        return item

    def headers(self, items):
        """Return the bookmark that stands in the reply's header."""
        if items:
            self.sent = items[-1].place
        if not self.bookmarks:
            return []
        return ["<w:Bookmark>%s</w:Bookmark>" % self.bookmark_xml()]

    def bookmark_xml(self):
        """Return the place up to which events were sent."""
        inner = "".join('<Bookmark Channel=%s RecordId="%d" IsCurrent="true"'
                        "/>" % (xml_attr(self.log.spelled(c)), n)
                        for c, n in sorted(self.sent.items()))
        return "<BookmarkList>%s</BookmarkList>" % inner

    def close(self):
        """The subscription is over; a Pull that waits ends."""
        self.log.forget(self)


class EventLog:
    """The log, and the resource of its URI."""

    takes_fragments = False

    def __init__(self, config, enumerations):
        self.config = config
        self.enumerations = enumerations
        self.cond = threading.Condition()
        self.events = []
        self.numbers = {}          # channel: its last record
        self.open = {}             # ident: enumeration
        self.reset()

    def reset(self):
        """Go back to the first events."""
        with self.cond:
            self.events = []
            self.numbers = {}
            self.open = {}
        self.add({"channel": "System", "level": 4, "event_id": 6005,
                  "provider": "EventLog", "message": "Started."})
        self.add({"channel": "System", "level": 2, "event_id": 7000,
                  "provider": "Service Control Manager",
                  "message": "A service did not start.",
                  "data": {"param1": "Themes"}})
        self.add({"channel": "Application", "level": 3, "event_id": 1530})

    def add(self, data):
        """Add events; return how many."""
        count = int(data.get("count", 1))
        with self.cond:
            for _ in range(count):
                channel = str(data.get("channel", "Application")).lower()
                number = self.numbers.get(channel, 0) + 1
                self.events.append(Event(number, data))
                self.numbers[channel] = number
            self.cond.notify_all()
        return count

    def spelled(self, channel):
        """Return the name of a channel as the log has it."""
        return next((e.channel for e in self.events
                     if e.channel.lower() == channel), channel)

    def knows(self, channel):
        """True if there is a channel of this name."""
        return channel.lower() in [c.lower() for c in CHANNELS] or (
            channel.lower() in self.numbers)

    def lose(self, code):
        """End all subscriptions, as a source does; return how many."""
        fault = Fault("subscription_closed")
        fault.code = code or fault.code
        with self.cond:
            lost = list(self.open.values())
            for enumeration in lost:
                enumeration.source.lost = fault
            self.cond.notify_all()
        return len(lost)

    def forget(self, subscription):
        """Take a subscription out."""
        with self.cond:
            self.open.pop(subscription.ident, None)
            subscription.closed = True
            self.cond.notify_all()

    # --- operations ---

    def operation(self, request, uri):
        """Return the function that answers a request."""
        run = {EVENTING + "Subscribe": self._subscribe,
               EVENTING + "Unsubscribe": self._unsubscribe,
               EVENTING + "Renew": self._renew}.get(request.action)
        if run is None:
            raise Fault("action")
        return run

    def _renew(self, request, uri):
        raise Fault("event_renew")

    def _unsubscribe(self, request, uri):
        ident = text_of(request.header_element("e", "Identifier"))
        with self.cond:
            found = self.open.get(ident)
        if request.body_child("e", "Unsubscribe") is None or found is None:
            raise Fault("event_message")
        found.record["releases"] += 1
        self.enumerations.finish(found, "unsubscribed")
        return ""

    def _subscribe(self, request, uri):
        if request.selectors:
            raise Fault("extra_selectors")
        body = request.body_child("e", "Subscribe")
        if body is None:
            raise Fault("schema")
        subscription = Subscription(self, self._query(body, request))
        self._delivery(body, subscription)
        self._options(request, subscription)
        expires = self._expires(body, subscription)
        subscription.bookmarks = body.find(
            tag("w", "SendBookmarks")) is not None
        self._start(body, request, subscription)
        enumeration = self.enumerations.register(request, None, subscription)
        with self.cond:
            self.open[subscription.ident] = enumeration
        bookmark = ""
        if subscription.bookmarks:
            bookmark = "<w:Bookmark>%s</w:Bookmark>" % (
                subscription.bookmark_xml())
        return ("<e:SubscribeResponse><e:SubscriptionManager><a:Address>%s"
                "</a:Address><a:ReferenceParameters><w:ResourceURI>%s"
                "</w:ResourceURI><e:Identifier>%s</e:Identifier>"
                "</a:ReferenceParameters></e:SubscriptionManager><e:Expires>"
                "%s</e:Expires><n:EnumerationContext>%s"
                "</n:EnumerationContext>%s</e:SubscribeResponse>"
                % (xml_text(request.url), EVENT_LOG, subscription.ident,
                   expires, enumeration.context, bookmark))

    def _query(self, body, request):
        element = body.find(tag("w", "Filter"))
        if element is None:
            element = body.find(tag("e", "Filter"))
        if element is None:
            raise Fault("filter_needed")
        if element.get("Dialect") != DIALECT:
            raise Fault("event_filter")
        query = EventQuery(element)
        if "ignorechannelerror" not in request.options and not all(
                self.knows(c) for c in query.channels()):
            raise Fault("event_source")
        return query

    @staticmethod
    def _delivery(body, subscription):
        delivery = body.find(tag("e", "Delivery"))
        if delivery is None:
            raise Fault("event_message")
        if delivery.get("Mode") != PULL:
            raise Fault("delivery_mode")
        element = delivery.find(tag("w", "Heartbeats"))
        if element is not None:
            ms = parse_duration(text_of(element))
            if not ms:
                raise Fault("heartbeats")
            subscription.heartbeats = subscription.idle_ms = ms

    @staticmethod
    def _options(request, subscription):
        form = request.options.get("contentformat", "RenderedText").lower()
        if form not in ("renderedtext", "raw", "events"):
            raise Fault("option_value")
        subscription.rendered = form == "renderedtext"
        subscription.cdata = "cdata" in request.options

    @staticmethod
    def _expires(body, subscription):
        element = body.find(tag("e", "Expires"))
        if element is None:
            return format_duration(FOREVER_MS)
        text = text_of(element)
        ms = parse_duration(text)
        if ms is None and re.match(r"^\d{4}-\d\d-\d\dT", text):
            moment = time_value(text)
            ms = moment and (moment - time.time()) * 1000
        if not ms or ms < 0:
            raise Fault("event_expires")
        subscription.end = time.monotonic() + ms / 1000
        return xml_text(text)

    def _start(self, body, request, subscription):
        """Set where a subscription begins."""
        with self.cond:
            now = dict(self.numbers)
        existing = parse_bool(request.options.get("readexistingevents"))
        subscription.position = {} if existing else now
        element = body.find(tag("w", "Bookmark"))
        if element is not None:
            subscription.position = self._bookmark(element, now)
        subscription.sent = dict(subscription.position)

    @staticmethod
    def _bookmark(element, now):
        if text_of(element) == EARLIEST:
            return {}
        holder = element[0] if len(element) == 1 else None
        if holder is None or local(holder) != "BookmarkList":
            raise Fault("bookmark")
        found = {}
        for mark in holder:
            channel = (mark.get("Channel") or "").lower()
            number = mark.get("RecordId") or ""
            if local(mark) != "Bookmark" or not number.isdigit() or (
                    int(number) > now.get(channel, 0)):
                raise Fault("bookmark")
            found[channel] = int(number)
        return found
