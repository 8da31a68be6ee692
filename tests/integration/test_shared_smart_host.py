# SPDX-License-Identifier: Apache-2.0
"""Connectors that share one smart host keep HELO, login, certificate and TLS apart."""

from harness.config_file import connector
from harness.test_case import WorldCase


class SharedSmartHost(WorldCase):
    """Three connectors, one host that offers TLS, logins and asks for certificates."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("shared")
        authority = world.authority
        host = world.smart_host("shared", certificate=authority.issue("mx.smart.example"),
                                client_ca=authority.certificate_file,
                                credentials={"anna": "first secret", "bert": "second#secret"})
        cls.certificates = {"anna": authority.issue("anna.contoso.example", client=True),
                            "bert": authority.issue("bert.fabrikam.example", client=True)}
        world.credential("anna", "anna", "first secret")
        world.credential("bert", "bert", "second#secret")
        world.configure([
            connector("Anna", host, senders=["contoso.example"], fqdn="mail.contoso.example",
                      smart_host_auth_mechanism="BasicAuthRequireTLS",
                      authentication_credential="anna", require_tls=True,
                      tls_auth_level="DomainValidation", tls_domain="mx.smart.example",
                      tls_ca_file=authority.certificate_file,
                      tls_certificate_name=cls.certificates["anna"].combined),
            connector("Bert", host, senders=["fabrikam.example"], fqdn="out.fabrikam.example",
                      smart_host_auth_mechanism="BasicAuthRequireTLS",
                      authentication_credential="bert", require_tls=True,
                      tls_auth_level="EncryptionOnly",
                      tls_certificate_name=cls.certificates["bert"].chain,
                      tls_key_file=cls.certificates["bert"].key),
            connector("Plain", host, senders=["plain.example"], fqdn="plain.example",
                      ignore_starttls=True),
            connector("Plain login", host, senders=["login.example"], ignore_starttls=True,
                      smart_host_auth_mechanism="BasicAuth", authentication_credential="anna")])
        world.start()

    def session(self, sender):
        return self.world.wait_for_mail(self.world.send(sender))[0].session

    def test_each_connector_presents_itself(self):
        anna = self.session("a@contoso.example")
        self.assertEqual((anna.helo, anna.auth_user), ("mail.contoso.example", "anna"))
        self.assertEqual(anna.client_fingerprint, self.certificates["anna"].fingerprint())
        self.assertIsNotNone(anna.tls_version)
        bert = self.session("a@fabrikam.example")
        self.assertEqual((bert.helo, bert.auth_user), ("out.fabrikam.example", "bert"))
        self.assertEqual(bert.client_fingerprint, self.certificates["bert"].fingerprint())
        self.assertIsNotNone(bert.tls_version)
        plain = self.session("a@plain.example")
        self.assertEqual(plain.helo, "plain.example")
        self.assertEqual((plain.tls_version, plain.auth_user, plain.client_fingerprint),
                         (None, None, None))
        login = self.session("a@login.example")
        self.assertEqual((login.auth_user, login.auth_in_plaintext), ("anna", True))

    def test_interleaved_mail_never_borrows_another_connectors_session(self):
        want = {"a@contoso.example": ("mail.contoso.example", "anna"),
                "a@fabrikam.example": ("out.fabrikam.example", "bert"),
                "a@plain.example": ("plain.example", None)}
        tokens = [(self.world.send(sender), sender) for _ in range(12) for sender in want]
        for token, sender in tokens:
            received = self.world.wait_for_mail(token)
            self.assertEqual(len(received), 1)
            session = received[0].session
            self.assertEqual((session.helo, session.auth_user), want[sender])

    def test_basic_auth_require_tls_sends_no_password_in_plaintext(self):
        host = self.world.smart_hosts["shared"]
        host.change(offer_starttls=False)
        self.addCleanup(host.change, offer_starttls=True)
        before = len(host.sessions)
        token, queue_id = self.world.queue_message("a@fabrikam.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.assertNotIn("AUTH", [verb for one in host.sessions[before:] for verb in one.verbs])
        host.change(offer_starttls=True)
        self.world.wait_for_mail(token, flush=True)

    def test_wrong_password_defers_and_the_other_connector_goes_on(self):
        host = self.world.smart_hosts["shared"]
        good = dict(host.behaviour.credentials)
        host.change(credentials={**good, "bert": "changed"}, require_auth=True)
        self.addCleanup(host.change, credentials=good, require_auth=False)
        token, queue_id = self.world.queue_message("a@fabrikam.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.assertEqual(self.session("a@contoso.example").auth_user, "anna")
        self.assertEqual(self.world.received(token), [])
        host.change(credentials=good)
        self.world.wait_for_mail(token, flush=True)

    def test_secrets_are_in_no_log_and_no_readable_file(self):
        for text in (self.world.daemon.log(), self.world.postfix.log(),
                     self.world.postfix.master_cf.read_text(),
                     self.world.postfix.main_cf.read_text()):
            self.assertNotIn("first secret", text)
            self.assertNotIn("second#secret", text)
        for path in self.world.state.rglob("*"):
            if path.is_file() and b"first secret" in path.read_bytes():
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)
