"""Blocking calls against the test endpoint."""

import os
import pickle
import signal
import tempfile
import threading
import unittest
from datetime import timedelta
from http.server import ThreadingHTTPServer

from support import CONFIG, GET, LOGIN, PASSWORD, PLAIN, USER, EndpointCase
from toolcase import Rewriter

import wsman_client
from wsman_client import (AuthError, Canceled, Client, Context, FaultError,
                          Identity, LimitError, NetworkError, Stream,
                          TimeoutError_, TlsError, UsageError, WsmanError)
from wsman_client import errors


class StatsTest(EndpointCase):
    """client.stats()."""

    def test_run(self):
        client = self.client()
        before = client.stats()
        self.assertEqual(set(before.values()), {0})
        client.run("echo out")
        after = client.stats()
        self.assertEqual(list(after), list(before))
        self.assertGreaterEqual(after["requests"], 3)
        self.assertGreaterEqual(after["connections"], 1)
        self.assertGreater(after["bytes-sent"], 1000)
        self.assertGreater(after["bytes-received"], 1000)
        self.assertEqual((after["repeats"], after["reconnects"],
                          after["tls-ms"]), (0, 0, 0))


class RunTest(EndpointCase):
    """client.run()."""

    def test_both_streams(self):
        result = self.client().run("echo out; echo err >&2; exit 3")
        self.assertEqual(result, (3, b"out\n", b"err\n"))
        self.assertEqual(result.text, "out\n")

    def test_exit_codes(self):
        client = self.client()
        for code in (0, 3, 255):
            self.assertEqual(client.run("exit %d" % code).exit_code, code)

    def test_large_exit_codes(self):
        class Other(Rewriter):
            target = (self.endpoint.host, self.endpoint.port)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        for code in (256, 0xFFFFFFFF):
            Other.code = b"%d" % code
            with Client("127.0.0.1:%d" % server.server_port, **LOGIN) as host:
                self.assertEqual(host.run("exit 7").exit_code, code)

    def test_arguments(self):
        client = self.client()
        self.assertEqual(client.run("echo", "a b", "c").text, "a b c\n")
        result = client.run("printf '%s|'", "a b", "c", quoting="argv")
        self.assertEqual(result.text, "a b|c|")

    def test_unicode(self):
        text = "Grüße, 世界 \U0001F600"
        client = self.client(env={"TEXT": text})
        self.assertEqual(client.run("echo " + text).text, text + "\n")
        self.assertEqual(client.run("echo $TEXT").text, text + "\n")
        result = client.run("cat", input=text.encode())
        self.assertEqual(result.stdout.decode(), text)

    def test_input(self):
        data = os.urandom(3 << 20)
        self.assertTrue(self.client().run("cat", input=data).stdout == data)
        self.assert_clean()

    def test_input_that_nobody_reads(self):
        # more than the pipe holds; the program is gone before it is written
        result = self.client().run("exit 3", input=bytes(1 << 20))
        self.assertEqual(result, (3, b"", b""))

    def test_bad_text(self):
        client = self.client()
        for program in ("a\0b", "a\ud800b", "a\x01b", ""):
            with self.assertRaises(UsageError):
                client.run(program)
        with self.assertRaises(UsageError) as caught:
            client.run("echo", "ok", "a\x01b")
        self.assertEqual(caught.exception.details["offset"], 1)
        with self.assertRaises(TypeError):
            client.run("ping", 5)
        self.assertEqual(self.endpoint.state()["counts"], {})

    def test_deadline(self):
        with self.assertRaises(TimeoutError) as caught:
            self.client().run("sleep 600", deadline=timedelta(seconds=0.2))
        self.assertEqual(caught.exception.name, "WSC_E_DEADLINE")
        self.assertEqual(caught.exception.option, "deadline")
        self.assertIsInstance(caught.exception, TimeoutError_)


