"""Calls that wait: one thread at a time for each context."""

import math
import select
import time
from types import MappingProxyType, TracebackType
from typing import (Any, Dict, Iterator, Mapping, Optional, Type, TypeVar,
                    Union)

from . import _ffi, errors
from ._core import BaseContext, Steps
from ._epr import Epr, Resource
from ._ffi import lib
from ._objects import (BaseCommand, BaseShell, Chunk, Identity, Result,
                       Runner, octets)
from ._options import OptionValue
from ._settings import Config
from ._values import Data, Value
from ._verbs import EVENT_LOG, BaseItems, ResourceClient

T = TypeVar("T")


class Context(BaseContext):
    """What several clients share; a Client makes its own without one."""

    def __init__(self, **options: OptionValue):
        super().__init__(options)
        self._poll = select.poll()
        self._poll.register(lib.wsc_ctx_fd(self._keeper.handle),
                            select.POLLIN)

    def close(self, timeout: Optional[float] = None) -> None:
        """Cancel what runs and wait until the servers know, at most for the
        option cancel-timeout, or for this many seconds."""
        if self.closed:
            return
        try:
            self._drive(self._ending(), timeout)
        except errors.TimeoutError_:
            pass
        finally:
            if self._keeper.dispose():
                self._finalizer.detach()

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _drive(self, steps: Steps[T], timeout: Optional[float] = None) -> T:
        end = None if timeout is None else time.monotonic() + timeout
        late = False
        with self._using() as ctx:
            try:
                while True:
                    try:
                        next(steps)
                    except StopIteration as stop:
                        result: T = stop.value
                        return result
                    if late:
                        raise errors.of_code(
                            _ffi.E_AGAIN, "not done within %g s" % timeout
                            if timeout is not None else "")
                    late = self._turn(ctx, end)
            finally:
                steps.close()

    def _turn(self, ctx: int, end: Optional[float]) -> bool:
        """Wait for the network and step; return whether time is up. The
        library's own waits would not let Ctrl-C through, poll() does."""
        wait = lib.wsc_ctx_timeout(ctx)
        if end is not None:
            left = max(0, math.ceil((end - time.monotonic()) * 1000))
            wait = left if wait < 0 else min(wait, left)
        self._poll.poll(None if wait < 0 else wait)
        self._check(lib.wsc_ctx_step(ctx))
        return end is not None and time.monotonic() >= end


class Command(BaseCommand):
    """A running command: iterate over it for (stream, bytes).

    Timeouts are in seconds; after TimeoutError_ the call may be repeated.
    """

    _context: Context

    def __iter__(self) -> Iterator[Chunk]:
        return iter(self.read, None)

    def read(self, timeout: Optional[float] = None) -> Optional[Chunk]:
        """Return what comes next, or None at the end."""
        return self._context._drive(self._reading(), timeout)

    def write(self, data: bytes, timeout: Optional[float] = None) -> None:
        """Write to stdin; wait until the library has taken all of it."""
        self._context._drive(self._writing(octets(data)), timeout)

    def signal(self, name: str, timeout: Optional[float] = None) -> None:
        """Send "ctrl-c", "ctrl-break", "terminate" or a URI."""
        self._context._drive(self._signalling(name), timeout)

    def wait(self, timeout: Optional[float] = None) -> int:
        """Return the exit code. Output that nobody reads is kept up to
        output-limit; past it this raises LimitError."""
        return self._context._drive(self._waiting(), timeout)

    def __enter__(self) -> "Command":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class _Runner(Runner):
    _context: Context

    def start(self, program: str, *arguments: str,
              **options: OptionValue) -> Command:
        """Start a command (of a client: in a shell of its own)."""
        return self._start(Command, program, arguments, options)

    def run(self, program: str, *arguments: str, input: bytes = b"",
            **options: OptionValue) -> Result:
        """Run a command to its end."""
        data = octets(input)
        command = self._start(Command, program, arguments, options)
        return self._context._drive(command._talking(data))


