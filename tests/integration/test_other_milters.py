# SPDX-License-Identifier: Apache-2.0
"""Beside the site's other milters, before us and after us in smtpd_milters.

A signing OpenDKIM, and one that changes messages, adds recipients, and refuses.
"""

from harness import milter_server
from harness.dkim_signer import DkimSigner
from harness.milter_server import MilterServer
from harness.settled_file import settle
from harness.split_case import FAR, NEAR, SENDER, STRANGER, SplitCase


class BesideMilters(SplitCase):
    """One world; `order` puts the other milter before ours or after it."""

    login = SENDER  # some connectors decide by login, the strictest for what others change

    @classmethod
    def build_beside(cls, label):
        world = cls.build_split_world(label, aliases={"box": "box"})
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box")})
        folder = world.postfix.queue_directory / "others"
        folder.mkdir()
        folder.chmod(0o755)
        cls.socket = folder / "other"
        world.postfix.postconf("-e", "smtpd_milters=unix:others/other")
        settle(world.postfix.main_cf)
        return world

    @classmethod
    def put_ours(cls, first):
        """Ours is last as `enable` has put it; or put it first."""
        postfix = cls.world.postfix
        ours = "{ unix:sendconnector/milter, default_action=tempfail }"
        value = f"{ours}, unix:others/other" if first else f"unix:others/other, {ours}"
        postfix.postconf("-e", f"smtpd_milters={value}")
        settle(postfix.main_cf)
        postfix.reload()

    def each_order(self):
        for first in (False, True):
            self.put_ours(first)
            with self.subTest(ours="first" if first else "last"):
                yield first

    def assert_clean(self, one):
        self.assertNotIn(b"x-sendconnector", one.data.lower())

    def in_box(self, token):
        return token in self.world.postfix.mailbox_file("box").read_text()


