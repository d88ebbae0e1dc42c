"""From a request envelope to a reply envelope: checks and dispatch."""

import threading

import config_tree
from cim_resource import CimResource, fragment_of
from config_tree import Configuration
from enumeration import Enumerations
from eventing import EVENT_LOG, EventLog
from faults import Fault
from lasting import SHELL_LASTING
from listeners import LISTENER, MAPPING, Listeners, Mappings
from plugins import PLUGIN, Plugins
from shell_list import SHELL_COMMAND, CommandList, ShellResource
from soap import (ANONYMOUS, ENUMERATION, KNOWN_HEADERS, NS, SHELL,
                  SHELL_CMD, TRANSFER, parse_bool, parse_duration, reply,
                  tag, text_of)

MIN_ENVELOPE = 8192
MIN_TIMEOUT_MS = 500
MAX_MESSAGE_ID = 2048
KNOWN_OPTIONS = {
    "Create": {"winrs_noprofile", "winrs_codepage"},
    "Command": {"winrs_consolemode_stdin", "winrs_skip_cmd_shell"},
    "Receive": {"wsman_cmdshell_option_keepalive"},
    "Subscribe": {"contentformat", "readexistingevents", "cdata",
                  "ignorechannelerror"},
}
# What goes on with an enumeration that is open already.
CONTINUED = {ENUMERATION + name for name in ("Pull", "Release")}
# What can be done with a fragment.
PARTIAL = {TRANSFER + name for name in ("Get", "Put")}
MAX_REMEMBERED_IDS = 100000


def check_headers(request):
    """Refuse headers that are unknown, missing or not acceptable."""
    if request.header is None:
        raise Fault("header_required")
    understand = "{%s}mustUnderstand" % NS["s"]
    for element in request.header:
        if not parse_bool(element.get(understand)):
            continue
        if element.tag == tag("w", "Locale"):
            raise Fault("locale")
        if element.tag == tag("p", "DataLocale"):
            raise Fault("data_locale")
        if element.tag not in KNOWN_HEADERS:
            raise Fault("must_understand")
    check_addressing(request)


def check_addressing(request):
    """Check Action, To, MessageID, ReplyTo and FaultTo."""
    reply_to = request.header_element("a", "ReplyTo")
    if (not request.action or not request.to or request.message_id is None
            or reply_to is None):
        raise Fault("header_required")
    if not 0 < len(request.message_id) <= MAX_MESSAGE_ID:
        raise Fault("header_invalid")
    for element in (reply_to, request.header_element("a", "FaultTo")):
        if element is not None and text_of(
                element.find(tag("a", "Address"))) != ANONYMOUS:
            raise Fault("reply_to")


