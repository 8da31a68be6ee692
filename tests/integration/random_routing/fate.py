# SPDX-License-Identifier: Apache-2.0
"""What must become of a message, recipient by recipient, until all mail that it causes has ended."""

import collections
import dataclasses

from . import address, mapping, route_class, selection, universe
from .mail import NEVER, SENDMAIL, Author
from .selection import Sending, Unspecified
from .site import MAILBOX

# A notification says more than the message that it returns; larger ones return headers only.
_REPORT_SIZE = 4000
_LARGEST_RETURNED = 50000


@dataclasses.dataclass(frozen=True, order=True)
class Delivery:
    """One recipient's copy. `farm`: smart hosts, or "mailbox:NAME" with no HELO and recipient.

    `about`: the failed recipient that a notification tells of, "" for mail itself.
    """

    farm: str
    helo: str
    sender: str
    recipient: str
    about: str = ""

    def __str__(self):
        what = f"notification about <{self.about}>" if self.about else "mail"
        return f"{what} <{self.sender}> -> <{self.recipient}> at {self.farm} as {self.helo}"


@dataclasses.dataclass(frozen=True, order=True)
class Waiting:
    """A recipient whose mail stays in the queue."""

    sender: str
    recipient: str
    about: str = ""

    def __str__(self):
        return f"waiting <{self.sender}> -> <{self.recipient}> {self.about}"


@dataclasses.dataclass
class Fate:
    deliveries: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    waiting: collections.Counter = dataclasses.field(default_factory=collections.Counter)


def sending_of(site, mail):
    """What counts of a submitted message."""
    envelope = mapping.canonical_sender(site, mail.sender) if mail.sender else ""
    rewritten = site.local_rewriting or mail.way == SENDMAIL
    author = mail.author
    if author == Author.ABSENT:
        if not rewritten:
            author = Author.SEVERAL
        else:  # Postfix adds a From field with the sender
            author = envelope or selection.UNKNOWABLE
    elif author != Author.SEVERAL and rewritten:
        author = mapping.canonical_sender(site, author)
    login = mail.login
    if login is not None and "@" not in login:
        login = f"{login}@{universe.LOCAL}"
    return Sending(envelope, author, login, mail.size, 
                   failures_told=mail.notify != NEVER)


def told_of(sending, copy):
    """Nobody is told what becomes of a blind copy."""
    return dataclasses.replace(sending, failures_told=sending.failures_told and not copy)


class Oracle:
    """Says what becomes of mail under one policy and one site's settings."""

    def __init__(self, policy, site):
        self.policy = policy
        self.site = site

    def fate(self, mail, accepted):
        """Fate of a message that was accepted for the recipients `accepted`."""
        fate = Fate()
        sending = sending_of(self.site, mail)
        for final in mapping.expand(self.site, accepted, sending.envelope):
            told = told_of(sending, final.copy)
            self._send(fate, told, final.address)
        return fate

    def choice(self, sending, recipient):
        """(Choice, farm of the recipient's own route) of a recipient that is not local."""
        route, own = route_class.route_class(self.site, recipient)
        domain = address.domain_of(recipient)
        choice = selection.choose(self.policy, sending, domain, route)
        if sending.internal:
            unseen = selection.choose(self.policy, dataclasses.replace(sending, size=0),
                                      domain, route)
            if unseen != choice:
                raise Unspecified("the size of mail that Postfix makes itself")
            if route != route_class.DEFAULT and choice.kind != selection.OWN:
                raise Unspecified("routes of mail that Postfix makes itself")
        return choice, own

    # -- one recipient ------------------------------------------------------------

    def _send(self, fate, sending, recipient, about=""):
        route, _ = route_class.route_class(self.site, recipient)
        if route == route_class.LOCAL:
            self._deliver_here(fate, sending, recipient, about)
            return
        if route == route_class.UNKNOWN:
            self._fail(fate, sending, recipient)
            return
        choice, own = self.choice(sending, recipient)
        local = recipient.rpartition("@")[0]
        if choice.kind in selection.REFUSALS:
            self._fail(fate, sending, recipient)
        elif choice.kind == selection.DEFER:
            fate.waiting[Waiting(sending.envelope, recipient, about)] += 1
        elif local.startswith(universe.GONE):
            self._fail(fate, sending, recipient)
        elif local.startswith(universe.LATER):
            fate.waiting[Waiting(sending.envelope, recipient, about)] += 1
        else:
            farm, helo = own, universe.HELO
            if choice.kind == selection.MX:
                farm = "mx"
            elif choice.kind == selection.CONNECTOR:
                farm = choice.connector.farm or "mx"
                helo = choice.connector.fqdn or universe.HELO
            fate.deliveries[Delivery(farm, helo, sending.envelope, recipient, about)] += 1

    def _deliver_here(self, fate, sending, recipient, about):
        """local(8): aliases(5)."""
        name = address.without_extension(recipient, self.site.delimiters)[0].partition("@")[0]
        targets = self.site.aliases.get(name)
        if targets is None:
            self._fail(fate, sending, recipient)
            return
        if f"owner-{name}" in self.site.aliases:
            if not sending.envelope:
                raise Unspecified("owner of a null sender's mail")
            owner = f"owner-{name}@{universe.LOCAL}"
            sending = dataclasses.replace(sending, envelope=owner)
        boxes = [one for one in targets if one.startswith(MAILBOX)]
        for box in boxes:
            fate.deliveries[Delivery(box, "", sending.envelope, "", about)] += 1
        forwarded = dataclasses.replace(sending, login=None, internal=True)
        finals = mapping.expand(self.site, [one for one in targets if one not in boxes])
        for final in dict.fromkeys(finals):
            self._send(fate, forwarded, final.address, about)

    def _fail(self, fate, sending, recipient):
        """A notification to the sender; none about mail of the null sender, or a blind copy."""
        if not sending.envelope or not sending.failures_told:
            return
        returned = sending.size if sending.size <= _LARGEST_RETURNED else 0
        report = Sending("", f"mailer-daemon@{universe.LOCAL}", None,
                         _REPORT_SIZE + returned, internal=True)
        for final in mapping.expand(self.site, [sending.envelope]):
            self._send(fate, report, final.address, about=recipient)
