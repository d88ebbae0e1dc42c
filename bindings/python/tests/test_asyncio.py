"""asyncio against the test endpoint."""

import asyncio
import gc
import os
import signal
import tempfile
import threading
import unittest
import weakref

import support
from support import CONFIG, GET, LOGIN, PASSWORD, PLAIN, USER

from wsman_client import (AsyncClient, AsyncContext, AuthError, Canceled,
                          Client, Context, Identity, LimitError, Stream,
                          UsageError)


class AsyncCase(support.EndpointCase, unittest.IsolatedAsyncioTestCase):
    """A case whose tests are coroutines."""

    def client(self, **options):
        """Return a client for `async with`."""
        return AsyncClient(self.url, **{**LOGIN, **options})

    async def state(self, **conditions):
        """Wait for conditions of the endpoint, the loop going on."""
        return await asyncio.get_running_loop().run_in_executor(
            None, lambda: self.endpoint.wait(**conditions))

    async def clean(self):
        """Check that nothing is left on the server, and no rule broken."""
        self.assertEqual((await self.state(shells=0))["violations"], [])


class RunTest(AsyncCase):
    """client.run() and the like."""

    arguments = ("--allow-unencrypted", "--max-shells-per-user", "200",
                 "--max-commands-per-shell", "200",
                 "--max-processes-per-shell", "400",
                 "--max-operations-per-user", "1000")

    async def test_run(self):
        async with self.client() as client:
            self.assertEqual(repr(client), "<AsyncClient %s>" % self.url)
            result = await client.run("cat; echo err >&2; exit 3",
                                      input="Grüße".encode())
            self.assertEqual(result, (3, "Grüße".encode(), b"err\n"))
            await self.clean()  # the loop cleans up, no call is needed

    async def test_hundred_at_once(self):
        async with self.client() as client:
            results = await asyncio.gather(*(
                client.run("echo %d; exit %d" % (n, n)) for n in range(100)))
        for n, result in enumerate(results):
            self.assertEqual(result, (n, b"%d\n" % n, b""))
        await self.clean()

    async def test_lasting_shell(self):
        lasting = {"resource_uri": "urn:libwsman-client:shell:lasting"}
        async with self.client() as client:
            async with client.shell(**lasting) as shell:
                command = shell.start("echo one; cat")
                self.assertEqual(await command.read(),
                                 (Stream.STDOUT, b"one\n"))
                reading = asyncio.create_task(command.read())
                await self.state(receiving=1)
                await shell.disconnect()
                self.assertFalse(reading.done())
                await shell.reconnect()
                await command.write(b"two")
                self.assertEqual(await reading, (Stream.STDOUT, b"two"))
                await shell.disconnect()
                ids = shell.info("id"), command.info("id")
            shell = client.connect_shell(ids[0], **lasting)
            async with shell:
                command = shell.connect_command(ids[1])
                command.write_eof()
                self.assertEqual(await command.wait(), 0)
            await self.clean()

    async def test_hundred_in_one_shell(self):
        async with self.client() as client:
            async with client.shell() as shell:
                results = await asyncio.gather(*(
                    shell.run("echo %d" % n) for n in range(100)))
        self.assertEqual([int(result.text) for result in results],
                         list(range(100)))

    async def test_the_loop_runs_on(self):
        async with self.client() as client:
            fifo = os.path.join(self.folder(), "fifo")
            os.mkfifo(fifo)
            task = asyncio.ensure_future(client.run("cat " + fifo))

            def write():
                with open(fifo, "w") as f:
                    f.write("from here")
            await asyncio.get_running_loop().run_in_executor(None, write)
            self.assertEqual((await task).text, "from here")

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    async def test_errors(self):
        async with self.client(password="wrong") as client:
            with self.assertRaises(AuthError):
                await client.run("echo x")
            with self.assertRaises(UsageError) as caught:
                await client.run("echo x", oppen_timeout=3)
            self.assertEqual(caught.exception.nearest, "open-timeout")
            with self.assertRaises(AuthError):
                async with client.shell():
                    self.fail("it is not open")

    async def test_identify_and_request(self):
        async with self.client() as client:
            known, reply = await asyncio.gather(
                client.identify(), client.request(GET, CONFIG))
            self.assertEqual(known["product-vendor"], "Microsoft Corporation")
            self.assertIn("MaxEnvelopeSizekb", reply["body"])


