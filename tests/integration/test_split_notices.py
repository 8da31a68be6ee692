# SPDX-License-Identifier: Apache-2.0
"""Delivery status notifications (RFC 3461) of mail that is split over connectors.

What a client asks for reaches the smart hosts as he said it; notices come once a recipient, from
the null sender, to the sender, by the null sender's connector.
"""

import time

from harness.deadline import stays_true, wait_until
from harness.split_case import FAR, NEAR, SENDER, SplitCase

REFUSED = {"gone@partner.example": "550 5.1.1 nobody here", "gone@far.example": "550 5.1.1 nobody"}
LATER = {"later@partner.example": "450 4.2.1 not now", "later@far.example": "450 4.2.1 not now"}
PARAMETERS = ("ENVID", "RET")


class Requests(SplitCase):
    """What is said about notices in MAIL and RCPT."""

    weight = 12

    @classmethod
    def build_world(cls):
        cls.build_split_world("dsnreq")
        cls.start()

    def test_mail_and_rcpt_parameters_reach_the_smart_host(self):
        original = "ORCPT=rfc822;the+2Bfirst+3Done@elsewhere.example"
        cases = [
            # of MAIL                        of RCPT
            ([],                             []),
            (["RET=FULL"],                   ["NOTIFY=SUCCESS"]),
            (["RET=HDRS", "ENVID=QQ314159"], ["NOTIFY=NEVER"]),
            (["ENVID=a+2Bb+3Dc"],            ["NOTIFY=FAILURE", original]),
            (["RET=FULL", "ENVID=x"],        ["NOTIFY=SUCCESS,FAILURE,DELAY", original]),
            ([],                             ["NOTIFY=DELAY"]),
            ([],                             [original]),
        ]
        sent = []
        for of_mail, of_rcpt in cases:
            for way, recipients in self.WAYS.items():
                token, data = self.new_message()
                queue_id = self.submit(data, recipients=recipients, parameters=of_mail,
                                       recipient_parameters=dict.fromkeys(recipients, of_rcpt))
                sent.append((token, queue_id, way, recipients, of_mail, of_rcpt))
        for token, queue_id, way, recipients, of_mail, of_rcpt in sent:
            with self.subTest(way, mail=of_mail, rcpt=of_rcpt):
                found = self.arrived(token, len(recipients))
                self.assertEqual({to for _, to in found}, set(recipients))
                self.assert_went(queue_id, way == "split")
                for (_, to), one in found.items():
                    asked = dict(word.split("=", 1) for word in of_rcpt)
                    asked.setdefault("ORCPT", f"rfc822;{to}")  # Postfix says whom it means
                    self.assertEqual({name: one.mail_parameters[name] for name in PARAMETERS
                                      if name in one.mail_parameters},
                                     dict(word.split("=", 1) for word in of_mail))
                    self.assertEqual(one.recipient_parameters[0], asked)
                self.assertEqual(self.notices(token), [])

    def test_each_recipient_keeps_its_own(self):
        token, data = self.new_message()
        asked = {NEAR: ["NOTIFY=NEVER"], FAR: ["NOTIFY=DELAY,FAILURE"],
                 "more@far.example": ["NOTIFY=SUCCESS", "ORCPT=rfc822;list@far.example"],
                 "none@partner.example": []}
        self.submit(data, recipients=asked, recipient_parameters=asked)
        found = self.arrived(token, len(asked))
        self.assertEqual(
            {to: (one.recipient_parameters[0].get("NOTIFY"), one.recipient_parameters[0]["ORCPT"])
             for (_, to), one in found.items()},
            {NEAR: ("NEVER", f"rfc822;{NEAR}"), FAR: ("FAILURE,DELAY", f"rfc822;{FAR}"),
             "more@far.example": ("SUCCESS", "rfc822;list@far.example"),
             "none@partner.example": (None, "rfc822;none@partner.example")})

    def test_addresses_that_postfix_takes_apart_keep_theirs(self):
        """`%` in an address of this site's; what is asked is asked of what it means."""
        hack = "user%partner.example@local.example"
        for words in ([], ["NOTIFY=NEVER"], ["NOTIFY=FAILURE,DELAY"],
                      ["NOTIFY=SUCCESS", "ORCPT=rfc822;list+2B1@elsewhere.example"]):
            for recipients in ([hack], [hack, FAR]):
                with self.subTest(words, recipients=recipients):
                    token, data = self.new_message()
                    self.submit(data, recipients=recipients, parameters=["RET=HDRS", "ENVID=e-2"],
                                recipient_parameters={hack: words})
                    one = self.arrived(token, len(recipients))["Partner", "user@partner.example"]
                    asked = dict(word.split("=", 1) for word in words)
                    self.assertEqual(set(one.recipient_parameters[0].get("NOTIFY", "").split(",")),
                                     set(asked.get("NOTIFY", "").split(",")))
                    self.assertEqual(one.recipient_parameters[0]["ORCPT"],
                                     asked.get("ORCPT", f"rfc822;{hack}"))
                    self.assertEqual([one.mail_parameters[name] for name in PARAMETERS],
                                     ["e-2", "HDRS"])


