# SPDX-License-Identifier: Apache-2.0
"""The queue by connector, why its mail waits, and mail that is decided on anew."""

import contextlib
import time

from harness.config_file import connector
from harness.deadline import wait_until
from harness.test_case import WorldCase

NAME = "mx.smart.example"

# smtpd(8) sets these FILTERs, as the milter would: a requeue drops them.
FILTERED = {"smtpd_data_restrictions": "check_sender_access texthash:$config_directory/filters",
            "relay_domains": "branch.example",
            "virtual_alias_maps": "texthash:$config_directory/virtual"}


class QueueCase(WorldCase):
    """Contoso's smart host is down, Fabrikam's shows a wrong certificate, `spare` works."""

    settings = FILTERED

    @classmethod
    def build_world(cls):
        world = cls.new_world("queue", settings=cls.settings)
        world.smart_host("down").stop()
        world.smart_host("spare")
        world.smart_host("wrong", certificate=world.authority.issue("mx.other.example"))
        old = f"FILTER sc-contoso:{world.smart_hosts['down'].next_hop}"
        gone = f"FILTER sc-gone:{world.smart_hosts['down'].next_hop}"
        (world.postfix.config_directory / "filters").write_text(
            f"fixed@contoso.example {old}\nmoved@other.example {old}\nlost@contoso.example {gone}\n")
        world.postfix.set_virtual_aliases({"team@v.example": "team@v.example, boss@remote.example"})
        cls.use("down")
        world.start()

    @classmethod
    def use(cls, contoso, **top):
        """Contoso through this smart host."""
        world = cls.world
        world.configure([
            connector("Contoso", world.smart_hosts[contoso], senders=["contoso.example"]),
            connector("Fabrikam", world.smart_hosts["wrong"], senders=["fabrikam.example"],
                      require_tls=True, tls_auth_level="DomainValidation", tls_domain=NAME,
                      tls_ca_file=world.authority.certificate_file)],
            tls={"failure_lifetime": "00:05:00"}, **top)

    def setUp(self):
        self.addCleanup(self.empty)

    def empty(self):
        self.world.postfix.command("postsuper", "-d", "ALL")
        self.use("down")
        self.world.daemon.start() if not self.world.daemon.running else None
        self.world.apply()

    def deferred(self, sender, recipients="friend@remote.example"):
        """Queue a message and wait until it is deferred; its token and queue ID."""
        token, queue_id = self.world.queue_message(sender, recipients)
        self.world.postfix.wait_until_deferred(queue_id)
        return token, queue_id

    def queues(self):
        """{name: entry} of the overview."""
        answer = self.world.ctl.must("queue", "--json").json
        return {one["name"]: one for one in answer["queues"]}

    def messages(self, name):
        """{queue ID: entry} of one connector."""
        answer = self.world.ctl.must("queue", name, "--json").json
        return {one["queue_id"]: one for one in answer["messages"]}

    @contextlib.contextmanager
    def postfix_setting(self, name, value):
        self.world.postfix.postconf("-e", f"{name}={value}")
        self.world.postfix.reload()
        try:
            yield
        finally:
            self.world.postfix.postconf("-X", name)
            self.world.postfix.reload()


