"""Threads, forks, garbage, the log: where a binding usually breaks."""

import gc
import os
import pickle
import sys
import tempfile
import threading
import unittest
import weakref

from support import LOGIN, PASSWORD, PLAIN, EndpointCase, ours

from wsman_client import Client, Context, Identity, UsageError, WsmanError


class GarbageTest(EndpointCase):
    """What is dropped, is dropped."""

    def test_dropped(self):
        client = Client(self.url, **LOGIN)
        shell = client.shell()
        command = shell.start("sleep 600")
        with self.assertRaises(TimeoutError):
            command.read(timeout=0)
        things = (client, client.context, shell, command)
        references = [weakref.ref(thing) for thing in things]
        del client, shell, command, things
        self.assertEqual([r() for r in references], [None] * 4)

    def test_dropped_in_a_cycle(self):
        client = Client(self.url, **LOGIN)
        lines = []
        client.context.set_log("trace",
                               lambda *line: lines.append((client, line)))
        client.cycle = client.context.cycle = client
        client.run("true")
        self.assertTrue(lines)
        reference = weakref.ref(client.context)
        before = len(os.listdir("/proc/self/fd"))
        del client, lines
        gc.collect()
        self.assertIsNone(reference())
        self.assertLess(len(os.listdir("/proc/self/fd")), before)

    def test_descriptors(self):
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            with self.client() as client, client.shell() as shell:
                shell.run("true")
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_nothing_is_kept(self):
        with self.client() as client:
            client.run("true")
            before = ours()
            for _ in range(20):
                client.run("true")
                with client.start("echo x") as command:
                    list(command)
            del command
            self.assertEqual(ours(), before)
            self.assertFalse(client.context._keeper._dropped)

    def test_dropped_command_is_canceled(self):
        with self.client() as client:
            with client.shell() as shell:
                command = shell.start("sleep 600")
                with self.assertRaises(TimeoutError):
                    command.read(timeout=0)
                del command
                shell.run("true")
                # it was told to the server before the shell was closed
                self.endpoint.wait(Signal=1)

    def test_order(self):
        client = self.client()
        shell = client.shell()
        command = shell.start("echo x")
        self.assertEqual(command.wait(), 0)
        client.close()
        for call in (command.read, shell.wait, lambda: shell.info("id"),
                     command.cancel, lambda: client.run("true"),
                     client.shell, client.identify):
            with self.assertRaisesRegex(UsageError, "context is closed"):
                call()
        self.assertEqual(command.exit_code, 0)
        command.close()
        shell._release()


class ReprTest(EndpointCase):
    """What an object says of itself, in a log or a debugger."""

    def test_states(self):
        client = self.client()
        self.assertEqual(repr(client), "<Client %s>" % self.url)
        shell = client.shell()
        self.assertEqual(repr(shell), "<Shell opening at %s>" % self.url)
        shell.wait()
        self.assertEqual(repr(shell), "<Shell %s open at %s>" % (
            shell.info("id"), self.url))
        command = shell.start("cat; exit 3")
        self.assertRegex(repr(command), "^<Command (waiting|starting) at ")
        command.write_eof()
        command.wait()
        self.assertEqual(repr(command), "<Command %s done exit code 3 at %s>" % (
            command.info("id"), self.url))
        command.close()
        self.assertEqual(repr(command), "<Command exit code 3 at %s closed>" % self.url)
        shell.close()
        self.assertEqual(repr(shell), "<Shell at %s closed>" % self.url)
        self.assertEqual(repr(client.context), "<Context>")
        client.close()
        self.assertEqual(repr(client), "<Client %s closed>" % self.url)
        self.assertEqual(repr(client.context), "<Context closed>")

    def test_no_secret(self):
        with Context() as context:
            who = Identity(context, "u\n1", PASSWORD, auth="basic")
            client = Client(self.url, identity=who, context=context, **PLAIN)
            self.assertEqual(repr(who), "<Identity u\\n1>")
            for thing in (context, who, client):
                self.assertNotIn(PASSWORD, repr(thing))
            who.close()
            self.assertEqual(repr(who), "<Identity u\\n1 closed>")
            self.assertEqual(repr(Identity(context)), "<Identity>")

    def test_elsewhere(self):
        """In the log function and in another thread it is short, and safe."""
        client, seen = self.client(), []
        client.context.set_log("trace", lambda *line: seen.append(repr(client)))
        client.run("true")
        thread = threading.Thread(target=lambda: seen.append(repr(client)))
        thread.start()
        thread.join()
        self.assertEqual(set(seen), {"<Client %s>" % self.url})
        with client.shell() as shell:
            seen.clear()
            client.context.set_log("trace",
                                   lambda *line: seen.append(repr(shell)))
            shell.run("true")
            self.assertTrue(seen)
            thread = threading.Thread(target=lambda: seen.append(repr(shell)))
            thread.start()
            thread.join()
            self.assertEqual(set(seen), {"<Shell at %s>" % self.url})
            client.context.set_log("none", None)
            self.assertIn(" open at ", repr(shell))
        self.assertEqual(repr(Client.__new__(Client)), "<Client not made>")
        self.assertEqual(repr(Context.__new__(Context)), "<Context closed>")


