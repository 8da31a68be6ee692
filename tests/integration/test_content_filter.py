# SPDX-License-Identifier: Apache-2.0
"""A site that scans its mail after the queue, set up as CONTENT FILTERS of sendconnectord(8) says.

Everything is scanned once and then leaves by its connector, also where the login decides.
"""

import dataclasses
import pathlib
import re

from harness import ports
from harness.content_filter import ContentFilter
from harness.settled_file import settle
from harness.split_case import FAR, NEAR, SENDER, STRANGER, SplitCase

MANUAL = pathlib.Path(__file__).parents[2] / "man/sendconnectord.8"


def service_of_the_manual(service, chroot="y"):
    """The lines for master.cf that the manual shows, at an address of our own."""
    text = MANUAL.read_text(encoding="utf-8").split(".Sh CONTENT FILTERS")[1]
    shown = re.search(r"(?ms)^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text).group(1)
    shown, changed = re.subn(r"(?m)^127\.0\.0\.1:10026 inet n - n", f"{service} inet n - {chroot}",
                             shown)
    assert changed == 1 and "sc-reinject" in shown
    return shown


class FilterCase(SplitCase):
    """The filter takes whole messages, as amavisd does."""

    @classmethod
    def build_filtered(cls, label, **options):
        world = cls.build_split_world(label, settings={
            "virtual_alias_maps": "texthash:$config_directory/virtual"}, **options)
        postfix = world.postfix
        postfix.set_aliases({"box": postfix.mailbox_file("box"), "forward": NEAR})
        postfix.set_virtual_aliases({"virtual.example": "anything",
                                     "both@virtual.example": f"{NEAR}, {FAR}, box@local.example"})
        address = world.workspace.network.next_address()
        cls.back = (address, ports.free_port(address))
        cls.filter = ContentFilter(address, cls.back).start()
        world.workspace.on_close(cls.filter.stop)
        cls.service = f"{address}:{cls.back[1]}"
        with open(postfix.master_cf, "a", encoding="utf-8") as services:
            services.write("scan unix - - y - 10 smtp\n  -o disable_mime_output_conversion=yes\n"
                           "  -o syslog_name=postfix/scan\n")
            services.write(service_of_the_manual(cls.service))
        postfix.postconf("-e", f"content_filter=scan:{cls.filter.next_hop}")
        settle(postfix.main_cf)
        return world

    def assert_scanned_once(self, token, recipients):
        """By message, and so by recipient."""
        self.assertEqual([sorted(one.recipients) for one in self.filter.with_text(token)],
                         [sorted(recipients)])

    def in_box(self, token):
        return self.world.postfix.mailbox_file("box").read_text().count(f"X-Token: {token}\n")

    def assert_delivered(self, token, want, scanned, in_box=0):
        self.arrived(token, len(want))
        self.world.postfix.wait_until_queue_empty()
        found = self.arrived(token, len(want))
        self.assertEqual(set(found), want)
        self.assertEqual(self.in_box(token), in_box)
        self.assert_scanned_once(token, scanned)
        for one in found.values():
            self.assertNotIn(b"x-sendconnector", one.data.lower())
        return found


class BySender(FilterCase):
    """Connectors by envelope sender."""

    weight = 15
    BOX = "box@local.example"

    @classmethod
    def build_world(cls):
        cls.build_filtered("filter").start()

    def setUp(self):
        self.filter.change(data_reply=None, recipient_replies={})

    def cases(self):
        near, far, both = ("Partner", NEAR), ("Rest", FAR), "both@virtual.example"
        return [
            # to                        leaves by       the filter sees        in the mailbox
            ([NEAR],                    {near},         [NEAR],                     0),
            ([NEAR, FAR],               {near, far},    [NEAR, FAR],                0),
            ([NEAR, FAR, self.BOX],     {near, far},    [NEAR, FAR, self.BOX],      1),
            ([self.BOX],                set(),          [self.BOX],                 1),
            ([both],                    {near, far},    [NEAR, FAR, self.BOX],      1),
        ]

    def test_scanned_once_and_then_by_its_connector(self):
        for recipients, want, scanned, in_box in self.cases():
            with self.subTest(recipients):
                token, data = self.new_message()
                self.submit(data, recipients=recipients)
                self.assert_delivered(token, want, scanned, in_box)

    def test_sendmail_and_strangers(self):
        token, data = self.new_message(STRANGER)
        self.submit(data, STRANGER)
        self.assert_delivered(token, {("site", NEAR), ("site", FAR)}, [NEAR, FAR])
        token, data = self.new_message()
        self.world.postfix.sendmail(SENDER, [NEAR, FAR], data)
        # Nobody has logged in here.
        want = {("site", NEAR), ("site", FAR)} if self.login else {("Partner", NEAR), ("Rest", FAR)}
        self.assert_delivered(token, want, [NEAR, FAR])

    def test_what_the_filter_refuses_bounces(self):
        self.filter.change(data_reply="550 5.7.1 a virus")
        token, data = self.new_message()
        self.submit(data)
        found = self.arrived(token)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual(set(self.arrived(token)), {("Notices", SENDER)})
        self.assertIn("a virus", found["Notices", SENDER].data.decode())

    def test_nothing_leaves_while_the_filter_is_away(self):
        self.filter.stop()
        token, data = self.new_message()
        self.submit(data)
        self.world.postfix.wait_for_queue(lambda queue: any(one.reason for one in queue))
        self.world.postfix.flush()
        self.world.stays_queued(token, 1)
        self.filter.start()
        self.world.postfix.wait_until_queue_empty(flush=True)
        self.assert_delivered(token, {("Partner", NEAR), ("Rest", FAR)}, [NEAR, FAR])

    def test_requeued_behind_the_filter(self):
        """Mail that has been scanned and waits for its smart host keeps its connector."""
        partner = self.world.smart_hosts["Partner"]
        partner.change(mail_reply="451 4.3.0 later")
        self.addCleanup(partner.change, mail_reply=None)
        token, data = self.new_message()
        self.submit(data, recipients=[NEAR])
        self.world.postfix.wait_for_queue(
            lambda queue: any("4.3.0 later" in one.reason for one in queue))
        self.world.postfix.requeue()
        self.world.stays_queued(token, 1)
        partner.change(mail_reply=None)
        self.world.postfix.wait_until_queue_empty(flush=True)
        self.assertEqual(set(self.arrived(token)), {("Partner", NEAR)})

    def test_a_filter_that_hands_over_what_it_has_changed(self):
        class Changing(type(self.filter)):
            def _keep(self, message):
                changed = message.data.replace(b"Subject: ", b"X-Scanned: yes\r\nSubject: [ok] ")
                return super()._keep(dataclasses.replace(
                    message, data=changed.replace(b"A test", b"A clean")))

        plain, self.filter.__class__ = self.filter.__class__, Changing
        self.addCleanup(setattr, self.filter, "__class__", plain)
        token, data = self.new_message()
        self.submit(data)
        self.arrived(token, 2)
        for one in self.arrived(token, 2).values():
            self.assertIn(b"X-Scanned: yes\r\nSubject: [ok] test", one.data)
            self.assertIn(b"A clean message.", one.data)


class ByLogin(BySender):
    """Connectors by login, which passes the filter in a field of ours."""

    login = SENDER

    def test_another_login(self):
        token, data = self.new_message()
        result = self.world.postfix.smtp_send(
            SENDER, [NEAR, FAR], data, login=("b@contoso.example", self.world.logins.password))
        self.assertTrue(result.accepted, result.refusal)
        want = {("Partner", NEAR), ("Rest", FAR)}
        self.assert_delivered(token, want, [NEAR, FAR])


class Findings(FilterCase):
    """What `check`, `apply` and `status` say of a filter and of what takes mail back from it."""

    weight = 8
    login = SENDER

    @classmethod
    def build_world(cls):
        cls.build_filtered("filterw").start()

    def change(self, *settings):
        """Set options of the re-injection service; -P "service/inet/name=value"."""
        postfix = self.world.postfix
        before = postfix.master_cf.read_text()
        self.addCleanup(postfix.master_cf.write_text, before)
        for one in settings:
            postfix.postconf("-P", f"{self.service}/inet/{one}")

    def said(self):
        """(command, output) of all that say what they find."""
        for words in (["check"], ["apply", "--no-validate"], ["status"]):
            yield words[0], self.world.ctl.run(*words).output

    def test_the_set_up_of_the_manual_is_right(self):
        for command, text in self.said():
            with self.subTest(command):
                self.assertNotIn("content filter", text)
                self.assertNotIn("content_filter", text)

    def test_a_re_injection_service_that_is_not_ours(self):
        for what, settings in {
                "no name": ["milter_macro_daemon_name=other"],
                "no_milters": ["receive_override_options=no_milters"],
                "no milter": ["smtpd_milters="],
                "others' milters": ["smtpd_milters=unix:others/other"]}.items():
            self.change(*settings)
            for command, text in self.said():
                with self.subTest(what, command=command):
                    self.assertIn("warning", text)
                    self.assertIn(self.service, text)
                    if command != "status":  # which lists findings, without what to do
                        self.assertIn("milter_macro_daemon_name=sc-reinject", text)
            self.doCleanups()

    def test_no_re_injection_service(self):
        postfix = self.world.postfix
        before = postfix.master_cf.read_text()
        self.addCleanup(postfix.master_cf.write_text, before)
        postfix.postconf("-MX", f"{self.service}/inet")
        for command, text in self.said():
            with self.subTest(command):
                self.assertIn("content_filter", text)
                self.assertIn("no smtpd service takes mail back", text)
