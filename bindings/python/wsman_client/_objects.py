"""What client, shell and command are, apart from how they wait."""

import ctypes
import enum
from typing import (Any, Dict, List, Mapping, NamedTuple, Optional, Tuple,
                    Type, TypeVar)

from . import _ffi, errors
from ._core import BaseContext, Handle, Steps
from ._epr import Epr, Native
from ._ffi import lib
from ._options import Effective, OptionValue, Params, encode, option_name

Options = Mapping[str, OptionValue]
C = TypeVar("C", bound="BaseCommand")


class Stream(enum.IntEnum):
    """Where a chunk of output comes from."""

    STDOUT = 1
    STDERR = 2


Chunk = Tuple[Stream, bytes]


class Result(NamedTuple):
    """What a command has come to."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """stdout as text. The code page is 65001, UTF-8, by default."""
        return self.stdout.decode("utf-8", "replace")


class Operation(Handle):
    """Something that the server is asked once."""

    def __init__(self, context: BaseContext, pointer: int):
        super().__init__(context, pointer, lib.wsc_op_unref)

    def waiting(self, cancel: bool = False) -> Steps[None]:
        """Wait for the answer; with `cancel` it is given up with the wait."""
        try:
            while (rc := lib.wsc_op_wait(self._ptr, 0)) == _ffi.E_AGAIN:
                yield self
        except GeneratorExit:
            if cancel:
                lib.wsc_op_cancel(self._pointer)
            raise
        self._context._check(rc)

    def epr(self) -> Optional[Epr]:
        """Return the resource that the answer names."""
        out = ctypes.c_void_p()
        if lib.wsc_op_get_epr(self._ptr, ctypes.byref(out)) != _ffi.OK:
            return None
        return Epr._of(Native(out, lib.wsc_epr_unref))

    def results(self, names: str) -> Dict[str, str]:
        """Return what the answer says."""
        string, values = ctypes.c_char_p(), {}
        for name in names.split():
            if lib.wsc_op_get_str(self._ptr, name.encode(),
                                  ctypes.byref(string)) == _ffi.OK:
                values[name] = _ffi.text_of(string.value)
        return values


def octets(data: Any) -> bytes:
    """Return what is to go to stdin. Text has no bytes until it is encoded,
    and only the caller knows in what code page."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError("bytes are needed, not %s" % type(data).__name__)


def _login(user: Optional[str], password: Optional[str],
           options: Options) -> Params:
    if user is not None and options.get("username") is not None:
        raise TypeError("user and username are the same: give one of them")
    return Params({"username": user, "password": password, **options})


class Identity(Handle):
    """Who we are: any number of clients of one context share it.

    A password that a host has refused is not sent to it again.
    """

    def __init__(self, context: BaseContext, user: Optional[str] = None,
                 password: Optional[str] = None, **options: OptionValue):
        params = _login(user, password, options)
        with context._using() as ctx:
            pointer = context._make(lib.wsc_identity_new, ctx, params)
        self._user = user
        super().__init__(context, pointer, lib.wsc_identity_unref)

    def _telling(self) -> List[str]:
        return [self._user] if self._user else []

    def close(self) -> None:
        """Give it back; with the last use the secrets are wiped."""
        self._release()


class Runner(Handle):
    """What a command can be started in."""

    _run_function: Any
    _url: str

    def _start(self, kind: Type[C], program: str, arguments: Tuple[str, ...],
               options: Options) -> C:
        params = Params(options)
        array = (ctypes.c_char_p * len(arguments))(*map(encode, arguments))
        with self._context._using():
            pointer = self._context._make(
                self._run_function, self._ptr, encode(program), array,
                len(arguments), params)
        return kind(self._context, pointer, self._url)