class CommandTest(EndpointCase):
    """client.start()."""

    def test_chunks(self):
        with self.client().start("echo out; echo err >&2; exit 4") as command:
            self.assertIsNone(command.exit_code)
            command.write_eof()
            output = {Stream.STDOUT: b"", Stream.STDERR: b""}
            for stream, data in command:
                output[stream] += data
            self.assertEqual(output, {1: b"out\n", 2: b"err\n"})
            self.assertEqual(command.wait(), 4)
            self.assertEqual(command.info("state"), "done")
            self.assertEqual(len(command.info("id")), 36)
            self.assertIsNone(command.read())
        self.assertEqual(command.exit_code, 4)

    def test_wait_without_reading(self):
        with self.client().start("echo out") as command:
            self.assertEqual(command.wait(timeout=60), 0)
            self.assertEqual(list(command), [(Stream.STDOUT, b"out\n")])

    def test_wait_without_a_reader(self):
        command = self.client().start("cat /dev/zero", output_limit="64k")
        with self.assertRaises(LimitError) as caught:
            command.wait()
        self.assertEqual(caught.exception.option, "output-limit")

    def test_dialogue(self):
        with self.client().start("cat") as command:
            for line in (b"one\n", b"two\n"):
                command.write(line)
                self.assertEqual(command.read(), (Stream.STDOUT, line))
            command.write_eof()
            with self.assertRaises(UsageError):
                command.write(b"three")
            self.assertIsNone(command.read())

    def test_much_input_waits(self):
        with self.client().start("cat >/dev/null", input_limit=4096) as c:
            c.write(bytes(200000))
            c.write_eof()
            self.assertEqual(c.wait(), 0)

    def test_big_output(self):
        size, read = 8 << 20, 0
        limit = 64 * 1024
        with self.client().start("head -c %d /dev/zero" % size,
                                 output_limit=limit) as command:
            for stream, data in command:
                self.assertEqual(stream, Stream.STDOUT)
                self.assertLessEqual(len(data), limit)
                read += len(data)
            self.assertEqual(read, size)
            self.assertEqual(command.wait(), 0)
        self.assert_clean()

    def test_timeout(self):
        with self.client().start("cat") as command:
            for call in (command.read, command.wait):
                with self.assertRaises(TimeoutError) as caught:
                    call(timeout=0.01)
                self.assertTrue(caught.exception.retriable)
            command.write_eof()
            self.assertIsNone(command.read(timeout=60))
            self.assertEqual(command.wait(timeout=0), 0)

    def test_signal(self):
        with self.client().start("echo on; exec sleep 600") as command:
            self.assertEqual(command.read(), (Stream.STDOUT, b"on\n"))
            command.signal("ctrl-c")
            self.assertEqual(command.wait(), 0xC000013A)
        with self.client().start("cat") as command:
            command.signal("ctrl-c")  # waits until it runs
        with self.client().start("cat") as command:
            with self.assertRaises(UsageError):
                command.signal("nonsense")

    def test_cancel(self):
        with self.client() as client:
            command = client.start("sleep 600")
            with self.assertRaises(TimeoutError):
                command.read(timeout=0)
            command.cancel()
            with self.assertRaises(Canceled):
                command.wait()
            self.assertIsNone(command.exit_code)
        self.assert_clean()

    def test_ctrl_c(self):
        main = threading.main_thread().ident
        old = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, old)

        def interrupt():
            self.endpoint.wait(receiving=1)
            signal.pthread_kill(main, signal.SIGINT)
        thread = threading.Thread(target=interrupt)
        with self.client() as client:
            thread.start()
            with self.assertRaises(KeyboardInterrupt):
                client.run("sleep 600")
        thread.join()
        self.assert_clean()

    def test_closed(self):
        client = self.client()
        command = client.start("echo x")
        command.close()
        command.close()
        for call in (command.read, command.wait, command.cancel,
                     command.write_eof, lambda: command.write(b"x"),
                     lambda: command.info("id")):
            with self.assertRaisesRegex(UsageError, "Command is closed"):
                call()
        self.assertIsNone(command.exit_code)


class InputTest(EndpointCase):
    """What run() and write() take."""

    def test_types(self):
        with self.client() as client:
            for data in b"\xff", bytearray(b"\xff"), memoryview(b"\xff"):
                self.assertEqual(client.run("cat", input=data).stdout,
                                 b"\xff")
            for data in "text", None, 5:
                with self.assertRaisesRegex(TypeError, "bytes are needed"):
                    client.run("cat", input=data)
                with client.start("cat") as command:
                    with self.assertRaisesRegex(TypeError, "bytes"):
                        command.write(data)
        self.assert_clean()


