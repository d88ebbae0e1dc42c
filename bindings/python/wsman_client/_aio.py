"""The same for asyncio: one context for each running loop."""

import asyncio
import functools
import weakref
from types import MappingProxyType, TracebackType
from typing import (Any, Callable, Coroutine, Dict, Mapping, Optional, Set,
                    Type, TypeVar, Union)

from . import _ffi, errors
from ._core import BaseContext, Handle, Keeper, Steps
from ._epr import Epr, Resource
from ._ffi import lib
from ._objects import (BaseCommand, BaseShell, Chunk, Identity, Result,
                       Runner, octets)
from ._options import OptionValue
from ._settings import Config
from ._values import Data, Value
from ._verbs import EVENT_LOG, BaseItems, ResourceClient

T = TypeVar("T")


def _pump(reference: "weakref.ref[AsyncContext]") -> None:
    context = reference()  # the loop must not keep it alive
    if context is not None and not context.closed:
        context._pump()


def _key(handle: Optional[Handle]) -> Optional[int]:
    """What is waited for; steps alone hold the handle."""
    return handle._pointer if handle else None


def _call_soon(loop: asyncio.AbstractEventLoop,
               function: Callable[[], None]) -> bool:
    """From any thread: the garbage collector may be running there."""
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:  # the loop is closed
        return False
    return True


def _dispose_later(loop: asyncio.AbstractEventLoop, fd: int,
                   keeper: Keeper) -> None:
    def now() -> None:
        loop.remove_reader(fd)  # before the descriptor is closed
        keeper.dispose()
    if not _call_soon(loop, now):
        keeper.dispose()


class AsyncContext(BaseContext):
    """What the clients of a loop share; without one they take the loop's."""

    def __init__(self, **options: OptionValue):
        self._loop = asyncio.get_running_loop()
        self._users = 0
        self._timer: Optional[asyncio.TimerHandle] = None
        self._step = functools.partial(_pump, weakref.ref(self))
        self._waiting: Dict[Optional[int], Set["asyncio.Future[None]"]] = {}
        super().__init__(options)
        self._fd = lib.wsc_ctx_fd(self._keeper.handle)
        self._finalizer.detach()
        self._finalizer = weakref.finalize(
            self, _dispose_later, self._loop, self._fd, self._keeper)
        self._keeper.wake = functools.partial(_call_soon, self._loop,
                                              self._step)
        self._loop.add_reader(self._fd, self._step)

    @classmethod
    def of_loop(cls) -> "AsyncContext":
        """Return the context of the running loop; make it if need be."""
        loop = asyncio.get_running_loop()
        context = _of_loop.get(id(loop))
        if context is None or context._loop is not loop or context.closed:
            context = _of_loop[id(loop)] = cls()
        return context

    async def aclose(self, timeout: Optional[float] = None) -> None:
        """Cancel what runs and wait until the servers know, at most for the
        option cancel-timeout, or for this many seconds."""
        if self.closed:
            return
        if _of_loop.get(id(self._loop)) is self:
            del _of_loop[id(self._loop)]  # no new work comes to it
        try:
            await asyncio.wait_for(self._drive(self._ending()), timeout)
        except asyncio.TimeoutError:
            pass
        finally:
            self._close()

    def _close(self) -> None:
        if not self._finalizer.detach():
            return
        self._loop.remove_reader(self._fd)
        self._keeper.dispose()
        if self._timer:
            self._timer.cancel()
        for pointer in list(self._waiting):
            self._tell(pointer)

    async def __aenter__(self) -> "AsyncContext":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()

    # --- the loop ----------------------------------------------------------

    async def _drive(self, steps: Steps[T]) -> T:
        if asyncio.get_running_loop() is not self._loop:
            raise errors.UsageError("the context belongs to another loop")
        try:
            while True:
                with self._using():
                    try:
                        key = _key(next(steps))
                    except StopIteration as stop:
                        result: T = stop.value
                        return result
                await self._next_event(key)
        finally:
            steps.close()

    async def _next_event(self, key: Optional[int]) -> None:
        future = self._loop.create_future()
        futures = self._waiting.setdefault(key, set())
        futures.add(future)
        try:
            await future
        finally:
            futures.discard(future)
            if not futures and self._waiting.get(key) is futures:
                del self._waiting[key]

    def _tell(self, key: Optional[int]) -> None:
        for future in self._waiting.pop(key, ()):
            if not future.done():
                future.set_result(None)

    def _pump(self) -> None:
        with self._using() as ctx:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            self._check(lib.wsc_ctx_step(ctx))
            while True:
                event = lib.wsc_ctx_next_event(ctx)
                if not event:
                    break
                self._tell(lib.wsc_event_command(event)
                           or lib.wsc_event_op(event)
                           or lib.wsc_event_items(event)
                           or lib.wsc_event_shell(event))
            self._tell(None)

    def _changed(self, ctx: int) -> None:
        wait = lib.wsc_ctx_timeout(ctx)
        if wait < 0:
            return
        due = self._loop.time() + wait / 1000
        if self._timer and self._timer.when() > due:
            self._timer.cancel()
            self._timer = None
        if not self._timer:  # an early step does no harm
            self._timer = self._loop.call_at(due, self._step)

    def _forget(self, pointer: int) -> None:
        self._tell(pointer)


