#!/usr/bin/python3
"""A WinRM service for tests: runs commands of this machine in cmd shells."""

import argparse
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import threading

import certs
import cmdline
import negotiate
import processes
from config_tree import Configuration
from faults import Fault
from handler import Handler
from httpd import Listener, tls_context
from inject import Injector, RuleError
from service import Service
from shells import ShellService
from state import State


def switch(value):
    """Read on or off."""
    if value not in ("on", "off"):
        raise argparse.ArgumentTypeError("must be on or off")
    return value == "on"


def parse_options(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 takes any free port")
    add("--https-port", type=int, help="a second listener, with TLS")
    add("--tls", nargs=2, metavar=("CERT", "KEY"))
    add("--make-cert", metavar="DIR",
        help="make a CA and a server certificate there and use them")
    add("--cert-kind", default="rsa-sha256", choices=certs.KINDS,
        help="the keys of --make-cert, and how the CA signs")
    add("--client-ca", metavar="FILE",
        help="take client certificates of this CA; their common name is the "
             "user's")
    add("--ask-late", action="store_true",
        help="ask for them in the middle of a request (TLS 1.3)")
    add("--user", default="Administrator")
    add("--password")
    add("--password-file", metavar="FILE")
    add("--basic", type=switch, default=True, metavar="on|off")
    add("--allow-unencrypted", action="store_true",
        help="take Basic over plain http")
    add("--offer-negotiate", action="store_true",
        help="name Negotiate in 401 replies (it does not work)")
    add_negotiate(add)
    add("--binding-hash", metavar="NAME",
        help="bind to this hash of the certificate, and not to the right one")
    add("--bearer", metavar="TOKEN",
        help="take this token for the user, also over plain http")
    add("--cookie", metavar="VALUE", help="set the cookie MS-WSMAN")
    add("--force-utf16", action="store_true", help="reply in UTF-16 only")
    add("--inject", action="append", default=[], metavar="JSON|@FILE")
    add("--log", metavar="FILE")
    add("--ready-file", metavar="FILE")
    add("--die-with-parent", action="store_true")
    add("--directory", default=os.environ.get("HOME") or "/",
        help="where commands run unless their shell says otherwise")
    add("--os-version", default="10.0.17763")
    add_quotas(add)
    add_resources(add)
    options = parser.parse_args(argv)
    finish_options(parser, options)
    return options


def add_resources(add):
    """Declare the options of resources and enumerations."""
    add("--gpo", action="append", default=[], metavar="PATH=VALUE",
        help="a setting under control of a group policy, as "
             "Service/AllowUnencrypted=true; several times")
    add("--keep-context", action="store_true",
        help="the same enumeration context in every PullResponse")
    add("--late-end", action="store_true",
        help="tell the end of an enumeration in a reply of its own")
    add("--no-optimize", action="store_true",
        help="no items in the reply to Enumerate, whatever it asks for")
    add("--wmi-errors", action="store_true",
        help="faults of classes as MSFT_WmiError, with WMI's codes")
    add("--cim-types", action="store_true",
        help="write xsi:type on all properties")


def add_negotiate(add):
    """Declare the options of Negotiate and Kerberos."""
    add("--negotiate", action="store_true",
        help="Negotiate with sealed messages (python3-gssapi, gss-ntlmssp)")
    add("--keytab", metavar="FILE",
        help="take Kerberos too, for the services in it")
    add("--schemes", type=words(*negotiate.SCHEMES), default=["Negotiate"],
        metavar="LIST", help="of Negotiate,Kerberos: what is offered")
    add("--mechanisms", type=words(*negotiate.MECHANISMS), metavar="LIST",
        help="of kerberos,ntlm: what is taken (default: all "
             "that can be)")
    add("--principal", action="append", metavar="NAME@REALM",
        help="who may come with Kerberos (default: --user of any realm)")
    add("--ntlm-auth", action="store_true",
        help="ask Samba's ntlm_auth instead (https only)")
    add("--channel-binding", default="relaxed",
        choices=("relaxed", "strict", "none"),
        help="over https: checked if there is one, wanted, not looked at")
    add("--error-tokens", action="store_true",
        help="send what the mechanism says of a refusal")
    add("--rc4-length", default="padded", choices=("padded", "plain"),
        help="whether Length= counts the padding of Kerberos with RC4 in "
             "replies")


def words(*known):
    """Return what reads a list of known words."""
    def read(value):
        found = value.split(",")
        if not set(found) <= set(known):
            raise argparse.ArgumentTypeError("of " + ",".join(known))
        return found
    return read


def add_quotas(add):
    """Declare the options with limits and times."""
    for name, default, text in (
            ("operation-timeout-max", 60000, "MaxTimeoutms"),
            ("max-envelope-kb", 500, "MaxEnvelopeSizekb"),
            ("max-connections", 300, "MaxConnections"),
            ("max-shells-per-user", 30, "MaxShellsPerUser"),
            ("max-commands-per-shell", 15, "MaxConcurrentCommandsPerShell"),
            ("max-processes-per-shell", 25, "MaxProcessesPerShell"),
            ("max-operations-per-user", 1500,
             "MaxConcurrentOperationsPerUser"),
            ("idle-timeout", 7200000, "IdleTimeout of shells, in ms"),
            ("min-idle-timeout", 60000, "smallest IdleTimeOut, in ms"),
            ("max-idle-timeout", 2147483647, "largest IdleTimeOut, in ms"),
            ("keep-alive", 120, "seconds until an idle connection ends"),
            ("packet-timeout", 120, "MaxPacketRetrievalTimeSeconds"),
            ("max-batch-items", 32000, "MaxBatchItems"),
            ("enumeration-timeout", 240000, "EnumerationTimeoutms"),
            ("max-shell-users", 2147483647, "MaxConcurrentUsers"),
            ("linger", 20, "ms that a Receive waits for more output")):
        add("--" + name, type=int, default=default, metavar="N",
            help="%s (default %d)" % (text, default))


def finish_options(parser, options):
    """Check the options against each other and read the password."""
    if options.password_file:
        with open(options.password_file, encoding="utf-8") as file:
            options.password = file.readline().rstrip("\r\n")
    if not options.password:
        # A known password would open this machine to every local user.
        parser.error("--password or --password-file is required")
    if options.make_cert and options.tls:
        parser.error("--make-cert and --tls exclude each other")
    if options.make_cert:
        options.tls = certs.make(options.make_cert, options.cert_kind)
    if options.client_ca and not options.tls:
        parser.error("--client-ca needs --tls or --make-cert")
    if options.ask_late and not options.client_ca:
        parser.error("--ask-late needs --client-ca")
    if options.https_port is not None and not options.tls:
        parser.error("--https-port needs --tls or --make-cert")
    finish_negotiate(parser, options)
    try:
        Configuration(options)
    except (Fault, ValueError) as error:
        parser.error("--gpo: %s" % error)


def finish_negotiate(parser, options):
    """The same, for add_negotiate()."""
    schemes = options.schemes if options.negotiate else []
    options.auth_negotiate = ("Negotiate" in schemes
                              or options.offer_negotiate)
    options.auth_kerberos = "Kerberos" in schemes
    options.auth_certificate = bool(options.client_ca)
    options.allow_shells = True
    options.hardening = options.channel_binding.capitalize()
    if options.ntlm_auth and not shutil.which("ntlm_auth"):
        parser.error("--ntlm-auth needs ntlm_auth (package winbind)")
    if options.negotiate and not (negotiate.GSSAPI or options.ntlm_auth):
        parser.error("--negotiate needs python3-gssapi and gss-ntlmssp")
    if options.mechanisms is None:
        options.mechanisms = ["kerberos"] * bool(options.keytab) + ["ntlm"]
    if "kerberos" in options.mechanisms and not options.keytab:
        parser.error("Kerberos needs --keytab")
    options.binding = None
    if options.negotiate and options.tls:
        options.binding = negotiate.bindings_of(
            options.tls[0], options.binding_hash)


def make_environment(directory):
    """Return the environment of commands, with our helpers in the PATH."""
    cmdline.install_helpers(directory)
    env = dict(os.environ)
    env["PATH"] = directory + os.pathsep + env.get("PATH", os.defpath)
    env.setdefault("USERNAME", env.get("USER", "user"))
    env.setdefault("COMPUTERNAME", os.uname().nodename)
    return env


def make_listeners(options, handler):
    """Open the listening sockets."""
    tls = None
    if options.tls:
        tls = tls_context(*options.tls, options.client_ca, options.ask_late)
    if options.https_port is None:
        return [Listener(options, handler, options.host, options.port, tls)]
    return [Listener(options, handler, options.host, options.port),
            Listener(options, handler, options.host, options.https_port, tls)]


def opener(options, handler):
    """Return what opens a listener while the service runs."""
    def run(transport, port):
        tls = None
        if transport == "HTTPS":
            if not options.tls:
                return None
            tls = tls_context(*options.tls, options.client_ca,
                              options.ask_late)
        listener = Listener(options, handler, options.host, port, tls)
        listener.start()
        return listener
    return run


def announce(options, listeners):
    """Tell the world that we are ready, in one line per listener."""
    text = "".join("listening on %s\n" % l.url for l in listeners)
    if options.ready_file:
        # A reader must never see half of it.
        with open(options.ready_file + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.rename(options.ready_file + ".new", options.ready_file)
    sys.stdout.write(text)
    sys.stdout.flush()


def end_events(options, parent):
    """Return descriptors that become readable when it is time to end.

    They are signals and the death of the parent; None: it is dead already.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    watched = [reader]
    if options.die_with_parent:
        try:
            watched.append(os.pidfd_open(parent))
        except ProcessLookupError:
            return None
        if os.getppid() != parent:
            return None
    return watched


def main(argv):
    """Run the service until it is told to end."""
    parent = os.getppid()
    options = parse_options(argv)
    watched = end_events(options, parent)
    if watched is None:
        return 0
    processes.become_subreaper()
    threading.stack_size(512 * 1024)
    log = open(options.log, "a", encoding="utf-8") if options.log else None
    injector = Injector()
    try:
        for text in options.inject:
            if text.startswith("@"):
                with open(text[1:], encoding="utf-8") as file:
                    text = file.read()
            injector.add(json.loads(text))
    except (RuleError, ValueError, OSError) as error:
        sys.stderr.write("endpoint: --inject: %s\n" % error)
        return 2
    helpers = tempfile.mkdtemp(prefix="endpoint-")
    try:
        options.environment = make_environment(helpers)
        if options.negotiate:
            negotiate.write_users(
                os.path.join(helpers, "ntlm"), options.user,
                options.principal, options.password)
            if options.keytab:
                negotiate.use_keytab(options.keytab, helpers)
        serve(options, State(log), injector, watched)
    finally:
        shutil.rmtree(helpers, ignore_errors=True)
    return 0


def serve(options, state, injector, watched):
    """Open the listeners, wait for the end, and clean up."""
    shells = ShellService(options, state)
    service = Service(options, state, shells)
    handler = Handler(options, state, service, shells, injector)
    listeners = make_listeners(options, handler)
    for listener in listeners:
        listener.start()
    service.listeners.started(listeners, opener(options, handler))
    announce(options, listeners)
    select.select(watched, [], [])
    for listener in listeners:
        listener.close()
    with state.cond:
        connections = list(state.connections)
    for connection in connections:
        connection.abort()
    shells.close_all()
    processes.kill_all_children()


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    # Threads that still wait for something must not delay the end.
    os._exit(status)
