# SPDX-License-Identifier: Apache-2.0
"""What Exchange's cmdlets write, and what of a file they leave as it is."""

import concurrent.futures
import json
import os
import pathlib
import pty
import re
import subprocess

from harness.cmdlet_case import BY_HAND, CmdletCase
from harness.ctl import program
from harness.test_case import WorldCase


class New(CmdletCase):
    def test_a_second_time_is_refused_and_changes_nothing(self):
        self.must("New-SendConnector", "X", "-AddressSpaces", "*")
        error = self.refused(1, "New-SendConnector", "x", "-AddressSpaces", "*")
        self.assertIn(f'there is a connector "x" already, in {self.conf_d}/x.toml', error)

    def test_a_conflict_is_told_by_parameters(self):
        error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*", "-TlsAuthLevel",
                             "CertificateValidation")
        self.assertEqual(error, 'sendconnectorctl: error: connector "X": -TlsAuthLevel needs -RequireTLS '
                                "$true; set -RequireTLS $true, or remove -TlsAuthLevel\n"
                                "sendconnectorctl: error: New-SendConnector: nothing was changed\n")
        self.assertFalse(self.conf_d.exists())

    def test_every_value_that_will_not_do_is_told(self):
        error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*x", "-Port", "0",
                             "-RequireTLS", "yes")
        self.assertEqual([line.split(": ")[2] for line in error.splitlines()],
                         ["-AddressSpaces", "-Port", "-RequireTLS"])

    def test_smart_hosts_mean_no_dns_routing_unless_that_is_said(self):
        done = self.must("New-SendConnector", "X", "-AddressSpaces", "*", "-SmartHosts", "a.example")
        self.assertIn("note: -DNSRoutingEnabled is $false, since there are smart hosts", done.stderr)
        self.assertIn("dns_routing_enabled = false", (self.conf_d / "x.toml").read_text())
        error = self.refused(1, "New-SendConnector", "Y", "-AddressSpaces", "*", "-SmartHosts", "a.example",
                             "-DNSRoutingEnabled", "$true")
        self.assertIn("-SmartHosts needs -DNSRoutingEnabled $false", error)

    def test_an_error_elsewhere_keeps_everything_as_it_is(self):
        broken = self.write("broken.toml", '[[connector]]\nname = "Broken"\nport = "x"\n')
        error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*")
        self.assertIn(f"{broken}:3:8: ", error)
        self.assertIn("correct the files first", error)

    def test_a_connector_that_an_error_hides_cannot_be_made_twice(self):
        self.write("mine.toml", '[[connector]]\nname = "X"\nport = "x"\n')
        error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*")
        self.assertIn(f'already, in {self.conf_d}/mine.toml', error)

    def test_a_file_of_that_name_is_added_to(self):
        self.write("x.toml", "# kept\n" + BY_HAND)
        self.must("New-SendConnector", "X", "-AddressSpaces", "x.example")
        self.assertEqual((self.conf_d / "x.toml").read_text(),
                         "# kept\n" + BY_HAND + "\n# Made by: New-SendConnector -Name X -AddressSpaces "
                         'x.example\n[[connector]]\nname = "X"\naddress_spaces = ["x.example"]\n')

    def test_the_new_file_has_the_main_files_mode_and_owner(self):
        self.config.chmod(0o640)
        os.chown(self.config, 0, 65534)
        self.must("New-SendConnector", "X", "-AddressSpaces", "*")
        status = (self.conf_d / "x.toml").stat()
        self.assertEqual((status.st_mode & 0o7777, status.st_uid, status.st_gid), (0o640, 0, 65534))
        self.assertEqual(self.conf_d.stat().st_mode & 0o7777, 0o755)

    def test_json(self):
        done = self.must("New-SendConnector", "X", "-AddressSpaces", "*", "--json")
        made = json.loads(done.stdout)
        self.assertEqual((made["name"], made["address_spaces"]), ("X", ["smtp:*;1"]))

    def test_ours_senders(self):
        self.must("New-SendConnector", "X", "-AddressSpaces", "*", "-Senders", "contoso.com,", "a@b.example")
        answer = self.must("explain", "--from", "a@b.example", "--to", "x@y.example", "--json")
        self.assertIn('"connector": "X"', answer.stdout)

    def test_no_password_is_written_or_shown(self):
        done = self.script(
            "$cred = Get-Credential\n"
            'New-SendConnector "To Relay" -AddressSpaces * -SmartHosts a.example -SmartHostAuth BasicAuth '
            "-RequireTLS $true -AuthenticationCredential (New-Object PSCredential('user', "
            "(ConvertTo-SecureString 'S3cret!' -AsPlainText -Force)))\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("credentials.d/to-relay", done.stderr)
        for text in (done.stdout, done.stderr, (self.conf_d / "to-relay.toml").read_text()):
            self.assertNotIn("S3cret", text)
        self.assertIn('authentication_credential = "to-relay"', (self.conf_d / "to-relay.toml").read_text())

    def test_many_at_once_lose_nothing(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(lambda i: self.run_ctl("New-SendConnector", f"Same {i % 4}",
                                                        "-AddressSpaces", f"d{i}.example"), range(16)))
        self.assertEqual(sorted(one.returncode for one in done), [0] * 4 + [1] * 12,
                         [one.stderr for one in done])
        self.assertEqual(self.names(), [f"Same {i}" for i in range(4)])

    def test_many_changes_of_one_file_at_once_all_count(self):
        self.write("all.toml", "".join(f'[[connector]]\nname = "C{i}"\naddress_spaces = ["*"]\n'
                                       for i in range(12)))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(lambda i: self.run_ctl("Set-SendConnector", f"C{i}", "-Port", f"{1000 + i}",
                                                        "-Comment", "x"), range(12)))
        self.assertEqual([one.returncode for one in done], [0] * 12, [one.stderr for one in done])
        text = (self.conf_d / "all.toml").read_text()
        self.assertEqual(re.findall(r"port = (\d+)", text), [str(1000 + i) for i in range(12)])

    def test_who_may_not_write_is_told(self):
        for mode in (0o755, 0o500):
            self.write("none.toml", "")
            self.conf_d.chmod(mode)
            self.config.parent.chmod(0o755)
            error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*", user=65534)
            self.assertIn("Permission denied", error)
            self.assertIn("run this as root", error)
            error = self.refused(2, "New-SendConnector", "X", "-AddressSpaces", "*", "-Apply", user=65534)
            self.assertIn("New-SendConnector -Apply must be root", error)
            break


