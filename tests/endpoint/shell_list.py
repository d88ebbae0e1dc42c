"""Shells as a resource, and lists of shells and of their commands."""



from cim_resource import SELECTOR
from enumeration import enumerate_items
from faults import Fault
from lasting import SHELL_LASTING
from soap import (ENUMERATION, SHELL, SHELL_CMD, TRANSFER, tag, text_of,
                  xml_text)
from xmltools import epr

SHELL_COMMAND = SHELL + "/Command"
ON_SHELLS = {TRANSFER + name for name in ("Delete", "Get")} | {
    SHELL + "/" + name for name in ("Command", "Send", "Receive", "Signal",
                                    "Disconnect", "Reconnect", "Connect")}
FILTERS = {"shellid": "id", "owner": "owner", "name": "name",
           "clientip": "client_ip", "resourceuri": "resource"}


def selectors_of(wanted):
    """Return what a selector filter asks for, names in lower case."""
    if wanted.dialect != SELECTOR:
        raise Fault("dialect")
    holder = wanted.filter.find(tag("w", "SelectorSet"))
    if holder is None or not len(holder):
        raise Fault("filter_xml")
    found = {}
    for element in holder:
        name = (element.get("Name") or "").lower()
        if element.tag != tag("w", "Selector") or name in found:
            raise Fault("filter_xml")
        found[name] = text_of(element)
    return found


class ShellResource:
    """The URIs of shells, for all kinds of them and for each kind."""

    takes_fragments = False

    def __init__(self, shells):
        self.shells = shells

    def operation(self, request, uri):
        """Return the function that answers a request."""
        if request.action == ENUMERATION + "Enumerate":
            return self._enumerate
        if request.action == TRANSFER + "Create" and uri != SHELL.lower():
            return lambda r, u: self.shells.create(r)
        if request.action not in ON_SHELLS or (
                uri == SHELL.lower() and request.action.startswith(SHELL)):
            raise Fault("action")
        return lambda r, u: self.shells.handle(r)

    def _enumerate(self, request, uri):
        return enumerate_items(request,
                               lambda wanted: self._items(request, uri,
                                                          wanted),
                               filters=uri == SHELL.lower())

    def _items(self, request, uri, wanted):
        tests = {}
        if wanted.filter is not None:
            tests = selectors_of(wanted)
            if set(tests) - set(FILTERS):
                raise Fault("filter")
        kind = {SHELL_CMD.lower(): SHELL_CMD,
                SHELL_LASTING.lower(): SHELL_LASTING}.get(uri)
        return (wanted.item(lambda s=shell: s.xml(True),
                            lambda s=shell: epr(
                                request.url, s.resource,
                                [("ShellId", s.id)]))
                for shell in self.shells.all_of(request.user)
                if kind in (None, shell.resource)
                and all(self._same(getattr(shell, FILTERS[n]), v)
                        for n, v in tests.items()))

    @staticmethod
    def _same(value, wanted):
        """Compare; an owner may be given with or without its domain."""
        return wanted.lower() in (value.lower(),
                                  value.lower().rpartition("\\")[2])


class CommandList:
    """The commands of a shell."""

    takes_fragments = False

    def __init__(self, shells):
        self.shells = shells

    def operation(self, request, uri):
        """Return the function that answers a request."""
        if request.action != ENUMERATION + "Enumerate":
            raise Fault("action")
        return lambda r, u: enumerate_items(
            r, lambda wanted: self._items(r, wanted), filters=True)

    def _items(self, request, wanted):
        if wanted.filter is None:
            raise Fault("commands_filter")
        tests = selectors_of(wanted)
        if set(tests) != {"shellid"}:
            raise Fault("commands_filter")
        if wanted.mode is not None:
            raise Fault("commands_eprs")
        for shell in self.shells.all_of(request.user):
            if shell.id.lower() == tests["shellid"].lower():
                with shell.lock:
                    commands = list(shell.commands.values())
                return (self._xml(shell, c) for c in commands)
        raise Fault("shell_gone")

    @staticmethod
    def _xml(shell, command):
        state = command.state()
        done = state.get("exit_code") is not None
        code = ("<rsp:ExitCode>%d</rsp:ExitCode>" % state["exit_code"]
                if done else "")
        return ('<rsp:Command xmlns:rsp="%s"><rsp:CommandId>%s'
                "</rsp:CommandId><rsp:ShellId>%s</rsp:ShellId>"
                "<rsp:CommandLine>%s</rsp:CommandLine>"
                "<rsp:State>%s/CommandState/%s</rsp:State>%s</rsp:Command>"
                % (SHELL, command.id, shell.id, xml_text(command.line),
                   SHELL, "Done" if done else "Running", code))