class Queue(QueueCase):
    """What `queue` shows."""

    weight = 30

    def test_an_empty_queue(self):
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual(self.world.ctl.must("queue").stdout, "the queue is empty\n")
        self.assertEqual(self.queues(), {})

    def test_connectors_counts_and_real_reasons(self):
        self.deferred("a@contoso.example")
        self.deferred("b@contoso.example", ["x@remote.example", "y@remote.example"])
        _token, held = self.deferred("c@contoso.example")
        self.world.postfix.command("postsuper", "-h", held)
        self.deferred("a@fabrikam.example")
        queues = self.queues()
        self.assertEqual(set(queues), {"Contoso", "Fabrikam"})
        contoso, fabrikam = queues["Contoso"], queues["Fabrikam"]
        self.assertEqual((contoso["deferred"], contoso["hold"], contoso["active"]), (2, 1, 0))
        self.assertEqual(contoso["service"], "sc-contoso")
        self.assertEqual([one["recipients"] for one in contoso["reasons"]], [4])
        self.assertIn("Connection refused", contoso["reasons"][0]["reason"])
        self.assertEqual(fabrikam["deferred"], 1)
        reason = fabrikam["reasons"][0]["reason"]
        self.assertIn("SubjectMismatch", reason)
        self.assertIn(self.world.smart_hosts["wrong"].next_hop, reason)
        shown = self.world.ctl.must("queue").stdout
        self.assertIn("SubjectMismatch", shown)
        self.assertIn("Connection refused", shown)
        self.assertNotIn("client TLS configuration problem", shown)

    def test_messages_of_a_connector(self):
        _token, queue_id = self.deferred("a@fabrikam.example", ["x@remote.example", "y@remote.example"])
        self.deferred("a@contoso.example")
        listed = self.messages("fabrikam")
        self.assertEqual(set(listed), {queue_id})
        entry = listed[queue_id]
        self.assertEqual(entry["sender"], "a@fabrikam.example")
        self.assertEqual({one["address"] for one in entry["recipients"]},
                         {"x@remote.example", "y@remote.example"})
        self.assertIn("SubjectMismatch", entry["recipients"][0]["reason"])
        self.assertIn("TLS", entry["recipients"][0]["delay_reason"])
        shown = self.world.ctl.must("queue", "Fabrikam").stdout
        self.assertIn(queue_id, shown)
        self.assertEqual(len(shown.splitlines()), 3)

    def test_recipients_that_are_none_of_ours(self):
        self.world.site.stop()
        self.addCleanup(self.world.site.start)
        self.deferred("a@contoso.example", "x@branch.example")
        self.deferred("stranger@nowhere.example")
        self.assertEqual({name: one["deferred"] for name, one in self.queues().items()},
                         {"(relay)": 1, "(no connector)": 1})
        self.assertEqual(len(self.messages("(relay)")), 1)
        self.assertEqual(len(self.messages("relay")), 1)

    def test_a_filter_says_whose_mail_it_is(self):
        self.deferred("moved@other.example")
        self.deferred("lost@contoso.example")
        queues = self.queues()
        self.assertEqual(queues["Contoso"]["old_filter"], 1)
        self.assertEqual(queues["(sc-gone)"]["old_filter"], 1)
        self.assertIn("the old way", self.world.ctl.must("queue").stderr)
        self.assertEqual(len(self.messages("sc-gone")), 1)

    def test_without_the_daemon_it_says_so(self):
        self.deferred("a@fabrikam.example")
        self.world.daemon.stop()
        answer = self.world.ctl.must("queue")
        self.assertIn("Fabrikam", answer.stdout)
        self.assertIn("TLS configuration problem", answer.stdout)
        self.assertIn("sendconnectord is not running", answer.stderr)
        self.assertIn("why TLS fails is what only it knows", answer.stderr)

    def test_an_unknown_name(self):
        answer = self.world.ctl.run("queue", "Contosso")
        self.assertEqual(answer.code, 2)
        self.assertIn('did you mean "Contoso"?', answer.stderr)

    def test_explain_of_a_queued_message(self):
        _token, queue_id = self.deferred("fixed@contoso.example",
                                         ["x@remote.example", "y@branch.example"])
        answer = self.world.ctl.must("explain", "--queue-id", queue_id, "--json").json
        self.assertEqual(answer["from"], "fixed@contoso.example")
        self.assertEqual(answer["header_from"], ["<fixed@contoso.example>"])
        self.assertEqual(answer["filter"],
                         f"sc-contoso:{self.world.smart_hosts['down'].next_hop}")
        by_recipient = {one["to"]: one for one in answer["recipients"]}
        self.assertEqual(by_recipient["x@remote.example"]["connector"], "Contoso")
        self.assertEqual(by_recipient["x@remote.example"]["size"], answer["size"])
        self.assertEqual(by_recipient["y@branch.example"]["route"], "relay")
        self.assertIn("FILTER", self.world.ctl.must("explain", "--queue-id", queue_id).stdout)
        self.assertEqual(self.world.ctl.run("explain", "--queue-id", "NOSUCHID").code, 2)


