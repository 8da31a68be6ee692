# SPDX-License-Identifier: Apache-2.0
"""Exchange's cmdlets: commands as articles print them, tables as Exchange prints them, files by hand."""

import concurrent.futures
import os
import pathlib
import pty
import re
import shlex
import subprocess
import unittest

from harness.ctl import program
from harness.test_case import WorldCase
from harness.workspace import Workspace

# As Microsoft's and other people's pages have them, and what the Exchange Management Shell prints.
PRINTED = (
    ('New-SendConnector -Name "To Internet" -Usage Internet -AddressSpaces * '
     '-SourceTransportServer EXCH01,EXCH02',
     "Identity    AddressSpaces Enabled\n"
     "--------    ------------- -------\n"
     "To Internet {smtp:*;1}    True\n"),
    ('New-SendConnector -Name "Smarthost To Internet" -Usage Internet -DNSRoutingEnabled $False '
     '-SmartHosts 10.83.4.199 -AddressSpaces * -SourceTransportServer EXCH01,EXCH02',
     "Identity              AddressSpaces Enabled\n"
     "--------              ------------- -------\n"
     "Smarthost To Internet {smtp:*;1}    True\n"),
    ('New-SendConnector -Name "EOP Smarthost" -Usage Internet -AddressSpaces * '
     '-CloudServicesMailEnabled $true -RequireTLS $true -DNSRoutingEnabled $false '
     '-SmartHosts exchangelabs-nl.mail.protection.outlook.com -TlsAuthLevel CertificateValidation '
     '-fqdn "webmail.exchangelabs.nl" -SourceTransportServers EXCH01,EXCH02',
     "Identity      AddressSpaces Enabled\n"
     "--------      ------------- -------\n"
     "EOP Smarthost {smtp:*;1}    True\n"),
)

BY_HAND = """# Ours.
[[connector]]
name = "First"  # the name
  address_spaces = [ "contoso.com;5",   # the group
                     "*" ]

# Somebody else's.
[[connector]]
name = "Second"
address_spaces = ["fabrikam.com"]
enabled = true # for now
"""