class BaseClient(Runner):
    """One host as one identity."""

    _run_function = lib.wsc_client_run

    def __init__(self, context: BaseContext, host: str, user: Optional[str],
                 password: Optional[str], identity: Optional[Identity],
                 options: Options):
        params = _login(user, password, options)
        with context._using() as ctx:
            pointer = context._make(
                lib.wsc_client_new, ctx, encode(host),
                identity._ptr if identity else None, params)
        self._url = ""
        super().__init__(context, pointer, lib.wsc_client_unref)
        self._url = self.info("url") or ""

    def _telling(self) -> List[str]:
        return self._look(lib.wsc_client_get_str, "url") or [self._url]

    def info(self, name: str) -> Optional[str]:
        """Return a property: url, session-id, or how it logs in: scheme,
        mechanism (of the newest login), identity, spn; None where there is
        none, or not yet."""
        return self._get(lib.wsc_client_get_str, name)

    def stats(self) -> Dict[str, int]:
        """Return what its requests have cost so far: bytes, requests,
        reconnects, milliseconds of each phase, ... (docs/statistics.md)."""
        values: Dict[str, int] = {}
        name, number = ctypes.c_char_p(), ctypes.c_int64()
        with self._context._using():
            while lib.wsc_stat_get(len(values), b"name",
                                   ctypes.byref(name)) == _ffi.OK:
                self._context._check(lib.wsc_client_get_int(
                    self._ptr, name.value, ctypes.byref(number)))
                values[_ffi.text_of(name.value)] = number.value
        return values

    def option(self, name: str, **options: OptionValue) -> Effective:
        """Return the value that an operation with these options would see,
        and the layer that it is from; a secret is shown as ***."""
        params = Params(options)
        value, layer = ctypes.c_char_p(), ctypes.c_char_p()
        with self._context._using():
            self._context._check(lib.wsc_client_option(
                self._ptr, params, option_name(name), ctypes.byref(value),
                ctypes.byref(layer)))
            return Effective(
                None if value.value is None else _ffi.text_of(value.value),
                _ffi.text_of(layer.value))

    def _identifying(self, options: Options) -> Steps[Dict[str, str]]:
        op = Operation(self._context, self._context._make(
            lib.wsc_identify, self._ptr, Params(options)))
        yield from op.waiting(cancel=True)
        return op.results("protocol-version product-vendor product-version "
                          "security-profiles body")

    def _requesting(self, action: str, resource: str,
                    selectors: Mapping[str, str], body: str,
                    options: Options) -> Steps[Dict[str, str]]:
        context, content = self._context, body.encode("utf-8", "surrogatepass")
        params, epr, rc = Params(options), ctypes.c_void_p(), _ffi.OK
        try:
            if resource:
                rc = lib.wsc_epr_new(ctypes.byref(epr), encode(resource))
            for name, value in selectors.items():
                rc = rc or lib.wsc_epr_add_selector(epr, encode(name),
                                                    encode(value))
            if rc != _ffi.OK:  # an EPR has no context that keeps an error
                raise errors.of_code(
                    rc, "resource or selectors: one is empty, not text or "
                        "there twice, or the resource is missing")
            op = Operation(context, context._make(
                lib.wsc_request, self._ptr, encode(action), epr, content,
                len(content), params))
        finally:
            lib.wsc_epr_unref(epr)
        yield from op.waiting(cancel=True)
        return op.results("action message-id relates-to body")


class BaseShell(Runner):
    """A shell on the host; several commands may run in it at once."""

    _run_function = lib.wsc_shell_run

    def __init__(self, client: BaseClient, options: Options,
                 shell_id: Optional[str] = None):
        context, params = client._context, Params(options)
        with context._using():
            if shell_id is None:
                pointer = context._make(lib.wsc_shell_open, client._ptr,
                                        params)
            else:
                pointer = context._make(lib.wsc_shell_connect, client._ptr,
                                        encode(shell_id), params)
        self._url = client._url
        super().__init__(context, pointer, lib.wsc_shell_unref)

    def _telling(self) -> List[str]:
        return [*self._look(lib.wsc_shell_get_str, "id state"), "at",
                self._url]

    def info(self, name: str) -> Optional[str]:
        """Return a property: id, state, owner, client-ip, resource-uri, name
        or idle-timeout. None: not known (yet)."""
        return self._get(lib.wsc_shell_get_str, name)

    def _opening(self) -> Steps[None]:
        while (rc := lib.wsc_shell_wait(self._ptr, 0)) == _ffi.E_AGAIN:
            yield self
        self._context._check(rc)

    def _connect(self, kind: Type[C], command_id: str, options: Options) -> C:
        params = Params(options)
        with self._context._using():
            pointer = self._context._make(
                lib.wsc_shell_connect_command, self._ptr, encode(command_id),
                params)
        return kind(self._context, pointer, self._url)

    def _is_left(self) -> bool:
        return (self._finalizer.alive
                and self.info("state") == "disconnected")

    def _moving(self, function: Any, options: Options) -> Steps[None]:
        op = Operation(self._context, self._context._make(
            function, self._ptr, Params(options)))
        yield from op.waiting()

    def _closing(self) -> Steps[None]:
        op = Operation(self._context, self._context._make(
            lib.wsc_shell_close, self._ptr))
        yield from op.waiting()
        self._release()


