# SPDX-License-Identifier: Apache-2.0
"""A smart host's certificate changes between probe and delivery: nothing leaves over a bad one."""

import time

from harness import ca
from harness.config_file import connector
from harness.test_case import WorldCase
from harness.web_server import WebServer

NAME = "mx.smart.example"
# Fresh verdicts after a second, so that a change is noticed soon; Postfix retries by itself.
TLS = {"refresh_after": "00:00:01", "failure_lifetime": "00:00:01", "probe_time": "00:00:05"}
RETRIES = {"queue_run_delay": "2s", "minimal_backoff_time": "2s", "maximal_backoff_time": "3s"}


class CertificateChanges(WorldCase):
    """Both directions, at both levels that look at the certificate."""

    weight = 60
    time_limit = 200

    @classmethod
    def build_world(cls):
        world = cls.new_world("swap", settings=RETRIES)
        authority = world.authority
        lists = WebServer(world.workspace.network.next_address())
        cls.good = authority.issue(NAME, list_url=lists.url("/list"))
        cls.renewed = authority.issue(NAME, list_url=lists.url("/list"))
        revoked = authority.issue(NAME, list_url=lists.url("/list"))
        authority.revoke(revoked)
        lists.pages["/list"] = authority.revocation_list(3600)
        world.workspace.on_close(lists.stop)
        lists.start()
        stranger = ca.CertificateAuthority(world.workspace.folder("ca2"), "Stranger Root")
        # Nothing about it names a source of revocation.
        unlisted = authority.issue(NAME)
        cls.good_of = {"Chain": cls.good, "Name": cls.good, "Unlisted": unlisted}
        bad = {"another authority": ("UntrustedRoot", "PartialChain", stranger.issue(NAME)),
               "expired": ("CertExpired", "CertExpired", authority.expired(NAME)),
               "revoked": ("Revoked", "Revoked", revoked),
               "short key": ("WeakKey", "WeakKey", authority.issue(NAME, key="rsa:1024"))}
        named = {**bad, "another name": (
            "SubjectMismatch", "SubjectMismatch", authority.issue("mx.other.example"))}
        cls.bad = {"Chain": bad, "Name": named, "Unlisted": named}
        common = {"require_tls": True, "tls_ca_file": authority.certificate_file}
        rules = {"Chain": {"tls_auth_level": "CertificateValidation"},
                 "Name": {"tls_auth_level": "DomainValidation", "tls_domain": NAME},
                 "Unlisted": {"tls_auth_level": "DomainValidation", "tls_domain": NAME}}
        world.configure([connector(name, world.smart_host(name, certificate=cls.good_of[name]),
                                   senders=[f"{name.lower()}.example"], **common, **rule)
                         for name, rule in rules.items()], tls=TLS)
        world.start()

    def each(self):
        """(host, what, reasons, certificate) of every bad certificate at every level."""
        for name, bad in self.bad.items():
            for what, (*reasons, certificate) in bad.items():
                yield self.world.smart_hosts[name], what, reasons, certificate

    def queue(self, host):
        return self.world.queue_message(f"a@{host.name.lower()}.example")

    def arrives_by_itself(self, token, host, seconds=40):
        """No flush: the daemon looks again, and Postfix tries again."""
        self.world.wait_for_mail(token, seconds=seconds)
        self.world.postfix.wait_until_queue_empty()
        self.assertEqual([one.server for one in self.world.received(token)], [host.name])

    def assert_untouched(self, host):
        """No mail command since `forget`, let alone a message."""
        self.assertNotIn("MAIL", [verb for one in host.sessions for verb in one.verbs])

    def test_good_when_probed_and_bad_when_delivered(self):
        for host, what, _reasons, certificate in self.each():
            with self.subTest(f"{host.name}: {what}"):
                host.change(certificate=self.good_of[host.name])
                self.arrives_by_itself(self.queue(host)[0], host)
                host.forget()
                host.change(certificate=certificate)
                token, queue_id = self.queue(host)
                self.world.postfix.wait_until_deferred(queue_id)
                self.world.stays_queued(token, seconds=3)
                self.assert_untouched(host)
                self.assertEqual({one.dsn for one in self.world.postfix.attempts(queue_id)},
                                 {"4.7.5"})
                host.change(certificate=self.good_of[host.name])
                self.arrives_by_itself(token, host)

    def test_bad_when_probed_and_good_later(self):
        for host, what, reasons, certificate in self.each():
            with self.subTest(f"{host.name}: {what}"):
                host.change(certificate=certificate)
                self.world.next_hops(refresh=True, connector=host.name)
                host.forget()
                mark = self.world.postfix.log_mark()
                token, queue_id = self.queue(host)
                self.world.postfix.wait_until_deferred(queue_id)
                log = self.world.postfix.log(mark)
                self.assertTrue(any(reason in log for reason in reasons), log)
                self.assert_untouched(host)
                host.change(certificate=self.good_of[host.name])
                self.arrives_by_itself(token, host)

    def test_a_renewed_certificate_holds_the_mail_up_for_seconds_only(self):
        for host in (self.world.smart_hosts["Chain"], self.world.smart_hosts["Name"]):
            with self.subTest(host.name):
                host.change(certificate=self.good)
                self.arrives_by_itself(self.queue(host)[0], host)
                host.change(certificate=self.renewed)
                began = time.monotonic()
                self.arrives_by_itself(self.queue(host)[0], host)
                self.assertLess(time.monotonic() - began, 40)

    def test_what_is_bad_every_other_time_gets_no_mail_when_it_is_bad(self):
        """A farm with one bad member behind one address: mail passes over the good ones only."""
        host = self.world.smart_hosts["Name"]
        bad = self.bad["Name"]["revoked"][-1]
        host.change(certificate=self.good)
        self.arrives_by_itself(self.queue(host)[0], host)
        host.forget()
        tokens = []
        for number in range(6):
            host.change(certificate=bad if number % 2 else self.good)
            tokens.append(self.queue(host)[0])
            time.sleep(0.5)
        host.change(certificate=self.good)
        for token in tokens:
            self.world.wait_for_mail(token, seconds=60)
        delivered = [one for one in host.sessions if "MAIL" in one.verbs]
        self.assertEqual({one.certificate_shown for one in delivered}, {self.good.fingerprint()})


