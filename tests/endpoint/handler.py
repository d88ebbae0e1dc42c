"""What happens to an HTTP request: path, method, authentication, reply."""

import base64
import binascii
import hmac
import traceback

import negotiate
import ntlmauth
import resources
import sealing
import soap
from commands import Abandoned
from control import Control
from faults import Fault
from httpd import REASONS, Closed, HttpError, encode
from inject import Reply

PATHS = ("/wsman", "/wsman-anon/identify")
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"


def error_reply(status, close=True):
    """Return a reply as http.sys makes them, without SOAP."""
    reply = Reply(status)
    reply.reason = REASONS.get(status, "")
    if reply.reason:
        reply.text = "<html><body><h2>%s</h2></body></html>" % reply.reason
        reply.content_type = "text/html; charset=us-ascii"
    reply.close = close
    return reply


class Handler:
    """Serves the requests of all listeners."""

    def __init__(self, config, state, service, shells, injector):
        self.config = config
        self.state = state
        self.service = service
        self.shells = shells
        self.injector = injector
        self.control = Control(state, service, shells, injector)

    def opened(self, connection):
        """Count a connection; refuse those above MaxConnections."""
        if self.state.opened(connection) > self.config.max_connections:
            connection.handshake()
            connection.send(error_reply(503))

    def closed(self, connection):
        """Forget a connection."""
        self.state.closed(connection)

    def serve_one(self, connection):
        """Read one request and answer it."""
        try:
            request = connection.read_head()
            reply = self._reply(connection, request)
        except TimeoutError:
            raise Closed()
        except HttpError as error:
            reply = error_reply(error.status, error.close)
            connection.unread = True
            request = None
        except Abandoned:
            raise Closed()
        if request is not None and request.wants_close:
            reply.close = True
        self.state.answered(reply.status)
        connection.reset = reply.reset
        connection.send(reply)

    def _reply(self, connection, request):
        path = request.path.partition("?")[0].rstrip("/").lower()
        if path.startswith("/_control/"):
            connection.read_body(request, 1 << 24)
            return self.control.reply(connection, request)
        if path not in PATHS:
            raise HttpError(404)
        if request.method != "POST":
            reply = error_reply(405)
            reply.headers.append(("Allow", "POST"))
            return reply
        connection.read_body(request, self.config.max_envelope_kb * 1024
                             + sealing.FRAME)
        anonymous = (path == PATHS[1] or request.header(
            "wsmanidentify").lower() == "unauthenticated")
        if not anonymous and self._token(request) is not None:
            # The last leg may carry the request already.
            reply = self._login(connection, request)
            if reply.status == 401 or not request.body:
                return reply
            headers = reply.headers
        else:
            headers = []
        reply = self._request(connection, request, anonymous)
        reply.headers += headers
        return reply

    def _request(self, connection, request, anonymous):
        user = None if anonymous else self._user(connection, request)
        if user is None and not anonymous:
            return self._unauthorized(connection)
        content_type = request.header("content-type")
        if content_type.startswith("multipart/encrypted"):
            return self._sealed(connection, request, user, content_type)
        if self._must_seal(connection, anonymous):
            self.state.violation("not-sealed", connection.address[0])
            return error_reply(500)
        if "application/soap+xml" not in content_type.lower():
            return error_reply(415)
        return self._soap(connection, request, user, content_type)

    # --- Negotiate ---

    def _token(self, request):
        """Return (scheme, token) of a request that is a leg of a login."""
        scheme, _, value = request.header("authorization").partition(" ")
        scheme = scheme.capitalize()
        if not self.config.negotiate or not self._switched_on(scheme) or (
                scheme not in self.config.schemes):
            return None
        return scheme, value.strip()

    def _switched_on(self, scheme):
        """True if the configuration lets the scheme be."""
        return (self.config.auth_kerberos if scheme == "Kerberos"
                else self.config.auth_negotiate)

    def _login(self, connection, request):
        if connection.login is None:
            kind = ntlmauth if self.config.ntlm_auth else negotiate
            connection.login = kind.Login(self.config, connection.secure)
        login = connection.login
        scheme, token = self._token(request)
        accepted, token = login.step(scheme, token)
        if accepted:
            self.state.login("accepted", login.about)
        else:
            self.state.login("refused" if login.error else "leg",
                             login.error)
        reply = Reply(200 if accepted else 401)
        if token:
            reply.headers.append(("WWW-Authenticate",
                                  "%s %s" % (login.scheme, token)))
        elif not accepted:
            return self._unauthorized(connection)
        return reply

    def _must_seal(self, connection, anonymous):
        return (connection.login and not connection.secure and not anonymous
                and not self.config.allow_unencrypted)

    def _sealed(self, connection, request, user, content_type):
        if not connection.login or not connection.login.user:
            return self._unauthorized(connection)
        try:
            request.body, content_type = connection.login.unseal(
                request.body, content_type)
        except sealing.Broken as error:
            self.state.violation("not-unsealed", str(error))
            return error_reply(400)
        request.sealed = True
        reply = self._soap(connection, request, user, content_type)
        if not reply.nothing and reply.raw is None and (
                reply.content_type is None):
            plain = encode(reply.text, reply.utf16)
            reply.body, reply.content_type = connection.login.seal(
                plain, "application/soap+xml;charset=%s"
                % ("UTF-16" if reply.utf16 else "UTF-8"))
        return reply

    # --- authentication ---

    def _basic_allowed(self, connection):
        return self.config.basic and (connection.secure
                                      or self.config.allow_unencrypted)

    def _certificates(self, connection):
        return (connection.secure and self.config.client_ca
                and self.config.auth_certificate)

    def _unauthorized(self, connection):
        offers = ["Negotiate"] if self.config.offer_negotiate else []
        if self.config.negotiate:
            offers = self.config.schemes
        offers = [o for o in offers if self._switched_on(o)]
        if self._basic_allowed(connection):
            offers.append('Basic realm="WSMAN"')
        if self.config.bearer:
            offers.append("Bearer")
        if self._certificates(connection):
            offers.append(MUTUAL)
        return Reply(401, headers=[("WWW-Authenticate", o) for o in offers])

    def _user(self, connection, request):
        """Return the authenticated user, or None."""
        scheme, _, value = request.header("authorization").partition(" ")
        if scheme == MUTUAL and not value and self._certificates(connection):
            request.scheme = "Certificate"
            name = connection.client_name() or ""
            return self.service.mappings.account(name)
        if connection.login and connection.login.user:
            request.scheme = connection.login.scheme
            return connection.login.user
        if self.config.bearer and scheme.lower() == "bearer":
            same = hmac.compare_digest(value.strip(), self.config.bearer)
            return self.config.user if same else None
        if scheme.lower() != "basic":
            return None
        if not self._basic_allowed(connection):
            self.state.violation("basic-not-offered", connection.address[0])
            return None
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        request.scheme = "Basic"
        name, _, password = text.partition(":")
        wanted = self.config.user
        # Names of local users: any case, with or without the machine.
        name = name.rpartition("\\")[2]
        same = hmac.compare_digest(password.encode(),
                                   self.config.password.encode())
        return wanted if same and name.lower() == wanted.lower() else None

    # --- SOAP ---

    def _soap(self, connection, http, user, content_type):
        soap_request, fault, utf16 = None, None, self.config.force_utf16
        try:
            text, is_utf16 = soap.decode_body(http.body, content_type)
            utf16 = utf16 or is_utf16
            soap_request = soap.parse(text)
        except Fault as error:
            fault = error
        if soap_request is None:
            return self._fault(fault, None, http, utf16)
        soap_request.utf16 = utf16
        self._fill_in(soap_request, connection, http, user)
        record = self.state.seen(soap_request, connection.number, http)
        if http.chunked:
            self.state.violation("chunked", soap_request.short_action)
        rules = self.injector.match(soap_request.action
                                    or soap_request.short_action)
        for rule in rules:
            rule.prepare(soap_request)
        if any(rule.replaces for rule in rules):
            reply = Reply(200, "", utf16)
        else:
            reply = self._process(soap_request, http, user)
        machine = machine_of(http)
        for rule in rules:
            self.state.fired(rule.effect, soap_request.short_action)
            rule.apply(reply, soap_request, machine)
        # 0 stands for no reply at all.
        record["status"] = 0 if reply.nothing else reply.status
        return reply

    @staticmethod
    def _fill_in(soap_request, connection, http, user):
        soap_request.user = user
        soap_request.client_ip = connection.address[0]
        soap_request.peer_gone = connection.peer_gone
        soap_request.url = "%s://%s/wsman" % (
            "https" if connection.secure else "http",
            http.header("host", "localhost"))

    def _process(self, request, http, user):
        utf16 = request.utf16
        if request.body_child("wsmid", "Identify") is not None:
            return Reply(200, resources.identify(self.config,
                                                 user is not None), utf16)
        if user is None:
            # Nothing but Identify works without authentication.
            return self._fault(Fault("access_denied"), request, http, utf16)
        try:
            reply = Reply(200, self.service.handle(request, http.chunked),
                          utf16)
        except Fault as fault:
            return self._fault(fault, request, http, utf16)
        except Abandoned:
            raise
        except Exception:
            self.state.log(traceback.format_exc())
            return self._fault(Fault("internal"), request, http, utf16)
        self._check_size(request, reply)
        self._cookie(request, http, reply)
        return reply

    @staticmethod
    def _check_size(request, reply):
        size = len(encode(reply.text, False))
        if size > request.max_envelope:
            fault = Fault("envelope_exceeded")
            reply.status = 500
            reply.text = soap.fault_envelope(fault, request, "")

    def _cookie(self, request, http, reply):
        if not self.config.cookie or request.resource_uri is None:
            return
        cookie = "MS-WSMAN=%s" % self.config.cookie
        if request.short_action == "Create":
            reply.headers.append(("Set-Cookie", cookie))
        elif (request.selectors and cookie not in http.header("cookie")):
            self.state.violation("cookie-missing", request.short_action)

    @staticmethod
    def _fault(fault, request, http, utf16):
        return Reply(500, soap.fault_envelope(fault, request,
                                              machine_of(http)), utf16)


def machine_of(http):
    """Return the Machine attribute: the name by which we are addressed."""
    host = http.header("host", "localhost")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
