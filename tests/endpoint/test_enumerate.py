"""Tests of the endpoint: enumerations, filters and queries."""

import http.client
import unittest
import uuid

import wql as queries
from harness import ADDR, ANONYMOUS, DMTF, envelope
from wsmancase import (ASSOCIATION, BIND, CIM, ENUM, WMI, ResourceCase, context,
                       ended, items, keys_of, local, option, selector_filter,
                       tag, values, wql)

ITEM = WMI + "Test_Item"
SERVICE = WMI + "Win32_Service"
ALL = WMI + "*"
BAD_CONTEXT = 0x8033801B


class EnumerateTest(ResourceCase):
    """Enumerate, Pull, Release."""

    def begin(self, most=None, optimize=True, **options):
        text = "".join(option(*item) for item in options.items())
        return self.client.enumerate(ITEM, count=most, optimize=optimize,
                                     options=text)

    def test_optimised(self):
        answer = self.begin(20)
        self.assertEqual(len(items(answer)), 10)
        self.assertTrue(ended(answer))
        self.assertFalse(context(answer))
        self.assertEqual(len(items(self.begin())), 1)

    def test_plain(self):
        answer = self.begin(20, False)
        self.assertIsNone(answer.find(DMTF, "Items"))
        first = context(answer)
        answer = self.client.pull(ITEM, first)
        self.assertEqual(len(items(answer)), 1)
        second = context(answer)
        self.assertNotEqual(first, second)
        self.assert_fault(self.client.pull(ITEM, first), BAD_CONTEXT,
                          "n:InvalidEnumerationContext")
        answer = self.client.pull(ITEM, second, 100)
        self.assertEqual((len(items(answer)), ended(answer)), (9, True))
        self.assertIsNone(context(answer))
        self.assert_fault(self.client.release(ITEM, second), BAD_CONTEXT)
        self.assertEqual(self.violations(),
                         ["pull-old-context", "release-after-end"])
        record = self.enumerations()[0]
        self.assertEqual((record["pulls"], record["releases"],
                          record["items"], record["end"]),
                         (3, 1, 10, "complete"))

    def test_release(self):
        answer = self.begin(3)
        self.assertEqual(self.client.release(ITEM, context(answer)).status,
                         200)
        self.assertEqual(self.enumerations()[0]["end"], "released")
        self.endpoint.wait(enumerations=0)
        self.assert_fault(self.client.release(ITEM, context(answer)),
                          BAD_CONTEXT)
        self.assertEqual(self.violations(), ["release-after-end"])

    def test_wrong_requests(self):
        answer = self.begin(1)
        self.assert_fault(self.client.pull(SERVICE, context(answer)),
                          0x803381AD)
        self.assert_fault(self.client.pull(ITEM, "uuid:x"), BAD_CONTEXT)
        self.assert_fault(self.client.pull(ITEM, ""), 0x80338041)
        self.assert_fault(self.client.pull(ITEM, context(answer), 0),
                          0x80338041)
        self.assert_fault(self.client.enumerate(ITEM, count=0), 0x80338041)
        self.assert_fault(self.client.enumerate(
            SERVICE, selectors=[("Name", "x")]), 0x80338108)
        self.assert_fault(self.client.enumerate(WMI + "Win32_No"),
                          0x80338000)

    def test_envelope_size(self):
        text = option("count", 100) + option("size", 1000)
        answer = self.client.enumerate(ITEM, count=100, options=text,
                                       size=16384)
        self.assertLessEqual(len(answer.body), 16384)
        self.assertTrue(5 < len(items(answer)) < 16)
        answer = self.client.pull(ITEM, context(answer), 100, size=8192,
                                  inner="<n:MaxCharacters>3000"
                                        "</n:MaxCharacters>")
        self.assertEqual(len(items(answer)), 2)
        # One that never fits.
        answer = self.client.enumerate(
            ITEM, count=1, options=option("size", 20000), size=8192)
        self.assert_fault(answer, 0x80338048)

    def test_many(self):
        answer = self.begin(300, count=1000000)
        self.assertEqual(len(items(answer)), 300)
        answer = self.client.pull(ITEM, context(answer), 32000)
        self.assertGreater(len(items(answer)), 100)
        self.client.release(ITEM, context(answer))

    def test_time(self):
        answer = self.begin(1, False, count=3, delay=400)
        now = context(answer)
        self.assert_fault(self.client.pull(
            ITEM, now, inner="<n:MaxTime>PT0.1S</n:MaxTime>"), 0x8033801C,
            "n:TimedOut")
        answer = self.client.pull(ITEM, now, 1)
        self.assertEqual(len(items(answer)), 1)
        answer = self.begin(1, False, count=3, delay=900)
        self.assert_fault(self.client.pull(ITEM, context(answer),
                                           timeout="PT0.5S"), 0x80338029)

    def test_modes(self):
        mode = "<w:EnumerationMode>%s</w:EnumerationMode>"
        found = self.client.all_items(SERVICE, mode % "EnumerateEPR")
        self.assertEqual(local(found[0]), "EndpointReference")
        self.assertEqual(keys_of(found[0]), {"Name": "BITS"})
        found = self.client.all_items(SERVICE,
                                      mode % "EnumerateObjectAndEPR")
        self.assertEqual(found[0].tag, tag(DMTF, "Item"))
        self.assertEqual([local(e) for e in found[0]],
                         ["Win32_Service", "EndpointReference"])
        self.assert_fault(self.client.enumerate(SERVICE, mode % "Other"),
                          0x80338086)
        found = self.client.all_items(
            CIM + "Win32_Service", mode % "EnumerateEPR",
            selectors=[("__cimnamespace", "root/cimv2")])
        self.assertEqual(keys_of(found[0])["__cimnamespace"], "root/cimv2")

    def test_polymorphism(self):
        base = WMI + "CIM_Service"
        mode = "<b:PolymorphismMode>%s</b:PolymorphismMode>"
        found = self.client.all_items(base)
        self.assertEqual(local(found[0]), "Win32_Service")
        found = self.client.all_items(base, mode
                                      % "ExcludeSubClassProperties")
        self.assertEqual(local(found[0]), "CIM_Service")
        self.assertNotIn("StartMode", values(found[0]))
        self.assertEqual(self.client.all_items(base, mode % "None"), [])
        self.assert_fault(self.client.enumerate(base, mode % "Other"),
                          0x80338137)

    def test_old_ways(self):
        """What other clients send: a filter of n:, no MaxElements."""
        text = wql("select * from Test_Item").replace("w:", "n:")
        answer = self.client.enumerate(ALL, text, optimize=False)
        answer = self.client.pull(ALL, context(answer))
        self.assertEqual(len(items(answer)), 1)
        answer = self.client.enumerate(
            ITEM, ident="urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
            headers='<w:RequestTotalItemsCountEstimate/>')
        self.assertEqual(answer.status, 200)

    def test_other_prefixes(self):
        """Other prefixes, mustUnderstand as 1, elements declared late."""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env='
            '"http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="%s" '
            'xmlns:wsman="%s"><env:Header><wsa:To>http://x/wsman</wsa:To>'
            '<wsa:Action env:mustUnderstand="1">%s/Enumerate</wsa:Action>'
            '<wsa:ReplyTo><wsa:Address>%s</wsa:Address></wsa:ReplyTo>'
            "<wsa:MessageID>urn:uuid:%s</wsa:MessageID>"
            '<wsman:ResourceURI env:mustUnderstand="1"> %s </wsman:'
            "ResourceURI></env:Header><env:Body><wsen:Enumerate xmlns:wsen="
            '"%s"><wsman:OptimizeEnumeration/><wsman:EnumerationMode>'
            "EnumerateObjectAndEPR</wsman:EnumerationMode>"
            "<wsman:MaxElements>3</wsman:MaxElements></wsen:Enumerate>"
            "</env:Body></env:Envelope>"
            % (ADDR, DMTF, ENUM, ANONYMOUS, uuid.uuid4(), SERVICE, ENUM))
        answer = self.client.post(text)
        self.assertEqual(len(items(answer)), 3)
        self.assertEqual(local(items(answer)[0]), "Item")

    def test_utf16(self):
        text = envelope(
            ENUM + "/Enumerate",
            '<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/'
            'enumeration"><w:OptimizeEnumeration/><w:MaxElements>1000'
            "</w:MaxElements></n:Enumerate>", uri=ITEM, size=20000,
            options=option("count", 1000))
        answer = self.client.post(
            b"\xff\xfe" + text.encode("utf-16-le"),
            {"Content-Type": "application/soap+xml;charset=UTF-16"})
        self.assertLessEqual(len(answer.body), 20002)
        self.assertGreater(len(items(answer)), 10)


