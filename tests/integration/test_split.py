# SPDX-License-Identifier: Apache-2.0
"""Mail whose connector the sender alone does not decide: by recipient, author, login, size and route.

Each table says who receives what through which connector.
"""

from harness import messages
from harness.config_file import connector
from harness.deadline import wait_until
from harness.test_case import WorldCase


class ByRecipient(WorldCase):
    """Several connectors for one sender, apart by address space; local and relayed mail keeps its way."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("split", settings={
            "relay_domains": "relayed.example",
            "virtual_alias_maps": "texthash:$config_directory/virtual"})
        world.postfix.set_virtual_aliases({
            "both@virtual.example": "x@partner.example, y@far.example, box@local.example",
            "virtual.example": "anything"})
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "forward": "someone@partner.example"})
        world.configure([
            connector("Partner", world.smart_host("Partner"), senders=["contoso.example"],
                      address_spaces=["partner.example", "*.partner.example;5"]),
            connector("Rest", world.smart_host("Rest"), senders=["contoso.example"],
                      address_spaces=["*;10"]),
            connector("Bank", world.smart_host("Bank"), address_spaces=["bank.example"]),
        ], unmatched_senders="postfix")
        world.start()

    def assert_received(self, token, want):
        """`want`: server -> recipients, over all copies."""
        def arrived():
            found = {}
            for one in self.world.received(token):
                found.setdefault(one.server, []).extend(one.recipients)
            return {server: sorted(to) for server, to in found.items()}

        wanted = {server: sorted(to) for server, to in want.items()}
        count = sum(len(to) for to in wanted.values())
        wait_until(lambda: sum(len(to) for to in arrived().values()) >= count, 25,
                   lambda: f"{wanted}, have {arrived()}; queue: {self.world.postfix.queue()}")
        self.assertEqual(arrived(), wanted)

    def test_each_recipient_leaves_by_the_connector_of_its_address_space(self):
        token = self.world.send("a@contoso.example", [
            "one@partner.example", "two@sub.partner.example", "three@far.example", "box@local.example",
            "four@relayed.example"])
        self.assert_received(token, {
            "Partner": ["one@partner.example", "two@sub.partner.example"],
            "Rest": ["three@far.example"], "site": ["four@relayed.example"]})
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())

    def test_aliases_are_decided_by_what_they_expand_to(self):
        token = self.world.send("a@contoso.example", ["both@virtual.example", "forward@local.example"])
        self.assert_received(token, {"Partner": ["x@partner.example", "someone@partner.example"],
                                     "Rest": ["y@far.example"]})

    def test_a_connector_for_every_sender(self):
        token = self.world.send("stranger@other.example", ["a@bank.example", "b@far.example"])
        self.assert_received(token, {"Bank": ["a@bank.example"], "site": ["b@far.example"]})

    def test_sendmail_and_requeued_mail(self):
        token = messages.new_token()
        self.world.postfix.sendmail("a@contoso.example", ["x@partner.example", "y@far.example"],
                                    messages.message(token, "a@contoso.example"))
        self.assert_received(token, {"Partner": ["x@partner.example"], "Rest": ["y@far.example"]})
        host = self.world.smart_hosts["Partner"]
        host.stop()
        token = self.world.send("a@contoso.example", ["x@partner.example", "y@far.example"])
        self.world.postfix.wait_for_queue(
            lambda queue: [one for one in queue if one.reason], what="a deferred message")
        self.world.postfix.requeue()
        self.world.postfix.wait_for_queue(
            lambda queue: [one for one in queue if one.reason], what="a deferred message")
        host.start()
        self.world.postfix.requeue()
        self.assert_received(token, {"Partner": ["x@partner.example"], "Rest": ["y@far.example"]})

    def test_nothing_of_ours_is_in_what_is_delivered(self):
        token = self.world.send("a@contoso.example", ["x@partner.example", "y@far.example"])
        self.world.wait_for_mail(token, 2)
        for one in self.world.received(token):
            self.assertNotIn(b"x-sendconnector", one.data.lower())
