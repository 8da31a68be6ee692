# SPDX-License-Identifier: Apache-2.0
"""Two policies for one site that mail may meet in turn."""

import dataclasses

from .policy_generator import FARMS, draw_policy, without_null_sender


def draw_policies(draw, site, sender_decides=False):
    """A policy and another with the same connectors, which want other mail or other smart hosts.

    What belongs to a connector's session (its HELO name) stays: Postfix gives mail that is
    already on a connector's way the session of the day.
    """
    first = _lasting(draw_policy(draw, site, sender_decides))
    other = _lasting(draw_policy(draw, site, sender_decides))
    changed = []
    for number, connector in enumerate(first.connectors):
        if draw.random() < 0.5 and connector.farm is not None:
            connector = dataclasses.replace(connector, farm=draw.choice(FARMS))
        if not sender_decides and draw.random() < 0.4 and number < len(other.connectors):
            model = other.connectors[number]
            identity = model.sender_identity
            connector = dataclasses.replace(
                connector, sender_identity=identity, address_spaces=model.address_spaces,
                senders=without_null_sender(model.senders, identity or first.sender_identity))
        changed.append(connector)
    if sender_decides and len(changed) > 1:  # patterns change places
        senders = [one.senders for one in changed]
        changed = [dataclasses.replace(one, senders=senders[number - 1])
                   for number, one in enumerate(changed)]
    second = dataclasses.replace(
        first, connectors=tuple(changed), unmatched_recipients=draw.choice(
            (first.unmatched_recipients, other.unmatched_recipients)),
        selection_order=other.selection_order)
    return [first, second]


def _lasting(policy):
    """Without `defer`, under which mail has no end to compare."""
    if policy.unmatched_recipients == "defer":
        return dataclasses.replace(policy, unmatched_recipients="reject")
    return policy
