"""Tests of the endpoint: HTTP, headers, shells, and its end.

Run: /usr/bin/python3 tests/endpoint/test_endpoint.py
This runs the tests of the other test_*.py as well.
"""

import os
import socket
import subprocess
import tempfile
import unittest
import uuid

from harness import (ADDR, CMD, DMTF, GONE, PASSWORD, RSP, TIMED_OUT,
                     TRANSFER, USER, Case, Client, Endpoint, authorization,
                     envelope, message_id)

IDENTIFY = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/'
            'wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body>'
            "</s:Envelope>")
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
SOAP_TYPE = {"Content-Type": "application/soap+xml;charset=UTF-8"}


class HttpTest(Case):
    """Paths, methods, authentication, sizes and encodings."""

    def request(self, method, path, body=None, headers=None):
        connection = self.client.connection
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()

    def test_paths_and_methods(self):
        self.assertEqual(self.request("POST", "/other", b"x")[0].status, 404)
        response, _ = self.request("GET", "/wsman")
        self.assertEqual((response.status, response.headers["Allow"]),
                         (405, "POST"))
        response, _ = self.request(
            "POST", "/wsman", b"x", {"Content-Type": "text/plain",
                                     "Authorization": authorization()})
        self.assertEqual(response.status, 415)

    def test_unauthorized(self):
        response, body = self.request("POST", "/wsman", b"", SOAP_TYPE)
        self.assertEqual((response.status, body), (401, b""))
        self.assertEqual(response.headers.get_all("WWW-Authenticate"),
                         ['Basic realm="WSMAN"'])
        wrong = dict(SOAP_TYPE, Authorization=authorization(USER, "no"))
        self.assertEqual(self.request("POST", "/wsman", b"", wrong)[0].status,
                         401)
        # The connection is still the first one.
        self.assertEqual(self.endpoint.wait(connections=1)["connections"], 1)
        self.assertEqual(self.client.create().status, 200)

    def test_user_names(self):
        name = authorization("HOST\\" + USER.upper(), PASSWORD)
        answer = self.client.post(IDENTIFY, {"Authorization": name})
        self.assertEqual(answer.status, 200)

    def test_length_required(self):
        connection = self.client.connection
        connection.putrequest("POST", "/wsman")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 411)

    def test_too_large(self):
        big = envelope(TRANSFER + "Create", "x" * 600000)
        self.assertEqual(self.client.post(big).status, 413)

    def test_bad_request_line(self):
        with socket.create_connection((self.endpoint.host,
                                       self.endpoint.port), 10) as sock:
            sock.sendall(b"nonsense\r\n\r\n")
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 400 "))

    def test_expect_continue(self):
        with socket.create_connection((self.endpoint.host,
                                       self.endpoint.port), 10) as sock:
            sock.sendall(b"POST /wsman HTTP/1.1\r\nHost: x\r\nExpect: "
                         b"100-continue\r\nContent-Length: 5\r\n\r\n")
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 100 "))
            sock.sendall(b"12345")
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 401 "))

    def test_chunked_request(self):
        text = envelope(TRANSFER + "Create", "<rsp:Shell/>").encode()
        connection = self.client.connection
        connection.request("POST", "/wsman", iter([text[:50], text[50:]]),
                           dict(SOAP_TYPE, Authorization=authorization()),
                           encode_chunked=True)
        response = connection.getresponse()
        self.assertEqual(response.status, 500)
        self.assertIn(b'Code="50"', response.read())
        self.assertIn("chunked", self.violations())

    def test_reply_headers(self):
        answer = self.client.create()
        self.assertEqual(answer.headers["Content-Type"],
                         "application/soap+xml;charset=UTF-8")
        self.assertEqual(answer.headers["Server"], "Microsoft-HTTPAPI/2.0")

    def test_utf16(self):
        text = envelope(TRANSFER + "Create", "<rsp:Shell/>")
        answer = self.client.post(
            b"\xff\xfe" + text.encode("utf-16-le"),
            {"Content-Type": "application/soap+xml;charset=UTF-16"})
        self.assertEqual(answer.status, 200)
        self.assertIn("UTF-16", answer.headers["Content-Type"])
        self.assertEqual(answer.body[:2], b"\xff\xfe")

    def test_identify(self):
        answer = self.client.post(IDENTIFY)
        self.assertIn("OS: 10.0", answer.text)
        self.assertIn("secprofile/http/basic", answer.text)
        for path, headers in (("/wsman-anon/identify", {}),
                              ("/wsman",
                               {"WSMANIDENTIFY": "unauthenticated"})):
            answer = self.client.post(IDENTIFY, headers, path, auth=False)
            self.assertIn("OS: 0.0.0", answer.text)
            self.assertNotIn("SecurityProfile", answer.text)
        answer = self.client.post(envelope(TRANSFER + "Create"),
                                  {"WSMANIDENTIFY": "unauthenticated"},
                                  auth=False)
        self.assert_fault(answer, 5)

    def test_control_errors(self):
        self.assertEqual(self.endpoint.control(
            "POST", "inject", [{"effect": "nothing-known"}])[0], 400)
        self.assertEqual(self.request("GET", "/_control/x")[0].status, 404)

    def test_many_connections(self):
        clients = [self.new_client() for _ in range(200)]
        joins = []
        for client in clients:
            joins.append(self.in_thread(
                client.post, envelope(TRANSFER + "Get",
                                      uri=CONFIG + "/winrs")))
        self.assertEqual({join().status for join in joins}, {200})
        self.assertGreaterEqual(self.endpoint.state()["connections"], 200)
        for client in clients:
            client.close()
        self.endpoint.wait(connections=1)


