# SPDX-License-Identifier: Apache-2.0
"""Who a client says that it is: nobody gets another one's connector by what he writes.

Connectors by login and by header From, and clients that forge, repeat, damage and replay whatever
tells the daemon who somebody is.
"""

import time

from harness import identity_token, messages, ports
from harness.config_file import connector
from harness.deadline import wait_until
from harness.identity_token import FIELD
from harness.other_user import submit_as
from harness.settled_file import settle
from harness.smtp_client import submit
from harness.test_case import WorldCase

OUTSIDE = "friend@remote.example"
CEO = "ceo@contoso.example"
CLERK = "clerk@contoso.example"
STRANGER = "stranger@other.example"
DATE = "Mon, 02 Nov 2026 12:00:00 +0000"  # as messages.message() has it


class IdentityCase(WorldCase):
    """A connector for the chief, one for the clerk; what has none leaves by the site's way."""

    def log_in(self, login):
        return None if login is None else (login, self.world.logins.password)

    def send_raw(self, data, sender=STRANGER, recipients=OUTSIDE, login=None):
        """Submit by SMTP what must be accepted."""
        result = self.world.postfix.smtp_send(sender, recipients, data, login=self.log_in(login))
        self.assertTrue(result.accepted, result.refusal)
        return result

    def assert_clean(self, received):
        """No field of ours is in the header."""
        names = [name for name in received.headers.keys()
                 if name.strip().lower().startswith("x-sendconnector-")]
        self.assertEqual(names, [])

    def assert_left_by(self, token, want, recipients=(OUTSIDE,)):
        """One copy, by the smart host `want` (None: the site's own way), without fields of ours."""
        received = self.world.wait_for_mail(token)
        self.assertEqual([one.server for one in received], [want or "site"])
        self.assertEqual(received[0].recipients, tuple(recipients))
        self.assert_clean(received[0])

    def assert_in_mailbox(self, name, token):
        """Delivered to a local mailbox, without fields of ours."""
        self.world.postfix.wait_until_queue_empty()
        text = self.world.postfix.mailbox_file(name).read_text()
        self.assertIn(token, text)
        self.assertNotIn("x-sendconnector-", text.lower())


def by_login(world):
    return [connector("Ceo", world.smart_host("Ceo"), senders=[CEO], sender_identity="login"),
            connector("Clerk", world.smart_host("Clerk"), senders=[CLERK],
                      sender_identity="login")]


