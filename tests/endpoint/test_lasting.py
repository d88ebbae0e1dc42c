"""Tests of the endpoint: shells that outlive a connection."""

import unittest
import uuid

from harness import RSP, TRANSFER, Case, Client
from lasting import SHELL_LASTING

DISCONNECTED, CONNECTED_ELSEWHERE, OTHER_SESSION = (0x803381C4, 0x803381CD,
                                                    0x803381C6)
LEAVE = "<rsp:Disconnect/>"


class LastingTest(Case):
    """Disconnect, Reconnect and Connect."""

    def lasting(self, session=None, other=None):
        """Return a client of a session of its own."""
        client = Client(self.endpoint, uri=SHELL_LASTING, headers=(
            '<p:SessionId s:mustUnderstand="false">uuid:%s</p:SessionId>'
            % (session or uuid.uuid4())))
        self.addCleanup(client.close)
        if other:
            client.shell, client.command = other.shell, other.command
        return client

    def opened(self, session=None, chosen=True):
        """Return a client with a shell."""
        client = self.lasting(session)
        answer = client.create(attributes='ShellId="%s"' % uuid.uuid4()
                               if chosen else "")
        self.assertEqual(answer.status, 200)
        return client

    def test_leave_and_return(self):
        client = self.opened()
        self.assertEqual(client.run("cat").status, 200)
        wait = self.in_thread(self.lasting(other=client).receive)
        self.assert_fault(wait(), CONNECTED_ELSEWHERE)
        second = Client(self.endpoint, uri=client.uri, headers=client.headers)
        self.addCleanup(second.close)
        second.shell, second.command = client.shell, client.command
        wait = self.in_thread(second.receive)
        self.endpoint.wait(receiving=1)
        self.assertEqual(client.on_shell("Disconnect", LEAVE).status, 200)
        answer = wait()
        self.assertEqual((answer.status, answer.exit_code), (200, None))
        state = client.on_shell(TRANSFER + "Get").text_of(RSP, "State")
        self.assertEqual(state, "Disconnected")
        self.assert_fault(client.send(b"x"), DISCONNECTED)
        self.assert_fault(client.receive(), DISCONNECTED)
        self.assert_fault(client.on_shell("Disconnect", LEAVE), 0x803381CF)
        self.assertEqual(self.violations(), ["request-while-disconnected"])
        self.assertEqual(
            client.on_shell("Reconnect", "<rsp:Reconnect/>").status, 200)
        self.assert_fault(client.on_shell("Reconnect", "<rsp:Reconnect/>"),
                          0x803381D0)
        one = '<rsp:Reconnect CommandId="%s"/>' % client.command
        self.assertEqual(client.on_shell("Reconnect", one).status, 200)
        self.assert_fault(client.on_shell("Reconnect", one), 0x803381D3)
        self.assertEqual(client.send(b"again", end=True).status, 200)
        self.assertEqual(client.output(), (b"again", b"", 0))

    def test_connect(self):
        client = self.opened()
        client.run("echo kept; cat")
        other = self.lasting(other=client)
        connect = "<rsp:Connect/>"
        self.assert_fault(other.on_shell("Connect", connect),
                          CONNECTED_ELSEWHERE)
        client.on_shell("Disconnect", LEAVE)
        self.assert_fault(other.on_shell("Reconnect", "<rsp:Reconnect/>"),
                          OTHER_SESSION)
        answer = other.on_shell("Connect", connect)
        self.assertEqual(answer.text_of(RSP, "OutputStreams"),
                         "stdout stderr")
        one = '<rsp:Connect CommandId="%s"/>' % client.command
        self.assertEqual(other.on_shell("Connect", one).status, 200)
        self.assert_fault(client.receive(), CONNECTED_ELSEWHERE)
        other.send(b"", end=True)
        self.assertEqual(other.output(), (b"kept\n", b"", 0))

    def test_no_id_of_its_own(self):
        client = self.opened(chosen=False)
        self.assert_fault(client.on_shell("Disconnect", LEAVE), 0x803381C5)

    def test_modes(self):
        client = self.opened()
        client.run("head -c 5000000 /dev/zero")
        leave = ("<rsp:Disconnect><rsp:IdleTimeOut>PT%dS</rsp:IdleTimeOut>"
                 "<rsp:BufferMode>%s</rsp:BufferMode></rsp:Disconnect>")
        self.assert_fault(client.on_shell("Disconnect", leave % (1, "Drop")),
                          0x803381F2)
        self.assert_fault(client.on_shell("Disconnect", leave % (90, "Loop")),
                          0x80338041)
        self.assertEqual(client.on_shell(
            "Disconnect", leave % (90, "Drop")).status, 200)
        shell = self.endpoint.state()["shells"][0]
        self.assertEqual((shell["idle_timeout_ms"], shell["buffer_mode"]),
                         (90000, "Drop"))
        client.on_shell("Reconnect", "<rsp:Reconnect/>")
        out, err, code = client.output(size=512000)
        self.assertEqual((err, code), (b"", 0))
        self.assertTrue(0 < len(out) <= 5000000)

    def test_left_by_the_server(self):
        client = self.opened()
        client.run("true")
        self.endpoint.control("POST", "disconnect")
        self.assert_fault(client.receive(), DISCONNECTED)
        self.assertEqual(client.delete().status, 200)


if __name__ == "__main__":
    unittest.main()