class BaseCommand(Handle):
    """A command. Its stdin is open until write_eof()."""

    _exit_code: Optional[int] = None

    def __init__(self, context: BaseContext, pointer: int, url: str):
        self._url = url
        super().__init__(context, pointer, lib.wsc_command_unref)

    def _telling(self) -> List[str]:
        code = [] if self._exit_code is None else [
            "exit code %d" % self._exit_code]
        return [*self._look(lib.wsc_command_get_str, "id state"), *code, "at",
                self._url]

    def info(self, name: str) -> Optional[str]:
        """Return a property: id, state (waiting, starting, running, done) or
        input-pending. None: not known (yet)."""
        return self._get(lib.wsc_command_get_str, name)

    @property
    def exit_code(self) -> Optional[int]:
        """0 to 4294967295; None while it runs, and when it has failed."""
        if self._exit_code is None and self._finalizer.alive:
            with self._context._using():
                self._note_exit()
        return self._exit_code

    def write_eof(self) -> None:
        """End stdin, after what was written."""
        with self._context._using():
            self._context._check(lib.wsc_command_write_eof(self._ptr))

    def cancel(self) -> None:
        """End it. Whoever waits for it gets Canceled; the server is told in
        the background."""
        with self._context._using():
            self._context._check(lib.wsc_command_cancel(self._ptr))

    def close(self) -> None:
        """Give it back; cancel it if it runs."""
        self._release()

    # --- what waits --------------------------------------------------------

    def _note_exit(self) -> int:
        code = ctypes.c_int64()
        rc: int = lib.wsc_command_exit_code(self._ptr, ctypes.byref(code))
        if rc == _ffi.OK:
            self._exit_code = code.value
        return rc

    def _try_read(self) -> Tuple[int, Optional[Chunk]]:
        stream, size = ctypes.c_int(0), ctypes.c_size_t(0)
        buffer = self._context._buffer
        rc = lib.wsc_command_read(self._ptr, ctypes.byref(stream), buffer,
                                  len(buffer), ctypes.byref(size), 0)
        if not size.value:
            return rc, None
        return rc, (Stream(stream.value),
                    ctypes.string_at(buffer, size.value))

    def _try_write(self, data: bytes, at: int) -> Tuple[int, int]:
        taken, piece = ctypes.c_size_t(0), data[at:at + 65536]
        rc = lib.wsc_command_write(self._ptr, piece, len(piece),
                                   ctypes.byref(taken), 0)
        return rc, at + taken.value

    def _reading(self) -> Steps[Optional[Chunk]]:
        while (got := self._try_read())[0] == _ffi.E_AGAIN:
            yield self
        self._context._check(got[0])
        if got[1] is None:
            self._note_exit()
        return got[1]

    def _writing(self, data: bytes) -> Steps[None]:
        at = 0
        while at < len(data):
            rc, at = self._try_write(data, at)
            if rc == _ffi.E_AGAIN:
                yield self
            else:
                self._context._check(rc)

    def _signalling(self, name: str) -> Steps[None]:
        state = ctypes.c_char_p()
        while (lib.wsc_command_get_str(self._ptr, b"state",
                                       ctypes.byref(state)) == _ffi.OK
               and state.value in (b"waiting", b"starting")):
            yield None  # it has no id yet; no event tells that it has
        op = Operation(self._context, self._context._make(
            lib.wsc_command_signal, self._ptr, encode(name)))
        yield from op.waiting()

    def _waiting(self) -> Steps[int]:
        while (rc := lib.wsc_command_wait(self._ptr, 0)) == _ffi.E_AGAIN:
            yield None  # no event tells that output-limit is reached
        self._context._check(rc)
        rc = self._note_exit()
        if rc != _ffi.OK or self._exit_code is None:
            raise errors.of_code(rc, "the command ended without an exit code")
        return self._exit_code

    def _talking(self, data: bytes) -> Steps[Result]:
        """Write data and read everything, both as they go; close it."""
        output: Dict[Stream, List[bytes]] = {s: [] for s in Stream}
        at, open_ = 0, True
        try:
            while True:
                if open_:
                    rc = _ffi.OK
                    if at < len(data):
                        rc, at = self._try_write(data, at)
                    # it may take no more of it: its output tells the rest
                    open_ = rc == _ffi.E_AGAIN or (rc == _ffi.OK
                                                   and at < len(data))
                    if not open_:
                        lib.wsc_command_write_eof(self._ptr)
                    elif rc == _ffi.OK:
                        continue
                rc, chunk = self._try_read()
                if rc == _ffi.E_AGAIN:
                    yield self
                    continue
                self._context._check(rc)
                if chunk is None:
                    break
                output[chunk[0]].append(chunk[1])
            code = yield from self._waiting()
            return Result(code, b"".join(output[Stream.STDOUT]),
                          b"".join(output[Stream.STDERR]))
        finally:
            self.close()
