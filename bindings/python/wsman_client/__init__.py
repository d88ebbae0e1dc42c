"""A client for WinRM: shells and commands on Windows hosts.

Blocking: Client. asyncio: AsyncClient. See README.md.
"""

from ._aio import AsyncClient, AsyncCommand, AsyncContext, AsyncShell
from ._blocking import Client, Command, Context, Shell
from ._ffi import lib as _lib
from ._objects import Chunk, Identity, Result, Stream
from ._options import Effective, Option, OptionValue, options
from .errors import (Aborted, AccessDenied, AuthError, BusyError, Canceled,
                     FaultError, FileError, HttpError, LimitError,
                     NetworkError, ProtocolError, ResourceError, ShellGone,
                     TimeoutError_, TlsError, UsageError, WsmanError)

__version__ = "0.1.0"

__all__ = [
    "Aborted", "AccessDenied", "AsyncClient", "AsyncCommand", "AsyncContext",
    "AsyncShell", "AuthError", "BusyError", "Canceled", "Chunk", "Client",
    "Command", "Context", "Effective", "FaultError", "FileError", "HttpError",
    "Identity", "LimitError", "NetworkError", "Option", "OptionValue",
    "ProtocolError", "ResourceError", "Result", "Shell", "ShellGone",
    "Stream", "TimeoutError_", "TlsError", "UsageError", "WsmanError",
    "library_version", "options"]


def library_version() -> str:
    """Return the version of the C library."""
    version: bytes = _lib.wsc_version_string()
    return version.decode()