class CmdletCase(unittest.TestCase):
    """Each test has a configuration of its own, and no Postfix."""

    weight = 20
    time_limit = 120
    maxDiff = None

    def setUp(self):
        self.workspace = Workspace("cmdlet")
        self.addCleanup(self.workspace.close)
        self.config = self.workspace.write("conf/sendconnector.toml", "[daemon]\nstate_directory = "
                                           f"\"{self.workspace.path}/state\"\n\n[postfix]\n"
                                           f"config_directory = \"{self.workspace.path}/postfix\"\n")
        self.conf_d = self.config.parent / "conf.d"

    def log_tails(self):
        return self.workspace.log_tails()

    def run_ctl(self, *arguments, stdin="", user=None):
        return subprocess.run([program("sendconnectorctl"), "--config", self.config, *arguments],
                              input=stdin, capture_output=True, text=True, timeout=60, check=False,
                              user=user, env={**os.environ, "LC_ALL": "C.UTF-8"})

    def script(self, text):
        return self.run_ctl("cmdlets", stdin=text)

    def must(self, *arguments, **options):
        done = self.run_ctl(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def refused(self, code, *arguments, **options):
        before = self.files()
        done = self.run_ctl(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.files(), before)
        return done.stderr

    def write(self, name, text):
        self.conf_d.mkdir(exist_ok=True)
        path = self.conf_d / name
        path.write_bytes(text.encode())
        return path

    def files(self):
        return {str(path): path.read_bytes() for path in sorted(self.config.parent.rglob("*"))
                if path.is_file()}

    def names(self):
        return [one["name"] for one in __import__("json").loads(self.must("list", "--json").stdout)]


class Printed(CmdletCase):
    """The commands that administrators know, in every way they can arrive."""

    def in_shell(self, line, prelude=""):
        """A line in a real shell, with the cmdlets' names as commands."""
        ctl = f"{shlex.quote(str(program('sendconnectorctl')))} --config {shlex.quote(str(self.config))}"
        function = f"New-SendConnector() {{ {ctl} New-SendConnector \"$@\"; }}\n"
        return subprocess.run(["bash", "-c", function + prelude + line], capture_output=True,
                              text=True, timeout=60, check=False, cwd=self.config.parent)

    def test_each_pasted_into_a_shell_that_leaves_dollars_and_stars_alone(self):
        prelude = "set -f; False='$False'; false='$false'; true='$true'\n"
        for line, table in PRINTED:
            done = self.in_shell(line, prelude)
            self.assertEqual(done.stdout, table, done.stderr)
            self.assertEqual(done.returncode, 0)

    def test_each_with_dollars_and_stars_in_quotation_marks(self):
        for line, table in PRINTED:
            quoted = re.sub(r"(\*|\$\w+)", r"'\1'", line)
            done = self.in_shell(quoted)
            self.assertEqual((done.stdout, done.returncode), (table, 0), done.stderr)

    def test_each_on_standard_input_as_it_stands(self):
        for line, table in PRINTED:
            done = self.script(line + "\n")
            self.assertEqual((done.stdout, done.returncode), (table, 0), done.stderr)

    def test_all_in_one_script_with_windows_line_ends_prompts_and_continued_lines(self):
        script = "\ufeff# Send connectors\r\n" + "\r\n".join(
            "[PS] C:\\>" + line.replace(" -Usage", " `\r\n    -Usage").replace('"', "\u201c", 1)
            .replace('"', "\u201d", 1) for line, _table in PRINTED)
        done = self.script(script)
        self.assertEqual(done.stdout, "\n".join(table for _line, table in PRINTED), done.stderr)
        self.assertEqual(done.returncode, 0)

    def test_what_is_written(self):
        for line, _table in PRINTED:
            self.script(line)
        made = "# Made by: New-SendConnector -Name "
        self.assertEqual(
            (self.conf_d / "to-internet.toml").read_text(),
            made + "'To Internet' -Usage Internet -AddressSpaces * "
            "-SourceTransportServers EXCH01,EXCH02\n"
            '[[connector]]\nname = "To Internet"\nusage = "Internet"\naddress_spaces = ["*"]\n'
            'source_transport_servers = ["EXCH01", "EXCH02"]\n')
        self.assertEqual(
            (self.conf_d / "eop-smarthost.toml").read_text(),
            made + "'EOP Smarthost' -Usage Internet -AddressSpaces * -CloudServicesMailEnabled $true "
            "-RequireTLS $true -DNSRoutingEnabled $false -SmartHosts "
            "exchangelabs-nl.mail.protection.outlook.com -TlsAuthLevel CertificateValidation "
            "-Fqdn webmail.exchangelabs.nl -SourceTransportServers EXCH01,EXCH02\n"
            '[[connector]]\nname = "EOP Smarthost"\nusage = "Internet"\naddress_spaces = ["*"]\n'
            "dns_routing_enabled = false\n"
            'smart_hosts = ["exchangelabs-nl.mail.protection.outlook.com"]\n'
            'fqdn = "webmail.exchangelabs.nl"\nrequire_tls = true\n'
            'tls_auth_level = "CertificateValidation"\ncloud_services_mail_enabled = true\n'
            'source_transport_servers = ["EXCH01", "EXCH02"]\n')

    def test_what_other_servers_in_the_list_mean_is_said(self):
        done = self.script(PRINTED[0][0])
        self.assertIn("this host is none of exch01, exch02: it hands the connector's mail to them",
                      done.stderr)

    def test_what_a_shell_has_taken_away_is_told(self):
        line, _table = PRINTED[1]
        done = self.in_shell(line)
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        self.assertIn("-DNSRoutingEnabled wants a value, and none stands behind it", done.stderr)
        self.assertIn("in single quotation marks", done.stderr)
        (self.config.parent / "credentials.d").mkdir()
        done = self.in_shell(PRINTED[0][0])
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        self.assertIn("belongs to no parameter", done.stderr)

    def test_get_prints_the_table_of_all(self):
        self.assertEqual(self.must("Get-SendConnector").stdout, "")
        for line, _table in PRINTED:
            self.script(line)
        self.assertEqual(self.must("get-sendconnector").stdout,
                         "Identity              AddressSpaces Enabled\n"
                         "--------              ------------- -------\n"
                         "EOP Smarthost         {smtp:*;1}    True\n"
                         "Smarthost To Internet {smtp:*;1}    True\n"
                         "To Internet           {smtp:*;1}    True\n")
        self.assertEqual(self.must("get-sendconnector").stdout, self.must("list").stdout)


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
        json = __import__("json").loads(done.stdout)
        self.assertEqual((json["name"], json["address_spaces"]), ("X", ["smtp:*;1"]))

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
        self.changed("enabled = true # for now\n", "", "Second", "-Comment", "$null", "-Enabled", "$true",
                     ) if False else None

    def test_lists_are_added_to_and_taken_from(self):
        self.changed('[ "contoso.com;5",   # the group\n                     "*" ]',
                     '["*", "northwind.com;2"]', "First", "-AddressSpaces",
                     '@{Add="northwind.com;2"; Remove="contoso.com"}')
        done = self.must("Set-SendConnector", "First", "-AddressSpaces", '@{Add="*"; Remove="gone.com"}')
        self.assertIn("-AddressSpaces: gone.com was not in the list", done.stderr)
        self.assertIn("-AddressSpaces: * is in the list already", done.stderr)
        self.assertIn("no settings of 'First' have been modified", done.stderr)

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


class Get(CmdletCase):
    def setUp(self):
        super().setUp()
        self.write("ours.toml", BY_HAND)

    def test_by_name_and_wildcard(self):
        self.assertEqual(self.must("Get-SendConnector", "SECOND").stdout,
                         "Identity AddressSpaces         Enabled\n"
                         "-------- -------------         -------\n"
                         "Second   {smtp:fabrikam.com;1} True\n")
        self.assertEqual(self.must("Get-SendConnector", "-Identity", "*ir?t").stdout.splitlines()[2],
                         "First    {smtp:contoso.com;5, smtp:*;1} True")
        self.assertEqual(self.must("Get-SendConnector", "x*").stdout, "")
        self.assertIn('did you mean "Second"?', self.refused(1, "Get-SendConnector", "Secon"))

    def test_format_list_prints_what_show_does(self):
        show = self.must("show", "First").stdout
        self.assertEqual(self.must("Get-SendConnector", "First", "-Format", "List").stdout, show)
        self.assertEqual(self.must("Get-SendConnector", "-F", "fl").stdout,
                         show + "\n" + self.must("show", "Second").stdout)
        self.assertEqual(self.script("Get-SendConnector First | Format-List").stdout, show)
        self.assertEqual(self.script("Get-SendConnector First | fl Name,*Spaces,Port").stdout,
                         "AddressSpaces : {smtp:contoso.com;5, smtp:*;1}\nName          : First\n"
                         "Port          : 25\n")
        self.assertEqual(self.script("Get-SendConnector First | Format-Table").stdout,
                         self.must("Get-SendConnector", "First").stdout)
        self.assertIn("use one of List, Table", self.refused(2, "Get-SendConnector", "-Format", "Wide"))

    def test_json_is_a_list_of_what_show_prints(self):
        json = __import__("json")
        self.assertEqual(json.loads(self.must("Get-SendConnector", "First", "--json").stdout),
                         [json.loads(self.must("show", "First", "--json").stdout)])

    def test_piped_into_another(self):
        done = self.script("Get-SendConnector | Set-SendConnector -Enabled $false\n"
                           "Get-SendConnector Second | Remove-SendConnector -Confirm:$false\nGet-SendConnector\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[2:], ["First    {smtp:contoso.com;5, smtp:*;1} False"])


class Scripts(CmdletCase):
    def test_what_cannot_be_understood_keeps_all_from_running(self):
        before = self.files()
        done = self.script("New-SendConnector A -AddressSpaces *\nWrite-Host hello\n"
                           "New-SendConnector B -Quux 1\nif ($true) { New-SendConnector C -AddressSpaces * }\n")
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        for line in ("line 2: \"Write-Host\" is none of New-SendConnector, ",
                     "line 3: New-SendConnector has no parameter -Quux", "line 4: ", "nothing was done"):
            self.assertIn(line, done.stderr)
        self.assertEqual(self.files(), before)

    def test_what_fails_ends_it(self):
        done = self.script("New-SendConnector A -AddressSpaces *\nNew-SendConnector A -AddressSpaces *\n"
                           "New-SendConnector B -AddressSpaces *\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 2 failed: what is above it is done, what is below it is not", done.stderr)
        self.assertEqual(self.names(), ["A"])

    def test_from_a_file(self):
        path = self.workspace.write("script.ps1", PRINTED[0][0])
        self.assertEqual(self.must("cmdlets", path).stdout, PRINTED[0][1])
        self.assertIn("cannot be read", self.refused(2, "cmdlets", path.parent / "none"))
        self.assertEqual(self.must("cmdlets").stdout, "")

    def test_help(self):
        overview = self.must("New-SendConnector", "-?").stdout
        self.assertEqual(self.must("help", "new-sendconnector").stdout, overview)
        self.assertEqual(self.must("New-SendConnector", "-Name", "X", "--help").stdout, overview)
        self.assertIn("  -SmartHosts LIST ", overview)
        self.assertIn("parameters of New-SendConnector begin with one dash",
                      self.refused(2, "New-SendConnector", "--name", "X"))


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
                      if line.startswith("sc-"))

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
