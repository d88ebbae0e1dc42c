#!/usr/bin/env python3
"""Every exported function of the header is called from Python, without a compiler, against the test
endpoint: what any other language's foreign-function interface would do."""
import base64
import ctypes
import os
import select
import socket
import sys
import threading
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "endpoint")]
from harness import PASSWORD, USER, Endpoint  # noqa: E402
from ctypes_values import Values, api  # noqa: E402,F401
from wscffi import WscError  # noqa: E402

K = api.constants
WAIT = 60000


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint("--allow-unencrypted")

    @classmethod
    def tearDownClass(cls):
        cls.endpoint.stop()

    def setUp(self):
        self.ctx = api.new("ctx_new")
        self.client = self.new_client()

    def tearDown(self):
        api.client_unref(self.client)
        self.assertEqual(api.ctx_close(self.ctx, WAIT), 0)
        api.ctx_unref(self.ctx)

    def new_client(self, ctx=None, identity=None, **more):
        options = dict(allow_unencrypted=True, trusted_hosts="*", **more)
        if not identity:
            options.update(username=USER, password=PASSWORD, auth="basic")
        p = api.params(**options)
        self.assertFalse(api.params_error(p))
        client = api.new("client_new", ctx or self.ctx, self.endpoint.url.encode(), identity, p)
        api.params_unref(p)
        return client

    def run_command(self, *argv, **options):
        p = api.params(**options)
        args = api.strings(argv[1:])
        c = api.new("client_run", self.client, argv[0].encode(), args, len(argv) - 1, p)
        api.params_unref(p)
        return c

    def exit_code(self, command):
        code = ctypes.c_int64(-1)
        self.assertEqual(api.command_exit_code(command, ctypes.byref(code)), 0)
        return code.value


