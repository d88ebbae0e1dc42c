#!/usr/bin/env python3
"""run.py --canned EXE --client EXE --floor EXE --cipher EXE [--work DIR] [--quick] [--rounds N] [--hosts N] [--only WORD]

Measures the library, the floor and other clients side by side against one server of prepared answers. Each round runs
every one of them once, so that what disturbs the machine disturbs all. The environment variable WSC_VENV names a
Python environment with pypsrp. --hosts is the largest number of endpoints. --only runs the workloads with that word in
their names, and no endpoints. --quick only checks that everything runs
and that the counts are right.
"""
import argparse
import collections
import os
import platform
import statistics
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
GOPATH = "/usr/share/gocode"
MASTERZEN = GOPATH + "/src/github.com/masterzen/winrm"
TIMEOUT = 300
OURS, FLOOR, CIPHER = "libwsman-client", "floor", "cipher alone"
HELLO = 7   # bytes that each small command says
READ = 12   # characters of each instance that a client counts
ALL_PROCESSORS = os.sched_getaffinity(0)

# who: all, own (ours and the floor), ours, lists (who can enumerate), sealed (who can seal, and the cipher), login (who can)
# auth: basic, or the scheme that seals, which is also what the cipher is asked for
Workload = collections.namedtuple("Workload", "title what last who tls auth", defaults=(False, "basic"))
WORKLOADS = [
    Workload("commands", "commands", None, "all"),
    Workload("commands, 8 at a time", "commands", "8", "ours"),
    Workload("stdout, 500 KB answers", "stream", "500", "all"),
    Workload("stdout, 150 KB answers", "stream", "150", "all"),
    Workload("stdout, 500 KB, pulled", "pull", "500", "ours"),
    Workload("TLS stdout, 500 KB", "stream", "500", "own", True),
    Workload("TLS stdout, 150 KB", "stream", "150", "own", True),
    Workload("instances, 500 KB answers", "enumerate", "500", "lists"),
    Workload("instances, 150 KB answers", "enumerate", "150", "lists"),
    Workload("instances, 500 KB, next", "enumerate-next", "500", "ours"),
    Workload("TLS instances, 500 KB", "enumerate", "500", "own", True),
    Workload("TLS instances, 150 KB", "enumerate", "150", "own", True),
    Workload("NTLM stdout, 500 KB", "stream", "500", "sealed", False, "ntlm"),
    Workload("NTLM stdout, 150 KB", "stream", "150", "sealed", False, "ntlm"),
    Workload("Kerberos stdout, 500 KB", "stream", "500", "kerberos", False, "kerberos"),
    Workload("Kerberos stdout, 150 KB", "stream", "150", "kerberos", False, "kerberos"),
    Workload("logins, Basic", "logins", None, "ours"),
    Workload("logins, NTLM", "logins", None, "login", False, "ntlm"),
    Workload("logins, Kerberos", "logins", None, "ours", False, "kerberos"),
]
LISTS = ("enumerate", "enumerate-next")
WHO = {"own": (OURS, FLOOR), "ours": (OURS,), "lists": (OURS, FLOOR, "pywinrm", "pypsrp"), "sealed": (OURS, CIPHER, "pypsrp"),
       "kerberos": (OURS, CIPHER), "login": (OURS, "pypsrp")}
# workload, limit, unit, whether less is better
GOALS = [
    ("commands", 0.25, "ms CPU per command", True),
    ("stdout, 500 KB answers", 600, "MB per CPU-second", False),
    ("stdout, 150 KB answers", 600, "MB per CPU-second", False),
]
TLS_SHARE = 0.8         # of what the floor moves
SEALED_SHARE = 0.7      # of what cipher and check value alone do
LISTS_SHARE = 0.5       # of the floor, which is libxml2 alone
FEW, ROOM_OF_MANY = 10000, 4    # as many instances, and what a million may take beyond them, in MiB
# scheme, KiB for an endpoint that is idle, KiB for one whose Receive waits
ROOM = [("http", 8, 12), ("https", 24, 28)]
HOSTS_COMMANDS = 2000   # on all endpoints together
HOSTS_ROUNDS = 3
FLAT = 1.25             # what a command may cost on many endpoints, times what it costs on one