class Set(CmdletCase):
    def changed(self, old, new, *arguments):
        path = self.write("ours.toml", BY_HAND)
        path.chmod(0o604)
        inode = path.stat().st_ino
        done = self.must("Set-SendConnector", *arguments)
        self.assertEqual(done.stdout, "")
        self.assertIn(old, BY_HAND)
        self.assertEqual(path.read_text(), BY_HAND.replace(old, new))
        self.assertEqual(path.stat().st_mode & 0o7777, 0o604)
        self.assertNotEqual(path.stat().st_ino, inode)
        return done

    def test_only_what_is_named_changes(self):
        self.changed("enabled = true #", "enabled = false #", "second", "-Enabled", "$false")
        self.changed('"First"', '"Other"', "First", "-Name", "Other")
        self.changed('     "*" ]\n', '     "*" ]\nport = 26\nfqdn = "mail.example"\n', "First", "-Port", "26",
                     "-Fqdn", "mail.example")

    def test_null_takes_a_line_out(self):
        path = self.write("ours.toml", BY_HAND + 'port = 26 # theirs\ncomment = "x"\n')
        self.must("Set-SendConnector", "Second", "-Comment", "$null")
        self.assertEqual(path.read_text(), BY_HAND + "port = 26 # theirs\n")

    def test_lists_are_added_to_and_taken_from(self):
        self.changed('[ "contoso.com;5",   # the group\n                     "*" ]',
                     '["*", "northwind.com;2"]', "First", "-AddressSpaces",
                     '@{Add="northwind.com;2"; Remove="contoso.com"}')
        done = self.must("Set-SendConnector", "First", "-AddressSpaces", '@{Add="*"; Remove="gone.com"}')
        self.assertIn("-AddressSpaces: gone.com was not in the list", done.stderr)
        self.assertIn("-AddressSpaces: * is in the list already", done.stderr)
        self.assertIn("no settings of 'First' have been modified", done.stderr)

    def test_whoever_takes_the_last_sender_away_does_not_let_everybody_in(self):
        path = self.write("ours.toml", BY_HAND + 'senders = ["ceo@contoso.com"]\n')
        before = path.read_text()
        for value in ('@{Remove="ceo@contoso.com"}', "@{Remove='CEO@contoso.com','x.example'}"):
            error = self.refused(1, "Set-SendConnector", "Second", "-Senders", value)
            self.assertIn("error: -Senders: nothing would be left in the list; leave one entry, or give $null",
                          error)
        self.refused(1, "Set-SendConnector", "Second", "-AddressSpaces", '@{Remove="fabrikam.com"}')
        self.assertEqual(path.read_text(), before)

    def test_a_second_time_changes_nothing(self):
        path = self.write("ours.toml", BY_HAND)
        self.must("Set-SendConnector", "First", "-Port", "26")
        before = path.stat()
        done = self.must("Set-SendConnector", "First", "-Port", "26")
        self.assertEqual(done.stderr, "sendconnectorctl: warning: The command completed successfully but no "
                                      "settings of 'First' have been modified.\n")
        self.assertEqual((path.stat().st_ino, path.stat().st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    def test_in_the_main_file_and_through_a_link(self):
        self.config.write_text(self.config.read_text() + "\n" + BY_HAND)
        before = self.config.read_text()
        self.must("Set-SendConnector", "Second", "-AddressSpaces", "x.example")
        self.assertEqual(self.config.read_text(), before.replace("fabrikam.com", "x.example"))
        elsewhere = self.workspace.write("elsewhere/x.toml", BY_HAND.replace("First", "A").replace("Second", "B"))
        self.conf_d.mkdir()
        (self.conf_d / "x.toml").symlink_to(elsewhere)
        self.must("Set-SendConnector", "B", "-Enabled", "false")
        self.assertTrue((self.conf_d / "x.toml").is_symlink())
        self.assertIn("enabled = false # for now", elsewhere.read_text())

    def test_who_repairs_a_connector_may(self):
        path = self.write("x.toml", '[[connector]]\nname = "X"\naddress_spaces = ["*"]\ntls_auth_level = '
                                    '"EncryptionOnly"\n')
        self.must("Set-SendConnector", "X", "-RequireTLS", "$true")
        self.assertIn("require_tls = true\n", path.read_text())

    def test_who_is_meant_is_guessed(self):
        self.write("ours.toml", BY_HAND)
        self.assertIn('there is no connector "Secnd"; did you mean "Second"?',
                      self.refused(1, "Set-SendConnector", "Secnd", "-Port", "25"))

    def test_a_connector_that_is_written_otherwise_is_left_to_a_hand(self):
        path = self.write("inline.toml", 'connector = [{name = "X", address_spaces = ["*"]}]\n')
        self.assertIn("X ", self.must("Get-SendConnector", "X").stdout)
        error = self.refused(1, "Set-SendConnector", "X", "-Port", "26")
        self.assertIn(f'there is no connector "X" in a file that can be changed: {path}: its connectors are not each '
                      "below a line [[connector]]; change the file by hand", error)

    def test_what_if_changes_nothing_and_shows_what_would(self):
        path = self.write("ours.toml", BY_HAND)
        before = self.files()
        done = self.must("Set-SendConnector", "Second", "-Enabled", "$false", "-WhatIf")
        self.assertEqual(done.stdout, 'What if: Performing the operation "Set-SendConnector" on target "Second".\n'
                                      f"--- {path}\n+++ {path}\n@@ -11,1 +11,1 @@\n"
                                      "-enabled = true # for now\n+enabled = false # for now\n")
        done = self.must("New-SendConnector", "X", "-AddressSpaces", "*", "-WhatIf")
        self.assertIn(f"--- /dev/null\n+++ {self.conf_d}/x.toml\n@@ -0,0 +1,4 @@\n+# Made by: ", done.stdout)
        self.assertEqual(self.files(), before)
        self.refused(1, "New-SendConnector", "First", "-AddressSpaces", "*", "-WhatIf")

    def test_enable_and_disable(self):
        path = self.write("ours.toml", BY_HAND)
        self.must("Disable-SendConnector", "Second")
        self.assertEqual(path.read_text(), BY_HAND.replace("true # for now", "false # for now"))
        self.must("enable-sendconnector", "-Identity", "Second")
        self.assertEqual(path.read_text(), BY_HAND)
        self.assertIn("no settings", self.must("Enable-SendConnector", "First").stderr)


class Remove(CmdletCase):
    def test_asks_where_nobody_can_answer(self):
        self.write("ours.toml", BY_HAND)
        error = self.refused(1, "Remove-SendConnector", "First")
        self.assertIn("there is no terminal to ask on; add -Confirm:$false", error)
        self.assertIn("-Confirm wants a value", self.refused(2, "Remove-SendConnector", "First", "-Confirm:"))

    def test_the_rest_of_the_file_stays(self):
        path = self.write("ours.toml", BY_HAND)
        done = self.must("Remove-SendConnector", "First", "-Confirm:$false")
        self.assertEqual(done.stdout, "")
        self.assertEqual(path.read_text(), BY_HAND[BY_HAND.index("# Somebody"):])
        self.must("Remove-SendConnector", "Second", "-Confirm:false")
        self.assertFalse(path.exists())

    def test_what_was_made_is_gone_without_a_trace(self):
        before = self.files()
        self.must("New-SendConnector", "X", "-AddressSpaces", "*")
        self.must("Remove-SendConnector", "x", "-Confirm:0")
        self.assertEqual(self.files(), before)

    def test_the_main_file_never_goes(self):
        main = self.config.read_text()
        self.config.write_text(main + "\n# Made by: me\n" + '[[connector]]\nname = "X"\naddress_spaces = ["*"]\n')
        self.must("Remove-SendConnector", "X", "-Confirm:$false")
        self.assertEqual(self.config.read_text(), main)

    def test_the_default_connector_is_needed(self):
        self.config.write_text('unmatched_senders = "default"\ndefault_connector = "X"\n' + self.config.read_text())
        self.write("x.toml", '[[connector]]\nname = "X"\naddress_spaces = ["*"]\n')
        error = self.refused(1, "Remove-SendConnector", "X", "-Confirm:$false")
        self.assertIn('default_connector: there is no connector "X"', error)

    def answered(self, answer):
        master, slave = pty.openpty()
        process = subprocess.Popen([program("sendconnectorctl"), "--config", self.config,
                                    "Remove-SendConnector", "First"], stdin=slave, stderr=slave,
                                   stdout=subprocess.PIPE)
        os.close(slave)
        shown = b""
        while b"[y/N] " not in shown:
            shown += os.read(master, 1000)
        os.write(master, answer + b"\n")
        self.assertEqual(process.communicate(timeout=30)[0], b"")
        os.close(master)
        self.assertIn(f'Remove-SendConnector "First" in {self.conf_d}/ours.toml? [y/N]', shown.decode())
        return process.returncode

    def test_asks_at_a_terminal(self):
        path = self.write("ours.toml", BY_HAND)
        self.assertEqual(self.answered(b"n"), 1)
        self.assertEqual(path.read_text(), BY_HAND)
        self.assertEqual(self.answered(b"y"), 0)
        self.assertNotIn("First", path.read_text())


class Apply(WorldCase):
    """Against a private Postfix."""

    weight = 30

    def setUp(self):
        self.own_world("cmdapp")
        self.world.smart_host("alpha")
        self.world.configure([])
        self.world.postfix.start()
        self.world.daemon.start()

    def services(self):
        return sorted(line.split()[0] for line in self.world.postfix.postconf("-M").splitlines()
                      if line.startswith("sc-") and not line.startswith("sc-split"))

    def test_says_what_apply_would_do_and_does_it_when_told_to(self):
        alpha = self.world.smart_hosts["alpha"].next_hop
        answer = self.world.ctl.must("New-SendConnector", "To Alpha", "-AddressSpaces", "*", "-SmartHosts",
                                     alpha)
        self.assertRegex(answer.stderr, r"note: apply would add service sc-to-alpha\b.*: sudo sendconnectorctl "
                                        r"--config .* apply\n")
        self.assertEqual(self.services(), [])
        answer = self.world.ctl.must("Set-SendConnector", "To Alpha", "-Fqdn", "mail.example", "-Apply")
        self.assertEqual(answer.stdout, "")
        self.assertIn("add service sc-to-alpha\n", answer.stderr)
        self.assertEqual(self.services(), ["sc-to-alpha"])
        self.assertIn("nothing to do", self.world.ctl.must("apply").stdout)
        table = self.world.ctl.must("New-SendConnector", "Other", "-AddressSpaces", "x.example", "-SmartHosts",
                                    alpha, "-Apply").stdout
        self.assertEqual(table.splitlines()[2], "Other    {smtp:x.example;1} True")
        self.assertEqual(self.services(), ["sc-other", "sc-to-alpha"])
        self.world.ctl.must("Remove-SendConnector", "Other", "-Confirm:$false", "-Apply")
        self.assertEqual(self.services(), ["sc-to-alpha"])
        answer = self.world.ctl.must("Set-SendConnector", "To Alpha", "-WhatIf", "-Comment", "x", "-Apply")
        self.assertIn("+comment = ", answer.stdout)
        self.assertIn("in Postfix there is nothing to do", answer.stderr)

    def test_what_apply_refuses_is_told_and_stays_written(self):
        answer = self.world.ctl.run("New-SendConnector", "TLS", "-AddressSpaces", "*", "-SmartHosts",
                                    self.world.smart_hosts["alpha"].next_hop, "-RequireTLS", "$true", "-Apply")
        self.assertEqual(answer.code, 1, str(answer))
        self.assertIn("the file is written and not applied", answer.stderr)
        self.assertTrue(pathlib.Path(self.world.config_directory, "conf.d", "tls.toml").exists())
        self.assertEqual(self.services(), [])