class SigningMilter(BesideMilters):
    """OpenDKIM signs what comes in; the receiver verifies it."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.build_beside("sign")
        cls.signer = DkimSigner(world.workspace)
        cls.signer.start_milter(cls.socket)
        world.start()

    def test_enable_puts_ours_last(self):
        value = self.world.postfix.setting("smtpd_milters")
        self.assertTrue(value.startswith("unix:others/other"), value)
        self.assertIn("sendconnector/milter", value)

    def test_signatures_are_good(self):
        for _ in self.each_order():
            for recipients in ((NEAR,), (NEAR, FAR), (NEAR, FAR, "box@local.example")):
                with self.subTest(recipients=recipients):
                    token, data = self.new_message()
                    self.submit(data, recipients=recipients)
                    found = self.arrived(token, min(len(recipients), 2))
                    self.assertEqual(set(found), {("Partner", NEAR), ("Rest", FAR)}
                                     if FAR in recipients else {("Partner", NEAR)})
                    for one in found.values():
                        self.assertTrue(self.signer.verifies(one.data))
                        self.assertEqual(len(one.headers.get_all("DKIM-Signature")), 1)
                        self.assert_clean(one)

    def test_without_a_login(self):
        for _ in self.each_order():
            token, data = self.new_message()
            self.submit(data, "b@contoso.example")
            found = self.arrived(token)
            self.assertEqual({server for server, _ in found}, {"site"})
            self.assertTrue(self.signer.verifies(next(iter(found.values())).data))


class ChangingMilter(BesideMilters):
    """Somebody else's milter changes messages and envelopes."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.build_beside("change")
        cls.other = MilterServer(cls.socket).start()
        world.workspace.on_close(cls.other.stop)
        world.start()

    def tearDown(self):
        self.other.actions, self.other.verdicts = [], {}
        self.world.postfix.command("postsuper", "-d", "ALL")

    def test_changes_stay(self):
        self.other.actions = [
            milter_server.add_header("X-Added", "at the end"),
            milter_server.insert_header(0, "X-First", "in front"),
            milter_server.insert_header(1, "X-Second", "in front"),
            milter_server.change_header("Subject", "[checked] hello"),
            milter_server.change_header("X-Remove", ""),
            milter_server.replace_body(b"Another text.\r\n")]
        for _ in self.each_order():
            for recipients in ((NEAR,), (NEAR, FAR)):
                with self.subTest(recipients=recipients):
                    token, data = self.new_message(headers=[("X-Remove", "me")])
                    self.submit(data, recipients=recipients)
                    found = self.arrived(token, len(recipients))
                    self.assertEqual({to for _, to in found}, set(recipients))
                    self.assertNotIn("site", {server for server, _ in found})
                    for one in found.values():
                        self.assertEqual(one.headers.get_all("X-Added"), ["at the end"])
                        self.assertEqual(one.headers.get_all("X-First"), ["in front"])
                        self.assertEqual(one.headers.get_all("X-Second"), ["in front"])
                        self.assertEqual(one.headers.get_all("Subject"), ["[checked] hello"])
                        self.assertIsNone(one.headers["X-Remove"])
                        self.assertTrue(one.data.endswith(b"\r\n\r\nAnother text.\r\n"))
                        self.assert_clean(one)

    def test_recipients_that_it_adds_have_their_own_route(self):
        self.other.actions = [milter_server.add_recipient("box@local.example"),
                              milter_server.add_recipient("more@far.example")]
        for _ in self.each_order():
            for login in (SENDER, None):
                with self.subTest(login=login):
                    token, data = self.new_message()
                    self.submit(data, SENDER if login else STRANGER, [NEAR])
                    found = self.arrived(token, 2)
                    self.world.postfix.wait_until_queue_empty()
                    self.assertEqual(set(found), {("Partner", NEAR), ("Rest", "more@far.example")}
                                     if login else {("site", NEAR), ("site", "more@far.example")})
                    self.assertTrue(self.in_box(token))
                    for one in found.values():
                        self.assert_clean(one)

    def test_recipients_that_it_removes_get_nothing(self):
        self.other.actions = [milter_server.delete_recipient(FAR)]
        for _ in self.each_order():
            token, data = self.new_message()
            self.submit(data)
            self.arrived(token)
            self.world.postfix.wait_until_queue_empty()
            self.assertEqual(set(self.arrived(token)), {("Partner", NEAR)})

    def test_what_it_refuses_is_not_delivered(self):
        for command, reply in (("E", "550 5.7.1 spam"), ("E", "451 4.7.1 later"),
                               ("L", "550 5.7.1 spam"), ("B", "550 5.7.1 spam"),
                               ("R", "550 5.7.1 no"), ("M", "550 5.7.1 no")):
            self.other.verdicts = {command: reply}
            for _ in self.each_order():
                for recipients in ((NEAR,), (NEAR, FAR)):
                    with self.subTest(command, recipients=recipients):
                        token, data = self.new_message()
                        result = self.world.postfix.smtp_send(
                            SENDER, list(recipients), data,
                            login=(self.login, self.world.logins.password))
                        self.assertFalse(result.accepted)
                        self.assertEqual(str(result.refusal), reply)
                        self.world.postfix.wait_until_queue_empty()
                        self.assertEqual(self.world.received(token), [])

    def test_it_never_sees_the_hop_of_the_split(self):
        for first in self.each_order():
            token, data = self.new_message()
            self.submit(data)
            self.arrived(token, 2)
            seen = self.other.with_text(token)
            self.assertEqual(len(seen), 1)
            if not first:
                self.assertNotIn("x-sendconnector", str(seen).lower())

    def test_a_login_that_it_adds_is_nobodys(self):
        self.other.actions = [milter_server.add_header("X-Sendconnector-Identity", SENDER),
                              milter_server.insert_header(0, "X-Sendconnector-Else", SENDER)]
        self.put_ours(False)
        token, data = self.new_message(STRANGER)
        self.submit(data, STRANGER, [FAR])
        found = self.arrived(token)
        self.assertEqual(set(found), {("site", FAR)})
        self.assert_clean(found["site", FAR])

    def test_what_identity_is_bound_to_may_change_before_us(self):
        for what, action in {
                "Message-ID": milter_server.change_header("Message-ID", "<other@x.example>"),
                "Date": milter_server.change_header("Date", "Tue, 03 Nov 2026 12:00:00 +0000"),
                "a sender": milter_server.change_sender("srs0=x@contoso.example")}.items():
            self.other.actions = [action]
            self.put_ours(False)
            with self.subTest(what):
                token, data = self.new_message()
                self.submit(data)
                self.assertEqual(set(self.arrived(token, 2, 5)),
                                 {("Partner", NEAR), ("Rest", FAR)})

    def test_what_identity_is_bound_to_must_not_change_behind_us(self):
        """Mail of a login waits then: nobody else's connector gets it."""
        for what, action in {
                "Message-ID": milter_server.change_header("Message-ID", "<other@x.example>"),
                "Date": milter_server.change_header("Date", "Tue, 03 Nov 2026 12:00:00 +0000"),
                }.items():
            self.other.actions = [action]
            self.put_ours(True)
            with self.subTest(what):
                token, data = self.new_message()
                self.submit(data)
                self.world.postfix.wait_for_queue(
                    lambda queue: any("Cannot tell whose login" in one.reason for one in queue))
                self.world.stays_queued(token, 1)
                self.world.postfix.command("postsuper", "-d", "ALL")
