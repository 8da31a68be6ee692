# SPDX-License-Identifier: Apache-2.0
"""The oracle of the random test against tables written by hand, and that a difference is seen."""

import collections
import random
import unittest

from harness.smtp_client import Reply, Submission
from random_routing import integrity, mapping, selection
from random_routing.chaos_judgement import Attempt, reply_faults
from random_routing.comparison import differences
from random_routing.explanation import explain
from random_routing.fate import Delivery, Oracle, Waiting
from random_routing.mail import Author, Mail
from random_routing.mail_generator import draw_mail
from random_routing.policy import Connector, Policy
from random_routing.rounds import Round
from random_routing.selection import Sending
from random_routing.site import Site
from random_routing.wavering import WaveringOracle

CONTOSO = Connector("Contoso", ("contoso.example",), farm="farm1", fqdn="c.helo.example")
CEO = Connector("Ceo", ("ceo@contoso.example",), farm="farm2")
BELOW = Connector("Below", ("*.contoso.example",), farm="farm3")
ALL = Connector("All", None, farm="farm4")


def name_of(policy, domain="remote.example", route="default", **sending):
    """The chosen connector's name, or what happens instead."""
    values = {"envelope": "", "author": "nobody@zz.invalid", "login": None, "size": 1000}
    choice = selection.choose(policy, Sending(**{**values, **sending}), domain, route)
    return choice.connector.name if choice.connector else choice.kind


class Selection(unittest.TestCase):
    """sendconnector.toml(5), SENDERS and SELECTION."""

    def test_most_specific_sender_wins(self):
        policy = Policy((ALL, BELOW, CONTOSO, CEO))
        for sender, want in [("ceo@contoso.example", "Ceo"), ("CEO+x@Contoso.Example", "Ceo"),
                             ("a@contoso.example", "Contoso"), ("a@b.contoso.example", "Below"),
                             ("a@notcontoso.example", "All"), ("", "All")]:
            with self.subTest(sender):
                self.assertEqual(name_of(policy, envelope=sender), want)

    def test_specificity_of_spaces_precedes_cost_and_name(self):
        policy = Policy(tuple(
            Connector(name, ("contoso.example",), (space,))
            for name, space in [("Any", "*"), ("Wild", "SMTP:*.partner.example;1"),
                                ("Exact", "partner.example;100"), ("cheap", "*.remote.example;2"),
                                ("Dear", "*.remote.example;3"), ("Also", "*.remote.example;2")]))
        for domain, want in [("partner.example", "Exact"), ("x.partner.example", "Wild"),
                             ("remote.example", "Also"), ("supplier.test", "Any")]:
            with self.subTest(domain):
                self.assertEqual(name_of(policy, domain, envelope="a@contoso.example"), want)

    def test_order_of_the_two_sides_can_be_swapped(self):
        connectors = (Connector("Sender", ("a@contoso.example",)),
                      Connector("Space", None, ("partner.example",)))
        for order, want in [("sender-first", "Sender"), ("address-space-first", "Space")]:
            policy = Policy(connectors, selection_order=order)
            self.assertEqual(name_of(policy, "partner.example", envelope="a@contoso.example"), want)

    def test_disabled_and_too_small_connectors_are_dropped(self):
        small = Connector("Small", ("a@contoso.example",), max_message_size="20KB")
        off = Connector("Off", ("a@contoso.example",), enabled=False)
        policy = Policy((small, CONTOSO, off))
        self.assertEqual(name_of(policy, envelope="a@contoso.example"), "Small")
        self.assertEqual(name_of(policy, envelope="a@contoso.example", size=20481), "Contoso")
        self.assertEqual(name_of(Policy((small,)), envelope="a@contoso.example", size=20481),
                         selection.TOO_LARGE)

    def test_what_happens_without_a_connector(self):
        here = Connector("Here", ("contoso.example",), ("partner.example",))
        for senders, recipients, known, stranger in [
                ("postfix", "reject", "reject", "own"), ("reject", "defer", "defer", "reject"),
                ("reject", "mx", "mx", "reject"), ("postfix", None, "own", "own")]:
            policy = Policy((here,), unmatched_senders=senders, unmatched_recipients=recipients)
            with self.subTest(senders=senders, recipients=recipients):
                self.assertEqual(name_of(policy, envelope="a@contoso.example"), known)
                self.assertEqual(name_of(policy, envelope="a@other.example"), stranger)

    def test_default_connector_comes_first_and_then_unmatched_recipients(self):
        policy = Policy((Connector("Here", ("contoso.example",), ("partner.example",)),
                         Connector("Default", ("<>",), ("*.example",))),
                        unmatched_senders="default", default_connector="default",
                        unmatched_recipients="reject")
        for sender, domain, want in [("a@contoso.example", "remote.example", "Default"),
                                     ("a@other.example", "remote.example", "Default"),
                                     ("a@other.example", "supplier.test", "reject")]:
            with self.subTest(sender=sender, domain=domain):
                self.assertEqual(name_of(policy, domain, envelope=sender), want)

    def test_identities(self):
        policy = Policy((Connector("Author", ("contoso.example",), sender_identity="header-from"),
                         Connector("Login", ("ceo@contoso.example",), sender_identity="login"),
                         Connector("Envelope", ("fabrikam.example",))))
        for sending, want in [
                ({"author": "a@contoso.example"}, "Author"),
                ({"login": "ceo@contoso.example"}, "Login"),
                ({"login": "ceo@contoso.example", "author": "a@contoso.example"}, "Login"),
                ({"envelope": "ceo@contoso.example"}, "own"),
                ({"envelope": "a@fabrikam.example"}, "Envelope"),
                ({"author": Author.SEVERAL}, selection.NO_AUTHOR),
                ({"author": Author.SEVERAL, "login": "ceo@contoso.example"}, "Login")]:
            with self.subTest(sending):
                self.assertEqual(name_of(policy, **sending), want)

    def test_routes(self):
        policy = Policy((Connector("Relay", None, routes=("relay",)),), unmatched_senders="reject")
        self.assertEqual(name_of(policy, route="relay"), "Relay")
        self.assertEqual(name_of(policy, route="transport"), "own")
        self.assertEqual(name_of(policy), "reject")


