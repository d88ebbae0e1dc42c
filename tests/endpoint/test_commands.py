"""Tests of the endpoint: commands, streams and signals."""

import time
import unittest
import uuid

from harness import (GONE, RSP, TIMED_OUT, Case, authorization, envelope,
                     message_id)

CTRL_C_EXIT = 3221225786


class RunTest(Case):
    """Starting commands and reading their output."""

    def setUp(self):
        super().setUp()
        self.client.create()

    def test_output_and_exit_code(self):
        self.assertEqual(self.client.all_of("echo out; echo err >&2; exit 7"),
                         (b"out\n", b"err\n", 7))
        self.assertEqual(self.client.all_of("echo", "a", "'b  c'"),
                         (b"a b  c\n", b"", 0))
        self.assertEqual(self.violations(), [])

    def test_short_command_needs_one_receive(self):
        self.client.run("echo hi")
        answer = self.client.receive()
        self.assertEqual(answer.exit_code, 0)
        ends = [(s.get("Name"), s.text or "")
                for s in answer.findall(RSP, "Stream") if s.get("End")]
        self.assertEqual(ends, [("stdout", ""), ("stderr", "")])

    def test_not_found(self):
        out, err, code = self.client.all_of("no-such-program-here")
        self.assertEqual((out, code), (b"", 1))
        self.assertTrue(err)

    def test_windows_commands(self):
        self.assertIn(b"Windows IP Configuration",
                      self.client.all_of("ipconfig", "/all")[0])
        self.assertEqual(self.client.all_of("cmd.exe /c exit 3")[2], 3)
        self.assertEqual(self.client.all_of(
            "C:\\Windows\\system32\\cmd.exe", "/C", "echo", "x")[0], b"x\n")
        self.assertEqual(self.client.all_of("exit /b 4")[2], 4)
        self.assertIn(b"Windows", self.client.all_of("ver")[0])
        out, err, code = self.client.all_of(
            "cmd.exe", "/c echo out && echo err>&2 && exit 1")
        self.assertEqual((out, err, code), (b"out\n", b"err\n", 1))

    def test_too_long_line(self):
        self.assertEqual(self.client.all_of("echo " + "x" * 8192)[2], 1)

    def test_skip_shell(self):
        option = '<w:Option Name="WINRS_SKIP_CMD_SHELL">TRUE</w:Option>'
        self.assertEqual(self.client.all_of("printf", "%s.", "a b", "$HOME",
                                            options=option)[0], b"a b.$HOME.")
        self.assert_fault(self.client.run("nothing.exe", options=option),
                          0x80070002)

    def test_environment_and_directory(self):
        self.client.delete()
        self.client.create(
            "<rsp:Environment><rsp:Variable Name='WSC_A'>x &lt; y"
            "</rsp:Variable></rsp:Environment>"
            "<rsp:WorkingDirectory>/usr</rsp:WorkingDirectory>")
        self.assertEqual(self.client.all_of('echo "$WSC_A" "%wsc_a%"; pwd'),
                         (b"x < y x < y\n/usr\n", b"", 0))
        self.client.delete()
        self.client.create(
            "<rsp:WorkingDirectory>/no/such</rsp:WorkingDirectory>")
        self.assert_fault(self.client.run("true"), 0x8007010B)

    def test_code_page(self):
        self.client.delete()
        option = '<w:Option Name="WINRS_CODEPAGE">437</w:Option>'
        self.client.create(options=option)
        self.assertEqual(self.client.all_of("echo \u00e4")[0], b"\x84\n")
        self.client.run("read line; echo $line | od -An -tx1")
        self.client.send(b"\x84\n", True)
        self.assertEqual(self.client.output()[0].split(),
                         [b"c3", b"a4", b"0a"])

    def test_order_of_streams(self):
        self.client.run("echo 1; sleep .05; echo 2 >&2; sleep .05; echo 3")
        names = []
        while True:
            answer = self.client.receive()
            names += [s.get("Name") for s in answer.findall(RSP, "Stream")
                      if not s.get("End")]
            if answer.exit_code is not None:
                break
        self.assertEqual(names, ["stdout", "stderr", "stdout"])

    def test_much_output(self):
        size = 20000000
        self.client.run("head -c %d /dev/zero; echo end >&2" % size)
        out, err, code = self.client.output(size=512000)
        self.assertEqual((len(out), err, code), (size, b"end\n", 0))

    def test_reply_size(self):
        self.client.run("head -c 100000 /dev/zero")
        total, replies = 0, 0
        while True:
            answer = self.client.receive(size=8192)
            self.assertLessEqual(len(answer.body), 8192)
            total += len(answer.stream("stdout"))
            replies += 1
            if answer.exit_code is not None:
                break
        self.assertEqual(total, 100000)
        self.assertLess(replies, 40)

    def test_output_is_bounded(self):
        self.client.run("cat /dev/zero")
        shells = self.endpoint.state()["shells"]
        while shells[0]["commands"][0]["buffered"] < 3 << 20:
            shells = self.endpoint.state()["shells"]
        self.assertLess(shells[0]["commands"][0]["buffered"], 4 << 20)
        self.assertEqual(self.client.signal().status, 200)

    def test_background_process(self):
        start = time.monotonic()
        self.assertEqual(self.client.all_of("sleep 100 & echo x"),
                         (b"x\n", b"", 0))
        self.assertLess(time.monotonic() - start, 10)

    def test_several_commands(self):
        for text in "abc":
            self.client.run("read x; echo %s$x" % text)
        commands = self.endpoint.state()["shells"][0]["commands"]
        for command, text in zip(commands, "abc"):
            self.client.command = command["id"]
            self.client.send(b"1\n")
            self.assertEqual(self.client.output()[0],
                             text.encode() + b"1\n")

    def test_command_ids(self):
        ident = str(uuid.uuid4()).upper()
        self.client.run("sleep 100", attributes='CommandId="%s"' % ident)
        self.assertEqual(self.client.command, ident)
        self.assert_fault(self.client.run(
            "true", attributes='CommandId="%s"' % ident), 0x803381D6)
        self.assert_fault(self.client.run("true",
                                          attributes='CommandId="1"'),
                          0x803381D4)

    def test_bad_bodies(self):
        for action in ("Command", "Receive", "Send", "Signal"):
            self.assert_fault(self.client.on_shell(action, "<rsp:X/>"),
                              0x80338041)
        self.client.run("cat")
        self.assert_fault(self.client.receive("stdout other"), 0x8033818D)
        self.assert_fault(self.client.receive(command="none"), GONE)


