# SPDX-License-Identifier: Apache-2.0
"""DKIM signatures that a message has when it comes in are good where it arrives."""

from harness import message_texts, messages
from harness.dkim_signer import DkimSigner
from harness.split_case import SENDER, SplitCase

# What Postfix itself changes, with us and without: bare line ends, lines that are too long.
CHANGED = {"bare line feeds", "bare carriage returns", "dots behind a bare line feed",
           "a line of 5,000 octets", "a header line of 5,000 octets", "NUL and control characters",
           "no body", "odd fields", "a line that is no field"}


class Signed(SplitCase):
    """Signed by the client."""

    weight = 12

    @classmethod
    def build_world(cls):
        world = cls.build_split_world("signed")
        cls.signer = DkimSigner(world.workspace)
        cls.start()

    def test_signatures_stay_good(self):
        sent = []
        for what in sorted(message_texts.TEXTS.keys() - CHANGED):
            for method in ((b"relaxed", b"relaxed"), (b"simple", b"simple")):
                for way, recipients in self.WAYS.items():
                    token = messages.new_token()
                    signed = self.signer.sign(message_texts.message(token, what), method)
                    queue_id = self.submit(signed, recipients=recipients,
                                           parameters=["BODY=8BITMIME"])
                    sent.append((what, method, way, recipients, token, signed, queue_id))
        for what, method, way, recipients, token, signed, queue_id in sent:
            with self.subTest(what, method=method, way=way):
                found = self.arrived(token, len(recipients))
                self.assertEqual({to for _, to in found}, set(recipients))
                self.assert_went(queue_id, way == "split")
                for one in found.values():
                    self.assertEqual(one.untraced, signed)
                    self.assertTrue(self.signer.verifies(one.data))

    def test_a_changed_message_does_not_verify(self):
        """Else the test above would prove nothing."""
        signed = self.signer.sign(messages.message("x", SENDER))
        self.assertTrue(self.signer.verifies(signed))
        for what, other in ((b"Subject: test", b"Subject: best"), (b"A test", b"The test")):
            self.assertFalse(self.signer.verifies(signed.replace(what, other)))


class SignedByALogin(Signed):
    """The same where the login decides."""

    login = SENDER