class ShellTest(EndpointCase):
    """client.shell()."""

    def test_two_commands(self):
        with self.client() as client:
            with client.shell(env={"NAME": "value"}) as shell:
                self.assertEqual(shell.run("echo $NAME").text, "value\n")
                one, two = shell.start("cat"), shell.start("echo two")
                self.assertEqual(two.read(), (Stream.STDOUT, b"two\n"))
                one.write(b"one")
                one.write_eof()
                self.assertEqual(one.read(), (Stream.STDOUT, b"one"))
                self.assertEqual((one.wait(), two.wait()), (0, 0))
                self.assertEqual(shell.info("state"), "open")
                self.assertEqual(len(shell.info("id")), 36)
            with self.assertRaisesRegex(UsageError, "Shell is closed"):
                shell.run("echo x")
            shell.close()
            self.assertEqual(self.endpoint.state()["counts"]["Create"], 1)
            self.assert_clean()

    def test_properties(self):
        shell = self.client().shell(shell_name="mine")
        self.assertEqual(shell.info("state"), "opening")
        self.assertIsNone(shell.info("id"))
        self.assertEqual(shell.info("name"), "mine")
        with self.assertRaises(UsageError):
            shell.info("nonsense")
        shell.wait()
        self.assertEqual(shell.info("state"), "open")

    def test_error_inside(self):
        with self.client() as client:
            with self.assertRaisesRegex(ValueError, "mine"):
                with client.shell():
                    raise ValueError("mine")
        self.assert_clean()

    def test_gone(self):
        with self.client().shell() as shell:
            self.endpoint.control("POST", "expire")
            with self.assertRaises(wsman_client.ShellGone) as caught:
                shell.run("echo x")
            self.assertFalse(caught.exception.retriable)
            self.assertIn("shell", caught.exception.remedy)
            shell._release()

    def test_not_opened(self):
        with self.client(password="wrong") as client:
            with self.assertRaises(AuthError):
                with client.shell():
                    self.fail("it is not open")


LASTING = "urn:libwsman-client:shell:lasting"


class LastingTest(EndpointCase):
    """Shells that outlive their client."""

    def test_there_and_back(self):
        with self.client() as client:
            with client.shell(resource_uri=LASTING) as shell:
                command = shell.start("cat")
                command.write(b"one ")
                self.assertEqual(command.read()[1], b"one ")
                shell.disconnect(idle_timeout="90s", buffer_mode="drop")
                self.assertEqual(shell.info("state"), "disconnected")
                state = self.endpoint.state()["shells"][0]
                self.assertEqual((state["idle_timeout_ms"],
                                  state["buffer_mode"]), (90000, "Drop"))
                with self.assertRaises(wsman_client.FaultError) as caught:
                    command.read()
                self.assertEqual(caught.exception.fault_code, 0x803381C4)
                self.assertIn("reconnect", caught.exception.remedy)
                shell.reconnect()
                command.write(b"two")
                command.write_eof()
                self.assertEqual(command.read()[1], b"two")
                self.assertEqual(command.wait(), 0)
        self.assert_clean()

    def test_of_another_process(self):
        with self.client() as client:
            with client.shell(resource_uri=LASTING) as shell:
                command = shell.start("echo kept; cat")
                shell.disconnect()
                ids = shell.info("id"), command.info("id")
        with self.client() as client:
            with client.connect_shell(ids[0], resource_uri=LASTING) as shell:
                command = shell.connect_command(ids[1])
                self.assertEqual(command.read()[1], b"kept\n")
                shell.disconnect()
            session = client.info("session-id")
        with self.client(session_id=session) as client:
            with client.connect_shell(ids[0], resource_uri=LASTING,
                                      same_session=True) as shell:
                command = shell.connect_command(ids[1])
                command.write_eof()
                self.assertEqual(command.wait(), 0)
        self.assertEqual(self.endpoint.state()["counts"]["Connect"], 2)
        self.assert_clean()

    def test_of_cmd(self):
        with self.client() as client:
            with client.shell() as shell:
                with self.assertRaises(wsman_client.WsmanError) as caught:
                    shell.disconnect()
                self.assertEqual(caught.exception.fault_code, 0x803381C5)
                self.assertEqual(shell.run("echo on").text, "on\n")
        self.assert_clean()