class EncryptionTest(Case):
    """Without AllowUnencrypted, plain http offers no Basic."""

    arguments = ("--offer-negotiate",)

    def test_basic_is_refused(self):
        answer = self.client.post(IDENTIFY)
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.headers.get_all("WWW-Authenticate"),
                         ["Negotiate"])
        self.assertIn("basic-not-offered", self.violations())


class HeaderTest(Case):
    """The addressing and WS-Management headers."""

    def refused(self, code, subcode=None, action=TRANSFER + "Create", **more):
        more.setdefault("body", "<rsp:Shell/>")
        answer = self.client.post(envelope(action, **more))
        self.assert_fault(answer, code, subcode)
        return answer

    def test_missing_headers(self):
        for name in ("To", "ReplyTo", "Action", "MessageID"):
            answer = self.refused(0x80338011,
                                  "a:MessageInformationHeaderRequired",
                                  drop=[name])
            self.assertEqual(answer.text_of(ADDR, "Action"), ADDR + "/fault")
        self.refused(0x8033803B, "a:DestinationUnreachable",
                     drop=["ResourceURI"])

    def test_optional_headers(self):
        answer = self.client.create(drop=["Locale", "OperationTimeout",
                                          "MaxEnvelopeSize"])
        self.assertEqual(answer.status, 200)

    def test_relates_to(self):
        ident = message_id()
        answer = self.refused(0x8033803B, ident=ident, uri="http://x/y")
        self.assertEqual(answer.text_of(ADDR, "RelatesTo"), ident)

    def test_must_understand(self):
        locale = '<%s:%s xml:lang="en-US" s:mustUnderstand="%s"/>'
        self.refused(0x80338087, "w:UnsupportedFeature", drop=["Locale"],
                     headers=locale % ("w", "Locale", "true"))
        self.refused(0x80338087, "w:UnsupportedFeature",
                     headers=locale % ("p", "DataLocale", "1"))
        unknown = '<q:New xmlns:q="urn:q" s:mustUnderstand="%s"/>'
        answer = self.refused(0x80338010, headers=unknown % "true")
        self.assertIn("<s:Value>s:MustUnderstand</s:Value>", answer.text)
        self.assertEqual(self.client.create(
            headers=unknown % "false").status, 200)

    def test_addresses(self):
        reply_to = "<a:%s><a:Address>http://other/</a:Address></a:%s>"
        self.refused(0x80338076, "w:UnsupportedFeature", drop=["ReplyTo"],
                     headers=reply_to % ("ReplyTo", "ReplyTo"))
        self.refused(0x80338076, headers=reply_to % ("FaultTo", "FaultTo"))

    def test_limits(self):
        self.refused(0x8033807E, "w:EncodingLimit", size=8191)
        self.refused(0x80338047, size="many")
        self.refused(0x8033800C, timeout="PT0.499S")
        self.refused(0x80338081, timeout="60")
        self.assertEqual(self.client.create(size=8192,
                                            timeout="PT0.5S").status, 200)

    def test_uris_and_actions(self):
        self.refused(0x8033803B, "a:DestinationUnreachable",
                     uri="http://schemas.microsoft.com/powershell/X")
        self.refused(0x80338013, "a:ActionNotSupported", action="http://x/Do")
        self.refused(0x80338013, action="http://schemas.xmlsoap.org/ws/2004/"
                     "09/enumeration/Enumerate", uri=CONFIG)
        self.assertEqual(self.client.create(uri=CMD.upper()).status, 200)

    def test_message_id(self):
        ident = message_id()
        self.assertEqual(self.client.create(ident=ident).status, 200)
        self.refused(0x8033800F, "a:InvalidMessageInformationHeader",
                     ident=ident)
        self.assertIn("duplicate-message-id", self.violations())
        self.refused(0x8033800F, ident=" ")

    def test_xml(self):
        for text in ("<a", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
            self.assert_fault(self.client.post(text), 0x80338043)
        self.assert_fault(self.client.post("<Envelope/>"), 0x80338027)
        answer = self.client.post(
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
            "><s:Body/></s:Envelope>")
        self.assert_fault(answer, 0x8033800D)
        self.assertIn("s:VersionMismatch", answer.text)
        self.assert_fault(self.client.post(b"\xff\xff\xff"), 0x8033804C)

    def test_selectors(self):
        self.client.create()
        shell = self.client.shell
        get = TRANSFER + "Get"
        for selectors, code in (
                ([], 0x8033805A), ([("ShellId", "x")], GONE),
                ([("ShellId", shell), ("Other", "1")], 0x8033803D),
                ([("ShellId", shell), ("shellid", shell)], 0x8033805F)):
            self.refused(code, "w:InvalidSelectors", get, uri=RSP, body="",
                         selectors=selectors)
        answer = self.client.post(envelope(
            get, uri=RSP, selectors=[("SHELLID", shell.lower())]))
        self.assertEqual(answer.text_of(RSP, "State"), "Connected")

    def test_options(self):
        option = '<w:Option Name="%s" MustComply="true">%s</w:Option>'
        self.refused(0x80338039, "w:InvalidOptions",
                     options=option % ("WINRS_NEW", "1"))
        self.refused(0x80338140, options=option % ("WINRS_CODEPAGE", "77"))
        self.assertEqual(self.client.create(
            options=option % ("winrs_noprofile", "TRUE")).status, 200)

    def test_config(self):
        answer = self.client.post(envelope(TRANSFER + "Get", uri=CONFIG))
        self.assertEqual(answer.text_of(CONFIG, "MaxEnvelopeSizekb"), "500")
        for uri, name in (("client", "NetworkDelayms"), ("winrs",
                          "MaxShellsPerUser"), ("service/auth", "Basic")):
            uri = "%s/%s" % (CONFIG, uri)
            answer = self.client.post(envelope(TRANSFER + "Get", uri=uri))
            self.assertTrue(answer.text_of(uri, name))


class ShellTest(Case):
    """Create, Get, Delete, life times and quotas."""

    arguments = ("--allow-unencrypted", "--max-shells-per-user", "3",
                 "--max-commands-per-shell", "2", "--min-idle-timeout",
                 "200", "--max-idle-timeout", "100000")

    def test_life(self):
        ident = str(uuid.uuid4()).upper()
        answer = self.client.create(
            "<rsp:Name>n</rsp:Name><rsp:IdleTimeOut>PT30S</rsp:IdleTimeOut>",
            'ShellId="%s"' % ident)
        self.assertEqual(self.client.shell, ident)
        self.assertEqual(answer.text_of(RSP, "IdleTimeOut"), "PT30.000S")
        self.assertEqual(answer.text_of(DMTF, "Selector"), ident)
        self.assertEqual(answer.text_of(RSP, "Owner"), USER)
        self.assertEqual(self.client.delete().status, 200)
        self.assert_fault(self.client.delete(), GONE, "w:InvalidSelectors")
        self.assertIn("request-after-delete", self.violations())

    def test_ids(self):
        self.assert_fault(self.client.create(attributes='ShellId="x"'),
                          0x803381D5)
        attributes = 'ShellId="%s"' % uuid.uuid4()
        self.client.create(attributes=attributes)
        self.assert_fault(self.client.create(attributes=attributes.upper(
        ).replace("SHELLID", "ShellId")), 0x803381D7)

    def test_bounds(self):
        for value in ("PT0.1S", "PT200S"):
            self.assert_fault(self.client.create(
                "<rsp:IdleTimeOut>%s</rsp:IdleTimeOut>" % value), 0x803381F2)
        self.assert_fault(self.client.create(
            "<rsp:Lifetime>soon</rsp:Lifetime>"), 0x80338041)
        answer = self.client.post(envelope(TRANSFER + "Create"))
        self.assert_fault(answer, 0x80338015)

    def test_idle_and_life_time(self):
        for element in ("IdleTimeOut", "Lifetime"):
            self.client.create("<rsp:%s>PT0.3S</rsp:%s>" % (element, element))
            self.client.run("sleep 100")
            # An idle shell is kept by a waiting Receive, but not for ever
            # by its life time.
            answer = self.client.receive(timeout="PT0.8S")
            self.assert_fault(answer, TIMED_OUT if element == "IdleTimeOut"
                              else 995)
            self.endpoint.wait(shells=0)
            self.assert_fault(self.client.receive(), GONE)

    def test_shell_quota(self):
        for _ in range(3):
            self.assertEqual(self.client.create().status, 200)
        self.assert_fault(self.client.create(), 0x803381A5, "w:QuotaLimit")

    def test_command_quota(self):
        self.client.create()
        for _ in range(2):
            self.assertEqual(self.client.run("sleep 100").status, 200)
        self.assert_fault(self.client.run("true"), 0x803381E9)
        self.client.signal()
        self.assertEqual(self.client.run("true").status, 200)

    def test_no_disconnect(self):
        self.client.create()
        self.assert_fault(self.client.on_shell(
            "Disconnect", "<rsp:Disconnect/>"), 0x803381C5)

    def test_expire(self):
        self.client.create()
        self.client.run("sleep 100")
        join = self.in_thread(self.client.receive)
        self.endpoint.wait(receiving=1)
        self.endpoint.control("POST", "expire?shell=" + self.client.shell)
        self.assert_fault(join(), 995)


class QuotaTest(Case):
    """Quotas of operations and processes."""

    arguments = ("--allow-unencrypted", "--max-operations-per-user", "1",
                 "--max-processes-per-shell", "3", "--cookie", "abc")

    def test_operations(self):
        self.client.create()
        self.client.run("sleep 100")
        join = self.in_thread(self.client.receive, timeout="PT3S")
        self.endpoint.wait(receiving=1)
        self.assert_fault(self.new_client().create(), 0x803381A6)
        self.assert_fault(join(), TIMED_OUT)

    def test_processes(self):
        self.client.create()
        self.client.run("sleep 100 & sleep 100 & echo up; sleep 100; true")
        self.assertEqual(self.client.receive().stream("stdout"), b"up\n")
        self.assert_fault(self.client.run("true"), 1816)

    def test_cookie(self):
        answer = self.client.create()
        self.assertEqual(answer.headers["Set-Cookie"], "MS-WSMAN=abc")
        self.client.delete()
        self.assertIn("cookie-missing", self.violations())


class EndTest(unittest.TestCase):
    """The end of the service."""

    def run_and_leave(self, endpoint):
        client = Client(endpoint)
        self.addCleanup(client.close)
        client.create()
        # A daemon that leaves its session, and a plain child.
        client.run("setsid sleep 1000 & echo $!; echo $$; exec sleep 1000")
        pids = b""
        while len(pids.split()) < 2:
            pids += client.receive().stream("stdout")
        return [int(pid) for pid in pids.split()]

    def check_gone(self, pids):
        for pid in pids:
            self.assertFalse(os.path.exists("/proc/%d/exe" % pid)
                             and "sleep" in os.readlink("/proc/%d/exe" % pid))

    def test_sigterm_leaves_nothing(self):
        endpoint = Endpoint("--allow-unencrypted")
        pids = self.run_and_leave(endpoint)
        self.assertEqual(endpoint.stop(), 0)
        self.check_gone(pids)

    def test_parent_dies(self):
        with tempfile.TemporaryDirectory() as directory:
            ready = os.path.join(directory, "ready")
            here = os.path.dirname(os.path.abspath(__file__))
            # The shell is the parent; it ends when its stdin does.
            parent = subprocess.Popen(
                ["/bin/sh", "-c", '"$@" & read line; exit', "sh",
                 "/usr/bin/python3", os.path.join(here, "endpoint.py"),
                 "--password", "x", "--die-with-parent", "--ready-file",
                 ready], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.assertIn(b"listening on", parent.stdout.readline())
            with open(ready, encoding="utf-8") as file:
                self.assertIn("listening on http://127.0.0.1:", file.read())
            parent.stdin.close()
            parent.wait(10)
            # The endpoint holds the other end of the pipe while it lives.
            self.assertEqual(parent.stdout.read(), b"")
            parent.stdout.close()

    def test_password_is_needed(self):
        here = os.path.dirname(os.path.abspath(__file__))
        result = subprocess.run(
            ["/usr/bin/python3", os.path.join(here, "endpoint.py")],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(result.returncode, 2)


class TlsTest(unittest.TestCase):
    """Both listeners in one process; IPv6."""

    def test_both(self):
        with tempfile.TemporaryDirectory() as directory:
            with Endpoint("--make-cert", directory, "--https-port",
                          "0") as endpoint:
                self.assertTrue(endpoint.urls[1].startswith("https://"))
                endpoint.url = endpoint.urls[1]
                endpoint.host, endpoint.port = endpoint.address(endpoint.url)
                client = Client(endpoint)
                client.create()
                self.assertEqual(client.all_of("echo tls"),
                                 (b"tls\n", b"", 0))
                client.close()

    def test_ipv6(self):
        if not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("no IPv6 here")
        with Endpoint("--host", "::1", "--allow-unencrypted") as endpoint:
            self.assertTrue(endpoint.url.startswith("http://[::1]:"))
            client = Client(endpoint)
            self.assertEqual(client.create().status, 200)
            client.close()


def load_tests(loader, tests, pattern):
    """Add the tests of the other files."""
    tests.addTests(loader.loadTestsFromNames(["test_certificates",
                                              "test_classes",
                                              "test_commands",
                                              "test_config",
                                              "test_enumerate",
                                              "test_events",
                                              "test_inject",
                                              "test_lasting",
                                              "test_lists"]))
    return tests


if __name__ == "__main__":
    unittest.main()
