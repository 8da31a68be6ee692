# SPDX-License-Identifier: Apache-2.0
"""A policy as plain values, and as the tables of sendconnector.toml."""

import dataclasses

SIZES = {"20KB": 20 * 1024, "60KB": 60 * 1024, "unlimited": None, None: 35 * 1024 * 1024}


@dataclasses.dataclass(frozen=True)
class Connector:
    """`farm` names its smart hosts; None: mail exchangers. None elsewhere: not written."""

    name: str
    senders: tuple | None = None
    address_spaces: tuple = ("*",)
    farm: str | None = "farm1"
    fqdn: str | None = None
    enabled: bool = True
    sender_identity: str | None = None
    routes: tuple | None = None
    max_message_size: str | None = None

    def table(self, farms):
        """The [[connector]] table; `farms` maps a farm to its smart hosts' texts."""
        table = {"name": self.name, "address_spaces": list(self.address_spaces)}
        if self.farm is not None:
            table.update(dns_routing_enabled=False, smart_hosts=list(farms[self.farm]))
        if not self.enabled:
            table["enabled"] = False
        for key in ("senders", "fqdn", "sender_identity", "routes", "max_message_size"):
            value = getattr(self, key)
            if value is not None:
                table[key] = list(value) if isinstance(value, tuple) else value
        return table


@dataclasses.dataclass(frozen=True)
class Policy:
    """None: the key is not written."""

    connectors: tuple
    sender_identity: str | None = None
    unmatched_senders: str | None = None
    default_connector: str | None = None
    unmatched_recipients: str | None = None
    selection_order: str | None = None
    recipient_delimiter: str | None = None

    def top(self):
        """The top-level keys."""
        return {field.name: value for field in dataclasses.fields(self)
                if field.name != "connectors"
                and (value := getattr(self, field.name)) is not None}

    def tables(self, farms):
        return [one.table(farms) for one in self.connectors]

    @property
    def uses_login(self):
        """Whether some connector is chosen by it."""
        return any(one.enabled and any(sender != "*" for sender in one.senders or ())
                   and (one.sender_identity or self.sender_identity) == "login"
                   for one in self.connectors)

    @property
    def delimiters(self):
        return "+" if self.recipient_delimiter is None else self.recipient_delimiter
