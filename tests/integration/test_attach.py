# SPDX-License-Identifier: Apache-2.0
"""enable, apply, disable on a Postfix that is not ours: before and after are equal bytes."""

import difflib

from harness.config_file import connector
from harness.settled_file import settle, write_settled
from harness.test_case import WorldCase

# Appended to an ordinary main.cf. Every one is legal Postfix, if not all pretty.
VARIANTS = {
    "nothing set": "",
    "no newline at the end": "mail_name = Odd",
    "other milters and maps": (
        "smtpd_milters = inet:127.0.0.1:9, unix:/nowhere/filter\n"
        "non_smtpd_milters = $smtpd_milters\n"
        "milter_default_action = accept\n"
        "milter_header_checks = regexp:$config_directory/checks\n"
        "sender_dependent_default_transport_maps = texthash:$config_directory/own\n"),
    "odd spacing": (
        "smtpd_milters=inet:127.0.0.1:9\n"
        "  \n"
        "non_smtpd_milters\t=\t  inet:127.0.0.1:9   \n"
        "sender_dependent_default_transport_maps   =texthash:$config_directory/own\n"
        "milter_default_action =accept\n\n\n"),
    "comments inside continued lines": (
        "smtpd_milters =\n"
        "    # the scanner\n"
        "    inet:127.0.0.1:9,\n"
        "# a comment that starts the line\n"
        "\tunix:/nowhere/filter\n"
        "    # last words\n"
        "milter_default_action = accept\n"
        "# non_smtpd_milters = inet:127.0.0.1:11\n"
        "non_smtpd_milters =\n"
        "\n"
        "    inet:127.0.0.1:9\n"),
    "braces and per-milter options": (
        "smtpd_milters = { inet:127.0.0.1:9, connect_timeout=1s, default_action=accept },\n"
        "  {unix:/nowhere/filter,default_action=accept}\n"
        "milter_default_action = accept\n"),
    "set twice": (
        "smtpd_milters = inet:127.0.0.1:11\n"
        "smtpd_milters = inet:127.0.0.1:9\n"
        "milter_default_action = accept\n"),
    "continued last line without a newline": (
        "milter_default_action = accept\n"
        "smtpd_milters = inet:127.0.0.1:9,\n"
        "   inet:127.0.0.1:11"),
    "empty values": (
        "smtpd_milters =\nnon_smtpd_milters=\nmilter_header_checks =\n"
        "sender_dependent_default_transport_maps =\n"),
    "through other parameters": (
        "our_milters = inet:127.0.0.1:9\n"
        "smtpd_milters = $our_milters\n"
        "non_smtpd_milters = ${our_milters}\n"
        "milter_default_action = accept\n"),
}


