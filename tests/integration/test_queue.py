# SPDX-License-Identifier: Apache-2.0
"""The queue by connector, and why its mail really waits."""

from harness.queue_case import QueueCase


class Queue(QueueCase):
    """What `queue` shows."""

    weight = 30

    def fails_with(self, text):
        """Wait until the only queued message waits for this reason."""
        self.world.postfix.wait_for_queue(
            lambda queue: len(queue) == 1 and text in queue[0].reason, flush=True)

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

    def test_a_lookup_that_failed_is_told_from_one_that_fails(self):
        _token, queue_id = self.deferred("a@contoso.example")
        # smtp(8) remembers a policy that it could not get as long as it lives.
        self.addCleanup(self.world.postfix.reload)
        self.world.daemon.stop()
        # trivial-rewrite(8) still knows where to; smtp(8) asks for the TLS policy in vain.
        self.fails_with("TLS configuration problem")
        self.assertIn("TLS: Postfix could not be told the policy; the daemon does not answer",
                      self.reason_of("Contoso", queue_id))
        self.world.postfix.reload()
        self.fails_with("address resolver failure")
        self.assertIn("the daemon does not answer", self.reason_of("Contoso", queue_id))
        self.world.daemon.start()
        self.assertIn("answers now", self.reason_of("Contoso", queue_id))

    def test_a_next_hop_that_is_none_any_more(self):
        _token, queue_id = self.deferred("fixed@contoso.example")
        self.use("spare")
        self.world.apply()
        self.fails_with("TLS")
        self.assertIn("is no smart host of connector", self.reason_of("Contoso", queue_id))
        _token, gone = self.deferred("lost@contoso.example")
        self.assertIn("no enabled connector has the service sc-gone", self.reason_of("sc-gone", gone))

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
