"""Tests of the endpoint: configuration, listeners, mappings."""

import http.client
import os
import ssl
import subprocess
import tempfile
import unittest

import certs
from handler import MUTUAL
from harness import DMTF, PASSWORD, USER, Endpoint, envelope
from listeners import thumbprints
from wsmancase import (CONFIG, ENUM, WMI, ResourceCase, Resources, context,
                       items, keys_of, tag, values)

LISTENER = CONFIG + "/listener"
MAPPING = CONFIG + "/service/certmapping"
ITEM = WMI + "Test_Item"
THUMBPRINT = "0123456789abcdef0123456789ABCDEF01234567"


def cfg(name, inner, uri=CONFIG):
    """Return an element of the configuration."""
    return '<c:%s xmlns:c="%s">%s</c:%s>' % (name, uri, inner, name)


def elements(**named):
    """Return elements in the configuration's namespace."""
    return "".join("<c:%s>%s</c:%s>" % (n, v, n) for n, v in named.items())


class ConfigTest(ResourceCase):
    """Settings: read, changed, refused, and in effect."""

    arguments = ("--allow-unencrypted", "--gpo", "winrs/maxshellsperuser=7")

    def put(self, path, name, **named):
        uri = CONFIG + path
        return self.client.put(uri, cfg(name, elements(**named), uri))

    def test_all_uris(self):
        for path, name in (("", "Config"), ("/client", "Client"),
                           ("/client/auth", "Auth"),
                           ("/client/defaultports", "DefaultPorts"),
                           ("/service", "Service"), ("/service/auth", "Auth"),
                           ("/service/defaultports", "DefaultPorts"),
                           ("/winrs", "Winrs")):
            uri = CONFIG + path
            answer = self.client.get(uri)
            self.assertIsNotNone(answer.find(uri, name), path)
            # All that is read can be written back.
            element = answer.text.partition("<s:Body>")[2].partition(
                "</s:Body>")[0]
            answer = self.client.put(uri, element)
            if path == "/service/defaultports":
                self.assert_fault(answer, 0x80338013)
            else:
                self.assertEqual(answer.status, 200, answer.text)

    def test_put(self):
        answer = self.put("/client", "Client", TrustedHosts="*.a,10.0.0.1")
        self.assertEqual(answer.text_of(CONFIG + "/client", "TrustedHosts"),
                         "*.a,10.0.0.1")
        self.assertEqual(answer.text_of(CONFIG + "/client",
                                        "NetworkDelayms"), "5000")
        # Any case, other namespaces, elements within elements.
        answer = self.client.put(CONFIG, cfg("config", elements(
            maxtimeoutms=30000, CLIENT=elements(AUTH=elements(
                digest="false"))), "urn:other"))
        self.assertEqual(answer.text_of(CONFIG, "MaxTimeoutms"), "30000")
        self.assertEqual(answer.text_of(CONFIG, "Digest"), "false")
        self.endpoint.control("POST", "reset")
        self.assertEqual(self.client.get(CONFIG).text_of(
            CONFIG, "MaxTimeoutms"), "60000")

    def test_refused(self):
        for path, name, named, code in (
                ("", "Config", {"MaxTimeoutms": "soon"}, 0x80338041),
                ("", "Config", {"MaxTimeoutms": "499"}, 0x80338041),
                ("", "Config", {"MaxEnvelopeSizekb": "31"}, 0x80338041),
                ("", "Config", {"MaxEnvelopeSizekb": "4294967296"},
                 0x80338041),
                ("", "Config", {"Unknown": "1"}, 0x80338041),
                ("", "Client", {"TrustedHosts": "a"}, 0x80338041),
                ("", "Config", {"MaxProviderRequests": "25"}, 0x8033813F),
                ("/service", "Service", {"MaxConcurrentOperations": "1"},
                 0x8033813F),
                ("/service", "Service", {"AllowUnencrypted": "yes"},
                 0x80338041),
                ("/service/auth", "Auth", {"Digest": "true"}, 0x80338041),
                ("/service/auth", "Auth", {"CbtHardeningLevel": "High"},
                 0x803381B8),
                ("/service", "Service", {"RootSDDL": "no"}, 0x8033815C),
                ("/service", "Service", {"IPv4Filter": "1.2.3"}, 0x803380EC),
                ("/client", "Client", {"TrustedHosts": "a b"}, 0x8033809F),
                ("/client/defaultports", "DefaultPorts", {"HTTP": "0"},
                 0x803380DC),
                ("/winrs", "Winrs", {"MaxShellsPerUser": "8"}, 0x8033808A)):
            answer = self.put(path, name, **named)
            self.assert_fault(answer, code)
        self.assert_fault(self.client.get(CONFIG, [("a", "b")]), 0x8033803D)
        # All or nothing.
        self.put("", "Config", MaxTimeoutms=1000, MaxBatchItems="x")
        self.assertEqual(self.client.get(CONFIG).text_of(
            CONFIG, "MaxTimeoutms"), "60000")

    def test_policy(self):
        uri = CONFIG + "/winrs"
        element = self.client.get(uri).find(uri, "MaxShellsPerUser")
        self.assertEqual((element.text, element.get("Source")), ("7", "GPO"))
        self.assertEqual(self.put("/winrs", "Winrs",
                                  MaxShellsPerUser="7").status, 200)
        self.endpoint.control("POST", "gpo?set=Client/TrustedHosts=x")
        self.assert_fault(self.put("/client", "Client", TrustedHosts="y"),
                          0x8033808A)
        self.assertEqual(self.endpoint.control(
            "POST", "gpo?set=No/Such=x")[0], 400)

    def test_restore(self):
        self.put("", "Config", MaxTimeoutms=1000)
        self.client.put(LISTENER, cfg("Listener", elements(Hostname="h")),
                        [("Address", "*"), ("Transport", "HTTP")])
        answer = self.client.post(envelope(
            CONFIG + "/Restore", cfg("Restore_INPUT", ""), uri=CONFIG))
        self.assertEqual(answer.status, 200)
        answer = self.client.get(CONFIG)
        self.assertEqual(answer.text_of(CONFIG, "MaxTimeoutms"), "60000")
        self.assertEqual(answer.text_of(CONFIG, "MaxShellsPerUser"), "7")

    def test_effects(self):
        self.put("", "Config", MaxEnvelopeSizekb=32)
        self.assertEqual(self.client.post(envelope("x", "y" * 40000)).status,
                         413)
        client = self.new_client()
        self.put("/winrs", "Winrs", AllowRemoteShellAccess="false")
        self.assert_fault(client.create(), 0x803381AC)
        self.put("/winrs", "Winrs", AllowRemoteShellAccess="1",
                 IdleTimeout=90000)
        client.create()
        self.assertEqual(client.get(
            "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
            [("ShellId", client.shell)]).text_of(
                "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
                "IdleTimeOut"), "PT90.000S")
        self.put("", "Config", MaxBatchItems=2)
        answer = client.enumerate(ITEM, count=5)
        self.assertEqual(len(items(answer)), 2)
        self.put("/service", "Service", MaxConcurrentOperationsPerUser=1)
        self.assert_fault(client.get(CONFIG), 0x803381A6)
        self.assertEqual(client.release(ITEM, context(answer)).status, 200)
        self.put("/service/auth", "Auth", Basic="false")
        self.assertEqual(client.get(CONFIG).status, 401)

    def test_unencrypted(self):
        self.put("/service", "Service", AllowUnencrypted="false")
        self.assertEqual(self.client.get(CONFIG).status, 401)

    def test_fragments(self):
        self.assert_fault(self.client.get(CONFIG, headers=(
            '<w:FragmentTransfer s:mustUnderstand="true">Client'
            "</w:FragmentTransfer>")), 0x80338077)


