"""Tests of the endpoint: what the injection rules do."""

import http.client
import json
import socket
import time
import unittest

from harness import (ADDR, FAULT_NS, RSP, Case, Client, Endpoint, message_id,
                     raw_exchange)


class InjectTest(Case):
    """Every effect."""

    def injected(self, effect, action="Create", **more):
        """Add a rule and run Create (on a new connection)."""
        self.endpoint.inject(dict(more, effect=effect, action=action))
        return self.new_client().create()

    def lost(self, *args, **kwargs):
        """As injected(), for effects that leave no usable reply."""
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.injected(*args, **kwargs)

    def test_delay(self):
        start = time.monotonic()
        self.assertEqual(self.injected("delay", ms=300).status, 200)
        self.assertGreaterEqual(time.monotonic() - start, 0.3)

    def test_cut(self):
        self.lost("cut", after=0)
        self.endpoint.inject({"effect": "cut", "after": 30})
        self.assertEqual(len(raw_exchange(self.endpoint,
                                          self.some_request())), 30)
        self.lost("cut", after=100, of="body")
        self.endpoint.inject({"effect": "cut", "how": "rst", "after": 0})
        with self.assertRaises(ConnectionResetError):
            self.client.create()

    def test_close_before_reply(self):
        self.lost("close-before-reply")
        self.assertEqual(self.endpoint.state()["shells"], [])

    def test_drop_after_processing(self):
        self.lost("drop-after-processing")
        self.assertEqual(len(self.endpoint.state()["shells"]), 1)

    def test_dropped_receive_is_repeated(self):
        self.client.create()
        self.client.run("echo data")
        self.endpoint.inject({"effect": "drop-after-processing",
                              "action": "Receive"})
        ident = message_id()
        with self.assertRaises(http.client.HTTPException):
            self.client.receive(ident=ident)
        self.client.connection.close()
        self.assertEqual(self.client.receive(ident=ident).stream("stdout"),
                         b"data\n")
        self.assertEqual(self.violations(), [])

    def test_bad_xml(self):
        with self.assertRaises(SyntaxError):
            self.injected("bad-xml")

    def test_wrong_relates_to(self):
        self.endpoint.inject({"effect": "wrong-relates-to"})
        ident = message_id()
        answer = self.client.create(ident=ident)
        self.assertNotEqual(answer.text_of(ADDR, "RelatesTo"), ident)

    def test_wrong_content_type(self):
        self.endpoint.inject({"effect": "wrong-content-type",
                              "value": "text/xml", "action": "Delete"})
        self.client.create()
        self.assertEqual(self.client.delete().headers["Content-Type"],
                         "text/xml")

    def test_html_and_status(self):
        self.endpoint.inject({"effect": "html", "action": "Delete"},
                             {"effect": "status", "status": 503, "body": "b",
                              "headers": {"Retry-After": "1"},
                              "action": "Delete", "nth": 2})
        self.client.create()
        answer = self.client.delete()
        self.assertEqual(answer.status, 502)
        self.assertIn("text/html", answer.headers["Content-Type"])
        answer = self.client.delete()
        self.assertEqual((answer.status, answer.body), (503, b"b"))
        self.assertEqual(answer.headers["Retry-After"], "1")
        # None of the two was processed.
        self.assertEqual(self.client.delete().status, 200)

    def test_oversized(self):
        answer = self.injected("oversized", bytes=2000000)
        self.assertGreater(len(answer.body), 2000000)

    def test_drip(self):
        self.assertEqual(self.injected("drip", bytes=100, ms=1).status, 200)

    def test_fault(self):
        answer = self.injected("fault", code=5, subcode="w:AccessDenied",
                               text="no")
        self.assert_fault(answer, 5, "w:AccessDenied")
        answer = self.injected("fault", key="timed_out", form="provider")
        self.assert_fault(answer, 0x80338029, "w:TimedOut")
        self.assertIsNotNone(answer.find(FAULT_NS, "ProviderFault"))
        answer = self.injected("fault", code=0x803381A6, form="nested")
        self.assertEqual([int(f.get("Code")) for f in answer.findall(
            FAULT_NS, "WSManFault")], [0x80338003, 0x803381A6])
        answer = self.injected("fault", code=0x803381A6, form="wmi")
        self.assertIsNone(answer.code)
        self.assertIn("<p:error_Code>2150859174</p:error_Code>", answer.text)

    def test_redirect(self):
        answer = self.injected("redirect", location="http://x/wsman")
        self.assertEqual((answer.status, answer.headers["Location"]),
                         (302, "http://x/wsman"))
        answer = self.injected("redirect", location="http://x/wsman",
                               form="fault")
        self.assert_fault(answer, 0x80338199)
        self.assertIn("http://x/wsman", answer.text)

    def test_endless(self):
        for effect, start in (("endless-headers", b"HTTP/1.1 200 "),
                              ("endless-100", b"HTTP/1.1 100 ")):
            self.endpoint.inject({"effect": effect})
            with socket.create_connection((self.endpoint.host,
                                           self.endpoint.port), 10) as sock:
                sock.sendall(self.some_request())
                got = b""
                while len(got) < 1000000:
                    got += sock.recv(65536)
                self.assertTrue(got.startswith(start))
        self.endpoint.wait(connections=0)

    def test_encodings(self):
        answer = self.injected("utf16")
        self.assertIn("UTF-16", answer.headers["Content-Type"])
        answer = self.injected("chunked-reply", size=7)
        self.assertEqual(answer.headers["Transfer-Encoding"], "chunked")
        self.assertEqual(answer.status, 200)

    def test_close_after_reply(self):
        answer = self.injected("close-after-reply")
        self.assertEqual(answer.headers["Connection"], "close")
        self.endpoint.inject({"effect": "close-after-reply",
                              "announce": False})
        answer = self.client.create()
        self.assertIsNone(answer.headers["Connection"])
        self.endpoint.wait(connections=0)

    def test_garbage(self):
        self.endpoint.inject({"effect": "garbage", "bytes": 100})
        text = raw_exchange(self.endpoint, self.some_request())
        self.assertEqual(len(text), 100)

    @staticmethod
    def some_request():
        """Return a request without authentication as bytes."""
        body = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-'
                b'envelope"><s:Body/></s:Envelope>')
        return (b"POST /wsman HTTP/1.1\r\nHost: x\r\nWSMANIDENTIFY: "
                b"unauthenticated\r\nContent-Type: application/soap+xml\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body)) + body

    def test_counting(self):
        self.endpoint.inject({"effect": "status", "status": 599, "nth": 2,
                              "count": 2, "action": "Create"})
        statuses = [self.client.create().status for _ in range(4)]
        self.assertEqual(statuses, [200, 599, 599, 200])
        state = self.endpoint.state()
        self.assertEqual(len(state["injected"]), 2)
        self.assertEqual(state["counts"]["Create"], 4)

    def test_drop(self):
        self.client.create()
        self.client.run("sleep 100")
        join = self.in_thread(self.failing_receive)
        self.endpoint.wait(receiving=1)
        self.endpoint.control("POST", "drop")
        self.assertTrue(join())

    def failing_receive(self):
        """Return True if a Receive loses its connection."""
        try:
            self.client.receive()
        except (http.client.HTTPException, OSError):
            return True
        return False


class CommandLineTest(unittest.TestCase):
    """Rules from the command line."""

    def test_option(self):
        rule = json.dumps({"effect": "status", "status": 503})
        with Endpoint("--allow-unencrypted", "--inject", rule) as endpoint:
            client = Client(endpoint)
            self.assertEqual(client.create().status, 503)
            self.assertEqual(client.create().status, 200)
            self.assertTrue(client.receive(command=RSP).status)
            client.close()


if __name__ == "__main__":
    unittest.main()