class HostileClients(IdentityCase):
    """Connectors by login, and clients that claim another one's."""

    weight = 30

    @classmethod
    def build_world(cls):
        world = cls.new_world("hlogin", logins=True)
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "forward": "far@remote.example"})
        world.configure(by_login(world), unmatched_senders="postfix")
        world.start()

    def forgeries(self):
        """Lists of (name, value): header fields with which a client tries to be the chief."""
        host = self.world.smart_hosts["Ceo"].next_hop
        token = self.token_of_another_key()
        route = ("X-Sendconnector-Route", f"sc-ceo:{host}")
        return {
            "a route": [route],
            "a token": [(FIELD, token)],
            "a name for a token": [(FIELD, CEO)],
            "a relay": [("X-Sendconnector-Relay", "ceo")],
            "all of them": [route, (FIELD, token), ("X-Sendconnector-Relay", "ceo")],
            "odd case": [("x-SENDCONNECTOR-identity", token), ("X-SendConnector-ROUTE", route[1])],
            "space before the colon": [(f"{FIELD} ", token), ("X-Sendconnector-Route\t", route[1])],
            "folded": [(FIELD, f"\r\n {token[:40]}\r\n\t{token[40:]}"),
                       ("X-Sendconnector-Route", f"\r\n\t{route[1]}")],
            "empty": [(FIELD, ""), ("X-Sendconnector-Route", ""), ("X-Sendconnector-", "")],
            "repeated": [(FIELD, token)] * 7 + [route] * 7,
            "interleaved": [(FIELD, token), route, ("X-Other", "y"), (FIELD, token), route],
            "a hundred times": [(FIELD, token)] * 100,
            "of no use": [("X-Sendconnector-Else", "b"), ("X-Sendconnector-:", "c")],
            "long": [(FIELD, "A" * 800), ("X-Sendconnector-Route", "sc-ceo:" + "a" * 800)],
            "not ASCII": [(FIELD, "\u00fc"), ("X-Sendconnector-Route", "sc-ceo:\u00fc")],
            "default and mx": [("X-Sendconnector-Route", "default"),
                               ("X-Sendconnector-Route", "mx")],
            "other headers": [("Sender", f"<{CEO}>"), ("Return-Path", f"<{CEO}>"),
                              ("Authenticated-Sender", CEO), ("X-Authenticated-User", CEO),
                              ("Received", f"from x (Authenticated sender: {CEO}) by y; {DATE}"),
                              ("Auth-Login", CEO), ("Resent-From", f"<{CEO}>")],
        }

    def token_of_another_key(self):
        return identity_token.seal(b"k" * 32, CEO, STRANGER, "<a@b>", DATE, time.time() + 3600)

    def test_a_login_gets_its_connector_and_no_other(self):
        cases = [
            # login                 envelope sender   From              connector
            (CEO,                   CEO,              CEO,              "Ceo"),
            (CEO,                   STRANGER,         STRANGER,         "Ceo"),
            (CEO,                   "",               "",               "Ceo"),
            (CEO,                   CLERK,            CLERK,            "Ceo"),
            ("Ceo@CONTOSO.example", STRANGER,         STRANGER,         "Ceo"),
            (CLERK,                 CEO,              CEO,              "Clerk"),
            (CLERK,                 STRANGER,         CEO,              "Clerk"),
            ("other@contoso.example", CEO,            CEO,              None),
            ("ceo",                 CEO,              CEO,              None),  # @$myorigin
            ("ceo@contoso.example@x", CEO,            CEO,              None),
            ("<ceo@contoso.example>", CEO,            CEO,              None),
            (None,                  CEO,              CEO,              None),
            (None,                  STRANGER,         CEO,              None),
        ]
        sent = []
        for login, sender, author, want in cases:
            token = messages.new_token()
            self.send_raw(messages.message(token, author), sender, login=login)
            sent.append((token, want, (login, sender)))
        for token, want, what in sent:
            with self.subTest(what):
                self.assert_left_by(token, want)

    def test_forged_fields_of_an_unknown_client_do_nothing(self):
        sent = []
        for what, fields in self.forgeries().items():
            for first in (False, True):
                token = messages.new_token()
                data = messages.message(token, CEO, headers=() if first else fields)
                if first:
                    data = "".join(f"{name}: {value}\r\n" for name, value in fields).encode() + data
                self.send_raw(data, CEO)
                sent.append((what, first, token))
        for what, first, token in sent:
            with self.subTest(what, first=first):
                self.assert_left_by(token, None)

    def test_forged_fields_of_another_login_do_nothing(self):
        sent = []
        for what, fields in self.forgeries().items():
            token = messages.new_token()
            self.send_raw(messages.message(token, CEO, headers=fields), CEO, login=CLERK)
            sent.append((what, token))
        for what, token in sent:
            with self.subTest(what):
                self.assert_left_by(token, "Clerk")

    def test_forged_fields_in_sendmail_submissions_do_nothing(self):
        sent = []
        for what, fields in self.forgeries().items():
            token = messages.new_token()
            self.world.postfix.sendmail(CEO, OUTSIDE, messages.message(token, CEO, headers=fields))
            sent.append((what, token))
        for what, token in sent:
            with self.subTest(what):
                self.assert_left_by(token, None)

    def test_forged_fields_reach_no_local_mailbox(self):
        for what, fields in self.forgeries().items():
            for login in (None, CLERK):
                with self.subTest(what, login=login):
                    token = messages.new_token()
                    self.send_raw(messages.message(token, CEO, headers=fields), CEO,
                                  "box@local.example", login)
                    self.assert_in_mailbox("box", token)
                    self.assertEqual(self.world.received(token), [])

    def test_more_kinds_of_our_fields_than_we_count_get_nobodys_connector(self):
        token = messages.new_token()
        fields = [(f"X-Sendconnector-{number}", "x") for number in range(300)]
        result = self.world.postfix.smtp_send(
            STRANGER, OUTSIDE, messages.message(token, CEO, headers=[*fields, (FIELD, "x")]))
        if result.accepted:
            self.assert_left_by(token, None)
        else:
            self.assertEqual(result.refusal.code, 554)

    def test_logins_local_copies_and_forwarded_ones_show_nothing(self):
        token = messages.new_token()
        self.send_raw(messages.message(token, CEO), CEO,
                      [OUTSIDE, "box@local.example", "forward@local.example"], CEO)
        received = self.world.wait_for_mail(token, 2)
        # What local(8) forwards is mail of the same sender, sent by nobody who has logged in.
        self.assertEqual(sorted((one.server, one.recipients) for one in received),
                         [("Ceo", (OUTSIDE,)), ("site", ("far@remote.example",))])
        for one in received:
            self.assert_clean(one)
        self.assert_in_mailbox("box", token)

    def test_headers_behind_the_header_are_body(self):
        """An attached message, and what follows a line that is no header field."""
        token = messages.new_token()
        data = messages.message(token, CEO)
        head, body = data.split(b"\r\n\r\n", 1)
        forged = f"{FIELD}: {self.token_of_another_key()}\r\n".encode()
        for what, raw in {
                "garbage": head + b"\r\nno field\r\n" + forged + b"\r\n" + body,
                "attached": head + b"\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
                + forged + b"Subject: inner\r\n\r\n" + body,
                "starts folded": b" " + forged + data}.items():
            with self.subTest(what):
                token_now = messages.new_token()
                self.send_raw(raw.replace(token.encode(), token_now.encode()), CEO)
                self.assert_left_by(token_now, None)

    def test_login_cannot_be_claimed_in_smtp(self):
        """AUTH= of MAIL, XCLIENT, XFORWARD, and a login that failed are no login."""
        token = messages.new_token()
        postfix = self.world.postfix
        result = postfix.smtp_send(CEO, OUTSIDE, messages.message(token, CEO), login=None,
                                   commands=[f"XCLIENT LOGIN={CEO}", f"XFORWARD IDENT={CEO}",
                                             "AUTH PLAIN AGNlb0Bjb250b3NvLmV4YW1wbGUAd3Jvbmc="],
                                   parameters=[f"AUTH={CEO}"])
        if not result.accepted:  # AUTH= without a login may be refused
            self.assertGreaterEqual(result.refusal.code, 500)
            result = postfix.smtp_send(CEO, OUTSIDE, messages.message(token, CEO),
                                       commands=[f"XCLIENT LOGIN={CEO}"])
        self.assertTrue(result.accepted, result.refusal)
        self.assert_left_by(token, None)


