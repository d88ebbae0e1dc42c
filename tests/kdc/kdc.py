#!/usr/bin/python3
"""A Kerberos KDC for tests: Heimdal's (Debian's heimdal-kdc), in a directory
and on a port of its own, as any user.

As a program it starts one, prints what a client needs to know of it, in
lines of a word and its value, and ends by SIGTERM or SIGINT.
"""

import argparse
import collections
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from krb5conf import LOOPBACK, config, section, take_port

SERVER = "/usr/lib/heimdal-servers/kdc"
KADMIN, KINIT = "kadmin.heimdal", "kinit.heimdal"
REALM = "WSMAN.TEST"
AES256, AES128 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"
AES256_SHA2 = "aes256-cts-hmac-sha384-192"
AES128_SHA2 = "aes128-cts-hmac-sha256-128"
RC4 = "arcfour-hmac-md5"
ENCTYPES = (AES256, AES128, RC4)
LIMIT = 30
REQUEST = re.compile(r"(AS-REQ|TGS-REQ) (\S+) from \S+ for (\S+)"
                     r"(?: \[(.*)\])?$")
Request = collections.namedtuple("Request", "kind client server flags")


def missing():
    """Return why there can be no KDC here, or None."""
    for program in (SERVER, KADMIN, KINIT, "setpriv"):
        if not shutil.which(program):
            return "%s is not there (package heimdal-kdc)" % program
    return None


