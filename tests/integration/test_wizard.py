# SPDX-License-Identifier: Apache-2.0
"""`sendconnectorctl new`, answered on a real terminal."""

import signal
import subprocess

from harness.config_file import connector
from harness.ctl import program
from harness.terminal import CTRL_C, CTRL_D, Terminal
from harness.test_case import WorldCase

NAME = "mx.smart.example"
PASSWORD = "open sesame"


class WizardCase(WorldCase):
    """A private Postfix, and a smart host with a certificate of an authority that nobody trusts yet."""

    weight = 60
    time_limit = 250

    @classmethod
    def build_world(cls):
        world = cls.new_world("wizard")
        cls.alpha = world.smart_host("alpha", certificate=world.authority.issue(NAME),
                                     credentials={"anna": PASSWORD})
        cls.plain = world.smart_host("plain")
        world.configure([connector("Taken", cls.plain, senders=["taken.example"])])
        world.postfix.start()
        world.daemon.start()
        cls.conf_d = world.config_directory / "conf.d"

    def setUp(self):
        self.before = self.files()

    def tearDown(self):
        for path in set(self.files()) - set(self.before):
            path.unlink()

    def files(self):
        return {path: path.read_bytes() for path in self.world.config_directory.rglob("*") if path.is_file()}

    def open(self, **options):
        command = [program("sendconnectorctl"), "--config", self.world.config_file, "--postfix-config",
                   self.world.postfix.config_directory, "new"]
        terminal = Terminal(command, **options)
        self.addCleanup(terminal.close)
        return terminal

    def happy_answers(self):
        """Questions and answers of a connector with everything."""
        return [("Name", "Contoso via Alpha"), ("Type", ""), ("Network settings", ""),
                ("Smart hosts", self.alpha.next_hop),
                ("Certificate authority", str(self.world.authority.certificate_file)),
                ("Smart host authentication", ""), ("User name", "anna"), ("Password", PASSWORD),
                ("Address space", ""), ("Senders", "contoso.example"), ("TLS", "4"),
                ("Name in the certificate", NAME), ("Write it?", "write")]

    def answers(self, terminal, until=None):
        """Give the happy answers up to a question; return what was shown."""
        for question, answer in self.happy_answers():
            if question == until:
                break
            terminal.answer(question, answer)