# The loop's own contexts; they hold the loop, so that ids stay unique.
_of_loop: "weakref.WeakValueDictionary[int, AsyncContext]" = (
    weakref.WeakValueDictionary())


class AsyncCommand(BaseCommand):
    """A running command: `async for stream, data in command`."""

    _context: AsyncContext

    def __aiter__(self) -> "AsyncCommand":
        return self

    async def __anext__(self) -> Chunk:
        chunk = await self.read()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def read(self) -> Optional[Chunk]:
        """Return what comes next, or None at the end."""
        return await self._context._drive(self._reading())

    async def write(self, data: bytes) -> None:
        """Write to stdin; wait until the library has taken all of it."""
        await self._context._drive(self._writing(octets(data)))

    async def signal(self, name: str) -> None:
        """Send "ctrl-c", "ctrl-break", "terminate" or a URI."""
        await self._context._drive(self._signalling(name))

    async def wait(self) -> int:
        """Return the exit code. Output that nobody reads is kept up to
        output-limit; past it this raises LimitError."""
        return await self._context._drive(self._waiting())

    async def __aenter__(self) -> "AsyncCommand":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()


class _Runner(Runner):
    _context: AsyncContext

    def start(self, program: str, *arguments: str,
              **options: OptionValue) -> AsyncCommand:
        """Start a command (of a client: in a shell of its own)."""
        return self._start(AsyncCommand, program, arguments, options)

    async def run(self, program: str, *arguments: str, input: bytes = b"",
                  **options: OptionValue) -> Result:
        """Run a command to its end; a cancel of the task cancels it."""
        data = octets(input)
        command = self._start(AsyncCommand, program, arguments, options)
        return await self._context._drive(command._talking(data))


class AsyncShell(_Runner, BaseShell):
    """A shell; as a context manager it is open inside and closed after,
    but left on the server when it is disconnected then."""

    _context: AsyncContext

    async def wait(self) -> None:
        """Wait until it is open. Commands may be started before that."""
        await self._context._drive(self._opening())

    async def disconnect(self, **options: OptionValue) -> None:
        """Leave it and its commands on the server. Until reconnect()
        they rest. Options: idle_timeout, buffer_mode, deadline."""
        await self._context._drive(
            self._moving(lib.wsc_shell_disconnect, options))

    async def reconnect(self, **options: OptionValue) -> None:
        """Take it up again: output goes on where it rested."""
        await self._context._drive(
            self._moving(lib.wsc_shell_reconnect, options))

    def connect_command(self, command_id: str,
                        **options: OptionValue) -> AsyncCommand:
        """Take up a command that another client has left in it."""
        return self._connect(AsyncCommand, command_id, options)

    async def aclose(self) -> None:
        """Terminate its commands and delete it on the server."""
        if self._finalizer.alive:
            await self._context._drive(self._closing())

    async def __aenter__(self) -> "AsyncShell":
        try:
            await self.wait()
        except BaseException:
            self._release()
            raise
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]],
                        error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        if kind is None and not self._is_left():
            await self.aclose()
        else:  # in the background: the first error is the one to be told
            self._release()


class AsyncItems(BaseItems):
    """An enumeration: `async for value in client.enumerate(...)`. A loop
    that ends early gives it back, and so does a cancel of the task, if
    nothing else holds it; `async with` does in any case."""

    _context: AsyncContext

    def __aiter__(self) -> "AsyncItems":
        return self

    async def renew(self, **options: OptionValue) -> None:
        """Ask for more time for a subscription (option expires). Windows
        refuses it, and ends none that is read."""
        await self._context._drive(self._renewing(options))

    def __anext__(self) -> Coroutine[Any, Any, Value]:
        # no coroutine of its own, whose frame would stay in the traceback of
        # a cancel and hold the enumeration
        return self._context._drive(self._next_or_end())

    def _next_or_end(self) -> Steps[Value]:
        item = yield from self._nexting()
        if item is None:
            raise StopAsyncIteration
        return item

    async def __aenter__(self) -> "AsyncItems":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()


