"""A small threaded HTTP/1.1 server with full control over its bytes."""

import select
import socket
import ssl
import struct
import threading
import time
from email.utils import formatdate

MAX_HEAD = 16384
DRAIN_SECONDS = 2
ASK_SECONDS = 10
SERVER = "Microsoft-HTTPAPI/2.0"
# Only http.sys's own errors carry a reason; WinRM's replies have none.
REASONS = {100: "Continue", 400: "Bad Request", 404: "Not Found",
           408: "Request Timeout", 411: "Length Required",
           503: "Service Unavailable"}


class Closed(Exception):
    """The connection is finished."""


class HttpError(Exception):
    """A request that HTTP itself refuses."""

    def __init__(self, status, close=True):
        super().__init__(status)
        self.status = status
        self.close = close


class HttpRequest:
    """Method, path, headers (names in lower case) and body."""

    def __init__(self, method, path, version, headers):
        self.method = method
        self.path = path
        self.version = version
        self.headers = headers
        self.chunked = False
        self.scheme = None         # by which its user is known
        self.sealed = False
        self.body = b""

    def header(self, name, default=""):
        """Return the value of a header."""
        return self.headers.get(name, default)

    @property
    def wants_close(self):
        """True if the client wants the connection to end."""
        words = self.header("connection").lower()
        return "close" in words or (self.version == "HTTP/1.0"
                                    and "keep-alive" not in words)