class Kdc:
    """A running KDC; a context manager. It ends with the thread that made it.

    The first realm is the default one. hosts maps host names and .domains to
    realms, for the KDC's referrals and the clients alike; options are those
    of the section [kdc].
    """

    def __init__(self, *realms, enctypes=ENCTYPES, hosts=None, options=None):
        self.realms = realms or (REALM,)
        self.realm = self.realms[0]
        self.hosts = dict(hosts or {})
        self.directory = tempfile.mkdtemp(prefix="kdc-")
        self.keytab = self.path("services.keytab")
        self.log_file = self.path("log")
        self.process = None
        self.ticks = threading.Condition()
        try:
            self._make(enctypes, options or {})
            self._start()
        except BaseException:
            self.stop()
            raise
        self.krb5_config = self.config("krb5.conf")

    def path(self, name):
        """Return the path of a file in the directory."""
        return os.path.join(self.directory, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- its life ---

    def _make(self, enctypes, options):
        database = {"dbname": self.path("database"), "realm": self.realm,
                    "mkey_file": self.path("master-key"),
                    "acl_file": self.path("acl"),
                    "log_file": self.path("changes")}
        text = config({realm: ["%s:0" % LOOPBACK] for realm in self.realms},
                      self.hosts)
        # The file has a line before the client has its answer; the pipe
        # tells those who wait.
        text += section("logging", {"kdc": ["0-5/FILE:" + self.log_file,
                                            "0-5/STDERR"]})
        text += section("kdc", {"database": database, **options})
        text += section("kadmin", {"default_keys": self._keys(enctypes)})
        self._write("kdc.conf", text)
        self._write("log", "")
        self.kadmin("init", "--realm-max-ticket-life=unlimited",
                    "--realm-max-renewable-life=unlimited", *self.realms)

    @staticmethod
    def _keys(enctypes):
        return " ".join(name + ":pw-salt" for name in enctypes)

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(name)

    def _start(self):
        reserved = take_port()
        self.port = reserved[0].getsockname()[1]
        # setpriv: not even a killed test leaves one behind.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", SERVER, "--config-file="
             + self.path("kdc.conf"), "--ports=%d" % self.port,
             "--addresses=" + LOOPBACK], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace", env=self._server_environment())
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            self.wait("KDC started")
        finally:
            for sock in reserved:
                sock.close()
        for protocol in "udp", "tcp":
            if " port %d/%s" % (self.port, protocol) not in self.log():
                raise RuntimeError("no %s: %s" % (protocol, self.log()))

    def _server_environment(self):
        return {"PATH": os.environ.get("PATH", os.defpath),
                "KRB5_CONFIG": self.path("kdc.conf")}

    def _read(self):
        for _ in self.process.stderr:
            with self.ticks:
                self.ticks.notify_all()
        with self.ticks:
            self.ticks.notify_all()

    def pause(self):
        """Let it be silent from now on: what is sent to it waits."""
        os.kill(self.process.pid, signal.SIGSTOP)
        for pid in self._workers():
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        """Let it go on."""
        for pid in self._workers():
            os.kill(pid, signal.SIGCONT)
        os.kill(self.process.pid, signal.SIGCONT)

    def _workers(self):
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid),
                  encoding="ascii") as file:
            return [int(child) for child in file.read().split()]

    def stop(self):
        """End it and remove its directory."""
        if self.process:
            if self.process.poll() is None:
                self.resume()
                self.process.terminate()
                self.process.wait(LIMIT)
            self.reader.join(LIMIT)
            self.process.stderr.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- its database ---

    def kadmin(self, *command):
        """Run a command of kadmin on the database; return what it says."""
        done = subprocess.run(
            [KADMIN, "--local", "--config-file=" + self.path("kdc.conf"),
             *command], check=False, text=True, stdin=subprocess.DEVNULL,
            capture_output=True, env=self._server_environment(),
            timeout=LIMIT)
        if done.returncode:
            raise RuntimeError("kadmin %s: %s" % (command, done.stderr))
        return done.stdout

    def principal(self, name):
        """Return a name with its realm."""
        return name if "@" in name else "%s@%s" % (name, self.realm)

    def add(self, name, *settings, password=None, attributes=(),
            enctypes=None, ticket_life=None, renewable_life=None):
        """Add a principal; without a password it has random keys.

        Life times are as in "10 minutes"; attributes those of kadmin.
        """
        how = ["--password=" + password] if password else ["--random-key"]
        how += ["--use-defaults", *settings]
        if attributes:
            how.append("--attributes=" + ",".join(attributes))
        for option, value in (("ticket", ticket_life),
                              ("renewable", renewable_life)):
            if value:
                how.append("--max-%s-life=%s" % (option, value))
        self.kadmin("add", *how, self.principal(name))
        if enctypes is not None:
            self.keep_keys(name, enctypes)
        return self.principal(name)

    def keep_keys(self, name, enctypes):
        """Take away the keys of all other types."""
        name = self.principal(name)
        listed = re.search("Keytypes: (.*)", self.kadmin("get", name))
        has = [word.partition("(")[0] for word in listed[1].split(", ")]
        unknown = set(enctypes) - set(has)
        if unknown:
            raise ValueError("%s has no key of %s" % (name, unknown))
        others = [one for one in has if one not in enctypes]
        if others:
            self.kadmin("del_enctype", name, *others)

    def add_user(self, name, password, *settings, disabled=False,
                 expired=False, password_expired=False, attributes=(),
                 **more):
        """Add a user, who may be one that can't log in."""
        past = "2001-01-01"
        attributes = tuple(attributes) + ("disallow-all-tix",) * disabled
        settings += ("--expiration-time=" + past,) * expired
        settings += ("--pw-expiration-time=" + past,) * password_expired
        return self.add(name, *settings, password=password,
                        attributes=attributes, **more)

    def add_service(self, *names, delegate=False, keytab=None, **more):
        """Add service principals, also to the keytab of the services.

        delegate sets ok-as-delegate in their tickets.
        """
        names = [self.add(name, attributes=("ok-as-delegate",) * delegate,
                          **more) for name in names]
        self.extract(keytab or self.keytab, *names)

    def extract(self, keytab, *names):
        """Put the keys of principals into a keytab; return its path."""
        self.kadmin("ext_keytab", "--keytab=" + keytab,
                    *map(self.principal, names))
        return keytab

    def user_keytab(self, name):
        """Return the path of a keytab with a user's keys."""
        return self.extract(self.path(re.sub(r"\W", "_", name) + ".keytab"),
                            name)

    def set_password(self, name, password):
        """Change a password."""
        self.kadmin("passwd", "--password=" + password, self.principal(name))

    def modify(self, name, *settings):
        """Change a principal by options of kadmin's modify."""
        self.kadmin("modify", *settings, self.principal(name))

    def remove(self, name):
        """Remove a principal."""
        self.kadmin("delete", self.principal(name))

    def trust(self, trusted, trusting):
        """Let the users of one realm get tickets of another one."""
        self.add("krbtgt/%s@%s" % (trusting, trusted), password="trust")

    # --- its clients ---

    def config(self, name, enctypes=None, kdcs=None, **libdefaults):
        """Write a krb5.conf for clients; return its path.

        enctypes is all that they ask for; kdcs are others than this one.
        """
        kdcs = kdcs or ["%s:%d" % (LOOPBACK, self.port)]
        return self._write(name, config(dict.fromkeys(self.realms, kdcs),
                                        self.hosts, enctypes, **libdefaults))

    def environment(self, ccache=None, krb5_config=None):
        """Return an environment for programs that are clients."""
        env = dict(os.environ, KRB5_CONFIG=krb5_config or self.krb5_config)
        for name in ("KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME"):
            env.pop(name, None)
        env["KRB5CCNAME"] = ccache or "FILE:" + self.path("no-ccache")
        return env

    def ccache(self, name, user, password, *options, krb5_config=None):
        """Log a user in; return the path of the credential cache.

        Options are kinit's (Heimdal): --forwardable, --lifetime=, ...
        """
        path = self.path(name)
        subprocess.run([KINIT, "--password-file=STDIN", *options,
                        "--cache=FILE:" + path, self.principal(user)],
                       check=True, input=password, text=True,
                       capture_output=True, timeout=LIMIT,
                       env=self.environment(krb5_config=krb5_config))
        return path

    # --- what it was asked ---

    def log(self):
        """Return the log since the start, or since forget().

        Enterprise names, USER\\134@REALM@REALM, are there without the second
        realm.
        """
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return re.sub(r"\\134(@[^\s@]+)@[^\s@)]+", r"\1", file.read())

    def forget(self):
        """Forget what it was asked until now."""
        os.truncate(self.log_file, 0)

    def wait(self, pattern, count=1, timeout=LIMIT):
        """Wait until so many lines of the log match; return these."""
        end = time.monotonic() + timeout
        while True:
            with self.ticks:
                lines = re.findall("(?m)^.*%s.*$" % pattern, self.log())
                over = self.process.poll() is not None
                left = end - time.monotonic()
                if len(lines) >= count:
                    return lines
                if over or left <= 0:
                    raise AssertionError("no %r: %s" % (pattern, self.log()))
                self.ticks.wait(left)

    def requests(self, kind=None, client=None, server=None):
        """Return the requests of that kind ("AS-REQ", "TGS-REQ").

        Client and server are names, with or without the realm. The usual
        login is two AS-REQ: the first learns that it has to prove itself.
        """
        found = []
        for line in self.log().splitlines():
            match = REQUEST.search(line)
            if match:
                flags = tuple(match[4].split(", ")) if match[4] else ()
                found.append(Request(*match.group(1, 2, 3), flags))
        return [r for r in found if kind in (None, r.kind)
                and self._same(client, r.client)
                and self._same(server, r.server)]

    def _same(self, wanted, name):
        return wanted is None or name in (wanted, self.principal(wanted))

    def logins(self, client=".*"):
        """Return how often a user's password was right."""
        return self._count("ENC-TS pre-authentication succeeded -- ", client)

    def failures(self, client=".*"):
        """Return how often a password was wrong: as an account is locked."""
        return self._count("Failed to decrypt PA-DATA -- ", client)

    def tickets(self, server):
        """Return how often a ticket for a service was asked for."""
        return len(self.requests("TGS-REQ", server=server))

    def _count(self, text, client):
        return len(re.findall(text + self.principal(client), self.log()))