class HappyPath(WizardCase):
    def test_smart_host_with_login_and_certificate(self):
        terminal = self.open()
        self.answers(terminal, until="Certificate authority")
        shown = terminal.expect("\nCertificate authority\n")
        self.assertIn("PartialChain", shown)
        self.assertIn(f"Names      : {NAME}", shown)
        terminal.expect("> ")
        terminal.type(f"{self.world.authority.certificate_file}\n")
        self.assertIn("Verdict    : accepted", terminal.expect("\nSmart host authentication\n"))
        self.assertIn("[BasicAuthRequireTLS] > ", terminal.expect("> "))
        terminal.type("\n")
        terminal.answer("User name", "anna")
        terminal.answer("Password", PASSWORD)
        self.assertIn("Login: accepted", terminal.answer("Address space"))
        terminal.answer("Senders", "contoso.example")
        self.assertIn("[certificate] > ", terminal.answer("TLS", "dom"))
        terminal.answer("Name in the certificate", NAME)
        review = terminal.answer("Write it?", "write")
        text = (f"# Made by: New-SendConnector -Name 'Contoso via Alpha' -Usage Internet -Senders contoso.example "
                f"-AddressSpaces * -DNSRoutingEnabled $false -SmartHosts '{self.alpha.next_hop}' "
                "-SmartHostAuthMechanism BasicAuthRequireTLS -AuthenticationCredential contoso-via-alpha "
                f"-RequireTLS $true -TlsAuthLevel DomainValidation -TlsDomain {NAME} -TlsCaFile "
                f"'{self.world.authority.certificate_file}'\n"
                '[[connector]]\nname = "Contoso via Alpha"\nusage = "Internet"\nsenders = ["contoso.example"]\n'
                f'address_spaces = ["*"]\ndns_routing_enabled = false\nsmart_hosts = ["{self.alpha.next_hop}"]\n'
                'smart_host_auth_mechanism = "BasicAuthRequireTLS"\n'
                'authentication_credential = "contoso-via-alpha"\nrequire_tls = true\n'
                f'tls_auth_level = "DomainValidation"\ntls_domain = "{NAME}"\n'
                f'tls_ca_file = "{self.world.authority.certificate_file}"\n')
        self.assertEqual(review[review.index("  # Made by"):review.index("\n\nWhat apply")].replace("\n  ", "\n")[2:]
                         + "\n", text)
        self.assertIn("What apply changes in Postfix then:\n", review)
        self.assertIn("  add service sc-contoso-via-alpha\n", review)
        self.assertIn("the user name and password of credentials.d/contoso-via-alpha", review)
        self.assertEqual(terminal.end(), 0, terminal.shown)
        path = self.conf_d / "contoso-via-alpha.toml"
        self.assertEqual(path.read_text(), text)
        credential = self.world.credentials / "contoso-via-alpha"
        self.assertEqual(credential.read_text(), f'username = "anna"\npassword = "{PASSWORD}"\n')
        self.assertEqual(credential.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(set(self.files()) - set(self.before), {path, credential})
        self.assertIn("Contoso via Alpha {smtp:*;1}    True\n", terminal.shown)
        self.assertIn(f"note: written: {path}", terminal.shown)
        self.assertNotIn(PASSWORD, terminal.shown)
        self.assertNotIn("\x1b", terminal.shown)
        self.assertEqual(self.world.ctl.must("validate", "contoso via alpha", "--auth").code, 0)

    def test_the_same_as_new_sendconnector(self):
        """The comment above the connector, run as a command, makes the same file."""
        terminal = self.open()
        for question, answer in (("Name", "By MX"), ("Type", "custom"), ("Network settings", "mx"),
                                 ("Address space", "contoso.example, *.fabrikam.example;5"), ("Senders", ""),
                                 ("TLS", "encrypted"), ("Write it?", "write")):
            terminal.answer(question, answer)
        self.assertEqual(terminal.end(), 0, terminal.shown)
        path = self.conf_d / "by-mx.toml"
        text = path.read_text()
        path.unlink()
        command = text.splitlines()[0].removeprefix("# Made by: ")
        done = subprocess.run([program("sendconnectorctl"), "--config", self.world.config_file, "cmdlets"],
                              input=command, text=True, capture_output=True, check=True, timeout=60)
        self.assertEqual(path.read_text(), text, done.stderr)
        self.assertIn('address_spaces = ["contoso.example", "*.fabrikam.example;5"]', text)

    def test_apply_at_once(self):
        terminal = self.open(kind="xterm")
        terminal.expect("Name")
        terminal.type("To Plain\n")
        for prompt, answer in (("[Internet]", "3"), ("[smart-hosts]", ""), ("host:port", self.plain.next_hop),
                               ("2) no", "yes"), ("[None]", ""), ("[*]", ""), ("[*]", "plain.example"),
                               ("[opportunistic]", ""), ("Write it?", "apply")):
            terminal.expect(prompt, "> ")
            terminal.type(answer + "\n")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertIn("\x1b[1m", terminal.shown)
        self.assertIn("sc-to-plain", self.world.postfix.postconf("-M"))
        self.world.ctl.must("Remove-SendConnector", "To Plain", "-Confirm:$false", "-Apply")


class Mistakes(WizardCase):
    def test_every_wrong_answer_is_explained_and_asked_again(self):
        terminal = self.open()
        for question, wrong, said, right in (
                ("Name", "taken", 'there is a connector "taken" already', "Right"),
                ("Type", "5", '"5" is none of the choices; type a number from 1 to 4, or one of Custom', "Part"),
                ("Network settings", "x", "type a number from 1 to 2, or one of mx, smart-hosts", "2"),
                ("Smart hosts", "mail example", "the host is neither a name nor an IP address", "127.0.0.1"),
                ("Port", "70000", "70000 is out of range; use 1 to 65535", str(self.plain.port))):
            terminal.answer(question, wrong)
            self.assertIn(said, terminal.expect("No: ", "\n", "> "))
            terminal.type(right + "\n")
        # Nothing listens at 127.0.0.1 there.
        shown = terminal.answer("Go on with these smart hosts?", "no")
        self.assertIn("None of them answers", shown)
        terminal.answer("Port", "<")
        terminal.answer("Smart hosts", ",")
        self.assertIn("there is nothing in this list", terminal.expect("No: ", "> "))
        terminal.type(f"{self.plain.next_hop}\n")
        self.assertIn("Not all of them would do", terminal.answer("Go on with these smart hosts?", "y"))
        terminal.answer("Smart host authentication", "None")
        for question, wrong, said, right in (
                ("Address space", "*contoso.com", "is no address space", "contoso.com"),
                ("Senders", "a@b@", "is no domain name", "*"),
                ("TLS", "0", "type a number from 1 to 5", "domain"),
                ("Name in the certificate", "*x", "is no TLS domain", "<")):
            terminal.answer(question, wrong)
            self.assertIn(said, terminal.expect("No: ", "\n", "> "))
            terminal.type(right + "\n")
        terminal.answer("TLS", "opportunistic")
        terminal.answer("Write it?", "cancel")
        self.assertEqual(terminal.end(), 1)
        self.assertIn("nothing was changed", terminal.shown)
        self.assertEqual(self.files(), self.before)

    def test_a_wrong_password_is_noticed(self):
        terminal = self.open()
        self.answers(terminal, until="Password")
        terminal.answer("Password", "")
        self.assertIn("a password is needed", terminal.expect("No: ", "> "))
        terminal.type("wrong\n")
        self.assertIn("Login: refused", terminal.answer("Go on with this user name and password?", "no"))
        terminal.answer("Password", PASSWORD)
        self.assertIn("Login: accepted", terminal.expect("\nAddress space\n"))
        terminal.type(CTRL_D)
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(self.files(), self.before)

    def test_a_login_that_no_file_could_hold_is_refused_at_once(self):
        terminal = self.open()
        self.answers(terminal, until="User name")
        terminal.answer("User name", b"ann\xe4")
        self.assertIn("the user name is not UTF-8", terminal.expect("No: ", "> "))
        terminal.type("anna\n")
        terminal.answer("Password", b"p\xe4ss")
        for said, other in (("is not UTF-8", b"p\x1bss"), ("holds a control character", b"p\x00ss"),
                            ("holds a control character", b"x" * 1025), ("longer than 1024", b"pass ")):
            self.assertIn(said, terminal.expect("No: ", "> "))
            terminal.type(other + b"\n")
        self.assertIn("ends with a blank", terminal.expect("No: ", "> "))
        terminal.type(PASSWORD + "\n")
        terminal.expect("Login: accepted", "\nAddress space\n")
        terminal.type(CTRL_D)
        self.assertEqual(terminal.end(), 1)

    def test_what_fails_at_the_end_loses_no_answer(self):
        """A file in the place of the folder of credentials; and a configuration that somebody breaks."""
        terminal = self.open()
        self.answers(terminal, until="Write it?")
        terminal.expect("\nWrite it?\n", "> ")
        self.world.credentials.mkdir(exist_ok=True)
        moved = self.world.credentials.rename(self.world.credentials.with_name("moved"))
        self.addCleanup(lambda: moved.exists() and moved.rename(self.world.credentials))
        self.world.credentials.touch()
        terminal.type("write\n")
        self.assertIn("error:", terminal.expect("\nWrite it?\n", "> "))
        self.world.credentials.unlink()
        moved.rename(self.world.credentials)
        broken = self.conf_d / "broken.toml"
        self.conf_d.mkdir(exist_ok=True)
        broken.write_text("[[connector]]\nname = 1\n")
        terminal.type("write\n")
        self.assertIn("error", terminal.expect("\nName in the certificate\n", "> "))
        broken.unlink()
        terminal.type("\n")
        terminal.answer("Write it?", "write")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertEqual(set(self.files()) - set(self.before),
                         {self.conf_d / "contoso-via-alpha.toml", self.world.credentials / "contoso-via-alpha"})

    def test_rules_that_contradict_are_told_before_anything_is_written(self):
        terminal = self.open()
        self.answers(terminal, until="TLS")
        terminal.answer("TLS", "never")
        shown = terminal.answer("TLS", "<")
        self.assertIn("It cannot be like this:", shown)
        self.assertIn("-IgnoreSTARTTLS", shown)
        terminal.answer("Senders", "q")
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(self.files(), self.before)

    def test_back_keeps_answers_and_question_marks_explain(self):
        terminal = self.open()
        terminal.answer("Name", "<")
        self.assertIn("This is the first question", terminal.answer("Name", "?"))
        self.assertIn("Where two connectors are right", terminal.expect("> "))
        terminal.type("One\n")
        terminal.answer("Type", "Internal")
        terminal.answer("Network settings", "back")
        self.assertIn("[Internal] > ", terminal.answer("Type", "<"))
        self.assertIn("[One] > ", terminal.answer("Name", "Two"))
        terminal.answer("Type")
        terminal.answer("Network settings", "1")
        terminal.answer("Address space", "x.example")
        terminal.answer("Senders", "<")
        self.assertIn("[x.example] > ", terminal.answer("Address space"))
        terminal.answer("Senders")
        terminal.answer("TLS")
        self.assertIn('  name = "Two"\n  usage = "Internal"\n  address_spaces = ["x.example"]\n',
                      terminal.answer("Write it?", "write"))
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertTrue((self.conf_d / "two.toml").exists())

    def test_every_question_explains_itself(self):
        terminal = self.open()
        for question, answer in self.happy_answers():
            terminal.answer(question, "?")
            self.assertIn("\n  ", terminal.expect("\n  ", "> "), question)
            terminal.type("q\n" if question == "Write it?" else answer + "\n")
        self.assertEqual(terminal.end(), 1, terminal.shown)

    def test_without_a_terminal(self):
        answer = self.world.ctl.run("new")
        self.assertEqual((answer.code, answer.stdout), (2, ""))
        self.assertIn("there is no terminal to ask them on; run it in a terminal, or say everything at once",
                      answer.stderr)

    def test_who_may_not_write_is_told_first(self):
        self.world.config_directory.chmod(0o755)
        terminal = self.open(user=65534)
        self.assertEqual(terminal.end(), 2)
        self.assertIn("you may not write to", terminal.shown)
        self.assertNotIn("Name", terminal.shown)

    def test_a_broken_configuration_is_told_first(self):
        broken = self.conf_d / "broken.toml"
        self.conf_d.mkdir(exist_ok=True)
        broken.write_text("[[connector]]\nname = 1\n")
        terminal = self.open()
        self.assertEqual(terminal.end(), 2)
        self.assertIn("the configuration cannot be used", terminal.shown)


class Impatience(WizardCase):
    """What is typed blindly agrees to nothing."""

    def test_enters_while_a_smart_host_keeps_silent(self):
        silent = self.world.smart_host("mute", silent_at="EHLO")
        terminal = self.open()
        self.answers(terminal, until="Smart hosts")
        terminal.answer("Smart hosts", silent.next_hop)
        self.assertIn("half a minute", terminal.expect("Trying them", "\n", "\n"))
        terminal.type("\n" * 8 + "write\n")
        shown = terminal.expect("Go on with these smart hosts?", "> ")
        self.assertNotIn("[", shown[shown.rindex("Go on"):])
        terminal.type("\n")
        self.assertIn("an answer is needed", terminal.expect("No: ", "> "))
        terminal.type("q\n")
        self.assertEqual(terminal.end(), 1)
        self.assertNotIn("Address space", terminal.shown)
        self.assertEqual(self.files(), self.before)

    def test_a_pasted_block_with_blank_lines_writes_nothing(self):
        terminal = self.open()
        terminal.expect("> ")
        terminal.type("By MX\r\rmx\r\r\r\r" + "\r\rwrite\r\r")
        terminal.expect("Write it?", "> ")
        terminal.type("q\n")
        self.assertEqual(terminal.end(), 1, terminal.shown)
        self.assertEqual(self.files(), self.before)


    def test_the_second_line_of_a_pasted_password_is_no_answer(self):
        terminal = self.open()
        for question, answer in (("Name", "Shown"), ("Type", ""), ("Network settings", ""),
                                 ("Smart hosts", self.plain.next_hop), ("Go on with these smart hosts?", "yes"),
                                 ("Smart host authentication", "BasicAuth"), ("User name", "anna")):
            terminal.answer(question, answer)
        terminal.answer("Password", "sesame\r\nsecond.line")
        terminal.expect("\nAddress space\n", "> ")
        terminal.type("q\n")
        self.assertEqual(terminal.end(), 1)
        self.assertNotIn("second", terminal.shown)
        self.assertNotIn("Senders", terminal.shown)


class Leaving(WizardCase):
    """At every single question."""

    def left_at(self, question, key):
        terminal = self.open()
        self.answers(terminal, until=question)
        terminal.expect(f"\n{question}\n", "> ")
        terminal.type(key)
        code = terminal.end()
        with self.subTest(question=question, key=key):
            hidden = question == "Password"
            self.assertEqual(code, -signal.SIGINT if key == CTRL_C and not hidden else 1, terminal.shown)
            if key != CTRL_C or hidden:
                self.assertIn("nothing was changed", terminal.shown)
            self.assertTrue(terminal.echoes)
            self.assertEqual(self.files(), self.before)

    def test_ctrl_c(self):
        for question, _answer in self.happy_answers():
            self.left_at(question, CTRL_C)

    def test_ctrl_d(self):
        for question, _answer in self.happy_answers():
            self.left_at(question, CTRL_D)

    def test_signals_leave_a_terminal_that_shows_what_is_typed(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            with self.subTest(signal=number):
                terminal = self.open()
                self.answers(terminal, until="Password")
                terminal.expect("\nPassword\n", "> ")
                self.assertFalse(terminal.echoes)
                terminal.type("half")
                terminal.signal(number)
                self.assertEqual(terminal.end(), -number, terminal.shown)
                self.assertTrue(terminal.echoes)
                self.assertEqual(self.files(), self.before)

    def test_who_comes_back_from_a_signal_is_asked_again(self):
        terminal = self.open()
        self.answers(terminal, until="Password")
        terminal.expect("\nPassword\n", "> ")
        # Nobody could continue it in a session of its own, where it therefore stops nothing.
        terminal.signal(signal.SIGTSTP)
        terminal.expect("(not shown) > ")
        self.assertFalse(terminal.echoes)
        terminal.type(f"{PASSWORD}\n")
        terminal.expect("Login: accepted", "\nAddress space\n")
        terminal.type(CTRL_D)
        self.assertEqual(terminal.end(), 1)
        self.assertTrue(terminal.echoes)

    def test_ctrl_c_while_a_smart_host_keeps_silent(self):
        silent = self.world.smart_host("silent", silent_at="EHLO")
        terminal = self.open()
        self.answers(terminal, until="Smart hosts")
        terminal.answer("Smart hosts", silent.next_hop)
        terminal.expect("Trying them")
        terminal.type(CTRL_C)
        self.assertEqual(terminal.end(), -signal.SIGINT)
        self.assertEqual(self.files(), self.before)