class OneOfSeveralIsBad(WorldCase):
    """Of several hosts, or several addresses of one, the sound ones carry the mail."""

    weight = 40
    time_limit = 120

    @classmethod
    def build_world(cls):
        world = cls.new_world("several", names=True, settings=RETRIES)
        good = world.authority.issue(NAME)
        bad = world.authority.expired(NAME)
        hosts = [world.smart_host("bad", certificate=bad),
                 world.smart_host("none"),
                 world.smart_host("dead", certificate=good),
                 world.smart_host("sound", certificate=good)]
        world.smart_hosts["dead"].stop()
        farm = world.smart_host("farm-bad", certificate=bad)
        sound = world.smart_host("farm-good", port=farm.port, certificate=good)
        world.names.addresses["farm.smart.example"] = [farm.address, sound.address]
        common = {"require_tls": True, "tls_ca_file": world.authority.certificate_file}
        named = {**common, "tls_auth_level": "DomainValidation", "tls_domain": NAME}
        chain = {**common, "tls_auth_level": "CertificateValidation"}
        addresses = f"[farm.smart.example]:{farm.port}"
        world.configure([
            connector("Hosts by name", *hosts, senders=["hosts-name.example"], **named),
            connector("Hosts by chain", *hosts, senders=["hosts-chain.example"], **chain),
            connector("Farm by name", addresses, senders=["farm-name.example"], **named),
            connector("Farm by chain", addresses, senders=["farm-chain.example"], **chain)],
            tls=TLS)
        world.start()

    def all_go_to(self, domain, server):
        tokens = [self.world.queue_message(f"user{number}@{domain}")[0] for number in range(6)]
        for token in tokens:
            self.world.wait_for_mail(token, seconds=60)
        self.world.postfix.wait_until_queue_empty(seconds=40)
        for token in tokens:
            self.assertEqual([one.server for one in self.world.received(token)], [server])

    def test_the_sound_one_of_several_hosts_gets_all(self):
        for domain in ("hosts-name.example", "hosts-chain.example"):
            with self.subTest(domain):
                self.all_go_to(domain, "sound")

    def test_the_sound_one_of_several_addresses_gets_all(self):
        for domain in ("farm-name.example", "farm-chain.example"):
            with self.subTest(domain):
                self.all_go_to(domain, "farm-good")

    def test_the_sound_one_comes_first_in_the_transport_answer(self):
        self.all_go_to("hosts-name.example", "sound")
        sound = self.world.smart_hosts["sound"].next_hop
        answer = self.world.transport_answer("a@hosts-name.example")
        self.assertTrue(answer.partition(":")[2].startswith(sound), answer)


class OwnCertificate(WorldCase):
    """Smart hosts that want a client certificate, and its renewal."""

    weight = 30

    @classmethod
    def build_world(cls):
        world = cls.new_world("own", settings=RETRIES)
        cls.clients = ca.CertificateAuthority(world.workspace.folder("ca2"), "Clients' Root")
        cls.chain = world.workspace.path / "own.pem"
        cls.key = world.workspace.path / "own.key"
        cls.install(cls.clients.issue("relay.example", client=True))
        common = {"require_tls": True, "tls_ca_file": world.authority.certificate_file,
                  "tls_auth_level": "DomainValidation", "tls_domain": NAME}
        world.configure([connector(
            name, world.smart_host(name, certificate=world.authority.issue(NAME),
                                   client_ca=cls.clients.certificate_file,
                                   require_client_certificate=True),
            senders=[f"{name.lower()}.example"], **common, **own)
            for name, own in (("Without", {}), ("With", {"tls_certificate_name": cls.chain,
                                                          "tls_key_file": cls.key}))], tls=TLS)
        world.start()

    @classmethod
    def install(cls, certificate):
        """Files as certbot leaves them: the chain for all, the key for root only."""
        for target, source in ((cls.chain, certificate.chain), (cls.key, certificate.key)):
            fresh = target.with_suffix(".new")
            fresh.write_bytes(source.read_bytes())
            fresh.chmod(0o644 if target == cls.chain else 0o600)
            fresh.rename(target)
        cls.installed = certificate

    def test_a_connector_without_one_queues(self):
        token, queue_id = self.world.queue_message("a@without.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.world.stays_queued(token)
        self.assertEqual(self.world.postfix.wait_for_attempt(queue_id).dsn, "4.7.5")
        self.world.postfix.command("postsuper", "-d", queue_id)

    def test_renewal_is_picked_up_without_a_restart(self):
        for number in range(3):
            with self.subTest(number):
                token = self.world.send("a@with.example")
                session = self.world.wait_for_mail(token, seconds=40)[0].session
                self.assertEqual(session.client_fingerprint, self.installed.fingerprint())
                self.install(self.clients.issue("relay.example", client=True))
