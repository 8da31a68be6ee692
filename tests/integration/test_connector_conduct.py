# SPDX-License-Identifier: Apache-2.0
"""How a connector's own service behaves: failures, patience, connections, headers."""

import time

from harness import messages
from harness.config_file import connector
from harness.settled_file import write_settled
from harness.test_case import WorldCase


class ErrorPolicies(WorldCase):
    """One connector a policy, each with a smart host of its own that refuses things."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("errors", names=True, settings={"relayhost": ""})
        write_settled(world.postfix.config_directory / "replies",
                      "/^551(.*)$/ 451$1\n/^552(.*)$/ 452$1\n")
        text = world.postfix.main_cf.read_text()
        write_settled(world.postfix.main_cf, text + "smtp_reply_filter = "
                      f"regexp:{world.postfix.config_directory}/replies\n")
        downgrade = {"error_policies": "DowngradeCustomFailures",
                     "custom_failure_codes": ["550 5.7.1", "5.1.8", "530", "535", "554"]}
        upgrade = {"error_policies": "UpgradeCustomFailures",
                   "custom_failure_codes": ["450", "4.7.1", "454", "421"]}
        tls = {"require_tls": True, "tls_auth_level": "EncryptionOnly"}
        login = {"smart_host_auth_mechanism": "BasicAuth",
                 "authentication_credential": world.credential("login", "user", "wrong")}
        certificate = world.authority.issue("mx.smart.example")

        def host(name, **behaviour):
            return world.smart_host(name, **behaviour)

        world.configure([
            connector("Default", host("Default"), senders=["default.example"]),
            connector("Down", host("Down"), senders=["down.example"], **downgrade),
            connector("Up", host("Up"), senders=["up.example"], **upgrade),
            connector("DownTls", host("DownTls", certificate=certificate),
                      senders=["downtls.example"], **tls, **downgrade),
            connector("UpTls", host("UpTls", certificate=certificate),
                      senders=["uptls.example"], **tls, **upgrade),
            connector("UpLogin", host("UpLogin", credentials={"user": "right"}),
                      senders=["uplogin.example"], **login, **upgrade),
            connector("By MX", senders=["mx.example"]),
            connector("By MX patient", senders=["patient.example"],
                      error_policies="DowngradeDnsFailures")])
        world.start()

    def attempt(self, name, reply=None, recipient="friend@remote.example", **behaviour):
        """(token, first delivery attempt) of a message whose recipient gets `reply`."""
        if reply:
            behaviour["recipient_replies"] = {recipient: reply}
        if name in self.world.smart_hosts:
            host = self.world.smart_hosts[name]
            usual = host.behaviour
            host.change(**behaviour)
            self.addCleanup(setattr, host, "behaviour", usual)
        mark = self.world.postfix.log_mark()
        token, queue_id = self.world.queue_message(f"a@{name.lower()}.example", recipient)
        return token, self.world.postfix.wait_for_attempt(queue_id, since=mark)

    def assert_fate(self, name, reply, status, dsn, **behaviour):
        _token, attempt = self.attempt(name, reply, **behaviour)
        self.assertEqual((attempt.status, attempt.dsn), (status, dsn), attempt)
        return attempt

    def test_default_leaves_failures_as_they_are(self):
        self.assert_fate("Default", "550 5.7.1 no", "bounced", "5.7.1")
        self.assert_fate("Default", "450 4.7.1 later", "deferred", "4.7.1")

    def test_dns_failures(self):
        self.assert_fate("mx", None, "bounced", "5.4.4")
        self.assert_fate("patient", None, "deferred", "4.4.4")

    def test_downgraded_codes_queue_the_mail_until_it_is_taken(self):
        self.world.smart_hosts["Down"].forget()
        token, attempt = self.attempt("Down", "550 5.7.1 not today")
        self.assertEqual((attempt.status, attempt.dsn), ("deferred", "4.7.1"), attempt)
        self.assertIn("450 4.7.1 not today", attempt.reason)
        self.doCleanups()
        received = self.world.wait_for_mail(token, flush=True)
        self.assertEqual([one.server for one in received], ["Down"])

    def test_downgraded_enhanced_code(self):
        self.assert_fate("Down", "553 5.1.8 sender", "deferred", "4.1.8")

    def test_downgraded_reply_of_several_lines_to_the_message(self):
        attempt = self.assert_fate("Down", None, "deferred", "4.7.1",
                                   data_reply="550-5.7.1 Spam is\r\n550 5.7.1 not taken")
        self.assertIn("450-4.7.1 Spam is", attempt.reason)

    def test_other_codes_bounce_with_downgrade(self):
        for reply, dsn in (("550 5.1.1 unknown", "5.1.1"), ("550 no", "5.0.0"),
                           ("553 5.7.1x no", "5.0.0"), ("550 5.7.10 no", "5.7.10")):
            self.assert_fate("Down", reply, "bounced", dsn)

    def test_filter_of_the_site_works_beside_ours(self):
        self.assert_fate("Down", "551 5.1.6 moved", "deferred", "4.0.0")
        self.assert_fate("Default", "551 5.1.6 moved", "deferred", "4.0.0")

    def test_upgraded_codes_return_the_mail(self):
        self.assert_fate("Up", "450 4.2.0 later", "bounced", "5.2.0")
        self.assert_fate("Up", "450 later", "bounced", "5.0.0")
        self.assert_fate("Up", "459-4.7.1 one\r\n459 4.7.1 two", "bounced", "5.7.1")

    def test_other_codes_wait_with_upgrade(self):
        self.assert_fate("Up", "451 4.3.0 later", "deferred", "4.3.0")
        self.assert_fate("Up", "550 5.1.1 unknown", "bounced", "5.1.1")

    def assert_no_mail_in_clear(self, name):
        sessions = self.world.smart_hosts[name].sessions
        self.assertTrue(any("STARTTLS" in one.verbs for one in sessions))
        for session in sessions:
            self.assertTrue(session.tls_version or "MAIL" not in session.verbs, session)

    def test_refused_starttls_waits_whatever_is_upgraded(self):
        for reply in ("454 4.7.1 no TLS now", "454 TLS not available", "450 4.7.1 no"):
            _token, attempt = self.attempt("UpTls", starttls_reply=reply)
            self.assertEqual(attempt.status, "deferred", attempt)
        self.assert_no_mail_in_clear("UpTls")

    def test_refused_starttls_waits_whatever_is_downgraded(self):
        _token, attempt = self.attempt("DownTls", starttls_reply="554 5.7.3 no TLS for you")
        self.assertEqual(attempt.status, "deferred", attempt)
        self.assert_no_mail_in_clear("DownTls")

    def test_busy_server_is_waited_for_whatever_is_upgraded(self):
        for name in ("Up", "UpTls"):
            _token, attempt = self.attempt(name, greeting="421 4.7.1 too busy")
            self.assertEqual(attempt.status, "deferred", attempt)

    def test_failed_login_waits_whatever_is_upgraded(self):
        for behaviour in ({"auth_reply": "454 4.7.0 temporary failure"},
                          {"auth_reply": "454-4.7.1 one\r\n454 4.7.1 two"}, {}):
            _token, attempt = self.attempt("UpLogin", **behaviour)
            self.assertEqual(attempt.status, "deferred", attempt)


class Sessions(WorldCase):
    """Patience and the number of messages on a connection."""

    weight = 20
    VERBS = ("EHLO", "MAIL", "RCPT", "DATA")

    @classmethod
    def build_world(cls):
        # One delivery at a time, or the messages spread over connections.
        world = cls.new_world("sessions", settings={
            "default_destination_concurrency_limit": "1", "initial_destination_concurrency": "1"})
        world.configure([
            *(connector(f"Short {verb}", world.smart_host(verb, silent_at=verb),
                        senders=[f"{verb.lower()}.example"],
                        connection_inactivity_timeout="00:00:02") for verb in cls.VERBS),
            connector("Long", world.smart_host("Long"), senders=["long.example"]),
            connector("Three", world.smart_host("Three"), senders=["three.example"],
                      smtp_max_messages_per_connection=3)])
        world.start()

    def test_silent_server_is_left_after_the_inactivity_timeout(self):
        for verb in self.VERBS:
            began = time.monotonic()
            token, queue_id = self.world.queue_message(f"a@{verb.lower()}.example")
            attempt = self.world.postfix.wait_for_attempt(queue_id)
            self.assertEqual(attempt.status, "deferred")
            self.assertIn("timed out", attempt.reason)
            self.assertGreater(time.monotonic() - began, 1.5)
            self.assertEqual(self.world.received(token), [])
            self.world.smart_hosts[verb].change(silent_at="")
            self.world.wait_for_mail(token, flush=True)

    def test_silent_server_is_waited_for_by_default(self):
        host = self.world.smart_hosts["Long"]
        host.change(silent_at="RCPT")
        token, queue_id = self.world.queue_message("a@long.example")
        time.sleep(5)
        self.assertEqual(self.world.postfix.attempts(queue_id), [])
        host.change(silent_at="")
        host.stop()
        host.start()
        self.world.wait_for_mail(token, flush=True)

    def test_messages_on_one_connection(self):
        host = self.world.smart_hosts["Three"]
        host.stop()
        tokens = []
        for _ in range(8):
            token, queue_id = self.world.queue_message("a@three.example")
            self.world.postfix.wait_until_deferred(queue_id)
            tokens.append(token)
        host.start()
        for token in tokens:
            self.world.wait_for_mail(token, flush=True)
        carried = [session.verbs.count("DATA") for session in host.sessions]
        self.assertEqual(sum(carried), 8, carried)
        self.assertEqual(max(carried), 3, carried)


class OwnHeaders(WorldCase):
    """What sendconnector writes into messages does not leave the site."""

    weight = 8
    NAMES = ("X-Sendconnector-Identity", "X-Sendconnector-Relay", "X-SENDCONNECTOR-other",
             "X-Sendconnector-Route")

    @classmethod
    def build_world(cls):
        world = cls.new_world("own")
        etc = world.postfix.config_directory
        write_settled(etc / "checks", "/^X-Sendconnector-/ REPLACE X-Kept: by the site\n")
        text = world.postfix.main_cf.read_text()
        write_settled(world.postfix.main_cf, text + f"smtp_header_checks = regexp:{etc}/checks\n")
        world.configure([
            connector("Strips", world.smart_host("Strips"), senders=["strips.example"]),
            connector("Cloud", world.smart_host("Cloud"), senders=["cloud.example"],
                      cloud_services_mail_enabled=True)])
        world.start()

    def test_fields_of_ours_are_dropped_at_delivery(self):
        for name in ("Strips", "Cloud"):
            token, sender = messages.new_token(), f"a@{name.lower()}.example"
            self.world.postfix.sendmail(
                sender, "friend@remote.example",
                messages.message(token, sender,
                                 headers=[(one, "forged") for one in self.NAMES]))
            received = self.world.wait_for_mail(token)[0]
            fields = [one.lower() for one in received.headers.keys()]
            self.assertEqual([one for one in fields if one.startswith("x-sendconnector")], [])
            self.assertNotIn("x-kept", fields)
            self.assertIn("x-token", fields)