class BlackHole:
    """A KDC that never answers, or (refuse) that is not there at all.

    TCP connections are accepted, datagrams taken, and nothing comes back.
    """

    def __init__(self, refuse=False):
        self.tcp, self.udp = take_port(None if refuse else 1000)
        self.port = self.tcp.getsockname()[1]
        self.address = "%s:%d" % (LOOPBACK, self.port)
        if refuse:      # one that has a peer refuses all others
            self.udp.connect((LOOPBACK, self.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait(self, timeout=LIMIT):
        """Wait until somebody has called."""
        if not select.select([self.tcp, self.udp], [], [], timeout)[0]:
            raise AssertionError("nobody called")

    def stop(self):
        """Close it."""
        self.tcp.close()
        self.udp.close()


def parse_options(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--realm", action="append", default=[], help="default " + REALM)
    add("--user", action="append", default=[], metavar="NAME:PASSWORD")
    add("--user-keytab", action="append", default=[], metavar="NAME",
        help="write a keytab of that user")
    add("--service", action="append", default=[], metavar="SPN",
        help="HTTP/localhost; all of them are in the keytab")
    add("--delegate", action="store_true",
        help="tickets for the services say ok-as-delegate")
    add("--enctype", action="append", default=[],
        help="default " + ", ".join(ENCTYPES))
    add("--ticket-life", metavar="TIME", help="of the users' tickets")
    add("--die-with-parent", action="store_true")
    return parser.parse_args(argv)


def settings(kdc, options):
    """Make what the options say; return lines for who started us."""
    for user in options.user:
        name, _, password = user.partition(":")
        kdc.add_user(name, password, ticket_life=options.ticket_life)
    kdc.add_service(*options.service, delegate=options.delegate)
    lines = [("realm", realm) for realm in kdc.realms]
    lines += [("kdc", "%s:%d" % (LOOPBACK, kdc.port)),
              ("krb5-config", kdc.krb5_config), ("log", kdc.log_file)]
    if options.service:
        lines.append(("keytab", kdc.keytab))
    lines += [("user-keytab", kdc.user_keytab(name))
              for name in options.user_keytab]
    return lines + [("ready", kdc.process.pid)]


def main(argv):
    """Run until told to end."""
    parent = os.getppid()
    options = parse_options(argv)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, lambda *_: None)
    watched = [reader]
    if options.die_with_parent:
        watched.append(os.pidfd_open(parent))
        if os.getppid() != parent:
            return 0
    with Kdc(*options.realm, enctypes=options.enctype or ENCTYPES) as kdc:
        for line in settings(kdc, options):
            print(*line)
        sys.stdout.flush()
        select.select(watched, [], [])
    return 0


if __name__ == "__main__":
    if missing():
        sys.exit("kdc: " + missing())
    sys.exit(main(sys.argv[1:]))
