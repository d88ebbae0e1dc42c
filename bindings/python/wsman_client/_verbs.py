"""What a client does with resources, and enumerations, apart from how they
wait."""

import ctypes
from typing import Any, List, Mapping, Optional

from . import _ffi, _values, errors
from ._core import Handle, Steps
from ._epr import Epr, Resource, native_of
from ._ffi import lib, text_of
from ._objects import BaseClient, Operation, Options
from ._options import Params, encode
from ._settings import CONFIG, Config, by_resource
from ._values import Data, Value


EVENT_LOG = "wsman/windows/EventLog"


class ResourceClient(BaseClient):
    """The verbs of WS-Management."""

    def _asking(self, function: Any, resource: Resource, options: Options,
                *arguments: Any) -> Steps[Optional[Value]]:
        """Make one request; its arguments are between resource and
        options."""
        context = self._context
        op = Operation(context, context._make(
            function, self._ptr, native_of(resource), *arguments,
            Params(options)))
        yield from op.waiting(cancel=True)
        native, epr = lib.wsc_op_value(op._ptr), op.epr()
        value = _values.read(native) if native else None
        if epr is not None and value is None:
            value = Value(None, None)
        if value is not None:
            value.epr = epr
        return value

    def _getting(self, resource: Resource, fragment: Optional[str],
                 options: Options) -> Steps[Value]:
        value = yield from self._asking(
            lib.wsc_get, resource, {"fragment": fragment, **options})
        if value is None:
            raise errors.of_code(_ffi.E_PROTOCOL,
                                 "the answer to Get holds no resource")
        return value

    def _putting(self, resource: Resource, value: Data,
                 fragment: Optional[str],
                 options: Options) -> Steps[Optional[Value]]:
        if value is None and fragment is None:
            raise errors.UsageError("a resource cannot be null; a part of it"
                                    " can: fragment names one")
        return (yield from self._asking(
            lib.wsc_put, resource, {"fragment": fragment, **options},
            None if value is None else _values.native_of(value)))

    def _updating(self, resource: Resource, changes: Data,
                  options: Options) -> Steps[Optional[Value]]:
        return (yield from self._asking(lib.wsc_update, resource, options,
                                        _elements("changes", changes)))

    def _creating(self, resource: Resource, value: Data,
                  options: Options) -> Steps[Epr]:
        made = yield from self._asking(lib.wsc_create, resource, options,
                                       _elements("value", value))
        epr = made.to_epr() if made is not None else None
        if epr is None:
            raise errors.of_code(_ffi.E_PROTOCOL, "the answer to Create does"
                                 " not say what has been made")
        return epr

    def _learning(self, options: Options) -> Steps[Value]:
        context = self._context
        op = Operation(context, context._make(
            lib.wsc_client_learn_limits, self._ptr, Params(options)))
        yield from op.waiting(cancel=True)
        return _values.read(lib.wsc_op_value(op._ptr))

    def _configuration(self, options: Options) -> Steps[Config]:
        return Config((yield from self._getting(CONFIG, None, options)))

    def _configuring(self, changes: Mapping[str, Data],
                     options: Options) -> Steps[None]:
        written = 0
        for epr, change in by_resource(changes):
            try:
                yield from self._updating(epr, change, options)
            except errors.WsmanError as error:
                error.details["written"] = written
                raise
            written += 1

    def _deleting(self, resource: Resource, options: Options) -> Steps[None]:
        yield from self._asking(lib.wsc_delete, resource, options)

    def _invoking(self, resource: Resource, method: str, arguments: Data,
                  options: Options) -> Steps[Value]:
        given = None if arguments is None else _elements("arguments",
                                                         arguments)
        _values.native_of(Value(method, ""))  # it has to be a name
        value = yield from self._asking(lib.wsc_invoke, resource, options,
                                        encode(method), given)
        return Value(method + "_OUTPUT", {}) if value is None else value


def _elements(what: str, data: Data) -> Any:
    """Return what has to be elements with names."""
    if not isinstance(data, Value) and not hasattr(data, "items"):
        raise TypeError("%s: a dict or a Value is needed, not %s"
                        % (what, type(data).__name__))
    return _values.native_of(data)


class BaseItems(Handle):
    """An enumeration, or a subscription. What is not read of it, the server
    is told to forget when it is closed or dropped."""

    _over = False
    _bookmark: Optional[str] = None

    def __init__(self, client: BaseClient, resource: Resource,
                 filter: Optional[str], dialect: Optional[str],
                 options: Options, start: Any = None):
        context, epr = client._context, native_of(resource)
        params = Params({"filter": filter, "dialect": dialect, **options})
        with context._using():
            pointer = context._make(start or lib.wsc_enumerate, client._ptr,
                                    epr, params)
        self._url = client._url
        super().__init__(context, pointer, lib.wsc_items_unref)

    def _telling(self) -> List[str]:
        return ["at", self._url]

    def close(self) -> None:
        """Give it back; the server is told in the background."""
        self._note_bookmark()
        self._over = True
        self._release()

    def _note_bookmark(self) -> None:
        text = ctypes.c_char_p()
        if self._finalizer.alive and lib.wsc_items_get_str(
                self._ptr, b"bookmark", ctypes.byref(text)) == _ffi.OK:
            self._bookmark = text_of(text.value)

    @property
    def bookmark(self) -> Optional[str]:
        """Where the reader of a subscription is, for the option bookmark of
        another one; None: nothing has come yet. It stays after the end."""
        if self._finalizer.alive:
            with self._context._using():
                self._note_bookmark()
        return self._bookmark

    def _renewing(self, options: Options) -> Steps[None]:
        op = Operation(self._context, self._context._make(
            lib.wsc_items_renew, self._ptr, Params(options)))
        yield from op.waiting(cancel=True)

    def _nexting(self) -> Steps[Optional[Value]]:
        if self._over:
            return None
        item = ctypes.c_void_p()
        while (rc := lib.wsc_items_next(self._ptr, ctypes.byref(item),
                                        0)) == _ffi.E_AGAIN:
            yield self
        if rc:
            self._note_bookmark()  # what lies behind it may be asked for
        self._context._check(rc)
        if item.value is None:
            self.close()
            return None
        return _values.read(item)
