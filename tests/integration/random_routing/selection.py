# SPDX-License-Identifier: Apache-2.0
"""The oracle's choice of a connector, from sendconnector.toml(5) alone.

Where the manual leaves two readings, `Unspecified` is raised and no such message is sent.
"""

import dataclasses

from . import address
from .mail import Author
from .policy import SIZES

ENVELOPE, HEADER_FROM, LOGIN = "envelope", "header-from", "login"

# Where a recipient's mail goes. OWN: as without sendconnector.
CONNECTOR, OWN, MX, DEFER = "connector", "own", "mx", "defer"
REJECT, TOO_LARGE, NO_AUTHOR = "reject", "too large", "no single author"
REFUSALS = (REJECT, TOO_LARGE, NO_AUTHOR)

UNKNOWABLE = "unknowable"  # an author that the manual does not tell


class Unspecified(Exception):
    """The documents do not say."""


@dataclasses.dataclass(frozen=True)
class Sending:
    """What counts of a message. `envelope` "" is the null sender; `login` None is nobody."""

    envelope: str
    author: str
    login: str | None
    size: int
    internal: bool = False  # made by Postfix: a notification, or forwarded by local(8)
    failures_told: bool = True


@dataclasses.dataclass(frozen=True)
class Choice:
    kind: str
    connector: object = None


def choose(policy, sending, domain, route):
    """Choice for a recipient; `route` is "default", "relay" or "transport"."""
    if sending.author not in (Author.SEVERAL, UNKNOWABLE):
        return _choose(policy, sending, domain, route)
    possible = {_choose(policy, dataclasses.replace(sending, author=author), domain, route)
                for author in _authors_that_differ(policy)}
    if len(possible) == 1:
        return possible.pop()
    if sending.author == UNKNOWABLE:
        raise Unspecified("the author is not known")
    return Choice(NO_AUTHOR)


def identity_of(policy, connector):
    return connector.sender_identity or policy.sender_identity or ENVELOPE


def _choose(policy, sending, domain, route):
    fitting = []
    for connector in policy.connectors:
        if not connector.enabled or route not in (connector.routes or ("default",)):
            continue
        sender = _best_sender(policy, connector, sending)
        space = _best_space(connector, domain)
        if sender is not None and space is not None:
            fitting.append((connector, sender, space))
    large_enough = [one for one in fitting if _holds(one[0], sending.size)]
    if large_enough:
        _check_comparable(policy, large_enough)
        return Choice(CONNECTOR, min(large_enough, key=lambda one: _order(policy, one))[0])
    if fitting:
        return Choice(TOO_LARGE)
    if route != "default":
        return Choice(OWN)
    return _unmatched(policy, sending, domain)


def _unmatched(policy, sending, domain):
    senders = policy.unmatched_senders or "postfix"
    if senders == "default":
        default = next(one for one in policy.connectors
                       if one.name.lower() == policy.default_connector.lower())
        if _best_space(default, domain) is not None:
            return (Choice(CONNECTOR, default) if _holds(default, sending.size)
                    else Choice(TOO_LARGE))
    if senders == "default" or any(one.enabled and _names(policy, one, sending)
                                   for one in policy.connectors):
        return Choice({"postfix": OWN, "mx": MX, "defer": DEFER, "reject": REJECT}
                      [policy.unmatched_recipients or "postfix"])
    return Choice({"postfix": OWN, "reject": REJECT}[senders])


# -- one side each --------------------------------------------------------------


def _person(policy, connector, sending):
    """Whose address counts for a connector; None is nobody."""
    return {ENVELOPE: sending.envelope, HEADER_FROM: sending.author,
            LOGIN: sending.login}[identity_of(policy, connector)]


def matches(pattern, person, identity, delimiters):
    """Rank of a pattern that matches (the lower the more specific), or None."""
    pattern = pattern.lower()
    if pattern == "*":
        return (9, 0)
    if person is None:
        return None
    if person == "":
        return (0, 0) if pattern == "<>" and identity == ENVELOPE else None
    person = person.lower()
    if "@" in pattern:
        base, extension = address.without_extension(person, delimiters)
        if extension and pattern == person:
            return (0, 0)
        return (1, 0) if pattern == base else None
    domain = address.domain_of(person)
    if pattern.startswith("*."):
        parent = pattern.removeprefix("*.")
        return (3, -parent.count(".")) if address.at_or_below(domain, parent) else None
    return (2, 0) if pattern == domain else None


def _best_sender(policy, connector, sending):
    identity = identity_of(policy, connector)
    person = _person(policy, connector, sending)
    ranks = [matches(one, person, identity, policy.delimiters)
             for one in connector.senders or ("*",)]
    return min((one for one in ranks if one is not None), default=None)


def _names(policy, connector, sending):
    """Whether a pattern other than `*` matches."""
    best = _best_sender(policy, connector, sending)
    return best is not None and best[0] < 9


def _best_space(connector, domain):
    """(rank, cost) of the best address space that matches, or None."""
    found = []
    for text in connector.address_spaces:
        text = text.lower().removeprefix("smtp:")
        space, _, cost = text.partition(";")
        cost = int(cost or 1)
        if space == "*":
            found.append(((9, 0), cost))
        elif space.startswith("*."):
            parent = space.removeprefix("*.")
            if address.at_or_below(domain, parent):
                found.append(((3, -parent.count(".")), cost))
        elif space == domain:
            found.append(((2, 0), cost))
    return min(found, default=None)


def _holds(connector, size):
    limit = SIZES[connector.max_message_size]
    return limit is None or size <= limit


def _order(policy, fitting):
    connector, sender, (space, cost) = fitting
    first, second = ((space, sender) if policy.selection_order == "address-space-first"
                     else (sender, space))
    return (first, second, cost, connector.name.lower())


def _check_comparable(policy, fitting):
    """Patterns of different identities are only comparable by kind."""
    for number, (left, left_rank, _space) in enumerate(fitting):
        for right, right_rank, _other in fitting[number + 1:]:
            if identity_of(policy, left) == identity_of(policy, right):
                continue
            kinds = {left_rank[0], right_rank[0]}
            if 9 not in kinds and (kinds == {0, 1} or left_rank[0] == right_rank[0] == 3
                                   or 0 in kinds):
                raise Unspecified("patterns of two identities")


def _authors_that_differ(policy):
    """An author for each set of patterns that an author can match."""
    authors = {"zz@zz.invalid"}
    for connector in policy.connectors:
        if not connector.enabled or identity_of(policy, connector) != HEADER_FROM:
            continue
        for pattern in connector.senders or ("*",):
            if "@" in pattern:
                authors.add(pattern)
            elif pattern.startswith("*."):
                authors |= {f"zz@zz.{pattern[2:]}", f"zz@{pattern[2:]}"}
            elif pattern not in ("*", "<>"):
                authors.add(f"zz@{pattern}")
    return authors
