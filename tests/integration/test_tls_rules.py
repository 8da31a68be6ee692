# SPDX-License-Identifier: Apache-2.0
"""Nothing is delivered over a session that fails the connector's TLS rule (invariant 2)."""

import ssl

from harness import ca
from harness.config_file import connector
from harness.test_case import WorldCase

NAME = "mx.smart.example"


class TlsRules(WorldCase):
    """Each case: mail stays queued, the server got nothing, repaired it arrives once."""

    weight = 20
    chroot = True

    @classmethod
    def build_world(cls):
        world = cls.new_world("tls", chroot=cls.chroot)
        authority = world.authority
        cls.good = authority.issue(NAME)
        cls.stranger = ca.CertificateAuthority(world.workspace.folder("ca2"), "Stranger Root")
        trusted = {"require_tls": True, "tls_auth_level": "DomainValidation",
                   "tls_ca_file": authority.certificate_file}
        rules = {
            "Encrypted": {"require_tls": True, "tls_auth_level": "EncryptionOnly"},
            "Required": {"require_tls": True},
            "Validated": {**trusted, "tls_domain": NAME},
            "Wildcard": {**trusted, "tls_domain": "*.smart.example"},
            "Opportunistic": {},
            "Ignoring": {"ignore_starttls": True}}
        world.configure([
            connector(name, world.smart_host(name, certificate=cls.good),
                      senders=[f"{name.lower()}.example"], **rule)
            for name, rule in rules.items()],
            tls={"refresh_after": "00:00:01", "failure_lifetime": "00:00:01"})
        world.start()

    def host(self, name):
        host = self.world.smart_hosts[name]
        self.addCleanup(host.change, certificate=self.good, offer_starttls=True,
                        starttls_reply=None, ehlo=True, tls_minimum=ssl.TLSVersion.TLSv1_2,
                        tls_maximum=ssl.TLSVersion.MAXIMUM_SUPPORTED)
        host.forget()
        return host

    def assert_queued(self, host, codes=("4.7.5",)):
        """Mail is deferred with one of the status codes; the server saw no MAIL."""
        token, queue_id = self.world.queue_message(f"a@{host.name.lower()}.example")
        self.world.postfix.wait_until_deferred(queue_id)
        attempt = self.world.postfix.wait_for_attempt(queue_id)
        self.assertEqual(attempt.status, "deferred", attempt)
        self.assertIn(attempt.dsn, codes, attempt)
        self.assertEqual(self.world.received(token), [])
        self.assertNotIn("MAIL", [verb for one in host.sessions for verb in one.verbs])
        return token, queue_id

    def assert_delivered_once(self, token, host):
        received = self.world.wait_for_mail(token, flush=True)
        self.world.postfix.wait_until_queue_empty(flush=True)
        self.assertEqual([one.server for one in self.world.received(token)], [host.name])
        return received[0].session

    def assert_sent(self, host):
        token = self.world.send(f"a@{host.name.lower()}.example")
        # A message that meets a certificate which came after the verdict is put off, never lost.
        received = self.world.wait_for_mail(token, flush=True)
        self.assertEqual([one.server for one in received], [host.name])
        return received[0].session

    def test_encryption_only_refuses_plaintext(self):
        for name in ("Encrypted", "Required", "Validated"):
            with self.subTest(name):
                host = self.host(name)
                host.change(offer_starttls=False)
                token, _ = self.assert_queued(host, ("4.7.4", "4.7.5"))
                host.change(offer_starttls=True)
                self.assertIsNotNone(self.assert_delivered_once(token, host).tls_version)

    def test_encryption_only_takes_any_certificate(self):
        host = self.host("Encrypted")
        for certificate in (self.stranger.issue("other.example"),
                            self.world.authority.expired(NAME)):
            host.change(certificate=certificate)
            self.assertIsNotNone(self.assert_sent(host).tls_version)

    def test_encryption_only_refuses_a_helo_only_server(self):
        host = self.host("Encrypted")
        host.change(ehlo=False)
        token, _ = self.assert_queued(host, ("4.7.4", "4.7.5"))
        host.change(ehlo=True)
        self.assert_delivered_once(token, host)

    def test_domain_validation_refuses_wrong_name_unknown_authority_and_expired(self):
        host = self.host("Validated")
        bad = {"wrong name": self.world.authority.issue("mx.other.example"),
               "subdomain": self.world.authority.issue(f"sub.{NAME}"),
               "unknown authority": self.stranger.issue(NAME),
               "expired": self.world.authority.expired(NAME),
               "not yet valid": self.world.authority.issue(NAME, valid_from=2.0)}
        for what, certificate in bad.items():
            with self.subTest(what):
                host.forget()
                host.change(certificate=certificate)
                token, _ = self.assert_queued(host)
                host.change(certificate=self.good)
                self.assert_delivered_once(token, host)

    def test_domain_validation_accepts_the_right_certificate(self):
        host = self.host("Validated")
        session = self.assert_sent(host)
        self.assertIn(session.tls_version, ("TLSv1.2", "TLSv1.3"))
        self.assertEqual(session.sni, NAME)

    def test_wildcard_tls_domain(self):
        host = self.host("Wildcard")
        for name in (NAME, "another.smart.example"):
            host.change(certificate=self.world.authority.issue(name))
            self.assert_sent(host)
        host.forget()
        host.change(certificate=self.world.authority.issue("mx.evilsmart.example"))
        self.assert_queued(host)
        self.world.postfix.command("postsuper", "-d", "ALL")

    def test_5xx_to_starttls_is_queued_not_bounced(self):
        host = self.host("Encrypted")
        host.change(starttls_reply="554 5.7.3 no TLS today")
        token, queue_id = self.assert_queued(host, ("4.7.5", "4.7.3", "4.7.4", "4.7.0"))
        self.assertNotIn("bounced", [one.status for one in
                                     self.world.postfix.attempts(queue_id)])
        host.change(starttls_reply=None)
        self.assert_delivered_once(token, host)

    def test_old_tls_versions_are_refused(self):
        host = self.host("Encrypted")
        host.change(tls_minimum=ssl.TLSVersion.TLSv1, tls_maximum=ssl.TLSVersion.TLSv1_1)
        token, _ = self.assert_queued(host)
        host.change(tls_minimum=ssl.TLSVersion.TLSv1_2,
                    tls_maximum=ssl.TLSVersion.MAXIMUM_SUPPORTED)
        self.assert_delivered_once(token, host)

    def test_ignore_starttls_uses_no_tls(self):
        session = self.assert_sent(self.host("Ignoring"))
        self.assertIsNone(session.tls_version)
        self.assertNotIn("STARTTLS", session.verbs)

    def test_opportunistic_uses_tls_when_offered_and_goes_on_without(self):
        host = self.host("Opportunistic")
        host.change(certificate=self.stranger.issue("other.example"))
        self.assertIsNotNone(self.assert_sent(host).tls_version)
        host.change(offer_starttls=False)
        self.assertIsNone(self.assert_sent(host).tls_version)

    def test_a_changed_certificate_is_noticed_at_once(self):
        """No session is resumed: yesterday's good certificate vouches for nothing."""
        host = self.host("Validated")
        self.assert_sent(host)
        host.forget()
        host.change(certificate=self.stranger.issue(NAME))
        token, _ = self.assert_queued(host)
        host.change(certificate=self.good)
        self.assert_delivered_once(token, host)

    def test_explain_and_policy_lookup_agree(self):
        for name, levels in (("Encrypted", ("encrypt",)), ("Validated", ("secure", "fingerprint")),
                             ("Opportunistic", ("may",)), ("Ignoring", ("none",))):
            with self.subTest(name):
                explained = self.world.ctl.explain(f"a@{name.lower()}.example",
                                                   "friend@remote.example")
                slug = explained["service"].removeprefix("sc-")
                answer = self.world.postmap_answer(f"tls/{slug}", explained["next_hops"][0])
                self.assertIn(answer.split()[0], levels)
                self.assertIn(explained["tls"]["level"], levels)


class TlsRulesUnchrooted(TlsRules):
    """The same rules hold for services that are not chrooted."""

    chroot = False
