"""Running wsc against the test endpoint: what the tests share."""

import fcntl
import http.client
import http.server
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "endpoint"))

import harness  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.environ.get("WSC_EXAMPLES_DIR",
                          os.path.join(ROOT, "build", "examples"))
WSC = os.environ.get("WSC_BIN", os.path.join(EXAMPLES, "wsc"))
USER, PASSWORD = harness.USER, harness.PASSWORD
PLAIN = ("-u", USER, "--auth", "basic", "--trusted-hosts", "*",
         "--set", "allow-unencrypted=true")
LIMIT = 60

# Under nohup, or as a shell's background job, the tests begin with signals
# ignored; wsc would inherit that and keep to it.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def environment(password=PASSWORD):
    """Return an environment with this password, or with none."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("WSC_PASSWORD", "COLUMNS")}
    if password is not None:
        env["WSC_PASSWORD"] = password
    return env


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *args, env=None):
        self.master, self.slave = pty.openpty()
        self.text = b""
        self.process = subprocess.Popen(
            args, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env=env or environment(), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def send(self, data):
        """Type something."""
        os.write(self.master, data)

    def expect(self, data):
        """Read until this comes; what was read until then is forgotten."""
        end = time.monotonic() + LIMIT
        while data not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                raise AssertionError("no %r in %r" % (data, self.text))
            self.text += os.read(self.master, 65536)
        seen, _, self.text = self.text.partition(data)
        return seen + data

    def echoes(self):
        """Tell whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def wait(self):
        """Return the exit code."""
        return self.process.wait(LIMIT)

    def rest(self):
        """Return what was written and not yet expected."""
        while select.select([self.master], [], [], 0)[0]:
            self.text += os.read(self.master, 65536)
        return self.text

    def close(self):
        """End it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT)
        os.close(self.master)
        os.close(self.slave)


class ToolCase(unittest.TestCase):
    """A case with an endpoint that takes Basic over http."""

    arguments = ("--allow-unencrypted",)

    @classmethod
    def setUpClass(cls):
        cls.endpoint = harness.Endpoint(*cls.arguments)
        cls.addClassCleanup(cls.endpoint.stop)
        cls.host = "%s:%d" % (cls.endpoint.host, cls.endpoint.port)

    def setUp(self):
        self.endpoint.control("POST", "reset")

    def tool(self, *args, data=b"", env=None, **more):
        """Run wsc to its end; data is its stdin."""
        return subprocess.run([WSC, *args], input=data, capture_output=True,
                              env=env or environment(), timeout=LIMIT, **more)

    def run_(self, *command, options=(), **more):
        """Run a remote command."""
        return self.tool("run", *PLAIN, *options, self.host, *command, **more)

    def verb(self, command, *words, host=None, **more):
        """Run another command of wsc on the host; of config the first word is what it does."""
        first, words = (words[:1], words[1:]) if command == "config" else ((), words)
        return self.tool(command, *first, *PLAIN, host or self.host, *words, **more)

    def start(self, *command, options=(), **more):
        """Start a remote command; its streams are pipes."""
        process = subprocess.Popen(
            [WSC, "run", *PLAIN, *options, self.host, *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(), **more)
        self.addCleanup(self.finish, process)
        return process

    @staticmethod
    def finish(process):
        """End a process that a test has left."""
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        process.wait(LIMIT)

    def terminal(self, *args, **more):
        """Start wsc on a terminal."""
        terminal = Terminal(WSC, *args, **more)
        self.addCleanup(terminal.close)
        return terminal

    def assert_clean(self):
        """Check that nothing is left on the server, and no rule broken."""
        self.assertEqual(self.endpoint.wait(shells=0)["violations"], [])


class Rewriter(http.server.BaseHTTPRequestHandler):
    """Forwards requests and puts another exit code, or other text, into the replies."""

    protocol_version = "HTTP/1.1"
    target, code, changes = None, b"0", ()

    def do_POST(self):
        """Forward one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = http.client.HTTPConnection(*self.target, timeout=LIMIT)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        body = response.read().replace(b"ExitCode>7<",
                                       b"ExitCode>" + self.code + b"<")
        for old, new in self.changes:
            body = body.replace(old, new)
        connection.close()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("content-length", "server", "date",
                                    "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Say nothing."""