class GpoOptionTest(unittest.TestCase):
    """--gpo with something that is no setting."""

    def test_refused(self):
        for text in ("No/Such=1", "Winrs/MaxShellsPerUser=x"):
            here = os.path.dirname(os.path.abspath(__file__))
            done = subprocess.run(
                ["/usr/bin/python3", os.path.join(here, "endpoint.py"),
                 "--password", "x", "--gpo", text], capture_output=True,
                stdin=subprocess.DEVNULL, check=False)
            self.assertEqual(done.returncode, 2)


class ListenerTest(ResourceCase):
    """Listeners."""

    KEYS = [("Address", "*"), ("Transport", "HTTP")]

    def listener(self, **named):
        return cfg("Listener", elements(**named), LISTENER)

    def test_running_one(self):
        found = self.client.all_items(LISTENER)
        self.assertEqual(len(found), 1)
        values_of = values(found[0])
        self.assertEqual(values_of["Port"], str(self.endpoint.port))
        self.assertEqual(values_of["ListeningOn"], "127.0.0.1")
        answer = self.client.get(LISTENER, self.KEYS)
        self.assertEqual(answer.text_of(LISTENER, "Transport"), "HTTP")
        for mode in ("EnumerateEPR", "EnumerateObjectAndEPR"):
            found = self.client.all_items(
                LISTENER, "<w:EnumerationMode>%s</w:EnumerationMode>" % mode)
            self.assertEqual(keys_of(found[0]),
                             {"Address": "*", "Transport": "HTTP"})

    def test_create(self):
        keys = [("Address", "IP:127.0.0.1"), ("Transport", "http")]
        answer = self.client.make(LISTENER, self.listener(Port=0), keys)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(keys_of(answer.root)["Transport"], "HTTP")
        port = self.client.get(LISTENER, keys).text_of(LISTENER, "Port")
        other = Resources(self.endpoint, http.client.HTTPConnection(
            "127.0.0.1", int(port), timeout=10))
        self.addCleanup(other.close)
        self.assertEqual(other.get(CONFIG).status, 200)
        self.assert_fault(self.client.make(LISTENER, self.listener(), keys),
                          0x80338033, "w:AlreadyExists")
        self.assertEqual(len(self.client.all_items(LISTENER)), 2)
        self.assertEqual(self.client.put(LISTENER, self.listener(
            Enabled="false"), keys).text_of(LISTENER, "ListeningOn"), None)
        self.assertEqual(self.client.remove(LISTENER, keys).status, 200)
        self.assert_fault(self.client.remove(LISTENER, keys), 0x80338000)

    def test_refused(self):
        keys = [("Address", "*"), ("Transport", "HTTPS")]
        for selectors, named, code in (
                (keys, {}, 0x803380E7),
                (keys, {"CertificateThumbprint": "12"}, 0x80338041),
                (keys, {"CertificateThumbprint": THUMBPRINT,
                        "Port": "70000"}, 0x803380DC),
                ([("Address", "IP:1.2.3.4"), ("Transport", "HTTP")],
                 {"CertificateThumbprint": THUMBPRINT}, 0x803380E6),
                ([("Address", "IP:x"), ("Transport", "HTTP")], {},
                 0x80338089),
                ([("Address", "*"), ("Transport", "FTP")], {}, 0x8033805D),
                ([("Address", "*")], {}, 0x8033805A),
                (keys + [("Port", "1")], {}, 0x8033805B)):
            self.assert_fault(self.client.make(
                LISTENER, self.listener(**named), selectors), code)
        self.assert_fault(self.client.put(LISTENER, self.listener(
            Transport="HTTPS"), self.KEYS), 0x803380ED)
        self.assertEqual(self.client.make(LISTENER, self.listener(
            CertificateThumbprint=THUMBPRINT, Hostname="h", Port=1),
            keys).status, 200)
        answer = self.client.get(LISTENER, keys)
        self.assertIsNone(answer.find(LISTENER, "ListeningOn"))


