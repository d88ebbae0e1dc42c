"""Tests of the endpoint: classes, their instances, methods, fragments."""

import os
import unittest
import xml.etree.ElementTree as ET

from cim_classes import ODD
from harness import ADDR, DMTF, envelope
from wsmancase import (CIM, WMI, XSI, ResourceCase, keys_of, local, option,
                       tag, values)

SERVICE = WMI + "Win32_Service"
VARIABLE = WMI + "Win32_Environment"
TYPES = WMI + "Test_Types"
COMMON = "http://schemas.dmtf.org/wbem/wscim/1/common"
NAMED = [("Name", "WinRM")]


def instance(uri, **named):
    """Return an instance as a body."""
    name = uri.rpartition("/")[2]
    return '<p:%s xmlns:p="%s" xmlns:xsi="%s">%s</p:%s>' % (
        name, uri, XSI, "".join("<p:%s>%s</p:%s>" % (n, v, n)
                                for n, v in named.items()), name)


class GetTest(ResourceCase):
    """Get, and what selectors do."""

    def test_get(self):
        answer = self.client.get(SERVICE, [("NAME", "winrm")])
        element = answer.find(SERVICE, "Win32_Service")
        self.assertEqual(element.get(tag(XSI, "type")),
                         "p:Win32_Service_Type")
        self.assertEqual(answer.text_of(SERVICE, "State"), "Running")
        nothing = answer.find(SERVICE, "InstallDate")
        self.assertEqual(nothing.get(tag(XSI, "nil")), "true")

    def test_dmtf(self):
        uri = CIM + "Win32_Service"
        space = [("__cimnamespace", "root\\cimv2")]
        answer = self.client.get(uri, NAMED + space)
        self.assertEqual(answer.text_of(uri, "Name"), "WinRM")
        self.assert_fault(self.client.get(uri, NAMED), 0x80338000)
        self.assert_fault(self.client.get(
            SERVICE, NAMED + [("__cimnamespace", "root/other")]), 0x8033813B)
        self.assertEqual(self.client.get(SERVICE, NAMED + space).status, 200)

    def test_selectors(self):
        for uri, selectors, code in (
                (SERVICE, [], 0x803380FA),
                (SERVICE, NAMED + [("State", "Running")], 0x8033805B),
                (SERVICE, [("Name", "nothing")], 0x80338000),
                (VARIABLE, [("Name", "OS")], 0x8033805A),
                (WMI + "Test_Item", [("Id", "x")], 0x8033805C),
                (WMI + "Win32_Nothing", [], 0x80338000),
                (WMI.replace("cimv2", "other") + "X", [], 0x80338000)):
            self.assert_fault(self.client.get(uri, selectors), code)
        for name in ("Win32_OperatingSystem", "Win32_ComputerSystem",
                     "Win32_PerfFormattedData_PerfOS_Memory"):
            self.assertEqual(self.client.get(WMI + name).status, 200)
        self.assertEqual(self.client.get(
            SERVICE, NAMED, options=option("any", 1, True)).status, 200)

    def test_host(self):
        pid = str(self.endpoint.process.pid)
        answer = self.client.get(WMI + "Win32_Process", [("Handle", pid)])
        self.assertIn("endpoint.py", answer.text_of(WMI + "Win32_Process",
                                                    "CommandLine"))
        self.assertRegex(answer.text_of(COMMON, "Datetime"), "^20.*Z$")
        for name in ("Win32_LogicalDisk", "Win32_Process",
                     "Win32_PerfFormattedData_PerfOS_Processor",
                     "Win32_NetworkAdapterConfiguration"):
            self.assertTrue(self.client.all_items(WMI + name), name)

    def test_extensions(self):
        answer = self.client.get(SERVICE, NAMED, options=option(
            "wsmb:ShowExtensions", "TRUE"))
        element = answer.find(SERVICE, "Win32_Service")
        self.assertEqual(element[-1].tag, tag(COMMON, "Location"))
        self.assertEqual(keys_of(element), {"Name": "WinRM"})
        # It may be written back.
        text = answer.text.partition("<s:Body>")[2].partition("</s:Body>")[0]
        self.assertEqual(self.client.put(SERVICE, text, NAMED).status, 200)
        answer = self.client.get(SERVICE, NAMED, options=option(
            "ExcludeNilProperties", ""))
        self.assertIsNone(answer.find(SERVICE, "InstallDate"))

    def test_reference_keys(self):
        found = self.client.all_items(
            WMI + "Win32_DependentService",
            "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
        holder = found[0].find(".//" + tag(DMTF, "SelectorSet"))
        text = "".join(ET.tostring(e, encoding="unicode") for e in holder)
        answer = self.client.get(
            WMI + "Win32_DependentService",
            headers="<w:SelectorSet>%s</w:SelectorSet>" % text)
        self.assertEqual(answer.status, 200, answer.text)


class ChangeTest(ResourceCase):
    """Put, Create, Delete."""

    def test_put(self):
        answer = self.client.put(SERVICE, instance(
            SERVICE, StartMode="Manual"), NAMED)
        self.assertEqual(answer.text_of(SERVICE, "StartMode"), "Manual")
        # The whole instance, as it was read.
        text = self.client.get(SERVICE, NAMED).text.partition("<s:Body>")[2]
        self.assertEqual(self.client.put(SERVICE, text.partition("</s:Body>")[
            0], NAMED).status, 200)

    def test_refused(self):
        for named, code in (({"State": "Stopped"}, 0x80338102),
                            ({"StartMode": "Never"}, 0x80338103),
                            ({"ProcessId": "many"}, 0x80338103),
                            ({"Name": "Other"}, 0x803380ED),
                            ({"Nothing": "1"}, 0x80338041)):
            self.assert_fault(self.client.put(SERVICE, instance(
                SERVICE, **named), NAMED), code)
        self.assert_fault(self.client.put(SERVICE, instance(VARIABLE),
                                          NAMED), 0x80338041)
        self.assert_fault(self.client.remove(SERVICE, NAMED), 0x80338102)

    def test_variables(self):
        keys = [("Name", "A"), ("UserName", "&lt;SYSTEM>")]
        body = instance(VARIABLE, Name="A", UserName="&lt;SYSTEM>",
                        VariableValue=" a  b ")
        answer = self.client.make(VARIABLE, body)
        self.assertEqual(answer.text_of(DMTF, "ResourceURI"), VARIABLE + "")
        self.assertEqual(keys_of(answer.find(
            "http://schemas.xmlsoap.org/ws/2004/09/transfer",
            "ResourceCreated")), {"Name": "A", "UserName": "<SYSTEM>"})
        self.assert_fault(self.client.make(VARIABLE, body), 0x80338033)
        self.assertEqual(self.client.get(VARIABLE, keys).text_of(
            VARIABLE, "VariableValue"), " a  b ")
        self.assertEqual(self.client.remove(VARIABLE, keys).status, 200)
        self.assert_fault(self.client.get(VARIABLE, keys), 0x80338000)


class InvokeTest(ResourceCase):
    """Methods."""

    def result(self, method, inner="", name="Spooler"):
        answer = self.client.invoke(SERVICE, method, inner,
                                    [("Name", name)])
        return answer.text_of(SERVICE, "ReturnValue")

    def test_service(self):
        self.assertEqual(self.result("StartService"), "10")
        self.assertEqual(self.result("StopService"), "0")
        self.assertEqual(self.result("StopService"), "5")
        self.assertEqual(self.result("startservice"), "0")
        self.assertEqual(self.result("StopService", name="RpcSs"), "3")
        self.assertEqual(self.result("StartService", name="RemoteRegistry"),
                         "14")
        mode = "<p:StartMode>%s</p:StartMode>"
        self.assertEqual(self.result("ChangeStartMode", mode % "Automatic"),
                         "0")
        self.assertEqual(self.result("ChangeStartMode", mode % "x"), "21")

    def test_faults(self):
        self.assert_fault(self.client.invoke(SERVICE, "Nothing", "", NAMED),
                          0x80338013)
        self.assert_fault(self.client.invoke(SERVICE, "StopService"),
                          0x803380FA)
        self.assert_fault(self.client.invoke(
            SERVICE, "StopService", "<p:X>1</p:X>", NAMED), 0x8033811E)
        self.assert_fault(self.client.post(envelope(
            SERVICE + "/StopService", uri=SERVICE, selectors=NAMED)),
            0x80338041)

    def test_static(self):
        uri = WMI + "Win32_Process"
        answer = self.client.invoke(uri, "Create", "<p:CommandLine>notepad"
                                    "</p:CommandLine>")
        self.assertEqual(answer.text_of(uri, "ReturnValue"), "0")
        self.assertTrue(answer.text_of(uri, "ProcessId").isdigit())
        answer = self.client.invoke(uri, "Create")
        self.assertEqual(answer.text_of(uri, "ReturnValue"), "21")
        answer = self.client.invoke(uri, "Terminate", "",
                                    [("Handle", str(os.getpid()))])
        self.assertEqual(answer.text_of(uri, "ReturnValue"), "2")

    def test_wait(self):
        answer = self.client.invoke(
            TYPES, "Wait", "<p:Milliseconds>100</p:Milliseconds>")
        self.assertEqual(answer.text_of(TYPES, "ReturnValue"), "0")
        answer = self.client.invoke(
            TYPES, "Wait", "<p:Milliseconds>9000</p:Milliseconds>",
            timeout="PT0.5S")
        self.assert_fault(answer, 0x80338029, "w:TimedOut")

    def test_fail(self):
        answer = self.client.invoke(TYPES, "Fail", "<p:Code>1234</p:Code>")
        self.assertIn('Code="1234"', answer.text)
        self.assert_fault(answer, 0x80338003)

    def test_reverse(self):
        part = ('<p:Part xmlns:e="%s" xsi:type="e:Test_Inner_Type"><e:Name>n'
                "</e:Name></p:Part>" % (WMI + "Test_Inner"))
        target = ("<p:Target><a:Address>x</a:Address><a:ReferenceParameters>"
                  "<w:ResourceURI>%s</w:ResourceURI><w:SelectorSet>"
                  '<w:Selector Name="Name">WinRM</w:Selector>'
                  "</w:SelectorSet></a:ReferenceParameters></p:Target>"
                  % SERVICE)
        answer = self.client.invoke(
            TYPES, "Reverse", "<p:Numbers>1</p:Numbers><p:Numbers>2"
            "</p:Numbers><p:Words xsi:nil='true'/>" + part + target)
        self.assertEqual([e.text for e in answer.findall(TYPES, "Numbers")],
                         ["2", "1"])
        self.assertEqual(answer.find(TYPES, "Words").get(tag(XSI, "nil")),
                         "true")
        self.assertEqual(answer.text_of(WMI + "Test_Inner", "Name"), "n")
        self.assertEqual(keys_of(answer.root), {"Name": "WinRM"})
        for inner in ("<p:Numbers>x</p:Numbers>", "<p:Part>x</p:Part>",
                      "<p:Target>x</p:Target>"):
            self.assert_fault(self.client.invoke(TYPES, "Reverse", inner),
                              0x80338103)

    def test_echo(self):
        inner = ("<p:A>1</p:A><p:A>2</p:A><p:N xsi:nil='true'/>"
                 '<p:E xmlns:q="urn:q" xsi:type="q:Test_Inner_Type">'
                 "<q:Name> x\ty </q:Name></p:E>"
                 "<p:R><a:Address>%s</a:Address><a:ReferenceParameters>"
                 "<w:ResourceURI>u</w:ResourceURI></a:ReferenceParameters>"
                 "</p:R>" % ADDR)
        answer = self.client.invoke(TYPES, "Echo", inner)
        output = answer.find(TYPES, "Echo_OUTPUT")
        self.assertEqual([local(e) for e in output],
                         ["A", "A", "N", "E", "R", "ReturnValue"])
        self.assertEqual(output[3][0].tag, "{urn:q}Name")
        self.assertEqual(output[3][0].text, " x\ty ")
        prefix = output[3].get(tag(XSI, "type")).partition(":")[0]
        self.assertIn('xmlns:%s="urn:q"' % prefix, answer.text)
        self.assertEqual(answer.text_of(DMTF, "ResourceURI"), "u")


class TypesTest(ResourceCase):
    """All types, read and written."""

    def test_read(self):
        answer = self.client.get(TYPES, [("Name", "all")])
        found = values(answer.find(TYPES, "Test_Types"))
        self.assertEqual(found["U64"], "18446744073709551615")
        self.assertEqual(found["Odd"], ODD)
        self.assertEqual(answer.find(TYPES, "U8").get(tag(XSI, "type")),
                         "cim:cimUnsignedByte")
        self.assertEqual(len(answer.findall(TYPES, "Words")), 3)
        self.assertEqual(answer.text_of(COMMON, "Interval"), "P1DT2H3M4.5S")
        inner = answer.find(TYPES, "Part")
        self.assertEqual(inner.get(tag(XSI, "type")), "e:Test_Inner_Type")
        self.assertEqual(len(answer.findall(TYPES, "Targets")), 2)

    def test_write_all(self):
        """The instance written back as it was read does not change."""
        text = self.client.get(TYPES, [("Name", "all")]).text
        body = text.partition("<s:Body>")[2].partition("</s:Body>")[0]
        answer = self.client.put(TYPES, body, [("Name", "all")])
        after = answer.text.partition("<s:Body>")[2].partition("</s:Body>")[0]
        self.assertEqual(after, body)

    def test_write(self):
        for named, code in (({"U8": "256"}, 0x80338103),
                            ({"S8": "-129"}, 0x80338103),
                            ({"B": "maybe"}, 0x80338103),
                            ({"C": "ab"}, 0x80338103),
                            ({"When": "today"}, 0x80338103)):
            self.assert_fault(self.client.put(TYPES, instance(
                TYPES, **named), [("Name", "all")]), code)


class FragmentTest(ResourceCase):
    """Parts of instances."""

    @staticmethod
    def header(path, more=""):
        return ('<w:FragmentTransfer s:mustUnderstand="true"%s>%s'
                "</w:FragmentTransfer>" % (more, path))

    def read(self, path, uri=TYPES, name="all"):
        answer = self.client.get(uri, [("Name", name)],
                                 headers=self.header(path))
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(answer.text_of(DMTF, "FragmentTransfer"), path)
        return answer.find(DMTF, "XmlFragment")

    def test_read(self):
        self.assertEqual([e.text for e in self.read("State", SERVICE,
                                                    "WinRM")], ["Running"])
        self.assertEqual(self.read("State/text()", SERVICE, "WinRM").text,
                         "Running")
        self.assertEqual([e.text for e in self.read("Numbers")],
                         ["1", "2", "3"])
        self.assertEqual([e.text for e in self.read("Numbers[2]")], ["2"])
        self.assertEqual([e.text for e in self.read("Part/Name")], ["inner"])
        self.assertGreater(len(self.read("*")), 20)

    def test_write(self):
        def put(path, inner):
            return self.client.put(
                TYPES, '<w:XmlFragment xmlns:t="%s">%s</w:XmlFragment>'
                % (TYPES, inner), [("Name", "all")],
                headers=self.header(path))
        for path, inner, after in (
                ("Text", "<t:Text>new</t:Text>", ["new"]),
                ("Numbers[2]", "<t:Numbers>9</t:Numbers>", ["1", "9", "3"]),
                ("Numbers", "<t:Numbers>4</t:Numbers>", ["4"]),
                ("Text", "", [None]), ("Text/text()", "again", ["again"]),
                ("NoNumbers", "<t:NoNumbers>1</t:NoNumbers>"
                              "<t:NoNumbers>2</t:NoNumbers>", ["1", "2"])):
            answer = put(path, inner)
            self.assertEqual(answer.status, 200, answer.text)
            name = path.partition("[")[0].partition("/")[0]
            self.assertEqual([e.text for e in self.read(name)], after)
        self.assertEqual(self.client.put(
            TYPES, instance(TYPES), [("Name", "all")],
            headers=self.header("Text")).code, 0x80338059)

    def test_refused(self):
        for path, more, code in (
                ("/State", "", 0x8033801A), ("", "", 0x80338091),
                ("No", "", 0x80338093), ("a[", "", 0x80338093),
                ("State", ' Dialect="http://other/"', 0x80338090),
                ("State", ' Dialect="other"', 0x80338092)):
            self.assert_fault(self.client.get(
                SERVICE, NAMED, headers=self.header(path, more)), code)
        self.assert_fault(self.client.remove(
            SERVICE, NAMED, headers=self.header("State")), 0x80338077)
        answer = self.client.get(SERVICE, NAMED, headers=self.header(
            "State").replace("true", "false"))
        self.assert_fault(answer, 0x8033800F)


class WmiErrorTest(ResourceCase):
    """Faults in the form of WMI."""

    arguments = ("--allow-unencrypted", "--wmi-errors", "--cim-types")

    def test_errors(self):
        for uri, code in ((WMI + "Win32_Nothing", 0x80041010),
                          (SERVICE, 0x80041002)):
            answer = self.client.get(uri, [("Name", "nothing")])
            self.assertEqual((answer.status, answer.code), (500, None))
            self.assertIn("<p:error_Code>%d<" % code, answer.text)

    def test_types(self):
        answer = self.client.get(SERVICE, NAMED)
        self.assertEqual(answer.find(SERVICE, "ProcessId").get(
            tag(XSI, "type")), "cim:cimUnsignedInt")


if __name__ == "__main__":
    unittest.main()