class Requeue(QueueCase):
    """What `requeue` does, and leaves."""

    weight = 60

    def requeue(self, *arguments):
        return self.world.ctl.run("requeue", *arguments, "--json")

    def fates(self, answer):
        return {one["queue_id"]: one["fate"] for one in answer.json["left"]}

    def test_after_the_smart_host_changed(self):
        token, queue_id = self.deferred("fixed@contoso.example")
        other, _follows = self.deferred("a@contoso.example")
        _token, held = self.deferred("fixed@contoso.example", "held@remote.example")
        self.world.postfix.command("postsuper", "-h", held)
        self.assertEqual(self.queues()["Contoso"]["old_filter"], 0)
        self.use("spare")
        applied = self.world.apply()
        self.assertIn("2 queued messages still go the old way: sudo sendconnectorctl", applied.stderr)
        self.assertIn("requeue Contoso", applied.stderr)
        self.assertEqual(self.queues()["Contoso"]["old_filter"], 2)

        looked = self.requeue("Contoso", "--dry-run")
        self.assertEqual(looked.code, 0, looked)
        self.assertEqual([one["queue_id"] for one in looked.json["requeued"]], [queue_id])
        down, spare = (self.world.smart_hosts[one].next_hop for one in ("down", "spare"))
        self.assertEqual(looked.json["requeued"][0]["from"], f"Contoso via {down}")
        self.assertEqual(looked.json["requeued"][0]["to"], f"Contoso via {spare}")
        self.assertIn(queue_id, [one.queue_id for one in self.world.postfix.queue()])

        done = self.requeue("contoso")
        self.assertEqual(done.code, 0, done)
        moved = done.json["requeued"]
        self.assertEqual([one["queue_id"] for one in moved], [queue_id])
        self.assertNotIn(moved[0]["new_queue_id"], (None, queue_id))
        self.assertEqual(done.json["missing"], [])
        self.assertEqual(self.fates(done)[held], "on_hold")
        received = self.world.wait_for_mail(token)
        self.assertEqual([one.server for one in received], ["spare"])
        self.assertEqual([one.queue_name for one in self.world.postfix.queue()
                          if one.queue_id == held], ["hold"])
        # What has no FILTER needs no requeue.
        self.world.wait_for_mail(other, flush=True)
        self.assertEqual(len(self.world.received(token)), 1)
        again = self.requeue("Contoso")
        self.assertEqual((again.code, again.json["requeued"]), (0, []))

    def test_to_another_connector_by_queue_id(self):
        token, queue_id = self.deferred("moved@other.example")
        answer = self.requeue(queue_id)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(answer.json["requeued"][0]["to"], "(no connector)")
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["site"])

    def test_of_a_connector_that_is_gone(self):
        self.use("spare")
        self.world.apply()
        token, _queue_id = self.deferred("lost@contoso.example")
        self.assertEqual(self.requeue("sc-gone").code, 0)
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["spare"])

    def test_all_wants_a_yes(self):
        token, _queue_id = self.deferred("fixed@contoso.example")
        self.use("spare")
        self.world.apply()
        refused = self.requeue("--all")
        self.assertEqual(refused.code, 2)
        self.assertIn("--yes", refused.stderr)
        self.world.stays_queued(token, 1)
        self.assertEqual(self.requeue("--all", "--yes").code, 0)
        self.world.wait_for_mail(token)

    def test_refused_unless_everything_is_in_place(self):
        token, queue_id = self.deferred("fixed@contoso.example")
        self.use("spare")
        lagging = self.requeue("Contoso")
        self.assertEqual(lagging.code, 1)
        self.assertIn("another configuration", lagging.stderr)
        self.world.apply()
        self.world.ctl.must("disable")
        detached = self.requeue("Contoso")
        self.assertEqual(detached.code, 1)
        self.world.apply()
        self.world.ctl.must("enable")
        self.world.daemon.stop()
        stopped = self.requeue("Contoso")
        self.assertEqual(stopped.code, 1)
        self.assertIn("sendconnectord is not running", stopped.stderr)
        self.assertIn(queue_id, [one.queue_id for one in self.world.postfix.queue()])
        self.assertEqual(self.world.postfix.maildrop_count(), 0)
        self.world.stays_queued(token, 1)

    def test_what_would_lose_its_route_is_left(self):
        _token, queue_id = self.deferred("fixed@contoso.example",
                                         ["x@branch.example", "y@remote.example"])
        self.use("spare")
        self.world.apply()
        answer = self.requeue("Contoso")
        self.assertEqual(answer.code, 1, answer)
        self.assertEqual(self.fates(answer), {queue_id: "loses_route"})
        self.assertIn("x@branch.example", answer.json["left"][0]["why"])
        self.assertIn(queue_id, [one.queue_id for one in self.world.postfix.queue()])

    def test_nobody_gets_a_second_copy_unasked(self):
        token, queue_id = self.deferred("fixed@contoso.example")
        _token, team = self.deferred("fixed@contoso.example", "team@v.example")
        self.use("spare")
        self.world.apply()
        with self.postfix_setting("always_bcc", "archive@remote.example"):
            answer = self.requeue("Contoso")
            self.assertEqual(answer.code, 1, answer)
            self.assertEqual(self.fates(answer)[queue_id], "second_copy")
            self.assertIn("archive@remote.example", answer.json["left"][0]["why"])
        answer = self.requeue("Contoso")
        self.assertEqual(answer.code, 1, answer)
        self.assertEqual(self.fates(answer), {team: "second_copy"})
        self.world.wait_for_mail(token)
        self.assertEqual(self.requeue("Contoso", "--second-copies").code, 0)

    def test_a_filter_of_the_site_is_not_touched(self):
        with self.postfix_setting("default_filter_nexthop", ""):
            (self.world.postfix.config_directory / "site_filter").write_text(
                f"scanned@contoso.example FILTER smtp:{self.world.smart_hosts['down'].next_hop}\n")
            with self.postfix_setting(
                    "smtpd_data_restrictions",
                    "check_sender_access texthash:$config_directory/site_filter"):
                _token, queue_id = self.deferred("scanned@contoso.example")
        self.world.postfix.postconf("-e", f"smtpd_data_restrictions={FILTERED['smtpd_data_restrictions']}")
        self.world.postfix.reload()
        answer = self.requeue(queue_id)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(self.fates(answer), {queue_id: "foreign_filter"})

    def test_neither_a_connector_nor_a_queue_id(self):
        for arguments in (["Nobody"], [], ["--all", "Contoso"]):
            self.assertEqual(self.requeue(*arguments).code, 2, arguments)


