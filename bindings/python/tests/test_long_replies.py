#!/usr/bin/python3
"""Replies that are longer than a read of the library, which asks to be woken
when much of them is there: in pieces of any size, read slowly, cut off."""

import os
import random
import tempfile
import unittest

from support import LOGIN, EndpointCase

import cutter  # noqa: E402  (support has made the path)
from wsman_client import Client, Context  # noqa: E402

SIZE = 1200000      # of three or four replies


class LongReplyTest(EndpointCase):
    """What comes is what was sent, whatever the way does to it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.arguments = ("--allow-unencrypted", "--make-cert", folder.name,
                         "--https-port", "0", "--max-envelope-kb", "500")
        cls.ca = os.path.join(folder.name, "ca.pem")
        super().setUpClass()
        cls.data = random.Random(4711).randbytes(SIZE)
        cls.file = os.path.join(folder.name, "data")
        with open(cls.file, "wb") as file:
            file.write(cls.data)

    def host(self, wire, tls, **options):
        """Return a client that goes by way of the wire."""
        return Client("%s://127.0.0.1:%d/wsman" % ("https" if tls else "http",
                                                   wire.address[1]),
                      **LOGIN, tls_ca_file=self.ca, max_envelope_size="500k",
                      **options)

    def each_way(self, check, **options):
        """Call check(tls, wire) with one to each port of the endpoint."""
        for tls, url in enumerate(self.endpoint.urls):
            with self.subTest(tls=tls, **options), cutter.Cutter(
                    self.endpoint.address(url), **options) as wire:
                check(bool(tls), wire)

    def test_in_pieces(self):
        def check(tls, wire):
            with self.host(wire, tls) as host:
                self.assertEqual(host.run("cat " + self.file).stdout,
                                 self.data)

        for piece in 997, 16384, 50000, 65537:
            self.each_way(check, piece=piece)

    def test_read_slowly(self):
        """The connection is paused again and again."""
        def check(tls, wire):
            with Context() as context, self.host(
                    wire, tls, context=context,
                    output_limit="20k") as host:
                command = host.start("cat " + self.file)
                read = b"".join(data for _, data in command)
                self.assertEqual(read, self.data)
                command.close()

        self.each_way(check, piece=20000)

    def test_cut(self):
        """A Receive whose reply broke off is asked once more."""
        def check(tls, wire):
            with self.host(wire, tls, receive_retries=5) as host:
                self.assertEqual(host.run("echo x").stdout, b"x\n")
                for behind in 70000, 200000, 350000, 500000, 900000:
                    for reset in False, True:
                        wire.behind(cutter.DOWN, behind, reset)
                        self.assertEqual(host.run("cat " + self.file).stdout,
                                         self.data)
                        self.assertIsNone(wire.cut)

        self.each_way(check)


if __name__ == "__main__":
    unittest.main()
