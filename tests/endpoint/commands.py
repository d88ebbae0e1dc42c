"""One command of a shell: its process, streams and Receives."""

import base64
import collections
import os
import selectors
import signal
import subprocess
import threading
import time

import processes
from cmdline import Transcoder
from faults import Fault
from soap import SHELL, xml_attr

OUTPUT_LIMIT = 3 * 1024 * 1024   # above this the pipes are not read
INPUT_LIMIT = 1024 * 1024        # above this Send waits
READ_SIZE = 32768
# Room in a reply for everything that is not stream data.
ENVELOPE_RESERVE = 2048
BLOCK_RESERVE = 128


class Abandoned(Exception):
    """The client of the request is gone: there is nobody to answer."""


Waiter = collections.namedtuple("Waiter", "message_id peer_gone")


class Command:
    """A running or finished command."""

    def __init__(self, command_id, argv, *, env, cwd, stdin, codec, outputs,
                 through_shell, linger, on_receive):
        self.id = command_id
        self.line = argv[-1] if through_shell else " ".join(argv)
        self.outputs = outputs
        self.through_shell = through_shell
        self.linger = linger
        self.on_receive = on_receive   # told +1 and -1 as Receives wait
        self.cond = threading.Condition()
        self.chunks = collections.deque()
        self.buffered = 0
        self.input = collections.deque()
        self.input_size = 0
        self.input_closed = False  # by the client
        self.input_broken = False  # by the command
        self.exit_code = None
        self.done_told = False
        self.interrupted = False
        self.closed = False
        self.waiter = None
        self.left = False          # with its shell: nobody may wait
        self.dropping = False      # the oldest output for which is no room
        self.last = ()             # (message id, body) of the last reply
        codec = codec or "utf-8"
        self.to_client = {name: Transcoder("utf-8", codec)
                          for name in ("stdout", "stderr")}
        self.from_client = Transcoder(codec, "utf-8")
        self.process = subprocess.Popen(
            argv, env=env, cwd=cwd, start_new_session=True,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.pid = self.process.pid
        self.wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.pump = threading.Thread(target=self._pump, daemon=True)
        self.pump.start()

    # --- the thread that moves data between the pipes and the buffers ---

    def _pump(self):
        process = self.process
        readers = {process.stdout: "stdout", process.stderr: "stderr"}
        pipes = [f for f in (process.stdin, *readers) if f]
        for pipe in pipes:
            os.set_blocking(pipe.fileno(), False)
        pidfd = os.pidfd_open(self.pid)
        selector = selectors.DefaultSelector()
        selector.register(pidfd, selectors.EVENT_READ)
        selector.register(self.wake, selectors.EVENT_READ)
        exited = False
        try:
            while not self.closed and not (exited and self._idle(readers)):
                self._arm(selector, readers)
                # After the exit there may be no event to wait for.
                poll = exited and self.buffered < OUTPUT_LIMIT
                ready = {key.fileobj
                         for key, _ in selector.select(0 if poll else None)}
                if self.wake in ready:
                    os.eventfd_read(self.wake)
                if pidfd in ready:
                    exited = True
                    selector.unregister(pidfd)
                self._move(ready, readers, selector)
        finally:
            selector.close()
            os.close(pidfd)
            self._finish(pipes)

    def _idle(self, readers):
        """After the exit: read what is left; True if nothing is.

        A background process may hold the pipes open for ever, so the end of
        the command does not wait for their end, as it does not on Windows.
        """
        if self.buffered >= OUTPUT_LIMIT:
            return False
        return not any([self._read(pipe, readers) for pipe in list(readers)])

    def _arm(self, selector, readers):
        """Watch the pipes that have something to do."""
        watched = set(selector.get_map().keys())
        room = self.buffered < OUTPUT_LIMIT or self.dropping
        wanted = {pipe.fileno(): (pipe, selectors.EVENT_READ)
                  for pipe in readers if room}
        stdin = self.process.stdin
        if stdin and not stdin.closed and self.input:
            wanted[stdin.fileno()] = (stdin, selectors.EVENT_WRITE)
        for pipe in (self.process.stdout, self.process.stderr, stdin):
            if pipe is None or pipe.closed:
                continue
            number = pipe.fileno()
            if number in wanted and number not in watched:
                selector.register(*wanted[number])
            elif number not in wanted and number in watched:
                selector.unregister(pipe)

    def _move(self, ready, readers, selector):
        for pipe in list(readers):
            if pipe in ready:
                self._read(pipe, readers)
                if pipe not in readers:
                    selector.unregister(pipe)
                    pipe.close()
        if self.process.stdin in ready:
            self._write_input(selector)

    def _read(self, pipe, readers):
        """Read one piece of a pipe; False when there was none."""
        name = readers[pipe]
        try:
            data = os.read(pipe.fileno(), READ_SIZE)
        except BlockingIOError:
            return False
        if not data:
            del readers[pipe]
        data = self.to_client[name].feed(data, not data)
        if data:
            with self.cond:
                self._append(name, data)
                self.cond.notify_all()
        return True

    def _append(self, name, data):
        # Many tiny blocks would make the replies mostly markup.
        if (len(self.chunks) > 32 and self.chunks[-1][0] == name
                and len(self.chunks[-1][1]) < 1024):
            self.chunks[-1] = (name, self.chunks[-1][1] + data)
        else:
            self.chunks.append((name, data))
        self.buffered += len(data)
        while self.dropping and self.buffered > OUTPUT_LIMIT:
            self.buffered -= len(self.chunks.popleft()[1])

    def _write_input(self, selector):
        stdin = self.process.stdin
        with self.cond:
            data = self.input[0]
            try:
                sent = os.write(stdin.fileno(), data) if data else 0
            except BlockingIOError:
                return
            except OSError:
                # Nobody reads any more: the rest is discarded.
                self.input.clear()
                self.input_size = 0
                self.input_broken = True
                data = None
            if data:
                self.input_size -= sent
                if sent < len(data):
                    self.input[0] = data[sent:]
                else:
                    self.input.popleft()
            self.cond.notify_all()
        if data is None:
            selector.unregister(stdin)
            stdin.close()

    def _finish(self, pipes):
        """Collect the exit status and tell everybody that waits."""
        if self.closed:
            processes.kill_group(self.pid)
        status = self.process.wait()
        for pipe in pipes:
            pipe.close()
        with self.cond:
            for name, codec in self.to_client.items():
                rest = codec.feed(b"", True)
                if rest:
                    self._append(name, rest)
            self.exit_code = processes.exit_code(
                status, self.through_shell, self.interrupted)
            os.close(self.wake)
            self.wake = None
            self.cond.notify_all()

    def _wake_up(self):
        """Make the pump look again; needs the lock."""
        if self.wake is not None:
            os.eventfd_write(self.wake, 1)

    # --- operations ---

    def receive(self, request, streams, room):
        """Wait for output; return the body of a ReceiveResponse."""
        deadline = time.monotonic() + request.timeout_ms / 1000
        with self.cond:
            if self.last and self.last[0] == request.message_id:
                return self.last[1]
            self._claim(request)
            mine = Waiter(request.message_id, request.peer_gone)
            self.waiter = mine
            self.last = ()
            self.on_receive(1)
            try:
                self._wait(mine, deadline, streams, room)
                body = self._take(streams, room)
                self.last = (request.message_id, body)
                return body
            finally:
                self.on_receive(-1)
                if self.waiter is mine:
                    self.waiter = None

    def _claim(self, request):
        """Make sure that this Receive may become the only one."""
        if self.closed or self.done_told:
            raise Fault("command_gone")
        other = self.waiter
        # The same message again means that the client lost the connection.
        if (other and other.message_id != request.message_id
                and not other.peer_gone()):
            raise Fault("receive_in_progress")
        self.waiter = None
        self.cond.notify_all()

    def _wait(self, mine, deadline, streams, room):
        linger_end = None
        while True:
            if self.waiter is not mine or mine.peer_gone():
                raise Abandoned()
            if self.closed:
                raise Fault("aborted")
            if (self.exit_code is not None or self.buffered >= room
                    or self.left):
                return
            now = time.monotonic()
            limit = deadline
            if any(name in streams for name, _ in self.chunks):
                # A short command is then answered by a single Receive.
                linger_end = linger_end or now + self.linger
                limit = min(deadline, linger_end)
                if now >= limit:
                    return
            elif now >= deadline:
                raise Fault("timed_out")
            self.cond.wait(limit - now)

    def _take(self, streams, room):
        """Move as much output as there is room for into a reply."""
        ident = xml_attr(self.id)
        parts = []
        kept = collections.deque()
        while self.chunks and room > BLOCK_RESERVE + 4:
            name, data = self.chunks.popleft()
            if name not in streams:
                kept.append((name, data))
                continue
            size = (room - BLOCK_RESERVE) // 4 * 3
            if len(data) > size:
                self.chunks.appendleft((name, data[size:]))
                data = data[:size]
            text = base64.b64encode(data).decode("ascii")
            parts.append('<rsp:Stream Name="%s" CommandId=%s>%s</rsp:Stream>'
                         % (name, ident, text))
            self.buffered -= len(data)
            room -= len(text) + BLOCK_RESERVE
        self.chunks.extendleft(reversed(kept))
        self._wake_up()
        parts.append(self._state(ident, streams))
        return "<rsp:ReceiveResponse>%s</rsp:ReceiveResponse>" % "".join(parts)

    def _state(self, ident, streams):
        wanted_left = any(name in streams for name, _ in self.chunks)
        if self.exit_code is None or wanted_left:
            return ('<rsp:CommandState CommandId=%s State="%s/CommandState/'
                    'Running"></rsp:CommandState>' % (ident, SHELL))
        self.done_told = not self.chunks
        ends = "".join(
            '<rsp:Stream Name="%s" CommandId=%s End="true"></rsp:Stream>'
            % (name, ident) for name in self.outputs if name in streams)
        return ('%s<rsp:CommandState CommandId=%s State="%s/CommandState/'
                'Done"><rsp:ExitCode>%d</rsp:ExitCode></rsp:CommandState>'
                % (ends, ident, SHELL, self.exit_code))

    def send(self, data, end, deadline):
        """Queue input; return False if the input was closed before.

        Input for a command that has ended is discarded, as on Windows.
        """
        with self.cond:
            while (self.input_size >= INPUT_LIMIT and not self.closed
                   and self.exit_code is None
                   and not self.input_closed and not self.input_broken):
                if not self.cond.wait(deadline - time.monotonic()):
                    raise Fault("timed_out")
            if self.closed:
                raise Fault("aborted")
            if self.exit_code is not None:
                return True
            if self.input_broken:
                return not self.input_closed
            if self.input_closed:
                return False
            data = self.from_client.feed(data, end)
            if data:
                self.input.append(data)
                self.input_size += len(data)
            if end:
                self.input.append(None)
                self.input_closed = True
            self._wake_up()
            return True

    def leave(self, dropping):
        """The shell is left: a Receive ends with what there is."""
        with self.cond:
            self.left = True
            self.dropping = dropping
            self._wake_up()
            self.cond.notify_all()

    def back(self):
        """The shell is taken up again."""
        with self.cond:
            self.left = self.dropping = False

    def interrupt(self, sig):
        """Send a signal to the whole process group."""
        with self.cond:
            if self.exit_code is None:
                self.interrupted = True
                processes.kill_group(self.pid, sig)

    def close(self):
        """Kill the command, background processes included, and free it."""
        with self.cond:
            self.closed = True
            processes.kill_group(self.pid, signal.SIGKILL)
            self._wake_up()
            self.cond.notify_all()
        self.pump.join()

    def state(self):
        """Return what /_control/state shows."""
        with self.cond:
            return {"id": self.id, "line": self.line, "pid": self.pid,
                    "exit_code": self.exit_code, "buffered": self.buffered,
                    "done_told": self.done_told,
                    "receiving": self.waiter is not None}