class LongQueue(QueueCase):
    """Two thousand messages."""

    weight = 60
    time_limit = 150
    count = 2000

    def test_listed_within_seconds_and_requeued_without_a_loss(self):
        postfix = self.world.postfix
        postfix.command("smtp-source", "-m", self.count, "-s", 10, "-l", 2000,
                        "-f", "fixed@contoso.example", "-t", "friend@remote.example",
                        f"{postfix.address}:{postfix.port}")
        postfix.wait_for_queue(
            lambda queue: sum(one.queue_name == "deferred" for one in queue) == self.count, 90)
        began = time.monotonic()
        self.assertEqual(self.queues()["Contoso"]["deferred"], self.count)
        self.assertLess(time.monotonic() - began, 10)
        self.use("spare")
        began = time.monotonic()
        applied = self.world.apply()
        self.assertIn(f"{self.count} queued messages still go the old way", applied.stderr)
        self.assertLess(time.monotonic() - began, 30)
        answer = self.world.ctl.run("requeue", "--all", "--yes", "--json", seconds=120)
        self.assertEqual(answer.code, 0, answer.stderr)
        self.assertEqual(len(answer.json["requeued"]), self.count)
        self.assertEqual((answer.json["waiting"], answer.json["missing"]), ([], []))
        spare = self.world.smart_hosts["spare"]
        wait_until(lambda: len(spare.messages) >= self.count, 90,
                   lambda: f"all to arrive; {len(spare.messages)} have")
        postfix.wait_until_queue_empty()
        self.assertEqual(len(spare.messages), self.count)
