# SPDX-License-Identifier: Apache-2.0
"""`validate`, the validation that `apply` does, and `tls`, with a real Postfix and real smart hosts."""

from harness.config_file import connector
from harness.test_case import WorldCase

NAME = "mx.smart.example"
RECIPIENT = "friend@remote.example"


class Validate(WorldCase):
    """One connector that is as it should be, one whose smart host's certificate has run out."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.new_world("validate")
        authority = world.authority
        cls.good = authority.issue(NAME)
        cls.rule = {"require_tls": True, "tls_auth_level": "DomainValidation", "tls_domain": NAME,
                    "tls_ca_file": authority.certificate_file}
        credential = world.credential("anna", "anna", "open sesame")
        world.smart_host("Good", certificate=cls.good, credentials={"anna": "open sesame"})
        world.smart_host("Bad", certificate=authority.expired(NAME))
        cls.connectors = [
            connector("Good", world.smart_hosts["Good"], senders=["good.example"],
                      smart_host_auth_mechanism="BasicAuthRequireTLS",
                      authentication_credential=credential, **cls.rule),
            connector("Bad", world.smart_hosts["Bad"], senders=["bad.example"], **cls.rule),
            connector("Mailbox", world.smart_host("Plain"), senders=["boss@plain.example"])]
        world.configure(cls.connectors)
        world.start()

    def validate(self, *arguments):
        return self.world.ctl.run("--json", "validate", *arguments)

    def test_every_connector_is_judged_by_its_rule(self):
        answer = self.validate()
        self.assertEqual(answer.code, 1, answer)
        results = {one["connector"]: one["result"] for one in answer.json["connectors"]}
        self.assertEqual(results, {"Good": "passes", "Bad": "fails", "Mailbox": "passes"})
        self.assertEqual(self.validate("good").code, 0)
        verbs = [session.verbs for session in self.world.smart_hosts["Bad"].sessions]
        self.assertNotIn("MAIL", sum(verbs, []))

    def test_credentials(self):
        answer = self.validate("Good", "--auth")
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(answer.json["connectors"][0]["next_hops"][0]["login"]["result"], "accepted")
        self.assertNotIn("sesame", answer.output)

    def test_a_test_message_arrives(self):
        for name, sender in (("Good", "postmaster@good.example"), ("Mailbox", "boss@plain.example")):
            with self.subTest(name):
                answer = self.validate(name, "--send-to", RECIPIENT)
                self.assertEqual(answer.code, 0, answer)
                message = answer.json["test_message"]
                self.assertEqual((message["fate"], message["from"]), ("delivered", sender))
                self.assertEqual(message["service"], f"postfix/{name.lower()}/smtp")
                host = self.world.smart_hosts["Good" if name == "Good" else "Plain"]
                self.assertTrue(host.with_text(message["message_id"]))

    def test_a_test_message_to_a_bad_smart_host_waits(self):
        answer = self.validate("Bad", "--send-to", RECIPIENT)
        self.assertEqual(answer.code, 1, answer)
        message = answer.json["test_message"]
        self.assertEqual(message["fate"], "deferred")
        self.assertIn(message["queue_id"], [one.queue_id for one in self.world.postfix.queue()])
        self.world.postfix.command("postsuper", "-d", message["queue_id"])

    def test_a_sender_of_another_connector_is_no_test_of_this_one(self):
        answer = self.validate("Good", "--send-to", RECIPIENT, "--from", "x@bad.example")
        self.assertEqual(answer.code, 2, answer)
        self.assertIn('mail from x@bad.example leaves through connector "Bad"', answer.stderr)

    def test_a_local_recipient_takes_no_connector(self):
        self.world.postfix.set_aliases({"somebody": "/dev/null"})
        domain = self.world.postfix.setting("mydestination").replace(",", " ").split()[-1]
        answer = self.validate("Good", "--send-to", f"somebody@{domain}")
        self.assertEqual(answer.code, 1, answer)
        self.assertTrue(answer.json["test_message"]["other_way"])

    def test_the_daemon_tells_what_it_verified(self):
        answer = self.world.ctl.run("--json", "tls", "--refresh")
        self.assertEqual(answer.code, 1, answer)
        states = {one["connector"]: one["state"] for one in answer.json["next_hops"]}
        self.assertEqual(states, {"Good": "verified", "Bad": "refused"})
        self.assertIn("CertExpired", answer.output)
        self.assertEqual(self.world.ctl.run("tls", "Good").code, 0)


class ValidateByName(WorldCase):
    """Smart hosts and recipient domains are looked up as Postfix would: MX, addresses, none."""

    weight = 8

    @classmethod
    def build_world(cls):
        world = cls.new_world("vnames", names=True, settings={"relayhost": ""})
        authority = world.authority
        rule = {"require_tls": True, "tls_auth_level": "DomainValidation",
                "tls_ca_file": authority.certificate_file}
        good = world.smart_host("Good", port=25, certificate=authority.issue("remote.example"))
        bad = world.smart_host("Bad", port=25, certificate=authority.issue("other.example"))
        world.names.addresses.update({"mx1.remote.example": good.address, "mx2.remote.example": bad.address})
        world.names.exchangers.update({
            "remote.example": [(10, "mx1.remote.example")],
            "pool.example": [(10, "mx1.remote.example"), (20, "mx2.remote.example")]})
        world.configure([
            connector("Direct", senders=["direct.example"], **rule),
            connector("Pool", "pool.example", senders=["pool.example"], tls_domain="remote.example", **rule),
            connector("Nobody", "[nobody.example]", senders=["nobody.example"], require_tls=True)],
            tls={"name_servers": [world.names.address]})
        world.postfix.start()

    def hops(self, *arguments):
        """(exit code, {connector: its first next-hop})."""
        answer = self.world.ctl.run("--json", "validate", *arguments)
        return answer.code, {one["connector"]: one["next_hops"][0] for one in answer.json["connectors"]}

    def test_a_recipient_domain_stands_for_the_smart_hosts_that_are_not_there(self):
        code, hops = self.hops("Direct", "--to", "someone@Remote.example")
        self.assertEqual(code, 0, hops)
        self.assertEqual(hops["Direct"]["addresses"][0]["host"], "mx1.remote.example")
        code, hops = self.hops("Direct", "--to", "pool.example")
        self.assertEqual(code, 1)
        self.assertIn("SubjectMismatch", hops["Direct"]["reason"])

    def test_one_bad_exchanger_fails_the_smart_host(self):
        code, hops = self.hops("Pool")
        self.assertEqual(code, 1, hops)
        self.assertEqual([one["result"] for one in hops["Pool"]["addresses"]], ["passes", "fails"])

    def test_a_name_that_is_not_there(self):
        code, hops = self.hops("Nobody")
        self.assertEqual(code, 1, hops)
        self.assertEqual(hops["Nobody"]["addresses"], [])


class ApplyValidates(WorldCase):
    """Production mail is switched to no smart host that fails its connector's rule."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.new_world("switch")
        cls.rule = {"require_tls": True, "tls_auth_level": "DomainValidation", "tls_domain": NAME,
                    "tls_ca_file": world.authority.certificate_file}
        cls.good = connector("Good", world.smart_host("Good", certificate=world.authority.issue(NAME)),
                             senders=["good.example"], **cls.rule)
        world.smart_host("Bad", certificate=world.authority.expired(NAME))
        world.smart_host("Gone").stop()
        world.smart_host("Bare")
        world.configure([cls.good])
        world.postfix.start()
        world.daemon.start()

    def setUp(self):
        self.world.configure([self.good])
        self.world.ctl.must("apply")

    def state(self):
        return (self.world.postfix.master_cf.read_bytes(),
                {one.name: one.read_bytes() for one in self.world.state.glob("*.json")})

    def assert_refused(self, *connectors, text):
        before = self.state()
        self.world.configure(connectors)
        answer = self.world.ctl.run("apply")
        self.assertEqual(answer.code, 1, answer)
        self.assertIn(text, answer.stderr)
        self.assertIn("nothing was changed", answer.stderr)
        self.assertEqual(self.state(), before)
        answer = self.world.ctl.must("apply", "--no-validate")
        self.assertIn("without validation", answer.stderr)
        self.assertNotEqual(self.state(), before)

    def test_a_new_connector_whose_smart_host_fails(self):
        self.assert_refused(self.good, connector("Bad", self.world.smart_hosts["Bad"], **self.rule),
                            text="CertExpired")

    def test_one_bad_smart_host_of_a_list(self):
        hosts = self.world.smart_hosts["Good"], self.world.smart_hosts["Bad"]
        self.assert_refused(connector("Good", *hosts, senders=["good.example"], **self.rule),
                            text="CertExpired")

    def test_nobody_answers(self):
        self.assert_refused(self.good, connector("Gone", self.world.smart_hosts["Gone"], require_tls=True),
                            text="could not be judged")

    def test_no_tls_where_it_is_required(self):
        self.assert_refused(self.good, connector("Bare", self.world.smart_hosts["Bare"], require_tls=True),
                            text="STARTTLS")

    def test_what_was_taken_once_is_not_tried_again(self):
        bad = connector("Bad", self.world.smart_hosts["Bad"], senders=["bad.example"], **self.rule)
        self.world.configure([self.good, bad])
        self.world.ctl.must("apply", "--no-validate")
        self.world.configure([{**self.good, "comment": "as before"}, bad])
        self.world.ctl.must("apply")

    def test_a_dry_run_and_opportunistic_connectors_try_nothing(self):
        self.world.configure([self.good, connector("Bad", self.world.smart_hosts["Bad"], **self.rule)])
        self.world.ctl.must("apply", "--dry-run")
        self.assertEqual(self.world.smart_hosts["Bad"].sessions, [])
        self.world.configure([self.good, connector("Gone", self.world.smart_hosts["Gone"])])
        self.world.ctl.must("apply")
