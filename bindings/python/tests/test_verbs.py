"""Resources: values, references, the verbs, enumerations."""

import asyncio
import copy
import gc
import pickle
import threading
import unittest
from datetime import datetime, timedelta, timezone

import support
from support import LOGIN, EndpointCase, ours

import wsman_client
from wsman_client import (AccessDenied, AsyncClient, Client, Epr, FaultError,
                          MalformedError, ProtocolError, UsageError, Value,
                          WsmanError)

WSMAN = "http://schemas.microsoft.com/wbem/wsman/1"
CONFIG = WSMAN + "/config"
CIMV2 = WSMAN + "/wmi/root/cimv2/"
COMMON = "http://schemas.dmtf.org/wbem/wscim/1/common"
XSD = "http://www.w3.org/2001/XMLSchema"
SERVICE = "wmicimv2/Win32_Service"
TYPES = "wmicimv2/Test_Types?Name=all"
ITEM = "wmicimv2/Test_Item"
UTC = timezone.utc


def value_of(text, type=None, ns=COMMON, name="V"):
    """Return a value as a reply might have it."""
    return Value(name, text, ns="urn:x", type=type, type_ns=ns)


class ValueTest(unittest.TestCase):
    """Values, as they are read."""

    XML = """<p:Thing xmlns:p="urn:p" xmlns:q="urn:q" q:Kind="a&#10;b"
        Plain="1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:type="q:Thing_Type"><p:Name>WinRM</p:Name><p:State/>
        <p:None xsi:nil="true"/><q:Word>one</q:Word><q:Word> </q:Word>
        <p:Inner><p:Deep xmlns:q="urn:other" xsi:type="q:T">1</p:Deep>
        <p:Deep xsi:type="q:T">2</p:Deep></p:Inner></p:Thing>"""

    def setUp(self):
        self.value = Value.parse(self.XML)

    def test_fields(self):
        value = self.value
        self.assertEqual((value.name, value.ns, value.text, value.type,
                          value.type_ns, value.is_null),
                         ("Thing", "urn:p", "", "Thing_Type", "urn:q", False))
        self.assertEqual(value.attrs, {"{urn:q}Kind": "a\nb", "Plain": "1"})
        self.assertEqual([v.name for v in value],
                         ["Name", "State", "None", "Word", "Word", "Inner"])
        self.assertEqual([v.text for v in value],
                         ["WinRM", "", None, "one", " ", ""])
        self.assertEqual(value["Word"][0].ns, "urn:q")
        self.assertEqual([(v.type, v.type_ns) for v in value["Inner"]],
                         [("T", "urn:other"), ("T", "urn:q")])
        self.assertTrue(value["none"].is_null)

    def test_looking(self):
        value = self.value
        self.assertEqual((len(value), len(value[0]), value[-1].name),
                         (6, 0, "Inner"))
        self.assertTrue(value["State"])  # though nothing is within
        self.assertEqual(value["NAME"].text, "WinRM")
        self.assertEqual([v.text for v in value["word"]], ["one", " "])
        self.assertEqual(value.find("Inner/deep").text, "1")
        self.assertEqual([v.text for v in value.find_all("*/Deep")],
                         ["1", "2"])
        self.assertEqual(len(value.find_all("Name")), 1)
        self.assertEqual([v.text for v in value["Inner/Deep"]], ["1", "2"])
        self.assertIsNone(value.find("Nothing"))
        self.assertIsNone(value.find(""))
        self.assertEqual(value.find_all("Name/Deep"), [])
        self.assertIn("name", value)
        self.assertIn("Inner/Deep", value)
        self.assertNotIn("Deep", value)
        self.assertNotIn(5, value)
        with self.assertRaises(IndexError):
            value[6]

    def test_missing(self):
        for path, text in (
                ("Stat", 'no "Stat" in Thing; did you mean "State"?'),
                ("Zzz", 'no "Zzz" in Thing'),
                ("inner/Deeep", 'no "Deeep" in Inner; did you mean "Deep"?'),
                ("nam/x", 'no "nam" in Thing; did you mean "Name"?'),
                ("name/x", 'no "x" in Name')):
            with self.assertRaises(KeyError) as caught:
                self.value[path]
            self.assertEqual(caught.exception.args, (text,))

    def test_words(self):
        value = self.value
        self.assertEqual(repr(value), "<Value Thing of 6>")
        self.assertEqual([repr(v) for v in value][:3], [
            "<Value Name 'WinRM'>", "<Value State ''>", "<Value None null>"])
        self.assertEqual([str(v) for v in value][:3], ["WinRM", "", ""])
        self.assertEqual(Value.parse(str(value)), value)
        self.assertEqual(repr(Value()), "<Value - null>")

    def test_xml(self):
        text = self.value.to_xml()
        self.assertEqual(Value.parse(text), self.value)
        self.assertEqual(Value.parse(text.encode()), self.value)
        odd = "<&>\"' \t\u00e4\u20ac\U0001f600 ]]> \r\n end "
        made = Value("a", {"b": odd}, ns="", attrs={"c": odd, "{urn:d}c": ""})
        again = Value.parse(made.to_xml())
        self.assertEqual((again["b"].text, again.attrs), (odd, made.attrs))
        self.assertEqual(again, made)

    def test_equal(self):
        other = copy.deepcopy(self.value)
        self.assertEqual(other, self.value)
        self.assertNotEqual(other["Inner"], self.value["Name"])
        self.assertNotEqual(self.value["Name"], "WinRM")
        self.assertEqual(pickle.loads(pickle.dumps(self.value)), self.value)
        with self.assertRaises(TypeError):
            hash(self.value)

    def test_bad_xml(self):
        for text, at in (("<a><b></a>", 10), ("", 0), ("<ä>&no;</ä>", None),
                         ("<a/><b/>", None), ("x", None)):
            with self.assertRaisesRegex(MalformedError, "not well-formed") \
                    as caught:
                Value.parse(text)
            if at is not None:
                self.assertLessEqual(caught.exception.details["offset"], at)
        self.assertIsInstance(caught.exception, ValueError)
        self.assertIsInstance(caught.exception, UsageError)
        with self.assertRaises(MalformedError) as caught:
            Value.parse("<a>" + "x" * 200 + "<" + "y" * 200)
        self.assertLess(len(str(caught.exception)), 200)
        with self.assertRaises(WsmanError):
            Value.parse("<a>" * 70 + "</a>" * 70)

    def test_in_other_threads(self):
        def work():
            for _ in range(200):
                found.append(self.value.find("Inner/Deep").to_int())
                self.value.to_xml()
                gc.collect(0)
        found = []
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [1] * 800)