class HostileTokens(IdentityCase):
    """Tokens that were seen in the queue, and clients of the split listener."""

    weight = 30

    @classmethod
    def build_world(cls):
        world = cls.new_world("htoken", logins=True)
        world.configure(by_login(world), unmatched_senders="postfix")
        world.start()
        cls.key = (world.state / "identity.key").read_bytes()

    def to_listener(self, user, data, sender=STRANGER, recipients=(OUTSIDE,)):
        address, port = self.world.split_listener
        return submit_as(user, address, port, sender, list(recipients), data)

    def observe(self, login=CEO, sender=STRANGER):
        """(message token, identity token) of mail that waits for the chief's smart host."""
        host = self.world.smart_hosts["Ceo"]
        host.change(mail_reply="451 4.3.0 later")
        self.addCleanup(host.change, mail_reply=None)
        word = messages.new_token()
        self.send_raw(messages.message(word, sender), sender, login=login)
        queue = self.world.postfix.wait_for_queue(
            lambda found: [one for one in found if "4.3.0 later" in one.reason],
            what="mail that the chief's smart host has put off")
        self.assertEqual(len(queue), 1)
        text = self.world.postfix.command("postcat", "-h", "-q", queue[0].queue_id).encode()
        self.assertIn(word, text.decode())
        tokens = identity_token.in_message(text)
        self.assertEqual(len(tokens), 1, text)
        return word, tokens[0]

    def release(self):
        """Deliver what waits."""
        self.world.smart_hosts["Ceo"].change(mail_reply=None)
        self.world.postfix.wait_until_queue_empty(flush=True)

    def message_like(self, word, identity, sender=STRANGER):
        """As the observed one in all that a token is bound to."""
        return messages.message(word, sender, headers=[(FIELD, identity)])

    def assert_nobodys(self, word, before):
        """Nothing more with this word than `before` has come to the chief's smart host."""
        self.world.postfix.wait_until_queue_empty(flush=True)
        host = self.world.smart_hosts["Ceo"]
        self.assertEqual(len(host.with_text(word)), before)

    def test_the_split_listener_is_for_postfix_only(self):
        for user in ("nobody", "daemon", "mail"):
            for data in (messages.message("x", CEO),
                         self.message_like("x", identity_token.seal(
                             self.key, CEO, STRANGER, "<x@test.example>", DATE,
                             time.time() + 3600))):
                with self.subTest(user):
                    result = self.to_listener(user, data)
                    self.assertFalse(result.accepted)
                    self.assertEqual(result.refusal.code, 554, result.refusal)
                    self.assertIn("5.7.1", result.refusal.text)
        line = self.world.daemon.wait_for_log("split listener: the client is of user")
        self.assertIn(f"action=reject from=<{STRANGER}>", line)
        self.assertEqual(self.world.received("Subject: test x"), [])

    def test_a_token_as_this_test_makes_it_is_good(self):
        """Else the tests below would prove nothing."""
        word = messages.new_token()
        identity = identity_token.seal(self.key, CEO, STRANGER, f"<{word}@test.example>", DATE,
                                       time.time() + 3600)
        result = self.to_listener("postfix", self.message_like(word, identity))
        self.assertTrue(result.accepted, result.refusal)
        self.assert_left_by(word, "Ceo")

    def test_mail_without_a_token_has_no_login(self):
        word = messages.new_token()
        result = self.to_listener("postfix", messages.message(word, CEO), CEO)
        self.assertTrue(result.accepted, result.refusal)
        self.assert_left_by(word, None)

    def test_a_token_that_is_not_good_gets_nobodys_connector(self):
        later, word = time.time() + 3600, messages.new_token()
        message_id = f"<{word}@test.example>"

        def sealed(key=self.key, login=CEO, sender=STRANGER, message=message_id, date=DATE,
                   expires=later):
            return identity_token.seal(key, login, sender, message, date, expires)

        good = sealed()
        changed = good[:30] + ("B" if good[30] == "A" else "A") + good[31:]
        cases = {
            "forged": sealed(key=b"k" * 32), "a key of zeros": sealed(key=bytes(32)),
            "damaged": changed, "cut": good[:-1], "longer": good + "A", "doubled": good + good,
            "padded": good + "=", "first octet": "B" + good[1:], "a name": CEO, "empty": "",
            "another version": "Ag" + good[2:],
            "expired": sealed(expires=time.time() - 1), "long expired": sealed(expires=1),
            "of another sender": sealed(sender=CEO), "of another message": sealed(message="<a@b>"),
            "of another date": sealed(date="Tue, 03 Nov 2026 12:00:00 +0000"),
            "of no message": sealed(message="", date=""), "in quotes": f'"{good}"',
            "with a comment": f"{good} (x)", "folded within": f"{good[:30]}\r\n {good[30:]}",
        }
        for what, identity in cases.items():
            with self.subTest(what):
                result = self.to_listener("postfix", self.message_like(word, identity))
                self.assertFalse(result.accepted)
                self.assertTrue(result.refusal.temporary, result.refusal)
        for what, identities in {"twice": [good, good], "and a bad one": [good, changed],
                                 "behind a bad one": [changed, good]}.items():
            with self.subTest(what):
                data = messages.message(word, STRANGER, headers=[(FIELD, one)
                                                                 for one in identities])
                result = self.to_listener("postfix", data)
                self.assertFalse(result.accepted)
                self.assertTrue(result.refusal.temporary, result.refusal)
        self.assertEqual(self.world.received(word), [])

    def test_a_token_from_the_queue_is_worth_nothing_elsewhere(self):
        word, identity = self.observe()
        copy = self.message_like(word, identity)
        for what, user, data, sender in [
                ("another sender", "postfix", copy, CLERK),
                ("no sender", "postfix", copy, ""),
                ("another message", "postfix",
                 copy.replace(f"Message-ID: <{word}".encode(), b"Message-ID: <other"), STRANGER),
                ("another date", "postfix", copy.replace(b"12:00:00", b"12:00:01"), STRANGER),
                ("two dates", "postfix", f"Date: {DATE}\r\n".encode() + copy, STRANGER),
                ("two message IDs", "postfix", b"Message-ID: <other@x>\r\n" + copy, STRANGER),
                ("another user", "nobody", copy, STRANGER)]:
            with self.subTest(what):
                result = self.to_listener(user, data, sender)
                self.assertFalse(result.accepted)
                self.assertEqual(result.refusal.temporary, user == "postfix", result.refusal)
        for what, login in (("port 25", None), ("another login", CLERK)):
            with self.subTest(what):
                mark = messages.new_token("copy")
                self.send_raw(copy.replace(b"A test message.", mark.encode()), login=login)
                self.assert_left_by(mark, "Clerk" if login else None)
        with self.subTest("sendmail"):
            mark = messages.new_token("copy")
            self.world.postfix.sendmail(STRANGER, OUTSIDE,
                                        copy.replace(b"A test message.", mark.encode()))
            self.assert_left_by(mark, None)
        self.release()
        received = [one for one in self.world.received(word) if one.server == "Ceo"]
        self.assertEqual(len(received), 1)
        self.assert_clean(received[0])
        self.assert_nobodys(word, 1)

    def test_one_recipient_at_a_time(self):
        word = messages.new_token()
        result = self.to_listener("postfix", messages.message(word), STRANGER,
                                  [OUTSIDE, "second@remote.example"])
        codes = [reply.code for reply in result.recipients.values()]
        self.assertEqual(codes, [250, 452])

    def test_requeued_mail_keeps_its_login(self):
        word, _identity = self.observe()
        host = self.world.smart_hosts["Ceo"]
        host.change(mail_reply=None)
        self.world.postfix.requeue()
        self.world.postfix.wait_until_queue_empty(flush=True)
        self.assert_left_by(word, "Ceo")

    def test_a_bounce_shows_no_field_of_ours_and_goes_nobodys_way(self):
        host = self.world.smart_hosts["Ceo"]
        host.change(recipient_replies={"gone@remote.example": "550 5.1.1 no such user"})
        self.addCleanup(host.change, recipient_replies={})
        word = messages.new_token()
        self.send_raw(messages.message(word, STRANGER), STRANGER, "gone@remote.example", CEO)
        received = self.world.wait_for_mail(word)
        self.assertEqual([(one.server, one.sender, one.recipients) for one in received],
                         [("site", "", (STRANGER,))])
        self.assert_clean(received[0])

    def test_message_without_date_and_message_id_keeps_its_login(self):
        word = messages.new_token()
        data = f"From: <{STRANGER}>\r\nSubject: {word}\r\n\r\nA test message.\r\n".encode()
        self.send_raw(data, login=CEO)
        self.assert_left_by(word, "Ceo")

    def test_odd_dates_and_message_ids_keep_their_login(self):
        for what, fields in {
                "folded": b"Date: Mon,\r\n\t02 Nov 2026\r\n 12:00:00 +0000\r\n"
                          b"Message-ID:\r\n <a@b>\r\n",
                "twice": b"Date: x\r\nDate: y\r\nMessage-ID: <a@b>\r\nMessage-ID: <c@d>\r\n",
                "empty": b"Date:\r\nMessage-ID:\r\n",
                "spaces": b"Date:   Mon, 02 Nov 2026 12:00:00 +0000  \r\nMessage-ID:\t<a@b>\t\r\n",
                "long": b"Message-ID: <" + b"a" * 990 + b"@b>\r\nDate: " + b"1" * 3000 + b"\r\n",
                "not ASCII": "Message-ID: <\u00fc@b>\r\nDate: \u00e4\r\n".encode(),
                "odd case": b"MESSAGE-id: <a@b>\r\ndATE: Mon, 02 Nov 2026 12:00:00 +0000\r\n",
                "resent": b"Resent-From: <a@b>\r\nResent-Date: x\r\nSubject: y\r\n"}.items():
            with self.subTest(what):
                word = messages.new_token()
                data = f"From: <{STRANGER}>\r\nX-Token: {word}\r\n".encode() + fields + b"\r\nx\r\n"
                self.send_raw(data, login=CEO)
                self.assert_left_by(word, "Ceo")