class ReceiveTest(Case):
    """Waiting, repeating and competing Receives."""

    def setUp(self):
        super().setUp()
        self.client.create()

    def test_long_poll(self):
        self.client.run("read line; echo got $line")
        start = time.monotonic()
        self.assert_fault(self.client.receive(timeout="PT0.6S"), TIMED_OUT,
                          "w:TimedOut")
        self.assertGreaterEqual(time.monotonic() - start, 0.6)
        other = self.new_client(self.client)
        join = self.in_thread(self.client.receive)
        self.endpoint.wait(receiving=1)
        other.send(b"it\n")
        self.assertEqual(join().stream("stdout"), b"got it\n")

    def test_repeat(self):
        self.client.run("echo one; read x; echo two")
        ident = message_id()
        first = self.client.receive(ident=ident)
        again = self.client.receive(ident=ident)
        self.assertEqual(first.stream("stdout"), b"one\n")
        self.assertEqual(again.stream("stdout"), b"one\n")
        self.client.send(b"\n")
        ident = message_id()
        for _ in range(3):
            answer = self.client.receive(ident=ident)
            self.assertEqual(answer.stream("stdout"), b"two\n")
            self.assertEqual(answer.exit_code, 0)
        self.assert_fault(self.client.receive(), GONE)
        self.assertEqual(self.violations(), ["receive-after-done"])

    def test_lost_connection(self):
        self.client.run("read x; echo data")
        lost = self.new_client(self.client)
        ident = message_id()
        lost.connection.connect()
        body = envelope(
            RSP + "/Receive", '<rsp:Receive><rsp:DesiredStream CommandId="%s">'
            "stdout</rsp:DesiredStream></rsp:Receive>" % lost.command,
            selectors=[("ShellId", lost.shell)], ident=ident)
        lost.connection.request("POST", "/wsman", body, {
            "Authorization": authorization(),
            "Content-Type": "application/soap+xml"})
        self.endpoint.wait(receiving=1)
        lost.close()
        join = self.in_thread(self.new_client(self.client).receive,
                              ident=ident)
        self.endpoint.wait(Receive=2)
        self.client.send(b"\n")
        self.assertEqual(join().stream("stdout"), b"data\n")

    def test_only_one(self):
        self.client.run("sleep 100")
        join = self.in_thread(self.client.receive)
        self.endpoint.wait(receiving=1)
        other = self.new_client(self.client)
        self.assert_fault(other.receive(), 0x80338127)
        other.signal()
        self.assert_fault(join(), 995)

    def test_deleted_while_waiting(self):
        self.client.run("sleep 100")
        join = self.in_thread(self.client.receive)
        self.endpoint.wait(receiving=1)
        self.new_client(self.client).delete()
        self.assert_fault(join(), 995)


