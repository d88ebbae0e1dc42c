"""A client for WinRM: commands and management of Windows hosts.

Blocking: Client. asyncio: AsyncClient. See README.md.
"""

from ._aio import (AsyncClient, AsyncCommand, AsyncContext, AsyncItems,
                   AsyncShell)
from ._blocking import Client, Command, Context, Items, Shell
from ._epr import Epr, Resource
from ._ffi import lib as _lib
from ._objects import Chunk, Identity, Result, Stream
from ._options import Effective, Option, OptionValue, options
from ._settings import Config, Setting, SettingValue, settings
from ._values import Data, Value
from .errors import (Aborted, AccessDenied, AuthError, BusyError, Canceled,
                     FaultError, FileError, HttpError, LimitError,
                     MalformedError, NetworkError, ProtocolError,
                     ResourceError, ShellGone, TimeoutError_, TlsError,
                     UsageError, WsmanError)

__version__ = "0.1.0"

__all__ = [
    "Aborted", "AccessDenied", "AsyncClient", "AsyncCommand",
    "AsyncContext", "AsyncItems", "AsyncShell", "AuthError", "BusyError",
    "Canceled", "Chunk", "Client", "Command", "Config", "Context", "Data",
    "Effective", "Epr", "FaultError", "FileError", "HttpError", "Identity",
    "Items", "LimitError", "MalformedError", "NetworkError", "Option",
    "OptionValue", "ProtocolError", "Resource", "ResourceError", "Result",
    "Setting", "SettingValue", "Shell", "ShellGone", "Stream",
    "TimeoutError_", "TlsError", "UsageError", "Value", "WsmanError",
    "library_version", "options", "settings"]


def library_version() -> str:
    """Return the version of the C library."""
    version: bytes = _lib.wsc_version_string()
    return version.decode()
