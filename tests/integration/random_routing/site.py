# SPDX-License-Identifier: Apache-2.0
"""Postfix settings of a world as plain values, and as main.cf and its tables."""

import dataclasses

from harness.settled_file import write_settled

from . import universe

MAILBOX = "mailbox:"


@dataclasses.dataclass(frozen=True)
class Site:
    """Maps go from a lower-case address to what it becomes.

    `aliases`: local part -> targets, each an address or "mailbox:NAME"; `transports`: an address,
    domain or .domain -> farm; `relayhost`: mail of no connector goes to the farm "site", else to
    mail exchangers; `local_rewriting`: Postfix rewrites and completes headers of SMTP clients;
    `filtered`: mail passes a content filter and comes back.
    """

    chroot: bool = True
    names: bool = False
    relayhost: bool = True
    delimiters: str = "+"
    virtual: dict = dataclasses.field(default_factory=dict)
    transports: dict = dataclasses.field(default_factory=dict)
    recipient_canonical: dict = dataclasses.field(default_factory=dict)
    sender_canonical: dict = dataclasses.field(default_factory=dict)
    recipient_bcc: dict = dataclasses.field(default_factory=dict)
    sender_bcc: dict = dataclasses.field(default_factory=dict)
    always_bcc: str | None = None
    aliases: dict = dataclasses.field(default_factory=dict)
    local_rewriting: bool = True
    filtered: bool = False

    _TABLES = {"virtual": "virtual_alias_maps", "recipient_canonical": "recipient_canonical_maps",
               "sender_canonical": "sender_canonical_maps", "transports": "transport_maps",
               "recipient_bcc": "recipient_bcc_maps", "sender_bcc": "sender_bcc_maps"}

    def adds(self, address):
        """Whether a table may make this lower-case address of another, or out of nothing."""
        one_to_many = (*self.virtual.values(), *self.aliases.values())
        one_to_one = (*self.recipient_canonical.values(), *self.recipient_bcc.values(),
                      *self.sender_bcc.values(), self.always_bcc)
        return address in one_to_one or any(address in targets for targets in one_to_many)

    def settings(self, relay_next_hop):
        """main.cf, but for what the harness writes itself."""
        values = {"virtual_alias_domains": universe.VIRTUAL,
                  "relay_domains": universe.RELAYED,
                  "relay_transport": f"relay:{relay_next_hop}",
                  "recipient_delimiter": self.delimiters,
                  "message_size_limit": "20000000",
                  # A killed local(8) leaves its dotlock, which others wait for.
                  "mailbox_delivery_lock": "fcntl",
                  "smtpd_soft_error_limit": "1000", "smtpd_hard_error_limit": "1000",
                  "virtual_alias_maps": ""}
        for field, parameter in self._TABLES.items():
            if getattr(self, field):
                values[parameter] = f"texthash:$config_directory/{field}"
        if self.always_bcc:
            values["always_bcc"] = self.always_bcc
        if not self.relayhost:
            values["relayhost"] = ""
        if not self.local_rewriting:
            values["local_header_rewrite_clients"] = ""
        return values

    def write_tables(self, folder, next_hops):
        """Write the tables; `next_hops`: farm -> "[address]:port"."""
        for field in self._TABLES:
            entries = getattr(self, field)
            if field == "transports":
                entries = {key: f"smtp:{next_hops[farm]}" for key, farm in entries.items()}
            if entries:
                write_settled(folder / field, "".join(
                    f"{key} {value if isinstance(value, str) else ', '.join(value)}\n"
                    for key, value in entries.items()))

    def alias_table(self, mailbox_file):
        """As Postfix.set_aliases() takes it; `mailbox_file(name)` is a path."""
        def target(text):
            if text.startswith(MAILBOX):
                return str(mailbox_file(text.removeprefix(MAILBOX)))
            return text
        return {name: ", ".join(target(one) for one in targets)
                for name, targets in self.aliases.items()}