class Shell(_Runner, BaseShell):
    """A shell; as a context manager it is open inside and closed after,
    but left on the server when it is disconnected then."""

    _context: Context

    def wait(self, timeout: Optional[float] = None) -> None:
        """Wait until it is open. Commands may be started before that."""
        self._context._drive(self._opening(), timeout)

    def disconnect(self, **options: OptionValue) -> None:
        """Leave it and its commands on the server. Until reconnect()
        they rest. Options: idle_timeout, buffer_mode, deadline."""
        self._context._drive(
            self._moving(lib.wsc_shell_disconnect, options))

    def reconnect(self, **options: OptionValue) -> None:
        """Take it up again: output goes on where it rested."""
        self._context._drive(
            self._moving(lib.wsc_shell_reconnect, options))

    def connect_command(self, command_id: str,
                        **options: OptionValue) -> Command:
        """Take up a command that another client has left in it."""
        return self._connect(Command, command_id, options)

    def close(self, timeout: Optional[float] = None) -> None:
        """Terminate its commands and delete it on the server."""
        if self._finalizer.alive:
            self._context._drive(self._closing(), timeout)

    def __enter__(self) -> "Shell":
        try:
            self.wait()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, kind: Optional[Type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        if kind is None and not self._is_left():
            self.close()
        else:  # in the background: the first error is the one to be told
            self._release()


class Items(BaseItems):
    """An enumeration: iterate over it for values. A loop that ends early
    gives it back, if nothing else holds it; `with` does in any case."""

    _context: Context

    def __iter__(self) -> "Items":
        return self

    def renew(self, **options: OptionValue) -> None:
        """Ask for more time for a subscription (option expires). Windows
        refuses it, and ends none that is read."""
        self._context._drive(self._renewing(options))

    def __next__(self) -> Value:
        item = self._context._drive(self._nexting())
        if item is None:
            raise StopIteration
        return item

    def __enter__(self) -> "Items":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class Client(_Runner, ResourceClient):
    """One host as one identity.

    host: name, name:port, address, or URL. Options are those of
    wsman_client.options(), with _ for -.
    """

    _context: Context

    def __init__(self, host: str, user: Optional[str] = None,
                 password: Optional[str] = None, *,
                 identity: Optional[Identity] = None,
                 context: Optional[Context] = None, **options: OptionValue):
        self._own = context is None and identity is None
        if context is None:
            found = identity._context if identity else Context()
            if not isinstance(found, Context):
                raise errors.UsageError("the identity is one for asyncio")
            context = found
        super().__init__(context, host, user, password, identity, options)

    @property
    def context(self) -> Context:
        """Its context."""
        return self._context

    def shell(self, **options: OptionValue) -> Shell:
        """Open a shell."""
        return Shell(self, options)

    def connect_shell(self, shell_id: str,
                      **options: OptionValue) -> Shell:
        """Take up a disconnected shell that another client has left."""
        return Shell(self, options, shell_id)

    def identify(self, **options: OptionValue) -> Dict[str, str]:
        """Ask who the server is: product-vendor, product-version, ..."""
        return self._context._drive(self._identifying(options))

    def request(self, action: str, resource: str = "",
                selectors: Mapping[str, str] = MappingProxyType({}),
                body: str = "", **options: OptionValue) -> Dict[str, str]:
        """Make one request. body is XML that declares its prefixes; the
        result has action, message-id, relates-to and body."""
        return self._context._drive(
            self._requesting(action, resource, selectors, body, options))

    def get(self, resource: Resource, *, fragment: Optional[str] = None,
            **options: OptionValue) -> Value:
        """Read a resource; with fragment a part of it (a property's name,
        Name[2], A/B)."""
        return self._context._drive(
            self._getting(resource, fragment, options))

    def put(self, resource: Resource, value: Data, *,
            fragment: Optional[str] = None,
            **options: OptionValue) -> Optional[Value]:
        """Write a resource whole, or with fragment a part of it. The result
        is the resource as it is now, if the server tells it."""
        return self._context._drive(
            self._putting(resource, value, fragment, options))

    def update(self, resource: Resource,
               changes: Union[Mapping[str, Data], Value],
               **options: OptionValue) -> Optional[Value]:
        """Change these properties of a resource: it is read, and written
        with the changes in it. The result is as that of put()."""
        return self._context._drive(
            self._updating(resource, changes, options))

    def config(self, **options: OptionValue) -> Config:
        """Read winrm/config, as a mapping from paths to what they are set to:
        config["Service/MaxConnections"], config["Client/TrustedHosts"]."""
        return self._context._drive(
            self._configuration(options))

    def configure(self, changes: Mapping[str, Data],
                  **options: OptionValue) -> None:
        """Change settings by their paths, as config() has them or as
        PowerShell's drive has (WSMan:\\localhost\\Plugin\\...). Those of a
        resource go at once, resources one after another: the details of an
        error have how many were "written" before."""
        self._context._drive(
            self._configuring(changes, options))

    def create(self, resource: Resource,
               value: Union[Mapping[str, Data], Value],
               **options: OptionValue) -> Epr:
        """Make a resource; the result refers to it."""
        return self._context._drive(
            self._creating(resource, value, options))

    def delete(self, resource: Resource, **options: OptionValue) -> None:
        """Remove a resource."""
        self._context._drive(self._deleting(resource, options))

    def invoke(self, resource: Resource, method: str,
               arguments: Union[Mapping[str, Data], Value, None] = None,
               **options: OptionValue) -> Value:
        """Call a method, of an instance or of a class. That the result has a
        ReturnValue that is not 0 is no error here."""
        return self._context._drive(
            self._invoking(resource, method, arguments, options))

    def enumerate(self, resource: Resource, filter: Optional[str] = None,
                  dialect: Optional[str] = None,
                  **options: OptionValue) -> Items:
        """List instances as they come. dialect, the language of filter, is
        wql, selector, association, xpath, cql, event, or a URI."""
        return Items(self, resource, filter, dialect, options)

    def subscribe(self, resource: Resource = EVENT_LOG,
                  filter: Optional[str] = None, dialect: Optional[str] = None,
                  **options: OptionValue) -> Items:
        """Subscribe to events, which come as they are: filter is a channel,
        or a QueryList in XML. Options: bookmark, read_existing_events,
        content_format, heartbeats, ..."""
        return Items(self, resource, filter, dialect, options,
                     lib.wsc_subscribe)

    def learn_limits(self, **options: OptionValue) -> Value:
        """Read what the server takes, and use it for what comes; return
        winrm/config."""
        return self._context._drive(self._learning(options))

    def close(self) -> None:
        """Give it back. With a context of its own that ends, too: what runs
        is canceled, and the servers are told."""
        try:
            if self._own:
                self._context.close()
        finally:
            self._release()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
