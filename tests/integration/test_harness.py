# SPDX-License-Identifier: Apache-2.0
"""The harness itself: private Postfix, smart hosts and certificates, no product."""

import unittest

from harness import ca, messages
from harness.dns_server import DnsServer
from harness.postfix import Postfix
from harness.settled_file import write_settled
from harness.smart_host import SmartHost
from harness.test_case import WorldCase
from harness.workspace import Workspace


class PrivatePostfix(WorldCase):
    """What every other test takes for granted about its Postfix instance."""

    weight = 6

    def setUp(self):
        self.workspace = Workspace("pf")
        self.addCleanup(self.workspace.close)
        self.relay = SmartHost("relay", self.workspace.network.next_address()).start()
        self.workspace.on_close(self.relay.stop)

    def log_tails(self):
        return self.workspace.log_tails()

    def instance(self, **options):
        return Postfix(self.workspace, relayhost=self.relay.next_hop, **options).start()

    def test_delivers_smtp_and_sendmail_chrooted(self):
        self._deliver_both_ways(self.instance(chroot=True))

    def test_delivers_smtp_and_sendmail_not_chrooted(self):
        self._deliver_both_ways(self.instance(chroot=False))

    def _deliver_both_ways(self, postfix):
        chrooted = [line for line in postfix.postconf("-M").splitlines()
                    if line.split()[4] == "y"]
        self.assertEqual(bool(chrooted), postfix.chroot)
        for submit in (postfix.smtp_send, postfix.sendmail):
            token = messages.new_token()
            submit("a@contoso.example", "b@remote.example", messages.message(token))
            received = self.relay.wait_for(token)
            self.assertEqual(received.sender, "a@contoso.example")
            self.assertEqual(received.recipients, ("b@remote.example",))
        postfix.wait_until_queue_empty()

    def test_forwarding_alias_mailbox_and_bounce(self):
        postfix = self.instance()
        postfix.set_aliases({"box": postfix.mailbox_file("box"), "fwd": "out@remote.example"})
        token = messages.new_token()
        postfix.smtp_send("a@contoso.example", ["box@local.example", "fwd@local.example"],
                          messages.message(token))
        self.assertEqual(self.relay.wait_for(token).recipients, ("out@remote.example",))
        postfix.wait_until_queue_empty()
        self.assertIn(token, postfix.mailbox_file("box").read_text())
        self.relay.change(recipient_replies={"gone@remote.example": "550 5.1.1 no such user"})
        token = messages.new_token()
        postfix.smtp_send("a@contoso.example", "gone@remote.example", messages.message(token))
        bounce = self.relay.wait_for(token)
        self.assertEqual((bounce.sender, bounce.recipients), ("", ("a@contoso.example",)))

    def test_queue_listing_flush_and_requeue(self):
        self.relay.stop()
        postfix = self.instance()
        token = messages.new_token()
        sent = postfix.smtp_send("a@contoso.example", "b@remote.example", messages.message(token))
        waiting = postfix.wait_until_deferred(sent.queue_id)
        self.assertEqual(waiting.sender, "a@contoso.example")
        self.assertIn("Connection refused", waiting.reason)
        self.assertEqual(postfix.wait_for_attempt(sent.queue_id).dsn, "4.4.1")
        self.relay.start()
        postfix.requeue()
        self.relay.wait_for(token)
        postfix.wait_until_queue_empty()

    def test_stop_and_kill_leave_no_process(self):
        postfix = self.instance()
        postfix.kill()
        self.assertFalse(postfix.running)
        postfix.start()
        postfix.reload()
        postfix.stop()
        self.assertFalse(postfix.running)

    def test_names_of_the_chroot_resolve(self):
        address = self.relay.address
        postfix = self.instance(hosts={"relay.smart.example": address},
                                settings={"smtp_host_lookup": "native",
                                          "relayhost": f"[relay.smart.example]:{self.relay.port}"})
        token = messages.new_token()
        postfix.smtp_send("a@contoso.example", "b@remote.example", messages.message(token))
        self.relay.wait_for(token)

    def test_mail_exchangers_come_from_the_private_name_server(self):
        names = DnsServer(self.workspace.network.next_address(),
                          addresses={"mx.remote.example": self.relay.address},
                          exchangers={"remote.example": [(10, "mx.remote.example")]}).start()
        self.workspace.on_close(names.stop)
        postfix = self.instance(resolver=names.address,
                                settings={"relayhost": f"remote.example:{self.relay.port}"})
        token = messages.new_token()
        postfix.smtp_send("a@contoso.example", "b@remote.example", messages.message(token))
        self.relay.wait_for(token)
        self.assertIn(("remote.example", 15), names.questions)


