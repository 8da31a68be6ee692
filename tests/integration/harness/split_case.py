# SPDX-License-Identifier: Apache-2.0
"""Base class of tests of what a split keeps: one sender, a connector for some recipients and one
for the others, and one for notices.
"""

from . import messages
from .config_file import connector
from .deadline import wait_until
from .test_case import WorldCase

SENDER = "a@contoso.example"
STRANGER = "stranger@other.example"  # has no connector; leaves by the site, as Postfix makes it
NEAR = "near@partner.example"
FAR = "far@far.example"


class SplitCase(WorldCase):
    """Mail to NEAR leaves by Partner, to FAR by Rest, from <> by Notices, all else by the site."""

    # To one recipient a message gets its connector when it comes in, to several it is split.
    WAYS = {"one connector": (NEAR,), "split": (NEAR, FAR)}

    # Who logs in to send as SENDER: then the login decides.
    login = None

    @classmethod
    def build_split_world(cls, label, senders=("contoso.example",), **options):
        world = cls.new_world(label, logins=cls.login is not None, **options)
        ours = {"senders": list(senders),
                "sender_identity": "login" if cls.login else "envelope"}
        world.configure([
            connector("Partner", world.smart_host("Partner"), **ours,
                      address_spaces=["partner.example", "*.partner.example"]),
            connector("Rest", world.smart_host("Rest"), **ours),
            connector("Notices", world.smart_host("Notices"), senders=["<>"]),
        ], unmatched_senders="postfix")
        return world

    @classmethod
    def start(cls):
        """Start the world; return when the daemon has read the settings that `enable` has changed.

        Until then it splits what needs no split.
        """
        cls.world.start()

        def direct():
            token = messages.new_token()
            login = (cls.login, cls.world.logins.password) if cls.login else None
            queue_id = cls.world.postfix.smtp_send(SENDER, NEAR, messages.message(token, SENDER),
                                                   login=login).queue_id
            return cls.world.postfix.wait_for_attempt(queue_id).agent != "postfix/sc-split/smtp"

        wait_until(direct, 10, "mail of one recipient to go its way without a split")

    def submit(self, data, sender=SENDER, recipients=(NEAR, FAR), **options):
        """Send what must be accepted; return the queue ID."""
        if self.login and sender == SENDER:
            options["login"] = (self.login, self.world.logins.password)
        result = self.world.postfix.smtp_send(sender, list(recipients), data, **options)
        self.assertTrue(result.accepted, f"{sender} to {recipients}: {result.refusal}")
        return result.queue_id

    def arrived(self, token, count=1, seconds=25):
        """{(server, recipient): message} of all copies, none twice; waits for `count`."""
        def copies():
            return sum(len(one.recipients) for one in self.world.received(token))

        wait_until(lambda: copies() >= count, seconds,
                   lambda: f"{count} copies of {token}, have {copies()}; "
                           f"queue: {self.world.postfix.queue()}")
        found = {}
        for one in self.world.received(token):
            for recipient in one.recipients:
                self.assertNotIn((one.server, recipient), found)
                found[one.server, recipient] = one
        return found

    def assert_went(self, queue_id, split):
        """By which of the two ways a message has gone."""
        self.world.postfix.wait_for_attempt(queue_id)
        agents = {one.agent for one in self.world.postfix.attempts(queue_id)}
        self.assertEqual("postfix/sc-split/smtp" in agents, split, agents)

    def notices(self, token):
        """What has come to anybody from the null sender about a message."""
        return [one for one in self.world.received(token) if one.sender == ""]

    def new_message(self, sender=SENDER, **options):
        """(token, message)."""
        token = messages.new_token()
        return token, messages.message(token, sender, **options)
