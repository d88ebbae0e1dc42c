"""What resources hold: elements, as objects of Python's own.

A reply is copied when it arrives: the library writes its tree as XML, one
call however large it is, and expat makes a Value of each element. So a value
may be kept, pickled, and used in any thread, whatever becomes of the client,
and the garbage collector finds no handle in it; a tree of the library's
belongs to one thread at a time, and a call for each property of each item
costs more than the XML. That XML is not kept, for few ask for it: to_xml()
has it written again. What texts mean the library decides, too: a small tree
of its own is made for the question.
"""

import base64
import contextlib
import ctypes
import difflib
import math
import re
from datetime import datetime, timedelta, timezone
from typing import (Any, Dict, Iterator, List, Mapping, Optional, Sequence,
                    Tuple, Union)
from xml.parsers import expat

from . import _ffi, errors
from ._epr import Epr, Native, carried, characters, malformed, shortened
from ._ffi import lib

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

# What becomes elements. A mapping has names and what they hold, a list is an
# element that is repeated, None is null.
Data = Union[None, str, bool, int, float, bytes, datetime, timedelta, Epr,
             "Value", Mapping[str, "Data"], Sequence["Data"]]

_EPOCH = datetime(1970, 1, 1)
_NO_OFFSET = 2 ** (8 * ctypes.sizeof(ctypes.c_int) - 1) - 1  # INT_MAX
_INTEGER = re.compile("[+-]?[0-9]+")

# Of xsi:type, in small letters: the method that knows it (DSP0230).
_TYPES: Dict[str, str] = {
    **dict.fromkeys(
        "byte unsignedbyte short unsignedshort int unsignedint long "
        "unsignedlong integer nonnegativeinteger positiveinteger "
        "nonpositiveinteger negativeinteger".split(), "to_int"),
    "float": "to_float", "double": "to_float", "decimal": "to_float",
    "boolean": "to_bool", "datetime": "to_datetime", "date": "to_datetime",
    "duration": "to_timedelta", "base64binary": "to_bytes",
    "hexbinary": "to_bytes", "reference": "to_epr"}
# An element of CIM's that is alone within says what it is, too.
_WITHIN = {"Datetime": "to_datetime", "Date": "to_datetime",
           "Interval": "to_timedelta", "CIM_DateTime": "_time_or_duration"}


