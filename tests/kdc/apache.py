"""Apache with mod_auth_gssapi in front of a WinRM service, for tests.

In a directory and on ports of its own, as an ordinary user also where root
starts it; nothing of the machine's own Apache is read. The service behind it
is reached by HTTP Basic, which Apache adds: who logs in to Apache gets in.
"""

import collections
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from krb5conf import LOOPBACK, take_port

PROGRAM = "/usr/sbin/apache2"
MODULES = "/usr/lib/apache2/modules"
NEEDED = ("mpm_event authn_core authz_core authz_user setenvif env headers "
          "proxy proxy_http rewrite ssl session auth_gssapi").split()
NOBODY = 65534
LIMIT = 30

Seen = collections.namedtuple("Seen", "port number status user mechanism "
                                      "scheme")
SEEN = r'seen (\d+) (\d+) (\d+) "(.*)" (\S+) (\S+)$'
CONFIG = """
ServerRoot {directory}
ServerName localhost
PidFile pid
DefaultRuntimeDir .
Mutex file:. default
ErrorLog "|/bin/cat"
LogLevel warn mpm_event:notice
{modules}
ServerLimit 1
StartServers 1
ThreadsPerChild 32
MaxRequestWorkers 32
MinSpareThreads 1
MaxSpareThreads 32
KeepAlive On
KeepAliveTimeout 300
MaxKeepAliveRequests {requests}
LimitRequestFieldSize {field}
SSLSessionCache none
SetEnvIf Authorization "^(\\S+)" SCHEME=$1
LogFormat "seen %{{remote}}p %k %>s \\"%u\\" %{{GSS_MECH}}e %{{SCHEME}}e" seen
CustomLog "|/bin/cat" seen
Listen {http}
Listen {https}
<VirtualHost {https}>
  SSLEngine on
  SSLCertificateFile {cert}
  SSLCertificateKeyFile {key}
</VirtualHost>
<Location /wsman>
  AuthType GSSAPI
  AuthName WSMAN
  GssapiConnectionBound {bound}
  GssapiSignalPersistentAuth On
  GssapiPublishMech On
  {mechanisms}
  Require valid-user
  # a leg of a login that is accepted is answered here
  RewriteEngine On
  RewriteCond %{{HTTP:Content-Length}} =0
  RewriteRule ^ - [R=200]
  RequestHeader set Authorization "{authorization}"
  ProxyPass {backend}
</Location>
"""


def missing():
    """Return why there can be none here, or None."""
    if not shutil.which(PROGRAM):
        return "apache2 is not there (package apache2-bin)"
    if not os.path.exists(os.path.join(MODULES, "mod_auth_gssapi.so")):
        return "mod_auth_gssapi is not there (libapache2-mod-auth-gssapi)"
    return None


class Apache:
    """A running Apache; a context manager.

    backend is the URL of the service, authorization how to get in there,
    accounts are lines for gss-ntlmssp, (cert, key) paths of PEM files.
    bound: a login is the connection's, else it is needed with each request;
    requests: after so many it closes a connection (0: never); field: longer
    headers are a bad request. It ends with the thread that made it.
    """

    def __init__(self, backend, authorization, keytab, accounts, pair,
                 mechanisms=("krb5", "ntlmssp"), bound=True, requests=0,
                 field=8190):
        self.directory = tempfile.mkdtemp(prefix="apache-")
        self.process = None
        self.lines = []
        self.begin = 0
        self.ticks = threading.Condition()
        try:
            for path, name in (keytab, "keytab"), (pair[0], "cert"), (
                    pair[1], "key"):
                shutil.copyfile(path, self._path(name))
            self._write("accounts", "".join(a + "\n" for a in accounts))
            self._start({"backend": backend, "authorization": authorization,
                         "bound": "On" if bound else "Off",
                         "requests": requests, "field": field,
                         "mechanisms": "\n  ".join(
                             "GssapiAllowedMech " + m for m in mechanisms)})
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def _start(self, settings):
        reserved = [sock for _ in range(2) for sock in take_port()]
        self.http, self.https = ("%s:%d" % (LOOPBACK, sock.getsockname()[1])
                                 for sock in reserved[::2])
        self._write("httpd.conf", CONFIG.format(
            directory=self.directory, http=self.http, https=self.https,
            cert=self._path("cert"), key=self._path("key"),
            modules="\n".join("LoadModule %s_module %s/mod_%s.so"
                              % (name, MODULES, name) for name in NEEDED),
            **settings))
        command = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            command += ["--reuid=%d" % NOBODY, "--regid=%d" % NOBODY,
                        "--clear-groups"]
            for name in "", *os.listdir(self.directory):
                os.chown(self._path(name), NOBODY, NOBODY)
        self.process = subprocess.Popen(
            command + [PROGRAM, "-DFOREGROUND", "-f",
                       self._path("httpd.conf")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            env={"PATH": os.environ.get("PATH", os.defpath),
                 "KRB5_KTNAME": "FILE:" + self._path("keytab"),
                 "KRB5RCACHENAME": "file2:" + self._path("seen"),
                 "KRB5_CONFIG": os.devnull,
                 "NTLM_USER_FILE": self._path("accounts")})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            self.wait(lambda lines: "resuming normal" in "".join(lines))
        finally:
            for sock in reserved:
                sock.close()

    def _read(self):
        for line in self.process.stdout:
            with self.ticks:
                self.lines.append(line)
                self.ticks.notify_all()
        with self.ticks:
            self.lines.append(None)
            self.ticks.notify_all()

    def stop(self):
        """End it and remove its directory."""
        if self.process:
            self.process.terminate()
            self.process.wait(LIMIT)
            self.reader.join(LIMIT)
            self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        """Return what it has said."""
        return "".join(line for line in self.lines if line)

    def wait(self, enough):
        """Wait until enough(its lines) is true; return that."""
        end = time.monotonic() + LIMIT
        with self.ticks:
            while True:
                result = enough([line for line in self.lines if line])
                left = end - time.monotonic()
                if result:
                    return result
                if left <= 0 or None in self.lines:
                    raise AssertionError(self.log())
                self.ticks.wait(left)

    def mark(self):
        """Let seen() begin with what comes after this."""
        self.begin = len(self.lines)

    def seen(self, enough):
        """Return the requests since mark(), once enough(these) is true.

        Of each: the client's port, how many came before it on the
        connection, the status, the user (or "-"), the mechanism, the scheme
        of its Authorization.
        """
        def requests(lines):
            found = [Seen(*(word.replace("\\" * 2, "\\") for word in
                            match.groups()))
                     for match in map(re.compile(SEEN).match,
                                      lines[self.begin:]) if match]
            return found if enough(found) else None
        return self.wait(requests)
