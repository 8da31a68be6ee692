# SPDX-License-Identifier: Apache-2.0
"""A world that has the settings, smart hosts and policy that were drawn."""

from harness import ports
from harness.content_filter import ContentFilter
from harness.settled_file import settle
from harness.world import World

from . import universe
from .observation import at_smart_hosts, in_mailboxes
from .policy_generator import FARMS

_OTHER_FARMS = ("relay", "trans1", "trans2")


class Refusals(dict):
    """Replies of every smart host, by the recipient's local part."""

    def get(self, address, default=None):
        local = address.lower().rpartition("@")[0]
        if local.startswith(universe.GONE):
            return "550 5.1.1 no such person"
        if local.startswith(universe.LATER):
            return "450 4.2.1 not now"
        return default


def _dsn_parameters(mail):
    """For submit()."""
    if not mail.notify:
        return {}
    return {"parameters": ["RET=HDRS", f"ENVID={mail.token}"],
            "recipient_parameters": [f"NOTIFY={mail.notify}"]}


class MailSystem:
    """`start` before use, `close` after."""

    def __init__(self, draw, site, label="rand", settings=None):
        """Relay and transport smart hosts must be known before Postfix' files are written."""
        self.site = site
        self.world = World(label, chroot=site.chroot, names=site.names, logins=True)
        try:
            self._build(draw, settings or {})
        except BaseException:
            self.world.close()
            raise

    def _build(self, draw, settings):
        world = self.world
        self.farms = {}
        for farm in FARMS:
            hosts = [world.smart_host(farm if number == 1 else f"{farm}.{number}")
                     for number in range(1, draw.choice((1, 1, 2, 3)) + 1)]
            self.farms[farm] = [one.next_hop + draw.choice(("", ";3")) for one in hosts]
        for farm in _OTHER_FARMS:
            world.smart_host(farm)
        if self.site.names:
            exchanger = world.smart_host("mx", port=25)
            world.names.addresses["mx.exchanger.test"] = exchanger.address
            for domain in universe.dns_domains():
                world.names.exchangers[domain] = [(10, "mx.exchanger.test")]
        for host in world.smart_hosts.values():
            host.change(recipient_replies=Refusals())
        next_hops = {name: host.next_hop for name, host in world.smart_hosts.items()}
        postfix = world.postfix
        self.site.write_tables(postfix.config_directory, next_hops)
        postfix.set_aliases(self.site.alias_table(postfix.mailbox_file))
        if self.site.filtered:
            address = world.workspace.network.next_address()
            content_filter = ContentFilter(address, (address, ports.free_port(address))).start()
            world.workspace.on_close(content_filter.stop)
            settings = {**settings, **content_filter.settings()}
            with open(postfix.master_cf, "a", encoding="utf-8") as services:
                services.write(content_filter.services(self.site.chroot))
        postfix.postconf("-e", *(f"{name}={value}" for name, value in {
            **self.site.settings(next_hops["relay"]), **settings}.items()))
        settle(postfix.main_cf)

    def configure(self, policy):
        self.world.configure(policy.tables(self.farms), **policy.top())

    def start(self, policy):
        self.configure(policy)
        self.world.start()
        return self

    def splits(self):
        """Whether the policy that was applied needs messages to be split."""
        return "\nsc-split " in self.world.postfix.master_cf.read_text(encoding="utf-8")

    def close(self):
        self.world.close()

    # -- mail -----------------------------------------------------------------------

    def send(self, mail):
        """Submit; the Submission of SMTP, None for sendmail(1), which only queues."""
        postfix = self.world.postfix
        if mail.way == "sendmail":
            postfix.sendmail(mail.sender, list(mail.recipients), mail.data)
            return None
        login = None if mail.login is None else (mail.login, self.world.logins.password)
        return postfix.smtp_send(mail.sender, list(mail.recipients), mail.data, login=login,
                                 size=mail.size if mail.announce_size else None,
                                 **_dsn_parameters(mail))

    def copies(self):
        """Everything that has been delivered so far."""
        boxes = [self.world.postfix.mailbox_file(name) for name in universe.BOXES]
        return at_smart_hosts(self.world.smart_hosts.values()) + in_mailboxes(boxes)
