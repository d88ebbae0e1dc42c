"""Options by name: a bag of them, and the table that the library has."""

import ctypes
import os
import weakref
from datetime import timedelta
from typing import Iterator, Mapping, NamedTuple, Optional, Union

from . import _ffi, errors
from ._ffi import lib

# A number of a duration is milliseconds; None leaves the option alone.
OptionValue = Union[str, bytes, int, timedelta, "os.PathLike[str]",
                    Mapping[str, str], None]


class Option(NamedTuple):
    """What is known of an option."""

    name: str
    type: str
    range: str
    default: str
    doc: str
    secret: bool
    scope: str


class Effective(NamedTuple):
    """The value of an option as an operation would see it."""

    value: Optional[str]
    layer: str


def options() -> Iterator[Option]:
    """Go through the library's table of options."""
    string, index = ctypes.c_char_p(), 0

    def field(name: str) -> Optional[str]:
        rc = lib.wsc_option_get(index, name.encode(), ctypes.byref(string))
        return _ffi.text_of(string.value) if rc == _ffi.OK else None

    while field("name") is not None:
        values = {name: field(name) or "" for name in Option._fields}
        yield Option(secret=bool(values.pop("secret")), **values)
        index += 1


def encode(value: str) -> bytes:
    """Return a C string. The library itself refuses what is not Unicode."""
    if not isinstance(value, str):
        raise TypeError("a str is needed, not %s" % type(value).__name__)
    data = value.encode("utf-8", "surrogatepass")
    if b"\0" in data:  # C would end there
        raise errors.UsageError("the text holds a NUL, at offset %d"
                                % data.index(b"\0"))
    return data


def option_name(name: str) -> bytes:
    """Return the library's name: connection_idle_timeout has dashes there."""
    return encode(name.replace("_", "-"))


# What subprocess calls the like.
_THERE = {"cwd": "working_directory", "timeout": "deadline"}
_DURATION = ('a duration is a whole number of milliseconds, text such as '
             '"30s", or a datetime.timedelta')


def _known(name: str) -> str:
    ours = _THERE.get(name)
    if ours is None:
        return name
    more = "; " + _DURATION if ours == "deadline" else ""
    raise errors.of_code(
        _ffi.E_OPTION, 'unknown option "%s"; did you mean "%s"?%s' % (
            name, ours, more), option=name, nearest=ours.replace("_", "-"))


class Params:
    """A bag of options; ctypes takes it for an argument as it is."""

    def __init__(self, values: Mapping[str, OptionValue]):
        out = ctypes.c_void_p()
        rc = lib.wsc_params_new(ctypes.byref(out))
        if rc != _ffi.OK:
            raise errors.of_code(rc)
        self._as_parameter_ = out
        weakref.finalize(self, lib.wsc_params_unref, out)
        for name, value in values.items():
            self._set(option_name(_known(name)), value)
        error = lib.wsc_params_error(out)  # the first one is kept there
        if error:
            raise errors.of_error(error)

    def _set(self, name: bytes, value: OptionValue) -> None:
        if value is None:
            return
        if isinstance(value, Mapping):
            for key, text in value.items():
                lib.wsc_params_add(self, name, encode(key), encode(text))
            return
        if isinstance(value, bytes):
            lib.wsc_params_set_bytes(self, name, value, len(value))
            return
        if isinstance(value, timedelta):
            value = value // timedelta(milliseconds=1)
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, int):  # as text: ctypes would cut it to fit
            value = str(value)
        elif isinstance(value, float):
            raise TypeError("%s: no option takes a float; %s" % (
                name.decode(), _DURATION))
        else:
            value = os.fspath(value)
        lib.wsc_params_set_str(self, name, encode(value))