class ErrorTest(EndpointCase):
    """Errors as exceptions."""

    def test_password(self):
        with self.client(password="incorrect") as client:
            with self.assertRaises(AuthError) as caught:
                client.run("echo x")
        error = caught.exception
        self.assertEqual((error.name, error.code), ("WSC_E_AUTH", -17))
        self.assertEqual(error.http_status, 401)
        self.assertIn("password", error.remedy)
        self.assertFalse(error.retriable)
        self.assertNotIn("incorrect", repr(error.details))
        self.assertIn("refused", str(error))

    def test_option(self):
        for call in (lambda: Client(self.url, oppen_timeout=5),
                     lambda: self.client().run("x", oppen_timeout=5),
                     lambda: self.client().option("oppen_timeout")):
            with self.assertRaises(UsageError) as caught:
                call()
            self.assertEqual(caught.exception.nearest, "open-timeout")
            self.assertEqual(caught.exception.option, "oppen-timeout")
        for value in (70000, 1 << 70, "x", True):
            with self.assertRaises(UsageError) as caught:
                Client(self.url, port=value)
            self.assertEqual(caught.exception.option, "port")
        with self.assertRaises(TypeError):
            Client(self.url, port=5.5)
        with self.assertRaisesRegex(TypeError, "^user and username"):
            Client(self.url, USER, PASSWORD, username=USER)

    def test_names_of_subprocess(self):
        client = self.client()
        for name, value, nearest in (("cwd", "C:\\", "working-directory"),
                                     ("timeout", 3, "deadline")):
            with self.assertRaises(UsageError) as caught:
                client.run("x", **{name: value})
            error = caught.exception
            self.assertEqual((error.name, error.option, error.nearest),
                             ("WSC_E_OPTION", name, nearest))
            self.assertIn(nearest.replace("-", "_"), str(error))
        self.assertIn("timedelta", str(error))
        with self.assertRaisesRegex(TypeError, "^deadline: .*timedelta"):
            client.run("x", deadline=0.5)
        self.assertEqual(self.endpoint.state()["counts"], {})

    def test_text_names_the_host(self):
        for host, text, want in (
                ("http://srv:5985/wsman", "gone", "http://srv:5985/wsman: gone"),
                ("http://srv:5985/wsman", "srv is gone", "srv is gone"),
                ("http://a:5985/wsman", "a-b or c.a",
                 "http://a:5985/wsman: a-b or c.a"),
                ("https://[::1]:5986/x", "no answer of ::1.",
                 "no answer of ::1."),
                ("srv", "it is gone", "srv: it is gone"), ("", "x", "x")):
            error = errors.of_code(-17, text, target=host)
            self.assertEqual(str(error), want)
            self.assertEqual(str(pickle.loads(pickle.dumps(error))), want)
        self.endpoint.inject({"action": "Create", "effect": "fault",
                              "code": 0x80338104})
        with self.assertRaises(WsmanError) as caught:
            self.client().run("x")
        self.assertTrue(str(caught.exception).startswith(self.url + ": "))

    def test_fault(self):
        self.endpoint.inject({"action": "Create", "effect": "fault",
                              "code": 0x80338104})
        with self.assertRaises(WsmanError) as caught:
            self.client().run("echo x")
        self.assertEqual(caught.exception.fault_code, 0x80338104)
        self.assertRegex(caught.exception.fault_name, "^ERROR_WSMAN_")
        with self.assertRaises(FaultError):
            self.client().request(GET, "http://no/such/resource")

    def test_network(self):
        with Client("127.0.0.1:1", **LOGIN) as client:
            with self.assertRaises(NetworkError) as caught:
                client.identify()
        self.assertTrue(caught.exception.retriable)

    def test_unencrypted(self):
        with self.assertRaises(AuthError) as caught:
            Client(self.url, USER, PASSWORD, auth="basic")
        self.assertEqual(caught.exception.name, "WSC_E_UNENCRYPTED")

    def test_file(self):
        with self.assertRaises(wsman_client.FileError):
            Client(self.url, USER, password_file="/no/such/file", **PLAIN)

    def test_every_code_has_a_class(self):
        seen = {type(errors.of_code(code)) for code in range(-30, 0)}
        self.assertNotIn(WsmanError, seen)
        self.assertEqual(seen, set(errors._CLASSES.values()))
        self.assertIn(type(errors.of_code(-9999)), (WsmanError,))

    def test_note(self):
        error = errors.of_code(-17)
        if hasattr(error, "add_note"):
            self.assertEqual(error.__notes__, ["try: " + error.remedy])
            with self.assertRaises(WsmanError) as caught:
                Client("h.invalid", tls=True).run("x")
            self.assertIn("https://h.invalid:5986/wsman", "\n".join(
                [str(caught.exception), *caught.exception.__notes__]))