class ThreadTest(EndpointCase):
    """One thread at a time."""

    def in_thread(self, function):
        """Return what a call gives, or raises, in a thread of its own."""
        results = []

        def call():
            try:
                results.append(function())
            except WsmanError as error:
                results.append(error)
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        return results[0]

    def test_one_after_another(self):
        client = self.client()
        self.assertEqual(client.run("echo 1").text, "1\n")
        run = self.in_thread(lambda: client.run("echo 2"))
        self.assertEqual(run.text, "2\n")
        command = self.in_thread(lambda: client.start("echo 3"))
        self.assertEqual(command.read(), (1, b"3\n"))
        self.in_thread(command.close)
        self.assertEqual(client.run("echo 4").text, "4\n")
        self.in_thread(client.close)
        self.assertTrue(client.context.closed)

    def test_both_at_once(self):
        client = self.client()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        fifo = os.path.join(folder.name, "fifo")
        os.mkfifo(fifo)
        command = client.start("exit $(cat %s)" % fifo)
        codes = []
        waiting = threading.Thread(
            target=lambda: codes.append(command.wait()))
        waiting.start()
        self.endpoint.wait(receiving=1)
        with self.assertRaisesRegex(UsageError, "another thread"):
            client.run("true")
        with self.assertRaisesRegex(UsageError, "another thread"):
            client.context.close()
        self.assertFalse(client.context.closed)
        with open(fifo, "w", encoding="ascii") as pipe:
            pipe.write("5")
        waiting.join()
        self.assertEqual(codes, [5])

    def test_a_context_for_each(self):
        def work():
            with Client(self.url, **LOGIN) as client:
                texts.append(client.run("echo x").text)
        texts = []
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(texts, ["x\n"] * 8)

    def test_garbage_of_another_thread(self):
        client = self.client()
        commands = [client.start("sleep 600")]
        waiting = threading.Thread(
            target=lambda: client.run("cat", input=b"x"))
        waiting.start()
        commands.clear()  # here, while the other one may be in the library
        gc.collect()
        waiting.join()
        self.assertEqual(client.run("echo x").text, "x\n")
        self.assert_clean()


class ForkTest(EndpointCase):
    """A child has to make its own."""

    def child(self, function):
        """Return what a child process has to say."""
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                text = function()
            except BaseException as error:
                text = repr(error)
            os.write(writer, text.encode())
            os._exit(0)
        os.close(writer)
        with open(reader, encoding="utf-8") as pipe:
            text = pipe.read()
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        return text

    def test_fork(self):
        client = self.client()
        command = client.start("cat")
        with self.assertRaises(TimeoutError):
            command.read(timeout=0)

        def old():
            for call in (command.read, lambda: client.run("true"),
                         command.write_eof, lambda: command.info("id")):
                try:
                    call()
                    return "it worked"
                except UsageError as error:
                    if "another process" not in str(error):
                        return str(error)
            command.close()
            return "refused"

        def new():
            with Client(self.url, **LOGIN) as other:
                return other.run("echo new").text
        self.assertEqual(self.child(old), "refused")
        self.assertEqual(self.child(new), "new\n")
        command.write(b"still here")
        self.assertEqual(command.read(), (1, b"still here"))


class LogTest(EndpointCase):
    """The log function."""

    def test_lines(self):
        lines = []
        with self.client() as client:
            client.context.set_log("trace", lambda *line: lines.append(line))
            client.run("true")
            client.context.set_log("none", None)
            count = len(lines)
            client.run("true")
            self.assertEqual(len(lines), count)
            with self.assertRaisesRegex(UsageError, "one of none, error"):
                client.context.set_log("loud", print)
        self.assertTrue(any("POST /wsman" in text for _, _, text in lines))
        self.assertFalse(any(PASSWORD in text for _, _, text in lines))
        self.assertTrue({1, 2, 3, 4, 5}.issuperset(n for n, _, _ in lines))
        self.assertIn("command", [component for _, component, _ in lines])

    def test_exception(self):
        def log(level, component, text):
            raise ValueError("from the log")
        caught = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda args: caught.append(args.exc_value)
        with self.client() as client:
            client.context.set_log("debug", log)
            self.assertEqual(client.run("echo x").text, "x\n")
        self.assertEqual({str(error) for error in caught}, {"from the log"})

    def test_interrupt(self):
        def log(level, component, text):
            raise KeyboardInterrupt
        with self.client() as client:
            client.context.set_log("debug", log)
            with self.assertRaises(KeyboardInterrupt):
                client.run("true")
            client.context.set_log("none", None)
        self.assert_clean()

    def test_no_calls_in_it(self):
        caught = []

        def log(level, component, text):
            try:
                client.run("true")
            except UsageError as error:
                caught.append(str(error))
        with self.client() as client:
            client.context.set_log("debug", log)
            client.run("true")
            client.context.set_log("none", None)
        self.assertIn("log function", caught[0])


class SmallTest(unittest.TestCase):
    """What needs no server."""

    def test_contexts_come_and_go(self):
        for _ in range(50):
            Context().close()
            Context()
        with self.assertRaises(UsageError):
            Context(oppen_timeout=1)

    def test_errors_travel(self):
        try:
            Client("host", oppen_timeout=1)
        except UsageError as error:
            copy = pickle.loads(pickle.dumps(error))
            self.assertEqual((str(copy), copy.details, copy.nearest),
                             (str(error), error.details, error.nearest))


if __name__ == "__main__":
    unittest.main()
