# SPDX-License-Identifier: Apache-2.0
"""Which way mail leaves: by sender, by every way mail can come into being.

Each table says sender, and the connector it must leave by (None: no connector
takes it, so it leaves as it would without sendconnector).
"""

import re

from harness import messages
from harness.config_file import connector
from harness.test_case import WorldCase

OUTSIDE = "friend@remote.example"

SENDERS = [
    # sender                         connector
    ("alice@contoso.example",        "Contoso"),
    ("Alice@CONTOSO.Example",        "Contoso"),
    ("alice+news@contoso.example",   "Contoso"),
    ("ceo@contoso.example",          "Ceo"),
    ("CEO@contoso.example",          "Ceo"),
    ("ceo+board@contoso.example",    "Ceo"),
    ("alice@sub.contoso.example",    None),
    ("bob@fabrikam.example",         "Fabrikam"),
    ("bob@sales.fabrikam.example",   "Fabrikam"),
    ("bob@a.b.fabrikam.example",     "Fabrikam"),
    ("bob@notfabrikam.example",      None),
    ("eva@east.fabrikam.example",    "East"),
    ("",                             "Null"),
    ("stranger@other.example",       None),
]


def four_connectors(world):
    """Domain, mailbox, wildcard (two depths) and null sender, each with its own host."""
    names = {"Contoso": ["contoso.example"], "Ceo": ["ceo@contoso.example"],
             "Fabrikam": ["*.fabrikam.example"], "East": ["*.east.fabrikam.example"],
             "Null": ["<>"]}
    return [connector(name, world.smart_host(name), senders=senders)
            for name, senders in names.items()]


class RoutedCase(WorldCase):
    """Asserts where a message left."""

    def assert_left_by(self, token, want, recipients=(OUTSIDE,), sender=None):
        """Exactly one copy, at the smart host of connector `want` (None: at the site's)."""
        received = self.world.wait_for_mail(token)
        self.assertEqual([one.server for one in received], [want or "site"])
        self.assertEqual(received[0].recipients, tuple(recipients))
        if sender is not None:
            self.assertEqual(received[0].sender.lower(), sender.lower())