class ClientTest(EndpointCase):
    """The rest of the client; contexts and identities."""

    def test_identify(self):
        known = self.client().identify()
        self.assertEqual(known["product-vendor"], "Microsoft Corporation")
        self.assertIn("IdentifyResponse", known["body"])
        with Client(self.url) as client:
            known = client.identify(identify_unauthenticated=True)
        self.assertIn("protocol-version", known)

    def test_request(self):
        client = self.client()
        reply = client.request(GET, CONFIG)
        self.assertIn("MaxEnvelopeSizekb", reply["body"])
        self.assertEqual(reply["action"], GET + "Response")
        with self.assertRaises(WsmanError):
            client.request(GET, CONFIG, {"a": "b"})
        for selectors in ({"a": "b", "A": "c"}, {"": "x"}):
            with self.assertRaises(UsageError):
                client.request(GET, CONFIG, selectors)
        for resource in ("", "a\x01b"):
            with self.assertRaisesRegex(UsageError, "resource"):
                client.request(GET, resource, selectors={"a": "b"})
        with self.assertRaises(UsageError) as caught:
            client.request(GET, CONFIG, body="<a>")
        self.assertEqual(caught.exception.details["offset"], 3)

    def test_options(self):
        table = {option.name: option for option in wsman_client.options()}
        self.assertEqual(table["operation-timeout"].type, "duration")
        self.assertTrue(table["password"].secret)
        self.assertFalse(table["username"].secret)
        self.assertTrue(table["port"].doc)
        with Context(operation_timeout="4m") as context:
            client = Client(self.url, context=context, open_timeout=1234,
                            **LOGIN)
            for name, want in (("operation_timeout", ("240000", "context")),
                               ("open-timeout", ("1234", "client")),
                               ("locale", ("en-US", "default")),
                               ("tls_pin", (None, "default")),
                               ("password", ("***", "client"))):
                self.assertEqual(client.option(name), want)
            self.assertEqual(client.option("deadline", deadline="2s"),
                             ("2000", "operation"))

    def test_url(self):
        self.assertEqual(self.client().info("url"), self.url)

    def test_shared_identity(self):
        with Context() as context:
            who = Identity(context, USER, PASSWORD, auth="basic")
            one = Client(self.url, identity=who, **PLAIN)
            two = Client(self.url, identity=who, **PLAIN)
            who.close()
            self.assertIs(one.context, context)
            self.assertEqual(one.run("echo 1").text, "1\n")
            self.assertEqual(two.run("echo 2").text, "2\n")
            one.close()
            self.assertEqual(two.run("echo 3").text, "3\n")
            with self.assertRaises(UsageError):
                Client(self.url, identity=who, **PLAIN)
        with self.assertRaisesRegex(UsageError, "context is closed"):
            two.run("echo 4")

    def test_close_cleans_up(self):
        client = self.client()
        command = client.start("sleep 600")
        with self.assertRaises(TimeoutError):
            command.wait(timeout=0)
        client.close()
        client.close()
        self.assert_clean()
        self.assertTrue(client.context.closed)
        with self.assertRaisesRegex(UsageError, "context is closed"):
            command.wait()

    def test_version(self):
        self.assertRegex(wsman_client.library_version(), r"^0\.\d+\.\d+$")


class TlsTest(EndpointCase):
    """TLS with a CA of our own."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.ca = os.path.join(folder.name, "ca.pem")
        cls.arguments = ("--make-cert", folder.name, "--https-port", "0")
        super().setUpClass()
        cls.https = cls.endpoint.urls[1]

    def test_ca(self):
        with Client(self.https, USER, PASSWORD, auth="basic",
                    tls_ca_file=self.ca) as host:
            self.assertEqual(host.run("echo secret").text, "secret\n")

    def test_unknown(self):
        with Client(self.https, USER, PASSWORD) as host:
            with self.assertRaises(TlsError) as caught:
                host.run("echo x")
        self.assertEqual(caught.exception.name, "WSC_E_TLS_VERIFY")
        self.assertIn("tls-ca-file", caught.exception.remedy)


if __name__ == "__main__":
    unittest.main()