class Value:
    """An element: a name, and text or elements within.

    len() and iteration are of the elements within. value["Name"] is the one
    of this name, letters' case ignored, or the list of all if there are
    several; paths ("Service/Auth/Basic") go further down. find() gives None
    where there is none, and find_all() a list of any length.

    One for a request is made from what it is to hold: see Data. Without a
    namespace it has that of what it will be in.
    """

    __slots__ = ("name", "ns", "text", "type", "type_ns", "attrs", "_within",
                 "epr")

    name: Optional[str]     # without a prefix; None: the resource's
    ns: Optional[str]       # "": none; None: that of what it is in
    text: Optional[str]     # None: null; "" where elements are within
    type: Optional[str]     # xsi:type without a prefix
    type_ns: Optional[str]  # its namespace
    attrs: Dict[str, str]   # "name" or "{namespace}name"
    _within: List["Value"]
    epr: Optional[Epr]      # what the answer named it, asked by request_epr

    def __init__(self, name: Optional[str] = None, content: Data = None, *,
                 ns: Optional[str] = None, type: Optional[str] = None,
                 type_ns: Optional[str] = None,
                 attrs: Optional[Mapping[str, str]] = None):
        self._begin(name, ns)
        self._fill(content, name or "the value")
        if ns is not None:
            self._within = [value._in(ns) for value in self._within]
        if type is not None:
            self.type, self.type_ns = type, ns if type_ns is None else type_ns
        if attrs:
            self.attrs.update(attrs)

    @classmethod
    def parse(cls, xml: Union[str, bytes]) -> "Value":
        """Return what XML with one element says."""
        data = xml.encode("utf-8", "surrogatepass") if isinstance(
            xml, str) else bytes(xml)
        out, at = ctypes.c_void_p(), ctypes.c_size_t()
        rc = lib.wsc_value_parse(ctypes.byref(out), data, len(data),
                                 ctypes.byref(at))
        if rc == _ffi.E_USAGE:
            raise malformed("the XML", "it is not well-formed",
                            data.decode("utf-8", "replace"),
                            characters(data, at.value))
        if rc != _ffi.OK:
            raise errors.of_code(rc)
        return read(Native(out, lib.wsc_value_unref))

    # --- looking -----------------------------------------------------------

    @property
    def is_null(self) -> bool:
        """Whether it is null (xsi:nil)."""
        return self.text is None

    def __len__(self) -> int:
        return len(self._within)

    def __bool__(self) -> bool:
        return True  # a text is something, too

    def __iter__(self) -> Iterator["Value"]:
        return iter(self._within)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __getitem__(self, key: Union[int, str]) -> Any:
        if not isinstance(key, str):
            return self._within[key]
        found = self.find_all(key)
        if not found:
            raise KeyError(self._missing(key))
        return found if len(found) > 1 else found[0]

    def find(self, path: str) -> Optional["Value"]:
        """Return the first element of a path, None if there is none: names
        separated by /, letters' case ignored, * for any."""
        return next(self._search(path.lower().split("/")), None)

    def find_all(self, path: str) -> List["Value"]:
        """Return all elements of a path: of an array, say."""
        return list(self._search(path.lower().split("/")))

    def _search(self, steps: List[str]) -> Iterator["Value"]:
        for value in self._within:
            if steps[0] in ("*", (value.name or "").lower()):
                if len(steps) == 1:
                    yield value
                else:
                    yield from value._search(steps[1:])

    def _missing(self, path: str) -> str:
        """Return what a KeyError says; it goes as far as the path leads."""
        value, steps = self, path.split("/")
        while len(steps) > 1 and (deeper := value.find(steps[0])):
            value = deeper
            del steps[0]
        known = {each.name.lower(): each.name for each in value if each.name}
        near = difflib.get_close_matches(steps[0].lower(), known, 1)
        return 'no "%s" in %s%s' % (
            steps[0], value.name or "the value",
            '; did you mean "%s"?' % known[near[0]] if near else "")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name)
                   for name in self.__slots__ if name != "epr")

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        """Return its text; of one with elements within, its XML."""
        return self.to_xml() if self._within else self.text or ""

    def __repr__(self) -> str:
        if self._within:
            what = "of %d" % len(self._within)
        else:
            what = "null" if self.text is None else repr(self.text)
        return "<Value %s %s>" % (self.name or "-", what)

    # --- what it means: None of all for null -------------------------------

    def to_int(self) -> Optional[int]:
        """Return a whole number of any size."""
        text = self._plain("a whole number")
        if text is None:
            return None
        if not _INTEGER.fullmatch(text):
            raise self._is_no("a whole number")
        return int(text)

    def to_float(self) -> Optional[float]:
        """Return a number; INF, -INF and NaN are some."""
        number = ctypes.c_double()
        there = self._ask(lib.wsc_value_get_double, "a number",
                          ctypes.byref(number))
        return number.value if there else None

    def to_bool(self) -> Optional[bool]:
        """Return what true, false, 1 or 0 says."""
        text = self._plain("true or false")
        if text is None:
            return None
        known = {"true": True, "1": True, "false": False, "0": False}
        if text.lower() not in known:
            raise self._is_no("true or false")
        return known[text.lower()]

    def to_datetime(self) -> Optional[datetime]:
        """Return a point in time, aware if an offset from UTC is written,
        otherwise naive: whose clock that is the text does not say. What is
        finer than a microsecond is cut."""
        ticks, offset = ctypes.c_int64(), ctypes.c_int()
        if not self._ask(lib.wsc_value_get_time, "a point in time",
                         ctypes.byref(ticks), ctypes.byref(offset)):
            return None
        time, zone = ticks.value // 10, None
        if offset.value != _NO_OFFSET:
            zone = timezone(timedelta(minutes=offset.value))
            time += offset.value * 60000000
        try:
            return (_EPOCH + timedelta(microseconds=time)).replace(tzinfo=zone)
        except OverflowError:
            raise self._is_no("a point in time that Python has") from None

    def to_timedelta(self) -> Optional[timedelta]:
        """Return a duration. What is finer than a microsecond is cut."""
        ticks = ctypes.c_int64()
        there = self._ask(lib.wsc_value_get_duration, "a duration",
                          ctypes.byref(ticks))
        time = timedelta(microseconds=abs(ticks.value) // 10)
        return (-time if ticks.value < 0 else time) if there else None

    def to_bytes(self) -> Optional[bytes]:
        """Return octets: from base64, or from what xsi:type calls hex."""
        text = self._plain("base64")
        if text is None:
            return None
        if (self.type or "").lower().endswith("hexbinary"):
            with contextlib.suppress(ValueError):
                return bytes.fromhex(text)
            raise self._is_no("hexadecimal")
        size = ctypes.c_size_t()
        buffer = ctypes.create_string_buffer(len(text) + 1)
        self._ask(lib.wsc_value_get_bytes, "base64", buffer, len(buffer),
                  ctypes.byref(size))
        return buffer.raw[:size.value]

    def to_epr(self) -> Optional[Epr]:
        """Return a reference: a property that is one, or an item where
        enumeration_mode is epr or object-and-epr."""
        out = ctypes.c_void_p()
        if not self._ask(lib.wsc_value_get_epr, "a reference",
                         ctypes.byref(out)):
            return None
        return Epr._of(Native(out, lib.wsc_epr_unref))

    def to_xml(self) -> str:
        """Return XML that can stand alone."""
        return _xml(_native(self)).decode()

    def to_python(self) -> Any:
        """Return dict, list, str and None, and what xsi:type says (int,
        float, bool, bytes); points in time, durations and references of CIM
        are known without it. What is repeated is a list: that an element is
        the only one of an array cannot be seen. Attributes are "@Name", of
        an element that is text "ELEMENT@Name" beside it (of the first one
        where it is repeated)."""
        method = self._method()
        if method:
            return getattr(self, method)()
        if not self._within and (self.text or not self.attrs):
            return self.text
        found: Dict[str, Any] = {"@" + name: text
                                 for name, text in self.attrs.items()}
        several: Dict[str, List[Any]] = {}
        for value in self._within:
            name, meaning = value.name or "", value.to_python()
            if name in several:
                several[name].append(meaning)
            elif name in found:
                found[name] = several[name] = [found[name], meaning]
            else:
                found[name] = meaning
            if value.text and not value._within:
                for attr, text in value.attrs.items():
                    found.setdefault("%s@%s" % (name, attr), text)
        return found

    def _method(self) -> Optional[str]:
        """Return which of the above knows what it is, by what it says."""
        known = None
        if self.type and self.type_ns in (CIM, XSD):
            name = self.type.lower()
            if self.type_ns == CIM and name.startswith("cim"):
                name = name[3:]
                if name == "datetime":
                    known = "_time_or_duration"
            known = known or _TYPES.get(name)
        if not self._within or known == "to_epr":
            return known
        only = self._within[0] if len(self._within) == 1 else None
        if only and only.ns == CIM and not only._within:
            return _WITHIN.get(only.name or "")
        if any(value.ns == ADDRESSING and value.find("ResourceURI")
               for value in self._within):
            return "to_epr"
        return None

    def _time_or_duration(self) -> Union[datetime, timedelta, None]:
        try:
            return self.to_datetime()
        except errors.MalformedError:
            return self.to_timedelta()

    def _plain(self, wanted: str) -> Optional[str]:
        if self._within:
            raise self._is_no(wanted)
        return None if self.text is None else self.text.strip(" \t\r\n")

    def _ask(self, function: Any, wanted: str, *arguments: Any) -> bool:
        """Have the library say what it means; False for null."""
        rc = function(_native(self), *arguments)
        if rc == _ffi.E_PROTOCOL:
            raise self._is_no(wanted)
        if rc not in (_ffi.OK, _ffi.E_AGAIN):
            raise errors.of_code(rc)
        return bool(rc == _ffi.OK)

    def _is_no(self, wanted: str) -> errors.MalformedError:
        inner = self
        while len(inner) == 1:
            inner = inner._within[0]
        text = inner.text if not len(inner) else None
        if text is None:
            shown = "what is within"
        else:
            shown = '"%s"' % repr(shortened(text))[1:-1]
        return malformed(self.name or "the value",
                         "%s is not %s" % (shown, wanted))

    # --- making ------------------------------------------------------------

    def _begin(self, name: Optional[str], ns: Optional[str]) -> None:
        self.name, self.ns, self.text = name, ns, ""
        self.type = self.type_ns = None
        self.attrs, self._within, self.epr = {}, [], None

    def _fill(self, data: Data, path: str) -> None:
        if isinstance(data, Value):
            self.text, self._within = data.text, data._within
            self.type, self.type_ns = data.type, data.type_ns
            self.attrs = dict(data.attrs)
        elif isinstance(data, Mapping):
            for name, each in data.items():
                self._add(name, each, path)
        elif isinstance(data, Epr):
            self._within = _of_epr(data)._within
        elif isinstance(data, datetime):
            self._within = [_leaf("Datetime", _time(data))]
        elif isinstance(data, timedelta):
            self._within = [_leaf("Interval", _duration(data))]
        else:
            self.text = _text(data, path)

    def _in(self, ns: str) -> "Value":
        """Return it with this namespace, if it has none of its own."""
        if self.ns is not None:
            return self
        made = Value.__new__(Value)
        made._begin(self.name, ns)
        made.text, made._within = self.text, self._within
        made.type, made.type_ns = self.type, self.type_ns
        made.attrs = self.attrs
        return made

    def _add(self, name: str, data: Data, path: str) -> None:
        if not isinstance(name, str):
            raise TypeError("%s: the name of an element is a str, not %s"
                            % (path, type(name).__name__))
        path = "%s/%s" % (path, name)
        if not _is_list(data):
            several: Sequence[Data] = [data]
        else:
            several = list(data) or [None]  # type: ignore[arg-type]
            if len(several) > 1 and any(each is None for each in several):
                raise malformed(path, "no element of an array is null")
        for each in several:
            made = Value.__new__(Value)
            made._begin(name, None)
            made._fill(each, path)
            self._within.append(made)


def _is_list(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(
        data, (str, bytes, bytearray, memoryview))


def _leaf(name: str, text: str) -> Value:
    value = Value.__new__(Value)
    value._begin(name, CIM)
    value.text = text
    return value


def _text(data: Any, path: str) -> Optional[str]:
    """Return what is not elements as text."""
    if data is None or isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        return str(int(data))
    if isinstance(data, float):
        if math.isinf(data):
            return "INF" if data > 0 else "-INF"
        return "NaN" if math.isnan(data) else repr(data)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return base64.b64encode(data).decode()
    if _is_list(data):
        raise TypeError("%s: a list stands for elements of one name, and is "
                        "the value of that name" % path)
    raise TypeError(
        "%s: %s cannot be sent: str, bool, int, float, bytes, datetime, "
        "timedelta, None, Epr, Value, a list or a dict can"
        % (path, type(data).__name__))


def _time(time: datetime) -> str:
    """Return what cim:Datetime holds. An aware time has its offset; a naive
    one has none, as it is read."""
    offset = time.utcoffset()
    if offset is not None and offset % timedelta(minutes=1):
        time = time.astimezone(timezone.utc)  # of old: it has seconds
    text = time.isoformat(timespec="microseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _duration(time: timedelta) -> str:
    sign, time = ("-", -time) if time < timedelta(0) else ("", time)
    minutes, seconds = divmod(time.seconds, 60)
    return "%sP%dDT%dH%dM%d.%06dS" % (sign, time.days, minutes // 60,
                                      minutes % 60, seconds,
                                      time.microseconds)


# --- from and to the library -----------------------------------------------

def _xml(native: Any) -> bytes:
    text = ctypes.c_char_p()
    rc = lib.wsc_value_get_xml(native, ctypes.byref(text), None)
    if rc != _ffi.OK:
        raise errors.of_code(rc)
    return text.value or b""


def read(native: Any) -> Value:
    """Return a copy of a value of the library's."""
    try:
        return _read(_xml(native))
    except expat.ExpatError as error:
        raise errors.of_code(_ffi.E_PROTOCOL, "the answer cannot be read: %s"
                             % error) from None


def _clark(name: str) -> str:
    ns, _, local = name.rpartition(" ")
    return "{%s}%s" % (ns, local) if ns else local


def _read(xml: bytes) -> Value:
    """Read what the library has written: no DTD, no comments."""
    top = Value.__new__(Value)
    top._begin(None, None)
    stack, parts = [top], []  # type: List[Value], List[str]
    scopes: Dict[str, List[str]] = {}

    def start(name: str, attributes: Dict[str, str]) -> None:
        ns, _, local = name.rpartition(" ")
        value = Value.__new__(Value)
        value._begin(local, ns)
        for key, text in attributes.items():
            if key == XSI + " nil":
                value.text = None
            elif key == XSI + " type":
                prefix, _, value.type = text.rpartition(":")
                value.type_ns = scopes.get(prefix, [""])[-1]
            else:
                value.attrs[_clark(key)] = text
        stack[-1]._within.append(value)
        stack.append(value)
        parts.clear()

    def end(_: str) -> None:
        value = stack.pop()
        if value.text is not None and not value._within:
            value.text = "".join(parts)
        parts.clear()

    def declare(prefix: Optional[str], ns: Optional[str]) -> None:
        scopes.setdefault(prefix or "", []).append(ns or "")

    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = parts.append
    parser.StartNamespaceDeclHandler = declare
    parser.EndNamespaceDeclHandler = lambda prefix: scopes[prefix or ""].pop()
    parser.Parse(xml, True)
    return top._within[0]


def _of_epr(epr: Epr) -> Value:
    native = _native(Value())
    rc = lib.wsc_value_add_epr(native, b"", b"reference", epr._native())
    if rc != _ffi.OK:
        raise errors.of_code(rc)
    return read(native)._within[0]


def native_of(data: Data) -> Native:
    """Return what a request holds for the library."""
    return _native(data if isinstance(data, Value) else Value(None, data))


def _native(value: Value) -> Native:
    out, path = ctypes.c_void_p(), value.name or "the value"
    rc = lib.wsc_value_new(ctypes.byref(out), _given(value.ns, path),
                           _given(value.name, path))
    _check(rc, path)
    native = Native(out, lib.wsc_value_unref)
    _check(lib.wsc_value_set_text(native, _given(value.text, path)), path)
    _put(native, value, path)
    return native


def _put(native: Any, value: Value, path: str) -> None:
    """Give the library all but a name and text."""
    if value.type is not None:
        _check(lib.wsc_value_set_type(
            native, carried(path, value.type_ns or ""),
            carried(path, value.type)), path + "'s xsi:type")
    for key, text in value.attrs.items():
        what = "%s's attribute %s" % (path, key)
        ns, name = _unclark(key)
        _check(lib.wsc_value_set_attr(
            native, carried(what, ns), carried(what, name),
            carried(what, text)), what)
    for each in value._within:
        child, deeper = ctypes.c_void_p(), "%s/%s" % (path, each.name)
        _check(lib.wsc_value_add(
            native, _given(each.ns, deeper),
            carried(deeper, each.name or ""), _given(each.text, deeper),
            ctypes.byref(child)), deeper)
        _put(child, each, deeper)


def _unclark(key: str) -> Tuple[str, str]:
    ns, brace, name = key.rpartition("}")
    return (ns[1:], name) if brace else ("", key)


def _given(text: Optional[str], path: str) -> Optional[bytes]:
    return None if text is None else carried(path, text)


def _check(rc: int, path: str) -> None:
    if rc == _ffi.E_USAGE:  # texts were looked at before
        raise malformed(path, "this is no name that XML allows")
    if rc != _ffi.OK:
        raise errors.of_code(rc, "%s: elements are too deep within each other"
                             % path if rc == _ffi.E_LIMIT else "")