class SenderDecides(RoutedCase):
    """unmatched_senders = "postfix": mail with no connector keeps Postfix's own route."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("route", settings={
            "relay_domains": "relayed.example",
            "virtual_alias_maps": "texthash:$config_directory/virtual"})
        world.postfix.set_virtual_aliases({"list@virtual.example": "far@remote.example",
                                           "virtual.example": "anything"})
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "forward": "far@remote.example"})
        world.configure(four_connectors(world), unmatched_senders="postfix")
        world.start()

    def test_smtp_submission_leaves_by_its_senders_connector(self):
        tokens = [(self.world.send(sender), sender, want) for sender, want in SENDERS]
        for token, sender, want in tokens:
            with self.subTest(sender or "<>"):
                self.assert_left_by(token, want, sender=sender)

    def test_sendmail_submission_leaves_by_its_senders_connector(self):
        tokens = []
        for sender, want in SENDERS:
            token = messages.new_token()
            self.world.postfix.sendmail(sender, OUTSIDE, messages.message(token, sender))
            tokens.append((token, sender, want))
        for token, sender, want in tokens:
            with self.subTest(sender or "<>"):
                self.assert_left_by(token, want, sender=sender)

    def test_explain_lookup_endpoint_and_smart_host_agree(self):
        for sender, want in SENDERS:
            with self.subTest(sender or "<>"):
                shown = sender or "<>"
                explained = self.world.ctl.explain(shown, OUTSIDE)
                direct = self.world.transport_answer(shown)
                through_postfix = self.world.postmap_answer("transport", shown)
                server = self.world.wait_for_mail(self.world.send(sender))[0].server
                self.assertEqual(server, want or "site")
                if want is None:
                    self.assertEqual(explained["outcome"], "postfix")
                    self.assertRegex(direct, r"^NOTFOUND ?")
                    self.assertIsNone(through_postfix)
                    continue
                self.assertEqual((explained["outcome"], explained["connector"]),
                                 ("connector", want))
                self.assertEqual([self.world.host_of(one).name
                                  for one in explained["next_hops"]], [server])
                answer = f"{explained['service']}:{','.join(explained['next_hops'])}"
                self.assertEqual(direct, f"OK {answer}")
                self.assertEqual(through_postfix, answer)

    def test_null_sender_is_known_in_both_forms_that_postfix_asks_for(self):
        want = f"OK sc-null:{self.world.smart_hosts['Null'].next_hop}"
        for key in ("<>", '"<>"'):
            self.assertEqual(self.world.transport_answer(key), want)

    def test_bounce_leaves_by_the_connector_of_the_null_sender(self):
        host = self.world.smart_hosts["Contoso"]
        host.change(recipient_replies={"gone@remote.example": "550 5.1.1 no such user"})
        self.addCleanup(host.change, recipient_replies={})
        token = self.world.send("alice@contoso.example", "gone@remote.example")
        self.assert_left_by(token, "Null", ["alice@contoso.example"], sender="")

    def test_local_alias_that_forwards_outside_keeps_the_senders_connector(self):
        for sender, want in SENDERS:
            with self.subTest(sender or "<>"):
                token = self.world.send(sender, "forward@local.example")
                self.assert_left_by(token, want, ["far@remote.example"])

    def test_virtual_alias_to_the_outside_keeps_the_senders_connector(self):
        token = self.world.send("ceo@contoso.example", "list@virtual.example")
        self.assert_left_by(token, "Ceo", ["far@remote.example"])

    def test_requeued_mail_leaves_by_its_senders_connector(self):
        host = self.world.smart_hosts["Contoso"]
        host.stop()
        self.addCleanup(host.start)
        token, queue_id = self.world.queue_message("alice@contoso.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.world.postfix.requeue(queue_id)
        self.world.postfix.wait_for_queue(
            lambda queue: [one for one in queue if one.reason and one.queue_id != queue_id],
            what="the requeued message to be deferred again")
        self.assertEqual(self.world.received(token), [])
        host.start()
        self.world.postfix.requeue()
        self.assert_left_by(token, "Contoso")
        host.stop()

    def test_sendmail_bv_reports_the_connectors_smart_host(self):
        """Address verification asks the same table: -bv tells the truth."""
        mark = self.world.postfix.log_mark()
        self.world.postfix.command("sendmail", "-C", self.world.postfix.config_directory,
                                   "-bv", "-f", "alice@contoso.example", OUTSIDE)
        line = self.world.postfix.wait_for_log(rf"to=<{OUTSIDE}>.*status=deliverable",
                                               since=mark).group(0)
        self.assertIn(self.world.smart_hosts["Contoso"].address, line)

    def test_one_message_to_local_and_outside_recipients(self):
        token = self.world.send("ceo@contoso.example", ["box@local.example", OUTSIDE])
        self.assert_left_by(token, "Ceo")
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())

    def test_local_virtual_and_relay_recipients_are_untouched(self):
        token = self.world.send("alice@contoso.example", "box@local.example")
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())
        self.assertEqual(self.world.received(token), [])
        token = self.world.send("alice@contoso.example", "someone@relayed.example")
        self.assert_left_by(token, None, ["someone@relayed.example"])

    def test_what_a_client_writes_into_a_message_changes_nothing(self):
        """Invariant 5: only the envelope sender counts."""
        forged = [("Sender", "<ceo@contoso.example>"), ("Return-Path", "<ceo@contoso.example>"),
                  ("X-Sendconnector-Route",
                   f"sc-ceo:{self.world.smart_hosts['Ceo'].next_hop}")]
        for submit in (self.world.postfix.smtp_send, self.world.postfix.sendmail):
            with self.subTest(submit.__name__):
                token = messages.new_token()
                submit("stranger@other.example", OUTSIDE,
                       messages.message(token, "ceo@contoso.example", headers=forged))
                self.assert_left_by(token, None)

    def test_internal_headers_are_in_no_delivered_message(self):
        token = self.world.send("alice@contoso.example")
        headers = self.world.wait_for_mail(token)[0].headers
        self.assertEqual([name for name in headers.keys()
                          if re.match("x-sendconnector", name, re.IGNORECASE)], [])


class UnmatchedDefault(RoutedCase):
    """unmatched_senders = "default": mail with no connector leaves by the named one."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("dflt")
        world.postfix.set_aliases({"forward": "far@remote.example"})
        connectors = four_connectors(world)
        fallback = connector("Fallback", world.smart_host("Fallback"),
                             senders=["only@fallback.example"])
        world.configure([*connectors, fallback], unmatched_senders="default",
                        default_connector="Fallback")
        world.start()

    def test_every_sender_has_a_connector(self):
        tokens = [(self.world.send(sender), sender, want) for sender, want in SENDERS]
        for token, sender, want in tokens:
            with self.subTest(sender or "<>"):
                self.assert_left_by(token, want or "Fallback")

    def test_forwarded_and_sendmail_mail_of_strangers_leaves_by_the_default(self):
        token = self.world.send("stranger@other.example", "forward@local.example")
        self.assert_left_by(token, "Fallback", ["far@remote.example"])
        token = messages.new_token()
        self.world.postfix.sendmail("stranger@other.example", OUTSIDE, messages.message(token))
        self.assert_left_by(token, "Fallback")

    def test_explain_names_the_default_connector(self):
        explained = self.world.ctl.explain("stranger@other.example", OUTSIDE)
        self.assertEqual((explained["outcome"], explained["connector"]),
                         ("connector", "Fallback"))
        self.assertEqual(self.world.transport_answer("stranger@other.example"),
                         f"OK {explained['service']}:{explained['next_hops'][0]}")