class Notices(SplitCase):
    """Bounces, notices of success and of delay."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.build_split_world("dsn", settings={"delay_warning_time": "1s"})
        for name in ("Partner", "Rest"):
            world.smart_hosts[name].change(recipient_replies={**REFUSED, **LATER})
        cls.start()

    def wait_for_notices(self, token, count):
        wait_until(lambda: len(self.notices(token)) >= count, 20,
                   lambda: f"{count} notices about {token}, have {len(self.notices(token))}")
        return self.notices(token)

    def assert_notice(self, one, action, *words):
        """One to the sender, by the null sender's connector, with these words in its report."""
        self.assertEqual((one.server, one.sender, one.recipients), ("Notices", "", (SENDER,)))
        report = one.headers.get_payload()[1].as_string()
        self.assertIn(f"Action: {action}", report)
        for word in words:
            self.assertIn(word, report)

    def assert_no_more(self, tokens, counts):
        """No further notice comes about messages that are done with."""
        stays_true(lambda: [len(self.notices(one)) for one in tokens] == counts, 1,
                   lambda: f"wanted {counts}, have {[len(self.notices(one)) for one in tokens]}")

    def test_failure(self):
        cases = [
            # NOTIFY             bounces a recipient
            (None,               1),
            ("FAILURE",          1),
            ("SUCCESS,FAILURE",  1),
            ("SUCCESS",          0),
            ("DELAY",            0),
            ("NEVER",            0),
        ]
        sent = []
        for notify, count in cases:
            for gone in (["gone@partner.example"], list(REFUSED)):
                token, data = self.new_message()
                words = ["ORCPT=rfc822;first@virtual.example"]
                words += [] if notify is None else [f"NOTIFY={notify}"]
                self.submit(data, recipients=[*gone, FAR], parameters=["ENVID=e-1", "RET=HDRS"],
                            recipient_parameters=dict.fromkeys(gone, words))
                sent.append((token, gone, notify, count * len(gone)))
        for token, gone, notify, count in sent:
            with self.subTest(notify, gone=gone):
                found = self.wait_for_notices(token, count)
                for one in found:
                    self.assert_notice(one, "failed", "Original-Envelope-Id: e-1",
                                       "Original-Recipient: rfc822;first@virtual.example")
                    self.assertEqual(one.headers.get_payload()[2].get_content_type(),
                                     "text/rfc822-headers")  # RET=HDRS
                told = sorted(to for one in found for to in gone
                              if f"Final-Recipient: rfc822; {to}" in
                              one.headers.get_payload()[1].as_string())
                self.assertEqual(told, sorted(gone) if count else [])
        self.world.postfix.wait_until_queue_empty()
        self.assert_no_more([one[0] for one in sent], [one[3] for one in sent])

    def test_success(self):
        """A server that knows no such requests makes Postfix say that mail was handed to it."""
        rest = self.world.smart_hosts["Rest"]
        rest.change(extensions=("PIPELINING", "8BITMIME"))
        self.addCleanup(rest.change, extensions=type(rest.behaviour)().extensions)
        tokens, counts = [], []
        for notify, count in (("SUCCESS", 1), ("SUCCESS,DELAY", 1), ("FAILURE", 0), ("NEVER", 0),
                              (None, 0)):
            for recipients in ([FAR], [FAR, NEAR]):
                with self.subTest(notify, recipients=recipients):
                    token, data = self.new_message()
                    words = [] if notify is None else [f"NOTIFY={notify}"]
                    self.submit(data, recipients=recipients,
                                recipient_parameters=dict.fromkeys(recipients, words))
                    self.world.wait_for_mail(token, len(recipients))
                    for one in self.wait_for_notices(token, count):
                        self.assert_notice(one, "relayed", f"Final-Recipient: rfc822; {FAR}")
                    tokens.append(token)
                    counts.append(count)
        self.world.postfix.wait_until_queue_empty()
        self.assert_no_more(tokens, counts)

    def test_delay(self):
        sent = []
        for notify, count in (("DELAY", 1), ("SUCCESS,FAILURE,DELAY", 1), (None, 1),
                              ("FAILURE", 0), ("NEVER", 0)):
            token, data = self.new_message()
            words = [] if notify is None else [f"NOTIFY={notify}"]
            self.submit(data, recipients=LATER, recipient_parameters=dict.fromkeys(LATER, words))
            sent.append((token, notify, count * len(LATER)))
        waiting = len(sent) * len(LATER)
        self.world.postfix.wait_for_queue(
            lambda queue: len([one for one in queue if "4.2.1" in one.reason]) == waiting)
        time.sleep(1.5)  # older than delay_warning_time
        for _ in range(2):
            self.world.postfix.flush()
            for token, _, count in sent:
                self.wait_for_notices(token, count)
        self.assert_no_more([one[0] for one in sent], [one[2] for one in sent])
        for token, notify, _ in sent:
            with self.subTest(notify):
                for one in self.notices(token):
                    self.assert_notice(one, "delayed")
        self.world.postfix.command("postsuper", "-d", "ALL")


class RequestsOfALogin(Requests):
    """The same where the login decides."""

    login = SENDER


class NoticesOfALogin(Notices):
    """The same where the login decides: notices have none."""

    login = SENDER