class Blocking(Base):
    def test_run(self):
        c = self.run_command("echo out; echo err >&2; exit 7")
        self.assertEqual(api.command_wait(c, WAIT), 0)
        self.assertEqual(api.output(c, K["STDOUT"]), b"out\n")
        self.assertEqual(api.output(c, K["STDERR"]), b"err\n")
        self.assertEqual(self.exit_code(c), 7)
        self.assertEqual(api.text("command_get_str", c, "state"), "done")
        self.assertEqual(api.text("client_get_str", self.client, "identity"), USER)
        self.assertFalse(api.command_error(c))
        api.command_set_user_data(c, 4711)
        self.assertEqual(api.command_user_data(c), 4711)
        api.command_unref(c)

    def test_identity_and_shell(self):
        p = api.params(username=USER, password=PASSWORD, auth="basic")
        identity = api.new("identity_new", self.ctx, p)
        api.params_unref(p)
        client = self.new_client(identity=identity)
        api.identity_unref(identity)
        api.client_set_user_data(client, 12)
        self.assertEqual(api.client_user_data(client), 12)
        self.assertEqual(api.text("client_get_str", client, "url"), self.endpoint.url)
        self.assertEqual(len(api.text("client_get_str", client, "session-id")), 36)
        self.assertEqual(api.text("client_get_str", client, "scheme"), "Basic")
        for none in b"mechanism", b"spn", b"identity":
            self.assertEqual(api.client_get_str(client, none, ctypes.byref(ctypes.c_char_p())), K["E_AGAIN"])
        number, name, index = ctypes.c_int64(-1), ctypes.c_char_p(), 0
        while api.stat_get(index, b"name", ctypes.byref(name)) == 0:
            self.assertEqual(api.client_get_int(client, name, ctypes.byref(number)), 0)
            self.assertEqual(number.value, 0)
            index += 1
        self.assertGreater(index, 10)
        self.assertEqual(api.client_get_int(client, b"nonsense", ctypes.byref(number)), K["E_USAGE"])
        p = api.params(env={"GREETING": "hello"}, shell_name="a shell")
        shell = api.new("shell_open", client, p)
        api.params_unref(p)
        self.assertEqual(api.shell_state(shell), K["SHELL_OPENING"])
        self.assertEqual(api.shell_wait(shell, WAIT), 0)
        self.assertEqual(api.shell_state(shell), K["SHELL_OPEN"])
        self.assertEqual(len(api.text("shell_get_str", shell, "id")), 36)
        api.shell_set_user_data(shell, 13)
        self.assertEqual(api.shell_user_data(shell), 13)
        c = api.new("shell_run", shell, b"echo $GREETING", None, 0, None)
        self.assertEqual(api.command_wait(c, WAIT), 0)
        self.assertEqual(api.output(c, 1), b"hello\n")
        op = api.new("shell_close", shell)
        self.assertEqual(api.op_wait(op, WAIT), 0)
        self.assertFalse(api.op_error(op))
        self.assertEqual(api.shell_state(shell), K["SHELL_CLOSED"])
        self.assertFalse(api.shell_error(shell))
        for unref, handle in ((api.op_unref, op), (api.command_unref, c), (api.shell_unref, shell), (api.client_unref, client)):
            unref(handle)

    def test_lasting_shell(self):
        client = self.new_client(resource_uri="urn:libwsman-client:shell:lasting")
        shell = api.new("shell_open", client, None)
        c = api.new("shell_run", shell, b"echo out; exit 4", None, 0, None)
        for fn in ("shell_disconnect", "shell_reconnect", "shell_disconnect"):
            op = api.new(fn, shell, None)
            self.assertEqual(api.op_wait(op, WAIT), 0)
            api.op_unref(op)
        self.assertEqual(api.shell_state(shell), K["SHELL_DISCONNECTED"])
        ids = api.text("shell_get_str", shell, "id"), api.text("command_get_str", c, "id")
        for unref, handle in ((api.command_unref, c), (api.shell_unref, shell)):
            unref(handle)
        shell = api.new("shell_connect", client, ids[0].encode(), None)
        c = api.new("shell_connect_command", shell, ids[1].encode(), None)
        self.assertEqual(api.command_wait(c, WAIT), 0)
        self.assertEqual(api.output(c, 1), b"out\n")
        for unref, handle in ((api.command_unref, c), (api.shell_unref, shell), (api.client_unref, client)):
            unref(handle)

    def test_stdin(self):
        c = self.run_command("cat")
        taken = ctypes.c_size_t()
        data = os.urandom(300000)
        rest = data
        while rest:
            self.assertEqual(api.command_write(c, rest, len(rest), ctypes.byref(taken), WAIT), 0)
            rest = rest[taken.value:]
        self.assertEqual(api.command_write_eof(c), 0)
        out, stream, n = b"", ctypes.c_int(), ctypes.c_size_t()
        buf = ctypes.create_string_buffer(50000)
        while True:
            stream.value = 0
            self.assertEqual(api.command_read(c, ctypes.byref(stream), buf, len(buf), ctypes.byref(n), WAIT), 0)
            if not n.value:
                break
            out += buf.raw[:n.value]
        self.assertEqual(out, data)
        self.assertEqual(self.exit_code(c), 0)
        api.command_unref(c)

    def test_signal_and_cancel(self):
        c = self.run_command("echo ready; sleep 600")
        stream, n, buf = ctypes.c_int(), ctypes.c_size_t(), ctypes.create_string_buffer(100)
        self.assertEqual(api.command_read(c, ctypes.byref(stream), buf, 100, ctypes.byref(n), WAIT), 0)
        op = api.new("command_signal", c, b"ctrl-c")
        self.assertEqual(api.op_wait(op, WAIT), 0)
        self.assertEqual(api.command_wait(c, WAIT), 0)
        self.assertEqual(self.exit_code(c), 0xC000013A)
        api.op_unref(op)
        api.command_unref(c)
        c = self.run_command("sleep 600")
        self.assertEqual(api.command_cancel(c), 0)
        self.assertEqual(api.command_wait(c, WAIT), K["E_CANCELED"])
        api.command_unref(c)

    def test_identify_and_request(self):
        op = api.new("identify", self.client, None)
        api.op_set_user_data(op, 5)
        self.assertEqual(api.op_wait(op, WAIT), 0)
        self.assertEqual(api.op_user_data(op), 5)
        self.assertEqual(api.text("op_get_str", op, "product-vendor"), "Microsoft Corporation")
        api.op_unref(op)
        epr = api.new("epr_new", b"http://schemas.microsoft.com/wbem/wsman/1/config")
        self.assertEqual(api.epr_add_selector(epr, b"a", b"b"), 0)
        self.assertEqual(api.epr_add_selector(epr, b"A", b"c"), K["E_USAGE"])
        api.epr_unref(epr)
        epr = api.new("epr_new", b"http://schemas.microsoft.com/wbem/wsman/1/config")
        op = api.new("request", self.client, b"http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", epr, None, 0, None)
        self.assertEqual(api.op_wait(op, WAIT), 0)
        self.assertIn("MaxEnvelopeSizekb", api.text("op_get_str", op, "body"))
        self.assertEqual(api.op_cancel(op), 0)
        api.op_unref(op)
        api.epr_unref(epr)


