"""Starting the endpoint and talking to it, for the tests only."""

import base64
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import unittest
import uuid
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
USER, PASSWORD = "Administrator", "pass-word"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDR = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
DMTF = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
MS = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
CMD = RSP + "/cmd"
ANONYMOUS = ADDR + "/role/anonymous"
TIMED_OUT, GONE = 0x80338029, 0x8033805B
FAULT_NS = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"


def authorization(user=USER, password=PASSWORD):
    """Return the value of an Authorization header."""
    text = "%s:%s" % (user, password)
    return "Basic " + base64.b64encode(text.encode()).decode()


class Endpoint:
    """A running endpoint.py; a context manager."""

    def __init__(self, *args):
        command = ["/usr/bin/python3", os.path.join(HERE, "endpoint.py"),
                   "--user", USER, "--password", PASSWORD,
                   "--die-with-parent", *args]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                        text=True)
        lines = 2 if "--https-port" in args else 1
        self.urls = []
        for _ in range(lines):
            line = self.process.stdout.readline()
            if not line.startswith("listening on "):
                raise RuntimeError("the endpoint did not start")
            self.urls.append(line.split()[-1])
        self.url = self.urls[0]
        self.host, self.port = self.address(self.url)

    @staticmethod
    def address(url):
        """Return (host, port) of a URL."""
        host, port = re.match(r"https?://(.*):(\d+)/", url).groups()
        return host.strip("[]"), int(port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stop the endpoint; return its exit status."""
        self.process.terminate()
        status = self.process.wait(20)
        self.process.stdout.close()
        return status

    def connect(self, timeout=30, url=None):
        """Return a new HTTP connection."""
        host, port = self.address(url or self.url)
        if (url or self.url).startswith("https"):
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection(
                host, port, timeout=timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def control(self, method, path, data=None):
        """Use a /_control path; return (status, JSON)."""
        connection = self.connect()
        try:
            connection.request(method, "/_control/" + path,
                               json.dumps(data) if data is not None else None)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def state(self):
        """Return the state."""
        return self.control("GET", "state")[1]

    def wait(self, **conditions):
        """Wait until the conditions hold; return the state."""
        query = "&".join("%s=%s" % item for item in conditions.items())
        status, state = self.control("GET", "wait?" + query)
        if status != 200:
            raise AssertionError("no %s: %s" % (query, state))
        return state

    def inject(self, *rules):
        """Add injection rules."""
        status, data = self.control("POST", "inject", list(rules))
        if status != 200:
            raise AssertionError(data)


class Answer:
    """A reply to a SOAP request."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        self.root = None
        if body and "soap+xml" in response.headers.get("Content-Type", ""):
            utf16 = "UTF-16" in response.headers["Content-Type"]
            self.text = body.decode("utf-16" if utf16 else "utf-8")
            self.root = ET.fromstring(self.text)

    def find(self, ns, name):
        """Return the first element of that name."""
        return next(self.root.iter("{%s}%s" % (ns, name)), None)

    def findall(self, ns, name):
        """Return all elements of that name."""
        return list(self.root.iter("{%s}%s" % (ns, name)))

    def text_of(self, ns, name):
        """Return the text of the first element of that name."""
        element = self.find(ns, name)
        return None if element is None else element.text

    @property
    def code(self):
        """Return the code of a fault."""
        element = self.find(FAULT_NS, "WSManFault")
        return None if element is None else int(element.get("Code"))

    @property
    def subcode(self):
        """Return the subcode of a fault."""
        values = self.findall(SOAP, "Value")
        return values[1].text if len(values) > 1 else None

    def stream(self, name):
        """Return the joined data of a stream."""
        return b"".join(base64.b64decode(s.text or "")
                        for s in self.findall(RSP, "Stream")
                        if s.get("Name") == name)

    @property
    def exit_code(self):
        """Return the exit code, or None."""
        text = self.text_of(RSP, "ExitCode")
        return None if text is None else int(text)


def message_id():
    """Return a new message id."""
    return "uuid:" + str(uuid.uuid4()).upper()


def envelope(action, body="", uri=CMD, headers="", selectors=None,
             options="", drop=(), size=153600, timeout="PT20S", ident=None):
    """Return a request; drop names headers to leave out."""
    parts = {
        "To": "<a:To>http://localhost:5985/wsman</a:To>",
        "ReplyTo": '<a:ReplyTo><a:Address s:mustUnderstand="true">%s'
                   "</a:Address></a:ReplyTo>" % ANONYMOUS,
        "Action": '<a:Action s:mustUnderstand="true">%s</a:Action>' % action,
        "MessageID": "<a:MessageID>%s</a:MessageID>" % (ident
                                                        or message_id()),
        "ResourceURI": '<w:ResourceURI s:mustUnderstand="true">%s'
                       "</w:ResourceURI>" % uri,
        "MaxEnvelopeSize": '<w:MaxEnvelopeSize s:mustUnderstand="true">%s'
                           "</w:MaxEnvelopeSize>" % size,
        "OperationTimeout": "<w:OperationTimeout>%s</w:OperationTimeout>"
                            % timeout,
        "Locale": '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'}
    for name in drop:
        del parts[name]
    if selectors:
        parts["SelectorSet"] = "<w:SelectorSet>%s</w:SelectorSet>" % "".join(
            '<w:Selector Name="%s">%s</w:Selector>' % s for s in selectors)
    if options:
        parts["OptionSet"] = ('<w:OptionSet s:mustUnderstand="true">%s'
                              "</w:OptionSet>" % options)
    return ('<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:p="%s"'
            ' xmlns:rsp="%s"><s:Header>%s%s</s:Header><s:Body>%s</s:Body>'
            "</s:Envelope>" % (SOAP, ADDR, DMTF, MS, RSP,
                               "".join(parts.values()), headers, body))


class Client:
    """A small WinRS client over one connection."""

    def __init__(self, endpoint, connection=None, uri=CMD, headers=""):
        self.endpoint = endpoint
        self.connection = connection or endpoint.connect()
        self.uri = uri             # of the shell
        self.headers = headers     # of every request
        self.shell = None
        self.command = None

    def close(self):
        """Close the connection."""
        self.connection.close()

    def post(self, text, headers=(), path="/wsman", auth=True):
        """Send a request; return its Answer."""
        all_headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        if auth:
            all_headers["Authorization"] = authorization()
        all_headers.update(headers)
        body = text if isinstance(text, bytes) else text.encode()
        self.connection.request("POST", path, body, all_headers)
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def create(self, body="", attributes="", **more):
        """Create a shell."""
        streams = ("<rsp:InputStreams>stdin</rsp:InputStreams>"
                   "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams>")
        more.setdefault("uri", self.uri)
        more.setdefault("headers", self.headers)
        answer = self.post(envelope(
            TRANSFER + "Create", "<rsp:Shell %s>%s%s</rsp:Shell>"
            % (attributes, body, streams), **more))
        if answer.status == 200:
            self.shell = answer.text_of(RSP, "ShellId")
        return answer

    def on_shell(self, action, body="", **more):
        """Send a request to the shell."""
        if "/" not in action:
            action = RSP + "/" + action
        more.setdefault("selectors", [("ShellId", self.shell)])
        more.setdefault("uri", self.uri)
        more.setdefault("headers", self.headers)
        return self.post(envelope(action, body, **more))

    def run(self, line, *args, attributes="", **more):
        """Start a command."""
        escape = lambda t: t.replace("&", "&amp;").replace("<", "&lt;")
        arguments = "".join("<rsp:Arguments>%s</rsp:Arguments>" % escape(a)
                            for a in args)
        answer = self.on_shell(
            "Command", "<rsp:CommandLine %s><rsp:Command>%s</rsp:Command>%s"
            "</rsp:CommandLine>" % (attributes, escape(line), arguments),
            **more)
        if answer.status == 200:
            self.command = answer.text_of(RSP, "CommandId")
        return answer

    def receive(self, streams="stdout stderr", command=None, **more):
        """Send one Receive."""
        return self.on_shell(
            "Receive", '<rsp:Receive><rsp:DesiredStream CommandId="%s">%s'
            "</rsp:DesiredStream></rsp:Receive>"
            % (command or self.command, streams), **more)

    def send(self, data, end=False, name="stdin", **more):
        """Send one piece of input."""
        return self.on_shell(
            "Send", '<rsp:Send><rsp:Stream Name="%s" CommandId="%s"%s>%s'
            "</rsp:Stream></rsp:Send>"
            % (name, self.command, ' End="true"' if end else "",
               base64.b64encode(data).decode()), **more)

    def signal(self, code="terminate", command=None, **more):
        """Send a signal."""
        if "://" not in code:
            code = RSP + "/signal/" + code
        return self.on_shell(
            "Signal", '<rsp:Signal CommandId="%s"><rsp:Code>%s</rsp:Code>'
            "</rsp:Signal>" % (command or self.command, code), **more)

    def delete(self):
        """Delete the shell."""
        return self.on_shell(TRANSFER + "Delete")

    def output(self, **more):
        """Receive to the end; return (stdout, stderr, exit code)."""
        out, err = b"", b""
        while True:
            answer = self.receive(**more)
            if answer.status != 200:
                if answer.code == TIMED_OUT:
                    continue
                raise AssertionError(answer.text)
            out += answer.stream("stdout")
            err += answer.stream("stderr")
            if answer.exit_code is not None:
                return out, err, answer.exit_code

    def all_of(self, line, *args, **more):
        """Run a command to its end and free it."""
        answer = self.run(line, *args, **more)
        if answer.status != 200:
            raise AssertionError(answer.text)
        result = self.output()
        self.signal()
        return result


def raw_exchange(endpoint, data, timeout=20):
    """Send bytes and return all that comes back until the end."""
    with socket.create_connection((endpoint.host, endpoint.port),
                                  timeout) as sock:
        sock.sendall(data)
        answer = b""
        while True:
            try:
                piece = sock.recv(65536)
            except ConnectionResetError:
                return answer
            if not piece:
                return answer
            answer += piece


class Case(unittest.TestCase):
    """A test case with one endpoint for all of its tests."""

    arguments = ("--allow-unencrypted",)

    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint(*cls.arguments)
        cls.addClassCleanup(cls.endpoint.stop)

    def setUp(self):
        self.endpoint.control("POST", "reset")
        self.client = self.new_client()

    def new_client(self, other=None):
        """Return a client; with the shell and command of another one."""
        client = Client(self.endpoint)
        self.addCleanup(client.close)
        if other:
            client.shell, client.command = other.shell, other.command
        return client

    def in_thread(self, function, *args, **kwargs):
        """Start a call; return a function that waits for its result."""
        result = []
        thread = threading.Thread(
            target=lambda: result.append(function(*args, **kwargs)))
        thread.start()

        def join():
            thread.join(30)
            self.assertTrue(result, "the call failed")
            return result[0]
        return join

    def assert_fault(self, answer, code, subcode=None):
        """Check that the answer is this fault."""
        self.assertEqual(answer.status, 500)
        self.assertEqual(answer.code, code)
        if subcode:
            self.assertEqual(answer.subcode, subcode)

    def violations(self):
        """Return the kinds of violations seen."""
        return [v["kind"] for v in self.endpoint.state()["violations"]]