class Failure(Exception):
    """A part did not run, or counted wrongly."""


class Server:
    """The server of prepared answers, in a process of its own."""

    def __init__(self, program, work):
        self.certificate = os.path.join(work, "bench-ca.pem")
        self.process = subprocess.Popen([program, "--until-eof", "--any", "--tls", self.certificate],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if len(words) != 3:
            raise Failure("the server did not start")
        self.port, self.tls_port = words[1:]
        self.item_bytes = self.stats()["item_bytes"]

    def url(self, tls):
        """where it listens"""
        return f"https://127.0.0.1:{self.tls_port}/wsman" if tls else f"http://127.0.0.1:{self.port}/wsman"

    def stats(self):
        """how many requests of each kind it has seen"""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}/stats", timeout=10) as reply:
            lines = reply.read().decode().splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}

    def stop(self):
        """ends it"""
        self.process.stdin.close()
        self.process.wait()


def imports(python, module):
    """whether that Python has that module"""
    try:
        return not subprocess.run([python, "-c", "import " + module], check=False, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    except OSError:
        return False


def find_python_peer(module, script):
    """(command, None) or (None, why not)"""
    places = [os.path.join(os.environ["WSC_VENV"], "bin", "python")] if os.environ.get("WSC_VENV") else []
    for python in places + [sys.executable, "/usr/bin/python3"]:
        if imports(python, module):
            return [python, os.path.join(HERE, script)], None
    return None, f"no Python has the module {module}"


def find_masterzen(work):
    """(command, None) or (None, why not); builds the program"""
    if not os.path.isdir(MASTERZEN):
        return None, "the package golang-github-masterzen-winrm-dev is not installed"
    program = os.path.join(work, "peer-masterzen")
    env = dict(os.environ, GOPATH=GOPATH, GO111MODULE="off", GOFLAGS="", GOTOOLCHAIN="local")
    env.setdefault("GOCACHE", os.path.join(work, "go-cache"))
    try:
        done = subprocess.run(["go", "build", "-o", program, os.path.join(HERE, "peer_masterzen", "main.go")], env=env,
                              check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    return ([program], None) if not done.returncode else (None, "go build: " + done.stderr.strip())


def find_all(args):
    """name -> command; what is missing is said by name"""
    who = {OURS: [args.client], FLOOR: [args.floor], CIPHER: [args.cipher]}
    for name, (command, why) in (("pywinrm", find_python_peer("winrm", "peer_pywinrm.py")),
                                 ("pypsrp", find_python_peer("pypsrp", "peer_pypsrp.py")),
                                 ("masterzen", find_masterzen(args.work))):
        if command:
            who[name] = command
        else:
            print(f"missing: {name}: {why}")
    return who


def amount_of(name, what, quick):
    """commands, instances, or MB; peers get less, as they take longer"""
    if quick:
        return 2000 if what in LISTS else 20 if what in ("commands", "logins") else 4
    own = name in (OURS, FLOOR, CIPHER)
    if what in LISTS:
        return 1000000 if own else 50000
    if what in ("commands", "logins"):
        return 2000 if own else 200
    return 500 if own else 40


def receives_of(what, amount, last):
    """how many Receive a workload needs"""
    if what in ("commands", "logins"):
        return amount
    piece = int(last) * 750
    return -(-amount * 1000000 // piece)


def requests_of(commands, receives):
    """every command comes with its five"""
    return {"create": commands, "command": commands, "receive": receives, "signal": commands, "delete": commands,
            "enumerate": 0, "pull": 0, "release": 0, "get": 0}


def wanted_of(server, workload, amount):
    """what a client has to print as count and bytes, and the requests of each kind that the server has to see"""
    none = requests_of(0, 0)
    if workload.what in LISTS:
        answers = -(-amount // (int(workload.last) * 1000 // server.item_bytes))
        return amount, amount * READ, dict(none, enumerate=1, pull=answers - 1)
    if workload.what == "logins":
        return amount, 0, dict(none, delete=amount, **({} if workload.auth == "basic" else {"logins": amount}))
    count, size = (1, amount * 1000000) if workload.what in ("stream", "pull") else (amount, amount * HELLO)
    return count, size, requests_of(count, receives_of(workload.what, amount, workload.last))


def check_counts(name, before, after, wanted):
    """the server has seen what it should have"""
    wanted = dict(wanted, errors=0)
    for kind, number in wanted.items():
        seen = after[kind] - before[kind]
        if seen != number:
            raise Failure(f"{name}: the server has seen {seen} of {kind}, not {number}")


def run_client(server, name, line, wanted, auth="basic"):
    """one run of one client: the words of each line it printed, by the first one"""
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", NO_PROXY="*", CA_FILE=server.certificate, AUTH=auth)
    before = server.stats()
    done = subprocess.run(line, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                          env=env)
    lines = {words[0]: {key: float(value) for key, value in (word.split("=") for word in words[1:])}
             for words in map(str.split, done.stdout.splitlines()) if words}
    if done.returncode or "result" not in lines:
        raise Failure(f"{name}: {' '.join(line[1:])}: status {done.returncode}: {done.stderr[-1000:]}")
    check_counts(name, before, server.stats(), wanted)
    return lines


def run_one(server, name, command, workload, quick, amount=None):
    """one run of one client: the figures it printed"""
    amount = amount or amount_of(name, workload.what, quick)
    where = server.url(workload.tls) if name == OURS else server.tls_port if workload.tls else server.port
    line = command + [where, workload.what, str(amount)] + ([workload.last] if workload.last else [])
    count, size, wanted = wanted_of(server, workload, amount)
    if workload.tls and name == FLOOR:
        line.append("tls")
    if name == CIPHER:
        line, wanted = command + [workload.auth, str(amount), workload.last], requests_of(0, 0)
    got = run_client(server, name, line, wanted, workload.auth)["result"]
    if (got["count"], got["bytes"]) != (count, size):
        raise Failure(f"{name}, {workload.title}: {got}, not count={count} bytes={size}")
    return got


def run_hosts(server, client, scheme, number, commands):
    """what that many endpoints take, and a command on them"""
    line = [client, server.url(scheme == "https"), "hosts", str(number), str(commands)]
    count = 2 * number + commands + 2   # bench_hosts.c; the two are the gate and the release
    lines = run_client(server, OURS, line, requests_of(count, count))
    if lines["result"]["count"] != count or "hosts" not in lines:
        raise Failure(f"{OURS}: {number} endpoints: {lines}, not count={count}")
    return lines["hosts"]


def figure(server, workload, got):
    """ms of CPU for a command; logins, or MB (of decoded output, of XML), for a second of CPU"""
    cpu = max(got["cpu"], 1e-6)
    if workload.what in LISTS:
        return got["count"] * server.item_bytes * 1e-6 / cpu
    if workload.what == "logins":
        return got["count"] / cpu
    return cpu * 1e3 / got["count"] if workload.what == "commands" else got["bytes"] * 1e-6 / cpu


def measure(server, who, rounds, quick):
    """(workload title, name) -> list of figures, and of memory"""
    figures, memory = {}, {}
    for number in range(rounds):
        for workload in WORKLOADS:
            for name, command in who.items():
                if name not in WHO.get(workload.who, who) or (workload.who == "all" and name == CIPHER):
                    continue
                got = run_one(server, name, command, workload, quick)
                key = workload.title, name
                figures.setdefault(key, []).append(figure(server, workload, got))
                memory.setdefault(key, []).append(got["rss_kb"] / 1024)
        print(f"round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return figures, memory


def measure_few(server, client, quick):
    """what few instances take in memory, in MiB"""
    workload = next((workload for workload in WORKLOADS if workload.what == "enumerate"), None)
    if not workload:
        return None
    return workload.title, run_one(server, OURS, [client], workload, quick, 200 if quick else FEW)["rss_kb"] / 1024


def measure_hosts(server, client, most, rounds, quick):
    """(scheme, endpoints) -> what the client says, by medians"""
    figures = {}
    sizes = [size for size in (1, 10, 100, 1000) if size < most] + [most]
    for number in range(min(rounds, HOSTS_ROUNDS)):
        for scheme, _, _ in ROOM:
            for size in sizes:
                got = run_hosts(server, client, scheme, size, 20 if quick else HOSTS_COMMANDS)
                figures.setdefault((scheme, size), []).append(got)
        print(f"hosts: round {number + 1} done", file=sys.stderr, flush=True)
    return {key: {name: statistics.median(got[name] for got in values) for name in values[0]}
            for key, values in figures.items()}


def ratio(less, value, other):
    """how many times better `other` is than `value`"""
    return f"{value / other if less else other / value:8.1f}" if other and value else "        "


def print_table(figures, memory):
    """one line for each workload and client"""
    print(f"{'':26}{'':18}{'best':>10}{'median':>10}{'':10}{'x ours':>8}{'x floor':>8}{'MiB':>7}")
    for workload in WORKLOADS:
        title, less = workload.title, workload.what == "commands"
        unit = "ms" if less else "per s" if workload.what == "logins" else "MB/s"
        middle = {name: statistics.median(values) for (t, name), values in figures.items() if t == title}
        for (t, name), values in figures.items():
            if t != title:
                continue
            best = min(values) if less else max(values)
            digits = 3 if less else 0
            print(f"{title:26}{name:18}{best:10.{digits}f}{middle[name]:10.{digits}f} {unit:9}"
                  f"{ratio(less, middle[name], middle.get(OURS))}"
                  f"{ratio(less, middle[name], middle.get(FLOOR, middle.get(CIPHER)))}"
                  f"{max(memory[t, name]):7.0f}")


def print_hosts(hosts):
    """one line for each number of endpoints"""
    print(f"{'endpoints':24}{'ms each':>10}{'x of 1':>8}{'idle KiB':>10}{'waiting':>10}")
    for (scheme, size), got in hosts.items():
        print(f"{scheme:6}{size:12}      {got['each_ms']:10.3f}{got['each_ms'] / hosts[scheme, 1]['each_ms']:8.2f}"
              f"{got['idle_kib']:10.1f}{got['waiting_kib']:10.1f}")


def print_goal(title, met, text):
    """one line"""
    print(f"goal: {title}: {'met' if met else 'NOT met'}: {text}")


def share_of(workload):
    """(the least share, of whose figure, what that is called), or None"""
    if workload.who == "ours":
        return None
    if workload.what in LISTS:
        return LISTS_SHARE, FLOOR, "libxml2 alone"
    if workload.tls:
        return TLS_SHARE, FLOOR, "the floor"
    return None if workload.auth == "basic" or workload.what == "logins" else (SEALED_SHARE, CIPHER, "cipher and check value")


def print_few(few, memory):
    """whether many instances take what few do"""
    title, least = few
    most = max(memory[title, OURS])
    print_goal("instances, memory", most - least <= ROOM_OF_MANY,
               f"{most:.1f} MiB for 1000000, {least:.1f} for {FEW}, at most {ROOM_OF_MANY} more")


def print_goals(figures, item_bytes):
    """what we want of the workloads, and whether it is so"""
    for title, limit, unit, less in GOALS:
        if (title, OURS) not in figures:
            continue
        values = figures[title, OURS]
        best, middle = (min if less else max)(values), statistics.median(values)
        text = f"median {middle:.3f}, best {best:.3f}, {'at most' if less else 'at least'} {limit} {unit}"
        print_goal(title, middle <= limit if less else middle >= limit, text)
    for workload in WORKLOADS:
        goal = share_of(workload)
        if goal:
            least, whom, words = goal
            ours = statistics.median(figures[workload.title, OURS])
            share = ours / statistics.median(figures[workload.title, whom])
            more = f", {ours * 1e6 / item_bytes:.0f} instances per CPU-second" if workload.what in LISTS else ""
            print_goal(workload.title, share >= least, f"{share:.3f} of {words}, at least {least}{more}")


def print_hosts_goals(hosts):
    """the same of many endpoints"""
    most = max(size for _, size in hosts)
    for scheme, idle, waiting in ROOM:
        slope = hosts[scheme, most]["each_ms"] / hosts[scheme, 1]["each_ms"]
        print_goal(f"{most} endpoints, {scheme}, a command", slope <= FLAT, f"{slope:.2f} of one endpoint's, flat: {FLAT}")
        for name, limit in (("idle", idle), ("waiting", waiting)):
            got = hosts[scheme, most][name + "_kib"]
            print_goal(f"{most} endpoints, {scheme}, {name}", got <= limit, f"{got:.1f} KiB each, at most {limit}")


def machine():
    """what the figures were measured on"""
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    model = line.split(":", 1)[1].strip()
                    break
    except OSError:
        pass
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}; load {load}"


def stay_on(which):
    """what is started from here on has that processor, where there are two: the server is not to be woken on ours"""
    processors = sorted(ALL_PROCESSORS)
    if len(processors) > 1:
        os.sched_setaffinity(0, {processors[which]})


def start_kdc():
    """a KDC for all that is started from now on; None, with the reason, where there can be none"""
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "kdc"))
    import kdc  # what it needs is looked for only here
    why = kdc.missing()
    if why:
        print(f"missing: Kerberos: {why}")
        return None
    it = kdc.Kdc(enctypes=(kdc.AES256,))
    it.add_user("bench", "bench")
    it.add_service("HTTP/localhost")
    os.environ.update(KRB5_CONFIG=it.krb5_config, KRB5_KTNAME=it.keytab)
    return it


def main():
    """parses, runs, prints"""
    parser = argparse.ArgumentParser()
    for name in ("--canned", "--client", "--floor", "--cipher"):
        parser.add_argument(name, required=True)
    parser.add_argument("--work", default=".")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--only", metavar="WORD", default="")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    args.work = os.path.abspath(args.work)
    WORKLOADS[:] = [workload for workload in WORKLOADS if args.only in workload.title]
    who = find_all(args)
    stay_on(-1)
    kdc = start_kdc()
    if not kdc:
        WORKLOADS[:] = [workload for workload in WORKLOADS if workload.auth != "kerberos"]
    server = Server(args.canned, args.work)
    stay_on(0)
    try:
        rounds = 1 if args.quick else args.rounds
        figures, memory = measure(server, who, rounds, args.quick)
        few = measure_few(server, args.client, args.quick)
        most = 20 if args.quick else args.hosts
        hosts = {} if args.only else measure_hosts(server, args.client, most, rounds, args.quick)
    except (Failure, subprocess.TimeoutExpired) as error:
        print(f"FAIL {error}")
        return 1
    finally:
        server.stop()
        if kdc:
            kdc.stop()
    if args.quick:
        print(f"{len(figures) + len(hosts)} runs by {', '.join(who)}: all counts are right")
        return 0
    print(machine())
    print_table(figures, memory)
    print_goals(figures, server.item_bytes)
    if few:
        print_few(few, memory)
    if hosts:
        print_hosts(hosts)
        print_hosts_goals(hosts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