class Callbacks(Base):
    def test_callbacks_and_events(self):
        got, freed, states = [], [], []
        free = api.callback("wsc_free_fn", lambda ud: freed.append(ud))
        output = api.callback("wsc_output_fn", lambda c, s, d, n, ud: got.append((s, ctypes.string_at(d, n))) or n)
        ready = api.callback("wsc_ready_fn", lambda c, ud: None)
        exited = api.callback("wsc_exit_fn", lambda c, status, ud: got.append(("exit", status)))
        changed = api.callback("wsc_shell_fn", lambda s, state, ud: states.append(state))
        done = api.callback("wsc_op_fn", lambda op, status, ud: got.append(("done", status)))
        shell = api.new("shell_open", self.client, None)
        self.assertEqual(api.shell_on_state(shell, changed, None, free), 0)
        c = api.new("shell_run", shell, b"echo out; exit 3", None, 0, None)
        self.assertEqual(api.command_on_output(c, output, None, free), 0)
        self.assertEqual(api.command_on_writable(c, ready, None, free), 0)
        self.assertEqual(api.command_on_exit(c, exited, None, free), 0)
        while ("exit", 0) not in got:
            select.select([api.ctx_fd(self.ctx)], [], [], self.timeout())
            self.assertEqual(api.ctx_step(self.ctx), 0)
        self.assertEqual(got, [(1, b"out\n"), ("exit", 0)])
        self.assertEqual(api.command_resume(c), 0)
        op = api.new("shell_close", shell)
        self.assertEqual(api.op_on_done(op, done, None, free), 0)
        while api.ctx_pending(self.ctx):
            api.ctx_wait(self.ctx, 100)
        self.assertEqual(got[-1], ("done", 0))
        self.assertEqual(states, [K["SHELL_OPEN"], K["SHELL_CLOSING"], K["SHELL_CLOSED"]])
        for unref, handle in ((api.op_unref, op), (api.command_unref, c), (api.shell_unref, shell)):
            unref(handle)
        self.assertEqual(len(freed), 5)

    def timeout(self):
        ms = api.ctx_timeout(self.ctx)
        return None if ms < 0 else ms / 1000

    def test_events(self):
        c = self.run_command("echo one; exit 4", want_events=True)
        api.command_set_user_data(c, 99)
        op = api.new("identify", self.client, None)
        shell = api.new("shell_open", self.client, None)
        kinds = set()
        while len(kinds) < 4:
            event = api.ctx_next_event(self.ctx)
            if not event:
                api.ctx_wait(self.ctx, 1000)
                continue
            kind = api.event_kind(event)
            kinds.add(kind)
            if kind == K["EVENT_DONE"]:
                self.assertEqual(api.event_op(event), op.value)
            elif kind == K["EVENT_SHELL"]:
                self.assertEqual(api.event_shell(event), shell.value)
            else:
                self.assertEqual(api.event_command(event), c.value)
                self.assertEqual(api.event_user_data(event), 99)
        self.assertEqual(kinds, {K["EVENT_DONE"], K["EVENT_SHELL"], K["EVENT_OUTPUT"], K["EVENT_EXIT"]})
        self.assertEqual(self.exit_code(c), 4)
        for unref, handle in ((api.op_unref, op), (api.command_unref, c), (api.shell_unref, shell)):
            unref(handle)

    def test_log_and_wakeup(self):
        lines = []
        log = api.callback("wsc_log_fn", lambda level, comp, msg, n, ud: lines.append(ctypes.string_at(msg, n)))
        self.assertEqual(api.ctx_set_log(self.ctx, K["LOG_TRACE"], log, None, ctypes.cast(None, api.callbacks["wsc_free_fn"])), 0)
        c = self.run_command("true")
        self.assertEqual(api.command_wait(c, WAIT), 0)
        api.command_unref(c)
        self.assertTrue(any(b"POST /wsman" in line for line in lines))
        self.assertFalse(any(PASSWORD.encode() in line for line in lines))
        while api.ctx_pending(self.ctx):  # else its clean-up may end the wait, and a late wakeup the close
            api.ctx_wait(self.ctx, WAIT)
        thread = threading.Thread(target=lambda: api.ctx_wakeup(self.ctx))
        thread.start()
        api.ctx_wait(self.ctx, WAIT)
        thread.join()
        api.ctx_set_log(self.ctx, 0, ctypes.cast(None, api.callbacks["wsc_log_fn"]), None, ctypes.cast(None, api.callbacks["wsc_free_fn"]))


