"""A wire between a client and a server that breaks behind a byte, or has
all in small pieces."""

import selectors
import socket
import struct
import threading

LOOPBACK = "127.0.0.1"
UP, DOWN = 0, 1     # from the client, to the client
MOST = 65536


class Cutter:
    """Connections to `server`, (host, port), by way of `address`.

    behind(direction, count, reset) breaks one behind so many bytes of a
    direction, counted over all that come after that call, with an orderly
    end or with a reset. Those that are made later stay whole. `piece`: at
    most so many bytes at a time. One thread serves all: while one of them is
    full, the others wait.
    """

    def __init__(self, server, piece=MOST):
        self.server = server
        self.piece = piece
        self.listener = socket.create_server((LOOPBACK, 0))
        self.address = self.listener.getsockname()
        self.bytes = [0, 0]
        self.cut = None
        self.lock = threading.Lock()
        self.selector = selectors.DefaultSelector()
        self.bell = socket.socketpair()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.bell[0], selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bell[1].close()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    def behind(self, direction=UP, count=None, reset=False):
        """Break there, or nowhere."""
        with self.lock:
            self.bytes = [0, 0]
            self.cut = None if count is None else (direction, count, reset)

    def _serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.bell[0]:
                    return
                if key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj.fileno() >= 0:
                    self._pass(key.fileobj, *key.data)

    def _accept(self):
        near = self.listener.accept()[0]
        try:
            far = socket.create_connection(self.server)
        except OSError:
            near.close()
            return
        for sock in near, far:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(near, selectors.EVENT_READ, (far, UP))
        self.selector.register(far, selectors.EVENT_READ, (near, DOWN))

    def _pass(self, source, target, direction):
        try:
            data = source.recv(self.piece)
        except OSError:
            data = b""
        with self.lock:
            breaks = False
            if self.cut and self.cut[0] == direction:
                left = self.cut[1] - self.bytes[direction]
                breaks, data = len(data) >= left, data[:left]
            self.bytes[direction] += len(data)
            reset = breaks and self.cut[2]
            if breaks:
                self.cut = None
        try:
            target.sendall(data)
        except OSError:
            data = b""
        if breaks or not data:
            self._close((source, target), reset)

    def _close(self, sockets, reset):
        for sock in sockets:
            self.selector.unregister(sock)
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
            sock.close()
