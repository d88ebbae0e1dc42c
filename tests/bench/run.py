#!/usr/bin/env python3
"""run.py --canned EXE --client EXE --floor EXE [--work DIR] [--quick] [--rounds N]

Measures the library, the floor and other clients side by side against one server of prepared answers. Each round runs
every one of them once, so that what disturbs the machine disturbs all. The environment variable WSC_VENV names a
Python environment with pypsrp. --quick only checks that everything runs and that the counts are right.
"""
import argparse
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
OURS, FLOOR = "libwsman-client", "floor"
HELLO = 7   # bytes that each small command says

# (title, what, last argument, only for ours)
WORKLOADS = [
    ("commands", "commands", None, False),
    ("commands, 8 at a time", "commands", "8", True),
    ("stdout, 500 KB answers", "stream", "500", False),
    ("stdout, 150 KB answers", "stream", "150", False),
    ("stdout, 500 KB, pulled", "pull", "500", True),
]
# workload, limit, unit, whether less is better
GOALS = [
    ("commands", 0.5, "ms CPU per command", True),
    ("commands", 0.25, "ms CPU per command", True),
    ("stdout, 500 KB answers", 300, "MB per CPU-second", False),
    ("stdout, 500 KB answers", 600, "MB per CPU-second", False),
]


class Failure(Exception):
    """A part did not run, or counted wrongly."""


class Server:
    """The server of prepared answers, in a process of its own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        words = self.process.stdout.readline().split()
        if len(words) != 2:
            raise Failure("the server did not start")
        self.port = words[1]

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
    who = {OURS: [args.client], FLOOR: [args.floor]}
    for name, (command, why) in (("pywinrm", find_python_peer("winrm", "peer_pywinrm.py")),
                                 ("pypsrp", find_python_peer("pypsrp", "peer_pypsrp.py")),
                                 ("masterzen", find_masterzen(args.work))):
        if command:
            who[name] = command
        else:
            print(f"missing: {name}: {why}")
    return who


def amount_of(name, what, quick):
    """commands, or MB; peers get less, as they take longer"""
    if quick:
        return 20 if what == "commands" else 4
    own = name in (OURS, FLOOR)
    if what == "commands":
        return 2000 if own else 200
    return 500 if own else 40


def receives_of(what, amount, last):
    """how many Receive a workload needs"""
    if what == "commands":
        return amount
    piece = int(last) * 750
    return -(-amount * 1000000 // piece)


def check_counts(name, before, after, commands, receives):
    """every command has come with its five requests"""
    wanted = {"create": commands, "command": commands, "receive": receives, "signal": commands, "delete": commands,
              "errors": 0}
    for kind, number in wanted.items():
        seen = after[kind] - before[kind]
        if seen != number:
            raise Failure(f"{name}: the server has seen {seen} of {kind}, not {number}")


def run_one(server, name, command, workload, quick):
    """one run of one client: the figures it printed"""
    _, what, last, _ = workload
    amount = amount_of(name, what, quick)
    where = f"http://127.0.0.1:{server.port}/wsman" if name == OURS else server.port
    line = command + [where, what, str(amount)] + ([last] if last else [])
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", NO_PROXY="*")
    before = server.stats()
    done = subprocess.run(line, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                          env=env)
    words = done.stdout.split()
    if done.returncode or words[:1] != ["result"]:
        raise Failure(f"{name}, {workload[0]}: status {done.returncode}: {done.stderr[-1000:]}")
    got = {key: float(value) for key, value in (word.split("=") for word in words[1:])}
    count, size = (amount, amount * HELLO) if what == "commands" else (1, amount * 1000000)
    if (got["count"], got["bytes"]) != (count, size):
        raise Failure(f"{name}, {workload[0]}: {done.stdout.strip()}, not count={count} bytes={size}")
    check_counts(name, before, server.stats(), count, receives_of(what, amount, last))
    return got


def figure(workload, got):
    """ms of CPU for a command, or decoded MB for a second of CPU"""
    cpu = max(got["cpu"], 1e-6)
    return cpu * 1e3 / got["count"] if workload[1] == "commands" else got["bytes"] * 1e-6 / cpu


def measure(server, who, rounds, quick):
    """(workload title, name) -> list of figures, and of memory"""
    figures, memory = {}, {}
    for number in range(rounds):
        for workload in WORKLOADS:
            for name, command in who.items():
                if workload[3] and name != OURS:
                    continue
                got = run_one(server, name, command, workload, quick)
                key = workload[0], name
                figures.setdefault(key, []).append(figure(workload, got))
                memory.setdefault(key, []).append(got["rss_kb"] / 1024)
        print(f"round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return figures, memory


def ratio(less, value, other):
    """how many times better `other` is than `value`"""
    return f"{value / other if less else other / value:8.1f}" if other and value else "        "


def print_table(figures, memory):
    """one line for each workload and client"""
    print(f"{'':24}{'':18}{'best':>10}{'median':>10}{'':10}{'x ours':>8}{'x floor':>8}{'MiB':>7}")
    for title, what, _, _ in WORKLOADS:
        less = what == "commands"
        unit = "ms" if less else "MB/s"
        middle = {name: statistics.median(values) for (t, name), values in figures.items() if t == title}
        for (t, name), values in figures.items():
            if t != title:
                continue
            best = min(values) if less else max(values)
            digits = 3 if less else 0
            print(f"{title:24}{name:18}{best:10.{digits}f}{middle[name]:10.{digits}f} {unit:9}"
                  f"{ratio(less, middle[name], middle.get(OURS))}{ratio(less, middle[name], middle.get(FLOOR))}"
                  f"{max(memory[t, name]):7.0f}")


def print_goals(figures):
    """what we want, and whether it is so"""
    for title, limit, unit, less in GOALS:
        values = figures[title, OURS]
        best, middle = (min if less else max)(values), statistics.median(values)
        met = [value < limit if less else value > limit for value in (middle, best)]
        word = "met" if met[0] else "met by the best round only" if met[1] else "NOT met"
        print(f"goal: {title}: {'under' if less else 'over'} {limit} {unit}: {word} (median {middle:.3f}, "
              f"best {best:.3f})")


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


def main():
    """parses, runs, prints"""
    parser = argparse.ArgumentParser()
    for name in ("--canned", "--client", "--floor"):
        parser.add_argument(name, required=True)
    parser.add_argument("--work", default=".")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    args.work = os.path.abspath(args.work)
    who = find_all(args)
    server = Server(args.canned)
    try:
        figures, memory = measure(server, who, 1 if args.quick else args.rounds, args.quick)
    except (Failure, subprocess.TimeoutExpired) as error:
        print(f"FAIL {error}")
        return 1
    finally:
        server.stop()
    if args.quick:
        print(f"{len(figures)} runs by {', '.join(who)}: all counts are right")
        return 0
    print(machine())
    print_table(figures, memory)
    print_goals(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
