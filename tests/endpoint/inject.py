"""Fault injection: rules, and what they do to a reply."""

import os
import re
import threading

from faults import Fault
from soap import fault_envelope, new_uuid

# Effects that need no processed reply. "process": true runs it anyway.
REPLACING = {"close-before-reply", "status", "html", "garbage", "redirect",
             "fault", "endless-headers", "endless-100"}
# Effects on how a request is processed, and not on its reply.
WISHES = {"expire-context", "item-fault", "few-items"}
REDIRECT_CODE = 0x80338199


class RuleError(ValueError):
    """A rule that cannot be used."""


class Reply:
    """An HTTP reply and the way in which it is to be sent."""

    def __init__(self, status=200, text="", utf16=False, headers=()):
        self.status = status
        self.reason = ""
        self.text = text           # becomes the body, unless body is set
        self.utf16 = utf16
        self.body = None
        self.content_type = None
        self.headers = list(headers)
        self.close = False         # close the connection afterwards
        self.say_close = True      # and announce it
        self.nothing = False       # send no reply at all
        self.reset = False         # close by RST and not by FIN
        self.delay = 0
        self.chunked = 0
        self.cut = None            # number of bytes to send
        self.cut_body = None       # the same, counted from the body
        self.drip = None           # (bytes, milliseconds)
        self.raw = None            # sent instead of an HTTP reply
        self.endless = None        # bytes sent again and again


class Rule:
    """One rule: which requests it applies to, and its effect."""

    def __init__(self, data):
        if not isinstance(data, dict) or data.get("effect") not in EFFECTS:
            raise RuleError("unknown effect in %r" % (data,))
        self.data = data
        self.effect = data["effect"]
        self.action = str(data.get("action", "*")).lower()
        self.left_out = int(data.get("nth", 1)) - 1
        self.count = int(data.get("count", 1))

    def matches(self, action):
        """Count a request; return True if the rule applies to it."""
        if self.action != "*" and not action.lower().endswith(self.action):
            return False
        if self.left_out > 0:
            self.left_out -= 1
            return False
        if self.count == 0:
            return False
        # A negative count means for ever.
        self.count -= self.count > 0
        return True

    @property
    def replaces(self):
        """True if the request must not be processed."""
        return self.effect in REPLACING and not self.data.get("process")

    def number(self, key, default):
        """Return a numeric parameter."""
        return int(self.data.get(key, default))

    def prepare(self, request):
        """Tell the request's processing, if it is what the rule is for."""
        if self.effect in WISHES:
            request.wishes[self.effect] = self

    def fault(self):
        """Return the fault that the rule describes."""
        data = self.data
        fields = {name: data[name] for name in
                  ("code", "value", "subcode", "detail", "action_uri",
                   "status") if name in data}
        fields["action"] = fields.pop("action_uri", None)
        key = data.get("key") or (None if "code" in data
                                  else "access_denied")
        return Fault(key, data.get("text"), data.get("form"), **fields)

    def apply(self, reply, request, machine):
        """Change the reply."""
        EFFECTS[self.effect](self, reply, request, machine)


class Injector:
    """All rules in force."""

    def __init__(self, rules=()):
        self.lock = threading.Lock()
        self.rules = []
        self.add(rules)

    def add(self, rules):
        """Add rules given as JSON data (a list, or one rule)."""
        if isinstance(rules, dict):
            rules = [rules]
        try:
            added = [Rule(data) for data in rules]
        except (TypeError, ValueError) as error:
            raise RuleError(str(error))
        with self.lock:
            self.rules.extend(added)

    def clear(self):
        """Remove all rules."""
        with self.lock:
            self.rules.clear()

    def match(self, action):
        """Return the rules that apply to a request of this action."""
        with self.lock:
            return [rule for rule in self.rules if rule.matches(action)]

    def describe(self):
        """Return the rules that can still apply."""
        with self.lock:
            return [dict(rule.data, left=rule.count) for rule in self.rules
                    if rule.count]


# --- effects: function(rule, reply, request, machine) ---

def _delay(rule, reply, request, machine):
    reply.delay = rule.number("ms", 1000)


def _cut(rule, reply, request, machine):
    key = "cut_body" if rule.data.get("of") == "body" else "cut"
    setattr(reply, key, rule.number("after", 0))
    reply.reset = rule.data.get("how", "fin") == "rst"
    reply.close = True
    reply.say_close = False


def _nothing(rule, reply, request, machine):
    reply.nothing = True
    reply.close = True
    reply.reset = rule.data.get("how", "fin") == "rst"


def _bad_xml(rule, reply, request, machine):
    reply.text = reply.text.replace("</s:Body>", "</s:Boby>", 1)


def _wrong_relates_to(rule, reply, request, machine):
    reply.text = re.sub(r"<a:RelatesTo>[^<]*<",
                        "<a:RelatesTo>uuid:%s<" % new_uuid(), reply.text)


def _content_type(rule, reply, request, machine):
    reply.content_type = rule.data.get("value", "text/plain")


