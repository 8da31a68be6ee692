# SPDX-License-Identifier: Apache-2.0
"""Exports of send connectors taken with `import`, and given back with `export`."""

import json
import os
import pathlib
import pty
import resource
import select
import subprocess
import time
import unittest

from harness.ctl import program
from harness.workspace import Workspace

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures/exchange"
FORMATS = ("toml", "json", "powershell", "clixml")
# What an export is called where it has another name than its format.
READ_AS = {"toml": "TOML", "json": "JSON", "powershell": "a PowerShell script", "clixml": "CLIXML"}

# A connector with something of everything, of Exchange and of our own.
VARIED = """[[connector]]
name = "Zürich «relay» & co. $1"
comment = "it's \\"quoted\\",\\n<b>`two` lines</b>"
senders = ["x@y.example", "*.contoso.example", "ceo@contoso.example"]
sender_identity = "header-from"
address_spaces = ["fabrikam.example;7", "*.com;100", "*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.relay.example]:587;3", "192.0.2.7", "[2001:db8::1]:2525"]
smart_host_auth_mechanism = "BasicAuthRequireTLS"
authentication_credential = "relay-login"
require_tls = true
tls_auth_level = "DomainValidation"
tls_domain = "*.relay.example"
tls_minimum_protocol = "TLSv1.3"
max_message_size = "unlimited"
connection_inactivity_timeout = "00:02:30"
error_policies = "DowngradeCustomFailures"
custom_failure_codes = ["550 5.7.1", "554"]
routes = ["default", "relay"]
use_external_dns_servers_enabled = true

[[connector]]
name = "plain"
usage = "Internal"
enabled = false
address_spaces = ["*.intern.example;2"]
source_ip_address = ["192.0.2.1", "2001:db8::2"]
source_transport_servers = ["EXCH01", "exch02.intern.example"]
"""


