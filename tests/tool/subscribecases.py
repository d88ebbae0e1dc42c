"""subscribe, run by test_tool.py."""

import json
import os
import signal
import subprocess
import tempfile
import xml.etree.ElementTree as ET

from toolcase import LIMIT, PLAIN, WSC, environment
from verbcases import VerbCase

BOTH = ('<QueryList><Query Id="0"><Select Path="Application">*</Select>'
        '<Select Path="System">*</Select></Query></QueryList>')


class SubscribeTest(VerbCase):
    """Events as they come, and where we are in them."""

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.mark = os.path.join(directory.name, "mark")

    def event(self, message, **more):
        """Add an event."""
        self.endpoint.control("POST", "event", {"channel": "System", "message": message, **more})

    def follow(self, *args):
        """Start one; its streams are pipes, and it has been asked for events."""
        pulls = self.endpoint.state()["counts"].get("Pull", 0)
        process = subprocess.Popen(
            [WSC, "subscribe", *PLAIN, self.host, "--filter", "System", *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.addCleanup(self.finish, process)
        self.endpoint.wait(Pull=pulls + 1)
        return process

    def saved(self):
        """Return the bookmark."""
        with open(self.mark, encoding="utf-8") as file:
            return file.read()

    def end(self):
        """How the last subscription ended, when it did."""
        return self.endpoint.wait(enumerations=0)["enumerations"][-1]["end"]

    def test_text(self):
        self.event("First\r\nsecond \x1b[31m", level=2, event_id=7, provider="Me")
        text = self.good("subscribe", "--filter", "System", "--existing", "--count", "3")
        lines = text.splitlines()
        self.assertEqual(lines[0].split("  ")[1:], ["Information", "EventLog", "6005", "Started."])
        self.assertRegex(lines[2], r"\A20\d\d-\d\d-\d\dT[\d:.]+Z  Error  Me  7  First\Z")
        self.assertEqual(self.end(), "unsubscribed")

    def test_raw(self):
        self.event("x", level=3, data={"a": "b\nc", "d": "e"})
        text = self.good("subscribe", "wsman/windows/EventLog", "--filter", "System", "--existing",
                         "--content", "raw", "--count", "3")
        self.assertTrue(text.splitlines()[2].endswith("Z  Warning  endpoint  1000  a=b, d=e"))
        text = self.good("subscribe", "--filter", "System", "--existing", "--option", "CDATA=", "--count", "1")
        self.assertTrue(text.endswith("  6005  Started.\n"))

    def test_formats(self):
        args = "subscribe", "--filter", BOTH, "--existing", "--count", "2"
        found = self.lines(*args, "--stats")
        self.assertEqual([list(x) for x in found[:2]], [["host", "name", "value", "error"]] * 2)
        self.assertEqual(found[0]["value"]["System"]["EventID"], "6005")
        self.assertEqual((found[2]["items"], found[2]["value"], found[2]["error"]), (2, None, None))
        for form in "xml", "pretty":
            root = ET.fromstring(self.good(*args, "--format", form))
            self.assertEqual(len(root), 2)

    def test_as_they_come(self):
        process = self.follow("--heartbeat", "300ms")
        self.event("now")
        self.assertTrue(process.stdout.readline().endswith(b"  now\n"))
        self.endpoint.wait(Pull=4)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGINT)
        self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))
        self.assertEqual(self.end(), "unsubscribed")
        self.assert_clean()

    def test_bookmark(self):
        """Nothing is missed between two calls, and nothing comes twice."""
        args = "subscribe", "--filter", BOTH, "--existing", "--bookmark", self.mark, "--count", "1"
        self.assertIn("  6005  ", self.good(*args))
        first = self.saved()
        self.assertIn('<Bookmark Channel="System" RecordId="1"', first)
        self.assertIn("  7000  ", self.good(*args))
        self.assertIn("  1530  ", self.good(*args))
        self.event("meanwhile")
        self.assertTrue(self.good(*args).endswith("  meanwhile\n"))
        self.assertEqual(os.listdir(self.directory), ["mark"])
        with open(self.mark, "w", encoding="utf-8") as file:
            file.write(first)
        self.assertIn("  7000  ", self.good(*args))

    def test_bad_files(self):
        args = "subscribe", "--filter", "System", "--existing", "--count", "1", "--bookmark"
        self.assertIn("--bookmark: %s cannot be read: Is a directory\n" % self.directory,
                      self.bad(2, *args, self.directory))
        nowhere = os.path.join(self.directory, "no", "mark")
        self.assertEqual(self.bad(1, *args, nowhere),
                         "wsc: --bookmark: %s cannot be written: No such file or directory\n" % nowhere)
        with open(self.mark, "w", encoding="utf-8") as file:
            file.write("<a>")
        self.assertEqual(self.bad(2, *args, self.mark), "wsc: --bookmark: %s holds no bookmark\n" % self.mark)
        self.assertEqual(self.endpoint.state()["requests"], [])
        with open(self.mark, "w", encoding="utf-8"):
            pass
        self.good(*args, self.mark)

    def test_filter_file(self):
        path = os.path.join(self.directory, "query")
        self.assertIn("--filter: %s cannot be read: No such file" % path,
                      self.bad(2, "subscribe", "--filter", "@" + path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(BOTH + "\n")
        self.assertEqual(self.good("subscribe", "--filter", "@" + path, "--existing", "--count", "3")
                         .count("\n"), 3)

    def test_lost(self):
        process = self.follow()
        self.endpoint.control("POST", "lose")
        self.assertEqual(process.wait(LIMIT), 8)
        told = process.stderr.read()
        self.assertEqual(told.count(b"\n  code: "), 1)
        self.assertIn(b"0x80338008", told)

    def test_retry(self):
        process = self.follow("--retry", "--bookmark", self.mark)
        self.event("one")
        self.assertTrue(process.stdout.readline().endswith(b"  one\n"))
        self.endpoint.wait(Pull=2)
        self.endpoint.control("POST", "lose")
        told = process.stderr.readline() + process.stderr.readline()
        self.assertTrue(told.endswith(b"\n  again in 0.5 s\n"), told)
        self.event("two")
        self.assertTrue(process.stdout.readline().endswith(b"  two\n"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGTERM)

    def test_retry_ends(self):
        """What cannot get better is no reason to try again; a pause ends by a signal."""
        self.assertEqual(self.bad(8, "subscribe", "--filter", "System", "winrm/config", "--retry")
                         .count("again in"), 0)
        self.assertEqual(self.bad(2, "subscribe", "--filter", "*", "--retry").count("again in"), 0)
        process = subprocess.Popen(
            [WSC, "subscribe", *PLAIN, "127.0.0.1:1", "--filter", "System", "--retry"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.addCleanup(self.finish, process)
        for pause in b"0.5", b"1.0", b"2.0":
            self.assertIn(b"no connection", process.stderr.readline())
            self.assertEqual(process.stderr.readline(), b"  again in %s s\n" % pause)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGINT)

    def test_reader_goes(self):
        process = self.follow()
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), 128 + signal.SIGPIPE)
        self.assertEqual(self.end(), "unsubscribed")

    def test_error_as_json(self):
        [found] = self.lines("subscribe", "--filter", "NoSuch")
        self.assertEqual((found["value"], found["items"]), (None, 0))
        self.assertEqual(found["error"]["class"], "fault")
        json.dumps(found)

    def test_words(self):
        for words, told in (
                ([], "--filter is missing: which events?\n  try: --filter System, another channel, or "
                 "a QueryList in XML\n"),
                (["a", "b"], 'there is one word too many: "b"; see --help\n'),
                (["--content", "x"], '--content: rendered or raw, not "x"\n'),
                (["--count", "0"], '--count: a number from 1 is wanted, not "0"\n'),
                (["--format", "table"],
                 "subscribe has no table: --format text (a line for each event), xml or json\n"),
                (["--filter", "", "x"], "RESOURCE: it begins with neither an alias (winrm, wsman, wmi, "
                 "wmicimv2, cimv2, shell) nor a URI\n  x\n  ^\n")):
            done = self.tool("subscribe", "h", *words, env=environment(None))
            self.assertEqual((done.returncode, done.stderr.decode()), (2, "wsc: " + told))