class Options(Base):
    def test_table(self):
        names, out, i = [], ctypes.c_char_p(), 0
        while api.option_get(i, b"name", ctypes.byref(out)) == 0:
            names.append(out.value.decode())
            self.assertEqual(api.option_get(i, b"doc", ctypes.byref(out)), 0)
            self.assertTrue(out.value.endswith(b"."))
            i += 1
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("operation-timeout", names)

    def test_layers(self):
        p = api.params(operation_timeout="4m")
        self.assertEqual(api.ctx_set_params(self.ctx, p), 0)
        api.params_unref(p)
        client = self.new_client(open_timeout=1234)
        p = api.params(deadline="2s")
        value, layer = ctypes.c_char_p(), ctypes.c_char_p()
        for name, want in (("operation-timeout", (b"240000", b"context")), ("open-timeout", (b"1234", b"client")),
                           ("deadline", (b"2000", b"operation")), ("locale", (b"en-US", b"default")),
                           ("password", (b"***", b"client"))):
            self.assertEqual(api.client_option(client, p, name.encode(), ctypes.byref(value), ctypes.byref(layer)), 0)
            self.assertEqual((value.value, layer.value), want)
        self.assertEqual(api.client_option(client, p, b"oppen-timeout", ctypes.byref(value), None), K["E_OPTION"])
        self.assertIn(b"open-timeout", api.error_text(api.ctx_error(self.ctx)))
        api.params_unref(p)
        api.client_unref(client)

    def test_errors(self):
        p = api.new("params_new")
        self.assertEqual(api.params_set_bytes(p, b"password", b"a\0b", 3), 0)
        self.assertEqual(api.params_add(p, b"env", b"A", b"1"), 0)
        self.assertEqual(api.params_set_int(p, b"port", 70000), K["E_OPTION"])
        e = api.params_error(p)
        self.assertEqual(api.error_code(e), K["E_OPTION"])
        self.assertEqual(api.text("error_get_str", e, "option"), "port")
        self.assertEqual(api.text("error_get_str", e, "class"), "usage")
        self.assertEqual(api.number(e, "retriable"), 0)
        self.assertEqual(api.error_get_str(e, b"nonsense", ctypes.byref(ctypes.c_char_p())), K["E_USAGE"])
        with self.assertRaises(WscError):
            api.new("client_new", self.ctx, b"host", None, p)
        api.params_unref(p)

    def test_library(self):
        self.assertEqual(api.code_name(K["E_TIMEOUT"]), b"WSC_E_TIMEOUT")
        code = ctypes.c_int()
        self.assertEqual(api.code_find(b"ERROR_WSMAN_OPERATION_TIMEDOUT", ctypes.byref(code)), 0)
        self.assertEqual(code.value & 0xffffffff, 0x80338029)
        self.assertEqual(api.text("code_get", code.value, "status"), "WSC_E_TIMEOUT")
        self.assertEqual(api.code_find(b"WSC_E_TIMEOUT", ctypes.byref(code)), 0)
        self.assertEqual(code.value, K["E_TIMEOUT"])
        for field in ("name", "status", "class", "retriable", "meaning", "cause", "remedy"):
            self.assertIsInstance(api.text("code_get", 5, field), str)
        out = ctypes.c_char_p()
        self.assertEqual(api.code_get(5, b"nonsense", ctypes.byref(out)), K["E_USAGE"])
        self.assertEqual(api.code_get(1 << 30, b"name", ctypes.byref(out)), K["E_AGAIN"])
        self.assertEqual(api.code_find(b"NO_SUCH", ctypes.byref(code)), K["E_AGAIN"])
        self.assertEqual(api.code_find(None, None), K["E_USAGE"])
        self.assertRegex(api.version_string().decode(), r"^\d+\.\d+\.\d+$")
        self.assertGreater(api.version_number(), 0)
        for feature in b"basic", b"certificate", b"kerberos", b"negotiate", b"ntlm", b"tls", b"uv", b"transfer", b"eventing":
            self.assertEqual(api.has_feature(feature), 1)
        self.assertEqual(api.has_feature(b"teleport"), 0)

    def test_own_allocator(self):
        libc = ctypes.CDLL(None)
        libc.realloc.restype, libc.realloc.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t]
        libc.free.argtypes = [ctypes.c_void_p]
        live = set()

        def resize(ptr, size, _):
            live.discard(ptr)
            if not size:
                libc.free(ptr)
                return None
            new = libc.realloc(ptr, size)
            live.add(new)
            return new
        fn = api.callback("wsc_alloc_fn", resize)
        ctx = api.new("ctx_new_with_alloc", fn, None)
        client = self.new_client(ctx)
        c = api.new("client_run", client, b"echo x", None, 0, None)
        self.assertEqual(api.command_wait(c, WAIT), 0)
        api.command_unref(c)
        api.client_unref(client)
        self.assertEqual(api.ctx_close(ctx, WAIT), 0)
        self.assertTrue(live)
        api.ctx_unref(ctx)
        self.assertFalse(live)


