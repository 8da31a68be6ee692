# SPDX-License-Identifier: Apache-2.0
"""A host that source_transport_servers does not list hands the mail to those that it does."""

from harness import messages
from harness.config_file import connector
from harness.deadline import wait_until
from harness.test_case import WorldCase
from harness.world import World

EDGE, HUB = "edge.contoso.example", "hub.contoso.example"
SERVERS = ("exch01.contoso.example", "exch02.contoso.example")
MARK = "X-Sendconnector-Relay"


class HandsOn(WorldCase):
    """One host, and smart hosts in the place of the servers that use the connectors."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("source", names=True,
                              settings={"relayhost": "", "myhostname": EDGE,
                                        "smtp_bind_address": "127.0.0.1"})
        certificate = world.authority.issue("whoever.example")
        for server in SERVERS:
            host = world.smart_host(server, port=25, hostname=server, certificate=certificate,
                                    client_ca=world.authority.certificate_file,
                                    credentials={"user": "word"})
            world.names.addresses[server] = host.address
        everything = {
            "source_transport_servers": SERVERS, "fqdn": "never.example",
            "source_ip_address": "127.0.0.77", "require_tls": True,
            "tls_auth_level": "DomainValidation", "tls_domain": "partner.example",
            "tls_certificate_name": "/nonexistent/of/the/servers.pem",
            "smart_host_auth_mechanism": "BasicAuthRequireTLS",
            "authentication_credential": "of-the-servers"}
        partner = world.smart_host("partner")
        world.configure([
            connector("Elsewhere", partner, senders=["elsewhere.example"], **everything),
            connector("Plain", partner, senders=["plain.example"],
                      source_transport_servers=SERVERS, force_helo=True),
            connector("Dns", senders=["dns.example"], source_transport_servers=SERVERS[:1]),
            connector("Here", partner, senders=["here.example"],
                      source_transport_servers=[SERVERS[0], "EDGE"])])
        world.start()

    def receive(self, sender, headers=()):
        token = messages.new_token()
        self.world.postfix.smtp_send(sender, "friend@remote.example",
                                     messages.message(token, sender, headers=headers))
        received = self.world.wait_for_mail(token, flush=True)
        self.assertEqual(len(received), 1)
        return received[0]

    def test_validate_tries_the_servers_that_get_the_mail(self):
        answer = self.world.ctl.run("validate", "Elsewhere", "Here", "--json")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn('"Elsewhere" is for exch01.contoso.example, exch02', answer.stderr)
        tried = {one["connector"]: [hop["next_hop"] for hop in one["next_hops"]]
                 for one in answer.json["connectors"]}
        self.assertEqual(tried["Elsewhere"], [f"[{server}]:25" for server in SERVERS])
        self.assertEqual(tried["Here"], [self.world.smart_hosts["partner"].next_hop])

    def test_nothing_of_the_connector_s_own_is_shown_to_the_servers(self):
        message = self.receive("a@elsewhere.example",
                               headers=[("X-MS-Exchange-Organization-SCL", "-1"),
                                        ("X-Sendconnector-Identity", "forged")])
        session = message.session
        self.assertIn(session.server, SERVERS)
        self.assertEqual((session.helo_verb, session.helo), ("EHLO", EDGE))
        self.assertIsNotNone(session.tls_version)
        self.assertIsNone(session.auth_user)
        self.assertIsNone(session.client_fingerprint)
        self.assertEqual(session.peer, "127.0.0.1")
        self.assertNotIn("XFORWARD", session.verbs)
        self.assertEqual(message.headers.get_all(MARK), [f"elsewhere by {EDGE}"])
        self.assertEqual(message.headers["X-MS-Exchange-Organization-SCL"], "-1")
        self.assertIsNone(message.headers["X-Sendconnector-Identity"])

    def test_dns_routed_connector_is_handed_on_too(self):
        message = self.receive("a@dns.example")
        self.assertEqual(message.server, SERVERS[0])
        self.assertEqual(message.headers.get_all(MARK), [f"dns by {EDGE}"])

    def test_listed_host_uses_the_connector(self):
        message = self.receive("a@here.example")
        self.assertEqual(message.server, "partner")
        self.assertIsNone(message.headers[MARK])

    def test_mandatory_tls_stays_mandatory_and_other_does_not_become_so(self):
        hosts = [self.world.smart_hosts[one] for one in SERVERS]
        certificate = hosts[0].behaviour.certificate
        for host in hosts:
            host.change(certificate=None)
        token, queue_id = self.world.queue_message("a@elsewhere.example")
        self.assertIn("TLS", self.world.postfix.wait_until_deferred(queue_id).reason)
        self.assertEqual(self.world.received(token), [])
        self.assertIsNone(self.receive("a@plain.example").session.tls_version)
        for host in hosts:
            host.change(certificate=certificate)
        self.world.wait_for_mail(token, flush=True)
        self.assertIsNotNone(self.receive("a@plain.example").session.tls_version)

    def test_mail_is_spread_over_the_servers(self):
        servers = set()

        def both():
            # Postfix keeps the answer for a sender and recipient for a while.
            servers.add(self.receive(f"{messages.new_token()}@plain.example").server)
            return servers == set(SERVERS)
        wait_until(both, 40, "both servers to get mail", interval=0.3)

    def test_server_that_is_down_is_passed_over(self):
        for down, up in (SERVERS, SERVERS[::-1]):
            self.world.smart_hosts[down].stop()
            for _ in range(4):
                self.assertEqual(self.receive("a@elsewhere.example").server, up)
            self.world.smart_hosts[down].start()

    def test_what_other_hosts_verify_is_not_verified_here(self):
        self.assertEqual([key for key in self.world.next_hops() if key[0] == "Elsewhere"], [])
        self.assertEqual(self.world.tls_answer("elsewhere", f"[{SERVERS[0]}]:25"),
                         "OK encrypt protocols=>=TLSv1.2")

    def test_second_apply_changes_nothing(self):
        before = self.world.postfix.master_cf.read_text()
        self.world.apply()
        self.assertEqual(self.world.postfix.master_cf.read_text(), before)


class TwoHosts(WorldCase):
    """An edge server and a hub, each a Postfix with a daemon."""

    weight = 30
    time_limit = 90

    def two_worlds(self, edge_uses, hub_uses):
        """Both with one connector, used by the named servers; messages come in at the edge."""
        edge = self.own_world("edge", names=True, settings={"relayhost": "", "myhostname": EDGE})
        hub = World("hub", names=True, settings={"relayhost": "", "myhostname": HUB})
        self.addCleanup(hub.close)
        partner = hub.smart_host("partner")
        for world, servers in ((edge, edge_uses), (hub, hub_uses)):
            text = world.postfix.master_cf.read_text()
            world.postfix.master_cf.write_text(
                text.replace(f"{world.postfix.address}:{world.postfix.port} ",
                             f"{world.postfix.address}:25 "))
            world.postfix.port = 25
            for other, name in ((edge, EDGE), (hub, HUB)):
                world.names.addresses[name] = other.postfix.address
            world.configure([connector("Partner", partner, senders=["contoso.example"],
                                       source_transport_servers=servers)])
            world.start()
        return edge, hub, partner

    def test_mail_goes_by_the_server_that_uses_the_connector(self):
        edge, _hub, partner = self.two_worlds([HUB], [HUB])
        token = edge.send("a@contoso.example")
        message = partner.wait_for(token)
        self.assertEqual(message.session.helo, HUB)
        received = message.headers.get_all("Received")
        self.assertIn(HUB, received[0])
        self.assertTrue(any(f"by {EDGE}" in one for one in received), received)
        self.assertEqual([one for one in message.headers.keys()
                          if one.lower().startswith("x-sendconnector")], [])

    def test_servers_that_hand_on_to_each_other_end_the_circle(self):
        edge, hub, partner = self.two_worlds([HUB], [EDGE])
        token, queue_id = edge.queue_message("a@contoso.example")
        attempt = edge.postfix.wait_for_attempt(queue_id)
        self.assertEqual((attempt.status, attempt.dsn), ("bounced", "5.4.6"), attempt)
        self.assertEqual([one for one in hub.postfix.queue() if one.sender], [])
        self.assertEqual(partner.with_text(token), [])