def _html(rule, reply, request, machine):
    reply.status = rule.number("status", 502)
    reply.reason = "Bad Gateway" if reply.status == 502 else ""
    reply.content_type = "text/html; charset=utf-8"
    reply.text = rule.data.get(
        "body", "<!DOCTYPE html><html><head><title>Proxy</title></head>"
                "<body><h1>The proxy cannot reach the server</h1></body>"
                "</html>")


def _status(rule, reply, request, machine):
    reply.status = rule.number("status", 503)
    reply.text = rule.data.get("body", "")
    reply.content_type = rule.data.get(
        "content_type", "text/plain" if reply.text else None)
    reply.headers += [(str(n), str(v)) for n, v in
                      rule.data.get("headers", {}).items()]


def _oversized(rule, reply, request, machine):
    filler = "<p:Filler>%s</p:Filler>" % ("x" * rule.number("bytes", 1 << 20))
    reply.text = reply.text.replace("</s:Header>", filler + "</s:Header>", 1)


def _header(rule, reply, request, machine):
    reply.text = reply.text.replace("</s:Header>", rule.data["xml"]
                                    + "</s:Header>", 1)


def _drip(rule, reply, request, machine):
    reply.drip = (max(1, rule.number("bytes", 1)), rule.number("ms", 10))


def _fault(rule, reply, request, machine):
    data = rule.data
    fields = {name: data[name] for name in
              ("code", "value", "subcode", "detail", "action_uri")
              if name in data}
    fields["action"] = fields.pop("action_uri", None)
    fault = Fault(data.get("key"), data.get("text"), data.get("form"),
                  **fields)
    reply.status = rule.number("status", 500)
    reply.text = fault_envelope(fault, request, machine)


def _wish(rule, reply, request, machine):
    """Done already, while the request was processed."""


def _without(rule, reply, request, machine):
    name = re.escape(str(rule.data.get("element", "EnumerationContext")))
    reply.text = re.sub(r"<(\w+:)?%s(\s[^>]*)?(/>|>.*?</(\w+:)?%s>)"
                        % (name, name), "", reply.text, count=1,
                        flags=re.S)


def _cut_items(rule, reply, request, machine):
    """Send the reply up to the end of so many items, and no further."""
    start = re.search(r"<(\w+:)?Items>", reply.text)
    position, left = (start.end() if start else 0), rule.number("after", 1)
    depth = 0
    for match in re.finditer(r"<(/?)[^<>]*?(/?)>", reply.text[position:]):
        if not left:
            break
        depth += (-1 if match.group(1) else 0 if match.group(2) else 1)
        if depth == 0:
            left -= 1
            end = position + match.end()
    else:
        end = position
    text = reply.text[:end if left == 0 else position]
    reply.cut_body = len(text.encode("utf-16-le") if reply.utf16
                         else text.encode())
    reply.close = True
    reply.say_close = False
    reply.reset = rule.data.get("how", "fin") == "rst"


def _redirect(rule, reply, request, machine):
    location = str(rule.data.get("location", ""))
    if rule.data.get("form", "http") == "http":
        reply.status = rule.number("status", 302)
        reply.text = ""
        reply.headers.append(("Location", location))
        return
    fault = Fault(None, "Redirected to %s" % location, code=REDIRECT_CODE,
                  value="s:Sender", subcode="w:InternalError")
    reply.status = 500
    reply.text = fault_envelope(fault, request, machine)


def _endless_headers(rule, reply, request, machine):
    reply.raw = b"HTTP/1.1 200 \r\n"
    reply.endless = b"X-Filler: " + b"x" * 200 + b"\r\n"
    reply.close = True


def _endless_100(rule, reply, request, machine):
    reply.raw = b""
    reply.endless = b"HTTP/1.1 100 Continue\r\n\r\n"
    reply.close = True


def _utf16(rule, reply, request, machine):
    reply.utf16 = True


def _chunked(rule, reply, request, machine):
    reply.chunked = max(1, rule.number("size", 1000))


def _close_after(rule, reply, request, machine):
    reply.close = True
    reply.say_close = bool(rule.data.get("announce", True))


def _garbage(rule, reply, request, machine):
    reply.raw = os.urandom(rule.number("bytes", 512))
    reply.close = True


EFFECTS = {
    "delay": _delay, "cut": _cut, "close-before-reply": _nothing,
    "drop-after-processing": _nothing, "bad-xml": _bad_xml,
    "wrong-relates-to": _wrong_relates_to,
    "wrong-content-type": _content_type, "html": _html, "status": _status,
    "oversized": _oversized, "header": _header, "drip": _drip,
    "fault": _fault, "redirect": _redirect,
    "endless-headers": _endless_headers,
    "endless-100": _endless_100, "utf16": _utf16, "chunked-reply": _chunked,
    "close-after-reply": _close_after, "garbage": _garbage,
    "expire-context": _wish, "item-fault": _wish, "few-items": _wish,
    "without": _without, "cut-items": _cut_items,
}
