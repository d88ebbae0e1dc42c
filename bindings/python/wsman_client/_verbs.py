"""What a client does with resources, and enumerations, apart from how they
wait."""

import ctypes
from typing import Any, List, Optional

from . import _ffi, _values, errors
from ._core import Handle, Steps
from ._epr import Epr, Resource, native_of
from ._ffi import lib
from ._objects import BaseClient, Operation, Options
from ._options import Params, encode
from ._values import Data, Value


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
        value = lib.wsc_op_value(op._ptr)
        return _values.read(value) if value else None

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
    """An enumeration. What is not read of it, the server is told to forget
    when it is closed or dropped."""

    _over = False

    def __init__(self, client: BaseClient, resource: Resource,
                 filter: Optional[str], dialect: Optional[str],
                 options: Options):
        context, epr = client._context, native_of(resource)
        params = Params({"filter": filter, "dialect": dialect, **options})
        with context._using():
            pointer = context._make(lib.wsc_enumerate, client._ptr, epr,
                                    params)
        self._url = client._url
        super().__init__(context, pointer, lib.wsc_items_unref)

    def _telling(self) -> List[str]:
        return ["at", self._url]

    def close(self) -> None:
        """Give it back; the server is told in the background."""
        self._over = True
        self._release()

    def _nexting(self) -> Steps[Optional[Value]]:
        if self._over:
            return None
        item = ctypes.c_void_p()
        while (rc := lib.wsc_items_next(self._ptr, ctypes.byref(item),
                                        0)) == _ffi.E_AGAIN:
            yield self
        self._context._check(rc)
        if item.value is None:
            self.close()
            return None
        return _values.read(item)
