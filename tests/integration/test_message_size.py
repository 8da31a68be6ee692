# SPDX-License-Identifier: Apache-2.0
"""max_message_size of a connector, below Postfix's own message_size_limit."""

from harness import messages
from harness.config_file import connector
from harness.test_case import WorldCase

LIMIT = 10 * 1024
OUTSIDE = "friend@remote.example"
LOCAL = "box@local.example"
CLERK = "clerk@local.example"


class MessageSize(WorldCase):
    """Too large is 552 5.3.4: at the recipient when SIZE= tells, else at end of message."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("size")
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "clerk": world.postfix.mailbox_file("clerk")})
        world.configure([
            connector("Small", world.smart_host("Small"), senders=["small.example", CLERK],
                      max_message_size="10KB"),
            connector("Free", world.smart_host("Free"), senders=["free.example"],
                      max_message_size="unlimited"),
            connector("Normal", world.smart_host("Normal"), senders=["normal.example"])],
            unmatched_senders="reject")
        world.start()

    def submit(self, size, recipients=OUTSIDE, announced=None, sender="a@small.example"):
        token = messages.new_token()
        result = self.world.postfix.smtp_send(
            sender, recipients, messages.message_of_size(token, size, sender=sender),
            size=announced)
        return token, result

    def assert_too_large(self, reply):
        self.assertEqual(reply.code, 552, reply)
        self.assertIn("5.3.4", reply.text)

    def test_announced_size_at_the_limit_is_accepted(self):
        token, result = self.submit(LIMIT, announced=LIMIT)
        self.assertTrue(result.accepted, result.refusal)
        self.assertEqual(self.world.wait_for_mail(token)[0].server, "Small")

    def test_announced_size_one_byte_over_is_refused_at_the_recipient(self):
        _token, result = self.submit(LIMIT + 1, announced=LIMIT + 1)
        self.assertTrue(result.mail.accepted, result.mail)
        self.assert_too_large(result.recipients[OUTSIDE])

    def test_announced_size_does_not_concern_local_recipients(self):
        token, result = self.submit(LIMIT + 1, [LOCAL, OUTSIDE], announced=LIMIT + 1)
        self.assertTrue(result.recipients[LOCAL].accepted)
        self.assert_too_large(result.recipients[OUTSIDE])
        self.assertTrue(result.accepted, result.refusal)
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())
        self.assertEqual(self.world.received(token), [])

    def test_unannounced_size_at_the_limit_is_accepted(self):
        token, result = self.submit(LIMIT)
        self.assertTrue(result.accepted, result.refusal)
        received = self.world.wait_for_mail(token)
        self.assertEqual([one.server for one in received], ["Small"])

    def test_unannounced_size_one_byte_over_is_refused_at_end_of_message(self):
        token, result = self.submit(LIMIT + 1)
        self.assert_too_large(result.data)
        self.assertEqual(self.world.received(token), [])

    def test_announced_too_low_is_caught_at_end_of_message(self):
        _token, result = self.submit(LIMIT + 1, announced=100)
        self.assert_too_large(result.data)

    def test_large_message_to_a_local_recipient_only_is_accepted(self):
        token, result = self.submit(LIMIT * 3, LOCAL)
        self.assertTrue(result.accepted, result.refusal)
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.world.postfix.mailbox_file("box").read_text())

    def test_other_connectors_are_not_concerned(self):
        token, result = self.submit(LIMIT * 10, sender="a@free.example", announced=LIMIT * 10)
        self.assertTrue(result.accepted, result.refusal)
        self.assertEqual(self.world.wait_for_mail(token)[0].server, "Free")

    def test_postfixs_own_limit_stays(self):
        limit = int(self.world.postfix.setting("message_size_limit"))
        _token, result = self.submit(1000, sender="a@free.example", announced=limit + 1)
        self.assertEqual(result.mail.code, 552)

    def test_explain_agrees_at_the_boundary(self):
        for size, want in ((LIMIT, "connector"), (LIMIT + 1, "too_large")):
            with self.subTest(size):
                explained = self.world.ctl.explain("a@small.example", OUTSIDE, size=size)
                self.assertEqual(explained["outcome"], want)


class SubmittedBySendmail(WorldCase):
    """Nobody is there to hear a refusal: what is too large returns to its sender."""

    @classmethod
    def build_world(cls):
        world = cls.new_world("size-sendmail")
        world.postfix.set_aliases({name: world.postfix.mailbox_file(name)
                                   for name in ("box", "clerk")})
        world.configure([connector("Small", world.smart_host("Small"), senders=[CLERK],
                                   max_message_size="10KB")])
        world.start()

    def submit(self, size, *recipients):
        token = messages.new_token()
        self.world.postfix.sendmail(
            CLERK, recipients, messages.message_of_size(token, size, sender=CLERK))
        return token

    def mailbox(self, name):
        file = self.world.postfix.mailbox_file(name)
        return file.read_text(errors="replace") if file.exists() else ""

    def test_too_large_returns_and_local_recipients_get_it(self):
        token = self.submit(LIMIT + 2000, OUTSIDE, LOCAL)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual(self.world.received(token), [])
        self.assertIn(token, self.mailbox("box"))
        returned = self.mailbox("clerk")
        self.assertIn(token, returned)
        self.assertIn("5.3.4", returned)
        self.assertIn("Message size exceeds fixed maximum message size", returned)

    def test_at_the_limit_it_leaves(self):
        token = self.submit(LIMIT - 500, OUTSIDE, LOCAL)
        self.assertEqual(self.world.wait_for_mail(token)[0].server, "Small")
        self.world.postfix.wait_until_queue_empty()
        self.assertIn(token, self.mailbox("box"))


class ThroughTheListener(WorldCase):
    """What the split adds to a message on its way does not count."""

    @classmethod
    def build_world(cls):
        world = cls.new_world("size-split")
        world.configure([
            connector("Near", world.smart_host("Near"), senders=["small.example"],
                      address_spaces=["remote.example"], max_message_size="10KB"),
            connector("Rest", world.smart_host("Rest"), senders=["small.example"],
                      address_spaces=["elsewhere.example"])])
        world.start()

    def test_at_the_limit_it_is_delivered(self):
        token = messages.new_token()
        result = self.world.postfix.smtp_send(
            "a@small.example", [OUTSIDE, "b@elsewhere.example"],
            messages.message_of_size(token, LIMIT, sender="a@small.example"))
        self.assertTrue(result.accepted, result.refusal)
        mail = self.world.wait_for_mail(token, 2)
        self.assertEqual(sorted(one.server for one in mail), ["Near", "Rest"])