class Service:
    """The WS-Management service behind the HTTP listeners."""

    def __init__(self, config, state, shells):
        self.config = config
        self.state = state
        self.shells = shells
        self.lock = threading.Lock()
        self.seen = {}
        self.operations = {}
        self.enumerations = Enumerations(config, state)
        self.configuration = Configuration(config)
        self.listeners = Listeners(config)
        self.mappings = Mappings(config)
        self.classes = CimResource(config)
        self.plugins = Plugins()
        self.events = EventLog(config, self.enumerations)
        shell = ShellResource(shells)
        # Resource URI in lower case: what serves it
        self.resources = {
            LISTENER.lower(): self.listeners, MAPPING.lower(): self.mappings,
            PLUGIN: self.plugins, EVENT_LOG.lower(): self.events,
            SHELL.lower(): shell, SHELL_CMD.lower(): shell,
            SHELL_LASTING.lower(): shell,
            SHELL_COMMAND.lower(): CommandList(shells)}
        self.resources.update(dict.fromkeys(
            (uri.lower() for uri in config_tree.URIS), self.configuration))

    def reset(self):
        """Forget all message ids; be as at the start."""
        with self.lock:
            self.seen.clear()
        self.enumerations.reset()
        for part in (self.configuration, self.listeners, self.mappings,
                     self.classes, self.plugins, self.events):
            part.reset()

    def handle(self, request, chunked):
        """Return the text of the reply; raises Fault."""
        check_headers(request)
        self._read_limits(request)
        self._read_selectors(request)
        self._read_options(request)
        self._check_message_id(request)
        request.enumerations = self.enumerations
        request.fragment = fragment_of(request)
        uri = (request.resource_uri or "").lower().rstrip("/")
        resource = self._resource(uri)
        if request.fragment is not None and not (
                resource.takes_fragments and request.action in PARTIAL):
            raise Fault("fragment")
        if chunked and isinstance(resource, ShellResource):
            raise Fault("chunked")
        if request.comply and not isinstance(resource, CimResource):
            raise Fault("options")
        run = (self.enumerations.operation(request)
               or resource.operation(request, uri))
        with self._operation(request):
            return reply(request, run(request, uri))

    def _resource(self, uri):
        found = self.resources.get(uri)
        if found is None and self.classes.serves(uri):
            return self.classes
        if found is None:
            raise Fault("resource_uri")
        return found

    def _read_limits(self, request):
        size = request.header_text("w", "MaxEnvelopeSize")
        limit = self.config.max_envelope_kb * 1024
        if size is not None:
            if not size.isdigit():
                raise Fault("envelope_value")
            if int(size) < MIN_ENVELOPE:
                raise Fault("min_envelope")
            request.max_envelope = int(size)
        request.max_envelope = min(request.max_envelope, limit)
        if request.utf16:
            request.max_envelope //= 2
        timeout = request.header_text("w", "OperationTimeout")
        ms = self.config.operation_timeout_max
        if timeout is not None:
            ms = parse_duration(timeout)
            if ms is None:
                raise Fault("bad_timeout")
            if ms < MIN_TIMEOUT_MS:
                raise Fault("short_timeout")
        # MaxTimeoutms is for all but Pull.
        request.timeout_ms = ms
        if request.action != ENUMERATION + "Pull":
            request.timeout_ms = min(ms, self.config.operation_timeout_max)

    @staticmethod
    def _read_selectors(request):
        holder = request.header_element("w", "SelectorSet")
        for element in () if holder is None else holder:
            name = (element.get("Name") or "").lower()
            if element.tag != tag("w", "Selector") or not name:
                raise Fault("invalid_selectors")
            if name in request.selectors:
                raise Fault("duplicate_selectors")
            request.selectors[name] = text_of(element)
            if len(element):
                request.selector_eprs[name] = element

    @staticmethod
    def _read_options(request):
        holder = request.header_element("w", "OptionSet")
        known = KNOWN_OPTIONS.get(request.short_action, set())
        request.comply = set()     # names of unknown ones that must comply
        for element in () if holder is None else holder:
            name = (element.get("Name") or "").lower()
            if element.tag != tag("w", "Option") or not name:
                raise Fault("option_value")
            if name not in known and parse_bool(element.get("MustComply")):
                request.comply.add(name)
            request.options[name] = text_of(element)

    def _check_message_id(self, request):
        """Refuse a repeated message, except for a repeated Receive."""
        action = request.short_action
        with self.lock:
            before = self.seen.get(request.message_id)
            if before is None:
                if len(self.seen) >= MAX_REMEMBERED_IDS:
                    self.seen.pop(next(iter(self.seen)))
                self.seen[request.message_id] = action
                return
        if before != "Receive" or action != "Receive":
            self.state.violation("duplicate-message-id", action)
            raise Fault("header_invalid", "The MessageID was used before.")

    def _operation(self, request):
        return OperationCount(self, request.user,
                              request.action in CONTINUED)


class OperationCount:
    """Counts a user's operations under way and enforces the quota.

    Open enumerations count as well, but what goes on with one does not.
    """

    def __init__(self, service, user, continued):
        self.service = service
        self.user = user
        self.continued = continued

    def __enter__(self):
        service = self.service
        held = service.enumerations.held_by(self.user)
        with service.lock:
            running = service.operations.get(self.user, 0)
            if (not self.continued and running + held
                    >= service.config.max_operations_per_user):
                raise Fault("max_operations")
            service.operations[self.user] = running + 1

    def __exit__(self, *_):
        with self.service.lock:
            self.service.operations[self.user] -= 1