class CommandTest(AsyncCase):
    """client.start()."""

    async def test_chunks(self):
        async with self.client() as client:
            async with client.start("echo out; echo err >&2") as command:
                command.write_eof()
                output = {Stream.STDOUT: b"", Stream.STDERR: b""}
                async for stream, data in command:
                    output[stream] += data
                self.assertEqual(output, {1: b"out\n", 2: b"err\n"})
                self.assertEqual(await command.wait(), 0)
            self.assertEqual(command.exit_code, 0)

    async def test_dialogue(self):
        async with self.client() as client, client.start("cat") as command:
            for line in (b"one\n", b"two\n"):
                await command.write(line)
                self.assertEqual(await command.read(), (Stream.STDOUT, line))
            command.write_eof()
            self.assertIsNone(await command.read())

    async def test_writer_and_reader(self):
        data, read = os.urandom(3 << 20), b""
        async with self.client() as client:
            async with client.start("cat", input_limit=65536) as command:
                async def write():
                    await command.write(data)
                    command.write_eof()
                task = asyncio.ensure_future(write())
                async for _, chunk in command:
                    read += chunk
                await task
        self.assertTrue(read == data)

    async def test_two_waiters(self):
        async with self.client() as client, client.start("cat") as command:
            waits = [asyncio.ensure_future(command.wait()) for _ in range(3)]
            await asyncio.sleep(0)
            command.write_eof()
            self.assertEqual(await asyncio.gather(*waits), [0, 0, 0])

    async def test_back_pressure(self):
        # 8 MB; the server holds less than 4 of them, the library 64 KiB
        size, read = 8 << 20, 0
        async with self.client() as client:
            async with client.start("head -c %d /dev/zero" % size,
                                    output_limit="64k") as command:
                _, data = await command.read()
                read += len(data)
                before = (await self.state(connections=99))["counts"]
                for _ in range(3):  # the loop runs, the consumer does not
                    await client.identify()
                after = (await self.state(connections=99))["counts"]
                self.assertLessEqual(after["Receive"], before["Receive"] + 2)
                self.assertLess(after["Receive"], 10)
                async for _, data in command:
                    self.assertLessEqual(len(data), 65536)
                    read += len(data)
                self.assertEqual(read, size)

    async def test_nothing_is_asked_for_at_first(self):
        async with self.client() as client, client.start("echo x") as command:
            await self.state(Command=1)
            await client.identify()
            counts = (await self.state(connections=99))["counts"]
            self.assertNotIn("Receive", counts)
            self.assertEqual(await command.read(), (Stream.STDOUT, b"x\n"))

    async def test_wait_without_a_reader(self):
        async with self.client(output_limit="64k") as client:
            async with client.start("cat /dev/zero") as command:
                with self.assertRaises(LimitError):
                    await command.wait()

    async def test_signal(self):
        async with self.client() as client:
            async with client.start("echo on; exec sleep 600") as command:
                self.assertEqual(await command.read(), (1, b"on\n"))
                await command.signal("ctrl-c")
                self.assertEqual(await command.wait(), 0xC000013A)
            async with client.start("cat") as command:
                await command.signal("ctrl-c")  # waits until it runs
            async with client.start("cat") as command:
                with self.assertRaises(UsageError):
                    await command.signal("nonsense")

    async def test_cancel(self):
        async with self.client() as client:
            async with client.start("sleep 600") as command:
                task = asyncio.ensure_future(command.read())
                await self.state(receiving=1)
                command.cancel()
                with self.assertRaises(Canceled):
                    await task
        await self.clean()


class CancelTest(AsyncCase):
    """Tasks that are canceled."""

    async def canceled(self, coroutine, **conditions):
        task = asyncio.ensure_future(coroutine)
        await self.state(**(conditions or {"receiving": 1}))
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task

    async def test_run(self):
        async with self.client() as client:
            await self.canceled(client.run("sleep 600"))
            state = await self.state(shells=0)
            self.assertEqual(state["counts"]["Signal"], 1)
            self.assertEqual((await client.run("echo x")).text, "x\n")
        await self.clean()

    async def test_iteration(self):
        async def work():
            async with client.start("sleep 600") as command:
                async for _ in command:
                    self.fail("it is silent")
        async with self.client() as client:
            await self.canceled(work())
            await self.clean()

    async def test_iteration_without_a_block(self):
        async def work():
            async for _ in client.start("sleep 600"):
                self.fail("it is silent")
        async with self.client() as client:
            await self.canceled(work())
            gc.collect()
            await self.clean()

    async def test_shell(self):
        async def work():
            async with client.shell() as shell:
                await shell.run("sleep 600")
        async with self.client() as client:
            await self.canceled(work())
            await self.clean()

    async def test_wait_for(self):
        async with self.client() as client, client.start("cat") as command:
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(command.read(), 0.01)
            await command.write(b"still there")
            self.assertEqual(await command.read(),
                             (Stream.STDOUT, b"still there"))

    async def test_identify(self):
        self.endpoint.inject({"action": "Identify", "effect": "delay",
                              "ms": 60000})
        async with self.client() as client:
            await self.canceled(client.identify(), Identify=1)


