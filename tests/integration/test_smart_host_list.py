# SPDX-License-Identifier: Apache-2.0
"""Several smart hosts in one connector: failed over by Postfix, balanced by weight."""

from collections import Counter

from harness.config_file import connector
from harness.test_case import WorldCase


class Failover(WorldCase):
    """First host down: the second gets it. All down: queued until one returns."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.new_world("fail")
        pair = [world.smart_host("first"), world.smart_host("second")]
        world.configure([connector("Pair", *pair, senders=["contoso.example"])])
        world.start()

    def setUp(self):
        for host in ("first", "second"):
            self.addCleanup(self._up, host)

    def _up(self, name):
        self.world.smart_hosts[name].stop()
        self.world.smart_hosts[name].start()

    def test_either_host_alone_gets_everything(self):
        for down, up in (("first", "second"), ("second", "first")):
            with self.subTest(f"{down} is down"):
                self.world.smart_hosts[down].stop()
                tokens = [self.world.send("alice@contoso.example") for _ in range(5)]
                for token in tokens:
                    self.assertEqual([one.server for one in self.world.wait_for_mail(token)],
                                     [up])
                self.world.smart_hosts[down].start()

    def test_all_down_then_delivered_once_when_one_returns(self):
        for host in ("first", "second"):
            self.world.smart_hosts[host].stop()
        sent = [self.world.queue_message("alice@contoso.example") for _ in range(5)]
        for token, queue_id in sent:
            self.world.postfix.wait_until_deferred(queue_id)
            self.assertEqual(self.world.received(token), [])
        self.world.smart_hosts["second"].start()
        for token, _queue_id in sent:
            self.world.wait_for_mail(token, flush=True)
        self.world.postfix.wait_until_queue_empty()
        for token, _queue_id in sent:
            self.assertEqual([one.server for one in self.world.received(token)], ["second"])

    def test_a_host_that_answers_4xx_is_passed_over(self):
        first = self.world.smart_hosts["first"]
        first.change(greeting="421 4.3.2 closing for maintenance")
        self.addCleanup(first.change, greeting=None)
        tokens = [self.world.send("alice@contoso.example") for _ in range(4)]
        for token in tokens:
            self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["second"])


class Balance(WorldCase):
    """Mail spreads over the listed hosts, by weight where weights are given."""

    weight = 15

    @classmethod
    def build_world(cls):
        world = cls.new_world("balance")
        even = [world.smart_host(f"even{number}") for number in range(3)]
        heavy, light = world.smart_host("heavy"), world.smart_host("light")
        world.configure([
            connector("Even", *even, senders=["even.example"]),
            connector("Weighted", f"{heavy.next_hop};9", f"{light.next_hop};1",
                      senders=["weighted.example"])])
        world.start()

    def spread(self, domain, count):
        """Send `count` messages; return how many each host got."""
        tokens = []
        for number in range(count):
            tokens.append(self.world.send(f"user{number}@{domain}", f"to{number}@remote.example"))
        received = [self.world.wait_for_mail(token) for token in tokens]
        self.assertEqual([len(one) for one in received], [1] * count)
        return Counter(one[0].server for one in received)

    def test_equal_hosts_share_the_mail(self):
        counts = self.spread("even.example", 90)
        self.assertEqual(set(counts), {"even0", "even1", "even2"})
        self.assertGreaterEqual(min(counts.values()), 10, counts)

    def test_weights_shift_the_mail(self):
        counts = self.spread("weighted.example", 80)
        self.assertGreaterEqual(counts["heavy"], 55, counts)
        self.assertGreaterEqual(counts["light"], 1, counts)

    def test_explain_shows_every_host(self):
        shown = self.world.ctl.explain("a@even.example", "b@remote.example")["next_hops"]
        self.assertEqual(sorted(shown),
                         sorted(self.world.smart_hosts[f"even{n}"].next_hop for n in range(3)))


class NamesAndMailExchangers(WorldCase):
    """`[host]` is the address of a name, `host` its mail exchangers, no list: DNS routing."""

    weight = 10

    @classmethod
    def build_world(cls):
        world = cls.new_world("names", names=True, settings={"relayhost": ""})
        bracketed, exchanger = world.smart_host("bracketed"), world.smart_host("exchanger")
        backup = world.smart_host("backup", port=exchanger.port)
        remote = world.smart_host("remote", port=25)
        world.names.addresses.update({
            "relay.smart.example": bracketed.address, "mx1.smart.example": exchanger.address,
            "mx2.smart.example": backup.address, "mx.remote.example": remote.address})
        world.names.exchangers.update({
            "relay.smart.example": [(10, "mx1.smart.example")],
            "pool.smart.example": [(20, "mx2.smart.example"), (10, "mx1.smart.example")],
            "remote.example": [(10, "mx.remote.example")]})
        world.configure([
            connector("Address", f"[relay.smart.example]:{bracketed.port}",
                      senders=["address.example"]),
            connector("Exchangers", f"pool.smart.example:{exchanger.port}",
                      senders=["exchangers.example"]),
            connector("Internet", senders=["internet.example"])])
        world.start()

    def assert_received_by(self, sender, want):
        received = self.world.wait_for_mail(self.world.send(sender))
        self.assertEqual([one.server for one in received], [want])

    def test_name_in_brackets_is_looked_up_as_an_address(self):
        self.assert_received_by("a@address.example", "bracketed")

    def test_bare_name_is_looked_up_as_mail_exchangers_first(self):
        self.assert_received_by("a@exchangers.example", "exchanger")

    def test_bare_name_fails_over_to_the_next_exchanger(self):
        self.world.smart_hosts["exchanger"].stop()
        self.addCleanup(self.world.smart_hosts["exchanger"].start)
        self.assert_received_by("a@exchangers.example", "backup")

    def test_dns_routing_uses_the_recipients_mail_exchanger(self):
        self.assert_received_by("a@internet.example", "remote")


class DnsRoutingBesideRelayhost(WorldCase):
    """A connector with DNS routing is not sent to the site's relayhost.

    Postfix puts relayhost where a transport answer has no next-hop, so this
    either works by other means or is refused; it never leaves by relayhost.
    """

    weight = 6

    @classmethod
    def build_world(cls):
        world = cls.new_world("mxrelay", names=True)
        remote = world.smart_host("remote", port=25)
        world.names.addresses["mx.remote.example"] = remote.address
        world.names.exchangers["remote.example"] = [(10, "mx.remote.example")]
        world.configure([connector("Internet", senders=["internet.example"])])
        world.postfix.start()
        world.daemon.start()

    def test_mail_does_not_leave_by_relayhost(self):
        for command in ("apply", "enable"):
            answer = self.world.ctl.run(command)
            if answer.code != 0:
                self.assertIn("relayhost", answer.output)
                return
        token, _queue_id = self.world.queue_message("a@internet.example")
        self.assertEqual([one.server for one in self.world.wait_for_mail(token)], ["remote"])