class Transport(ctypes.Structure):
    """wsc_transport of <wsman-client/sys/transport.h>."""
    P, Z = ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)
    CONNECT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(P), ctypes.c_char_p, ctypes.c_int, P, P)
    BYTES = ctypes.CFUNCTYPE(ctypes.c_int, P, P, ctypes.c_size_t, Z)
    CLOSE = ctypes.CFUNCTYPE(None, P)
    WANT = ctypes.CFUNCTYPE(None, P, ctypes.c_int)
    ERROR = ctypes.CFUNCTYPE(P, P, ctypes.POINTER(ctypes.c_int))
    _fields_ = [("struct_size", ctypes.c_size_t), ("connect", CONNECT), ("read", BYTES), ("write", BYTES),
                ("close", CLOSE), ("want", WANT), ("error_text", ERROR)]


class OwnTransport(Base):
    """A transport in Python: a socket, and a thread that waits for it."""

    def test_a_command_through_it(self):
        host = urllib.parse.urlsplit(self.endpoint.url)
        streams, asked = {}, []

        def connect(out, name, port, handle, _):
            asked.append((name, port))
            number = len(asked)
            ours, far = socket.create_connection((host.hostname, host.port)), threading.Event()
            ours.setblocking(False)
            streams[number] = ours, far, handle

            def watch():
                while far.wait() and ours.fileno() >= 0:
                    far.clear()
                    select.select([ours], [], [], WAIT / 1000)
                    with lock:
                        if number in streams:
                            api.transport_ready(handle)
            threading.Thread(target=watch, daemon=True).start()
            out[0] = number
            return 0

        def read(stream, buf, cap, n):
            ours, far, _ = streams[stream]
            try:
                data = ours.recv(cap)
            except BlockingIOError:
                far.set()
                return K["E_AGAIN"]
            ctypes.memmove(buf, data, len(data))
            n[0] = len(data)
            return 0

        def write(stream, buf, size, n):
            n[0] = streams[stream][0].send(ctypes.string_at(buf, size))
            return 0

        def close(stream):
            with lock:
                ours, far, _ = streams.pop(stream)
            ours.shutdown(socket.SHUT_RDWR)
            far.set()

        lock = threading.Lock()
        T = Transport
        ops = T(ctypes.sizeof(T), T.CONNECT(connect), T.BYTES(read), T.BYTES(write), T.CLOSE(close))
        client = self.new_client(self.ctx)
        free = api.callback("wsc_free_fn", lambda _: asked.append("free"))
        self.assertEqual(api.client_set_transport(client, ctypes.addressof(ops), None, free), 0)
        c = api.new("client_run", client, b"echo through python", None, 0, None)
        self.assertEqual(api.command_wait(c, WAIT), 0)
        api.command_unref(c)
        api.transport_ready(None)
        self.assertEqual(asked[0], (host.hostname.encode(), host.port))
        self.assertNotIn("free", asked)
        api.client_unref(client)
        self.assertEqual(api.ctx_close(self.ctx, WAIT), 0)
        api.ctx_step(self.ctx)
        self.assertEqual((streams, asked.count("free")), ({}, 1))


class OwnEncoder(Base):
    """An encoder in Python."""

    class Ops(ctypes.Structure):
        ENCODE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        _fields_ = [("struct_size", ctypes.c_size_t), ("encode", ENCODE)]

    def test_a_header_block(self):
        told = []

        def header(message, name, out, _):
            if name:
                return K["E_AGAIN"]
            api.writer_start(out, b"t:More")
            api.writer_attr(out, b"xmlns:t", b"urn:t")
            api.writer_text(out, "gr\u00fc\u00df".encode())
            api.writer_xml(out, b"<t:x/>", 6)
            return api.writer_end(out, b"t:More")

        def encode(message, out, _):
            text, number, key = ctypes.c_char_p(), ctypes.c_int64(), ctypes.c_char_p()
            body, size = ctypes.c_void_p(), ctypes.c_size_t()
            self.assertEqual(api.message_get_str(message, b"message-id", ctypes.byref(text)), 0)
            told.append(text.value)
            api.message_get_int(message, b"identify", ctypes.byref(number))
            told.append(number.value)
            api.message_get_pair(message, b"option", 0, ctypes.byref(key), ctypes.byref(text))
            api.message_body(message, ctypes.byref(body), ctypes.byref(size))
            told.append(ctypes.string_at(body, size.value))
            return api.write_envelope(message, out, hook, None)
        hook = api.callback("wsc_header_fn", header)
        ops = self.Ops(ctypes.sizeof(self.Ops), self.Ops.ENCODE(encode))
        none = ctypes.cast(None, api.callbacks["wsc_free_fn"])
        self.assertEqual(api.client_set_encoder(self.client, ctypes.addressof(ops), None, none), 0)
        op = api.new("identify", self.client, None)
        self.assertEqual(api.op_wait(op, WAIT), 0)
        api.op_unref(op)
        self.assertEqual(told[1], 1)
        self.assertIn(b"Identify", told[2])


