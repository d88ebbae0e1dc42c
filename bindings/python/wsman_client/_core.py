"""What blocking and asyncio share below their objects: context and handle.

There is no callback on an object. What has to be waited for is written as a
generator that calls the library without blocking and, while that answers
WSC_E_AGAIN, yields the handle whose next event it waits for (None: any step).
Contexts run these: the blocking one polls and steps, the asyncio one steps
when its loop says so and takes the events from wsc_ctx_next_event. So no
Python code runs inside the library, no closure has to be pinned, an exception
has one way to go, and output waits in the library until somebody reads it.
The log function is the exception that the library leaves no choice about.
"""

import collections
import contextlib
import ctypes
import itertools
import os
import threading
import weakref
from typing import (Any, Callable, Deque, Generator, Iterator, List,
                    Mapping, Optional, Tuple, TypeVar)

from . import _ffi, errors
from ._ffi import lib
from ._options import OptionValue, Params

T = TypeVar("T")
Steps = Generator[Optional["Handle"], None, T]
LogFunction = Callable[[int, str, str], object]

LEVELS = ("none", "error", "warn", "info", "debug", "trace")


class Keeper:
    """What the finalizers of handles hold on to: not the context itself,
    whose log function may refer to anything, those handles too."""

    def __init__(self, handle: int):
        self.handle: Optional[int] = handle
        self.lock = threading.Lock()
        self.thread = 0  # that was in the library last
        self.wake: Callable[[], object] = lambda: None
        self._dropped: Deque[Tuple[Callable[[int], None], int]] = (
            collections.deque())

    def let_go(self, unref: Callable[[int], None], pointer: int) -> None:
        """Note a handle to give back. The garbage collector may be running
        in any thread; the next call on the context does it."""
        self._dropped.append((unref, pointer))
        if self.handle is None:
            self.tidy()
        else:
            self.wake()

    def tidy(self) -> None:
        """Give back now, if nobody else is in the library."""
        if self.lock.acquire(blocking=False):
            try:
                self.sweep()
            finally:
                self.lock.release()

    def sweep(self) -> None:
        """Give back what was dropped. The lock is held."""
        while self._dropped:
            unref, pointer = self._dropped.popleft()
            unref(pointer)

    def dispose(self) -> bool:
        """Give back the context, unless a thread is in the library; in the
        child of a fork that may be one that is not there."""
        if not self.lock.acquire(blocking=False):
            return False
        self.sweep()
        handle, self.handle = self.handle, None
        lib.wsc_ctx_unref(handle)
        self.lock.release()
        return True


class BaseContext:
    """A context of the library; see Context and AsyncContext."""

    def __init__(self, options: Mapping[str, OptionValue]):
        self._pid = os.getpid()
        self._interrupt: Optional[BaseException] = None
        self._log: Optional[LogFunction] = None
        self._number = next(_numbers)
        self._buffer = ctypes.create_string_buffer(65536)
        out = ctypes.c_void_p()
        rc = lib.wsc_ctx_new(ctypes.byref(out))
        if rc != _ffi.OK:
            raise errors.of_code(rc)
        self._keeper = Keeper(out.value or 0)
        self._finalizer = weakref.finalize(self, self._keeper.dispose)
        if options:
            params = Params(options)
            with self._using() as ctx:
                self._check(lib.wsc_ctx_set_params(ctx, params))

    def set_log(self, level: str, function: Optional[LogFunction]) -> None:
        """Have function(level, component, text) called for log lines.

        level: none, error, warn, info, debug or trace. What the function
        raises goes to sys.unraisablehook; the work goes on.
        """
        if level not in LEVELS:
            raise errors.UsageError("unknown level %r: one of %s"
                                    % (level, ", ".join(LEVELS)))
        with self._using() as ctx:
            self._log = function
            _contexts[self._number] = self
            self._check(lib.wsc_ctx_set_log(
                ctx, LEVELS.index(level), _log_thunk, self._number,
                _ffi.NO_FREE))

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._keeper.handle is None

    def __repr__(self) -> str:
        keeper = getattr(self, "_keeper", None)
        return "<%s%s>" % (type(self).__name__, "" if keeper and keeper.handle
                           else " closed")

    # --- for the handles ---------------------------------------------------

    @contextlib.contextmanager
    def _using(self) -> Iterator[int]:
        """The right to call the library: one thread at a time."""
        keeper = self._keeper
        if self._pid != os.getpid():
            raise errors.UsageError("the context was made by another process:"
                                    " make one after the fork")
        if not keeper.lock.acquire(blocking=False):
            raise errors.UsageError("the context is in use by another thread,"
                                    " or this is its log function")
        keeper.thread = threading.get_ident()
        try:
            if keeper.handle is None:
                raise errors.UsageError("the context is closed")
            keeper.sweep()
            yield keeper.handle
        finally:
            keeper.sweep()
            if keeper.handle is not None:
                self._changed(keeper.handle)
            keeper.lock.release()
            interrupt, self._interrupt = self._interrupt, None
            if interrupt:
                raise interrupt

    def _check(self, rc: int) -> None:
        """Raise what a call has failed with."""
        if rc == _ffi.OK:
            return
        error = lib.wsc_ctx_error(self._keeper.handle)
        if error and rc != _ffi.E_AGAIN:
            raise errors.of_error(error)
        raise errors.of_code(rc)

    def _make(self, function: Callable[..., int], *arguments: Any) -> int:
        """Call a function whose first parameter is the handle it makes."""
        out = ctypes.c_void_p()
        self._check(function(ctypes.byref(out), *arguments))
        return out.value or 0

    def _ending(self) -> Steps[None]:
        """Cancel what runs, and wait for the clean-up on the servers."""
        ctx = self._keeper.handle
        rc = lib.wsc_ctx_close(ctx, 0)
        if rc != _ffi.E_AGAIN:
            self._check(rc)
        while lib.wsc_ctx_pending(ctx):
            yield None

    # --- for a subclass to do more -----------------------------------------

    def _changed(self, ctx: int) -> None:
        """A call on the context ends: its time-out may be another."""

    def _forget(self, pointer: int) -> None:
        """A handle is closed: nothing more comes from it."""


