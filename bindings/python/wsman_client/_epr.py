"""References to resources: what a request is about."""

import ctypes
import re
import weakref
from types import MappingProxyType
from typing import (Any, Callable, Dict, Iterator, Mapping, Optional, Tuple,
                    Union)

from . import _ffi, errors
from ._ffi import lib

# What XML 1.0 cannot carry; a NUL is among it.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Native:
    """Something of the library's that belongs to no context, for the time of
    a call; ctypes takes it for an argument as it is."""

    def __init__(self, pointer: ctypes.c_void_p,
                 unref: Callable[[ctypes.c_void_p], None]):
        self._as_parameter_ = pointer
        weakref.finalize(self, unref, pointer)


def malformed(what: str, why: str, text: str = "",
              at: Optional[int] = None) -> errors.MalformedError:
    """Return the error of a text, which points at the character."""
    more = {} if at is None else {"offset": at}
    place = ("" if at is None else " (at offset %d: %r)" % (
        at, shortened(text[at:])) if at < len(text) else " (at its end)")
    error = errors.of_code(_ffi.E_USAGE, "%s: %s%s" % (what, why, place))
    return errors.MalformedError(str(error), {**error.details, **more})


def shortened(text: str) -> str:
    """Return text for a message."""
    return text if len(text) < 80 else text[:77] + "..."


def carried(what: str, text: str) -> bytes:
    """Return text for the library, if XML can carry it."""
    if not isinstance(text, str):
        raise TypeError("%s: a str is needed, not %s"
                        % (what, type(text).__name__))
    bad = _NOT_XML.search(text)
    if bad:
        raise malformed(what, "a character that XML cannot carry", text,
                        bad.start())
    return text.encode()


def characters(data: bytes, at: int) -> int:
    """Return how many characters the first bytes are."""
    return len(data[:at].decode("utf-8", "ignore"))


class Epr:
    """A reference to a resource: its URI, and selectors that say which one.

    resource is text as administrators write it: an alias or a URI, and
    selectors behind a question mark: "wmicimv2/Win32_Service?Name=WinRM".
    More selectors may be given beside it; those values need no quotes. The
    value of a selector may be a reference itself.

    Two are equal if their selectors are; letters' case counts in values
    alone. Nothing changes it once it is made.
    """

    __slots__ = ("_uri", "_selectors")

    def __init__(self, resource: str, selectors: Mapping[
            str, Union[str, int, "Epr"]] = MappingProxyType({})):
        self._take(_parse(resource), selectors)

    @classmethod
    def from_uri(cls, uri: str, selectors: Mapping[
            str, Union[str, int, "Epr"]] = MappingProxyType({})) -> "Epr":
        """Return one of a URI that is taken as it is: no alias is looked
        for, and no question mark ("urn:example:thing")."""
        self, out = cls.__new__(cls), ctypes.c_void_p()
        if lib.wsc_epr_new(ctypes.byref(out), carried("uri", uri)) != _ffi.OK:
            raise malformed("uri", "it is empty")
        self._take(Native(out, lib.wsc_epr_unref), selectors)
        return self

    @classmethod
    def parse_path(cls, path: str) -> Tuple["Epr", Optional[str]]:
        """Return the resource that a path leads to, and what it names within
        that, or None: "WSMan:\\localhost\\Client\\TrustedHosts",
        "winrm/config/service/MaxConnections"."""
        native = _parse(path, lib.wsc_epr_parse_path)
        inside = lib.wsc_epr_inside(native)
        return cls._of(native), (None if inside is None
                                 else _ffi.text_of(inside))

    @classmethod
    def _of(cls, native: Any) -> "Epr":
        """Return what the library has."""
        self = cls.__new__(cls)
        self._take(native, {})
        return self

    def _take(self, native: Any,
              more: Mapping[str, Union[str, int, "Epr"]]) -> None:
        """Keep what the library has, and add to it; it checks names."""
        self._uri = _ffi.text_of(lib.wsc_epr_uri(native))
        if more:
            for name, value in more.items():
                _add(native, name, value)
        self._selectors: Dict[str, Union[str, Epr]] = dict(_selectors(native))

    @property
    def uri(self) -> str:
        """The URI of the resource, whole."""
        return self._uri

    @property
    def selectors(self) -> Mapping[str, Union[str, "Epr"]]:
        """Names and values."""
        return MappingProxyType(self._selectors)

    def _native(self) -> Native:
        out = ctypes.c_void_p()
        rc = lib.wsc_epr_new(ctypes.byref(out), self._uri.encode())
        if rc != _ffi.OK:
            raise errors.of_code(rc)
        native = Native(out, lib.wsc_epr_unref)
        for name, value in self._selectors.items():
            _add(native, name, value)
        return native

    def _key(self) -> Any:
        return self._uri.lower(), frozenset(
            (name.lower(), value) for name, value in self._selectors.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Epr):
            return NotImplemented
        return bool(self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        more = ", %r" % self._selectors if self._selectors else ""
        return "Epr(%r%s)" % (self._uri, more)

    def __str__(self) -> str:
        """Return text as Epr() takes it, where no value is a reference."""
        words = []
        for name, value in self._selectors.items():
            if isinstance(value, Epr):
                return repr(self)
            if "+" in value or '"' in value or value != value.strip():
                value = '"%s"' % value.replace('"', '""')
            words.append("%s=%s" % (name, value))
        return self._uri + ("?" + "+".join(words) if words else "")


Resource = Union[str, Epr]


def native_of(resource: Resource) -> Native:
    """Return what a request is about for the library."""
    return (resource._native() if isinstance(resource, Epr)
            else _parse(resource))


def _parse(text: str, parse: Any = None) -> Native:
    data, out = carried("the resource", text), ctypes.c_void_p()
    at, why = ctypes.c_size_t(), ctypes.c_char_p()
    rc = (parse or lib.wsc_epr_parse)(ctypes.byref(out), data,
                                      ctypes.byref(at), ctypes.byref(why))
    if rc == _ffi.E_USAGE:
        raise malformed("the resource %r" % text, _ffi.text_of(why.value),
                        text, characters(data, at.value))
    if rc != _ffi.OK:
        raise errors.of_code(rc)
    return Native(out, lib.wsc_epr_unref)


def _add(native: Any, name: str, value: Union[str, int, Epr]) -> None:
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, int):
        value = str(value)
    what = "the selector %r" % (name,)
    if isinstance(value, Epr):
        rc = lib.wsc_epr_add_selector_epr(native, carried(what, name),
                                          value._native())
    else:
        rc = lib.wsc_epr_add_selector(native, carried(what, name),
                                      carried(what, value))
    if rc == _ffi.E_USAGE:
        raise malformed(what, "it is there already, or too deep" if name
                        else "its name is missing")
    if rc != _ffi.OK:
        raise errors.of_code(rc)


def _selectors(native: Any) -> Iterator[Any]:
    name, value = ctypes.c_char_p(), ctypes.c_char_p()
    reference, index = ctypes.c_void_p(), 0
    while lib.wsc_epr_selector_at(native, index, ctypes.byref(name),
                                  ctypes.byref(value),
                                  ctypes.byref(reference)) == _ffi.OK:
        yield _ffi.text_of(name.value), (
            Epr._of(reference) if reference else _ffi.text_of(value.value))
        index += 1
