"""One shell of the service."""

import os
import threading
import time

from faults import Fault
from soap import (SHELL, SHELL_CMD, XML_NS, format_duration, format_run_time,
                  xml_attr, xml_text)

LANG = "{%s}lang" % XML_NS


def locale_of(request, prefix, name):
    """Return the language that a header names."""
    element = request.header_element(prefix, name)
    found = element.get(LANG) if element is not None else None
    return found or "en-US"


class Shell:
    """One cmd shell."""

    resource = SHELL_CMD

    def __init__(self, shell_id, request):
        self.id = shell_id
        self.owner = request.user
        self.client_ip = request.client_ip
        self.created = self.used = time.monotonic()
        self.lock = threading.Lock()
        self.busy = 0
        self.commands = {}
        self.sending = False
        self.name = ""
        self.variables = {}
        self.directory = ""
        self.lifetime_ms = None
        self.idle_ms = 0
        self.max_idle_ms = 0
        self.locales = [locale_of(request, "w", "Locale"),
                        locale_of(request, "p", "DataLocale")]
        self.inputs = []
        self.outputs = []
        self.codec = None

    def expires(self):
        """Return the monotonic time at which the shell must go."""
        # A request under way, such as a long poll, is activity.
        idle = float("inf") if self.busy else self.used + self.idle_ms / 1000
        if self.lifetime_ms is None:
            return idle
        return min(idle, self.created + self.lifetime_ms / 1000)

    def xml(self, with_state=False):
        """Return the rsp:Shell element."""
        now = time.monotonic()
        env = "".join("<rsp:Variable Name=%s>%s</rsp:Variable>"
                      % (xml_attr(n), xml_text(v))
                      for n, v in self.variables.items())
        optional = lambda n, v: v and "<rsp:%s>%s</rsp:%s>" % (n, v, n)
        parts = [
            "<rsp:ShellId>%s</rsp:ShellId>" % self.id,
            optional("Name", xml_text(self.name)),
            "<rsp:ResourceUri>%s</rsp:ResourceUri>" % self.resource,
            "<rsp:Owner>%s</rsp:Owner>" % xml_text(self.owner),
            "<rsp:ClientIP>%s</rsp:ClientIP>" % self.client_ip,
            "<rsp:ProcessId>%d</rsp:ProcessId>" % os.getpid()
            if with_state else "",
            optional("Environment", env),
            optional("WorkingDirectory", xml_text(self.directory)),
            "<rsp:IdleTimeOut>%s</rsp:IdleTimeOut>"
            % format_duration(self.idle_ms),
            optional("InputStreams", " ".join(self.inputs)),
            optional("OutputStreams", " ".join(self.outputs)),
            self._details() if with_state else "",
            "<rsp:ShellRunTime>%s</rsp:ShellRunTime>"
            % format_run_time(now - self.created),
            "<rsp:ShellInactivity>%s</rsp:ShellInactivity>"
            % format_run_time(0 if self.busy else now - self.used)]
        if with_state:
            parts.append("<rsp:MemoryUsed>0MB</rsp:MemoryUsed>"
                         "<rsp:ChildProcesses>%d</rsp:ChildProcesses>"
                         % len(self.commands))
        return ('<rsp:Shell xmlns:rsp="%s">%s</rsp:Shell>'
                % (SHELL, "".join(parts)))

    def _details(self):
        """Return what Get and Enumerate tell, but not Create."""
        return ("<rsp:MaxIdleTimeOut>%s</rsp:MaxIdleTimeOut>"
                "<rsp:Locale>%s</rsp:Locale>"
                "<rsp:DataLocale>%s</rsp:DataLocale>"
                "<rsp:CompressionMode>NoCompression</rsp:CompressionMode>"
                "<rsp:ProfileLoaded>Yes</rsp:ProfileLoaded>"
                "<rsp:Encoding>UTF8</rsp:Encoding>%s"
                % (format_duration(self.max_idle_ms),
                   *map(xml_text, self.locales), self.about_state()))

    def about_state(self):
        """Return the mode of the buffers and the state."""
        return ("<rsp:BufferMode>Block</rsp:BufferMode>"
                "<rsp:State>Connected</rsp:State>")

    def admit(self, request, state):
        """Refuse what the shell does not take in its state: nothing."""

    def disconnect(self, request, config):
        """Refuse: cmd shells cannot be disconnected."""
        raise Fault("no_disconnect")

    def reconnect(self, request):
        """Refuse: a cmd shell is never disconnected."""
        raise Fault("not_disconnected")

    def connect(self, request):
        """Refuse: a cmd shell is always connected to its own client."""
        raise Fault("other_client")

    def describe(self):
        """Return what /_control/state shows on top."""
        return {}

    def command(self, ident):
        """Return a command by its id or raise the fault."""
        with self.lock:
            command = self.commands.get((ident or "").upper())
        if command is None:
            raise Fault("command_gone")
        return command

    def close(self):
        """End all commands."""
        with self.lock:
            commands = list(self.commands.values())
            self.commands.clear()
        for command in commands:
            command.close()
        return commands
