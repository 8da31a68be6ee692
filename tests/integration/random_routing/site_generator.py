# SPDX-License-Identifier: Apache-2.0
"""Draws Postfix settings."""

import dataclasses

from . import universe
from .site import MAILBOX, Site


def remote(draw):
    """An address that Postfix routes by its default transport, and no table knows."""
    domain = draw.choice((*universe.REMOTE_DOMAINS, *universe.REMOTE_DOMAINS,
                          *universe.SENDER_DOMAINS))
    return f"{draw.choice(universe.RECIPIENT_LOCALS)}@{domain}"


def draw_site(draw):
    chroot = draw.random() < 0.75
    names = chroot and draw.random() < 0.5
    plain = draw.random() < 0.3  # no expansions: every recipient is final
    filtered = draw.random() < 0.15

    def perhaps(value, probability=0.4):
        return value if not plain and draw.random() < probability else type(value)()

    boxes = {name: (MAILBOX + name,) for name in universe.BOXES}
    aliases = {**boxes, "fwd": (remote(draw),), "fwd2": (remote(draw), _other(draw)),
               "both": (MAILBOX + "box1", remote(draw)),
               "team": (remote(draw), f"box1@{universe.LOCAL}", remote(draw)),
               "owner-team": (MAILBOX + "box2",)}
    site = Site(
        chroot=chroot, names=names, relayhost=not names or draw.random() < 0.6,
        delimiters=draw.choice(("+", "+", "+", "", "+_")),
        virtual=perhaps(_virtual(draw), 0.7),
        transports={universe.TRANSPORTED: "trans1", f".{universe.TRANSPORTED}": "trans2",
                    "vip@remote.example": "trans2"},
        recipient_canonical=perhaps({"old@remote.example": "new@partner.example",
                                     "here@remote.example": f"box1@{universe.LOCAL}",
                                     "there@remote.example": f"ann@{universe.RELAYED}"}),
        sender_canonical=perhaps({"bob@contoso.example": "robert@fabrikam.example",
                                  "ceo@fabrikam.example": "alice@contoso.example"}),
        recipient_bcc=perhaps({"ann@remote.example": "copy@partner.example",
                               "ben@partner.example": f"box2@{universe.LOCAL}",
                               "here@remote.example": "copy@partner.example"}, 0.25),
        sender_bcc=perhaps({"alice@contoso.example": "audit@supplier.test",
                            "robert@fabrikam.example": f"audit@{universe.RELAYED}"}, 0.25),
        always_bcc=None if plain or draw.random() < 0.75 else draw.choice(
            (f"box3@{universe.LOCAL}", "archive@partner.example", f"list@{universe.VIRTUAL}",
             f"archive@{universe.TRANSPORTED}")),
        aliases=aliases, local_rewriting=draw.random() < 0.5, filtered=filtered)
    if filtered:  # by which it is forgotten that nobody is told of a blind copy's failure
        site = dataclasses.replace(site, always_bcc=None, sender_bcc={}, recipient_bcc={})
    return site


def _other(draw):
    return draw.choice((f"ann@{universe.RELAYED}", f"ben@{universe.TRANSPORTED}",
                        f"box2@{universe.LOCAL}", f"list@{universe.VIRTUAL}", remote(draw)))


def _virtual(draw):
    """Chains end: an entry only names later ones."""
    several = [remote(draw) for _ in range(draw.randint(2, 4))]
    return {
        f"all@{universe.VIRTUAL}": (f"list@{universe.VIRTUAL}", f"mixed@{universe.VIRTUAL}",
                                    remote(draw)),
        f"mixed@{universe.VIRTUAL}": (remote(draw), f"box1@{universe.LOCAL}",
                                      f"ben@{universe.RELAYED}", f"cleo@{universe.TRANSPORTED}"),
        f"far@{universe.VIRTUAL}": (f"fwd@{universe.LOCAL}", remote(draw)),
        f"list@{universe.VIRTUAL}": tuple(dict.fromkeys(several)),
        f"one@{universe.VIRTUAL}": (remote(draw),),
        f"bad@{universe.VIRTUAL}": (f"gone1@{draw.choice(universe.REMOTE_DOMAINS)}", remote(draw)),
        f"sales@{universe.LOCAL}": (remote(draw), f"box2@{universe.LOCAL}"),
        "crew@remote.example": ("crew@remote.example", remote(draw)),
        f"moved@{universe.RELAYED}": (remote(draw),),
        "desk@supplier.test": (f"desk@{universe.RELAYED}",),
    }
