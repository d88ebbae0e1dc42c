"""A certification authority, server and client certificates for tests."""

import os
import subprocess

NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"
RSA, EC = ("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
# The keys, and how the CA signs.
KINDS = {"rsa-sha256": (RSA, ("-sha256",)), "rsa-sha384": (RSA, ("-sha384",)),
         "rsa-sha512": (RSA, ("-sha512",)),
         "rsa-pss-sha256": (RSA, ("-sha256",) + PSS),
         "rsa-pss-sha384": (RSA, ("-sha384",) + PSS),
         "ecdsa-sha256": (EC, ("-sha256",)),
         "ecdsa-sha384": (EC, ("-sha384",)),
         "ecdsa-sha512": (EC, ("-sha512",)), "ed25519": (("ed25519",), ())}


def _openssl(directory, *args):
    subprocess.run(("openssl",) + args, cwd=directory, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make(directory, kind="rsa-sha256"):
    """Write ca.pem, server.pem and server.key; return the last two paths.

    Files that exist are kept, so that clients may go on trusting the CA.
    """
    os.makedirs(directory, exist_ok=True)
    cert = os.path.join(directory, "server.pem")
    key = os.path.join(directory, "server.key")
    if os.path.exists(cert) and os.path.exists(key):
        return cert, key
    key_kind, signing = KINDS[kind]
    new_key = ("-newkey", *key_kind, "-nodes")
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
             "-extfile", "server.ext", "-out", "server.pem", *signing)
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
