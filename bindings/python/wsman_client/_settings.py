"""The configuration of WinRM: what is known of its settings, and those of a
host by their paths."""

import ctypes
from collections.abc import Mapping as BaseMapping
from typing import (Any, Dict, Iterator, List, Mapping, NamedTuple, Optional,
                    Tuple, Union)

from . import _ffi, errors
from ._epr import Epr, malformed
from ._ffi import lib
from ._values import Data, Value

CONFIG = "winrm/config"


class Setting(NamedTuple):
    """What is known of a setting; defaults are those of a current Windows."""

    path: str     # "Service/MaxConnections"
    type: str     # int, bool, word, text, list or sddl
    unit: str     # of a number: ms, s, KiB, MiB
    range: str    # "500..", "None|Relaxed|Strict"
    default: str
    access: str   # "read-only", or nothing
    policy: str   # what in Group Policy sets it
    doc: str


def settings() -> Iterator[Setting]:
    """Go through the library's table of settings."""
    string, index = ctypes.c_char_p(), 0

    def field(name: str) -> Optional[str]:
        rc = lib.wsc_setting_get(index, name.encode(), ctypes.byref(string))
        return _ffi.text_of(string.value) if rc == _ffi.OK else None

    while field("path") is not None:
        yield Setting(*(field(name) or "" for name in Setting._fields))
        index += 1


_KNOWN = {each.path.lower(): each for each in settings()}
# Client, Service, ..., and what there are several of.
_TOP = {path.partition("/")[0] for path in _KNOWN} | {"listener", "plugin"}

SettingValue = Union[None, str, int, bool, List[str]]


class Config(BaseMapping):  # type: ignore[type-arg]
    """The settings of a host, as they were when it was asked: a mapping from
    paths ("Service/MaxConnections", letters' case ignored) to int, bool, str,
    a list of str (TrustedHosts), or None for null. What the library's table
    does not have is text, and so is what is not as it says."""

    value: Value                # all of it as it came
    policies: Dict[str, str]    # path: what in Group Policy sets it

    def __init__(self, value: Value):
        self.value, self.policies = value, {}
        self._at: Dict[str, Tuple[str, Value]] = {}
        for path, each in _leaves(value, ""):
            self._at.setdefault(path.lower(), (path, each))
            if each.attrs.get("Source", "").upper() == "GPO":
                known = _KNOWN.get(path.lower())
                self.policies[path] = known.policy if known else ""

    def __getitem__(self, path: str) -> SettingValue:
        if path not in self:
            raise KeyError(self._absent(path) if isinstance(path, str)
                           else path)
        value, known = self._at[path.lower()][1], _KNOWN.get(path.lower())
        try:
            return _meaning(value, known.type if known else "text")
        except errors.MalformedError:
            return value.text

    def _absent(self, path: str) -> str:
        within = [each for each in self
                  if each.lower().startswith(path.lower() + "/")]
        if within:
            return "%s is a section: %s, ..." % (path, ", ".join(within[:3]))
        return self.value._missing(path)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and path.lower() in self._at

    def __iter__(self) -> Iterator[str]:
        return (path for path, _ in self._at.values())

    def __len__(self) -> int:
        return len(self._at)

    def __repr__(self) -> str:
        return "<Config of %d settings>" % len(self)


def _meaning(value: Value, kind: str) -> SettingValue:
    if kind == "int":
        return value.to_int()
    if kind == "bool":
        return value.to_bool()
    if kind == "list" and value.text is not None:
        return [part.strip() for part in value.text.split(",")
                if part.strip()]
    return value.text


def _leaves(value: Value, before: str) -> Iterator[Tuple[str, Value]]:
    for each in value:
        path = before + (each.name or "")
        if len(each):
            yield from _leaves(each, path + "/")
        else:
            yield path, each


class _Part(Dict[str, Any]):
    """What is within something, made of paths here."""


def by_resource(changes: Mapping[str, Data]) -> List[Tuple[Epr, Any]]:
    """Return what is to be changed in which resource, in the order given."""
    found: Dict[Epr, _Part] = {}
    for path, data in changes.items():
        if not isinstance(path, str):
            raise TypeError("the path of a setting is a str, not %s"
                            % type(path).__name__)
        short = path.replace("\\", "/").lstrip("/")
        epr, inside = Epr.parse_path(_whole(short, path))
        known = _KNOWN.get(short.lower())
        if known and known.type == "list" and isinstance(data, (list, tuple)):
            data = ",".join(data)
        if inside is None:
            raise malformed("the setting %r" % path, "it is a whole resource")
        _put(found.setdefault(epr, _Part()), inside.split("/"), path, data)
    return list(found.items())


def _whole(short: str, path: str) -> str:
    """Return the path as the library takes it; URIs are in small letters."""
    above, _, name = short.partition("?")[0].rpartition("/")
    if short.partition("/")[0].lower() not in _TOP:
        return path
    return "/".join(filter(None, (CONFIG, above.lower(), name))) + \
        short[len(above) + len(name) + bool(above):]


def _put(at: Any, steps: List[str], path: str, data: Data) -> None:
    """Put it where it belongs; letters' case is as it was given first."""
    for step in steps[:-1]:
        if not isinstance(at, _Part):
            break
        at = at.setdefault(_like(at, step), _Part())
    if not isinstance(at, _Part) or _like(at, steps[-1]) in at:
        raise malformed("the setting %r" % path, "it is there twice")
    at[steps[-1]] = data


def _like(at: Mapping[str, Any], name: str) -> str:
    return next((each for each in at if each.lower() == name.lower()), name)