class SmartHostRecords(WorldCase):
    """The smart host records TLS, login and client certificate as Postfix used them."""

    weight = 4

    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("sh")
        cls.addClassCleanup(cls.workspace.close)
        cls.authority = ca.CertificateAuthority(cls.workspace.folder("ca"))
        cls.good = cls.authority.issue("mx.smart.example")
        cls.host = SmartHost("alpha", cls.workspace.network.next_address(),
                             certificate=cls.good).start()
        cls.workspace.on_close(cls.host.stop)
        cls.client = cls.authority.issue("client.relay.example", client=True)
        write_settled(cls.workspace.path / "passwords", f"{cls.host.next_hop} alice:secret\n")
        cls.postfix = Postfix(cls.workspace, relayhost=cls.host.next_hop, settings={
            "smtp_tls_security_level": "may",
            "smtp_tls_CAfile": cls.authority.certificate_file,
            "smtp_tls_chain_files": cls.client.combined,
            "smtp_sasl_auth_enable": "yes",
            "smtp_sasl_mechanism_filter": "plain, login",
            "smtp_sasl_security_options": "",
            "smtp_sasl_password_maps": f"texthash:{cls.workspace.path}/passwords",
            "smtp_tls_policy_maps": f"texthash:{cls.workspace.path}/policy"}).start()

    @classmethod
    def log_tails(cls):
        return cls.workspace.log_tails()

    def setUp(self):
        self.policy("may")
        plain = {"certificate": self.good, "credentials": {}, "client_ca": None,
                 "offer_starttls": True, "starttls_reply": None, "ehlo": True}
        self.addCleanup(self.host.change, **plain)

    def policy(self, text):
        write_settled(self.workspace.path / "policy", f"{self.host.next_hop} {text}\n")
        if self.postfix.running:
            self.postfix.reload()

    def send(self):
        token = messages.new_token()
        sent = self.postfix.smtp_send("a@contoso.example", "b@remote.example",
                                      messages.message(token))
        return token, sent.queue_id

    def deliver(self):
        return self.host.wait_for(self.send()[0]).session

    def defer(self):
        queue_id = self.send()[1]
        self.postfix.wait_until_deferred(queue_id)
        attempt = self.postfix.wait_for_attempt(queue_id)
        self.postfix.command("postsuper", "-d", queue_id)
        return attempt

    def test_tls_version_and_cipher(self):
        session = self.deliver()
        self.assertEqual((session.tls_version, session.helo_verb), ("TLSv1.3", "EHLO"))
        self.assertEqual(session.helo, "mx.relay.example")

    def test_plaintext_when_starttls_is_not_offered(self):
        self.host.change(offer_starttls=False)
        self.assertIsNone(self.deliver().tls_version)

    def test_helo_only_server(self):
        self.host.change(ehlo=False)
        session = self.deliver()
        self.assertEqual((session.helo_verb, session.tls_version), ("HELO", None))

    def test_login_plain_and_login(self):
        for mechanism in ("PLAIN", "LOGIN"):
            with self.subTest(mechanism):
                self.host.change(credentials={"alice": "secret"}, require_auth=True,
                                 auth_mechanisms=(mechanism,))
                session = self.deliver()
                self.assertEqual((session.auth_user, session.auth_mechanism),
                                 ("alice", mechanism))
        self.host.change(require_auth=False)

    def test_client_certificate(self):
        self.host.change(client_ca=self.authority.certificate_file)
        session = self.deliver()
        self.assertEqual(session.client_subject, "client.relay.example")
        self.assertEqual(session.client_fingerprint, self.client.fingerprint())

    def test_server_name_indication(self):
        self.policy("secure match=mx.smart.example servername=mx.smart.example")
        self.assertEqual(self.deliver().sni, "mx.smart.example")

    def test_wrong_name_unknown_authority_and_expired_are_deferred(self):
        self.policy("secure match=mx.smart.example")
        stranger = ca.CertificateAuthority(self.workspace.folder("ca2"), "Stranger")
        cases = {"wrong name": self.authority.issue("other.smart.example"),
                 "unknown authority": stranger.issue("mx.smart.example"),
                 "expired": self.authority.expired("mx.smart.example")}
        for what, certificate in cases.items():
            with self.subTest(what):
                self.host.change(certificate=certificate)
                attempt = self.defer()
                self.assertEqual((attempt.status, attempt.dsn), ("deferred", "4.7.5"))
        self.host.change(certificate=self.good)
        self.assertEqual(self.deliver().tls_version, "TLSv1.3")

    def test_mandatory_tls_without_starttls_is_deferred(self):
        self.policy("encrypt")
        self.host.change(offer_starttls=False)
        attempt = self.defer()
        self.assertEqual((attempt.status, attempt.dsn), ("deferred", "4.7.4"))


if __name__ == "__main__":
    unittest.main()
