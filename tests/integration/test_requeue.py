# SPDX-License-Identifier: Apache-2.0
"""Queued mail that is decided on anew, and what must be left as it is."""

from harness.config_file import connector
from harness.deadline import wait_until
from harness.queue_case import QueueCase
from harness.test_case import WorldCase


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

    def test_pickup_that_hangs_up_is_called_again(self):
        token, _queue_id = self.deferred("fixed@contoso.example")
        self.use("spare")
        self.world.apply()
        calls = self.world.workspace.folder("hangs-up") / "calls"
        hangs_up_twice = self.world.ahead_of(
            "postkick", f"echo call >> {calls}\n[ $(wc -l < {calls}) -gt 2 ] || kill -PIPE $$")
        answer = self.world.ctl.run("requeue", "Contoso", "--json", environment=hangs_up_twice)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["spare"])
        self.assertEqual(calls.read_text(), 3 * "call\n")

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

    def test_a_copy_by_header_checks_counts_too(self):
        _token, queue_id = self.deferred("fixed@contoso.example")
        self.use("spare")
        self.world.apply()
        checks = self.world.postfix.config_directory / "checks"
        checks.write_text("/^Subject: audit/ BCC archive@remote.example\n")
        with self.postfix_setting("header_checks", f"regexp:{checks}"):
            self.assertEqual(self.fates(self.requeue("Contoso")), {queue_id: "second_copy"})

    def test_what_would_outgrow_the_limit_is_left(self):
        # A little too big, and cleanup(8) would return it to its sender.
        _token, queue_id = self.deferred("fixed@contoso.example")
        size = max(one.stat().st_size for one in
                   self.world.postfix.queue_directory.glob(f"deferred/*/{queue_id}"))
        self.use("spare")
        self.world.apply()
        with self.postfix_setting("message_size_limit", size + 20):
            answer = self.requeue("Contoso")
            self.assertEqual(answer.code, 1, answer)
            self.assertEqual(self.fates(answer), {queue_id: "too_big"})

    def test_a_filter_of_the_site_is_not_touched(self):
        _token, queue_id = self.deferred("scanned@contoso.example")
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

    def test_listed_and_requeued_without_a_loss(self):
        postfix = self.world.postfix
        postfix.command("smtp-source", "-m", self.count, "-s", 10, "-l", 2000,
                        "-f", "fixed@contoso.example", "-t", "friend@remote.example",
                        f"{postfix.address}:{postfix.port}")
        postfix.wait_for_queue(
            lambda queue: sum(one.queue_name == "deferred" for one in queue) == self.count, 90)
        self.assertEqual(self.queues()["Contoso"]["deferred"], self.count)
        self.use("spare")
        applied = self.world.apply()
        self.assertIn(f"{self.count} queued messages still go the old way", applied.stderr)
        answer = self.world.ctl.run("requeue", "--all", "--yes", "--json", seconds=120)
        self.assertEqual(answer.code, 0, answer.stderr)
        self.assertEqual(len(answer.json["requeued"]), self.count)
        self.assertEqual((answer.json["waiting"], answer.json["missing"]), ([], []))
        spare = self.world.smart_hosts["spare"]
        wait_until(lambda: len(spare.messages) >= self.count, 90,
                   lambda: f"all to arrive; {len(spare.messages)} have")
        postfix.wait_until_queue_empty()
        self.assertEqual(len(spare.messages), self.count)


class RoutedByTheMilter(WorldCase):
    """The connector depends on the recipient: the milter sets the FILTER, and sets it anew."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.new_world("refilt")
        world.smart_host("down").stop()
        for name in ("spare", "rest"):
            world.smart_host(name)
        cls.use("down")
        world.start()

    @classmethod
    def use(cls, partner):
        hosts = cls.world.smart_hosts
        cls.world.configure([
            connector("Partner", hosts[partner], senders=["contoso.example"],
                      address_spaces=["smtp:partner.example;1"]),
            connector("Rest", hosts["rest"], senders=["contoso.example"])])

    def test_decided_anew_by_the_listener(self):
        token, _queue_id = self.world.queue_message(
            "a@contoso.example", ["x@partner.example", "y@remote.example"])
        queue = self.world.postfix.wait_for_queue(
            lambda queue: len(queue) == 1 and "refused" in queue[0].reason)
        self.assertEqual(queue[0].recipients, ("x@partner.example",))
        entry = self.world.ctl.must("queue", "Partner", "--json").json["messages"][0]
        self.assertEqual(entry["filter"], f"sc-partner:{self.world.smart_hosts['down'].next_hop}")
        self.assertFalse(entry["old_filter"])
        self.use("spare")
        self.assertIn("1 queued message still goes the old way", self.world.apply().stderr)
        answer = self.world.ctl.run("requeue", "Partner", "--json")
        self.assertEqual(answer.code, 0, answer)
        self.world.wait_for_mail(token, count=2)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual({(one.server, one.recipients) for one in self.world.received(token)},
                         {("spare", ("x@partner.example",)), ("rest", ("y@remote.example",))})
        self.assertEqual(len(self.world.received(token)), 2)
