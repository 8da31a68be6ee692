# SPDX-License-Identifier: Apache-2.0
"""What Postfix shows of a message to the milter: what the policy needs, and no more."""

from harness import messages
from harness.config_file import connector
from harness.deadline import wait_until
from harness.milter_tap import MilterTap
from harness.test_case import WorldCase

PLACE = {"{daemon_name}", "{daemon_addr}", "{daemon_port}", "{client_addr}", "{client_port}"}
RCPT = {"{rcpt_mailer}", "{rcpt_host}", "{rcpt_addr}"}


class Demand(WorldCase):
    """One world, policy after policy; Postfix' side of the milter protocol is recorded."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("demand")
        for name in ("plain", "partner", "rest"):
            world.smart_host(name)
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box")})
        cls.policy(world)
        world.start()
        cls.tap = MilterTap(world.milter_socket)
        world.workspace.on_close(cls.tap.close)

    @staticmethod
    def policy(world, *more, **top):
        world.configure([connector("Plain", world.smart_hosts["plain"], senders=["plain.example"],
                                   max_message_size="unlimited"), *more], **top)

    def by_recipient(self, **parameters):
        hosts = self.world.smart_hosts
        return (connector("Partner", hosts["partner"], senders=["contoso.example"],
                          address_spaces=["partner.example"], max_message_size="unlimited", **parameters),
                connector("Rest", hosts["rest"], senders=["contoso.example"],
                          max_message_size="unlimited"))

    def apply(self, *more, **top):
        self.policy(self.world, *more, **top)
        self.world.apply()

    def said(self, sender, recipient="x@partner.example", host="plain", headers=()):
        """(events, macros by stage) of one message, which arrives at `host`."""
        self.tap.taken()
        token = messages.new_token()
        result = self.world.postfix.smtp_send(sender, recipient,
                                              messages.message(token, sender, headers=headers))
        self.assertTrue(result.accepted, result.refusal)
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], [host])
        return self.heard()

    def heard(self):
        """(events, macros by stage) of the conversation that has just ended."""
        conversation, = wait_until(self.tap.taken, 10, "the end of the milter's conversation")
        return conversation.events, conversation.macros

    def counters(self):
        return self.world.daemon.control({"command": "status"})["counters"]["milter"]

    def test_of_a_plain_policy_nothing_is_shown_behind_mail(self):
        self.apply()
        before = self.counters()
        for sender, host in (("a@plain.example", "plain"), ("a@other.example", "site"), ("", "site")):
            with self.subTest(sender):
                events, macros = self.said(sender, host=host)
                self.assertEqual(events, "M")
                self.assertEqual([one for one in macros.values() if one], [])
        after = self.counters()
        self.assertEqual(after["left_to_lookup"] - before["left_to_lookup"], 3)
        self.assertEqual(after["messages"] - before["messages"], 3)
        self.assertEqual(after["accepted"], before["accepted"])
        self.assertNotIn("action=accept", self.world.daemon.log())

    def test_a_refusal_needs_the_recipients_only(self):
        self.apply(unmatched_senders="reject")
        self.assertEqual(self.said("a@plain.example")[0], "M")
        self.tap.taken()
        self.world.send("a@other.example", "box@local.example")
        events, macros = self.heard()
        self.assertEqual(events, "MRE")
        self.assertEqual(macros["rcpt"], RCPT - {"{rcpt_addr}"})
        self.assertEqual(macros["mail"], set())
        self.assertEqual(self.world.submit("a@other.example")[1].refusal.code, 550)

    def test_where_recipients_decide_no_header_is_shown(self):
        self.apply(*self.by_recipient())
        events, macros = self.said("a@contoso.example", host="partner",
                                   headers=[("X-Sendconnector-Route", "sc-rest:[127.0.0.1]:9")])
        self.assertEqual(events, "MRE")
        self.assertEqual(macros["mail"], PLACE)
        self.assertEqual(macros["rcpt"], RCPT)
        for stage, names in macros.items():
            self.assertTrue(stage in ("mail", "rcpt") or names <= {"i"}, (stage, names))
        # Of others beside it, nothing.
        self.assertEqual(self.said("a@plain.example")[0], "M")
        self.assertEqual(self.said("a@other.example", host="site")[0], "M")

    def test_headers_are_shown_where_an_author_or_a_login_counts(self):
        for identity in ("header-from", "login"):
            with self.subTest(identity):
                self.apply(*self.by_recipient(sender_identity=identity))
                events, _macros = self.said("a@plain.example")
                self.assertRegex(events, "^MRL+NE?$")

    def test_the_body_is_shown_where_a_size_counts(self):
        self.apply(connector("Small", self.world.smart_hosts["rest"], senders=["small.example"],
                             max_message_size="100KB"))
        events, _macros = self.said("a@small.example", host="rest")
        self.assertRegex(events, "^MRL+NB+E")
        self.assertEqual(self.said("a@plain.example")[0], "M")
