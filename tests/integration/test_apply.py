# SPDX-License-Identifier: Apache-2.0
"""sendconnectorctl apply: idempotent, all or nothing, other people's settings untouched."""

import pathlib

from harness.config_file import connector
from harness.settled_file import settle
from harness.test_case import WorldCase

# No run of apply has as many calls of postconf(1).
MANY = 100


def snapshot(*folders):
    """Every file below the folders: path -> (bytes, permissions)."""
    return {path: (path.read_bytes(), path.stat().st_mode & 0o7777)
            for folder in folders for path in sorted(pathlib.Path(folder).rglob("*"))
            if path.is_file()}


def without_services(text):
    """master.cf without the connectors' services and their continued lines."""
    kept, ours = [], False
    for line in text.splitlines(keepends=True):
        if not line[:1].isspace() and not line.startswith("#"):
            ours = line.startswith("sc-")
        if not ours or line.startswith("#"):
            kept.append(line)
    return "".join(kept)


class Apply(WorldCase):
    """Each test has a mail system of its own, applied once with two connectors."""

    weight = 40

    def setUp(self):
        world = self.own_world("apply")
        world.smart_host("alpha")
        world.smart_host("beta")
        world.credential("login", "user", "secret word")
        self.original = world.postfix.master_cf.read_text()
        self.write_config()
        world.postfix.start()
        world.daemon.start()
        world.apply()

    def write_config(self, **extra):
        hosts = self.world.smart_hosts
        self.world.configure([
            connector("Alpha", hosts["alpha"], senders=["alpha.example"]),
            connector("Beta", hosts["beta"], senders=["beta.example"],
                      smart_host_auth_mechanism="BasicAuth",
                      authentication_credential="login", **extra)])

    def state(self):
        return snapshot(self.world.postfix.config_directory, self.world.state)

    def services(self):
        return sorted(line.split()[0]
                      for line in self.world.postfix.postconf("-M").splitlines()
                      if line.startswith("sc-"))

    def test_makes_one_service_a_connector(self):
        self.assertEqual(self.services(), ["sc-alpha", "sc-beta"])

    def test_second_run_changes_nothing_and_says_so(self):
        before = self.state()
        answer = self.world.ctl.must("apply")
        self.assertEqual(self.state(), before)
        self.assertRegex(answer.output.lower(), r"nothing|no change|unchanged|up to date")

    def test_dry_run_prints_a_diff_and_changes_nothing(self):
        self.write_config(fqdn="other.example")
        before = self.state()
        answer = self.world.ctl.run("apply", "--dry-run")
        self.assertIn(answer.code, (0, 1))
        self.assertEqual(self.state(), before)
        self.assertRegex(answer.stdout, r"(?m)^\+.*other\.example")

    def test_main_cf_and_foreign_services_stay_byte_for_byte(self):
        main = self.world.postfix.main_cf.read_bytes()
        self.write_config(fqdn="other.example")
        self.world.apply()
        self.assertEqual(self.world.postfix.main_cf.read_bytes(), main)
        self.assertEqual(without_services(self.world.postfix.master_cf.read_text()),
                         self.original)

    def test_dropped_connector_loses_its_service(self):
        self.world.configure([connector("Alpha", self.world.smart_hosts["alpha"],
                                        senders=["alpha.example"])])
        self.world.apply()
        self.assertEqual(self.services(), ["sc-alpha"])

    def test_changed_connector_takes_effect(self):
        self.world.ctl.must("enable")
        settle(self.world.postfix.main_cf)
        self.write_config(fqdn="renamed.example")
        self.world.apply()
        token = self.world.send("a@beta.example")
        self.assertEqual(self.world.wait_for_mail(token)[0].session.helo, "renamed.example")

    def test_failure_halfway_restores_what_was_there(self):
        """The record of what is applied cannot be written: services must go back."""
        record = self.world.state / "applied.json"
        record.rename(self.world.state / "aside")
        (record / "in the way").mkdir(parents=True)
        before = self.state()
        self.write_config(fqdn="other.example")
        answer = self.world.ctl.run("apply")
        self.assertNotEqual(answer.code, 0)
        self.assertEqual(self.state(), before)

    def test_secret_file_that_cannot_be_written_restores_what_was_there(self):
        folder = self.world.state / "postfix"
        for path in folder.glob("*.sasl"):
            path.unlink()
            (path / "in the way").mkdir(parents=True)
        before = self.state()
        self.world.credential("login", "user", "changed secret")
        self.write_config(fqdn="other.example")
        answer = self.world.ctl.run("apply")
        self.assertNotEqual(answer.code, 0)
        self.assertEqual(self.state(), before)

    def test_failed_reload_of_postfix_restores_what_was_there(self):
        self.write_config(fqdn="other.example")
        before = self.state()
        environment = self.world.ahead_of("postfix", 'case "$*" in *reload*) echo no >&2; exit 1;; esac')
        answer = self.world.ctl.run("apply", environment=environment)
        self.assertNotEqual(answer.code, 0)
        self.assertEqual(self.state(), before)
        self.world.apply()
        self.assertNotEqual(self.state(), before)

    def test_postconf_that_fails_at_any_call_restores_what_was_there(self):
        """Reading or writing: what cannot be asked is not taken for an answer either."""
        self.write_config(fqdn="other.example")
        before = self.state()
        counter = self.world.workspace.path / "calls"
        for number in range(1, MANY):
            counter.write_text("")
            environment = self.world.ahead_of("postconf", (
                f'echo x >> {counter}\n'
                f'[ $(wc -l < {counter}) -ne {number} ] || {{ echo no >&2; exit 1; }}'))
            answer = self.world.ctl.run("apply", "--no-validate", environment=environment)
            if len(counter.read_text().split()) < number:
                break
            with self.subTest(f"call {number}"):
                self.assertNotEqual(answer.code, 0, answer.output)
                self.assertEqual(self.state(), before)
        self.assertIn(number, range(8, MANY - 1))

    def test_readable_credential_is_refused(self):
        (self.world.credentials / "login").chmod(0o644)
        before = self.state()
        answer = self.world.ctl.run("apply")
        self.assertNotEqual(answer.code, 0)
        self.assertIn("login", answer.output)
        self.assertEqual(self.state(), before)
        self.assertNotIn("secret word", answer.output)

    def test_configuration_that_is_not_served_yet_is_refused(self):
        hosts = self.world.smart_hosts
        self.world.configure([connector("Alpha", hosts["alpha"], senders=["alpha.example"],
                                        address_spaces=["--"])])
        before = self.state()
        for command in ("check", "apply"):
            answer = self.world.ctl.run(command)
            self.assertNotEqual(answer.code, 0)
            self.assertIn("Alpha", answer.output)
        self.assertEqual(self.state(), before)