class AddressMapping(unittest.TestCase):
    """ADDRESS_REWRITING_README, as far as the random test uses it."""

    site = Site(virtual={"list@virtual.example": ("a@remote.example", "more@virtual.example"),
                         "more@virtual.example": ("b@remote.example", "a@remote.example"),
                         "crew@remote.example": ("crew@remote.example", "c@remote.example")},
                recipient_canonical={"old@remote.example": "list@virtual.example"},
                recipient_bcc={"a@remote.example": "copy@partner.example"},
                always_bcc="crew@remote.example")

    def test_expansions(self):
        for recipients, sender, want in [
                (["List@virtual.example"], None, ["a@remote.example", "b@remote.example"]),
                (["old+x@remote.example"], None, ["a+x@remote.example", "b+x@remote.example"]),
                (["crew@remote.example"], None, ["crew@remote.example", "c@remote.example"]),
                (["a@remote.example"], "s@contoso.example",
                 ["a@remote.example", "copy@partner.example", "crew@remote.example",
                  "c@remote.example"]),
                (["b@remote.example", "old@remote.example"], None,
                 ["b@remote.example", "a@remote.example", "b@remote.example"])]:
            with self.subTest(recipients):
                finals = [one.address for one in mapping.expand(self.site, recipients, sender)]
                self.assertEqual(finals, want)


class Fates(unittest.TestCase):
    """From a message to everything that comes of it."""

    def fate(self, policy, recipients, sender="a@contoso.example", **site):
        mail = Mail("t", sender, tuple(recipients), (f"<{sender}>",), sender)
        return Oracle(policy, Site(**site)).fate(mail, recipients)

    def test_copies_and_notifications(self):
        null = Connector("Null", ("<>",), farm="farm5")
        fate = self.fate(Policy((CONTOSO, null)), [
            "ann@remote.example", "gone@remote.example", "later@remote.example",
            "team@local.example", "ann@relayed.example"],
            aliases={"team": ("x@remote.example", "mailbox:box1"), "owner-team": ("mailbox:box2",)})
        own, helo = "mx.relay.example", "c.helo.example"
        self.assertEqual(fate.deliveries, collections.Counter([
            Delivery("farm1", helo, "a@contoso.example", "ann@remote.example"),
            Delivery("farm5", own, "", "a@contoso.example", "gone@remote.example"),
            Delivery("mailbox:box1", "", "owner-team@local.example", ""),
            Delivery("site", own, "owner-team@local.example", "x@remote.example"),
            Delivery("relay", own, "a@contoso.example", "ann@relayed.example")]))
        self.assertEqual(fate.waiting, collections.Counter(
            [Waiting("a@contoso.example", "later@remote.example")]))

    def test_notification_about_the_null_sender_is_dropped(self):
        fate = self.fate(Policy((ALL,)), ["gone@remote.example"], sender="")
        self.assertFalse(fate.deliveries or fate.waiting)