class AsyncClient(_Runner, ResourceClient):
    """One host as one identity, for the running loop.

    host and options as for Client.
    """

    _context: AsyncContext

    def __init__(self, host: str, user: Optional[str] = None,
                 password: Optional[str] = None, *,
                 identity: Optional[Identity] = None,
                 context: Optional[AsyncContext] = None,
                 **options: OptionValue):
        if context is None:
            found = identity._context if identity else AsyncContext.of_loop()
            if not isinstance(found, AsyncContext):
                raise errors.UsageError("the identity is not for asyncio")
            context = found
        super().__init__(context, host, user, password, identity, options)
        context._users += 1

    @property
    def context(self) -> AsyncContext:
        """Its context."""
        return self._context

    def shell(self, **options: OptionValue) -> AsyncShell:
        """Open a shell."""
        return AsyncShell(self, options)

    def connect_shell(self, shell_id: str,
                      **options: OptionValue) -> AsyncShell:
        """Take up a disconnected shell that another client has left."""
        return AsyncShell(self, options, shell_id)

    async def identify(self, **options: OptionValue) -> Dict[str, str]:
        """Ask who the server is: product-vendor, product-version, ..."""
        return await self._context._drive(self._identifying(options))

    async def request(self, action: str, resource: str = "",
                      selectors: Mapping[str, str] = MappingProxyType({}),
                      body: str = "",
                      **options: OptionValue) -> Dict[str, str]:
        """Make one request. body is XML that declares its prefixes; the
        result has action, message-id, relates-to and body."""
        return await self._context._drive(
            self._requesting(action, resource, selectors, body, options))

    async def get(self, resource: Resource, *, fragment: Optional[str] = None,
                  **options: OptionValue) -> Value:
        """Read a resource; with fragment a part of it (a property's name,
        Name[2], A/B)."""
        return await self._context._drive(
            self._getting(resource, fragment, options))

    async def put(self, resource: Resource, value: Data, *,
                  fragment: Optional[str] = None,
                  **options: OptionValue) -> Optional[Value]:
        """Write a resource whole, or with fragment a part of it. The result
        is the resource as it is now, if the server tells it."""
        return await self._context._drive(
            self._putting(resource, value, fragment, options))

    async def update(self, resource: Resource,
                     changes: Union[Mapping[str, Data], Value],
                     **options: OptionValue) -> Optional[Value]:
        """Change these properties of a resource: it is read, and written
        with the changes in it. The result is as that of put()."""
        return await self._context._drive(
            self._updating(resource, changes, options))

    async def config(self, **options: OptionValue) -> Config:
        """Read winrm/config, as a mapping from paths to what they are set to:
        config["Service/MaxConnections"], config["Client/TrustedHosts"]."""
        return await self._context._drive(
            self._configuration(options))

    async def configure(self, changes: Mapping[str, Data],
                  **options: OptionValue) -> None:
        """Change settings by their paths, as config() has them or as
        PowerShell's drive has (WSMan:\\localhost\\Plugin\\...). Those of a
        resource go at once, resources one after another: the details of an
        error have how many were "written" before."""
        await self._context._drive(
            self._configuring(changes, options))

    async def create(self, resource: Resource,
                     value: Union[Mapping[str, Data], Value],
                     **options: OptionValue) -> Epr:
        """Make a resource; the result refers to it."""
        return await self._context._drive(
            self._creating(resource, value, options))

    async def delete(self, resource: Resource, **options: OptionValue) -> None:
        """Remove a resource."""
        await self._context._drive(self._deleting(resource, options))

    async def invoke(self, resource: Resource, method: str,
                     arguments: Union[Mapping[str, Data], Value, None] = None,
                     **options: OptionValue) -> Value:
        """Call a method, of an instance or of a class. That the result has a
        ReturnValue that is not 0 is no error here."""
        return await self._context._drive(
            self._invoking(resource, method, arguments, options))

    def enumerate(self, resource: Resource, filter: Optional[str] = None,
                  dialect: Optional[str] = None,
                  **options: OptionValue) -> AsyncItems:
        """List instances as they come. dialect, the language of filter, is
        wql, selector, association, xpath, cql, event, or a URI."""
        return AsyncItems(self, resource, filter, dialect, options)

    def subscribe(self, resource: Resource = EVENT_LOG,
                  filter: Optional[str] = None, dialect: Optional[str] = None,
                  **options: OptionValue) -> AsyncItems:
        """Subscribe to events, which come as they are: filter is a channel,
        or a QueryList in XML. Options: bookmark, read_existing_events,
        content_format, heartbeats, ..."""
        return AsyncItems(self, resource, filter, dialect, options,
                          lib.wsc_subscribe)

    async def learn_limits(self, **options: OptionValue) -> Value:
        """Read what the server takes, and use it for what comes; return
        winrm/config."""
        return await self._context._drive(self._learning(options))

    async def aclose(self) -> None:
        """Give it back. With the last client of a loop's context that ends,
        too: what runs is canceled, and the servers are told."""
        if not self._finalizer.alive:
            return
        self._release()
        context = self._context
        context._users -= 1
        if not context._users and _of_loop.get(id(context._loop)) is context:
            await context.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()
