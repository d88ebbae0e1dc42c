"""The table of prototypes, and how the library is found."""

import os
import subprocess
import sys
import unittest

from support import PACKAGE
from wscffi import Api

from wsman_client import _core, _ffi

LIBRARY = os.environ["WSMAN_CLIENT_LIBRARY"]


class PrototypeTest(unittest.TestCase):
    """Every prototype is that of the header."""

    def test_header(self):
        api = Api(LIBRARY)
        for name in _ffi.PROTOTYPES:
            declared = getattr(_ffi.lib, "wsc_" + name)
            want = api.functions["wsc_" + name]
            self.assertEqual(declared.restype, want.restype, name)
            self.assertEqual(self.kinds(declared), self.kinds(want), name)
        for name in ("OK", "E_AGAIN", "E_USAGE", "E_LIMIT", "E_OPTION",
                     "E_PROTOCOL"):
            self.assertEqual(getattr(_ffi, name), api.constants[name])
        for number, level in enumerate(_core.LEVELS):
            self.assertEqual(api.constants["LOG_" + level.upper()], number)

    @staticmethod
    def kinds(function):
        """Return the types; of callbacks how many arguments they have."""
        return [len(kind._argtypes_) if hasattr(kind, "_argtypes_") else kind
                for kind in function.argtypes]

    def test_each_is_used(self):
        text = ""
        folder = os.path.join(PACKAGE, "wsman_client")
        for name in os.listdir(folder):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    text += f.read()
        for name in _ffi.PROTOTYPES:
            self.assertIn("wsc_" + name, text)

    def test_others_cannot_be_called(self):
        self.assertFalse(hasattr(_ffi.lib, "wsc_ctx_new_on_uv"))


class FindTest(unittest.TestCase):
    """Import without the library, or with a wrong one."""

    def message(self, library=None):
        """Return what the import says."""
        env = dict(os.environ, PYTHONPATH=PACKAGE)
        for name in ("WSMAN_CLIENT_LIBRARY", "LD_LIBRARY_PATH"):
            env.pop(name, None)
        if library:
            env["WSMAN_CLIENT_LIBRARY"] = library
        done = subprocess.run(
            [sys.executable, "-c", "import wsman_client"], env=env,
            capture_output=True, encoding="utf-8")
        return (done.stderr.strip().splitlines() or [""])[-1]

    def test_missing(self):
        self.assertRegex(self.message("/no/such.so"),
                         "^ImportError: .*Install libwsman-client")

    def test_nothing_named(self):
        message = self.message()
        if message:  # it may be installed
            self.assertRegex(message, "^ImportError: .*WSMAN_CLIENT_LIBRARY")

    def test_another_library(self):
        self.assertRegex(self.message("libc.so.6"),
                         "^ImportError: libwsman-client is too old")

    def test_there(self):
        self.assertEqual(self.message(LIBRARY), "")

    def test_version(self):
        for number in (1, 10000):
            code = ("import wsman_client._ffi as f\n"
                    "f.VERSION_MIN, f.VERSION_END = %d, %d\n"
                    "f.load()" % ((number, 100) if number == 1
                                  else (number, 20000)))
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True,
                env=dict(os.environ, PYTHONPATH=PACKAGE), encoding="utf-8")
            self.assertRegex(done.stderr, "ImportError: libwsman-client is "
                                          "version 0")


if __name__ == "__main__":
    unittest.main()