class UnmatchedReject(RoutedCase):
    """unmatched_senders = "reject": no connector, no way out; the inside is untouched."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("reject")
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "forward": "far@remote.example"})
        world.configure(four_connectors(world), unmatched_senders="reject")
        world.start()

    def test_senders_with_a_connector_leave_by_it(self):
        tokens = [(self.world.send(sender), sender, want) for sender, want in SENDERS if want]
        for token, sender, want in tokens:
            with self.subTest(sender or "<>"):
                self.assert_left_by(token, want)

    def test_unmatched_sender_is_refused_with_5_7_1(self):
        for sender in [sender for sender, want in SENDERS if not want]:
            with self.subTest(sender):
                token, result = self.world.submit(sender)
                self.assertFalse(result.accepted)
                self.assertEqual(result.refusal.code, 550, result.refusal)
                self.assertIn("5.7.1", result.refusal.text)
                self.assertEqual(self.world.received(token), [])

    def test_mail_from_outside_to_a_local_mailbox_is_accepted(self):
        token = self.world.send("stranger@other.example", "box@local.example")
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())

    def test_forwarded_and_sendmail_mail_of_strangers_does_not_leave(self):
        forwarded = self.world.send("stranger@other.example", "forward@local.example")
        submitted = messages.new_token()
        self.world.postfix.sendmail("stranger@other.example", OUTSIDE,
                                    messages.message(submitted))
        self.world.postfix.wait_until_queue_empty(flush=True)
        for token in (forwarded, submitted):
            # A notice about it may leave to its sender, by the null sender's connector.
            for one in self.world.received(token):
                self.assertEqual((one.server, one.sender, one.recipients),
                                 ("Null", "", ("stranger@other.example",)))

    def test_explain_and_lookup_endpoint_agree(self):
        explained = self.world.ctl.explain("stranger@other.example", OUTSIDE)
        self.assertEqual(explained["outcome"], "reject")
        self.assertRegex(self.world.transport_answer("stranger@other.example"),
                         r"^OK error:5\.7\.1 ")


class Unchrooted(RoutedCase):
    """The same routes with services that are not chrooted."""

    weight = 6

    @classmethod
    def build_world(cls):
        world = cls.new_world("nochr", chroot=False)
        world.configure(four_connectors(world))
        world.start()

    def test_smtp_and_sendmail_leave_by_the_senders_connector(self):
        tokens = []
        for sender, want in SENDERS:
            tokens.append((self.world.send(sender), sender, want))
            token = messages.new_token()
            self.world.postfix.sendmail(sender, OUTSIDE, messages.message(token, sender))
            tokens.append((token, sender, want))
        for token, sender, want in tokens:
            with self.subTest(sender or "<>"):
                self.assert_left_by(token, want)