class ImportCase(unittest.TestCase):
    """Each test has a configuration of its own, and no Postfix."""

    weight = 25
    time_limit = 240
    maxDiff = None

    def setUp(self):
        self.workspace = Workspace("import")
        self.addCleanup(self.workspace.close)
        self.config = self.new_configuration("conf")

    def log_tails(self):
        return self.workspace.log_tails()

    def new_configuration(self, folder, text=""):
        return self.workspace.write(
            f"{folder}/sendconnector.toml",
            f"[daemon]\nstate_directory = \"{self.workspace.path}/state\"\n\n[postfix]\n"
            f"config_directory = \"{self.workspace.path}/postfix\"\n\n{text}")

    def run_ctl(self, *arguments, data=b"", config=None, limits=None):
        done = subprocess.run(
            [program("sendconnectorctl"), "--config", config or self.config, *arguments],
            input=data, capture_output=True, timeout=120, check=False, preexec_fn=limits,
            env={**os.environ, "LC_ALL": "C.UTF-8"})
        done.stdout = done.stdout.decode()
        done.stderr = done.stderr.decode()
        return done

    def must(self, *arguments, **options):
        done = self.run_ctl(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def files(self, config=None):
        folder = pathlib.Path(config or self.config).parent
        return {str(path.relative_to(folder)): path.read_bytes()
                for path in sorted(folder.rglob("*")) if path.is_file()}

    def listed(self, config=None):
        """Everything the configuration says of its connectors, by name."""
        answer = json.loads(self.must("export", "--format", "json", config=config).stdout)
        answer = answer if isinstance(answer, list) else [answer]
        return {one["Name"]: one for one in answer}


class Shapes(ImportCase):
    """Every file of tests/fixtures/exchange, through the command."""

    def shapes(self):
        return sorted(path for path in FIXTURES.iterdir()
                      if path.suffix not in (".expected", ".md"))

    def test_each_is_taken_once_and_a_second_time_changes_nothing(self):
        self.assertGreaterEqual(len(self.shapes()), 10)
        for number, path in enumerate(self.shapes()):
            with self.subTest(path.name):
                config = self.new_configuration(f"conf{number}")
                empty = self.files(config)
                tried = self.run_ctl("import", "--dry-run", path, config=config)
                self.assertEqual(self.files(config), empty)
                self.assertIn("nothing was written: --dry-run", tried.stderr)

                first = self.run_ctl("--json", "import", path, config=config)
                self.assertEqual(first.returncode, tried.returncode, first.stderr)
                report = json.loads(first.stdout)
                made = [one for one in report["connectors"] if one["step"] == "new"]
                # A value that is not in the file, and that no connector can do without.
                self.assertEqual(bool(made), path.name not in ("csv_lost.csv", "json_cut.json"))
                self.assertEqual(report["written"], bool(made))
                self.assertEqual(sorted(self.listed(config)), sorted(one["name"] for one in made))
                # Each in a file of its own, which the trial run showed as it is.
                for one in made:
                    text = pathlib.Path(one["file"]).read_text()
                    self.assertTrue(text.startswith("# Made by: sendconnectorctl import "), text)
                    for line in text.splitlines():
                        self.assertIn(f"+{line}\n", tried.stdout)

                written = self.files(config)
                second = json.loads(self.run_ctl("--json", "import", path, config=config).stdout)
                self.assertFalse(second["written"])
                self.assertNotIn("changed", [one["step"] for one in second["connectors"]])
                self.assertEqual(self.files(config), written)

    def test_from_standard_input_as_from_a_file(self):
        for path in self.shapes():
            with self.subTest(path.name):
                from_file = self.run_ctl("--json", "import", "--dry-run", path)
                from_pipe = self.run_ctl("--json", "import", "--dry-run", "-",
                                         data=path.read_bytes())
                one, other = json.loads(from_file.stdout), json.loads(from_pipe.stdout)
                self.assertEqual(one.pop("source"), str(path))
                self.assertEqual(other.pop("source"), "standard input")
                self.assertEqual(one, other)

    def test_what_needs_a_hand_is_said_and_no_secret_is(self):
        done = self.must("import", FIXTURES / "clixml_credentials.xml")
        self.assertRegex(done.stdout, r"by hand +AuthenticationCredential .*credentials\.d/")
        self.assertIn("once what is by hand is done", done.stderr)
        for content in self.files().values():
            self.assertNotIn(b"01000000d08c9ddf", content)

    def test_a_connector_that_cannot_be_had_is_refused_and_the_others_are_taken(self):
        script = (b"New-SendConnector -Name Good -AddressSpaces *\n"
                  b"New-SendConnector -Name Bad -AddressSpaces * -TlsAuthLevel DomainValidation\n"
                  b"New-SendConnector -Name Worse -AddressSpaces x400:*\n")
        done = self.run_ctl("import", "-", data=script)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("Bad: refused", done.stdout)
        self.assertIn("1 new, 2 refused", done.stdout)
        self.assertEqual(list(self.listed()), ["Good"])

    def test_existing_connectors_change_where_they_differ_and_keep_the_rest(self):
        path = self.config.parent / "conf.d/x.toml"
        path.parent.mkdir()
        path.write_text("# Ours.\n[[connector]]\nname = \"Mine\" # by name\n"
                        "senders = [\"contoso.example\"]\naddress_spaces = [\"*\"] # all\n")
        done = self.must("import", "-", data=b"Set-SendConnector mine -Port 25 "
                                             b"-AddressSpaces *,fabrikam.example\n")
        self.assertIn("Mine: changed, conf.d/x.toml".lower(), done.stdout.lower())
        self.assertEqual(path.read_text(),
                         "# Ours.\n[[connector]]\nname = \"Mine\" # by name\n"
                         "senders = [\"contoso.example\"]\n"
                         "address_spaces = [\"*\", \"fabrikam.example\"] # all\n")

    def test_what_is_no_file_or_no_export_is_told(self):
        for name, data, words in (("nothing.xml", None, "No such file"),
                                  ("empty", b"", "empty"),
                                  ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "")):
            path = self.workspace.path / name
            if data is not None:
                path.write_bytes(data)
            done = self.run_ctl("import", path)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(name, done.stderr)
            self.assertIn(words, done.stderr)


class RoundTrips(ImportCase):
    def test_each_format_gives_the_same_policy_back(self):
        origin = self.new_configuration("origin", VARIED)
        for text in FORMATS:
            with self.subTest(text):
                # By name: each import puts connectors into files of their own, in their order.
                wanted = ["export", "--format", text, *sorted(self.listed(origin))]
                exported = self.must(*wanted, config=origin).stdout
                self.assertNotIn("password", exported.lower())
                config = self.new_configuration(f"copy-{text}")
                done = self.run_ctl("--json", "import", "-", data=exported.encode(), config=config)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(json.loads(done.stdout)["format"], READ_AS[text])
                self.assertEqual(self.listed(config), self.listed(origin))
                self.assertEqual(self.must(*wanted, config=config).stdout, exported)

    def test_named_connectors_only_and_unknown_names(self):
        origin = self.new_configuration("origin", VARIED)
        done = self.must("export", "PLAIN", config=origin)
        self.assertTrue(done.stdout.startswith('[[connector]]\nname = "plain"\n'), done.stdout)
        self.assertEqual(done.stdout.count("[[connector]]"), 1)
        done = self.run_ctl("export", "plein", config=origin)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("plein", done.stderr)
        done = self.run_ctl("export", "--format", "xml", config=origin)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("toml, json, powershell, clixml", done.stderr)