class HostileFilter(IdentityCase):
    """A site with a content filter: the login goes through it, and back in come forgeries."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("hfilter", logins=True)
        cls.filter = world.smart_host("filter")
        postfix = world.postfix
        address = world.workspace.network.next_address()
        cls.reinjection = (address, ports.free_port(address))
        service = f"{address}:{cls.reinjection[1]}"
        postfix.postconf("-M", f"{service}/inet={service} inet n - y - - smtpd")
        postfix.postconf("-P", f"{service}/inet/content_filter=",
                         f"{service}/inet/milter_macro_daemon_name=sc-reinject",
                         f"{service}/inet/receive_override_options=no_address_mappings")
        postfix.postconf("-e", f"content_filter=smtp:{cls.filter.next_hop}")
        settle(postfix.main_cf)
        world.configure(by_login(world), unmatched_senders="postfix")
        world.start()

    def through_filter(self, token):
        """The message as the filter gets it."""
        return wait_until(lambda: self.filter.with_text(token), 20,
                          lambda: f"{token} at the filter")[0]

    def reinject(self, data, sender=STRANGER):
        address, port = self.reinjection
        return submit(address, port, sender, [OUTSIDE], data)

    def after_filter(self, token):
        """(server, message) of what has left behind the filter."""
        return [one for one in self.world.received(token) if one.server != "filter"]

    def assert_leaves_by(self, token, want):
        wait_until(lambda: self.after_filter(token), 20, lambda: f"{token} to leave")
        received = self.after_filter(token)
        self.assertEqual([one.server for one in received], [want or "site"])
        self.assert_clean(received[0])

    def filtered(self, login=None, headers=()):
        """(token, data) of a message that the filter has got."""
        token = messages.new_token()
        self.send_raw(messages.message(token, STRANGER, headers=headers), login=login)
        return token, self.through_filter(token).data

    def test_the_login_passes_the_filter(self):
        for login, want in ((CEO, "Ceo"), (CLERK, "Clerk"), (None, None)):
            with self.subTest(login):
                token, data = self.filtered(login)
                self.assertEqual(len(identity_token.in_message(data)), 1 if login else 0)
                result = self.reinject(data.replace(b"A test message.", b"[checked] fine"))
                self.assertTrue(result.accepted, result.refusal)
                self.assert_leaves_by(token, want)

    def test_forged_fields_do_not_pass_the_first_time(self):
        key = (self.world.state / "identity.key").read_bytes()
        forged = identity_token.seal(key, CEO, STRANGER, "<any@b>", DATE, time.time() + 3600)
        fields = [(FIELD, forged), (f"{FIELD} ", f"\r\n {forged}"), ("X-Sendconnector-Route", "mx")]
        for login, want in ((None, None), (CLERK, "Clerk")):
            with self.subTest(login):
                token, data = self.filtered(login, fields)
                found = identity_token.in_message(data)
                self.assertEqual(len(found), 1 if login else 0)
                self.assertNotIn(forged, found)
                self.assertTrue(self.reinject(data).accepted)
                self.assert_leaves_by(token, want)

    def test_what_comes_back_with_a_token_that_is_not_good_gets_nobodys_connector(self):
        token, data = self.filtered(CEO)
        good = identity_token.in_message(data)[0].encode()
        cases = {
            "another message": (data.replace(f"Message-ID: <{token}".encode(), b"Message-ID: <x"),
                                STRANGER),
            "another date": (data.replace(b"12:00:00", b"12:00:01"), STRANGER),
            "another sender": (data, CLERK),
            "no sender": (data, ""),
            "damaged": (data.replace(good, good[:20] + good[21:]), STRANGER),
            "twice": (FIELD.encode() + b": " + good + b"\r\n" + data, STRANGER),
            "a name": (data.replace(good, CEO.encode()), STRANGER),
        }
        for what, (changed, sender) in cases.items():
            with self.subTest(what):
                self.assertNotEqual((changed, sender), (data, STRANGER))
                result = self.reinject(changed, sender)
                self.assertFalse(result.accepted)
                self.assertTrue(result.refusal.temporary, result.refusal)
        self.assertEqual(self.after_filter(token), [])

    def test_a_filter_that_takes_the_field_out_takes_the_login_out(self):
        token, data = self.filtered(CEO)
        without = b"\r\n".join(line for line in data.split(b"\r\n")
                               if not line.startswith(FIELD.encode()))
        self.assertTrue(self.reinject(without).accepted)
        self.assert_leaves_by(token, None)


class HostileAuthors(IdentityCase):
    """Connectors by header From; what names no single author is refused where From decides."""

    weight = 30

    # From field(s), and the connector by which the message leaves; REFUSED: 550 5.7.1.
    REFUSED = object()
    FIELDS = [
        ([f"<{CEO}>"], "Ceo"),
        ([CEO], "Ceo"),
        ([f"The Chief <{CEO}>"], "Ceo"),
        ([f'"clerk@contoso.example" <{CEO}>'], "Ceo"),
        ([f"=?utf-8?Q?clerk=40contoso.example?= <{CEO}>"], "Ceo"),
        ([f"{CEO} (the chief)"], "Ceo"),
        (["<CEO@Contoso.EXAMPLE>"], "Ceo"),
        ([f"The\r\n Chief\r\n\t<{CEO}>"], "Ceo"),
        (['"ceo"@contoso.example'], "Ceo"),
        ([f"Clerk <{CLERK}>"], "Clerk"),
        # The name is somebody else's, the address counts.
        ([f'"{CEO}" <{STRANGER}>'], None),
        ([f'"Chief <{CEO}>" <{STRANGER}>'], None),
        (["=?utf-8?Q?ceo=40contoso.example?= <stranger@other.example>"], None),
        ([f"=?utf-8?B?PGNlb0Bjb250b3NvLmV4YW1wbGU+?= <{STRANGER}>"], None),
        ([f'"\\"" <{STRANGER}>'], None),
        (["<ceo@contoso.example.other.example>"], None),
        (["<ceo@other.example>"], None),
        # Several, or what somebody could take for several.
        ([f"<{CEO}>, <{STRANGER}>"], REFUSED),
        ([f"<{STRANGER}>, <{CEO}>"], REFUSED),
        ([f"{CEO}, {CEO}"], REFUSED),
        ([f"{CEO} <{STRANGER}>"], REFUSED),
        ([f"<{CEO}> <{STRANGER}>"], REFUSED),
        ([f"<{STRANGER}> <{CEO}>"], REFUSED),
        ([f"Chief {CEO} <{STRANGER}>"], REFUSED),
        ([f"<{CEO}>{STRANGER}"], REFUSED),
        ([f"(<{STRANGER}>) {CEO}"], REFUSED),
        ([f"{CEO} ({STRANGER})"], REFUSED),
        ([f"Staff: {CEO};"], REFUSED),
        ([f"Staff: {CEO}, {STRANGER};"], REFUSED),
        (["undisclosed-recipients:;"], REFUSED),
        ([f"Chief, The <{CEO}>"], REFUSED),
        ([f"<{CEO}"], REFUSED),
        ([f'"Chief <{CEO}>'], REFUSED),
        ([f"Chief (the <{CEO}>"], REFUSED),
        ([f"<{CEO}>\r\n <{STRANGER}>"], REFUSED),
        ([f'"{CEO}"@other.example'], REFUSED),
        (["=?utf-8?Q?ceo?=@contoso.example"], REFUSED),
        ([f"{CEO}@other.example"], REFUSED),
        (["Dr. ceo@contoso.example"], REFUSED),
        (["ceo"], REFUSED),
        (["<>"], REFUSED),
        ([""], REFUSED),
        # Two fields, and none.
        ([f"<{CEO}>", f"<{STRANGER}>"], REFUSED),
        ([f"<{STRANGER}>", f"<{CEO}>"], REFUSED),
        ([f"<{CEO}>", f"<{CEO}>"], REFUSED),
        ([f"<{CEO}>", ""], REFUSED),
        ([], REFUSED),
    ]

    @classmethod
    def build_world(cls):
        # As the clients wrote it: Postfix would complete what comes from its own machine.
        world = cls.new_world("hfrom", logins=True,
                              settings={"local_header_rewrite_clients": ""})
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box")})
        world.configure(
            [connector("Ceo", world.smart_host("Ceo"), senders=[CEO]),
             connector("Clerk", world.smart_host("Clerk"), senders=[CLERK])],
            sender_identity="header-from", unmatched_senders="postfix")
        world.start()

    @staticmethod
    def message(token, fields, name="From"):
        lines = [f"{name}: {one}" if one else f"{name}:" for one in fields]
        lines += [f"To: <{OUTSIDE}>", f"Subject: test {token}", f"Message-ID: <{token}@t.example>",
                  f"Date: {DATE}", f"X-Token: {token}", "", "A test message."]
        return "\r\n".join(lines).encode() + b"\r\n"

    def test_the_author_decides_by_smtp(self):
        sent = []
        for number, (fields, want) in enumerate(self.FIELDS):
            token = messages.new_token()
            # Neither the envelope nor a login has a say.
            sender, login = [(CEO, None), (STRANGER, None), (STRANGER, CEO)][number % 3]
            result = self.world.postfix.smtp_send(
                sender, OUTSIDE, self.message(token, fields), login=self.log_in(login))
            sent.append((fields, want, token, result))
        for fields, want, token, result in sent:
            with self.subTest(fields):
                if want is not self.REFUSED:
                    self.assertTrue(result.accepted, result.refusal)
                    self.assert_left_by(token, want)
                    continue
                self.assertFalse(result.accepted)
                self.assertEqual(result.refusal.code, 550, result.refusal)
                self.assertIn("5.7.1", result.refusal.text)
                self.assertEqual(self.world.received(token), [])

    def test_names_of_the_field_in_any_spelling(self):
        for name in ("FROM", "from", "fRoM"):
            with self.subTest(name):
                token = messages.new_token()
                self.send_raw(self.message(token, [CEO], name))
                self.assert_left_by(token, "Ceo")
                data = f"From: {STRANGER}\r\n".encode() + self.message(token, [CEO], name)
                result = self.world.postfix.smtp_send(STRANGER, OUTSIDE, data)
                self.assertFalse(result.accepted)

    def test_other_fields_name_no_author(self):
        for name in ("Sender", "Resent-From", "Reply-To", "Return-Path", "X-From", "From-", "Fro",
                     "X-Sendconnector-From"):
            with self.subTest(name):
                token = messages.new_token()
                data = f"{name}: <{CEO}>\r\n".encode() + self.message(token, [STRANGER])
                self.send_raw(data, CEO)
                self.assert_left_by(token, None)

    def test_sendmail_gets_no_connector_by_what_is_refused_elsewhere(self):
        """Postfix may put their From in order: what it delivers is what was decided on."""
        tokens = []
        for fields, want in self.FIELDS:
            token = messages.new_token()
            self.world.postfix.sendmail(STRANGER, OUTSIDE, self.message(token, fields))
            tokens.append((fields, want, token))
        self.world.postfix.wait_until_queue_empty()
        for fields, want, token in tokens:
            with self.subTest(fields):
                received = self.world.wait_for_mail(token)
                if want is not self.REFUSED:
                    self.assertEqual([one.server for one in received], [want or "site"])
                    self.assertEqual(received[0].sender, STRANGER)
                for one in received:
                    self.assert_clean(one)
                    if one.server == "Ceo":
                        authors = one.headers.get_all("From")
                        self.assertEqual(len(authors), 1)
                        self.assertIn(CEO, authors[0].lower())
                        self.assertNotIn(STRANGER, authors[0])

    def test_mail_that_stays_here_needs_no_author(self):
        token = messages.new_token()
        self.send_raw(self.message(token, [CEO, STRANGER]), STRANGER, "box@local.example")
        self.assert_in_mailbox("box", token)

    def test_one_recipient_here_and_one_outside(self):
        token = messages.new_token()
        self.send_raw(self.message(token, [CEO]), STRANGER, [OUTSIDE, "box@local.example"])
        self.assert_left_by(token, "Ceo")
        self.assert_in_mailbox("box", token)
