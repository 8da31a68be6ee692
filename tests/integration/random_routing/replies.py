# SPDX-License-Identifier: Apache-2.0
"""Which replies a message may get while it is submitted by SMTP."""

import dataclasses

from . import address, mapping, route_class, selection
from .fate import sending_of
from .mail import SMTP, Author

_REFUSED = ("550", "5.7.1")
_CODES = {selection.REJECT: _REFUSED, selection.TOO_LARGE: ("552", "5.3.4"),
          selection.NO_AUTHOR: _REFUSED}


def wrong_replies(oracle, mail, submission, splits=False):
    """Sentences about replies that must not be; empty when all is well. SMTP only.

    `splits`: Postfix is known to have a split listener.
    """
    if mail.way != SMTP:
        return []
    wrong = []
    if submission.mail is None or not submission.mail.accepted:
        return [f"MAIL was answered with {submission.mail or submission.greeting}"]
    maps = bool(oracle.site.virtual or oracle.site.recipient_canonical)
    may_end = set()
    stays = []  # recipients that the message must not be refused for
    for recipient in mail.recipients:
        reply = submission.recipients.get(recipient)
        allowed, at_end = _allowed(oracle, mail, recipient, splits)
        if reply is None:
            wrong.append(f"RCPT <{recipient}> has no answer")
        elif not reply.accepted and not any(_says(reply, one) for one in allowed):
            wrong.append(f"RCPT <{recipient}> was answered with {reply}; "
                         f"allowed: {allowed or 'acceptance'}")
        elif reply.accepted:
            if "must" in at_end:
                wrong.append(f"RCPT <{recipient}> was accepted; must be refused with {allowed}")
            may_end |= at_end
            if not at_end:
                stays.append(recipient)
    if submission.data is not None and not submission.data.accepted:
        if not any(_says(submission.data, one) for one in may_end):
            wrong.append(f"end of message was answered with {submission.data}; "
                         f"allowed: {may_end or 'acceptance'}")
        # One that is no single author's is refused as a whole; others only when all recipients fail.
        elif (stays and (splits and maps or may_end == {_REFUSED})
              and not _may_have_no_author(mail)):
            wrong.append(f"end of message was answered with {submission.data}, "
                         f"which is not so for {stays}")
    return wrong


def _may_have_no_author(mail):
    return mail.author in (Author.SEVERAL, Author.ABSENT)


def _allowed(oracle, mail, recipient, splits):
    """(refusals that RCPT may have, refusals that the end of message may have for it)."""
    site = oracle.site
    route, _ = route_class.route_class(site, recipient)
    if not mapping.is_changed(site, recipient):
        if route == route_class.UNKNOWN:
            return [("550", "5.1.1")], {"must"}
        if route == route_class.LOCAL:
            name = address.without_extension(recipient, site.delimiters)[0].partition("@")[0]
            return ([], set()) if name in site.aliases else ([("550", "5.1.1")], {"must"})
    elif route in (route_class.LOCAL, route_class.UNKNOWN):
        return [], set()
    sending = sending_of(site, mail)
    # smtpd(8) asks about the sender as the client wrote it, everything later about the canonical.
    as_written = dataclasses.replace(sending, envelope=mail.sender)
    at_recipient, at_end, no_author = [], set(), False
    for one in (sending, as_written):
        choice, _own = oracle.choice(one, recipient.lower())
        code = _CODES.get(choice.kind)
        announced = choice.kind == selection.TOO_LARGE and mail.announce_size
        if choice.kind == selection.REJECT or announced:
            at_recipient.append(code)
        if code:
            at_end.add(code)
        if choice.kind == selection.NO_AUTHOR:  # which may be too large whoever the author is
            no_author = True
            at_end.add(_CODES[selection.TOO_LARGE])
    if mapping.is_changed(site, recipient):
        # What the client wrote decides nothing; but without a listener nobody else enforces a limit.
        at_recipient = []
        # The author is asked for whatever becomes of the recipient.
        kept = set() if splits else {_CODES[selection.TOO_LARGE]}
        if no_author or _depends_on_author(oracle, sending, recipient):
            kept.add(_REFUSED)
            at_end.add(_REFUSED)
        at_end &= kept
    return at_recipient, at_end


def _depends_on_author(oracle, sending, recipient):
    """Whether what tables make of a recipient does."""
    finals = [one.address for one in mapping.expand(oracle.site, [recipient])]
    return any(oracle.choice(sending, one)[0].kind == selection.NO_AUTHOR for one in finals
               if route_class.route_class(oracle.site, one)[0]
               not in (route_class.LOCAL, route_class.UNKNOWN))


def _says(reply, wanted):
    if wanted == "must":
        return False
    code, status = wanted
    return str(reply.code).startswith(code) and reply.text.lstrip().startswith(status)
