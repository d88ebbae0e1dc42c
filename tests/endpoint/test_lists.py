"""Tests of the endpoint: shells listed, and plug-ins."""

import unittest

from harness import CMD, RSP, TRANSFER, envelope
from lasting import SHELL_LASTING
from wsmancase import (CONFIG, ResourceCase, items, keys_of, local,
                       selector_filter, values)

COMMAND = RSP + "/Command"
PLUGIN = CONFIG + "/plugin"
SPACE = CONFIG + "/PluginConfiguration"


class ShellListTest(ResourceCase):
    """Shells and their commands."""

    def test_list(self):
        self.assertEqual(self.client.all_items(RSP), [])
        self.client.create("<rsp:Name>one</rsp:Name>")
        other = self.new_client()
        other.uri = SHELL_LASTING
        other.create("<rsp:Name>two</rsp:Name>")
        found = self.client.all_items(RSP)
        self.assertEqual([values(e)["Name"] for e in found], ["one", "two"])
        names = [local(e) for e in found[0]]
        wanted = ["ShellId", "Name", "ResourceUri", "Owner", "ClientIP",
                  "ProcessId", "IdleTimeOut", "InputStreams",
                  "OutputStreams", "MaxIdleTimeOut", "Locale", "DataLocale",
                  "CompressionMode", "ProfileLoaded", "Encoding",
                  "BufferMode", "State", "ShellRunTime", "ShellInactivity",
                  "MemoryUsed", "ChildProcesses"]
        self.assertEqual(names, wanted)
        self.assertEqual(len(self.client.all_items(CMD)), 1)
        # A list is bounded by what one pulls.
        self.assertEqual(len(self.client.all_items(RSP, count=1)), 2)

    def test_filters(self):
        self.client.create("<rsp:Name>one</rsp:Name>")
        owner = selector_filter(Owner="administrator")
        self.assertEqual(len(self.client.all_items(RSP, owner)), 1)
        self.assertEqual(self.client.all_items(RSP, selector_filter(
            Owner="other")), [])
        self.assert_fault(self.client.enumerate(CMD, owner), 0x80338018)
        self.assert_fault(self.client.enumerate(RSP, selector_filter(
            Other="x")), 0x8033801A)

    def test_delete(self):
        self.client.create()
        found = self.client.all_items(
            RSP, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
        keys = keys_of(found[0])
        other = self.new_client()
        answer = other.post(envelope(TRANSFER + "Delete", uri=RSP,
                                     selectors=list(keys.items())))
        self.assertEqual(answer.status, 200)
        self.endpoint.wait(shells=0)
        self.assert_fault(self.client.run("true"), 0x8033805B)

    def test_commands(self):
        self.client.create()
        self.client.run("sleep 100")
        text = selector_filter(ShellId=self.client.shell)
        found = self.client.all_items(COMMAND, text)
        self.assertEqual(values(found[0])["CommandId"], self.client.command)
        self.assertTrue(values(found[0])["State"].endswith("/Running"))
        self.assert_fault(self.client.enumerate(COMMAND), 0x803381C0)
        self.assert_fault(self.client.enumerate(
            COMMAND, text + "<w:EnumerationMode>EnumerateEPR"
            "</w:EnumerationMode>"), 0x803381C1)
        self.assert_fault(self.client.enumerate(COMMAND, selector_filter(
            ShellId="x")), 0x8033805B)


def plugin(name="Mine", inner=None, **more):
    """Return the configuration of a plug-in."""
    attributes = dict({"Filename": "c:\\my.dll", "SDKVersion": 1,
                       "XmlRenderingType": "text"}, **more)
    if inner is None:
        inner = ('<Resources><Resource ResourceUri="http://my/x">'
                 '<Security Uri="http://my/x" Sddl="O:NSG:BAD:P(A;;GA;;;BA)"'
                 '/><Capability Type="Get" SupportsFragment="true"/>'
                 "</Resource></Resources>")
    return '<PlugInConfiguration xmlns="%s" Name="%s"%s>%s' \
        "</PlugInConfiguration>" % (SPACE, name, "".join(
            ' %s="%s"' % item for item in attributes.items()), inner)


class PluginTest(ResourceCase):
    """Plug-ins."""

    KEYS = [("Name", "Mine")]

    def test_built_in(self):
        found = self.client.all_items(PLUGIN)
        self.assertEqual([e.get("Name") for e in found],
                         ["WMI Provider", "Event Forwarding Plugin",
                          "microsoft.powershell"])
        answer = self.client.get(PLUGIN, [("name", "wmi provider")])
        self.assertIsNotNone(answer.find(SPACE, "Capability"))
        self.assertEqual(items(self.client.enumerate(
            PLUGIN, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
            )[0].tag.rpartition("}")[2], "EndpointReference")

    def test_life(self):
        answer = self.client.make(PLUGIN, plugin(), self.KEYS)
        self.assertEqual(keys_of(answer.root), {"Name": "Mine"})
        self.assert_fault(self.client.make(PLUGIN, plugin(), self.KEYS),
                          0x80338033)
        answer = self.client.put(
            PLUGIN, '<PlugInConfiguration xmlns="%s" Name="mine" '
            'Enabled="false"><Quotas MaxShells="3"/></PlugInConfiguration>'
            % SPACE, self.KEYS)
        element = answer.find(SPACE, "PlugInConfiguration")
        self.assertEqual((element.get("Enabled"), element.get("Filename")),
                         ("false", "c:\\my.dll"))
        self.assertEqual(answer.find(SPACE, "Quotas").get("MaxShells"), "3")
        self.assertIsNotNone(answer.find(SPACE, "Resource"))
        self.assertEqual(self.client.remove(PLUGIN, self.KEYS).status, 200)
        self.assert_fault(self.client.get(PLUGIN, self.KEYS), 0x80338000)

    def test_refused(self):
        bad = ('<Resources><Resource ResourceUri="http://my/x">%s'
               "</Resource></Resources>")
        for body, code in (
                (plugin("Other"), 0x80338041),
                (plugin(Enabled="maybe"), 0x80338041),
                (plugin(Unknown="1"), 0x80338041),
                (plugin(inner=""), 0x80338041),
                (plugin(inner=bad % ""), 0x80338041),
                (plugin(inner=bad % '<Capability Type="Fly"/>'),
                 0x80338041),
                (plugin(inner=bad % '<Security Sddl="x"/><Capability '
                        'Type="Get"/>'), 0x8033815C)):
            self.assert_fault(self.client.make(PLUGIN, body, self.KEYS),
                              code)
        self.assert_fault(self.client.put(PLUGIN, plugin("Other"), [
            ("Name", "WMI Provider")]), 0x803380ED)


if __name__ == "__main__":
    unittest.main()
