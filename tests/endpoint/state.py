"""What the service has seen: for /_control/state and its waiters."""

import collections
import threading
import time

MAX_REQUESTS = 20000


class State:
    """Counters, the list of requests, and violations of the protocol."""

    def __init__(self, log=None):
        self.cond = threading.Condition()
        self.log_file = log
        self.connections = set()
        self.accepted = 0
        self.receiving = 0
        self.shells = 0
        self.enumerations = 0
        self._clear()

    def _clear(self):
        self.requests = collections.deque(maxlen=MAX_REQUESTS)
        self.counts = collections.Counter()
        self.statuses = collections.Counter()
        self.violations = []
        self.logins = collections.Counter()
        self.sessions = collections.deque(maxlen=MAX_REQUESTS)
        self.injected = []

    def reset(self):
        """Forget everything but the open connections."""
        with self.cond:
            self._clear()
            self.cond.notify_all()

    def log(self, text):
        """Write a line to the log file, if there is one."""
        if self.log_file:
            self.log_file.write("%.3f %s\n" % (time.time(), text))
            self.log_file.flush()

    def opened(self, connection):
        """Note a new connection; return how many are open."""
        with self.cond:
            self.accepted += 1
            self.connections.add(connection)
            self.cond.notify_all()
            return len(self.connections)

    def closed(self, connection):
        """Note the end of a connection."""
        with self.cond:
            self.connections.discard(connection)
            self.cond.notify_all()

    def seen(self, request, connection_id, http):
        """Note a request before it is processed; return its record."""
        record = {"action": request.short_action,
                  "message_id": request.message_id,
                  "resource": request.resource_uri,
                  "shell": request.selectors_raw("ShellId"),
                  "command": request.command_id(),
                  "connection": connection_id, "status": None,
                  "user": request.user, "scheme": http.scheme,
                  "sealed": http.sealed}
        with self.cond:
            self.requests.append(record)
            self.counts[request.short_action] += 1
            self.cond.notify_all()
        self.log("request %s %s shell=%s command=%s connection=%d"
                 % (record["action"], record["message_id"], record["shell"],
                    record["command"], connection_id))
        return record

    def answered(self, status):
        """Note the HTTP status of an answer."""
        with self.cond:
            self.statuses[str(status)] += 1

    def violation(self, kind, what):
        """Note that a client broke a rule of the protocol."""
        with self.cond:
            self.violations.append({"kind": kind, "what": what})
            self.cond.notify_all()
        self.log("violation %s %s" % (kind, what))

    def login(self, kind, about):
        """Count a leg of a login: accepted, leg (it goes on), refused.

        about tells whose it was, or why it was refused.
        """
        with self.cond:
            self.logins[kind] += 1
            if kind == "accepted":
                self.sessions.append(about)
            self.cond.notify_all()
        self.log("login %s %s" % (kind, about or ""))

    def fired(self, rule, action):
        """Note that an injection rule was applied."""
        with self.cond:
            self.injected.append({"effect": rule, "action": action})
            self.cond.notify_all()
        self.log("injected %s into %s" % (rule, action))

    def receive_change(self, delta):
        """Count the Receives that are waiting for output."""
        with self.cond:
            self.receiving += delta
            self.cond.notify_all()

    def shell_count(self, number):
        """Note how many shells there are."""
        with self.cond:
            self.shells = number
            self.cond.notify_all()

    def enumeration_count(self, number):
        """Note how many enumerations are open."""
        with self.cond:
            self.enumerations = number
            self.cond.notify_all()

    def describe(self, own=None):
        """Return the state as JSON data, without the connection own."""
        with self.cond:
            return {"connections": len(self.connections - {own}),
                    "accepted": self.accepted, "receiving": self.receiving,
                    "requests": list(self.requests),
                    "counts": dict(self.counts),
                    "statuses": dict(self.statuses),
                    "violations": list(self.violations),
                    "logins": dict(self.logins),
                    "sessions": list(self.sessions),
                    "injected": list(self.injected)}

    def wait(self, wanted, timeout, own):
        """Wait until all of the wanted conditions hold; False if not.

        The keys are connections, shells and enumerations (at most n),
        receiving (at least n) and names of actions (seen at least n times).
        """
        def holds():
            for key, number in wanted.items():
                if key == "connections":
                    held = len(self.connections - {own}) <= number
                elif key == "shells":
                    held = self.shells <= number
                elif key == "enumerations":
                    held = self.enumerations <= number
                elif key == "receiving":
                    held = self.receiving >= number
                else:
                    held = self.counts[key] >= number
                if not held:
                    return False
            return True
        with self.cond:
            return self.cond.wait_for(holds, timeout)