class OwnAuth(Base):
    """An authentication scheme in Python."""

    class Ops(ctypes.Structure):
        P, Z = ctypes.c_void_p, ctypes.c_size_t
        BEGIN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(P), P, P)
        STEP = ctypes.CFUNCTYPE(ctypes.c_int, P, P, P, Z)
        ACCEPTED = ctypes.CFUNCTYPE(ctypes.c_int, P, P)
        WRAP = ctypes.CFUNCTYPE(ctypes.c_int, P, P, P, Z, ctypes.POINTER(Z))
        UNWRAP = ctypes.CFUNCTYPE(ctypes.c_int, P, P, P, Z, P, Z)
        CLOSE = ctypes.CFUNCTYPE(None, P)
        _fields_ = [("struct_size", Z), ("flags", ctypes.c_int), ("name", ctypes.c_char_p), ("seal", ctypes.c_char_p),
                    ("begin", BEGIN), ("step", STEP), ("accepted", ACCEPTED), ("wrap", WRAP), ("unwrap", UNWRAP),
                    ("close", CLOSE)]

    def test_basic_by_hand(self):
        told, good = [], True

        def begin(state, login, _):
            number = len(told) + 1
            state[0] = number
            text, port = ctypes.c_char_p(), ctypes.c_int64()
            self.assertEqual(api.login_get_str(login, b"username", ctypes.byref(text)), 0)
            self.assertEqual(api.login_get_int(login, b"port", ctypes.byref(port)), 0)
            told.append((text.value, port.value))
            return 0

        def step(state, login, challenge, size):
            data, length = ctypes.c_void_p(), ctypes.c_size_t()
            self.assertEqual((state, challenge, size), (len(told), None, 0))
            if not good:
                return api.login_fail(login, K["E_AUTH"], b"not today", b"Wait.")
            self.assertEqual(api.login_get_bytes(login, b"password", ctypes.byref(data), ctypes.byref(length)), 0)
            pair = told[-1][0] + b":" + ctypes.string_at(data, length.value)
            text = base64.b64encode(pair)
            return api.login_put(login, text, len(text))
        closed = []
        ops = self.Ops(ctypes.sizeof(self.Ops), K["AUTH_NEEDS_TLS"], b"Basic", None, self.Ops.BEGIN(begin),
                       self.Ops.STEP(step))
        ops.close = self.Ops.CLOSE(closed.append)
        params = api.params(username=USER, password=PASSWORD)
        free = api.callback("wsc_free_fn", lambda _: closed.append("free"))
        who = api.new("identity_new_with_auth", self.ctx, params, ctypes.addressof(ops), None, free)
        api.params_unref(params)
        params = api.params(allow_unencrypted=True, trusted_hosts="*")
        client = api.new("client_new", self.ctx, self.endpoint.url.encode(), who, params)
        api.params_unref(params)
        api.identity_unref(who)
        for good, status in (True, 0), (False, K["E_AUTH"]):
            op = api.new("identify", client, None)
            self.assertEqual(api.op_wait(op, WAIT), status)
            if status:
                self.assertEqual(api.error_text(api.op_error(op)), b"not today")
                self.assertEqual(api.text("error_get_str", api.op_error(op), "remedy"), "Wait.")
            api.op_unref(op)
        self.assertEqual(told[0][1], urllib.parse.urlsplit(self.endpoint.url).port)
        self.assertEqual(closed, [1, 2])
        api.client_unref(client)
        self.assertEqual(api.ctx_close(self.ctx, WAIT), 0)
        api.ctx_step(self.ctx)
        self.assertEqual(closed, [1, 2, "free"])


