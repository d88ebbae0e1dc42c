"""A Windows domain for tests: Samba's Active Directory, in namespaces of its
own for network, files and processes.

Wants root, and Debian's samba, samba-ad-provision, samba-dsdb-modules,
samba-vfs-modules, winbind and ldb-tools.
"""

import contextlib
import ctypes
import glob
import os
import shutil
import subprocess
import tempfile
import time

LIMIT = 120
PAUSE = 0.05               # between two looks whether a service is up
ADDRESS = "10.53.0.1"
PASSWORD = "Passw0rd-of-the-domain"
NAMESPACES = ("--mount", "--net", "--pid")
PROGRAMS = ("samba", "samba-tool", "ntlm_auth", "wbinfo", "ldbmodify",
            "unshare", "nsenter", "setpriv", "ip")
FILES = {"/usr/share/samba/setup": "samba-ad-provision",
         "/usr/lib/*/samba/vfs/acl_xattr.so": "samba-vfs-modules",
         "/usr/lib/*/samba/ldb/samba_dsdb.so": "samba-dsdb-modules"}
# What Samba has at fixed places, and what tells who is where, is our own
# here. On a tmpfs nothing waits for a disk.
START = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$DIRECTORY"
for place in /etc/samba /var/lib/samba /var/cache/samba /var/log/samba \
        /run/samba; do
    mkdir -p "$DIRECTORY$place" $place
    mount --bind "$DIRECTORY$place" $place
done
mkdir -p /var/lib/samba/private
ip link set lo up
ip address add $ADDRESS/32 dev lo
printf 'nameserver %s\\n' $ADDRESS > "$DIRECTORY/resolv.conf"
printf '127.0.0.1 localhost %s\\n%s dc.%s\\n' \
    "$HOSTS" $ADDRESS $DOMAIN > "$DIRECTORY/hosts"
mount --bind "$DIRECTORY/resolv.conf" /etc/resolv.conf
mount --bind "$DIRECTORY/hosts" /etc/hosts
samba-tool domain provision --realm=$DOMAIN --domain=$SHORT \
    --server-role=dc --dns-backend=SAMBA_INTERNAL --adminpass=$PASSWORD \
    --host-name=dc --host-ip=$ADDRESS --option='disable netbios=yes' \
    --option="interfaces=127.0.0.1 $ADDRESS" \
    --option='bind interfaces only=yes' --option='tls enabled=no' \
    --option='server services=-s3fs'
