"""The /_control paths: state, waiting, injection and reset for tests."""

import ipaddress
import json
from urllib.parse import parse_qsl

from faults import Fault
from httpd import HttpError
from inject import Reply, RuleError

DEFAULT_WAIT_MS = 10000


class Control:
    """Answers requests to /_control; only from this machine."""

    def __init__(self, state, service, shells, injector):
        self.state = state
        self.service = service
        self.shells = shells
        self.injector = injector
        self.paths = {
            ("GET", "state"): self._state, ("GET", "wait"): self._wait,
            ("POST", "inject"): self._inject, ("POST", "reset"): self._reset,
            ("POST", "expire"): self._expire, ("POST", "drop"): self._drop,
            ("POST", "disconnect"): self._disconnect,
            ("POST", "expire-enumerations"): self._expire_enumerations,
            ("POST", "gpo"): self._gpo, ("POST", "event"): self._event,
            ("POST", "lose"): self._lose}

    def reply(self, connection, request):
        """Return the reply to a control request."""
        address = ipaddress.ip_address(connection.address[0].partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if not (mapped or address).is_loopback:
            raise HttpError(404)
        path, _, query = request.path.partition("?")
        run = self.paths.get((request.method, path.split("/", 2)[2]))
        if run is None:
            raise HttpError(404)
        try:
            status, data = run(connection, request, dict(parse_qsl(query)))
        except (RuleError, ValueError, KeyError, Fault) as error:
            status, data = 400, {"error": str(error)}
        reply = Reply(status, json.dumps(data, indent=1) + "\n")
        reply.content_type = "application/json"
        return reply

    def _describe(self, connection):
        data = self.state.describe(connection)
        data["shells"] = self.shells.describe()
        data["enumerations"] = self.service.enumerations.describe()
        data["rules"] = self.injector.describe()
        return data

    def _state(self, connection, request, query):
        return 200, self._describe(connection)

    def _wait(self, connection, request, query):
        timeout = int(query.pop("timeout_ms", DEFAULT_WAIT_MS)) / 1000
        wanted = {key: int(value) for key, value in query.items()}
        held = self.state.wait(wanted, timeout, connection)
        return 200 if held else 504, self._describe(connection)

    def _inject(self, connection, request, query):
        self.injector.add(json.loads(request.body))
        return 200, {"rules": self.injector.describe()}

    def _reset(self, connection, request, query):
        self.injector.clear()
        self.shells.close_all()
        self.shells.past.clear()
        self.service.reset()
        self.state.reset()
        return 200, {}

    def _expire(self, connection, request, query):
        ids = [query["shell"]] if "shell" in query else None
        return 200, {"expired": self.shells.expire_now(ids)}

    def _expire_enumerations(self, connection, request, query):
        return 200, {"expired": self.service.enumerations.expire_now()}

    def _event(self, connection, request, query):
        data = json.loads(request.body or b"{}")
        added = [self.service.events.add(d) for d in
                 (data if isinstance(data, list) else [data])]
        return 200, {"added": sum(added)}

    def _lose(self, connection, request, query):
        lost = self.service.events.lose(int(query.get("code", "0"), 0))
        return 200, {"lost": lost}

    def _gpo(self, connection, request, query):
        self.service.configuration.add_policy(query["set"])
        return 200, {}

    def _disconnect(self, connection, request, query):
        ids = [query["shell"]] if "shell" in query else None
        return 200, {"disconnected": self.shells.leave_now(ids)}

    def _drop(self, connection, request, query):
        with self.state.cond:
            others = self.state.connections - {connection}
        for other in others:
            other.abort()
        return 200, {"dropped": len(others)}
