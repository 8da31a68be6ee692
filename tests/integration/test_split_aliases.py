# SPDX-License-Identifier: Apache-2.0
"""Aliases that expand to recipients of several connectors: each gets the message once.

Tables of virtual_alias_maps, of local(8), a user's .forward, and lists with an owner.
"""

import shutil

from harness.deadline import wait_until
from harness.split_case import FAR, NEAR, SENDER, STRANGER, SplitCase

USER = "news"  # of every Debian system (base-passwd)
MANY = [f"r{number}@{('partner', 'far')[number % 2]}.example" for number in range(1000)]


class Expansion(SplitCase):
    """Who gets a message that was sent to an alias, by which connector."""

    weight = 30
    time_limit = 120

    @classmethod
    def build_world(cls):
        # What a list sends has its owner for a sender, see aliases(5).
        world = cls.build_split_world("alias", ["contoso.example", "owner-list@local.example"],
                                      settings={"virtual_alias_maps":
                                                "texthash:$config_directory/virtual"})
        postfix = world.postfix
        postfix.set_virtual_aliases({
            "virtual.example": "anything", "many@virtual.example": ", ".join(MANY),
            "both@virtual.example": f"{NEAR}, {FAR}, box@local.example",
            "deep@virtual.example": "both@virtual.example, near2@partner.example",
            "twice@virtual.example": f"{NEAR}, {NEAR}, both@virtual.example",
            "self@partner.example": f"self@partner.example, {FAR}",
            "tolist@virtual.example": "list@local.example"})
        forward = world.workspace.write(f"postfix/etc/{USER}.forward",
                                        f"{NEAR}\n{FAR}, box@local.example\n")
        shutil.chown(forward, USER)
        postfix.postconf("-e", f"forward_path={forward.parent}/${{user}}.forward",
                         f"mail_spool_directory={world.workspace.folder('spool')}/")
        included = world.workspace.write("postfix/etc/members", f"{NEAR}\n# comment\n{FAR}\n")
        postfix.set_aliases({
            "box": postfix.mailbox_file("box"), "forward": NEAR, "fork": f"{NEAR}, {FAR}, box",
            "members": f":include:{included}", "chain": "fork",
            "list": f"{NEAR}, {FAR}, gone@partner.example", "owner-list": "boss@contoso.example",
            "list-request": "box"})
        for host in ("Partner", "Rest"):
            world.smart_hosts[host].change(
                recipient_replies={"gone@partner.example": "550 5.1.1 nobody here"})
        world.start()

    def box_count(self, token):
        """Copies in the local mailbox."""
        return self.world.postfix.mailbox_file("box").read_text().count(f"X-Token: {token}\n")

    def assert_expands(self, recipients, want, in_box=0, sender=SENDER):
        token, data = self.new_message()
        self.submit(data, sender, recipients)
        self.arrived(token, len(want))
        self.world.postfix.wait_until_queue_empty()
        found = self.arrived(token, len(want))
        self.assertEqual(set(found), want)
        self.assertEqual(self.box_count(token), in_box)
        return token, found

    def test_each_member_once(self):
        near, far, near2 = ("Partner", NEAR), ("Rest", FAR), ("Partner", "near2@partner.example")
        cases = [
            # to                                     by connectors                    in the mailbox
            (["both@virtual.example"],               {near, far},                            1),
            (["deep@virtual.example"],               {near, far, near2},                     1),
            (["twice@virtual.example"],              {near, far},                            1),
            (["self@partner.example"],               {("Partner", "self@partner.example"), far}, 0),
            (["forward@local.example"],              {near},                                 0),
            (["fork@local.example"],                 {near, far},                            1),
            (["members@local.example"],              {near, far},                            0),
            (["chain@local.example"],                {near, far},                            1),
            ([f"{USER}@local.example"],              {near, far},                            1),
            (["list-request@local.example"],         set(),                                  1),
        ]
        for recipients, want, in_box in cases:
            with self.subTest(recipients):
                _, found = self.assert_expands(recipients, want, in_box)
                self.assertEqual({one.sender for one in found.values()} - {SENDER}, set())

    def test_who_is_asked_for_twice_gets_as_many_as_without_us(self):
        """By name and by alias are two to Postfix, see enable_original_recipient in postconf(5)."""
        copies = {}
        for sender in (SENDER, STRANGER):
            token, data = self.new_message(sender)
            self.submit(data, sender, ["both@virtual.example", NEAR, FAR])
            self.world.postfix.wait_until_queue_empty()
            copies[sender] = sorted(to for one in self.world.received(token)
                                    for to in one.recipients)
        self.assertEqual(copies[SENDER], copies[STRANGER])

    def test_a_list_with_an_owner(self):
        """The owner is the sender, who has connectors; he gets the bounce, by the null sender's."""
        for alias in ("list@local.example", "tolist@virtual.example"):
            with self.subTest(alias):
                owner = ("Notices", "boss@contoso.example")
                token, found = self.assert_expands([alias],
                                                   {("Partner", NEAR), ("Rest", FAR), owner})
                senders = {server: one.sender for (server, _), one in found.items()}
                self.assertEqual(senders, {"Partner": "owner-list@local.example",
                                           "Rest": "owner-list@local.example", "Notices": ""})
                report = found[owner].headers.get_payload()[1]
                self.assertIn("gone@partner.example", report.as_string())
                self.assertEqual(len(self.notices(token)), 1)

    def test_what_is_refused_beyond_an_alias_bounces_to_the_sender(self):
        token, data = self.new_message()
        self.submit(data, recipients=["gone@partner.example", "both@virtual.example"])
        self.arrived(token, 3)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual([(one.server, one.recipients) for one in self.notices(token)],
                         [("Notices", (SENDER,))])

    def test_a_success_notice_of_an_alias_is_of_the_alias(self):
        """An alias of several members is where delivery ends, says RFC 3461; so Postfix does."""
        token, data = self.new_message()
        to = "members@local.example"
        self.submit(data, recipients=[to], recipient_parameters={to: ["NOTIFY=SUCCESS"]})
        self.arrived(token, 2)
        self.world.postfix.wait_until_queue_empty()
        wait_until(lambda: self.notices(token), 5, "a notice")
        (notice,) = self.notices(token)
        self.assertIn(f"Original-Recipient: rfc822;{to}",
                      notice.headers.get_payload()[1].as_string())

    def test_a_thousand_members(self):
        token, data = self.new_message()
        self.submit(data, recipients=["many@virtual.example"])
        wait_until(lambda: sum(len(one.recipients) for one in self.world.received(token)) >= 1000,
                   90, lambda: f"1,000 copies, have {len(self.world.received(token))}", 0.2)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual(set(self.arrived(token)),
                         {("Partner" if to.endswith("@partner.example") else "Rest", to)
                          for to in MANY})