class LimitTest(ResourceCase):
    """Quotas, times and the other ways to end."""

    arguments = ("--allow-unencrypted", "--max-operations-per-user", "2",
                 "--keep-context", "--enumeration-timeout", "500",
                 "--late-end", "--max-batch-items", "4")

    def test_quota(self):
        first = self.client.enumerate(ITEM)
        self.client.enumerate(ITEM)
        self.assert_fault(self.client.enumerate(ITEM), 0x803381A6,
                          "w:QuotaLimit")
        self.assertEqual(self.client.pull(ITEM, context(first)).status, 200)
        self.client.release(ITEM, context(first))
        self.assertEqual(self.client.enumerate(ITEM).status, 200)

    def test_context_and_end(self):
        answer = self.client.enumerate(ITEM, count=100)
        now = context(answer)
        sizes = [len(items(answer))]
        while not ended(answer):
            answer = self.client.pull(ITEM, now, 3)
            sizes.append(len(items(answer)))
            self.assertIn(context(answer), (now, None))
        self.assertEqual(sizes, [4, 3, 3, 0])

    def test_expiry(self):
        answer = self.client.enumerate(ITEM)
        self.endpoint.control("GET", "wait?receiving=9&timeout_ms=700")
        self.assert_fault(self.client.pull(ITEM, context(answer)),
                          BAD_CONTEXT)
        self.assertEqual(self.enumerations()[0]["end"], "expired")
        self.assertEqual(self.violations(), ["enumeration-left"])
        answer = self.client.enumerate(ITEM)
        self.assertEqual(self.endpoint.control(
            "POST", "expire-enumerations")[1], {"expired": 1})
        self.assert_fault(self.client.pull(ITEM, context(answer)),
                          BAD_CONTEXT)


