# SPDX-License-Identifier: Apache-2.0
"""The services through which messages are split: made by apply, offered by Postfix, gone without a trace."""

import re
import smtplib
import socket

from harness.config_file import connector
from harness.deadline import wait_until
from harness.settled_file import settle, write_settled
from harness.test_case import WorldCase

LIMIT = "sc-split_destination_recipient_limit"

# What a main.cf may say that would hurt the hop inside, were it not for the services' own settings.
HOSTILE = """
smtpd_client_restrictions = reject
smtpd_helo_restrictions = reject
smtpd_discard_ehlo_keywords = dsn, 8bitmime, smtputf8, size, pipelining
smtp_discard_ehlo_keywords = dsn, 8bitmime, xforward
smtpd_reject_footer = Call us
smtpd_client_connection_count_limit = 1
smtpd_client_message_rate_limit = 1
smtpd_hard_error_limit = 1
smtpd_helo_required = yes
smtpd_tls_security_level = encrypt
smtp_tls_security_level = encrypt
smtp_generic_maps = inline:{a@contoso.example=changed@contoso.example}
smtp_header_checks = regexp:{{/^X-Keep:/ IGNORE}}
smtp_body_checks = regexp:{{/a long line/ IGNORE}}
smtp_line_length_limit = 80
smtp_fallback_relay = [127.0.0.1]:9
smtp_bind_address = 127.9.9.9
remote_header_rewrite_domain = invalid.example
local_header_rewrite_clients =
always_add_missing_headers = yes
strict_rfc821_envelopes = yes
notify_classes = protocol, policy, resource, software
"""


