"""Tests of the endpoint: subscriptions."""

import http.client
import socket
import threading
import unittest

from harness import ADDR, DMTF, envelope
from wsmancase import (ENUM, EVENT, ResourceCase, context, items, local,
                       option)

LOG = "http://schemas.microsoft.com/wbem/wsman/1/windows/EventLog"
PULL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull"
QUERY = "http://schemas.microsoft.com/win/2004/08/events/eventquery"
HEARTBEAT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Heartbeat"
EVENT_NS = "http://schemas.microsoft.com/win/2004/08/events/event"
ALL = '<Query Id="0"><Select Path="System">*</Select></Query>'


def query(text, dialect=QUERY):
    """Return a filter."""
    return ('<w:Filter Dialect="%s"><QueryList>%s</QueryList></w:Filter>'
            % (dialect, text))


class SubscriptionTest(ResourceCase):
    """Subscribe, Pull, Unsubscribe."""

    def subscribe(self, text=ALL, delivery="", inner="", mode=PULL, **more):
        body = ('<e:Subscribe xmlns:e="%s"><e:Delivery Mode="%s">%s'
                "</e:Delivery>%s%s</e:Subscribe>"
                % (EVENT, mode, delivery, query(text), inner))
        answer = self.client.post(envelope(EVENT + "/Subscribe", body,
                                           uri=LOG, **more))
        self.context = None
        if answer.status == 200:
            self.context = context(answer)
            self.ident = answer.text_of(EVENT, "Identifier")
        return answer

    def pull(self, count=20, time="PT0.6S", **more):
        answer = self.client.pull(LOG, self.context, count,
                                  "<n:MaxTime>%s</n:MaxTime>" % time, **more)
        if answer.status == 200:
            self.context = context(answer)
        return answer

    def unsubscribe(self):
        return self.client.post(envelope(
            EVENT + "/Unsubscribe", '<e:Unsubscribe xmlns:e="%s"/>' % EVENT,
            uri=LOG, headers='<e:Identifier xmlns:e="%s">%s</e:Identifier>'
            % (EVENT, self.ident)))

    @staticmethod
    def ids(answer):
        return [e.text for e in answer.findall(EVENT_NS, "EventID")]

    def add(self, **data):
        self.endpoint.control("POST", "event", data)

    def test_life(self):
        answer = self.subscribe()
        self.assertIsNotNone(answer.find(EVENT, "SubscriptionManager"))
        self.assertTrue(answer.text_of(EVENT, "Expires"))
        self.assert_fault(self.pull(), 0x8033801C, "n:TimedOut")
        join = self.in_thread(self.pull, time="PT5S")
        self.add(channel="System", event_id=7, message="hi", count=2)
        answer = join()
        if len(items(answer)) == 1:
            self.assertEqual(self.ids(self.pull()), ["7"])
        self.assertEqual(local(items(answer)[0]), "Event")
        self.assertEqual(answer.text_of(EVENT_NS, "Message"), "hi")
        self.assertIsNone(answer.find(DMTF, "Bookmark"))
        self.assertEqual(self.unsubscribe().status, 200)
        self.assert_fault(self.unsubscribe(), 0x80338025)
        self.assert_fault(self.pull(), 0x8033801B)
        self.assertEqual(self.enumerations()[0]["end"], "unsubscribed")
        self.assertIn("pull-after-end", self.violations())

    def test_existing_and_format(self):
        options = (option("ReadExistingEvents", "true")
                   + option("ContentFormat", "Raw"))
        self.subscribe(options=options)
        answer = self.pull(1)
        self.assertEqual(self.ids(answer), ["6005"])
        self.assertIsNone(answer.find(EVENT_NS, "RenderingInfo"))
        self.assertEqual(self.ids(self.pull()), ["7000"])
        self.subscribe(options=option("CDATA", "") + option(
            "ReadExistingEvents", "1"))
        answer = self.pull(1)
        self.assertIn("<![CDATA[<Event", answer.text)

    def test_queries(self):
        options = option("ReadExistingEvents", "true")
        for text, ids in (
                ("*[System[(Level=2)]]", ["7000"]),
                ("*[System[(Level=1 or Level=4) and EventID &lt; 7000]]",
                 ["6005"]),
                ("*[System[Provider[@Name='EventLog']]]", ["6005"]),
                ("*[System/EventID=7000]", ["7000"]),
                ("Event[System[EventRecordID > 1]]", ["7000"]),
                ("*[EventData[Data[@Name='param1']='Themes']]", ["7000"]),
                ("*[System[TimeCreated[timediff(@SystemTime) &lt;= 86400000]"
                 "]] ", ["6005", "7000"]),
                ("*[System[not(Level=2)]]", ["6005"])):
            self.subscribe('<Query><Select Path="system">%s</Select></Query>'
                           % text, options=options)
            self.assertEqual(self.ids(self.pull()), ids, text)
        self.subscribe('<Query Path="System"><Select>*</Select><Suppress>'
                       "*[System[Level=2]]</Suppress></Query>",
                       options=options)
        self.assertEqual(self.ids(self.pull()), ["6005"])

    def test_bookmarks(self):
        answer = self.subscribe(inner="<w:SendBookmarks/><w:Bookmark>http://"
                                "schemas.dmtf.org/wbem/wsman/1/wsman/"
                                "bookmark/earliest</w:Bookmark>")
        self.assertEqual(answer.status, 200)
        answer = self.pull(1)
        holder = answer.find(DMTF, "Bookmark")
        self.assertEqual(holder[0][0].get("RecordId"), "1")
        text = answer.text.partition("<w:Bookmark>")[2].partition(
            "</w:Bookmark>")[0]
        self.subscribe(inner="<w:Bookmark>%s</w:Bookmark>" % text)
        self.assertEqual(self.ids(self.pull()), ["7000"])
        for text in ("x", "<BookmarkList><Bookmark Channel='System' "
                     "RecordId='999'/></BookmarkList>"):
            self.assert_fault(self.subscribe(
                inner="<w:Bookmark>%s</w:Bookmark>" % text), 0x80338038)

    def test_heartbeats(self):
        self.subscribe(delivery="<w:Heartbeats>PT0.3S</w:Heartbeats>")
        answer = self.pull(time="PT5S")
        self.assertEqual([e.get("Action") for e in items(answer)],
                         [HEARTBEAT])
        self.endpoint.control("GET", "wait?receiving=9&timeout_ms=400")
        self.assert_fault(self.pull(), 0x8033800A)
        self.assertIn("subscription-left", self.violations())

    def test_lost(self):
        self.subscribe()
        join = self.in_thread(self.pull, time="PT9S")
        self.endpoint.wait(Pull=1)
        self.endpoint.control("POST", "lose")
        self.assert_fault(join(), 0x80338008)
        self.subscribe()
        self.endpoint.control("POST", "lose?code=0x8033809E")
        self.assert_fault(self.pull(), 0x8033809E)

    def test_unsubscribe_ends_a_pull(self):
        self.subscribe()
        other = self.new_client()
        join = self.in_thread(other.pull, LOG, self.context, 1)
        self.endpoint.wait(Pull=1)
        self.assertEqual(self.unsubscribe().status, 200)
        self.assert_fault(join(), 0x80338008)

    def test_dropped_pull(self):
        """A Pull whose client is gone does not end the subscription."""
        self.subscribe()
        other = self.new_client()
        thread = threading.Thread(target=self.swallow, args=(other,))
        thread.start()
        self.endpoint.wait(Pull=1)
        other.connection.sock.shutdown(socket.SHUT_RDWR)
        thread.join()
        self.endpoint.wait(connections=1)
        self.add(channel="System", event_id=9)
        self.assertEqual(self.ids(self.pull()), ["9"])

    def swallow(self, client):
        try:
            client.pull(LOG, self.context, 1)
        except (OSError, http.client.HTTPException):
            pass

    def test_refused(self):
        self.assert_fault(self.subscribe(mode=EVENT + "/DeliveryModes/Push"),
                          0x8033801E, "e:DeliveryModeRequestedUnavailable")
        self.assert_fault(self.subscribe(
            '<Query><Select Path="Nothing">*</Select></Query>'), 0x80338023)
        self.assertEqual(self.subscribe(
            '<Query><Select Path="Nothing">*</Select></Query>',
            options=option("IgnoreChannelError", "")).status, 200)
        for text, code in (("*[", 0x80338022), ("*[System[Level=]]",
                                                0x80338022)):
            self.assert_fault(self.subscribe(
                '<Query><Select Path="System">%s</Select></Query>' % text),
                code)
        self.assert_fault(self.subscribe("<x/>"), 0x80338107)
        for inner, code in (("<e:Expires>PT0S</e:Expires>", 0x8033801F),
                            ("<e:Expires>soon</e:Expires>", 0x8033801F)):
            self.assert_fault(self.subscribe(inner=inner), code)
        self.assert_fault(self.subscribe(
            delivery="<w:Heartbeats>x</w:Heartbeats>"), 0x803380A4)
        self.assert_fault(self.subscribe(options=option(
            "ContentFormat", "Other")), 0x80338053)
        self.assert_fault(self.subscribe(options=option(
            "Compression", "SLDC", True)), 0x80338039)
        answer = self.client.post(envelope(EVENT + "/Renew", uri=LOG))
        self.assert_fault(answer, 0x80338024, "e:UnableToRenew")
        self.assertEqual(answer.text_of(ADDR, "Action"), EVENT + "/fault")
        self.assert_fault(self.client.post(envelope(
            ENUM + "/Enumerate", uri=LOG)), 0x80338013)

    def test_expires(self):
        self.subscribe(inner="<e:Expires>PT0.3S</e:Expires>")
        self.assert_fault(self.pull(time="PT2S"), 0x8033801B)


if __name__ == "__main__":
    unittest.main()