class PlainServerTest(ResourceCase):
    """A server that knows no optimised enumeration."""

    arguments = ("--allow-unencrypted", "--no-optimize")

    def test_items(self):
        answer = self.client.enumerate(ITEM, count=4)
        self.assertIsNone(answer.find(DMTF, "Items"))
        self.assertEqual(len(self.client.all_items(ITEM, count=4)), 10)


class FilterTest(ResourceCase):
    """WQL, selector filters, associations."""

    def names(self, inner, uri=ALL):
        return [values(e)["Name"] for e in self.client.all_items(uri, inner)]

    def where(self, text):
        return self.names(wql("select * from Win32_Service where " + text))

    def test_conditions(self):
        for text, names in (
                ("Name = 'WINRM'", ["WinRM"]),
                ("Name LIKE 'W%'", ["W32Time", "WinRM"]),
                ("name like '[a-c]%' or name like '_hemes'",
                 ["BITS", "Themes"]),
                ("NOT Name LIKE '[^r]%' AND State <> 'Running'",
                 ["RemoteRegistry"]),
                ("Started = TRUE and ProcessId >= 836", ["WinRM"]),
                ("(StartMode = 'Disabled')", ["RemoteRegistry"]),
                ("'Disabled' = StartMode", ["RemoteRegistry"]),
                ("800 < ProcessId and not ProcessId > 804", ["Dnscache"]),
                ("InstallDate is not null", []),
                ("InstallDate is null and Name != 'x' and Name = \"BITS\"",
                 ["BITS"]),
                ("__this isa 'CIM_Service' and Name='BITS'", ["BITS"])):
            self.assertEqual(self.where(text), names, text)

    def test_columns(self):
        found = self.client.all_items(ALL, wql(
            "select State, Name, InstallDate from Win32_Service"))
        self.assertEqual(found[0].tag, tag(DMTF, "XmlFragment"))
        self.assertEqual([local(e) for e in found[0]],
                         ["InstallDate", "Name", "State"])
        self.assertEqual(len(self.client.all_items(ALL, wql(
            "select Id from Test_Item where Id > 3"),
            options=option("count", 50))), 47)

    def test_times(self):
        text = "select * from Win32_Process where CreationDate > '%s'"
        self.assertTrue(self.names(wql(text % "20010101000000.000000+000")))
        self.assertEqual(self.names(wql(text % "2100-01-01T00:00:00Z")), [])

    def test_bad_queries(self):
        for text in ("", "select", "select * from", "drop table x",
                     "select * from Win32_No", "select No from Test_Item",
                     "select * from Test_Item where", "select * from "
                     "Test_Item where Id = 'x'", "select * from Test_Item "
                     "where (Id = 1", "select * from Test_Item where No = 1",
                     "select * from Test_Item where Id like 1",
                     "select * from Test_Item where Name like '[a'",
                     "select * from Test_Item where Id = 1 x",
                     "select * from Test_Item where 1 = 1",
                     "select * from Test_Types where Numbers = 1"):
            self.assert_fault(self.client.enumerate(ALL, wql(text)),
                              0x8033801A, "n:CannotProcessFilter")

    def test_refused(self):
        text = wql("select * from Win32_Service")
        self.assert_fault(self.client.enumerate(SERVICE, text), 0x803380FB)
        self.assert_fault(self.client.enumerate(
            ALL, text, selectors=[("Name", "x")]), 0x803380FB)
        self.assert_fault(self.client.enumerate(ALL), 0x8033804F)
        self.assert_fault(self.client.enumerate(ALL, text.replace(
            "WQL", "SQL")), 0x80338019, "n:FilterDialectRequestedUnavailable")
        self.assert_fault(self.client.enumerate(
            ALL, "<w:Filter>//x</w:Filter>"), 0x80338019)

    def test_selector_filter(self):
        self.assertEqual(self.names(selector_filter(State="stopped"),
                                    SERVICE),
                         ["BITS", "RemoteRegistry", "W32Time"])
        for named in ({"No": "1"}, {"InstallDate": "x"},
                      {"ProcessId": "x"}):
            self.assert_fault(self.client.enumerate(
                SERVICE, selector_filter(**named)), 0x8033801A)
        self.assert_fault(self.client.enumerate(
            SERVICE, selector_filter()), 0x80338107)

    @staticmethod
    def linked(kind, name, inner=""):
        return ('<w:Filter Dialect="%s"><b:%s xmlns:b="%s"><b:Object>'
                "<a:Address>x</a:Address><a:ReferenceParameters>"
                "<w:ResourceURI>%s</w:ResourceURI><w:SelectorSet>"
                '<w:Selector Name="Name">%s</w:Selector></w:SelectorSet>'
                "</a:ReferenceParameters></b:Object>%s</b:%s></w:Filter>"
                % (ASSOCIATION, kind, BIND, SERVICE, name, inner, kind))

    def test_associations(self):
        needs = ["BITS", "RemoteRegistry", "Spooler", "WinRM"]
        self.assertEqual(self.names(self.linked("AssociatedInstances",
                                                "RpcSs")), needs)
        role = "<b:Role>%s</b:Role>"
        self.assertEqual(self.names(self.linked(
            "AssociatedInstances", "RpcSs", role % "Antecedent")), needs)
        self.assertEqual(self.names(self.linked(
            "AssociatedInstances", "RpcSs", role % "Dependent")), [])
        self.assertEqual(self.names(self.linked(
            "AssociatedInstances", "winrm", "<b:AssociationClassName>"
            "CIM_Dependency</b:AssociationClassName><b:ResultClassName>"
            "Win32_Service</b:ResultClassName><b:IncludeResultProperty>Name"
            "</b:IncludeResultProperty>")), ["RpcSs"])
        found = self.client.all_items(ALL, self.linked(
            "AssociationInstances", "WinRM"))
        self.assertEqual(local(found[0]), "Win32_DependentService")
        for text in (self.linked("AssociatedInstances", "none"),
                     self.linked("AssociationInstances", "WinRM",
                                 "<b:ResultClassName>X</b:ResultClassName>")):
            self.assert_fault(self.client.enumerate(ALL, text), 0x8033801A)
        self.assert_fault(self.client.enumerate(ALL, self.linked(
            "Other", "WinRM")), 0x80338107)
        self.assertEqual(self.names(wql(
            "associators of {Win32_Service.Name='WinRM'} where "
            "resultclass = Win32_Service")), ["RpcSs"])
        self.assertEqual(len(self.client.all_items(ALL, wql(
            "references of {Win32_Service.Name='WinRM'}"))), 1)


