"""Shells that outlive a connection: disconnected, reconnected, connected."""

from faults import Fault
from shell import Shell
from soap import (SHELL, parse_duration, tag, text_of)

# A kind of shell of this service's own: commands as in cmd's.
SHELL_LASTING = "urn:libwsman-client:shell:lasting"
MODES = ("Block", "Drop")
# Allowed on a disconnected shell.
ALWAYS = ("Disconnect", "Reconnect", "Connect", "Delete", "Get")
# Allowed for a client to which the shell is not connected.
ANYBODY = ("Connect", "Reconnect", "Delete", "Get")


class LastingShell(Shell):
    """A shell that a client can leave and take up again."""

    resource = SHELL_LASTING

    def __init__(self, shell_id, request, chosen):
        super().__init__(shell_id, request)
        self.chosen = chosen             # the id was the client's choice
        self.session = session_of(request)
        self.connected = True
        self.mode = "Block"
        self.waiting = set()             # commands not yet taken up again

    def about_state(self):
        """Return what Get tells on top."""
        with self.lock:
            return ("<rsp:BufferMode>%s</rsp:BufferMode><rsp:State>%s"
                    "</rsp:State>" % (self.mode, "Connected" if self.connected
                                      else "Disconnected"))

    def admit(self, request, state):
        """Refuse what the shell does not take in its state."""
        action = request.short_action
        with self.lock:
            mine = self.session == session_of(request)
            if not self.connected and action not in ALWAYS:
                # A Receive may have been on its way.
                if mine and action != "Receive":
                    state.violation("request-while-disconnected", action)
                raise Fault("disconnected")
            if not mine and action not in ANYBODY:
                raise Fault("other_client")

    def disconnect(self, request, config):
        """Leave the shell: Receives end with what there is."""
        element = request.body_child("rsp", "Disconnect")
        if element is None:
            raise Fault("schema")
        if not self.chosen:
            raise Fault("no_disconnect")
        idle = self.idle_ms
        text = text_of(element.find(tag("rsp", "IdleTimeOut")))
        if text:
            idle = parse_duration(text)
            if idle is None:
                raise Fault("schema")
            if not (config.min_idle_timeout <= idle
                    <= config.max_idle_timeout):
                raise Fault("idle_timeout")
        with self.lock:
            if not self.connected:
                raise Fault("was_disconnected")
            self._read_mode(element)
            self.idle_ms = idle
        self.leave()
        return "<rsp:DisconnectResponse/>"

    def leave(self):
        """Be disconnected, asked by the client or not."""
        with self.lock:
            self.connected = False
            commands = list(self.commands.values())
            self.waiting = {c.id.upper() for c in commands}
        for command in commands:
            command.leave(self.mode == "Drop")

    def _read_mode(self, element):
        mode = text_of(element.find(tag("rsp", "BufferMode")))
        if mode and mode not in MODES:
            raise Fault("schema")
        self.mode = mode or self.mode

    def reconnect(self, request):
        """Take up the shell, or one command of it: the same client."""
        element = request.body_child("rsp", "Reconnect")
        ident = element.get("CommandId") if element is not None else None
        if self.session != session_of(request):
            raise Fault("other_session")
        if ident is not None:
            self._take_up(ident)
            return "<rsp:ReconnectResponse/>"
        with self.lock:
            if self.connected:
                raise Fault("not_disconnected")
            if element is not None:
                self._read_mode(element)
            self._back()
        return "<rsp:ReconnectResponse/>"

    def connect(self, request):
        """Take up the shell, or one command of it: any client."""
        element = request.body_child("rsp", "Connect")
        if element is None:
            raise Fault("schema")
        if element.get("CommandId") is not None:
            if self.session != session_of(request):
                raise Fault("other_client")
            self._take_up(element.get("CommandId"))
            return "<rsp:ConnectResponse/>"
        with self.lock:
            if self.connected:
                raise Fault("other_client")
            self._read_mode(element)
            self.session = session_of(request)
            self._back()
        return ("<rsp:ConnectResponse><rsp:InputStreams>%s</rsp:InputStreams>"
                "<rsp:OutputStreams>%s</rsp:OutputStreams>"
                "</rsp:ConnectResponse>" % (" ".join(self.inputs),
                                            " ".join(self.outputs)))

    def _back(self):
        """Needs the lock."""
        self.connected = True
        for command in self.commands.values():
            command.back()

    def _take_up(self, ident):
        command = self.command(ident)
        with self.lock:
            if not self.connected:
                raise Fault("disconnected")
            if command.id.upper() not in self.waiting:
                raise Fault("command_connected")
            self.waiting.discard(command.id.upper())

    def describe(self):
        """Return what /_control/state shows on top."""
        with self.lock:
            return {"connected": self.connected, "session": self.session,
                    "buffer_mode": self.mode, "waiting": sorted(self.waiting)}


def session_of(request):
    """Return the client session of a request, or an empty text."""
    return (request.header_text("p", "SessionId") or "").upper()
