# SPDX-License-Identifier: Apache-2.0
"""What a connector says holds, and what the site's main.cf says does not leak into it."""

from harness import messages
from harness.config_file import connector
from harness.settled_file import write_settled
from harness.test_case import WorldCase

INTERNAL = [("X-MS-Exchange-Organization-SCL", "-1"),
            ("x-ms-exchange-organization-authas", "Internal"),
            ("X-MS-Exchange-Forest-RulesExecuted", "MX"),
            ("X-MS-Exchange-CrossPremises-AuthSource", "mx.contoso.example"),
            ("X-MS-Exchange-Organization-Folded", "one\r\n\ttwo")]
PUBLIC = [("X-MS-Exchange-Transport-EndToEndLatency", "1"), ("X-Other", "kept")]


class ConnectorSettings(WorldCase):
    """One connector a parameter, each with a smart host of its own."""

    weight = 12

    @classmethod
    def build_world(cls):
        world = cls.new_world("params")
        cases = {
            "Firewall": {},
            "Cloud": {"cloud_services_mail_enabled": True},
            "Source": {"source_ip_address": "127.0.0.5"},
            "Absent": {"source_ip_address": "203.0.113.77"},
            "Helo": {"force_helo": True, "fqdn": "forced.example"},
            "Few": {"smtp_max_messages_per_connection": 1}}
        world.configure([connector(name, world.smart_host(name),
                                   senders=[f"{name.lower()}.example"], **parameters)
                         for name, parameters in cases.items()])
        world.start()

    def receive(self, name, headers=()):
        token, sender = messages.new_token(), f"a@{name.lower()}.example"
        self.world.postfix.smtp_send(sender, "friend@remote.example",
                                     messages.message(token, sender, headers=headers))
        received = self.world.wait_for_mail(token)
        self.assertEqual([one.server for one in received], [name])
        return received[0]

    def names(self, message):
        return [name.lower() for name in message.headers.keys()]

    def test_header_firewall_strips_internal_headers(self):
        message = self.receive("Firewall", INTERNAL + PUBLIC)
        for name, _value in INTERNAL:
            self.assertNotIn(name.lower(), self.names(message))
        for name, _value in PUBLIC:
            self.assertIn(name.lower(), self.names(message))
        self.assertNotIn(b"\ttwo", message.data)

    def test_cloud_services_mail_keeps_them(self):
        message = self.receive("Cloud", INTERNAL + PUBLIC)
        for name, _value in INTERNAL + PUBLIC:
            self.assertIn(name.lower(), self.names(message))

    def test_source_address_is_used(self):
        self.assertEqual(self.receive("Source").session.peer, "127.0.0.5")

    def test_source_address_that_the_machine_lacks_queues_the_mail(self):
        token, queue_id = self.world.queue_message("a@absent.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.assertEqual(self.world.received(token), [])
        self.assertEqual(self.world.smart_hosts["Absent"].sessions, [])

    def test_force_helo(self):
        session = self.receive("Helo").session
        self.assertEqual((session.helo_verb, session.helo), ("HELO", "forced.example"))
        self.assertNotIn("EHLO", session.verbs)

    def test_messages_per_connection(self):
        for token in [self.world.send("a@few.example") for _ in range(6)]:
            self.world.wait_for_mail(token)
        for session in self.world.smart_hosts["Few"].sessions:
            self.assertLessEqual(session.verbs.count("DATA"), 1)

    def test_log_names_the_connector(self):
        token, queue_id = self.world.queue_message("a@firewall.example")
        self.world.wait_for_mail(token)
        attempt = self.world.postfix.wait_for_attempt(queue_id)
        self.assertIn("firewall", attempt.agent)


class SiteSettingsDoNotLeak(WorldCase):
    """smtp(8) settings of main.cf are for the site's own mail, not for connectors."""

    weight = 12

    @classmethod
    def build_world(cls):
        world = cls.new_world("leak")
        leak = world.smart_host("leak")
        host = world.smart_host("clean", credentials={"site": "site password"})
        tls = world.smart_host("tls", certificate=world.authority.issue("mx.smart.example"),
                               client_ca=world.authority.certificate_file)
        site_certificate = world.authority.issue("site.relay.example", client=True)
        etc = world.postfix.config_directory
        write_settled(etc / "passwords", f"{host.next_hop} site:site password\n")
        write_settled(etc / "policy", f"{tls.next_hop} none\n{tls.address} none\n")
        write_settled(etc / "checks", "/^Subject:/ REPLACE Subject: rewritten by the site\n")
        site = {
            "smtp_fallback_relay": leak.next_hop,
            "fallback_relay": leak.next_hop,
            "smtp_sasl_auth_enable": "yes",
            "smtp_sasl_password_maps": f"texthash:{etc}/passwords",
            "smtp_sasl_security_options": "",
            "smtp_helo_name": "mail.site.example",
            "smtp_bind_address": "127.0.0.9",
            "smtp_tls_security_level": "none",
            "smtp_tls_policy_maps": f"texthash:{etc}/policy",
            "smtp_tls_chain_files": site_certificate.combined,
            "smtp_header_checks": f"regexp:{etc}/checks",
            "smtp_always_send_ehlo": "no",
            "smtp_never_send_ehlo": "yes"}
        text = world.postfix.main_cf.read_text()
        write_settled(world.postfix.main_cf,
                      text + "".join(f"{name} = {value}\n" for name, value in site.items()))
        world.configure([
            connector("Clean", host, senders=["clean.example"]),
            connector("Tls", tls, senders=["tls.example"], require_tls=True,
                      tls_auth_level="EncryptionOnly")])
        world.start()

    def session(self, sender, server):
        received = self.world.wait_for_mail(self.world.send(sender))
        self.assertEqual([one.server for one in received], [server])
        return received[0].session

    def test_login_and_source_address_are_the_connectors_own(self):
        session = self.session("a@clean.example", "clean")
        self.assertEqual((session.auth_user, session.helo_verb), (None, "EHLO"))
        self.assertNotEqual(session.peer, "127.0.0.9")

    def test_tls_rule_and_client_certificate_are_the_connectors_own(self):
        session = self.session("a@tls.example", "tls")
        self.assertIsNotNone(session.tls_version)
        self.assertIsNone(session.client_fingerprint)

    def test_fallback_relay_gets_nothing(self):
        host = self.world.smart_hosts["clean"]
        host.stop()
        self.addCleanup(lambda: (host.stop(), host.start()))
        token, queue_id = self.world.queue_message("a@clean.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.world.postfix.flush()
        self.world.stays_queued(token, seconds=1)
        host.start()
        self.assertEqual([one.server for one in self.world.wait_for_mail(token, flush=True)],
                         ["clean"])

    def test_host_name_and_header_checks_of_the_site_hold_where_the_connector_says_nothing(self):
        received = self.world.wait_for_mail(self.world.send("a@clean.example"))
        self.assertEqual(received[0].headers["Subject"], "rewritten by the site")
        self.assertEqual(received[0].session.helo, "mail.site.example")