class Services(WorldCase):
    """Each test has a mail system of its own, with a connector that looks at recipients."""

    weight = 40

    def new_system(self, chroot=True, listen=True, raw_main_cf=""):
        world = self.own_world("splitsvc", chroot=chroot, raw_main_cf=raw_main_cf)
        self.originals = (world.postfix.main_cf.read_bytes(), world.postfix.master_cf.read_bytes())
        self.partner = connector("Partner", world.smart_host("Partner"),
                                 senders=["contoso.example"], address_spaces=["partner.example"])
        self.rest = connector("Rest", world.smart_host("Rest"), senders=["contoso.example"])
        world.configure([self.partner, self.rest])
        world.postfix.start()
        world.daemon.start()
        self.endpoint = "%s:%d" % world.split_listener
        return world

    def services(self, world):
        """Name -> (type, chroot, program) of the services that split."""
        found = {}
        for line in world.postfix.postconf("-M").splitlines():
            fields = line.split()
            if fields[0] in ("sc-split", "sc-split_cleanup", self.endpoint):
                found[fields[0]] = (fields[1], fields[4], fields[7])
        return found

    def test_apply_makes_them_and_postfix_offers_what_mail_needs(self):
        for chroot in (True, False):
            with self.subTest(chroot=chroot):
                world = self.new_system(chroot)
                world.apply()
                column = "y" if chroot else "n"
                self.assertEqual(self.services(world), {
                    "sc-split": ("unix", column, "smtp"),
                    "sc-split_cleanup": ("unix", column, "cleanup"),
                    self.endpoint: ("inet", column, "smtpd")})
                before = (world.postfix.main_cf.read_bytes(), world.postfix.master_cf.read_bytes())
                self.assertIn("nothing to do", world.ctl.must("apply", "--no-validate").output)
                self.assertEqual((world.postfix.main_cf.read_bytes(),
                                  world.postfix.master_cf.read_bytes()), before)
                host, port = world.split_listener
                with smtplib.SMTP(host, port, timeout=20) as client:
                    client.ehlo("localhost")
                    offered = set(client.esmtp_features)
                self.assertLessEqual({"xforward", "dsn", "smtputf8", "8bitmime", "size"}, offered)
                self.assertFalse(offered & {"starttls", "auth"}, offered)

    def test_no_setting_of_main_cf_gets_into_the_hop(self):
        world = self.new_system(raw_main_cf=HOSTILE)
        world.apply()
        world.ctl.must("enable")
        settle(world.postfix.main_cf)
        host, port = world.split_listener
        with smtplib.SMTP(host, port, timeout=20) as client:
            client.ehlo("localhost")
            offered = set(client.esmtp_features)
        self.assertLessEqual({"xforward", "dsn", "smtputf8", "8bitmime", "size"}, offered)
        self.assertFalse(offered & {"starttls", "auth"}, offered)
        # sendmail(1): what comes in by SMTP is all refused by these settings.
        token = "hostile-main-cf"
        long = "a long line " * 150
        world.postfix.sendmail(
            "a@contoso.example", ["x@partner.example", "y@far.example"],
            f"From: a@contoso.example\nSubject: {token}\nX-Keep: this\n\n{long}\n".encode())
        mark = re.compile(r"postfix/sc-split/smtp\[.*status=sent")
        wait_until(lambda: len(mark.findall(world.postfix.log())) >= 2, 30,
                   lambda: f"two recipients through sc-split; log:\n{world.postfix.log()[-4000:]}")

    def test_a_taken_port_is_refused_and_nothing_changes(self):
        world = self.new_system()
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(world.split_listener)
            taken.listen()
            answer = world.ctl.run("apply", "--no-validate")
            self.assertNotEqual(answer.code, 0)
            self.assertIn(f"another program listens on {self.endpoint}", answer.output)
            self.assertIn("split_listener", answer.output)
            self.assertEqual(world.postfix.master_cf.read_bytes(), self.originals[1])
            self.assertTrue(world.postfix.running)
        world.apply()
        self.assertTrue(world.postfix.running)
        self.assertEqual(len(self.services(world)), 3)

    def test_disable_puts_every_byte_back(self):
        world = self.new_system(raw_main_cf=f"{LIMIT} =   7\n# the end\n")
        world.apply()
        world.ctl.must("enable")
        settle(world.postfix.main_cf)
        self.assertIn(f"{LIMIT} = 1", world.postfix.main_cf.read_text())
        world.ctl.must("enable")
        self.assertIn("nothing to do", world.ctl.must("apply", "--no-validate").output)
        world.ctl.must("disable")
        self.assertEqual(world.postfix.main_cf.read_bytes(), self.originals[0])
        self.assertEqual(world.postfix.master_cf.read_bytes(), self.originals[1])

    def test_apply_completes_an_attachment_that_did_not_have_to_split(self):
        world = self.new_system()
        world.configure([connector("All", world.smart_host("All"))])
        world.apply()
        world.ctl.must("enable")
        settle(world.postfix.main_cf)
        self.assertEqual(self.services(world), {})
        self.assertNotIn(LIMIT, world.postfix.main_cf.read_text())
        world.configure([self.partner, self.rest])
        self.assertIn(LIMIT, world.ctl.must("apply", "--no-validate").output)
        settle(world.postfix.main_cf)
        self.assertIn(f"{LIMIT} = 1", world.postfix.main_cf.read_text())
        self.assertEqual(len(self.services(world)), 3)
        # And the other way round: what nobody needs any more goes, but for the setting.
        world.configure([connector("All", world.smart_hosts["All"])])
        world.apply()
        self.assertEqual(self.services(world), {})
        world.ctl.must("disable")
        self.assertEqual(world.postfix.main_cf.read_bytes(), self.originals[0])
        self.assertEqual(world.postfix.master_cf.read_bytes(), self.originals[1])

    def test_another_listener_takes_the_place_of_the_old_one(self):
        world = self.new_system()
        world.apply()
        old = self.endpoint
        host, port = world.split_listener
        with socket.socket() as probe:
            probe.bind((host, 0))
            world.split_listener = probe.getsockname()
        world.configure([self.partner, self.rest])
        world.apply()
        self.endpoint = "%s:%d" % world.split_listener
        self.assertEqual(len(self.services(world)), 3)
        self.assertNotIn(f"{old} ", world.postfix.master_cf.read_text())
        with self.assertRaises(OSError):
            wait_until(lambda: not socket.create_connection((host, port), 5).close(), 3, "never")

    def test_a_change_of_main_cf_is_noticed(self):
        world = self.new_system()
        world.apply()
        world.ctl.must("enable")

        def postfix():
            return world.daemon.control({"command": "status"})["postfix"]

        wait_until(lambda: postfix()["facts"] == "recorded", 20, lambda: str(postfix()))
        text = world.postfix.main_cf.read_text()
        write_settled(world.postfix.main_cf, text + "mail_name = Other\n")
        wait_until(lambda: postfix()["facts"] == "recorded", 20, lambda: str(postfix()))
        write_settled(world.postfix.main_cf, text + "always_bcc = archive@local.example\n")
        wait_until(lambda: postfix()["facts"] == "changed", 20, lambda: str(postfix()))
        self.assertIn("always_bcc = archive@local.example", postfix()["expansions"])
        self.assertIn("always_bcc", world.daemon.log())
        answer = world.ctl.run("status")
        self.assertIn("always_bcc", answer.output)
        world.apply()
        wait_until(lambda: postfix()["facts"] == "recorded", 20, lambda: str(postfix()))
        self.assertIn("always_bcc = archive@local.example", postfix()["expansions"])