samba-tool domain passwordsettings set --min-pwd-age=0
exec samba --foreground --no-process-group --debug-stdout
"""


def missing():
    """Return why there can be no domain here, or None."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    for program in PROGRAMS:
        if not shutil.which(program, path=path):
            return "%s is not there (samba, winbind, ldb-tools)" % program
    for place, package in FILES.items():
        if not glob.glob(place):
            return "the package %s is not there" % package
    tried = subprocess.run(["unshare", *NAMESPACES, "--fork", "true"],
                           check=False, capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else None


class Domain:
    """A running domain; a context manager. It ends with the thread that made
    it.

    hosts are names that are this machine's address inside, beside localhost.
    """

    def __init__(self, realm="AD.TEST", short="AD", hosts=()):
        self.realm, self.short = realm, short
        self.controller = "dc." + realm.lower()
        self.directory = tempfile.mkdtemp(prefix="samba-")
        env = dict(os.environ, DIRECTORY=self.directory, ADDRESS=ADDRESS,
                   DOMAIN=realm.lower(), SHORT=short, PASSWORD=PASSWORD,
                   HOSTS=" ".join((os.uname().nodename, *hosts)),
                   LC_ALL="C.UTF-8")
        env["PATH"] += ":/usr/sbin:/sbin"
        with open(self.directory + ".log", "wb") as log:
            # setpriv, --kill-child: not even a killed test leaves any.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", *NAMESPACES,
                 "--fork", "--kill-child=KILL", "sh", "-c", START],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        try:
            self._wait("ready", ["test", "-d", "/var/lib/samba/sysvol"])
            self._wait("Kerberos", ["bash", "-c",
                                    ": < /dev/tcp/%s/88" % ADDRESS])
            self._wait("winbind", ["wbinfo", "--ping-dc"])
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _inside(self):
        """Return the process id of the first process inside, or None."""
        path = "/proc/%d/task/%d/children" % (self.process.pid,
                                              self.process.pid)
        try:
            with open(path, encoding="ascii") as file:
                return (file.read().split() or [None])[0]
        except FileNotFoundError:
            return None

    def _wait(self, what, probe):
        """Wait until a command succeeds inside."""
        end = time.monotonic() + LIMIT
        while self.process.poll() is None and time.monotonic() < end:
            if self._inside() and not self.run(*probe,
                                               check=False).returncode:
                return
            # There is nothing to wait on: Samba tells nobody.
            time.sleep(PAUSE)
        raise RuntimeError("no %s: %s" % (what, self.log()[-3000:]))

    def log(self):
        """Return what Samba said."""
        with open(self.directory + ".log", encoding="utf-8",
                  errors="replace") as file:
            return file.read()

    def stop(self):
        """End it and all that runs inside."""
        self.process.kill()
        self.process.wait(LIMIT)
        shutil.rmtree(self.directory, ignore_errors=True)
        os.unlink(self.directory + ".log")

    # --- being inside ---

    def command(self, *words):
        """Return a command line that runs this one inside."""
        return ["nsenter", "--target", self._inside(), *NAMESPACES, "--",
                *words]

    def run(self, *words, check=True, **more):
        """Run a command inside."""
        more.setdefault("stdin", subprocess.DEVNULL)
        if "input" in more:
            del more["stdin"]
        return subprocess.run(self.command(*words), check=check,
                              capture_output=True, text=True, timeout=LIMIT,
                              **more)

    @contextlib.contextmanager
    def entered(self):
        """Be inside, with all that we start, until the end of the block.

        Only for a process with one thread.
        """
        kinds = ("net", "mnt")
        libc = ctypes.CDLL(None, use_errno=True)
        before = [os.open("/proc/self/ns/" + k, os.O_RDONLY) for k in kinds]
        inside = self._inside()
        there = [os.open("/proc/%s/ns/%s" % (inside, k), os.O_RDONLY)
                 for k in kinds]
        directory = os.getcwd()

        def change(descriptors):
            for descriptor in descriptors:
                if libc.setns(descriptor, 0):
                    raise OSError(ctypes.get_errno(), "setns")
            os.chdir(directory)
        try:
            change(there)
            yield self
        finally:
            change(before)
            for descriptor in before + there:
                os.close(descriptor)

    # --- its directory ---

    def tool(self, *words):
        """Run samba-tool."""
        return self.run("samba-tool", *words).stdout

    def principal(self, name):
        """Return a name with its realm."""
        return "%s@%s" % (name, self.realm)

    def add_user(self, name, password, *options):
        """Add a user."""
        self.tool("user", "add", name, password, *options)

    def add_service(self, account, *names, enctypes=28, password=PASSWORD):
        """Add an account that services run as; return its keytab's path.

        The keytab is a file inside. enctypes is the sum of 4 (RC4), 8 and 16
        (AES).
        """
        self.add_user(account, password)
        self.run("ldbmodify", "--url=/var/lib/samba/private/sam.ldb", input=(
            "dn: CN=%s,CN=Users,DC=%s\nchangetype: modify\n"
            "replace: msDS-SupportedEncryptionTypes\n"
            "msDS-SupportedEncryptionTypes: %d\n" % (
                account, self.realm.lower().replace(".", ",DC="), enctypes)))
        for name in names:
            self.tool("spn", "add", name, account)
        return self.extract(account + ".keytab", account, *names)

    def extract(self, file, *names):
        """Put the keys of principals into a keytab; return its path."""
        path = os.path.join(self.directory, file)
        for name in names:
            self.tool("domain", "exportkeytab", "--principal=" + name, path)
        return path