class MeaningTest(unittest.TestCase):
    """What texts mean."""

    def check(self, method, good, bad, wanted):
        """Try texts; null is None, and elements are none of them."""
        for text, want in good.items():
            have = getattr(value_of(text), method)()
            self.assertEqual((have, type(have)), (want, type(want)), text)
        self.assertIsNone(getattr(value_of(None), method)())
        for text in bad:
            with self.assertRaises(MalformedError) as caught:
                getattr(value_of(text), method)()
            self.assertIn(wanted, str(caught.exception))
            self.assertTrue(str(caught.exception).startswith("V: "))
        with self.assertRaisesRegex(MalformedError,
                                    "V: what is within is not " + wanted):
            getattr(value_of({"a": "1", "b": "1"}), method)()

    def test_int(self):
        self.check("to_int", {
            "5": 5, " -7\r\n": -7, "+0": 0, "007": 7,
            "18446744073709551615": 18446744073709551615, "9" * 30:
            int("9" * 30)}, ("", "abc", "1.0", "1_000", "\u0661", "- 1",
                             "0x1", "1 2"), "a whole number")
        with self.assertRaises(ValueError) as caught:
            value_of("abc", name="ProcessId").to_int()
        self.assertEqual(str(caught.exception),
                         'ProcessId: "abc" is not a whole number')
        with self.assertRaises(ValueError) as caught:
            value_of("a\n'" + 99 * "b", name="X").to_int()
        self.assertRegex(str(caught.exception), r'^X: "a\\n\'b{74}\.\.\." is')

    def test_float(self):
        self.check("to_float", {
            "5": 5.0, " -1.5E3 ": -1500.0, "INF": float("inf"),
            "-INF": float("-inf"), ".5": 0.5,
            "-2.2250738585072014E-308": -2.2250738585072014e-308},
            ("", "abc", "1_000", "0x1p3", "1,5"), "a number")
        self.assertNotEqual(value_of("NaN").to_float(),
                            value_of("NaN").to_float())

    def test_bool(self):
        self.check("to_bool", {"true": True, "TRUE": True, "1": True,
                               " false\n": False, "0": False},
                   ("", "yes", "on", "2"), "true or false")

    def test_bytes(self):
        self.check("to_bytes", {"": b"", "QUJD": b"ABC", "QUI=": b"AB",
                                "QU JD\r\nQQ==": b"ABCA"},
                   ("Q", "!", "QUJD="), "base64")
        for kind, ns in (("hexBinary", XSD), ("cimHexBinary", COMMON)):
            self.assertEqual(value_of("00fF", kind, ns).to_bytes(), b"\0\xff")
            with self.assertRaisesRegex(MalformedError, "hexadecimal"):
                value_of("0", kind, ns).to_bytes()

    def test_datetime(self):
        west = timezone(timedelta(hours=-8))
        good = {
            "2020-01-01T00:00:00.123456-08:00":
                datetime(2020, 1, 1, 0, 0, 0, 123456, west),
            "2020-01-01T00:00:00Z": datetime(2020, 1, 1, tzinfo=UTC),
            "2020-01-01T00:00:00": datetime(2020, 1, 1),
            "1969-12-31T23:59:59.9999999": datetime(
                1969, 12, 31, 23, 59, 59, 999999),
            "20200131235959.500000+060": datetime(
                2020, 1, 31, 23, 59, 59, 500000, timezone(timedelta(0, 3600))),
            "2020-02-29": datetime(2020, 2, 29),
            "0001-01-01T00:00:00+14:00": datetime(
                1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            "9999-12-31T23:59:59-14:00": datetime(
                9999, 12, 31, 23, 59, 59,
                tzinfo=timezone(timedelta(hours=-14)))}
        for text, want in good.items():
            for value in (value_of(text),
                          value_of({"Datetime": text})):
                have = value.to_datetime()
                self.assertEqual((have, have.utcoffset()),
                                 (want, want.utcoffset()), text)
        self.assertIsNone(value_of(None).to_datetime())
        for text in ("", "today", "2020-13-01T00:00:00Z", "2021-02-29",
                     "0000-01-01T00:00:00Z"):
            with self.assertRaises(MalformedError) as caught:
                value_of({"Datetime": text}).to_datetime()
            self.assertEqual(str(caught.exception),
                             'V: "%s" is not a point in time' % text)

    def test_timedelta(self):
        self.check("to_timedelta", {
            "P1DT2H3M4.5S": timedelta(1, 2 * 3600 + 3 * 60 + 4.5),
            "PT0S": timedelta(0), "-PT0.0000001S": timedelta(0),
            "-PT1S": timedelta(seconds=-1), "P2000D": timedelta(2000),
            "00000001020304.000005:000": timedelta(1, 7384, 5)},
            ("", "P1Y", "1h", "PT"), "a duration")
        self.assertEqual(value_of({"Interval": "PT1M"}).to_timedelta(),
                         timedelta(minutes=1))

    def test_epr(self):
        epr = Epr(SERVICE, {"Name": "a+b"})
        for value in (value_of(epr), value_of({"EndpointReference": epr}),
                      Value("x", {"R": epr})["R"]):
            self.assertEqual(value.to_epr(), epr)
        self.assertIsNone(value_of(None).to_epr())
        for bad in ("text", {"a": "b"}, {}):
            with self.assertRaisesRegex(MalformedError, "is not a reference"):
                value_of(bad).to_epr()

    def test_python(self):
        epr = Epr(SERVICE, {"Name": "WinRM"})
        made = Value("Thing", {
            "Text": "t", "Null": None, "Empty": "", "Part": {"a": "1"},
            "Words": ["a", "b"], "Parts": [{"a": "1"}, {"a": "2"}, "x"],
            "When": datetime(2020, 1, 1, tzinfo=UTC),
            "Span": timedelta(hours=1), "Target": epr}, ns="urn:p")
        self.assertEqual(made.to_python(), {
            "Text": "t", "Null": None, "Empty": "", "Part": {"a": "1"},
            "Words": ["a", "b"], "Parts": [{"a": "1"}, {"a": "2"}, "x"],
            "When": datetime(2020, 1, 1, tzinfo=UTC),
            "Span": timedelta(hours=1), "Target": epr})
        for kind, text, want in (
                ("cimBoolean", "TRUE", True), ("cimUnsignedByte", "255", 255),
                ("cimLong", "-1", -1), ("cimDouble", "1.5", 1.5),
                ("cimString", "5", "5"), ("cimChar16", "5", "5"),
                ("cimBase64Binary", "QUJD", b"ABC"),
                ("cimDateTime", "2020-01-01T00:00:00", datetime(2020, 1, 1)),
                ("cimDateTime", "P1D", timedelta(1)),
                ("cimUnsignedInt", None, None)):
            self.assertEqual(value_of(text, kind).to_python(), want)
        for kind, text, want in (
                ("int", "5", 5), ("unsignedLong", "5", 5),
                ("boolean", "1", True), ("float", "1", 1.0),
                ("dateTime", "2020-01-01T00:00:00", datetime(2020, 1, 1)),
                ("duration", "PT1S", timedelta(0, 1)), ("string", "5", "5")):
            have = value_of(text, kind, XSD).to_python()
            self.assertEqual((have, type(have)), (want, type(want)))
        self.assertEqual(value_of("5", "int", "urn:mine").to_python(), "5")
        for name, text, want in (
                ("Datetime", "2020-01-01T00:00:00", datetime(2020, 1, 1)),
                ("Interval", "P1D", timedelta(1)),
                ("CIM_DateTime", "P1D", timedelta(1)),
                ("Time", "12:00:00", {"Time": "12:00:00"})):
            within = Value.parse('<a><c:%s xmlns:c="%s">%s</c:%s></a>' % (
                name, COMMON, text, name))
            self.assertEqual(within.to_python(), want)
        with self.assertRaisesRegex(MalformedError, '"x" is not a whole'):
            value_of("x", "cimInt").to_python()


class DataTest(unittest.TestCase):
    """What is made of Python's objects."""

    def written(self, data):
        """Return the XML of one element."""
        return Value("x", {"a": data}, ns="").to_xml().partition(
            "<x>")[2].rpartition("</x>")[0]

    def test_scalars(self):
        for data, text in (
                ("<t>", "&lt;t&gt;"), (True, "true"), (False, "false"),
                (-5, "-5"), (1 << 70, str(1 << 70)), (1.5, "1.5"),
                (float("inf"), "INF"), (float("-inf"), "-INF"),
                (float("nan"), "NaN"), (b"ABC", "QUJD"),
                (bytearray(b"A"), "QQ==")):
            self.assertEqual(self.written(data), "<a>%s</a>" % text)
        self.assertEqual(self.written(""), "<a/>")
        self.assertIn('nil="true"', self.written(None))

    def test_times(self):
        for data, text in (
                (datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05.000000"),
                (datetime(2020, 1, 2, tzinfo=UTC),
                 "2020-01-02T00:00:00.000000Z"),
                (datetime(1, 1, 1, 0, 0, 0, 7,
                          timezone(timedelta(hours=-8))),
                 "0001-01-01T00:00:00.000007-08:00"),
                (datetime(1900, 1, 1, tzinfo=timezone(timedelta(0, 1172))),
                 "1899-12-31T23:40:28.000000Z")):
            value = Value("x", {"a": data})["a"]
            self.assertEqual((value[0].name, value[0].ns, value[0].text),
                             ("Datetime", COMMON, text))
            self.assertEqual(value.to_datetime(), data)
            self.assertEqual(value.to_python(), data)
        for data, text in ((timedelta(1, 7384, 5), "P1DT2H3M4.000005S"),
                           (timedelta(0), "P0DT0H0M0.000000S"),
                           (timedelta(seconds=-1), "-P0DT0H0M1.000000S")):
            value = Value("x", {"a": data})["a"]
            self.assertEqual((value[0].name, value[0].text),
                             ("Interval", text))
            self.assertEqual(value.to_timedelta(), data)

    def test_lists(self):
        self.assertEqual(self.written(["1", 2, True]),
                         "<a>1</a><a>2</a><a>true</a>")
        self.assertEqual(self.written(("1",)), "<a>1</a>")
        self.assertEqual(self.written([]), self.written(None))
        self.assertEqual(self.written([None]), self.written(None))
        self.assertEqual(self.written([{"b": "1"}, {"b": ["2", "3"]}]),
                         "<a><b>1</b></a><a><b>2</b><b>3</b></a>")

    def test_namespaces(self):
        inner = Value("Other", {"b": "1"}, ns="urn:i", type="T",
                      attrs={"k": "v"})
        made = Value.parse(Value("x", {"a": inner, "c": "2"},
                                 ns="urn:o").to_xml())
        self.assertEqual([(v.name, v.ns) for v in made],
                         [("a", "urn:o"), ("c", "urn:o")])
        within = made["a"]
        self.assertEqual((within[0].ns, within.type, within.type_ns,
                          within.attrs), ("urn:i", "T", "urn:i", {"k": "v"}))
        # what is made of a value leaves that alone
        other = Value("y", Value("z", {"b": "1"}), ns="urn:y")
        self.assertEqual(other[0].ns, "urn:y")
        copied = Value(None, inner)
        self.assertEqual(copied[0].ns, "urn:i")
        copied.attrs["k"] = "w"
        self.assertEqual(inner.attrs, {"k": "v"})

    def test_refused(self):
        for data, kind, text in (
                ({"a": object()}, TypeError, "^x/a: object cannot be sent"),
                ({"a": {1, 2}}, TypeError, "x/a: set"),
                ({"a": [["1"]]}, TypeError, "x/a: a list stands for"),
                (["1"], TypeError, "x: a list stands for"),
                ({5: "1"}, TypeError, "x: the name of an element is a str"),
                ({"a": [None, "1"]}, MalformedError, "x/a: no element of an")):
            with self.assertRaisesRegex(kind, text):
                Value("x", data)
        for data, text in (
                ({"a": {"b": "q\0"}}, r"^x/a/b: a character that XML cannot "
                 r"carry \(at offset 1: '\\x00'\)"),
                ({"a": "\ud800"}, "x/a: a character"),
                ({"a\0": "1"}, "a character"),
                ({"a b": "1"}, "x/a b: this is no name that XML allows"),
                ({"": "1"}, "x/: this is no name"),
                ({"p:a": "1"}, "x/p:a: this is no name")):
            with self.assertRaisesRegex(MalformedError, text):
                Value("x", data).to_xml()
        with self.assertRaisesRegex(MalformedError, "x's attribute a b"):
            Value("x", "", attrs={"a b": "1"}).to_xml()
        with self.assertRaisesRegex(MalformedError, "x's xsi:type"):
            Value("x", "", type="a b").to_xml()
        with self.assertRaisesRegex(TypeError, "x: a str is needed, not int"):
            value = Value("x", "")
            value.text = 5
            value.to_xml()
        deep = {}
        for _ in range(70):
            deep = {"a": deep}
        with self.assertRaisesRegex(WsmanError, "too deep within each other"):
            Value("x", deep).to_xml()


class EprTest(unittest.TestCase):
    """References."""

    def test_text(self):
        for text, uri, selectors in (
                ("winrm/config", CONFIG, {}),
                ("winrm/config/listener?Address=*+Transport=HTTPS",
                 CONFIG + "/listener", {"Address": "*", "Transport": "HTTPS"}),
                ("wmicimv2/Win32_Service?Name=WinRM",
                 CIMV2 + "Win32_Service", {"Name": "WinRM"}),
                ('wmicimv2/X?N="a+b ""c"" "', CIMV2 + "X",
                 {"N": 'a+b "c" '}),
                ("WSMan:\\localhost\\Client", CONFIG + "/client", {}),
                ("http://h/\u00e4?\u00e4=\U0001f600", "http://h/\u00e4",
                 {"\u00e4": "\U0001f600"})):
            epr = Epr(text)
            self.assertEqual((epr.uri, epr.selectors), (uri, selectors))
            self.assertEqual(Epr(str(epr)), epr)
            self.assertEqual(eval(repr(epr)), epr)
            self.assertEqual(pickle.loads(pickle.dumps(epr)), epr)

    def test_mapping(self):
        inner = Epr(SERVICE, {"Name": "x"})
        epr = Epr("wmicimv2/X?A=1", {"B": "a+b", "C": 5, "D": True,
                                     "E": inner})
        self.assertEqual(epr.selectors, {"A": "1", "B": "a+b", "C": "5",
                                         "D": "true", "E": inner})
        with self.assertRaises(TypeError):
            epr.selectors["A"] = "2"
        with self.assertRaises(AttributeError):
            epr.uri = "x"
        self.assertEqual(str(epr), repr(epr))
        self.assertEqual(eval(repr(epr)), epr)
        self.assertEqual(Value("x", epr).to_epr(), epr)
        other = Epr.from_uri("urn:a?b", {"c": "d"})
        self.assertEqual((other.uri, other.selectors), ("urn:a?b",
                                                        {"c": "d"}))

    def test_equal(self):
        one = Epr("wmicimv2/X", {"A": "1", "B": Epr("winrm/config")})
        two = Epr("wmicimv2/x?b=1+a=1")
        self.assertNotEqual(one, two)
        two = Epr("wmicimv2/x", {"b": Epr("winrm/CONFIG"), "a": "1"})
        self.assertEqual(one, two)
        self.assertEqual(len({one, two}), 1)
        self.assertNotEqual(Epr("wmicimv2/X?A=v"), Epr("wmicimv2/X?A=V"))
        self.assertNotEqual(one, str(one))

    def test_malformed(self):
        for text, offset, why in (
                ("wmicimv2/X?Name", 11, "a selector is written Name=value"),
                ("winrm\\config", 5, "names are separated by /"),
                ("Win32_Service", 0, "wmicimv2/Win32_..."),
                ("winrmm/config", 0, 'the nearest alias is "winrm"'),
                ("http://\u00e4/ \u00e4", 9, "no blanks"),
                ("wmicimv2/X?a=1+A=2", 15, "there already"),
                ("winrm/config/client/TrustedHosts", 20, "inside a resource"),
                ("a\0b", 1, "XML cannot carry"), ("", 0, "is missing")):
            with self.assertRaises(MalformedError) as caught:
                Epr(text)
            error = caught.exception
            self.assertIn(why, str(error))
            self.assertEqual(error.details["offset"], offset, text)
            self.assertIn(repr(text[offset:]) if text else "at its end",
                          str(error))
            self.assertIsInstance(error, ValueError)
            self.assertEqual(error.name, "WSC_E_USAGE")
            self.assertEqual(str(pickle.loads(pickle.dumps(error))),
                             str(error))
        for selectors, why in (({"a": "1", "A": "2"}, "'A': it is there"),
                               ({"": "1"}, "'': its name is missing"),
                               ({"a": "\1"}, "'a': a character"),
                               ({"a\ud800": ""}, "a character")):
            with self.assertRaisesRegex(MalformedError, why):
                Epr("wmicimv2/X", selectors)
        for wrong in (5, None, b"x"):
            with self.assertRaisesRegex(TypeError, "a str is needed"):
                Epr(wrong)
            with self.assertRaisesRegex(TypeError, "selector 'a': a str"):
                Epr("wmicimv2/X", {"a": wrong if wrong != 5 else 5.5})
        with self.assertRaisesRegex(MalformedError, "uri: it is empty"):
            Epr.from_uri("")
        epr = Epr("winrm/config")
        with self.assertRaisesRegex(MalformedError, "too deep"):
            for _ in range(20):
                epr = Epr("winrm/config", {"a": epr})


class VerbTest(EndpointCase):
    """Get, Put, Create, Delete, methods."""

    def test_get(self):
        client = self.client()
        config = client.get("winrm/config")
        self.assertEqual((config.name, config.ns), ("Config", CONFIG))
        self.assertIs(config["Service/Auth/Basic"].to_bool(), True)
        self.assertEqual(config["MaxTimeoutms"].to_int(), 60000)
        service = client.get(SERVICE + "?Name=winrm")
        self.assertEqual(service["State"].text, "Running")
        self.assertTrue(service["InstallDate"].is_null)
        self.assertEqual(client.get(Epr(SERVICE, {"Name": "WinRM"})), service)
        with self.assertRaises(KeyError) as caught:
            service["Stat"]
        self.assertIn('did you mean "State"?', str(caught.exception))

    def test_types(self):
        value = self.client().get(TYPES)
        known = value.to_python()
        self.assertEqual(known["U64"], 18446744073709551615)
        self.assertEqual(known["R64"], -2.2250738585072014e-308)
        self.assertEqual(known["Span"], timedelta(1, 7384, 500000))
        self.assertEqual(known["When"].utcoffset(), timedelta(hours=-8))
        self.assertEqual(known["Numbers"], [1, 2, 3])
        self.assertEqual(known["Switches"], [False, True])
        self.assertEqual(known["Target"], Epr(SERVICE + "?Name=WinRM"))
        self.assertEqual(known["Targets"][1].selectors["UserName"],
                         "<SYSTEM>")
        self.assertEqual(known["Part"]["Next"]["Name"], "innermost")
        self.assertIsNone(known["Nothing"])
        self.assertEqual(value.find("Part").type, "Test_Inner_Type")
        self.assertEqual(Value.parse(value.to_xml()), value)

    def test_values_stay(self):
        with self.client() as client:
            value = client.get("winrm/config")
            items = list(client.enumerate(SERVICE))
        del client
        gc.collect()
        self.assertEqual(value["MaxTimeoutms"].to_int(), 60000)
        self.assertEqual(items[-1]["Name"].text, "WinRM")
        self.assertIn("Win32_Service", items[0].to_xml())

    def test_fragment(self):
        client = self.client()
        self.assertEqual(client.get(TYPES, fragment="Text")["Text"].text,
                         "text")
        self.assertEqual(client.get(TYPES, fragment="Text/text()").text,
                         "text")
        self.assertEqual([v.to_int() for v in client.get(
            TYPES, fragment="Numbers").find_all("Numbers")], [1, 2, 3])
        client.put(TYPES, {"Numbers": 9}, fragment="Numbers[2]")
        client.put(TYPES, "new", fragment="Text/text()")
        client.put(TYPES, None, fragment="Nothing")
        client.put(TYPES, {"Words": ["a", "b"]}, fragment="Words")
        after = client.get(TYPES)
        self.assertEqual([v.to_int() for v in after["Numbers"]], [1, 9, 3])
        self.assertEqual(after["Text"].text, "new")
        self.assertEqual([v.text for v in after["Words"]], ["a", "b"])
        with self.assertRaisesRegex(UsageError, "fragment names one"):
            client.put(TYPES, None)

    def test_put(self):
        client = self.client()
        before = client.get(TYPES)
        self.assertEqual(client.put(TYPES, before), before)
        after = client.put("winrm/config/client", {"TrustedHosts": "a,b"})
        self.assertEqual(after["TrustedHosts"].text, "a,b")
        with self.assertRaises(WsmanError) as caught:
            client.put("winrm/config", {"MaxTimeoutms": "soon"})
        self.assertEqual(caught.exception.fault_code, 0x80338041)

    def test_update(self):
        client = self.client()
        after = client.update("winrm/config", {
            "maxtimeoutms": 30000, "Client": {"TrustedHosts": "x",
                                              "Auth": {"Digest": False}}})
        self.assertEqual(after["MaxTimeoutms"].to_int(), 30000)
        self.assertIs(after["Client/Auth/Digest"].to_bool(), False)
        self.assertEqual(after["Client/NetworkDelayms"].text, "5000")
        with self.assertRaises(WsmanError) as caught:
            client.update("winrm/config", {"Nothing": "1"})
        self.assertEqual(caught.exception.name, "WSC_E_NOT_FOUND")
        self.assertIn("Nothing", str(caught.exception))
        self.endpoint.control("POST", "gpo?set=Client/TrustedHosts=x")
        with self.assertRaises(WsmanError) as caught:
            client.update("winrm/config/client", {"TrustedHosts": "y"})
        self.assertEqual(caught.exception.fault_code, 0x8033808A)
        self.assertEqual(self.endpoint.state()["counts"]["Put"], 1)

    def test_settings(self):
        client = self.client()
        config = client.config()
        self.assertEqual(config["Service/MaxConnections"], 300)
        self.assertIs(config["service/auth/BASIC"], True)
        self.assertEqual(config["Client/TrustedHosts"], [])
        self.assertEqual(config["Service/Auth/CbtHardeningLevel"], "Relaxed")
        known = {each.path: each for each in wsman_client.settings()}
        self.assertEqual(set(config), set(known))
        self.assertEqual(len(config), len(known))
        self.assertEqual(known["Winrs/IdleTimeout"].unit, "ms")
        self.assertIn("IPv4Filter", config.value["Service"])
        with self.assertRaisesRegex(KeyError, 'mean "MaxConnections"'):
            config["Service/MaxConnection"]
        with self.assertRaisesRegex(KeyError, "Service is a section: Serv"):
            config["Service"]
        self.assertEqual(config.policies, {})
        self.endpoint.control("POST", "gpo?set=Service/Auth/Basic=true")
        self.assertIn("Allow Basic", client.config().policies[
            "Service/Auth/Basic"])

    def test_configure(self):
        client = self.client()
        plugin = "WSMan:\\localhost\\Plugin\\microsoft.powershell\\"
        client.configure({
            "client/trustedhosts": ["a", "*.lab"], "MaxTimeoutms": 30000,
            "Service/AllowUnencrypted": True,
            plugin + "Quotas\\MaxShells": 7,
            plugin + "Quotas\\MaxShellsPerUser": 6,
            plugin + "InitializationParameters\\PSMaximumReceivedObjectSizeMB":
                100})
        config = client.config()
        self.assertEqual(config["Client/TrustedHosts"], ["a", "*.lab"])
        self.assertEqual(config["MaxTimeoutms"], 30000)
        whole = client.get("winrm/config/plugin?Name=microsoft.powershell")
        self.assertEqual(whole["Quotas"].attrs["MaxShells"], "7")
        self.assertEqual(whole["Quotas"].attrs["MaxShellsPerUser"], "6")
        self.assertIn(("PSMaximumReceivedObjectSizeMB", "100"),
                      [(each.attrs["Name"], each.attrs["Value"])
                       for each in whole["InitializationParameters"]])
        listener = "Listener/Hostname?Address=*+Transport=HTTP"
        client.configure({"/Service\\MaxConnections": 400,
                          "\\Client\\TrustedHosts": ["c", "d"],
                          listener: "srv1"})
        self.assertEqual(client.config()["Client/TrustedHosts"], ["c", "d"])
        self.assertEqual(client.get(
            "winrm/config/listener?Address=*+Transport=HTTP")[
                "Hostname"].text, "srv1")
        with self.assertRaises(TypeError):
            client.configure({1: 2})
        mine = {"MaxShells": 8}
        one = plugin + "Quotas\\MaxShells"
        for bad in ({plugin + "Quotas": mine, one: 1},
                    {one: 1, plugin + "Quotas": mine}):
            with self.assertRaises(MalformedError):
                client.configure(bad)
        client.configure({plugin + "Quotas": mine})
        self.assertEqual(mine, {"MaxShells": 8})
        for bad in ({"Service": 1}, {"Service/Auth": {}}, {"x": 1},
                    {"MaxTimeoutms": 1, "maxtimeoutms": 2}):
            with self.assertRaises(MalformedError):
                client.configure(bad)
        with self.assertRaises(WsmanError) as caught:
            client.configure({"MaxTimeoutms": 40000,
                              "Service/NoSuchThing": 1})
        self.assertEqual(caught.exception.details["written"], 1)
        self.assertEqual(client.config()["MaxTimeoutms"], 40000)

    def test_odd_settings(self):
        config = wsman_client.Config(Value.parse(
            "<Config><MaxTimeoutms>abc</MaxTimeoutms><X>1</X><x>2</x>"
            "<MaxBatchItems xmlns:i='http://www.w3.org/2001/XMLSchema-instance"
            "' i:nil='true'/></Config>"))
        self.assertEqual(dict(config), {"MaxTimeoutms": "abc", "X": "1",
                                        "MaxBatchItems": None})
        self.assertEqual(config, config)
        self.assertIsNone(config.get(5))
        with self.assertRaises(KeyError):
            config[5]

    def test_paths(self):
        self.assertEqual(
            Epr.parse_path("WSMan:\\localhost\\Client\\TrustedHosts"),
            (Epr("winrm/config/client"), "TrustedHosts"))
        self.assertEqual(Epr.parse_path("winrm/config/service/auth"),
                         (Epr("winrm/config/service/auth"), None))
        with self.assertRaises(MalformedError) as caught:
            Epr.parse_path("winrm/config?Name")
        self.assertEqual(caught.exception.details["offset"], 13)

    def test_request_epr(self):
        client = self.client()
        self.assertIsNone(client.get(TYPES, request_epr="true").epr)
        self.endpoint.inject({"effect": "header", "action": "Get", "xml":
            "<w:RequestedEPR><a:EndpointReference><a:Address>x</a:Address>"
            "<a:ReferenceParameters><w:ResourceURI>urn:r</w:ResourceURI>"
            "<w:SelectorSet><w:Selector Name='K'>v</w:Selector>"
            "</w:SelectorSet></a:ReferenceParameters></a:EndpointReference>"
            "</w:RequestedEPR>"})
        value = client.get(TYPES, request_epr="true")
        self.assertEqual(value.epr, Epr.from_uri("urn:r", {"K": "v"}))
        self.assertEqual(pickle.loads(pickle.dumps(value)), value)

    def test_every_type_written(self):
        client = self.client()
        epr = Epr("wmicimv2/Win32_Environment", {"Name": "OS",
                                                 "UserName": "<SYSTEM>"})
        inner = Value("Test_Inner", {"Name": "made", "Number": 1}, type=
                      "Test_Inner_Type", ns=CIMV2 + "Test_Inner")
        changes = {
            "B": False, "U64": 1 << 63, "S64": -5, "R64": 0.1, "R32": 1.5,
            "Odd": "<&> \r\n\t\U0001f600 ", "Empty": None,
            "When": datetime(2021, 2, 3, 4, 5, 6, 7, UTC),
            "Span": timedelta(2, 5), "Target": epr, "Part": inner,
            "Numbers": [5, 6], "Words": ["x", ""], "Times": [
                datetime(2021, 1, 1, tzinfo=timezone(timedelta(hours=2)))],
            "Targets": [epr, epr], "Parts": [inner, inner], "Switches": [],
            "NoNumbers": [0]}
        known = client.put(TYPES, {"Name": "all", **changes}).to_python()
        self.assertEqual(known, client.get(TYPES).to_python())
        made = known.pop("Part")
        self.assertEqual((made["Name"], made["Number"]), ("made", "1"))
        self.assertEqual([p["Name"] for p in known["Parts"]], ["made"] * 2)
        for name in ("B", "U64", "S64", "R64", "R32", "Odd", "Empty", "When",
                     "Span", "Target", "Numbers", "Words", "Targets"):
            self.assertEqual(known[name], changes[name], name)
        self.assertEqual(known["Times"], changes["Times"][0])
        self.assertEqual((known["Switches"], known["NoNumbers"]), (None, 0))

    def test_create_and_delete(self):
        client = self.client()
        made = client.create("wmicimv2/Win32_Environment", {
            "Name": "A", "UserName": "<SYSTEM>", "VariableValue": " a  b "})
        self.assertEqual(made, Epr("wmicimv2/Win32_Environment", {
            "Name": "A", "UserName": "<SYSTEM>"}))
        self.assertEqual(client.get(made)["VariableValue"].text, " a  b ")
        self.assertIsNone(client.delete(made))
        with self.assertRaises(WsmanError) as caught:
            client.get(made)
        self.assertEqual(caught.exception.name, "WSC_E_NOT_FOUND")

    def test_invoke(self):
        client = self.client()
        made = client.invoke("wmicimv2/Win32_Process", "Create",
                             {"CommandLine": "notepad"})
        self.assertEqual(made["ReturnValue"].to_int(), 0)
        self.assertGreater(made["ProcessId"].to_int(), 0)
        self.assertEqual(made.name, "Create_OUTPUT")
        spooler = Epr(SERVICE, {"Name": "Spooler"})
        codes = [client.invoke(spooler, name)["ReturnValue"].to_int()
                 for name in ("StopService", "StopService", "StartService")]
        self.assertEqual(codes, [0, 5, 0])
        with self.assertRaises(FaultError) as caught:
            client.invoke(spooler, "Nothing")
        self.assertEqual(caught.exception.fault_code, 0x80338013)
        given = {"A": ["1", "2"], "E": Value("", {"Name": " x\ty "}, type=
                                             "T", ns="urn:q"), "R": spooler}
        echo = client.invoke(TYPES, "Echo", given)
        self.assertEqual([v.name for v in echo],
                         ["A", "A", "E", "R", "ReturnValue"])
        self.assertEqual((echo["E/Name"].text, echo["E/Name"].ns),
                         (" x\ty ", "urn:q"))
        self.assertEqual(echo["R"].to_epr(), spooler)

    def test_wrong_calls(self):
        client = self.client()
        for call in (lambda: client.get("winrm\\config"),
                     lambda: client.enumerate("wmicimv2/X?Name"),
                     lambda: client.delete(""),
                     lambda: client.update("winrm/config", {"a b": 1}),
                     lambda: client.invoke(SERVICE, "Stop it"),
                     lambda: client.invoke(SERVICE, "")):
            with self.assertRaises(MalformedError):
                call()
        for call in (lambda: client.get(None),
                     lambda: client.update("winrm/config", "x"),
                     lambda: client.create("winrm/config/listener", None),
                     lambda: client.invoke(SERVICE, "Stop", ["x"]),
                     lambda: client.invoke(SERVICE, None)):
            with self.assertRaises(TypeError):
                call()
        for call in (lambda: client.get("winrm/config", fragmnt="x"),
                     lambda: client.enumerate(SERVICE, fillter="x")):
            with self.assertRaises(UsageError) as caught:
                call()
            self.assertEqual(caught.exception.name, "WSC_E_OPTION")
        with self.assertRaises(UsageError):
            client.put(Epr.from_uri("urn:x?"), {"a": "1"})
        self.assertEqual(self.endpoint.state()["counts"], {})

    def test_after_an_older_error(self):
        client = self.client()
        with self.assertRaises(WsmanError):
            client.get("wmicimv2/Win32_Nothing?a=b")
        with self.assertRaisesRegex(MalformedError, "no name that XML"):
            client.invoke(SERVICE, "a b")

    def test_odd_answers(self):
        client = self.client()
        self.endpoint.inject({"action": "Get", "effect": "bad-xml"})
        with self.assertRaises(ProtocolError):
            client.get("winrm/config")
        self.endpoint.inject({"action": "Create", "effect": "without",
                              "element": "ResourceURI"})
        with self.assertRaises(MalformedError):
            client.create("wmicimv2/Win32_Environment", {
                "Name": "B", "UserName": "<SYSTEM>", "VariableValue": "1"})
        with self.assertRaises(wsman_client.TimeoutError_):
            client.invoke(TYPES, "Wait", {"Milliseconds": 60000},
                          deadline=200)

    def test_documented(self):
        for name in ("get", "put", "update", "create", "delete", "invoke",
                     "enumerate"):
            for kind in (Client, AsyncClient):
                self.assertTrue(getattr(kind, name).__doc__)


class EnumerateTest(EndpointCase):
    """client.enumerate()."""

    def told(self, **conditions):
        """Return what the endpoint knows of its enumerations."""
        return self.endpoint.wait(enumerations=0, **conditions)[
            "enumerations"]

    def test_all(self):
        client = self.client()
        names = [v["Name"].text for v in client.enumerate(SERVICE)]
        self.assertEqual((len(names), names[-1]), (10, "WinRM"))
        items = client.enumerate(ITEM, option={"count": "500"},
                                 max_elements=50)
        self.assertEqual([v["Id"].to_int() for v in items],
                         list(range(1, 501)))
        self.assertEqual(list(items), [])
        self.assertRegex(repr(items), "^<Items at http.* closed>$")
        self.assertEqual([e["end"] for e in self.told()], ["complete"] * 2)
        self.assertNotIn("Release", self.endpoint.state()["counts"])

    def test_none(self):
        self.assertEqual(list(self.client().enumerate(
            ITEM, option={"count": "0"})), [])

    def test_filters(self):
        client = self.client()
        names = [v["Name"].text for v in client.enumerate(
            "wmicimv2/*", "select Name from Win32_Service "
            "where State='Stopped'", "wql")]
        self.assertEqual(names, ["BITS", "RemoteRegistry", "W32Time"])
        names = [v["Name"].text for v in client.enumerate(
            SERVICE, "{State=Stopped;StartMode=Manual}", "selector")]
        self.assertEqual(names, ["BITS", "W32Time"])
        with self.assertRaises(UsageError) as caught:
            client.enumerate(SERVICE, "{State", "selector")
        self.assertEqual(caught.exception.option, "filter")

    def test_references(self):
        client = self.client()
        eprs = [v.to_epr() for v in client.enumerate(
            SERVICE, enumeration_mode="epr")]
        self.assertIn(Epr(SERVICE, {"Name": "WinRM"}), eprs)
        self.assertEqual(client.get(eprs[0])["Name"].text, "BITS")
        both = next(client.enumerate(SERVICE,
                                     enumeration_mode="object-and-epr"))
        self.assertEqual(both.to_epr(), eprs[0])
        self.assertEqual(both["Win32_Service/Name"].text, "BITS")
        self.assertEqual(both.to_python()["EndpointReference"], eprs[0])

    def part(self, client):
        """Start one that does not end soon."""
        return client.enumerate(ITEM, option={"count": "100000"},
                                max_elements=10, items_limit="4k")

    def check_released(self):
        self.assertEqual([(e["releases"], e["end"]) for e in self.told()],
                         [(1, "released")])
        self.assert_clean()

    def test_break(self):
        client = self.client()
        for value in self.part(client):
            if value["Id"].text == "25":
                break
        client.close()
        self.check_released()

    def test_exception(self):
        client = self.client()
        with self.assertRaisesRegex(ZeroDivisionError, "by zero"):
            for value in self.part(client):
                value["Id"].to_int() / 0
        client.identify()
        self.check_released()

    def test_generator(self):
        def ids():
            for value in self.part(client):
                yield value["Id"].to_int()
        client = self.client()
        generator = ids()
        self.assertEqual([next(generator), next(generator)], [1, 2])
        generator.close()
        client.identify()
        self.check_released()

    def test_with(self):
        client = self.client()
        with self.part(client) as items:
            next(items)
            self.assertRegex(repr(items), "^<Items at http[^ ]*>$")
        items.close()
        self.assertEqual(list(items), [])
        client.identify()
        self.check_released()

    def test_client_closes(self):
        client = self.client()
        items = self.part(client)
        next(items)
        client.close()
        with self.assertRaisesRegex(UsageError, "context is closed"):
            next(items)
        self.check_released()

    def test_garbage_of_another_thread(self):
        client = self.client()
        held = [self.part(client)]
        next(held[0])
        thread = threading.Thread(target=held.clear)
        thread.start()
        thread.join()
        client.identify()
        self.check_released()

    def test_dropped_at_once(self):
        client = self.client()
        self.part(client)
        client.close()
        self.assertLessEqual(len(self.told()), 1)
        self.assert_clean()

    def test_failure_after_items(self):
        client = self.client()
        self.endpoint.inject({"action": "Enumerate", "effect": "item-fault",
                              "item": 3})
        items, seen = client.enumerate(SERVICE), []
        with self.assertRaises(AccessDenied):
            for value in items:
                seen.append(value["Name"].text)
        self.assertEqual(len(seen), 2)

    def test_expired(self):
        client = self.client()
        items = self.part(client)
        next(items)
        self.endpoint.control("POST", "expire-enumerations")
        with self.assertRaises(WsmanError) as caught:
            list(items)
        self.assertEqual(caught.exception.fault_code, 0x8033801B)
        client.close()
        self.assertNotIn("Release", self.endpoint.state()["counts"])

    def test_nothing_is_kept(self):
        with self.client() as client:
            list(client.enumerate(SERVICE))
            before = ours()
            for _ in range(5):
                list(client.enumerate(SERVICE))
                for value in self.part(client):
                    break
            del value
            client.identify()
            self.assertEqual(ours(), before)
            self.assertFalse(client.context._keeper._dropped)


class SubscribeTest(EndpointCase):
    """Events, blocking."""

    def add(self, *numbers):
        for number in numbers:
            self.endpoint.control("POST", "event", {
                "channel": "System", "event_id": number, "message": "hi"})

    def ends(self):
        return [row["end"] for row in
                self.endpoint.state()["enumerations"]]

    def test_bookmarks(self):
        with Client(self.endpoint.url, **LOGIN) as host:
            self.add(1)
            items = host.subscribe(filter="System", read_existing_events=True)
            self.assertIsNone(items.bookmark)
            while next(items)["Event/System/EventID"].text != "1":
                pass  # what is there from the start
            self.add(2, 3)
            self.assertEqual(next(items)["Event/System/EventID"].text, "2")
            mark = items.bookmark
            with self.assertRaises(WsmanError):
                items.renew(expires="1h")
            items.close()
            self.assertIn("RecordId", items.bookmark)
            again = host.subscribe(filter="System", bookmark=mark)
            first = next(again)["Event/System/EventID"].text
            self.assertIn(first, ("2", "3"))
            self.endpoint.control("POST", "lose")
            with self.assertRaises(WsmanError):
                for _ in again:
                    pass
        self.assertIn("unsubscribed", self.ends())

    def test_refused(self):
        with Client(self.endpoint.url, **LOGIN) as host:
            with self.assertRaisesRegex(WsmanError, "push"):
                host.subscribe(filter="System", delivery_mode="push")
            with self.assertRaises(UsageError):
                host.subscribe(filter="System", bookmark="<a>")

    def test_limits(self):
        with Client(self.endpoint.url, **LOGIN) as host:
            self.assertEqual(host.learn_limits()["MaxEnvelopeSizekb"].to_int(),
                             500)
            self.assertEqual(host.option("max-request-size").value,
                             "512000")


class AsyncVerbTest(support.EndpointCase, unittest.IsolatedAsyncioTestCase):
    """The same for asyncio."""

    def client(self, **options):
        """Return a client for `async with`."""
        return AsyncClient(self.url, **{**LOGIN, **options})

    async def told(self):
        """Return what the endpoint knows of its enumerations."""
        state = await asyncio.get_running_loop().run_in_executor(
            None, lambda: self.endpoint.wait(enumerations=0))
        self.assertEqual(state["violations"], [])
        return [(e["releases"], e["end"]) for e in state["enumerations"]]

    def part(self, client, **options):
        """Start one that does not end soon."""
        return client.enumerate(ITEM, option={"count": "100000", **options},
                                max_elements=10, items_limit="4k")

    async def test_verbs(self):
        async with self.client() as client:
            await client.configure({"Client/TrustedHosts": ["a", "b"]})
            self.assertEqual((await client.config())["Client/TrustedHosts"],
                             ["a", "b"])
            config, service = await asyncio.gather(
                client.get("winrm/config"),
                client.get(Epr(SERVICE, {"Name": "WinRM"})))
            self.assertEqual(config["MaxTimeoutms"].to_int(), 60000)
            self.assertEqual(service["State"].text, "Running")
            part = await client.get(TYPES, fragment="Text")
            self.assertEqual(part["Text"].text, "text")
            after = await client.update("winrm/config/client",
                                        {"TrustedHosts": "a"})
            self.assertEqual(after["TrustedHosts"].text, "a")
            await client.put(TYPES, "x", fragment="Text/text()")
            made = await client.create("wmicimv2/Win32_Environment", {
                "Name": "A", "UserName": "<SYSTEM>", "VariableValue": "1"})
            await client.delete(made)
            with self.assertRaises(WsmanError):
                await client.get(made)
            result = await client.invoke("wmicimv2/Win32_Process", "Create",
                                         {"CommandLine": "notepad"})
            self.assertEqual(result["ReturnValue"].to_int(), 0)
            with self.assertRaises(MalformedError):
                await client.get("winrm\\config")

    async def test_subscribe(self):
        async with AsyncClient(self.endpoint.url, **LOGIN) as host:
            seen = []
            async for event in host.subscribe(filter="System",
                                              read_existing_events=True):
                seen.append(event["Event/System/EventID"].text)
                break
            self.assertTrue(seen[0].isdigit())
            config = await host.learn_limits()
            self.assertEqual(config.name, "Config")

    async def test_enumerate(self):
        async with self.client() as client:
            async def ids(start):
                return [value["Id"].to_int() async for value in
                        client.enumerate(ITEM, max_elements=7, option={
                            "count": "100", "start": str(start)})]
            found = await asyncio.gather(*(ids(n) for n in range(1, 9)))
            for n, numbers in enumerate(found, 1):
                self.assertEqual(numbers, list(range(n, n + 100)))
            items = client.enumerate(SERVICE)
            self.assertEqual(len([v async for v in items]), 10)
            self.assertEqual([v async for v in items], [])
        self.assertEqual(set(await self.told()), {(0, "complete")})

    async def test_break(self):
        async with self.client() as client:
            async for value in self.part(client):
                if value["Id"].text == "25":
                    break
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_exception(self):
        async with self.client() as client:
            with self.assertRaises(ZeroDivisionError):
                async for value in self.part(client):
                    value["Id"].to_int() / 0
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_cancel(self):
        """The task is held, with its error, and its frames with that."""
        async with self.client() as client:
            async def read():
                async for _ in self.part(client, delay="100"):
                    first.set()
            first = asyncio.Event()
            task = asyncio.ensure_future(read())
            await first.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertTrue(task.cancelled())
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_cancel_in_the_body(self):
        async with self.client() as client:
            async def read():
                async for _ in self.part(client):
                    first.set()
                    await asyncio.sleep(600)
            first = asyncio.Event()
            task = asyncio.ensure_future(read())
            await first.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_wait_for_takes_nothing_away(self):
        async with self.client() as client:
            async with self.part(client, delay="30") as items:
                found = []
                while len(found) < 25:
                    try:
                        found.append((await asyncio.wait_for(
                            items.__anext__(), 0.01))["Id"].to_int())
                    except asyncio.TimeoutError:
                        pass
                self.assertEqual(found, list(range(1, 26)))
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_generator(self):
        async with self.client() as client:
            async def ids():
                async for value in self.part(client):
                    yield value["Id"].to_int()
            generator = ids()
            self.assertEqual(await generator.__anext__(), 1)
            await generator.aclose()
            self.assertEqual(await self.told(), [(1, "released")])

    async def test_closed_meanwhile(self):
        async with self.client() as client:
            items = self.part(client, delay="60000")
            task = asyncio.ensure_future(items.__anext__())
            await asyncio.sleep(0)
            items.close()
            with self.assertRaisesRegex(UsageError, "AsyncItems is closed"):
                await task
            with self.assertRaises(StopAsyncIteration):
                await items.__anext__()

    async def test_errors(self):
        async with self.client(password="wrong") as client:
            with self.assertRaises(wsman_client.AuthError):
                async for _ in client.enumerate(SERVICE):
                    self.fail("nothing comes")

    async def test_two_loops(self):
        async with self.client() as client:
            items = client.enumerate(SERVICE)

            def other():
                with self.assertRaisesRegex(UsageError, "another loop"):
                    asyncio.run(self.first(items))
            await asyncio.get_running_loop().run_in_executor(None, other)
            self.assertEqual(len([v async for v in items]), 10)

    @staticmethod
    async def first(items):
        return await items.__anext__()


if __name__ == "__main__":
    unittest.main()