class Handle:
    """An object of the library. It is given back by close(), by the end of
    its `with` block, or when Python drops it."""

    def __init__(self, context: BaseContext, pointer: int,
                 unref: Callable[[int], None]):
        self._context = context
        self._pointer = pointer
        self._finalizer = weakref.finalize(self, context._keeper.let_go,
                                           unref, pointer)

    @property
    def _ptr(self) -> int:
        if not self._finalizer.alive:
            raise errors.UsageError("the %s is closed" % type(self).__name__)
        return self._pointer

    def __repr__(self) -> str:
        words = [type(self).__name__]
        if not hasattr(self, "_finalizer"):
            words.append("not made")  # as its traceback shows it
        else:
            words += self._telling()
            if not self._finalizer.alive or self._context.closed:
                words.append("closed")
        return "<%s>" % " ".join(repr(word)[1:-1] for word in words)

    def _telling(self) -> List[str]:
        """What tells it from others; no secret, for it goes to logs."""
        return []

    def _look(self, function: Callable[..., int], names: str) -> List[str]:
        """Properties as they are now; nothing else happens, and what cannot
        be had from here (another thread, the log function) is left out."""
        keeper, values, string = self._context._keeper, [], ctypes.c_char_p()
        if (self._context._pid != os.getpid()
                or keeper.thread != threading.get_ident()
                or not keeper.lock.acquire(blocking=False)):
            return []
        try:
            if keeper.handle is not None and self._finalizer.alive:
                for name in names.split():
                    if function(self._pointer, name.encode(),
                                ctypes.byref(string)) == _ffi.OK:
                        values.append(_ffi.text_of(string.value))
        finally:
            keeper.lock.release()
        return values

    def _release(self) -> None:
        if self._finalizer.alive:
            self._finalizer()
            self._context._keeper.tidy()
            self._context._forget(self._pointer)

    def _get(self, function: Callable[..., int], name: str) -> Optional[str]:
        """Return a property, None where it is not known (yet)."""
        string = ctypes.c_char_p()
        with self._context._using():
            rc = function(self._ptr, name.encode(), ctypes.byref(string))
            if rc == _ffi.E_AGAIN:
                return None
            if rc != _ffi.OK:
                raise errors.of_code(rc, "no property %r" % name)
            return _ffi.text_of(string.value)


# The library holds a number, not an object: one function for all contexts
# lives as long as this module, and there is nothing for a free_fn to free.
_numbers = itertools.count(1)
_contexts: "weakref.WeakValueDictionary[int, BaseContext]" = (
    weakref.WeakValueDictionary())


def _log_line(level: int, component: bytes, text: int, size: int,
              number: int) -> None:
    context = _contexts.get(number)
    if context is None or context._log is None:
        return
    try:
        context._log(level, _ffi.text_of(component),
                     _ffi.text_of(ctypes.string_at(text, size)))
    except Exception:
        raise  # ctypes hands it to sys.unraisablehook
    except BaseException as error:  # Ctrl-C, say: out of the call under way
        context._interrupt = error


_log_thunk = _ffi.LOG_FN(_log_line)
