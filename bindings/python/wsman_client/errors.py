"""What failed, as exceptions: a class for each error class of the library."""

import ctypes
import re
from typing import Any, Dict, Mapping, Optional, Type

from . import _ffi
from ._ffi import lib

_STRINGS = (
    "class name cause remedy machine fault-name soap-code soap-subcode "
    "fault-detail server-text provider provider-path provider-text target "
    "option nearest location offered scheme mechanism spn identity "
    "system-text").split()
_INTEGERS = (
    "code retriable http-status fault-code outer-fault-code cim-status "
    "system-code offset limit").split()


def _names(text: str, target: str) -> bool:
    """Whether the text says which host it is about."""
    authority = target.rpartition("//")[2].partition("/")[0]
    host = re.sub(r":\d+$", "", authority).strip("[]")
    return bool(re.search(r"(?<![\w.-])%s(?!\w|[.-]\w)" % re.escape(host),
                          text))


class WsmanError(Exception):
    """The base of all. str() is one sentence that says what failed, and on
    which host."""

    code: int                    # the status, WSC_E_*
    name: str                    # its name, "WSC_E_TIMEOUT" say
    cause: Optional[str]         # why that usually happens
    remedy: Optional[str]        # what to do
    retriable: bool              # the same call may succeed later
    http_status: Optional[int]
    fault_code: Optional[int]    # the code of Windows, unsigned
    fault_name: Optional[str]    # its name, "ERROR_WSMAN_..." say
    option: Optional[str]        # the one that is wrong, or whose limit it is
    nearest: Optional[str]       # the one that was probably meant
    details: Dict[str, Any]      # these and more, as wsman-client.h has them

    def __init__(self, text: str = "",
                 details: Optional[Mapping[str, Any]] = None):
        super().__init__(text)
        known = {"code": _ffi.E_USAGE, "name": "WSC_E_USAGE", "retriable": 0}
        self.details = dict(details or known)
        for name in ("code", "name", "cause", "remedy", "http-status",
                     "fault-code", "fault-name", "option", "nearest"):
            setattr(self, name.replace("-", "_"), self.details.get(name))
        self.retriable = bool(self.details.get("retriable"))
        if hasattr(self, "add_note"):  # Python 3.11
            for label, key in ("target", "target"), ("try", "remedy"):
                value = self.details.get(key)
                if value and value not in str(self):
                    self.add_note("%s: %s" % (label, value))

    def __str__(self) -> str:
        text, target = super().__str__(), self.details.get("target")
        return "%s: %s" % (target, text) if target and not _names(
            text, target) else text


class UsageError(WsmanError):
    """The call is wrong: an argument, an option, the state of the object."""


class MalformedError(UsageError, ValueError):
    """A text is not what it is taken for; of one of the caller's `details`
    has the "offset"."""


class ResourceError(WsmanError):
    """Out of memory or file descriptors."""


class Canceled(WsmanError):
    """The caller canceled it, or closed what it belonged to."""


class LimitError(WsmanError):
    """A limit of ours was reached; `option` names it."""


class NetworkError(WsmanError):
    """No address, no connection, or it broke."""


class TimeoutError_(WsmanError, TimeoutError):
    """Time ran out."""


class TlsError(WsmanError):
    """TLS failed, or the certificate was not accepted."""


class AuthError(WsmanError):
    """Credentials missing, refused, or not to be sent this way."""


class AccessDenied(WsmanError):
    """Known, but not allowed."""


class HttpError(WsmanError):
    """An HTTP answer that is not WS-Management."""


class ProtocolError(WsmanError):
    """The answer breaks the protocol."""


class FaultError(WsmanError):
    """A fault of the server that fits no other class."""


class BusyError(WsmanError):
    """A quota or load limit of the server."""


class ShellGone(WsmanError):
    """The shell or command no longer exists on the server."""


class Aborted(WsmanError):
    """The server gave up the operation."""


class FileError(WsmanError):
    """A local file could not be read."""


_CLASSES: Dict[str, Type[WsmanError]] = {
    "usage": UsageError, "memory": ResourceError, "canceled": Canceled,
    "limit": LimitError, "network": NetworkError, "timeout": TimeoutError_,
    "tls": TlsError, "auth": AuthError, "access": AccessDenied,
    "http": HttpError, "protocol": ProtocolError, "fault": FaultError,
    "busy": BusyError, "shell": ShellGone, "aborted": Aborted,
    "io": FileError}


def of_error(error: int) -> WsmanError:
    """Return the exception for an error of the library's."""
    details: Dict[str, Any] = {}
    string, integer = ctypes.c_char_p(), ctypes.c_int64()
    for name in _STRINGS:
        if lib.wsc_error_get_str(error, name.encode(),
                                 ctypes.byref(string)) == _ffi.OK:
            details[name] = _ffi.text_of(string.value)
    for name in _INTEGERS:
        if lib.wsc_error_get_int(error, name.encode(),
                                 ctypes.byref(integer)) == _ffi.OK:
            details[name] = integer.value
    kind = _CLASSES.get(details["class"], WsmanError)
    return kind(_ffi.text_of(lib.wsc_error_text(error)), details)


def of_code(code: int, text: str = "", **more: str) -> WsmanError:
    """Return the exception for a status that comes without an error."""
    details: Dict[str, Any] = {"code": code, **more}
    string = ctypes.c_char_p()
    for name in ("class", "name", "cause", "remedy", "meaning"):
        if (lib.wsc_code_get(code, name.encode(),
                             ctypes.byref(string)) == _ffi.OK
                and string.value):
            details[name] = _ffi.text_of(string.value)
    text = text or details.get("meaning", "status %d" % code)
    if code == _ffi.E_AGAIN:  # the time that a wait was given is up
        return TimeoutError_(text, {**details, "retriable": 1})
    return _CLASSES.get(details.get("class", ""), WsmanError)(text, details)