class InputTest(Case):
    """Send."""

    def setUp(self):
        super().setUp()
        self.client.create()

    def test_input(self):
        data = bytes(range(256)) * 1000
        self.client.run("cat")
        self.assertEqual(self.client.send(data[:100000]).status, 200)
        self.assertEqual(self.client.send(data[100000:], True).status, 200)
        self.assertEqual(self.client.output(), (data, b"", 0))

    def test_empty_end(self):
        self.client.run("wc -c; sleep 100")
        self.client.send(b"")
        self.client.send(b"", True)
        self.client.send(b"late")
        self.assertEqual(self.client.receive().stream("stdout").strip(),
                         b"0")
        self.assertIn("send-after-end", self.violations())

    def test_wrong_stream(self):
        self.client.run("cat")
        self.assert_fault(self.client.send(b"x", name="pr"), 0x8033818B)

    def test_input_after_end_of_command(self):
        self.client.run("true")
        self.client.output()
        self.assertEqual(self.client.send(b"x").status, 200)

    def test_blocked_input(self):
        self.client.run("sleep 100")
        piece = b"x" * 300000
        while True:
            answer = self.client.send(piece, timeout="PT0.5S")
            if answer.status != 200:
                break
        self.assert_fault(answer, TIMED_OUT)
        join = self.in_thread(self.client.send, piece)
        other = self.new_client(self.client)
        while not self.endpoint.state()["shells"][0]["busy"]:
            pass
        self.assert_fault(other.send(b"x"), 0x80338032, "w:Concurrency")
        other.signal()
        self.assert_fault(join(), 995)


class SignalTest(Case):
    """Signals."""

    def setUp(self):
        super().setUp()
        self.client.create()

    def test_interrupt(self):
        for code in ("ctrl_c", "ctrl_break"):
            self.client.run("echo up; sleep 100")
            self.client.receive()
            self.assertEqual(self.client.signal(code).status, 200)
            self.assertEqual(self.client.output()[2], CTRL_C_EXIT)
            self.client.signal()

    def test_terminate(self):
        self.client.run("sleep 100")
        self.assertEqual(self.client.signal("Terminate").status, 200)
        self.assert_fault(self.client.receive(), GONE, "w:InvalidSelectors")
        self.assert_fault(self.client.signal(), GONE)

    def test_unknown_code(self):
        self.client.run("sleep 100")
        self.assert_fault(self.client.signal("urn://x"), 87)

    def test_signal_to_the_shell(self):
        self.client.run("echo up; sleep 100")
        self.client.receive()
        answer = self.client.on_shell(
            "Signal", "<rsp:Signal><rsp:Code>%s/signal/ctrl_c</rsp:Code>"
            "</rsp:Signal>" % RSP)
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.client.output()[2], CTRL_C_EXIT)

    def test_missing_terminate(self):
        self.client.run("true")
        self.client.output()
        self.client.delete()
        self.assertEqual(self.violations(), ["terminate-missing"])

    def test_crash(self):
        option = '<w:Option Name="WINRS_SKIP_CMD_SHELL">TRUE</w:Option>'
        self.client.run("sh", "-c", "kill -SEGV $$", options=option)
        self.assertEqual(self.client.output()[2], 0xC0000005)


if __name__ == "__main__":
    unittest.main()
