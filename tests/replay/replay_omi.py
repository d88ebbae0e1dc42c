#!/usr/bin/env python3
"""Play recordings of Microsoft's Open Management Infrastructure server to the Python binding.

    replay_omi.py FOLDER [CASE...]

FOLDER has NN-NAME.req.xml, the envelope that was sent, and NN-NAME.resp.http, the raw reply. A case names the recordings
that a server on this machine answers with, in this order: a request has to have the action, the resource and the
selectors of the recorded one, and where the case says so its body. The reply gets the MessageID of the request that is
made here, and a Content-Length that is right (names were changed in one). A Pull past the last recording is left waiting;
a client waits for it, too, for half of its cancel-timeout, before it releases the enumeration.
Exit status 77: no recordings here.
"""
import glob
import os
import re
import socketserver
import sys
import threading
import unittest
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "bindings", "python"))

S = "{http://www.w3.org/2003/05/soap-envelope}"
A = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
W = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
N = "{http://schemas.xmlsoap.org/ws/2004/09/enumeration}"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
FOLDER = ""


def recording(name, kind):
    """Return a recording; name: its number."""
    path, = glob.glob(os.path.join(FOLDER, name + "-*." + kind))
    with open(path, "rb") as file:
        return file.read()


def flat(element):
    """Return an element as what can be compared: blanks and prefixes do not count."""
    return element.tag, (element.text or "").strip(), [flat(e) for e in element]


def about(text):
    """Return what a request is about."""
    head = ET.fromstring(text).find(S + "Header")
    return (head.findtext(A + "Action"), head.findtext(W + "ResourceURI"),
            {e.get("Name"): e.text for e in head.iter(W + "Selector")})


def body(text):
    """Return the element in the body of a request."""
    return flat(ET.fromstring(text).find(S + "Body")[0])


class Connection(socketserver.StreamRequestHandler):
    """Answers what comes on a connection."""

    def envelope(self):
        """Return the next envelope, or nothing at the end."""
        size = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        return self.rfile.read(size).decode()

    def handle(self):
        while text := self.envelope():
            reply = self.server.answer(text)
            if not reply:
                self.rfile.read()  # until the client goes
                return
            self.wfile.write(reply)


