# SPDX-License-Identifier: Apache-2.0
"""A world with mail that waits: a smart host that is down, one with a wrong certificate."""

import contextlib

from .config_file import connector
from .test_case import WorldCase

NAME = "mx.smart.example"

# smtpd(8) sets these FILTERs, as the milter would: a requeue drops them.
FILTERED = {"smtpd_data_restrictions": "check_sender_access texthash:$config_directory/filters",
            "relay_domains": "branch.example",
            "virtual_alias_maps": "texthash:$config_directory/virtual"}


class QueueCase(WorldCase):
    """Contoso's smart host is down, Fabrikam's shows a wrong certificate, `spare` works."""

    settings = FILTERED

    @classmethod
    def build_world(cls):
        world = cls.new_world("queue", settings=cls.settings)
        world.smart_host("down").stop()
        world.smart_host("spare")
        world.smart_host("wrong", certificate=world.authority.issue("mx.other.example"))
        old = f"FILTER sc-contoso:{world.smart_hosts['down'].next_hop}"
        gone = f"FILTER sc-gone:{world.smart_hosts['down'].next_hop}"
        (world.postfix.config_directory / "filters").write_text(
            f"fixed@contoso.example {old}\nmoved@other.example {old}\nlost@contoso.example {gone}\n"
            f"scanned@contoso.example FILTER smtp:{world.smart_hosts['down'].next_hop}\n")
        world.postfix.set_virtual_aliases({"team@v.example": "team@v.example, boss@remote.example"})
        cls.use("down")
        world.start()

    @classmethod
    def use(cls, contoso, **top):
        """Contoso through this smart host."""
        world = cls.world
        world.configure([
            connector("Contoso", world.smart_hosts[contoso], senders=["contoso.example"]),
            connector("Fabrikam", world.smart_hosts["wrong"], senders=["fabrikam.example"],
                      require_tls=True, tls_auth_level="DomainValidation", tls_domain=NAME,
                      tls_ca_file=world.authority.certificate_file)],
            tls={"failure_lifetime": "00:05:00"}, **top)

    def setUp(self):
        self.addCleanup(self.empty)

    def empty(self):
        self.world.postfix.command("postsuper", "-d", "ALL")
        self.use("down")
        self.world.daemon.start() if not self.world.daemon.running else None
        self.world.apply()

    def deferred(self, sender, recipients="friend@remote.example"):
        """Queue a message and wait until it is deferred; its token and queue ID."""
        token, queue_id = self.world.queue_message(sender, recipients)
        self.world.postfix.wait_until_deferred(queue_id)
        return token, queue_id

    def queues(self):
        """{name: entry} of the overview."""
        answer = self.world.ctl.must("queue", "--json").json
        return {one["name"]: one for one in answer["queues"]}

    def messages(self, name):
        """{queue ID: entry} of one connector."""
        answer = self.world.ctl.must("queue", name, "--json").json
        return {one["queue_id"]: one for one in answer["messages"]}

    def reason_of(self, name, queue_id):
        return self.messages(name)[queue_id]["recipients"][0]["reason"]

    @contextlib.contextmanager
    def postfix_setting(self, name, value):
        self.world.postfix.postconf("-e", f"{name}={value}")
        self.world.postfix.reload()
        try:
            yield
        finally:
            self.world.postfix.postconf("-X", name)
            self.world.postfix.reload()
