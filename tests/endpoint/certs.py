"""A certification authority, server and client certificates for tests."""

import os
import subprocess

NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"


def _openssl(directory, *args):
    subprocess.run(("openssl",) + args, cwd=directory, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make(directory):
    """Write ca.pem, server.pem and server.key; return the last two paths.

    Files that exist are kept, so that clients may go on trusting the CA.
    """
    os.makedirs(directory, exist_ok=True)
    cert = os.path.join(directory, "server.pem")
    key = os.path.join(directory, "server.key")
    if os.path.exists(cert) and os.path.exists(key):
        return cert, key
    new_key = ("-newkey", "rsa:2048", "-nodes")
    _openssl(directory, "req", "-x509", *new_key, "-days", "3650",
             "-subj", "/CN=WinRM test CA", "-keyout", "ca.key",
             "-out", "ca.pem", "-addext", "keyUsage=keyCertSign,cRLSign")
    _openssl(directory, "req", *new_key, "-subj", "/CN=localhost",
             "-keyout", "server.key", "-out", "server.csr")
    extensions = os.path.join(directory, "server.ext")
    with open(extensions, "w", encoding="ascii") as out:
        out.write("subjectAltName=%s\nextendedKeyUsage=serverAuth\n"
                  "basicConstraints=CA:FALSE\n" % NAMES)
    _openssl(directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem",
             "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650",
             "-extfile", "server.ext", "-out", "server.pem")
    os.chmod(key, 0o600)
    os.chmod(os.path.join(directory, "ca.key"), 0o600)
    return cert, key


def make_client(directory, name):
    """Make a certificate for this user by the CA of make(); return its paths.

    They are those of the certificate, the key, and both in a PKCS#12 file
    with the password "secret".
    """
    paths = [os.path.join(directory, name + end)
             for end in (".pem", ".key", ".p12")]
    _openssl(directory, "req", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=" + name, "-keyout", paths[1], "-out", "client.csr")
    extensions = os.path.join(directory, "client.ext")
    with open(extensions, "w", encoding="ascii") as out:
        out.write("extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n")
    _openssl(directory, "x509", "-req", "-in", "client.csr", "-CA", "ca.pem",
             "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650",
             "-extfile", "client.ext", "-out", paths[0])
    _openssl(directory, "pkcs12", "-export", "-in", paths[0], "-inkey",
             paths[1], "-certfile", "ca.pem", "-passout", "pass:secret",
             "-out", paths[2])
    return paths