class ContextTest(AsyncCase):
    """One context for each loop."""

    async def test_shared(self):
        async with self.client() as one:
            async with self.client() as two:
                self.assertIs(one.context, two.context)
                await two.run("true")
            self.assertFalse(one.context.closed)
            self.assertEqual((await one.run("echo 1")).text, "1\n")
        self.assertTrue(one.context.closed)
        await one.aclose()
        async with self.client() as three:
            self.assertIsNot(three.context, one.context)

    async def test_own(self):
        async with AsyncContext(operation_timeout="4m") as context:
            who = Identity(context, USER, PASSWORD, auth="basic")
            async with AsyncClient(self.url, identity=who, **PLAIN) as client:
                self.assertIs(client.context, context)
                self.assertEqual(client.option("operation_timeout"),
                                 ("240000", "context"))
                await client.run("true")
            self.assertFalse(context.closed)
            with self.assertRaises(UsageError):
                Client(self.url, identity=who)
        with Context() as other:
            who = Identity(other, USER, PASSWORD)
            with self.assertRaises(UsageError):
                AsyncClient(self.url, identity=who)

    async def test_close_ends_what_runs(self):
        client = self.client()
        command = client.start("sleep 600")
        tasks = [asyncio.ensure_future(call) for call in (
            command.read(), command.wait(), client.run("sleep 600"))]
        await self.state(receiving=2)
        await client.aclose()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            self.assertIsInstance(result, Canceled)
        await self.clean()
        with self.assertRaisesRegex(UsageError, "context is closed"):
            await command.read()

    async def test_close_of_a_command_in_use(self):
        async with self.client() as client:
            command = client.start("sleep 600")
            task = asyncio.ensure_future(command.read())
            await self.state(receiving=1)
            command.close()
            with self.assertRaisesRegex(UsageError, "Command is closed"):
                await task

    async def test_close_with_a_timeout(self):
        self.endpoint.inject({"action": "Delete", "effect": "delay",
                              "ms": 60000})
        context = AsyncContext()
        client = self.client(context=context)
        await client.run("true")
        await context.aclose(timeout=0.01)
        self.assertTrue(context.closed)

    def test_two_loops(self):
        async def one():
            async with self.client() as client:
                return client.context, (await client.run("echo x")).text
        first, second = asyncio.run(one()), asyncio.run(one())
        self.assertEqual((first[1], second[1]), ("x\n", "x\n"))
        self.assertIsNot(first[0], second[0])

    def test_another_loop(self):
        async def make():
            return self.client()

        async def use():
            await client.identify()
        client = asyncio.run(make())
        with self.assertRaisesRegex(UsageError, "another loop"):
            asyncio.run(use())

    def test_no_loop(self):
        with self.assertRaises(RuntimeError):
            self.client()

    def test_log_interrupt(self):
        def log(level, component, text):
            raise KeyboardInterrupt

        async def work():
            async with self.client() as client:
                client.context.set_log("debug", log)
                try:
                    await client.run("true")
                finally:
                    client.context.set_log("none", None)
        with self.assertRaises(KeyboardInterrupt):
            asyncio.run(work())

    def test_ctrl_c(self):
        main = threading.main_thread().ident
        old = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, old)

        def interrupt():
            self.endpoint.wait(receiving=1)
            signal.pthread_kill(main, signal.SIGINT)

        async def work():
            async with self.client() as client:
                await client.run("sleep 600")
        thread = threading.Thread(target=interrupt)
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            asyncio.run(work())
        thread.join()
        self.assertEqual(self.endpoint.wait(shells=0)["violations"], [])


class GarbageTest(AsyncCase):
    """What is dropped, is dropped."""

    async def test_dropped(self):
        context = AsyncContext()
        client = self.client(context=context)
        context.set_log("debug", lambda *line: client)  # a cycle
        command = client.start("sleep 600")
        task = asyncio.ensure_future(command.read())
        await self.state(receiving=1)
        task.cancel()
        await asyncio.wait([task])  # without a traceback that keeps frames
        references = [weakref.ref(thing)
                      for thing in (command, client, context)]
        fd = context._fd
        del command, task
        gc.collect()
        self.assertIsNone(references[0]())
        await self.clean()  # the loop tells the server
        del client, context
        gc.collect()
        self.assertEqual([r() for r in references], [None] * 3)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with self.assertRaises(OSError):
            os.fstat(fd)

    def test_dropped_with_the_loop(self):
        async def work():
            client = self.client()
            await client.run("true")
            return weakref.ref(client.context), client.context._fd
        reference, fd = asyncio.run(work())
        gc.collect()
        self.assertIsNone(reference())
        with self.assertRaises(OSError):
            os.fstat(fd)

    async def test_nothing_is_kept(self):
        async with self.client() as client:
            await client.run("true")
            before = support.ours()
            for _ in range(20):
                await client.run("true")
                async with client.start("echo x") as command:
                    async for _ in command:
                        pass
            del command
            self.assertEqual(support.ours(), before)
            self.assertEqual(client.context._waiting, {})


if __name__ == "__main__":
    unittest.main()