class InjectionTest(ResourceCase):
    """Faults at every step."""

    def fetch(self):
        """Enumerate slowly; return (ids, the last answer)."""
        answer = self.client.enumerate(ITEM, count=2)
        found = []
        while answer.status == 200:
            found += [values(e)["Id"] for e in items(answer)]
            if ended(answer):
                break
            answer = self.client.pull(ITEM, context(answer), 2)
        return found, answer

    def test_fault_at_pull(self):
        self.endpoint.inject({"effect": "fault", "action": "Pull", "nth": 3,
                              "key": "internal"})
        found, answer = self.fetch()
        self.assertEqual(len(found), 6)
        self.assert_fault(answer, 0x80338083)
        # The enumeration is still there, and can be released.
        self.assertEqual(self.enumerations()[0]["end"], "open")

    def test_expire(self):
        self.endpoint.inject({"effect": "expire-context", "action": "Pull",
                              "nth": 2})
        found, answer = self.fetch()
        self.assertEqual(len(found), 4)
        self.assert_fault(answer, BAD_CONTEXT)

    def test_item(self):
        self.endpoint.inject({"effect": "item-fault", "item": 6,
                              "action": "Enumerate"})
        found, answer = self.fetch()
        self.assertEqual(found, ["1", "2", "3", "4", "5"])
        self.assert_fault(answer, 5, "w:AccessDenied")
        self.assertEqual(self.enumerations()[0]["end"], "failed")

    def test_few(self):
        self.endpoint.inject({"effect": "few-items", "max": 0, "count": 2,
                              "action": "Pull"})
        found, answer = self.fetch()
        self.assertEqual(len(found), 10)
        self.assertEqual(self.enumerations()[0]["pulls"], 6)

    def test_without(self):
        self.endpoint.inject({"effect": "without", "action": "Pull",
                              "element": "EnumerationContext"})
        answer = self.client.enumerate(ITEM)
        answer = self.client.pull(ITEM, context(answer))
        self.assertIsNone(context(answer))
        self.assertEqual(len(items(answer)), 1)

    def test_cut(self):
        self.endpoint.inject({"effect": "cut-items", "after": 2,
                              "action": "Enumerate"})
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.client.enumerate(ITEM, count=5)
        text = caught.exception.partial.decode()
        self.assertEqual(text.count("</p:Test_Item>"), 2)
        self.assertTrue(text.endswith("</p:Test_Item>"))


class WqlTest(unittest.TestCase):
    """The parser by itself."""

    def test_paths(self):
        ref = queries.parse("references of {\\\\.\\root\\cimv2:Win32_Service"
                            ".Name=\"x\"}").ref
        self.assertEqual((ref.cls, ref.keys), ("Win32_Service",
                                               {"Name": "x"}))
        for text in ("associators of {}", "associators of {A.B}",
                     "associators of {A.B='1'} where X = Y"):
            with self.assertRaises(queries.WqlError):
                queries.parse(text)

    def test_like(self):
        for pattern, text, good in (("a%", "ABC", True), ("_", "ab", False),
                                    ("[a-c]x", "bx", True),
                                    ("[^a-c]x", "bx", False),
                                    ("a.c", "abc", False)):
            self.assertEqual(bool(queries.like(pattern).match(text)), good)


if __name__ == "__main__":
    unittest.main()
