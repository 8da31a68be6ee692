# SPDX-License-Identifier: Apache-2.0
"""How Postfix routes a final recipient without sendconnector, from ADDRESS_CLASS_README."""

from . import address, universe

DEFAULT, RELAY, TRANSPORT = "default", "relay", "transport"
LOCAL, UNKNOWN = "local", "unknown"  # UNKNOWN: in a virtual alias domain, but in no map


def route_class(site, recipient):
    """(class, farm that its own route leads to; "mx" for mail exchangers)."""
    recipient = recipient.lower()
    domain = address.domain_of(recipient)
    keys = [recipient, address.without_extension(recipient, site.delimiters)[0], domain]
    labels = domain.split(".")
    keys += ["." + ".".join(labels[start:]) for start in range(1, len(labels))]
    for key in keys:
        if key in site.transports:
            return TRANSPORT, site.transports[key]
    if domain in (universe.LOCAL, "localhost"):
        return LOCAL, None
    if domain == universe.VIRTUAL:
        return UNKNOWN, None
    if address.at_or_below(domain, universe.RELAYED):
        return RELAY, "relay"
    return DEFAULT, "site" if site.relayhost else "mx"
