# SPDX-License-Identifier: Apache-2.0
"""Reload: under load, with a broken configuration, in bursts."""

import concurrent.futures
import smtplib
import threading

from harness import messages, socketmap
from harness.config_file import connector
from harness.test_case import WorldCase


class ReloadUnderLoad(WorldCase):
    """Smart hosts are swapped while hundreds of messages are sent (invariants 1 and 3)."""

    weight = 40
    time_limit = 120

    @classmethod
    def build_world(cls):
        world = cls.new_world("load")
        for name in ("x1", "x2", "y1", "y2"):
            world.smart_host(name)
        cls.write_config(1)
        world.start()

    @classmethod
    def write_config(cls, number):
        world = cls.world
        world.configure([
            connector("X", world.smart_hosts[f"x{number}"], senders=["x.example"]),
            connector("Y", world.smart_hosts[f"y{number}"], senders=["y.example"])])

    def under_load(self, swap, swaps, count=300):
        """Send `count` messages from 4 threads while `swap` runs; then check every one."""
        tokens = []
        lock = threading.Lock()

        def send(number):
            domain = ("x.example", "y.example")[number % 2]
            sender = f"user{number}@{domain}"
            token, result = self.world.submit(sender, f"to{number}@remote.example")
            # A reload of Postfix may cost a client a 4xx or its connection: it tries again.
            while not result.accepted:
                self.assertTrue(result.refusal.temporary, result.refusal)
                token, result = self.world.submit(sender, f"to{number}@remote.example")
            with lock:
                tokens.append((token, domain[0]))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            work = [pool.submit(send, number) for number in range(count)]
            for number in range(swaps):
                self.write_config(2 - number % 2)
                swap()
            for one in work:
                one.result()
        for token, _letter in tokens:
            self.world.wait_for_mail(token, seconds=60, flush=True)
        self.world.postfix.wait_until_queue_empty(flush=True)
        wrong = [(token, [one.server for one in received]) for token, letter in tokens
                 if len(received := self.world.received(token)) != 1
                 or received[0].server[0] != letter]
        self.assertEqual(wrong, [])

    def test_reload_of_the_daemon_loses_and_misroutes_nothing(self):
        self.under_load(lambda: self.world.ctl.must("reload"), 20)

    def test_apply_loses_and_misroutes_nothing(self):
        self.under_load(self.world.apply, 4)

    # Postfix's queue manager keeps the last route it asked for up to 30 s, for the same
    # sender and recipient only; so the tests below use another recipient each time.

    def test_new_smart_host_is_used_right_after_reload(self):
        for number, want in ((2, "x2"), (1, "x1")):
            self.write_config(number)
            self.world.ctl.must("reload")
            received = self.world.wait_for_mail(
                self.world.send("a@x.example", f"new{number}@remote.example"))
            self.assertEqual([one.server for one in received], [want])

    def test_deferred_mail_follows_a_changed_smart_host(self):
        self.write_config(1)
        self.world.ctl.must("reload")
        self.world.smart_hosts["x1"].stop()
        self.addCleanup(self.world.smart_hosts["x1"].start)
        token, queue_id = self.world.queue_message("a@x.example", "waiting@remote.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.write_config(2)
        self.world.ctl.must("reload")
        self.world.wait_for_mail(self.world.send("b@x.example", "other@remote.example"))
        received = self.world.wait_for_mail(token, flush=True)
        self.assertEqual([one.server for one in received], ["x2"])


class BrokenConfiguration(WorldCase):
    """A configuration that does not check out changes nothing (invariant 7)."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("broken")
        world.smart_host("good")
        cls.write_good()
        world.start()

    @classmethod
    def write_good(cls):
        cls.world.configure([connector("Good", cls.world.smart_hosts["good"],
                                       senders=["contoso.example"])])

    def setUp(self):
        self.addCleanup(self._repair)

    def _repair(self):
        self.write_good()
        if not self.world.daemon.running:
            self.world.daemon.start()
        self.world.ctl.must("reload")

    def break_configuration(self):
        """An unknown key with a typo in the only connector; returns its line number."""
        text = self.world.config_file.read_text().replace("senders =", "sendres =")
        self.world.config_file.write_text(text)
        return 1 + text[:text.index("sendres")].count("\n")

    def assert_old_one_runs(self):
        answer = self.world.transport_answer("a@contoso.example")
        self.assertIn(self.world.smart_hosts["good"].next_hop, answer)
        received = self.world.wait_for_mail(self.world.send("a@contoso.example"))
        self.assertEqual([one.server for one in received], ["good"])

    def assert_names_the_place(self, text, line):
        self.assertIn(f"{self.world.config_file}:{line}:", text)
        self.assertIn('"Good"', text)
        self.assertIn("sendres", text)

    def test_reload_command_refuses_it_and_says_where(self):
        line = self.break_configuration()
        answer = self.world.ctl.run("reload")
        self.assertNotEqual(answer.code, 0)
        self.assert_names_the_place(answer.output, line)
        self.assert_old_one_runs()

    def test_hang_up_signal_keeps_the_old_one_and_logs_why(self):
        line = self.break_configuration()
        mark = self.world.daemon.log_mark()
        self.world.daemon.hang_up()
        self.world.daemon.wait_for_log("sendres", since=mark)
        self.assert_names_the_place(self.world.daemon.log(mark), line)
        self.assert_old_one_runs()

    def test_control_socket_answers_with_the_errors(self):
        line = self.break_configuration()
        answer = self.world.daemon.control({"command": "reload"})
        self.assertFalse(answer["ok"])
        self.assert_names_the_place("\n".join(map(str, answer["errors"])), line)

    def test_missing_file_keeps_the_old_one(self):
        self.world.config_file.unlink()
        self.assertFalse(self.world.daemon.control({"command": "reload"})["ok"])
        self.assert_old_one_runs()

    def test_apply_refuses_it_and_changes_nothing(self):
        self.break_configuration()
        before = self.world.postfix.master_cf.read_bytes()
        answer = self.world.ctl.run("apply")
        self.assertNotEqual(answer.code, 0)
        self.assertEqual(self.world.postfix.master_cf.read_bytes(), before)
        self.assert_old_one_runs()

    def test_connector_that_was_not_applied_is_refused_at_reload(self):
        self.world.configure([
            connector("Good", self.world.smart_hosts["good"], senders=["contoso.example"]),
            connector("Fresh", self.world.smart_hosts["good"], senders=["fresh.example"])])
        answer = self.world.daemon.control({"command": "reload"})
        self.assertFalse(answer["ok"])
        self.assertIn("Fresh", str(answer["errors"]))
        self.assertIn("apply", str(answer["errors"]))
        self.assert_old_one_runs()

    def test_daemon_does_not_start_with_it_and_says_why(self):
        line = self.break_configuration()
        self.world.daemon.stop()
        mark = self.world.daemon.log_mark()
        self.world.daemon.spawn()
        self.assertEqual(self.world.daemon.wait_for_end(), 1)
        self.assert_names_the_place(self.world.daemon.log(mark), line)


class ReloadBursts(WorldCase):
    """Many reloads in a row end nothing and interrupt nobody."""

    weight = 8

    @classmethod
    def build_world(cls):
        world = cls.new_world("burst")
        world.configure([connector("Good", world.smart_host("good"),
                                   senders=["contoso.example"])])
        world.start()

    def test_burst_of_hang_up_signals_does_not_end_the_daemon(self):
        pid = self.world.daemon.pid
        with socketmap.Lookup(self.world.lookup_socket) as lookup:
            for _ in range(300):
                self.world.daemon.hang_up()
                answer = lookup.ask("transport", "a@contoso.example")
                self.assertTrue(answer.startswith("OK sc-good:"), answer)
        self.assertTrue(self.world.daemon.running)
        self.assertEqual(self.world.daemon.pid, pid)
        self.world.wait_for_mail(self.world.send("a@contoso.example"))

    def test_parallel_reload_requests_are_all_answered(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.world.daemon.control({"command": "reload"}),
                                    range(40)))
        self.assertTrue(all(one["ok"] for one in answers), answers)

    def test_open_smtp_session_survives_a_reload(self):
        token = messages.new_token()
        with smtplib.SMTP(self.world.postfix.address, self.world.postfix.port,
                          local_hostname="client.example", timeout=30) as client:
            client.ehlo()
            client.mail("a@contoso.example")
            self.world.ctl.must("reload")
            client.rcpt("friend@remote.example")
            client.data(messages.message(token))
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["good"])