class Connection:
    """One client connection: reads requests and writes replies."""

    def __init__(self, server, sock, address, number):
        self.server = server
        self.sock = sock
        self.address = address
        self.number = number
        self.buffer = bytearray()
        self.reset = False         # to be closed by RST
        self.unread = False        # the client may still be sending
        self.secure = server.tls is not None
        self.login = None          # what Negotiate knows of the client

    def handshake(self):
        """Do the TLS handshake, if the listener is an https one."""
        self.sock.settimeout(self.server.config.keep_alive)
        if not self.secure:
            return
        tls = self.server.tls.wrap_socket(self.sock, server_side=True,
                                          do_handshake_on_connect=False)
        try:
            tls.do_handshake()
            self.sock = tls
        except ssl.SSLError:
            # Unread bytes would turn the close into a reset, which would
            # take the alert away from the client.
            self.sock = socket.socket(fileno=tls.detach())
            self.unread = True
            raise Closed()

    def client_name(self):
        """Return the common name in the client's certificate, or None."""
        if not self.secure:
            return None
        if self.server.ask_late and not self.sock.getpeercert():
            self._ask()
        subject = (self.sock.getpeercert() or {}).get("subject", ())
        names = [value for pairs in subject for key, value in pairs
                 if key == "commonName"]
        return names[0] if names else None

    def _ask(self):
        """Ask for the client's certificate now (TLS 1.3)."""
        try:
            self.sock.verify_client_post_handshake()
            self.sock.do_handshake()
        except ssl.SSLError:
            return             # the client can not, or it is TLS 1.2
        end = time.monotonic() + ASK_SECONDS
        self.sock.settimeout(0)
        while not self.sock.getpeercert() and time.monotonic() < end:
            try:
                data = self.sock.recv(65536)
                if not data:
                    raise Closed()
                self.buffer += data
            except ssl.SSLWantReadError:
                select.select([self.sock], [], [], 0.5)
        self.sock.settimeout(self.server.config.packet_timeout)

    def peer_gone(self):
        """True if the client has closed its side."""
        poll = select.poll()
        try:
            poll.register(self.sock.fileno(),
                          select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            return bool(poll.poll(0))
        except (OSError, ValueError):
            return True

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed()
        self.buffer += data

    def _line(self, limit):
        while True:
            end = self.buffer.find(b"\n")
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[:end + 1]
                return line.rstrip(b"\r").decode("latin-1")
            if len(self.buffer) > limit:
                raise HttpError(400)
            self._fill()

    def _exactly(self, size):
        while len(self.buffer) < size:
            self._fill()
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def read_head(self):
        """Read a request line and its headers."""
        line = self._line(MAX_HEAD) or self._line(MAX_HEAD)
        parts = line.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise HttpError(400)
        headers = {}
        left = MAX_HEAD
        while True:
            line = self._line(left)
            if not line:
                return HttpRequest(*parts, headers)
            left -= len(line)
            name, colon, value = line.partition(":")
            if not colon or left < 0:
                raise HttpError(400)
            name, value = name.strip().lower(), value.strip()
            if name in headers:
                value = headers[name] + ", " + value
            headers[name] = value

    def read_body(self, request, limit):
        """Read the body; its size is checked against the limit."""
        self.sock.settimeout(self.server.config.packet_timeout)
        request.chunked = "chunked" in request.header(
            "transfer-encoding").lower()
        length = request.header("content-length")
        if request.chunked:
            self._continue(request)
            request.body = self._read_chunks(limit)
            return
        if not length:
            if request.method in ("POST", "PUT"):
                raise HttpError(411)
            return
        if not length.isdigit():
            raise HttpError(400)
        if int(length) > limit:
            raise HttpError(413)
        if int(length):
            self._continue(request)
        request.body = self._exactly(int(length))

    def _continue(self, request):
        if "100-continue" in request.header("expect").lower():
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _read_chunks(self, limit):
        body = bytearray()
        while True:
            size = self._line(1024).partition(";")[0].strip()
            try:
                size = int(size, 16)
            except ValueError:
                raise HttpError(400)
            if size < 0 or len(body) + size > limit:
                raise HttpError(413)
            if not size:
                break
            body += self._exactly(size)
            self._line(1024)
        while self._line(1024):
            pass
        return bytes(body)

    # --- writing ---

    def send(self, reply):
        """Send a reply in the manner that it asks for."""
        if reply.delay:
            self.server.stop.wait(reply.delay / 1000)
        if reply.nothing:
            raise Closed()
        head, body = self._render(reply)
        data = head + body
        if reply.raw is not None:
            data = reply.raw
        if reply.cut is not None:
            data = data[:reply.cut]
        elif reply.cut_body is not None:
            data = data[:len(head) + reply.cut_body]
        self._write(data, reply.drip)
        while reply.endless and not self.server.stop.is_set():
            self.sock.sendall(reply.endless * 50)
        if reply.close:
            raise Closed()

    def _render(self, reply):
        body = reply.body
        if body is None:
            body = encode(reply.text, reply.utf16)
        content_type = reply.content_type
        if content_type is None and body:
            content_type = ("application/soap+xml;charset=%s"
                            % ("UTF-16" if reply.utf16 else "UTF-8"))
        headers = [("Content-Type", content_type)] if content_type else []
        headers += reply.headers
        headers += [("Server", SERVER),
                    ("Date", formatdate(time.time(), usegmt=True))]
        if reply.close and reply.say_close:
            headers.append(("Connection", "close"))
        if reply.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
            body = chunk(body, reply.chunked)
        else:
            headers.append(("Content-Length", str(len(body))))
        lines = ["HTTP/1.1 %d %s" % (reply.status, reply.reason)]
        lines += ["%s: %s" % header for header in headers]
        return "\r\n".join(lines + ["", ""]).encode("latin-1"), body

    def _write(self, data, drip):
        self.sock.settimeout(self.server.config.packet_timeout)
        if not drip:
            self.sock.sendall(data)
            return
        # Without this the kernel would join the pieces again.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size, ms = drip
        for start in range(0, len(data), size):
            self.sock.sendall(data[start:start + size])
            if self.server.stop.wait(ms / 1000):
                raise Closed()

    def close(self):
        """Close the connection by FIN, or by RST."""
        try:
            if self.reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))
            else:
                self.sock.shutdown(socket.SHUT_WR)
                if self.unread:
                    self._drain()
        except OSError:
            pass
        self.sock.close()

    def _drain(self):
        """Read what still comes: closing earlier would destroy the reply."""
        end = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < end:
            self.sock.settimeout(DRAIN_SECONDS)
            if not self.sock.recv(65536):
                return

    def abort(self):
        """Make a blocked read or write of another thread end."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def encode(text, utf16):
    """Return the bytes of an envelope."""
    if utf16 and text:
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode("utf-8")


def chunk(body, size):
    """Return the body in chunked transfer encoding."""
    parts = []
    for start in range(0, len(body), size):
        piece = body[start:start + size]
        parts.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    return b"".join(parts) + b"0\r\n\r\n"


class Listener:
    """One listening socket; every connection gets a thread."""

    numbers = iter(range(1, 1 << 62))

    def __init__(self, config, handler, host, port, tls=None):
        self.config = config
        self.handler = handler
        self.tls = tls
        self.ask_late = config.ask_late
        self.stop = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.create_server((host, port), family=family,
                                         backlog=1024)
        name = "[%s]" % host if ":" in host else host
        self.port = self.sock.getsockname()[1]
        self.url = "%s://%s:%d/wsman" % ("https" if tls else "http", name,
                                         self.port)

    def start(self):
        """Begin to accept connections."""
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.stop.is_set():
            try:
                sock, address = self.sock.accept()
            except OSError:
                if self.stop.is_set():
                    return
                # Out of descriptors: the pending connection has to wait.
                self.stop.wait(0.05)
                continue
            connection = Connection(self, sock, address, next(self.numbers))
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        try:
            self.handler.opened(connection)
            connection.handshake()
            while not self.stop.is_set():
                connection.sock.settimeout(self.config.keep_alive)
                self.handler.serve_one(connection)
        except (Closed, OSError, ssl.SSLError):
            pass
        finally:
            connection.close()
            self.handler.closed(connection)

    def close(self):
        """Stop accepting; open connections are the handler's business."""
        self.stop.set()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


def tls_context(cert, key, client_ca=None, late=False):
    """Return the server side TLS context of an https listener."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.post_handshake_auth = late
    return context
