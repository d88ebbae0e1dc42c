#!/usr/bin/env python3
"""monitor.py --canned EXE --monitor EXE [--endpoints N] [--rounds N] [--interval SECONDS] [--quick]

The example 11-monitor on many endpoints of 127.0.0.0/8 that one server of prepared answers plays, on one that refuses
connections and on one that never says anything. Everything is waited for in what /metrics tells. Prints what the
example takes. --quick: 20 endpoints, as a test.
"""
import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATIENCE = 120          # seconds until something that does not happen is a failure
DEADLINE = 1            # seconds
OPTIONS = ["--", "auth=basic", "trusted-hosts=*", "allow-unencrypted=true", f"deadline={int(DEADLINE * 1000)}ms"]
VALUES = ("windows_cpu_percent", "windows_cpu_kernel_percent", "windows_interrupts_per_second",
          "windows_memory_available_bytes")


def fetch(url):
    """the text of a page"""
    with OPENER.open(url, timeout=PATIENCE) as reply:
        return reply.read().decode()


def scrape(url):
    """name -> value, or name -> {host: value}"""
    found = {}
    for line in fetch(url).splitlines():
        if line.startswith("#"):
            continue
        name, host, value = re.fullmatch(r'(\w+)(?:\{host="([^"]*)"\})? (\S+)', line).groups()
        if host is None:
            found[name] = float(value)
        else:
            found.setdefault(name, {})[host] = float(value)
    return found


def wait_for(url, what, condition, pace=0.02):
    """the first page for which it holds"""
    end = time.monotonic() + PATIENCE
    while True:
        page = scrape(url)
        if condition(page):
            return page
        if time.monotonic() > end:
            raise SystemExit(f"FAIL {what}: {fetch(url)[-3000:]}")
        time.sleep(pace)    # between two looks; what is waited for is on the page


def check(condition, what):
    """or the end"""
    if not condition:
        raise SystemExit(f"FAIL {what}")


def addresses(number, port):
    """many names of one server"""
    return [f"127.{i >> 15 & 127}.{i >> 7 & 127}.{(i & 127) + 1}:{port}" for i in range(number)]


def watch(url, args, good, down, hangs):
    """the rounds, and what they cost"""
    def read(times):
        return lambda page: all(page["wsc_reads_total"][host] >= times and page.get("wsc_up", {}).get(host) == 1 and
                                all(host in page.get(name, {}) for name in VALUES) for host in good)

    begin = wait_for(url, "the first round", read(1))
    started = time.monotonic()
    page = wait_for(url, "the rounds", read(1 + args.rounds), args.interval / 2)
    wall = time.monotonic() - started
    check(all(0 <= value <= 100 for value in page["windows_cpu_percent"].values()), "per cent")
    reads = sum(page["wsc_reads_total"][host] - begin["wsc_reads_total"][host] for host in good)
    cpu = page["process_cpu_seconds_total"] - begin["process_cpu_seconds_total"]
    print(f"{len(good)} endpoints, {reads:.0f} reads of two classes in {wall:.1f} s: {cpu:.2f} s of CPU, "
          f"{cpu / reads * 1e3:.3f} ms a read, {cpu / wall * 100:.1f} % of a processor; "
          f"{page['process_resident_memory_bytes'] / 1048576:.1f} MiB")
    page = wait_for(url, "the failures", lambda page: all(page["wsc_failures_total"][host] >= 3 for host in (down, hangs)))
    for host in (down, hangs):
        check(page["wsc_up"][host] == 0, f"{host} is up")
        check(page["wsc_pause_seconds"][host] >= 8 * args.interval / 2, f"{host} is not left alone for longer")
        check(not any(host in page[name] for name in VALUES), f"{host} has values")
    check(page["wsc_read_seconds"][hangs] >= DEADLINE, "the deadline")


def run(args, directory, port):
    """the example, from its start to its end by a signal"""
    refusing, silent = socket.socket(), socket.socket()
    with refusing, silent:
        refusing.bind(("127.0.0.1", 0))     # and does not listen
        silent.bind(("127.0.0.1", 0))
        silent.listen()                     # and does not accept
        down, hangs = (f"127.0.0.1:{s.getsockname()[1]}" for s in (refusing, silent))
        good = addresses(args.endpoints, port)
        path = os.path.join(directory, "hosts")
        with open(path, "w", encoding="ascii") as file:
            file.write("# hosts\n\n" + "\n".join(good[1:]) + f"\n  {hangs} # hangs\n")
        command = [args.monitor, "-p", "0", "-i", str(args.interval), "-n", "100", "-s", "5", "-f", path, "bench", good[0], down]
        with subprocess.Popen(command + OPTIONS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, WSC_PASSWORD="bench")) as process:
            try:
                url = process.stdout.readline().strip()
                check(url, "it does not listen")
                watch(url, args, good, down, hangs)
                check(OPENER.open(url).status == 200, "the page")
            finally:
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate()
            check(process.returncode == 0 and not out, f"it ended with {process.returncode}: {out}{err}")
            for host in (down, hangs):
                check(err.count(f"{host}: ") == 1, f"{host} is not told of once: {err}")
            check("WSC_E_CONNECT" in err and "WSC_E_DEADLINE" in err, err)


def main():
    """parses, runs, checks with the server"""
    parser = argparse.ArgumentParser()
    for name in ("--canned", "--monitor"):
        parser.add_argument(name, required=True)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--interval", type=float, default=5)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.quick:
        args.endpoints, args.rounds, args.interval = 20, 3, 0.2
    with subprocess.Popen([args.canned, "--until-eof", "--any"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server, tempfile.TemporaryDirectory() as directory:
        port = server.stdout.readline().split()[1]
        run(args, directory, port)
        stats = dict(line.split() for line in fetch(f"http://127.0.0.1:{port}/stats").splitlines())
        check(stats["errors"] == "0" and int(stats["get"]) >= 2 * args.endpoints * (1 + args.rounds), stats)
        server.stdin.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
