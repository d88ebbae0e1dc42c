"""Child processes: finding, counting and ending them; exit codes."""

import ctypes
import os
import signal

PR_SET_CHILD_SUBREAPER = 36

STATUS_CONTROL_C_EXIT = 0xC000013A
# What Windows reports for the nearest kind of abnormal end.
SIGNAL_CODES = {
    signal.SIGINT: STATUS_CONTROL_C_EXIT,
    signal.SIGTERM: STATUS_CONTROL_C_EXIT,
    signal.SIGSEGV: 0xC0000005,
    signal.SIGBUS: 0xC0000005,
    signal.SIGILL: 0xC000001D,
    signal.SIGFPE: 0xC0000094,
    signal.SIGABRT: 0xC0000409,
}


def exit_code(status, through_shell, interrupted):
    """Turn a Popen return code into the uint32 that Windows would give."""
    if status < 0:
        return SIGNAL_CODES.get(-status, 1)
    if not through_shell:
        return status
    if interrupted and status - 128 in SIGNAL_CODES:
        return SIGNAL_CODES[status - 128]
    # cmd.exe /C answers 1 when it cannot find or cannot run the program.
    return 1 if status in (126, 127) else status


def become_subreaper():
    """Adopt orphaned grandchildren so that none of them can escape."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def process_table():
    """Yield (pid, state, ppid, session) of all processes."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            continue
        yield int(name), fields[0], int(fields[1]), int(fields[3])


def count_sessions(sessions):
    """Return how many live processes belong to the given sessions."""
    return sum(1 for _, state, _, session in process_table()
               if session in sessions and state != b"Z")


def live_children():
    """Return the pids of all our live children, adopted ones included."""
    me = os.getpid()
    return [pid for pid, state, parent, _ in process_table()
            if parent == me and state != b"Z"]


def kill_group(pid, sig=signal.SIGKILL):
    """Signal a whole process group; a group that is gone is no error."""
    try:
        os.killpg(pid, sig)
    except (ProcessLookupError, PermissionError):
        pass


def kill_all_children():
    """Kill every descendant; used at the end of the service only."""
    # Killing a parent makes its children ours, so repeat until none is left.
    while True:
        children = live_children()
        if not children:
            return
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