class ComparisonCanFail(unittest.TestCase):
    """A wrong oracle differs; what was tampered with is seen."""

    def test_another_policy_is_seen(self):
        seen = 0
        for number in range(20):
            task = Round(4711, number)
            draw, site, policy = task.drawn()
            oracle = Oracle(policy, site)
            wrong = Oracle(Policy((Connector("Wrong", None, farm="farm9"),)), site)
            for _ in range(10):
                mail = draw_mail(draw, oracle)
                want, other = oracle.fate(mail, mail.recipients), wrong.fate(mail, mail.recipients)
                self.assertEqual(differences(want, want.deliveries, want.waiting), [])
                seen += bool(differences(want, other.deliveries, other.waiting))
        self.assertGreater(seen, 100)

    def test_lost_doubled_and_strayed_mail_is_seen(self):
        fate = Fates().fate(Policy((CONTOSO,)), ["ann@remote.example", "ben@remote.example"])
        first, second = sorted(fate.deliveries)
        for have, want in [([first], ["missing"]), ([first, second, second], ["unwanted"]),
                           ([first, Delivery("site", *list(vars(second).values())[1:])],
                            ["missing", "unwanted"])]:
            sentences = differences(fate, collections.Counter(have), collections.Counter())
            self.assertEqual([one.split(":")[0].split()[0] for one in sentences], want)

    def test_third_ways_losses_and_doubles_are_seen_under_two_policies(self):
        other = Connector("Contoso", ("contoso.example",), farm="farm9", fqdn="c.helo.example")
        mail = Mail("t", "a@contoso.example", ("ann@remote.example", "gone@remote.example"),
                    ("<a@contoso.example>",), "a@contoso.example")
        slots = WaveringOracle([Policy((CONTOSO,)), Policy((other,))],
                               Site()).possible(mail, mail.recipients)
        helo = "c.helo.example"
        first, second, third = (Delivery(farm, helo, mail.sender, "ann@remote.example")
                                for farm in ("farm1", "farm9", "farm2"))
        report = Delivery("site", "mx.relay.example", "", mail.sender, "gone@remote.example")
        for have, said, doubled in [
                ([first, report], [], 0), ([second, report], [], 0),
                ([first, second, report], [], 1), ([first, first, report, report], [], 2),
                ([third, report], ["lost", "astray"], 0), ([first], ["lost"], 0),
                ([], ["lost", "lost"], 0), ([first, third, report], ["astray"], 0)]:
            with self.subTest(have=have):
                sentences, more = explain(slots, collections.Counter(have))
                self.assertEqual([one.partition(":")[0] for one in sentences], said)
                self.assertEqual(more.total(), doubled)

    def test_replies_of_a_chaotic_round_are_judged_one_by_one(self):
        known, unknown = "ann@remote.example", "unknown@local.example"
        mail = Mail("t", "a@contoso.example", (known, unknown), ("<a@contoso.example>",),
                    "a@contoso.example")
        fine, put_off, cut = Reply(250, "2.1.5 Ok"), Reply(451, "4.7.1 later"), Reply(421, "lost")
        gone, no = Reply(550, "5.1.1 unknown"), Reply(550, "5.7.1 no")
        for recipients, end, faults in [
                ((fine, gone), fine, 0), ((fine, gone), cut, 0), ((put_off, gone), None, 0),
                ((no, gone), None, 1), ((fine, gone), no, 1), ((fine, no), cut, 1),
                ((put_off, put_off), None, 0), ((fine, put_off), no, 1),
                ((fine,), cut, 0), ((), cut, 0), ((no,), cut, 1), ((fine,), fine, 1)]:
            with self.subTest(recipients=recipients, end=end):
                submission = Submission(Reply(220, "mx"), Reply(250, "Ok"),
                                        dict(zip(mail.recipients, recipients)), end)
                found = reply_faults([Oracle(Policy((CONTOSO,)), Site())],
                                     Attempt(mail, 0, submission))
                self.assertEqual(len(found), faults, found)

    def test_changed_octets_and_our_header_fields_are_seen(self):
        sender = "a@contoso.example"
        mail = Mail("t", sender, ("b@remote.example",), (f"<{sender}>",), sender,
                    forged=(("X-Sendconnector-Route", "mx"),))
        clean = mail.data.partition(b"\r\n")[2]
        traced = b"Received: from x\r\n\tby y\r\nReturn-Path: <a@b>\r\n" + clean
        self.assertEqual(integrity.faults(mail, traced, False, False), [])
        for changed in (mail.data, clean.replace(b"x-odd-Case", b"X-Odd-Case"),
                        clean.replace(b"  test   ", b" test "), clean + b"\r\n",
                        clean.replace("ü".encode(), b"=C3=BC"), clean.replace(b"\t\r\n", b"\r\n"),
                        clean.replace(b"X-Token", b"X-Sendconnector-Identity: x\r\nX-Token")):
            self.assertNotEqual(integrity.faults(mail, changed, False, False), [])

    def test_forged_fields_may_stay_as_they_were_written_only(self):
        mail = Mail("t", "", ("b@remote.example",), ("<a@contoso.example>",), "a@contoso.example",
                    forged=(("X-Sendconnector-Route", "mx"),))
        self.assertEqual(integrity.faults(mail, mail.data, False, False, forgeries_stay=True), [])
        for changed in (mail.data.replace(b": mx", b": my"),
                        mail.data.replace(b"X-Token", b"X-Sendconnector-Identity: x\r\nX-Token")):
            self.assertEqual(len(integrity.faults(mail, changed, False, False,
                                                  forgeries_stay=True)), 1)

    def test_seed_and_number_give_the_same_round_again(self):
        self.assertEqual(Round(5, 3).drawn()[1:], Round(5, 3).drawn()[1:])
        oracle = Oracle(Round(5, 3).drawn()[2], Round(5, 3).drawn()[1])
        first, second = (draw_mail(random.Random("5/3/1"), oracle) for _ in range(2))
        self.assertEqual((first.sender, first.recipients, first.from_fields, first.login),
                         (second.sender, second.recipients, second.from_fields, second.login))
