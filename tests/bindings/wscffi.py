"""The public header as ctypes functions: types are taken from the header itself, so that what is
tested is what a binding in another language would see."""
import ctypes
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("WSC_SOURCE_DIR", os.path.dirname(os.path.dirname(HERE)))
INCLUDE = os.path.join(SOURCE, "include", "wsman-client")

SIMPLE = {"int": ctypes.c_int, "int64_t": ctypes.c_int64, "size_t": ctypes.c_size_t, "void": None,
          "const char *": ctypes.c_char_p, "const void *": ctypes.c_void_p, "void *": ctypes.c_void_p,
          "const char *const *": ctypes.POINTER(ctypes.c_char_p), "const char **": ctypes.POINTER(ctypes.c_char_p),
          "const void **": ctypes.POINTER(ctypes.c_void_p), "int *": ctypes.POINTER(ctypes.c_int),
          "size_t *": ctypes.POINTER(ctypes.c_size_t), "int64_t *": ctypes.POINTER(ctypes.c_int64),
          "uint64_t *": ctypes.POINTER(ctypes.c_uint64), "double *": ctypes.POINTER(ctypes.c_double)}


class Api:
    """Attributes are the functions without their prefix; `called` collects which were used."""

    def __init__(self, path=None):
        self.lib = ctypes.CDLL(path or os.environ["WSC_LIBRARY"])
        text = ""
        for name in ("wsman-client.h", "value.h", "sys/auth.h", "sys/encoder.h", "sys/transport.h"):
            with open(os.path.join(INCLUDE, name), encoding="utf-8") as f:
                text += re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.S)
        self.constants = {n: int(v) for n, v in re.findall(r"#define WSC_(\w+)\s+\(?(-?\d+)\)?", text)}
        self.callbacks = {}
        for result, name, args in re.findall(r"typedef ([\w ]+?[ *]+)\(\*(wsc_\w+)\)\(([^)]*)\)", text):
            self.callbacks[name] = ctypes.CFUNCTYPE(self.type(result), *self.args(args))
        self.functions = {}
        self.called = set()
        for result, name, args in re.findall(r"WSC_API ([\w ]+?[ *]+)(wsc_\w+)\(([^;]*)\);", text):
            fn = getattr(self.lib, name)
            fn.restype, fn.argtypes = self.type(result), self.args(args)
            self.functions[name] = fn

    def type(self, text):
        text = re.sub(r"\s+", " ", text).strip()
        if text in SIMPLE:
            return SIMPLE[text]
        if text in self.callbacks:
            return self.callbacks[text]
        if re.fullmatch(r"(const )?wsc_\w+ \*", text):
            return ctypes.c_void_p
        if re.fullmatch(r"(const )?wsc_\w+ \*\*", text):
            return ctypes.POINTER(ctypes.c_void_p)
        raise TypeError(f"no ctypes type for {text!r}")

    def args(self, text):
        if text.strip() == "void":
            return []
        return [self.type(re.sub(r"\w+$", "", part.strip()) if not part.strip().endswith("*") else part)
                for part in text.split(",")]

    def __getattr__(self, name):
        fn = self.functions["wsc_" + name]

        def call(*args):
            self.called.add("wsc_" + name)
            return fn(*args)
        return call

    def callback(self, name, function):
        return self.callbacks[name](function)

    # --- small helpers ------------------------------------------------------------------------------

    def new(self, name, *args):
        """A function whose first parameter is the handle it makes; raises WscError."""
        out = ctypes.c_void_p()
        rc = getattr(self, name)(ctypes.byref(out), *args)
        if rc:
            raise WscError(self, rc, None)
        return out

    def params(self, **values):
        """Options as keywords, '_' for '-'; a dict is a repeated option."""
        p = self.new("params_new")
        for name, value in values.items():
            name = name.replace("_", "-").encode()
            if isinstance(value, dict):
                for k, v in value.items():
                    self.params_add(p, name, k.encode(), v.encode())
            elif isinstance(value, bool) or not isinstance(value, int):
                self.params_set_str(p, name, str(value).lower().encode() if isinstance(value, bool) else value.encode())
            else:
                self.params_set_int(p, name, value)
        return p

    def text(self, function, handle, name):
        out = ctypes.c_char_p()
        return out.value.decode() if getattr(self, function)(handle, name.encode(), ctypes.byref(out)) == 0 else None

    def number(self, error, name):
        out = ctypes.c_int64()
        return out.value if self.error_get_int(error, name.encode(), ctypes.byref(out)) == 0 else None

    def strings(self, items):
        return (ctypes.c_char_p * len(items))(*[i.encode() for i in items])

    def output(self, command, stream):
        data, length = ctypes.c_void_p(), ctypes.c_size_t()
        self.command_output(command, stream, ctypes.byref(data), ctypes.byref(length))
        return ctypes.string_at(data, length.value)


class WscError(Exception):
    def __init__(self, api, rc, error):
        super().__init__(f"{api.code_name(rc).decode()}: {api.error_text(error).decode() if error else ''}")
        self.rc = rc
