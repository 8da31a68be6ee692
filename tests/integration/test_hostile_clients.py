# SPDX-License-Identifier: Apache-2.0
"""Clients of the two endpoints that send nonsense: a log line, and everybody else is served."""

import contextlib
import os
import signal
import struct
import threading

from harness.config_file import connector
from harness.milter_client import ACCEPT, CONTINUE, MilterClient, packet
from harness.socketmap import Lookup, netstring
from harness.test_case import WorldCase

SENDER = "alice@contoso.example"
MANY = 10_000
RUSH = 500


class HostileCase(WorldCase):
    """A running system; `assert_others_are_served` after (and during) every attack."""

    @classmethod
    def make_world(cls, label):
        world = cls.new_world(label)
        world.configure([connector("Contoso", world.smart_host("Contoso"),
                                   senders=["contoso.example"])])
        world.start()
        cls.good_answer = f"OK sc-contoso:{world.smart_hosts['Contoso'].next_hop}"

    def setUp(self):
        self.pid = self.world.daemon.pid

    def assert_others_are_served(self):
        self.assertEqual(self.world.transport_answer(SENDER), self.good_answer)
        with MilterClient(self.world.milter_socket) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            self.assertIn(milter.mail(SENDER).code, (CONTINUE, ACCEPT))
        self.assertTrue(self.world.daemon.running)
        self.assertEqual(self.world.daemon.pid, self.pid)


class HostileLookupClients(HostileCase):
    """The lookup endpoint."""

    weight = 12

    GARBAGE = {
        "not a netstring": b"GET / HTTP/1.0\r\n\r\n",
        "binary": bytes(range(256)),
        "huge length": b"99999999999999999999:x,",
        "length over the limit": b"1000000000:transport a@b,",
        "negative length": b"-5:hello,",
        "length with a plus": b"+5:hello,",
        "leading zeros": b"00000000000000000000000000000005:hello,",
        "no digits": b":hello,",
        "no comma": b"5:helloX",
        "spaces": b" 5 : hello,",
    }

    @classmethod
    def build_world(cls):
        cls.make_world("hostile")

    def test_garbage_is_logged_and_the_connection_closed(self):
        for what, data in self.GARBAGE.items():
            with self.subTest(what):
                mark = self.world.daemon.log_mark()
                with Lookup(self.world.lookup_socket) as client:
                    client.send_raw(data)
                    self.assertTrue(client.closed_by_server())
                self.world.daemon.wait_for_log("lookup", since=mark)
                self.assert_others_are_served()

    def test_well_framed_nonsense_is_answered_with_perm_or_temp_never_with_a_route(self):
        requests = [b"", b" ", b"transport", b"transport ", b"nosuchmap a@b", b"tls/nosuch [x]:25",
                    b"transport a@b\0c",
                    b"tls/../contoso x", b"x" * 5000]
        for request in requests:
            with self.subTest(request[:30]):
                with Lookup(self.world.lookup_socket) as client:
                    client.send_raw(netstring(request))
                    try:
                        answer = client.answer()
                    except (EOFError, ConnectionError):
                        answer = "PERM closed"
                    self.assertIn(answer.split(" ")[0], ("PERM", "TEMP", "NOTFOUND"))
        self.assert_others_are_served()

    def test_senders_that_are_no_utf8_keep_their_domains_connector(self):
        with Lookup(self.world.lookup_socket) as client:
            client.send_raw(netstring(b"transport \xff\xfe@contoso.example"))
            self.assertTrue(client.answer().startswith("OK sc-contoso:"))

    def test_half_a_request_and_gone(self):
        for cut in (1, 3, 10, 20):
            with Lookup(self.world.lookup_socket) as client:
                client.send_raw(netstring(f"transport {SENDER}")[:cut])
        self.assert_others_are_served()

    def test_half_a_request_and_silence_holds_nobody_up(self):
        silent = [Lookup(self.world.lookup_socket) for _ in range(50)]
        for client in silent:
            client.send_raw(b"30:transport al")
        self.assert_others_are_served()
        for client in silent:
            client.close()

    def test_request_in_single_bytes_is_answered(self):
        with Lookup(self.world.lookup_socket) as client:
            for byte in netstring(f"transport {SENDER}"):
                client.send_raw(bytes([byte]))
            self.assertEqual(client.answer(), self.good_answer)

    def test_ten_thousand_requests_in_one_write_are_all_answered_in_order(self):
        request = b"".join(netstring(f"transport user{number}@contoso.example"
                                     if number % 2 else "transport a@other.example")
                           for number in range(MANY))
        with Lookup(self.world.lookup_socket, seconds=30) as client:
            writer = threading.Thread(target=client.send_raw, args=(request,), daemon=True)
            writer.start()
            answers = [client.answer() for _ in range(MANY)]
            writer.join(timeout=10)
        self.assertEqual(set(answers[1::2]), {self.good_answer})
        self.assertEqual({one.strip() for one in answers[0::2]}, {"NOTFOUND"})
        self.assert_others_are_served()

    def test_client_that_never_reads_its_answers_holds_nobody_up(self):
        request = netstring(f"transport {SENDER}") * MANY
        with Lookup(self.world.lookup_socket, seconds=2) as client:
            try:
                client.send_raw(request)
            except TimeoutError:
                pass  # the daemon stopped reading: that is its right
            self.assert_others_are_served()

    def test_hundreds_of_connections_at_once(self):
        clients = [Lookup(self.world.lookup_socket) for _ in range(300)]
        for client in clients:
            client.send_raw(netstring(f"transport {SENDER}"))
        self.assertEqual({client.answer() for client in clients}, {self.good_answer})
        for client in clients:
            client.close()
        self.assert_others_are_served()

    def test_mail_flows_while_garbage_comes_in(self):
        stop = threading.Event()

        def attack():
            while not stop.is_set():
                for data in self.GARBAGE.values():
                    try:
                        with Lookup(self.world.lookup_socket, seconds=2) as client:
                            client.send_raw(data)
                    except OSError:
                        pass

        attacker = threading.Thread(target=attack, daemon=True)
        attacker.start()
        try:
            tokens = [self.world.send(SENDER) for _ in range(20)]
            # Tens of thousands of connections a second can fill the socket's backlog: Postfix
            # then queues and tries again, and nothing goes elsewhere.
            for token in tokens:
                arrived = self.world.wait_for_mail(token, flush=True)
                self.assertEqual([one.server for one in arrived], ["Contoso"])
        finally:
            stop.set()
            attacker.join(timeout=10)