class MappingTest(unittest.TestCase):
    """Certificate mappings, and whose certificate becomes whom."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        certs.make(directory.name)
        self.ca = os.path.join(directory.name, "ca.pem")
        self.issuer = thumbprints(self.ca)[0]
        self.endpoint = Endpoint("--make-cert", directory.name,
                                 "--https-port", "0", "--client-ca", self.ca)
        self.addCleanup(self.endpoint.stop)
        self.paths = {name: certs.make_client(directory.name, name)
                      for name in (USER, "someone")}
        self.keys = [("URI", "*"), ("Subject", "some*"),
                     ("Issuer", self.issuer)]

    def client(self, name=None):
        context = ssl.create_default_context(cafile=self.ca)
        if name:
            context.load_cert_chain(*self.paths[name])
        client = Resources(self.endpoint, http.client.HTTPSConnection(
            *self.endpoint.address(self.endpoint.urls[1]), timeout=30,
            context=context))
        self.addCleanup(client.close)
        return client

    def status(self, name):
        return self.client(name).post("x", {"Authorization": MUTUAL}).status

    @staticmethod
    def mapping(**named):
        return cfg("CertMapping", elements(**named), MAPPING)

    def test_mapping(self):
        client = self.client()
        self.assertEqual(self.status("someone"), 401)
        answer = client.make(MAPPING, self.mapping(
            UserName=USER, Password=PASSWORD, Enabled="true"), self.keys)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(keys_of(answer.root), dict(self.keys))
        answer = client.get(MAPPING, self.keys)
        self.assertIsNone(answer.text_of(MAPPING, "Password"))
        self.assertEqual(answer.text_of(MAPPING, "UserName"), USER)
        self.assertNotEqual(self.status("someone"), 401)
        self.assertEqual(self.status(USER), 401)
        auth = CONFIG + "/service/auth"
        for value, allowed in (("false", False), ("true", True)):
            client.put(auth, cfg("Auth", elements(Certificate=value)))
            self.assertEqual(self.status("someone") != 401, allowed)
        client.put(MAPPING, self.mapping(Enabled="false"), self.keys)
        self.assertEqual(self.status("someone"), 401)
        self.assertEqual(len(items(client.enumerate(MAPPING))), 1)
        self.assertEqual(client.remove(MAPPING, self.keys).status, 200)
        self.assertNotEqual(self.status(USER), 401)

    def test_refused(self):
        client = self.client()
        good = {"UserName": USER, "Password": PASSWORD}

        def code(named, **keys):
            return client.make(MAPPING, self.mapping(**named), list(
                dict(self.keys, **keys).items())).code
        self.assertEqual(code(good, Subject="a*b"), 0x80338161)
        self.assertEqual(code(good, Issuer="12"), 0x80338162)
        self.assertEqual(code({"UserName": USER}), 0x8033816B)
        self.assertEqual(code(dict(good, Password="no")), 0x80338154)
        self.assertIsNone(code(good))
        self.assertEqual(code(good), 0x80338033)
        answer = client.put(MAPPING, self.mapping(Subject="other"),
                            self.keys)
        self.assertEqual(answer.code, 0x80338172)


class ContextNameTest(ResourceCase):
    """The elements of replies are where the specification has them."""

    def test_names(self):
        answer = self.client.enumerate(LISTENER)
        body = answer.find(ENUM, "EnumerateResponse")
        self.assertEqual([e.tag for e in body], [
            tag(ENUM, "EnumerationContext"), tag(DMTF, "Items"),
            tag(DMTF, "EndOfSequence")])


if __name__ == "__main__":
    unittest.main()
