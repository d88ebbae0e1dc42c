"""The shells of the service and the operations on them."""

import base64
import binascii
import os
import signal
import threading
import time

import processes
from cmdline import code_page_codec, direct_argv, shell_line
from commands import Command, ENVELOPE_RESERVE
from faults import Fault
from lasting import SHELL_LASTING, LastingShell
from shell import Shell
from soap import (GUID, SHELL, SHELL_CMD, new_uuid, parse_bool,
                  parse_duration, tag, text_of, xml_text)

SIGNAL = SHELL + "/signal/"
MAX_LIFETIME_MS = 0x7FFFFFFF * 1000


class ShellService:
    """All shells, and the operations that the protocol offers on them."""

    def __init__(self, config, state):
        self.config = config
        self.state = state
        self.cond = threading.Condition()
        self.shells = {}
        self.past = set()          # ids of shells deleted by their client
        self.stopping = False
        threading.Thread(target=self._expire, daemon=True).start()

    # --- life time ---

    def _expire(self):
        """Destroy shells whose idle time or life time is over."""
        while not self.stopping:
            with self.cond:
                now = time.monotonic()
                over = [s for s in self.shells.values() if s.expires() <= now]
                for shell in over:
                    del self.shells[shell.id.upper()]
                if not over:
                    next_end = min((s.expires() for s in
                                    self.shells.values()), default=now + 60)
                    self.cond.wait(min(next_end - now, 60))
            self._close(over)

    def _close(self, shells):
        """End shells that are out of the table; tell who counts them."""
        for shell in shells:
            shell.close()
        if shells:
            with self.cond:
                self.state.shell_count(len(self.shells))

    def close_all(self):
        """Destroy all shells."""
        with self.cond:
            shells = list(self.shells.values())
            self.shells.clear()
        self._close(shells)

    def expire_now(self, ids=None):
        """Destroy shells as if their time were over; return their ids."""
        with self.cond:
            keys = (list(self.shells) if ids is None
                    else [i.upper() for i in ids if i.upper() in self.shells])
            shells = [self.shells.pop(key) for key in keys]
        self._close(shells)
        return keys

    def leave_now(self, ids=None):
        """Disconnect lasting shells as a server may; return their ids."""
        with self.cond:
            shells = [s for key, s in self.shells.items()
                      if isinstance(s, LastingShell)
                      and (ids is None or key in [i.upper() for i in ids])]
        for shell in shells:
            shell.leave()
        return [shell.id for shell in shells]

    def all_of(self, user):
        """Return the shells that a user may see."""
        with self.cond:
            return [s for s in self.shells.values() if s.owner == user]

    def find(self, request):
        """Return the shell that a request's selectors name."""
        if "shellid" not in request.selectors:
            raise Fault("missing_selectors")
        if len(request.selectors) > 1:
            raise Fault("invalid_selectors")
        key = request.selectors["shellid"].upper()
        with self.cond:
            shell = self.shells.get(key)
            if shell is None and key in self.past:
                self.state.violation("request-after-delete",
                                     request.short_action)
        # Shells of other users are not visible.
        if shell is None or shell.owner != request.user:
            raise Fault("shell_gone")
        return shell

    def handle(self, request):
        """Run an operation on an existing shell; return the reply body."""
        operation = {"Delete": self.delete, "Command": self.command,
                     "Send": self.send, "Receive": self.receive,
                     "Signal": self.signal, "Get": self.get,
                     "Disconnect": self.disconnect,
                     "Reconnect": self.reconnect, "Connect": self.connect,
                     }[request.short_action]
        shell = self.find(request)
        if (request.short_action not in ("Get", "Delete")
                and request.resource_uri.lower() != shell.resource.lower()):
            raise Fault("resource_uri")
        shell.admit(request, self.state)
        with self.cond:
            shell.busy += 1
        try:
            return operation(shell, request)
        finally:
            with self.cond:
                shell.busy -= 1
                shell.used = time.monotonic()
                self.cond.notify_all()

    # --- operations on shells ---

    def create(self, request):
        """Make a shell; return the body of the CreateResponse."""
        if not self.config.allow_shells:
            raise Fault("shells_off")
        element = request.body_child("rsp", "Shell")
        if element is None:
            raise Fault("representation")
        ident = self._new_id(element)
        if request.resource_uri.lower() == SHELL_LASTING:
            shell = LastingShell(ident, request, element.get("ShellId"))
        else:
            shell = Shell(ident, request)
        self._read_properties(shell, element)
        self._read_code_page(shell, request)
        with self.cond:
            mine = sum(1 for s in self.shells.values()
                       if s.owner == request.user)
            if mine >= self.config.max_shells_per_user:
                raise Fault("max_shells")
            if not mine and len({s.owner for s in self.shells.values()}
                                ) >= self.config.max_shell_users:
                raise Fault("max_shell_users")
            if shell.id.upper() in self.shells:
                raise Fault("shell_conflict")
            self.past.discard(shell.id.upper())
            self.shells[shell.id.upper()] = shell
            self.state.shell_count(len(self.shells))
            self.cond.notify_all()
        return ("<x:ResourceCreated><a:Address>%s</a:Address>"
                "<a:ReferenceParameters><w:ResourceURI>%s</w:ResourceURI>"
                '<w:SelectorSet><w:Selector Name="ShellId">%s</w:Selector>'
                "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
                "%s" % (xml_text(request.url), shell.resource, shell.id,
                        shell.xml()))

    def _new_id(self, element):
        ident = element.get("ShellId")
        if ident is None:
            return new_uuid()
        if not GUID.match(ident):
            raise Fault("shell_id")
        return ident

    def _read_properties(self, shell, element):
        text = lambda name: text_of(element.find(tag("rsp", name)))
        shell.name = text("Name")
        shell.directory = text("WorkingDirectory")
        shell.inputs = text("InputStreams").split()
        shell.outputs = text("OutputStreams").split() or ["stdout", "stderr"]
        if not set(shell.inputs) <= {"stdin"}:
            raise Fault("input_stream")
        if not set(shell.outputs) <= {"stdout", "stderr"}:
            raise Fault("output_stream")
        variables = element.iterfind(
            "%s/%s" % (tag("rsp", "Environment"), tag("rsp", "Variable")))
        shell.variables = {v.get("Name", ""): v.text or "" for v in variables}
        shell.lifetime_ms = self._duration(text("Lifetime"), None)
        if (shell.lifetime_ms or 0) > MAX_LIFETIME_MS:
            raise Fault("schema")
        shell.max_idle_ms = self.config.max_idle_timeout
        idle = text("IdleTimeOut") or text("IdleTimeout")
        shell.idle_ms = self._duration(idle, self.config.idle_timeout)
        if idle and not (self.config.min_idle_timeout <= shell.idle_ms
                         <= self.config.max_idle_timeout):
            raise Fault("idle_timeout")

    @staticmethod
    def _duration(value, default):
        if not value:
            return default
        ms = parse_duration(value)
        if ms is None:
            raise Fault("schema")
        return ms

    @staticmethod
    def _read_code_page(shell, request):
        value = request.options.get("winrs_codepage")
        if value is None:
            return
        try:
            shell.codec = code_page_codec(int(value))
        except (LookupError, ValueError):
            raise Fault("code_page")

    def delete(self, shell, request):
        """Destroy a shell."""
        with self.cond:
            if self.shells.pop(shell.id.upper(), None) is None:
                raise Fault("shell_gone")
            self.past.add(shell.id.upper())
            self.state.shell_count(len(self.shells))
        for command in shell.close():
            if command.done_told:
                self.state.violation("terminate-missing", command.id)
        return ""

    def get(self, shell, request):
        """Return the body of a GetResponse."""
        return shell.xml(with_state=True)

    def disconnect(self, shell, request):
        """Leave a shell."""
        return shell.disconnect(request, self.config)

    def reconnect(self, shell, request):
        """Take up a shell, or a command of it, again."""
        return shell.reconnect(request)

    def connect(self, shell, request):
        """Take up a shell, or a command of it, that another client left."""
        return shell.connect(request)

    # --- operations on commands ---

    def command(self, shell, request):
        """Start a command."""
        element = request.body_child("rsp", "CommandLine")
        if element is None or not text_of(element.find(tag("rsp",
                                                           "Command"))):
            raise Fault("schema")
        ident = element.get("CommandId")
        if ident is not None and not GUID.match(ident):
            raise Fault("command_id")
        ident = ident or new_uuid()
        with shell.lock:
            if ident.upper() in shell.commands:
                raise Fault("command_conflict")
            self._check_quotas(shell)
            shell.commands[ident.upper()] = self._start(
                shell, request, ident, element)
        return ("<rsp:CommandResponse><rsp:CommandId>%s</rsp:CommandId>"
                "</rsp:CommandResponse>" % ident)

    def _check_quotas(self, shell):
        if len(shell.commands) >= self.config.max_commands_per_shell:
            raise Fault("max_commands")
        sessions = {c.pid for c in shell.commands.values()}
        if (sessions and processes.count_sessions(sessions)
                >= self.config.max_processes_per_shell):
            raise Fault("max_processes")

    def _start(self, shell, request, ident, element):
        command = element.find(tag("rsp", "Command")).text.strip()
        arguments = [a.text or ""
                     for a in element.iterfind(tag("rsp", "Arguments"))]
        direct = parse_bool(request.options.get("winrs_skip_cmd_shell"))
        env = dict(self.config.environment)
        env.update((n, v) for n, v in shell.variables.items()
                   if n and "=" not in n and "\0" not in n + v)
        if direct:
            argv = direct_argv(command, arguments)
        else:
            argv = ["/bin/sh", "-c", shell_line(command, arguments, env)]
        directory = shell.directory or self.config.directory
        if not os.path.isdir(directory):
            raise Fault("bad_directory")
        try:
            return Command(
                ident, argv, env=env, cwd=directory,
                stdin="stdin" in shell.inputs, codec=shell.codec,
                outputs=shell.outputs, through_shell=not direct,
                linger=self.config.linger / 1000,
                on_receive=self.state.receive_change)
        except (FileNotFoundError, NotADirectoryError):
            raise Fault("file_not_found")
        except PermissionError:
            raise Fault("access_denied")

    def receive(self, shell, request):
        """Return the body of a ReceiveResponse."""
        element = request.body_child("rsp", "Receive")
        desired = (element.find(tag("rsp", "DesiredStream"))
                   if element is not None else None)
        if desired is None or not text_of(desired):
            raise Fault("schema")
        streams = text_of(desired).split()
        if not set(streams) <= set(shell.outputs):
            raise Fault("output_stream")
        command = shell.command(desired.get("CommandId"))
        if command.done_told and command.last[:1] != (request.message_id,):
            self.state.violation("receive-after-done", command.id)
        return command.receive(request, streams,
                               request.max_envelope - ENVELOPE_RESERVE)

    def send(self, shell, request):
        """Pass input on to a command."""
        with shell.lock:
            if shell.sending:
                self.state.violation("concurrent-send", shell.id)
                raise Fault("concurrency")
            shell.sending = True
        try:
            self._send(shell, request)
        finally:
            with shell.lock:
                shell.sending = False
        return "<rsp:SendResponse/>"

    def _send(self, shell, request):
        element = request.body_child("rsp", "Send")
        streams = ([] if element is None
                   else element.findall(tag("rsp", "Stream")))
        if not streams:
            raise Fault("schema")
        deadline = time.monotonic() + request.timeout_ms / 1000
        for stream in streams:
            if stream.get("Name") not in shell.inputs:
                raise Fault("input_stream")
            command = shell.command(stream.get("CommandId"))
            try:
                data = base64.b64decode("".join((stream.text or "").split()),
                                        validate=True)
            except binascii.Error:
                raise Fault("schema")
            if not command.send(data, parse_bool(stream.get("End")),
                                deadline):
                self.state.violation("send-after-end", command.id)

    def signal(self, shell, request):
        """Signal a command, or all commands of the shell."""
        element = request.body_child("rsp", "Signal")
        if element is None:
            raise Fault("schema")
        code = text_of(element.find(tag("rsp", "Code"))).lower()
        if not code.startswith(SIGNAL):
            raise Fault("signal_code")
        code = code[len(SIGNAL):]
        if code not in ("terminate", "ctrl_c", "ctrl_break"):
            raise Fault("signal_code")
        if element.get("CommandId") is not None:
            targets = [shell.command(element.get("CommandId"))]
        else:
            with shell.lock:
                targets = list(shell.commands.values())
        for command in targets:
            self._signal(shell, command, code)
        return "<rsp:SignalResponse/>"

    @staticmethod
    def _signal(shell, command, code):
        if code != "terminate":
            command.interrupt(signal.SIGINT if code == "ctrl_c"
                              else signal.SIGTERM)
            return
        with shell.lock:
            shell.commands.pop(command.id.upper(), None)
        command.close()

    def describe(self):
        """Return what /_control/state shows."""
        with self.cond:
            shells = list(self.shells.values())
        result = []
        for shell in shells:
            with shell.lock:
                commands = list(shell.commands.values())
            result.append({"id": shell.id, "name": shell.name,
                           "owner": shell.owner, "busy": shell.busy,
                           "idle_timeout_ms": shell.idle_ms,
                           "commands": [c.state() for c in commands],
                           **shell.describe()})
        return result
