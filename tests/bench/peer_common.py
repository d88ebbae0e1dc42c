"""What the Python peers share: the clocks, and the line that run.py reads."""
import resource
import sys
import time

THREADS = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Thread"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"


def cpu():
    """user and system time of this process in seconds"""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rss_kb():
    """the most memory this process has had; ru_maxrss may be that of the process it was started from"""
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def measure(work, amount):
    """work(amount) gives (commands, bytes); importing and starting Python is not counted"""
    wall, begin = time.monotonic(), cpu()
    count, size = work(amount)
    used, wall = cpu() - begin, time.monotonic() - wall
    print(f"result count={count} bytes={size} wall={wall:.6f} cpu={used:.6f} rss_kb={rss_kb()}")


def main(commands, stream, logins=None, enumerate_them=None):
    """PORT commands N | PORT stream MB [KB] | PORT logins N | PORT enumerate N [KB]"""
    port, what, amount = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    kilo = int(sys.argv[4]) if len(sys.argv) > 4 else 500
    if what == "commands":
        measure(lambda n: commands(port, n), amount)
    elif what == "logins":
        measure(lambda n: logins(port, n), amount)
    elif what == "enumerate":
        measure(lambda n: enumerate_them(port, n, kilo), amount)
    else:
        measure(lambda n: stream(port, f"stream {n} {kilo}"), amount)
