"""The C library as ctypes functions: one line for each that is used."""

import ctypes
import ctypes.util
import os
import types
from typing import Any, Optional

# from wsman-client.h; numbers there are never used again
OK, E_AGAIN, E_USAGE, E_LIMIT = 0, -1, -3, -6
E_OPTION, E_PROTOCOL = -8, -20
VERSION_MIN, VERSION_END = 100, 10000  # 0.1.0 up to, not including, 1.0.0

LOG_FN = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p,
                          ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
FREE_FN = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
NO_FREE = FREE_FN(0)

# The letters of a prototype; a capital is the pointer to an out parameter.
_TYPES: Any = {
    "v": None, "i": ctypes.c_int, "l": ctypes.c_int64, "z": ctypes.c_size_t,
    "s": ctypes.c_char_p, "p": ctypes.c_void_p, "f": LOG_FN, "g": FREE_FN,
    "I": ctypes.POINTER(ctypes.c_int), "L": ctypes.POINTER(ctypes.c_int64),
    "Z": ctypes.POINTER(ctypes.c_size_t), "D": ctypes.POINTER(ctypes.c_double),
    "S": ctypes.POINTER(ctypes.c_char_p), "P": ctypes.POINTER(ctypes.c_void_p),
}
_TYPES["a"] = _TYPES["S"]  # an array of strings

# result and arguments: the functions
_GROUPS = {
    "i P": "ctx_new params_new",
    "v p": "ctx_unref params_unref identity_unref client_unref shell_unref "
           "command_unref epr_unref op_unref items_unref value_unref",
    "i pi": "ctx_close shell_wait command_wait op_wait",
    "i p": "ctx_fd ctx_timeout ctx_step command_write_eof command_cancel "
           "op_cancel",
    "p p": "ctx_next_event ctx_error event_op event_shell event_command "
           "event_items params_error op_value",
    "i pp": "ctx_set_params",
    "i pifpg": "ctx_set_log",
    "z p": "ctx_pending",
    "i pss": "params_set_str epr_add_selector value_set_type",
    "i psp": "epr_add_selector_epr",
    "i pssp": "value_add_epr",
    "i psssP": "value_add",
    "i pspz": "params_set_bytes",
    "i psss": "params_add value_set_attr",
    "i ps": "value_set_text",
    "i zsS": "option_get stat_get setting_get",
    "i ppsSS": "client_option",
    "i Ppp": "identity_new shell_open shell_disconnect shell_reconnect "
             "identify items_renew client_learn_limits",
    "i Ppsp": "shell_connect shell_connect_command",
    "i Ppspp": "client_new",
    "i psS": "client_get_str shell_get_str command_get_str op_get_str "
             "error_get_str items_get_str",
    "i Pp": "shell_close",
    "i Ppsazp": "client_run shell_run",
    "i pIpzZi": "command_read",
    "i ppzZi": "command_write",
    "i Pps": "command_signal",
    "i pL": "command_exit_code value_get_duration",
    "i pLI": "value_get_time",
    "i pD": "value_get_double",
    "i pP": "value_get_epr op_get_epr",
    "i pSZ": "value_get_xml",
    "i ppzZ": "value_get_bytes",
    "i Pss": "value_new",
    "i PpzZ": "value_parse",
    "i Pppp": "get delete enumerate subscribe",
    "i Ppppp": "put update create",
    "i Pppspp": "invoke",
    "i pPi": "items_next",
    "i Ppsppzp": "request",
    "i Ps": "epr_new",
    "i PsZS": "epr_parse epr_parse_path",
    "i pzSSP": "epr_selector_at",
    "s p": "error_text epr_uri epr_inside",
    "i psL": "client_get_int error_get_int",
    "i isS": "code_get",
    "s ": "version_string",
    "i ": "version_number",
}
PROTOTYPES = {name: letters for letters, names in _GROUPS.items()
              for name in names.split()}


def _open() -> ctypes.CDLL:
    named = os.environ.get("WSMAN_CLIENT_LIBRARY")
    try:
        return ctypes.CDLL(named or "libwsman-client.so.0")
    except OSError as error:
        found = None if named else ctypes.util.find_library("wsman-client")
        if found:
            return ctypes.CDLL(found)
        raise ImportError(
            "wsman_client needs the C library libwsman-client.so.0 (%s). "
            "Install libwsman-client (meson install, then ldconfig), or set "
            "WSMAN_CLIENT_LIBRARY to its path." % error,
            name="wsman_client") from error


def load() -> types.SimpleNamespace:
    """Return the functions of the table; others cannot be called, since
    ctypes would cut their pointers to an int."""
    library = _open()
    functions = {}
    try:
        for name, letters in PROTOTYPES.items():
            result, arguments = letters.split(" ")
            function = getattr(library, "wsc_" + name)
            function.restype = _TYPES[result]
            function.argtypes = [_TYPES[letter] for letter in arguments]
            functions["wsc_" + name] = function
        number = library.wsc_version_number()
    except AttributeError as error:
        raise ImportError("libwsman-client is too old: %s" % error,
                          name="wsman_client") from error
    if not VERSION_MIN <= number < VERSION_END:
        raise ImportError(
            "libwsman-client is version %s, and wsman_client needs 0.1 or a "
            "later 0.x" % library.wsc_version_string().decode(),
            name="wsman_client")
    return types.SimpleNamespace(**functions)


lib = load()


def text_of(pointer: Optional[bytes]) -> str:
    """Return a text of the library's; what comes from a server may be odd."""
    return (pointer or b"").decode("utf-8", "replace")