def narrow():
    """Limits that reading a bad file must not come near."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


class Hostile(ImportCase):
    def test_bad_files_are_refused_in_bounded_time_and_memory(self):
        bomb = '<?xml version="1.0"?><!DOCTYPE Objs [<!ENTITY a0 "aaaaaaaaaa">' + "".join(
            f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)) + "]><Objs>&a11;</Objs>"
        secret = self.workspace.write("secret", "root:x:0:0")
        cases = {
            "bomb.xml": bomb,
            "external.xml": f'<!DOCTYPE Objs [<!ENTITY x SYSTEM "file://{secret}">]><Objs>&x;</Objs>',
            "deep.xml": "<Objs>" + "<Obj>" * 3_000_000,
            "wide.xml": "<Objs>" + "<a/>" * 5_000_000 + "</Objs>",
            "deep.json": "[" * 20_000_000,
            "wide.json": "[" + "0," * 10_000_000 + "0]",
            "half.json": '{"Name": "x", "AddressSpaces": ["*"',
            "long.ps1": "New-SendConnector -Name " + "@{" * 5_000_000,
            "large.csv": "Name,AddressSpaces\n" + "x" * (65 << 20),
        }
        empty = self.files()
        for name, text in cases.items():
            with self.subTest(name):
                path = self.workspace.write(name, text)
                done = self.run_ctl("import", path, limits=narrow)
                self.assertIn(done.returncode, (1, 2), done.stderr[-2000:])
                self.assertTrue(done.stderr.strip() or "refused" in done.stdout or "passed over" in done.stdout)
                self.assertNotIn("root:x", done.stdout + done.stderr)
                self.assertLess(len(done.stdout + done.stderr), 200_000)
                self.assertEqual(self.files(), empty)

    def test_a_list_that_is_wrong_all_over_is_told_shortly(self):
        data = json.dumps({"Name": "x", "AddressSpaces": ["*"], "Senders": ["a.example"] * 20_000}).encode()
        done = self.run_ctl("import", "-", data=data)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout.count("is listed twice"), 20)
        self.assertRegex(done.stdout, r"and \d+ more \(--json has them all\)")
        self.assertLess(len(done.stdout + done.stderr), 10_000)

    def test_what_it_shows_cannot_steer_a_terminal(self):
        name = "a\x1b]0;owned\x07\u202eb"
        data = json.dumps({"Name": name, "AddressSpaces": ["*"]}).encode()
        done = self.run_ctl("import", "--dry-run", "-", data=data)
        for sign in ("\x1b", "\x07", "\u202e"):
            self.assertNotIn(sign, done.stdout + done.stderr)


class Many(ImportCase):
    weight = 60

    def test_a_hundred_thousand_senders_and_a_thousand_connectors_with_progress(self):
        senders = [f"user{i}@contoso{i % 7}.example" for i in range(100_000)]
        connectors = [{"Name": "Many", "AddressSpaces": ["*"], "Senders": senders}]
        connectors += [{"Name": f"Branch {i}", "AddressSpaces": [f"b{i}.example"]}
                       for i in range(1000)]
        path = self.workspace.write("many.json", json.dumps(connectors))
        shown, code = self.on_a_terminal("import", path)
        self.assertEqual(code, 0, shown[-2000:])
        self.assertRegex(shown, r"\[#+-+\] *\d+/1001")
        self.assertIn("1001 new", shown)
        found = self.listed()
        self.assertEqual(len(found), 1001)
        self.assertEqual(len(found["Many"]["Senders"]), 100_000)
        written = self.files()
        done = self.must("import", path)
        self.assertIn("1001 unchanged", done.stdout)
        self.assertEqual(self.files(), written)
        exported = self.must("export", "Many", "--format", "clixml").stdout
        config = self.new_configuration("copy")
        self.must("import", "-", data=exported.encode(), config=config)
        self.assertEqual(self.listed(config)["Many"], found["Many"])

    def on_a_terminal(self, *arguments):
        """(what it showed, exit code) with a terminal as its output."""
        master, slave = pty.openpty()
        child = subprocess.Popen([program("sendconnectorctl"), "--config", self.config, *arguments],
                                 stdin=slave, stdout=slave, stderr=slave, close_fds=True)
        os.close(slave)
        shown = b""
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(master)
        return shown.decode(errors="replace"), child.wait(timeout=30)
