# SPDX-License-Identifier: Apache-2.0
"""Exchange's cmdlets: commands as articles print them, tables as Exchange prints them."""

import json
import re
import shlex
import subprocess

from harness.cmdlet_case import BY_HAND, CmdletCase
from harness.ctl import program

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
