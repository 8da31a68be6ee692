# SPDX-License-Identifier: Apache-2.0
"""Draws a policy."""

from . import universe
from .policy import Connector, Policy

FARMS = ("farm1", "farm2", "farm3", "farm4", "farm5")
_IDENTITIES = ("envelope", "header-from", "login")


def draw_policy(draw, site, sender_decides=False):
    """`draw` is a random.Random. `sender_decides`: nothing but the envelope sender counts."""
    count = draw.randint(1, 8)
    sizes = not sender_decides
    sender_decides = sender_decides or draw.random() < 0.15
    identity = None if sender_decides else draw.choice((None, None, None, *_IDENTITIES))
    names = draw.sample(["Alpha", "beta", "Beta two", "Gamma", "delta-1", "Delta 10", "delta 9",
                         "Ωmega", "Zeta", "zeta b", "eta", "Eta.1"], count)
    taken = set()
    connectors = [one for name in names
                  if (one := _connector(draw, site, name, identity, sender_decides, sizes,
                                        taken))]
    if all(not one.enabled for one in connectors):
        connectors = [Connector("Only", senders=("*.contoso.example",))]
    unmatched = draw.choice((None, "postfix", "reject", "default"))
    defaults = [one.name for one in connectors
                if one.enabled and one.routes in (None, ("default",))]
    if unmatched == "default" and not defaults:
        unmatched = None
    recipients = None if sender_decides else draw.choice(
        (None, "postfix", "defer", "reject", *(["mx", "mx"] if site.names else [])))
    return Policy(
        tuple(connectors), sender_identity=identity, unmatched_senders=unmatched,
        default_connector=draw.choice(defaults) if unmatched == "default" else None,
        unmatched_recipients=recipients,
        selection_order=draw.choice((None, "sender-first", "address-space-first")),
        recipient_delimiter=None if site.delimiters == "+" else site.delimiters)


def without_null_sender(senders, identity):
    """Patterns that may stand with this identity, None for none."""
    kept = [one for one in senders or () if one != "<>" or identity in (None, "envelope")]
    return tuple(kept) or None


def _connector(draw, site, name, common_identity, sender_decides, sizes, taken):
    """None when no sender pattern is left that no other connector has (`taken`)."""
    identity = None if sender_decides or draw.random() < 0.7 else draw.choice(_IDENTITIES)
    senders = without_null_sender(_senders(draw), identity or common_identity)
    if sender_decides:
        senders = [one for one in senders or ["*"] if one.lower() not in taken]
        taken.update(one.lower() for one in senders)
        if not senders:
            return None
    simple = sender_decides or draw.random() < 0.3
    farms = FARMS if site.relayhost else (*FARMS, None)
    return Connector(
        name, senders=tuple(senders) if senders else None,
        address_spaces=("*",) if simple else _spaces(draw),
        farm=draw.choice(farms),
        fqdn=draw.choice((None, f"{draw.choice('abcdef')}.helo.example")),
        enabled=draw.random() < 0.88,
        sender_identity=identity,
        routes=None if sender_decides or draw.random() < 0.75 else draw.choice(
            (("default",), ("relay",), ("transport",), ("default", "relay"),
             ("relay", "transport"), ("default", "relay", "transport"))),
        max_message_size=None if not sizes or draw.random() < 0.65 else draw.choice(
            ("20KB", "60KB", "unlimited")))


def _senders(draw):
    """None: every sender."""
    if draw.random() < 0.15:
        return None
    patterns = []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        domain = draw.choice(universe.SENDER_DOMAINS)
        local = draw.choice(universe.SENDER_LOCALS)
        patterns.append(draw.choice((
            domain, domain, f"*.{domain}", f"*.{domain}", f"{local}@{domain}", f"{local}@{domain}",
            f"{local}+{draw.choice(universe.EXTENSIONS)}@{domain}", "*.example", "*", "<>",
            domain.upper(), "*.contoso.example", universe.LOCAL)))
    return list({one.lower(): one for one in patterns}.values())


def _spaces(draw):
    spaces = []
    for _ in range(draw.choice((1, 1, 2, 3))):
        domain = draw.choice((*universe.REMOTE_DOMAINS, *universe.SENDER_DOMAINS[:2],
                              universe.RELAYED, universe.TRANSPORTED))
        space = draw.choice((domain, domain, f"*.{domain}", f"*.{domain}", "*", "*.example",
                             domain.title()))
        cost = draw.choice(("", "", ";1", ";5", ";100"))
        spaces.append(draw.choice(("", "smtp:", "SMTP:")) + space + cost)
    kept = {one.lower().removeprefix("smtp:").partition(";")[0]: one for one in spaces}
    return tuple(kept.values())