class HostileMilterClients(HostileCase):
    """The milter endpoint."""

    weight = 12

    @classmethod
    def build_world(cls):
        cls.make_world("hostile")

    def attack(self, data):
        """Send bytes; let the milter answer what it likes until it hangs up or falls silent."""
        with MilterClient(self.world.milter_socket, seconds=1) as client:
            try:
                client.send_raw(data)
                client.closed_by_milter()
            except (ConnectionError, TimeoutError):
                pass

    def test_garbage_is_logged(self):
        for what, data in {"text": b"GET / HTTP/1.0\r\n\r\n",
                           "huge length": struct.pack(">I", 0x7FFFFFFF) + b"O",
                           "length of all ones": b"\xff" * 5 + b"O" * 100}.items():
            with self.subTest(what):
                mark = self.world.daemon.log_mark()
                self.attack(data)
                self.world.daemon.wait_for_log("milter", since=mark)
                self.assert_others_are_served()

    def test_nonsense_packets(self):
        for data in (struct.pack(">I", 0), packet(b"\0"), packet(b"Z", b"what"),
                     packet(b"O"), packet(b"O", b"\0" * 5), packet(b"O", b"\xff" * 12),
                     packet(b"C", b"no end of string"), packet(b"M", b"<a@b>"),
                     packet(b"R", b""), packet(b"E"), packet(b"D", b"M"), packet(b"D", b"Mi\0"),
                     packet(b"L", b"name only\0"), packet(b"B", b"x" * 70000), packet(b"Q") * 3):
            with self.subTest(data[:20]):
                self.attack(data)
        self.assert_others_are_served()

    def test_events_out_of_order_and_malformed_after_negotiation(self):
        for data in (packet(b"E"), packet(b"R", b"<a@b>\0"), packet(b"M", b"\0"),
                     packet(b"M", b"no brackets\0"), packet(b"M", b"<a@b>"),
                     packet(b"M", b"<" + b"a" * 60000 + b"@contoso.example>\0"),
                     packet(b"M", b"<\xff\xfe\0>\0\0\0"),
                     packet(b"M", b"<a@contoso.example>\0SIZE=99999999999999999999999\0"),
                     packet(b"M", b"<a@contoso.example>\0SIZE=-1\0SIZE=x\0SIZE=\0"),
                     packet(b"M", f"<{SENDER}>\0".encode()) * 5 + packet(b"E"),
                     packet(b"A") * 50, packet(b"E") * 50):
            with self.subTest(data[:40]):
                with MilterClient(self.world.milter_socket, seconds=1) as client:
                    client.negotiate()
                    try:
                        client.send_raw(data)
                        client.closed_by_milter()
                    except (ConnectionError, TimeoutError):
                        pass
        self.assert_others_are_served()

    def test_half_a_packet_and_gone_or_silent(self):
        with MilterClient(self.world.milter_socket) as gone:
            gone.send_raw(packet(b"O", b"\0" * 12)[:7])
        silent = [MilterClient(self.world.milter_socket) for _ in range(30)]
        for client in silent:
            client.send_raw(packet(b"O", b"\0" * 12)[:7])
        self.assert_others_are_served()
        for client in silent:
            client.close()

    def test_ten_thousand_packets_in_one_write(self):
        with MilterClient(self.world.milter_socket, seconds=5) as client:
            client.negotiate()
            data = packet(b"M", f"<{SENDER}>\0".encode()) + packet(b"A")
            try:
                client.send_raw(data * (MANY // 2))
            except (ConnectionError, TimeoutError):
                pass
            self.assert_others_are_served()
        self.assert_others_are_served()

    def test_macros_without_end(self):
        with MilterClient(self.world.milter_socket, seconds=5) as client:
            client.negotiate()
            many = b"".join(b"{m%d}\0value\0" % number for number in range(3000))
            try:
                for _ in range(20):
                    client.send(b"D", b"M" + many)
                client.macros("mail", i="4jY2abc", mail_addr=SENDER)
                self.assertIn(client.mail(SENDER).code, (CONTINUE, ACCEPT))
            except (ConnectionError, EOFError):
                pass  # hanging up on such a client is fine
        self.assert_others_are_served()

    def test_a_rush_waits_where_smtpd_would_not(self):
        """smtpd(8) takes a full backlog for a milter that is not there."""
        with contextlib.ExitStack() as connected:
            os.kill(self.pid, signal.SIGSTOP)
            try:
                clients = [connected.enter_context(MilterClient(self.world.milter_socket))
                           for _ in range(RUSH)]
            finally:
                os.kill(self.pid, signal.SIGCONT)
            for client in clients:
                client.negotiate()
                client.connect()
                client.helo()
                self.assertIn(client.mail(SENDER).code, (CONTINUE, ACCEPT))

    def test_mail_flows_while_garbage_comes_in(self):
        """As fast as it can, a client fills the backlog, and Postfix answers 451 for a while."""
        stop = threading.Event()

        def attack():
            while not stop.wait(0.0005):
                try:
                    with MilterClient(self.world.milter_socket, seconds=1) as client:
                        client.send_raw(b"\0\0\0\x05Onope" + b"\xff" * 50)
                except OSError:
                    pass

        attacker = threading.Thread(target=attack, daemon=True)
        attacker.start()
        try:
            tokens = [self.world.send(SENDER) for _ in range(20)]
            for token in tokens:
                self.assertEqual([one.server for one in self.world.wait_for_mail(token)],
                                 ["Contoso"])
        finally:
            stop.set()
            attacker.join(timeout=10)
        self.assert_others_are_served()


class HostileControlClients(HostileCase):
    """The control socket."""

    weight = 5

    @classmethod
    def build_world(cls):
        cls.make_world("hostile")

    def test_nonsense_is_answered_or_hung_up_on(self):
        for data in (b"\n", b"nonsense\n", b"{}\n", b'{"command":5}\n', b'{"command":"nosuch"}\n',
                     b'[1,2]\n', b'"status"\n', b"{" * 100000 + b"\n", b"x" * 1000000,
                     bytes(range(256)) + b"\n", b'{"command":"stat'):
            with self.subTest(data[:20]):
                with Lookup(self.world.control_socket, seconds=2) as client:
                    try:
                        client.send_raw(data)
                        client.end_of_requests()
                    except (ConnectionError, TimeoutError):
                        pass
                    client.closed_by_server()
        self.assertTrue(self.world.daemon.control({"command": "status"})["ok"])
        self.assert_others_are_served()