class Server(socketserver.ThreadingTCPServer):
    """The recordings of a case."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, names):
        super().__init__(("127.0.0.1", 0), Connection)
        self.names, self.seen, self.wrong = list(names), [], []
        self.lock = threading.Lock()

    def answer(self, text):
        """Return the reply to an envelope; nothing: it has to wait."""
        with self.lock:
            self.seen.append(text)
            is_pull = about(text)[0] is not None and about(text)[0].endswith("/Pull")
            if is_pull and (not self.names or self.names[0] == "07"):
                return b""
            name = self.names.pop(0) if self.names else None
        if name is None:
            self.wrong.append("nothing more was to come: " + text)
            return b""
        wanted = about(recording(name, "req.xml"))
        # 07 stands for the Release of any enumeration
        if name != "07" and about(text) != wanted or name == "07" and about(text)[0] != wanted[0]:
            self.wrong.append("%s: %s, expected %s" % (name, about(text), wanted))
        head, _, content = recording(name, "resp.http").partition(b"\r\n\r\n")
        made = re.search(r"MessageID[^>]*>\s*([^<\s]+)", text)
        if made:
            content = re.sub(rb"(<wsa:RelatesTo>)[^<]*", rb"\g<1>" + made[1].encode(), content)
        return re.sub(rb"(?i)(content-length:)[^\r]*", rb"\1 %d" % len(content), head) + b"\r\n\r\n" + content


class OmiTest(unittest.TestCase):
    """Each case is what the recording was made of."""

    def play(self, *names):
        """Return a client for these recordings."""
        self.server = Server(names)
        thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        thread.start()
        client = Client("http://127.0.0.1:%d/wsman" % self.server.server_address[1], auth="none", deadline="60s",
                        cancel_timeout="4s")

        def stop():
            client.close()
            self.server.shutdown()
            thread.join()
            self.server.server_close()
            self.assertEqual(self.server.wrong, [])
            self.assertEqual(self.server.names, [], "not asked for")
        self.addCleanup(stop)
        return client

    @staticmethod
    def resource(name, namespace="root/cimv2", **selectors):
        """Return a reference to a class, or an instance."""
        return Epr("cimv2/" + name, {"__cimnamespace": namespace, **selectors})

    def sent(self, action):
        """Return the requests of an action."""
        return [text for text in self.server.seen if (about(text)[0] or "").endswith("/" + action)]

    def test_identify(self):
        """IdentifyResponse is in the namespace of SOAP here, where DSP0226 11 has none such."""
        known = Value.parse(self.play("01").identify()["body"])
        self.assertEqual((known["ProductVendor"].text, known["ProductVersion"].text),
                         ("Open Management Infrastructure", "1.9.1-0"))
        self.assertEqual(known["SecurityProfiles/SecurityProfileName"].text,
                         "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/basic")

    def test_enumerate_and_pull(self):
        """Enumerate answers with no items, Pull with all of them."""
        client = self.play("02", "03")
        frogs = list(client.enumerate(self.resource("XYZ_Frog")))
        self.assertEqual([f.to_python() for f in frogs], [
            {"Name": "Fred", "Weight": "55", "Color": "Blue"}, {"Name": "Sam", "Weight": "55", "Color": "Blue"}])
        self.assertEqual((frogs[0].name, frogs[0].ns), ("XYZ_Frog", CIM + "XYZ_Frog"))
        self.assertEqual(frogs[1]["weight"].to_int(), 55)
        self.assertIn("<n:EnumerationContext>2093809667</n:EnumerationContext>", self.sent("Pull")[0])
        client.close()
        self.assertEqual(self.sent("Release"), [])

    def test_all_in_one_reply(self):
        client = self.play("04")
        item, = client.enumerate(self.resource("OMI_Identify", "root/omi"))
        self.assertEqual(len(item), 28)
        self.assertEqual(item["InstanceID"].text, "2FDB5542-5896-45D5-9BE9-DC04430AAABE")
        self.assertEqual([v.to_int() for v in map(item.find, (
            "ProductVersionMajor", "ProductVersionMinor", "ProductVersionRevision"))], [1, 9, 1])
        self.assertEqual([v.text for v in item["ConfigNameSpaces"]],
                         ["interop", "root-check", "root-cimv2", "root-omi"])

    def test_objects_with_references(self):
        """The server has more than we want: it is released."""
        client = self.play("05", "06", "07")
        found = []
        with client.enumerate(self.resource("MSFT_President"), enumeration_mode="object-and-epr",
                              max_elements=2) as items:
            for item in items:
                found.append((item["MSFT_President/Last"].text, item.to_epr()))
                if len(found) == 4:
                    break
        self.assertEqual(found, [(name, Epr("cimv2/MSFT_President", {"Key": key})) for key, name in enumerate(
            ("Washington", "Adams", "Jefferson", "Madison"), 1)])
        client.close()
        released, = self.sent("Release")
        self.assertEqual(body(released), body(recording("07", "req.xml")))
        self.assertEqual(about(released), about(recording("07", "req.xml")))
        wanted = body(recording("05", "req.xml"))
        self.assertEqual(body(self.server.seen[0]), wanted)

    def test_get(self):
        client = self.play("08")
        value = client.get(self.resource("MSFT_President", Key="1"))
        self.assertEqual(value.to_python(), {"Key": "1", "First": "George", "Last": "Washington"})

    def check_types(self, value, number):
        """Look at an instance of all types; some texts say other things than their names."""
        self.assertEqual((value["v_Key"].to_int(), value["v_bool"].to_bool()), (number, bool(number)))
        for name, first in (("v_uint8", 15), ("v_sint8", -15), ("v_uint16", 255), ("v_sint16", -255),
                            ("v_uint32", 65535), ("v_sint32", -65535), ("v_sint64", -4294967295), ("v_char16", 33)):
            self.assertEqual(value[name].to_int(), first + number, name)
        self.assertEqual(value["v_uint64"].to_int(), 0 if number else 4294967295)
        self.assertAlmostEqual(value["v_real32"].to_float(), 100.3 + number, 5)
        self.assertEqual(value["v_real64"].to_float(), 0.014234 + number)
        self.assertEqual(value["v_string"].text, "TestString %d" % number)
        for name in ("v_embeddedObject", "v_embeddedInstance", "v_reference"):
            self.assertTrue(value[name].is_null)
        self.assertIsNone(value["v_reference"].to_epr())
        octets = value["v_octetUint8"]
        self.assertEqual((octets.type, octets.to_bytes()), ("cimBase64Binary", b"BCD" if number else b"ABC"))
        self.assertEqual(value.to_python()["v_octetUint8"], octets.to_bytes())

    def test_types(self):
        client = self.play("09")
        value = client.get(self.resource("TestClass_AllDMTFTypes", v_Key="1"))
        self.check_types(value, 1)
        when = value["v_datetime"].to_datetime()
        self.assertEqual(when, datetime(2001, 1, 1, 1, 1, 1, 1, timezone(timedelta(hours=13, minutes=50))))
        self.assertEqual(when.utcoffset(), timedelta(hours=13, minutes=50))

    def test_more_types(self):
        """The server tells no end: the next Pull waits, and is given up."""
        client = self.play("15", "07")
        found = []
        for value in client.enumerate(self.resource("TestClass_AllDMTFTypes"), max_elements=2):
            found.append(value)
            if len(found) == 2:
                break
        for number, value in enumerate(found):
            self.check_types(value, number)
        self.assertEqual(found[0]["v_DATETIME"].to_timedelta(), timedelta(2000))
        with self.assertRaisesRegex(MalformedError, '^v_DATETIME: "P2000D" is not a point in time$'):
            found[0]["v_DATETIME"].to_datetime()
        client.close()
        self.assertIn("2850226179", self.sent("Release")[0])

    def test_none(self):
        client = self.play("14")
        self.assertEqual(list(client.enumerate(self.resource("MSFT_Person"))), [])

    def test_fault(self):
        """One of CIM's; the code is WMI's for the same."""
        client = self.play("10")
        with self.assertRaises(WsmanError) as caught:
            client.get(self.resource("MSFT_President", Key="99"))
        error = caught.exception
        self.assertEqual((error.http_status, error.fault_code, error.details.get("cim-status")),
                         (500, 0x80041002, 6))
        self.assertEqual(error.name, "WSC_E_NOT_FOUND")
        self.assertEqual(error.details["server-text"], "The requested object cannot be found.")
        self.assertIn("The requested object cannot be found", str(error))
        self.assertTrue(error.details["soap-code"].endswith("Sender"))
        self.assertTrue(error.details["soap-subcode"].endswith("DestinationUnreachable"))

    def test_invoke(self):
        """The element of the answer has a namespace of its own."""
        client = self.play("12")
        value = client.invoke(self.resource("TestClass_MethodProvider_Calc"), "Add", {"Left": 20, "Right": 22})
        self.assertEqual(value.to_python(), {"ReturnValue": "0", "sum": "42"})
        self.assertEqual((value.name, value.ns, value["Sum"].to_int()), ("Add", CIM + "Add", 42))
        self.assertEqual(body(self.server.seen[0]), body(recording("12", "req.xml")))

    def test_create(self):
        client = self.play("16")
        made = client.create(self.resource("TestClass_AllDMTFTypes"),
                             {"v_Key": 4242, "v_sint32": -5, "v_string": "h\u00e9llo <x>"})
        self.assertEqual(made, Epr("cimv2/TestClass_AllDMTFTypes", {"v_Key": "4242"}))
        self.assertEqual(body(self.server.seen[0]), body(recording("16", "req.xml")))


if __name__ == "__main__":
    FOLDER = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if not glob.glob(os.path.join(FOLDER, "*.resp.http")):
        print(f"skipped: {FOLDER or 'the folder of recordings'} is not here")
        sys.exit(77)
    from wsman_client import Client, Epr, MalformedError, Value, WsmanError
    unittest.main()