class AttachAndDetach(WorldCase):
    """One running instance; every variant is written into its main.cf in turn."""

    weight = 60
    time_limit = 180

    @classmethod
    def build_world(cls):
        world = cls.new_world("attach")
        cls.base = world.postfix.main_cf.read_text()
        for name in ("own", "checks"):
            write_settled(world.postfix.config_directory / name, "")
        # Odd spacing in master.cf as well, and a service of the site's own.
        master = world.postfix.master_cf.read_text()
        world.postfix.master_cf.write_text(
            master + "# our own\nscan      unix  -       -       n\t-\t10      smtp\n"
            "    -o smtp_send_xforward_command=yes\n\n  -o  syslog_name=postfix/scan\n"
            "# end without a newline")
        world.configure([connector("Contoso", world.smart_host("Contoso"),
                                   senders=["contoso.example"])])
        world.postfix.start()
        world.daemon.start()

    def assert_same(self, path, before, when):
        after = path.read_bytes()
        if after != before:
            diff = difflib.unified_diff(before.decode().splitlines(True),
                                        after.decode().splitlines(True), "before", "after")
            self.fail(f"{path.name} differs {when}:\n" + "".join(diff))

    def test_enable_apply_disable_leave_every_byte_as_it_was(self):
        master_before = self.world.postfix.master_cf.read_bytes()
        for what, raw in VARIANTS.items():
            with self.subTest(what):
                main_before = (self.base + raw).encode()
                write_settled(self.world.postfix.main_cf, main_before)
                self.world.ctl.must("apply")
                self.world.ctl.must("enable")
                settle(self.world.postfix.main_cf)
                self.assertNotEqual(self.world.postfix.main_cf.read_bytes(), main_before)
                self.world.ctl.must("disable")
                settle(self.world.postfix.main_cf)
                self.assert_same(self.world.postfix.main_cf, main_before, "after disable")
        self.assert_same(self.world.postfix.master_cf, master_before, "after disable")

    def test_enabled_settings_keep_what_was_there(self):
        raw = VARIANTS["other milters and maps"]
        write_settled(self.world.postfix.main_cf, self.base + raw)
        self.world.ctl.must("apply")
        self.world.ctl.must("enable")
        settle(self.world.postfix.main_cf)
        self.addCleanup(self.world.ctl.must, "disable")
        setting = self.world.postfix.setting
        own = "{ unix:sendconnector/milter, default_action=tempfail }"
        self.assertEqual(setting("smtpd_milters").replace(",", " ").split()[:2],
                         ["inet:127.0.0.1:9", "unix:/nowhere/filter"])
        self.assertTrue(setting("smtpd_milters").rstrip().endswith(own))
        # What was the same list stays the same list, with our filter in it once.
        self.assertEqual(setting("non_smtpd_milters").strip(), "$smtpd_milters")
        maps = setting("sender_dependent_default_transport_maps").replace(",", " ").split()
        self.assertEqual(maps, ["socketmap:unix:sendconnector/lookup:transport",
                                "texthash:$config_directory/own"])
        self.assertIn("regexp:$config_directory/checks", setting("milter_header_checks"))
        received = self.world.wait_for_mail(self.world.send("a@contoso.example"))
        self.assertEqual([one.server for one in received], ["Contoso"])

    def test_enable_twice_and_disable_twice_change_nothing_more(self):
        write_settled(self.world.postfix.main_cf, self.base)
        self.world.ctl.must("apply")
        self.world.ctl.must("enable")
        settle(self.world.postfix.main_cf)
        enabled = self.world.postfix.main_cf.read_bytes()
        self.world.ctl.must("enable")
        self.assert_same(self.world.postfix.main_cf, enabled, "after a second enable")
        self.world.ctl.must("disable")
        settle(self.world.postfix.main_cf)
        self.world.ctl.must("disable")
        self.assert_same(self.world.postfix.main_cf, self.base.encode(), "after disable")

    def test_the_site_may_change_other_settings_while_enabled(self):
        write_settled(self.world.postfix.main_cf, self.base)
        self.world.ctl.must("apply")
        self.world.ctl.must("enable")
        text = self.world.postfix.main_cf.read_text()
        write_settled(self.world.postfix.main_cf,
                      text.replace("biff = no", "biff = yes") + "mail_name = Changed\n")
        self.world.ctl.must("disable")
        settle(self.world.postfix.main_cf)
        self.assert_same(self.world.postfix.main_cf,
                         (self.base.replace("biff = no", "biff = yes")
                          + "mail_name = Changed\n").encode(), "after disable")

    def test_sockets_outside_the_queue_directory_are_refused(self):
        write_settled(self.world.postfix.main_cf, self.base)
        good = self.world.config_file.read_text()
        self.addCleanup(self.world.config_file.write_text, good)
        self.world.config_file.write_text(
            good.replace(str(self.world.lookup_socket), "/tmp/elsewhere/lookup"))
        answer = self.world.ctl.run("enable")
        self.assertNotEqual(answer.code, 0)
        self.assertIn("lookup_socket", answer.output)
        self.assert_same(self.world.postfix.main_cf, self.base.encode(), "after the refusal")