class Resources(Base):
    def epr(self, text):
        return api.new("epr_parse", text.encode(), None, None)

    def done(self, op, status=0):
        self.assertEqual(api.op_wait(op, WAIT), status, api.error_text(api.op_error(op)))
        return api.op_value(op)

    def text_at(self, value, path):
        return api.value_text(api.value_find(value, path, 0), None)

    def test_configuration(self):
        config, op = self.epr("winrm/config"), None
        op = api.new("get", self.client, config, None)
        value = self.done(op)
        self.assertEqual(api.value_name(value), b"Config")
        self.assertIn(b"wsman/1/config", api.value_ns(value))
        number = ctypes.c_int64()
        self.assertEqual(api.value_get_int(api.value_find(value, b"MaxEnvelopeSizekb", 0), ctypes.byref(number)), 0)
        self.assertGreaterEqual(number.value, 32)
        self.check_settings(value)
        api.op_unref(op)
        change = api.new("value_new", None, None)
        self.assertEqual(api.value_add_text(change, b'@{TrustedHosts="*.lab.example"}', None, None), 0)
        client = self.epr("WSMan:\\localhost\\Client")
        op = api.new("update", self.client, client, change, None)
        self.assertEqual(self.text_at(self.done(op), b"TrustedHosts"), b"*.lab.example")
        api.op_unref(op)
        op = api.new("put", self.client, client, change, None)
        self.done(op)
        api.op_unref(op)
        for handle in (config, client):
            api.epr_unref(handle)
        api.value_unref(change)

    def check_settings(self, config):
        """What the table says of each setting is true of a host's."""
        path, kind, index = ctypes.c_char_p(), ctypes.c_char_p(), 0
        number, truth, sddl = ctypes.c_int64(), ctypes.c_int(), ctypes.c_void_p()
        seen = set()
        while api.setting_get(index, b"path", ctypes.byref(path)) == 0:
            self.assertEqual(api.setting_get(index, b"type", ctypes.byref(kind)), 0)
            value = api.value_find(config, path, 0)
            self.assertTrue(value, path.value)
            if kind.value == b"int":
                self.assertEqual(api.value_get_int(value, ctypes.byref(number)), 0, path.value)
            elif kind.value == b"bool":
                self.assertEqual(api.value_get_bool(value, ctypes.byref(truth)), 0, path.value)
            elif kind.value == b"sddl":
                text = api.value_text(value, None)
                self.assertEqual(api.value_parse_sddl(ctypes.byref(sddl), text, None, None), 0)
                api.value_unref(sddl)
            seen.add(kind.value)
            index += 1
        self.assertEqual(seen, {b"int", b"bool", b"text", b"list", b"word", b"sddl"})
        self.assertEqual(api.setting_get(index, b"path", ctypes.byref(path)), K["E_AGAIN"])
        self.assertEqual(api.setting_get(0, b"colour", ctypes.byref(path)), K["E_USAGE"])

    def test_limits(self):
        op = api.new("client_learn_limits", self.client, None)
        self.done(op)
        api.op_unref(op)
        text = ctypes.c_char_p()
        self.assertEqual(api.client_option(self.client, None, b"max-request-size", ctypes.byref(text), None), 0)
        self.assertEqual(text.value, b"512000")

    def test_instances(self):
        variable = self.epr("wmicimv2/Win32_Environment?Name=WSC_CTYPES+UserName=<SYSTEM>")
        made = api.new("value_new", None, None)
        for name, text in ((b"Name", b"WSC_CTYPES"), (b"UserName", b"<SYSTEM>"), (b"VariableValue", b"1")):
            self.assertEqual(api.value_add(made, None, name, text, None), 0)
        op = api.new("create", self.client, self.epr_bare("wmicimv2/Win32_Environment"), made, None)
        back = ctypes.c_void_p()
        self.done(op)
        self.assertEqual(api.op_get_epr(op, ctypes.byref(back)), 0)
        self.assertTrue(api.epr_uri(back).endswith(b"/Win32_Environment"))
        name, value, inner = ctypes.c_char_p(), ctypes.c_char_p(), ctypes.c_void_p()
        self.assertEqual(api.epr_selector_at(back, 0, ctypes.byref(name), ctypes.byref(value), ctypes.byref(inner)), 0)
        self.assertIn(name.value, (b"Name", b"UserName"))
        self.assertEqual(api.epr_selector_at(back, 2, None, None, None), K["E_AGAIN"])
        api.op_unref(op)
        op = api.new("delete", self.client, back, None)
        self.done(op)
        api.op_unref(op)
        op = api.new("delete", self.client, variable, None)
        self.assertNotEqual(api.op_wait(op, WAIT), 0)
        api.op_unref(op)
        service = self.epr("wmicimv2/Win32_Service?Name=WinRM")
        op = api.new("invoke", self.client, service, b"StartService", None, None)
        self.assertIsNotNone(self.text_at(self.done(op), b"ReturnValue"))
        api.op_unref(op)
        for handle in (variable, back, service):
            api.epr_unref(handle)
        api.value_unref(made)

    def epr_bare(self, text):
        handle = self.epr(text)
        self.addCleanup(api.epr_unref, handle)
        return handle

    def enumerate(self, text, **options):
        p = api.params(**options)
        items = api.new("enumerate", self.client, self.epr_bare(text), p)
        api.params_unref(p)
        return items

    def test_enumerations(self):
        items = self.enumerate("wmicimv2/Test_Item", option={"count": "25"}, max_elements=10)
        item, seen = ctypes.c_void_p(), 0
        while api.items_next(items, ctypes.byref(item), WAIT) == 0 and item.value:
            self.assertEqual(api.value_name(item), b"Test_Item")
            seen += 1
        self.assertFalse(api.items_error(items))
        self.assertEqual(seen, 25)
        api.items_unref(items)
        seen, ends = [], []

        def on_item(handle, value, status, _):
            (seen if value else ends).append(status)
            return K["E_AGAIN"] if len(seen) == 5 else 0
        callback = api.callback("wsc_item_fn", on_item)
        items = self.enumerate("wmicimv2/Test_Item", option={"count": "25"}, max_elements=10)
        self.assertEqual(api.items_on_item(items, callback, None, api.callback("wsc_free_fn", 0)), 0)
        while len(seen) < 5:
            api.ctx_wait(self.ctx, WAIT)
        self.assertEqual(api.items_resume(items), 0)
        while not ends:
            api.ctx_wait(self.ctx, WAIT)
        self.assertEqual((len(seen), ends), (25, [0]))
        api.items_unref(items)
        items = self.enumerate("wmicimv2/Test_Item", option={"count": "2500"}, max_elements=10)
        api.items_set_user_data(items, 4711)
        self.assertEqual(api.items_user_data(items), 4711)
        while not (event := api.ctx_next_event(self.ctx)):
            api.ctx_wait(self.ctx, WAIT)
        self.assertEqual(api.event_kind(event), K["EVENT_ITEM"])
        self.assertEqual(api.event_items(event), items.value)
        self.assertEqual(api.items_cancel(items), 0)
        self.assertEqual(api.items_next(items, ctypes.byref(item), WAIT), K["E_CANCELED"])
        api.items_unref(items)


    def subscribe(self, **options):
        p = api.params(filter="System", **options)
        items = api.new("subscribe", self.client, self.epr_bare("wsman/windows/EventLog"), p)
        api.params_unref(p)
        return items

    def next_id(self, items):
        item = ctypes.c_void_p()
        self.assertEqual(api.items_next(items, ctypes.byref(item), WAIT), 0, api.error_text(api.items_error(items)))
        self.assertEqual(api.value_name(item), b"Event")
        return api.value_text(api.value_find(item, b"Event/System/EventID", 0), None)

    def add_event(self, number):
        self.endpoint.control("POST", "event", {"channel": "System", "event_id": number, "message": "x"})

    def ends(self):
        return [row["end"] for row in self.endpoint.state()["enumerations"]]

    def test_events(self):
        before = len(self.ends())
        items, context = self.subscribe(max_time="1s"), ctypes.c_char_p()
        self.assertEqual(api.items_next(items, ctypes.byref(ctypes.c_void_p()), 100), K["E_AGAIN"])
        while api.items_get_str(items, b"context", ctypes.byref(context)) == K["E_AGAIN"]:
            api.ctx_wait(self.ctx, WAIT)
        for number in (7, 8):
            self.add_event(number)
            self.assertEqual(self.next_id(items), str(number).encode())
        bookmark = api.text("items_get_str", items, "bookmark")
        self.assertIn("RecordId", bookmark)
        self.add_event(9)
        op = ctypes.c_void_p()
        self.assertEqual(api.items_renew(ctypes.byref(op), items, None), 0)
        self.assertEqual(api.op_wait(op, WAIT), K["E_UNSUPPORTED"])  # Windows renews none
        api.op_unref(op)
        api.items_unref(items)
        while api.ctx_pending(self.ctx):
            api.ctx_wait(self.ctx, WAIT)
        self.assertEqual(self.ends()[before:], ["unsubscribed"])
        items = self.subscribe(bookmark=bookmark)
        self.assertEqual(self.next_id(items), b"9")
        self.endpoint.control("POST", "lose")
        item = ctypes.c_void_p()
        rc = api.items_next(items, ctypes.byref(item), WAIT)
        self.assertNotIn(rc, (0, K["E_AGAIN"]))
        api.items_unref(items)
        p = api.params(delivery_mode="push")
        self.assertEqual(api.subscribe(ctypes.byref(item), self.client, self.epr_bare("wsman/windows/EventLog"), p),
                         K["E_UNSUPPORTED"])
        api.params_unref(p)


class ZEverything(unittest.TestCase):
    def test_every_export_was_called(self):
        self.assertEqual(sorted(set(api.functions) - api.called), [])


if __name__ == "__main__":
    unittest.main()
