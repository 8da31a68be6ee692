# SPDX-License-Identifier: Apache-2.0
"""Holds what became of mail in a chaotic round against what may become of it."""

import collections
import dataclasses

from . import integrity
from .explanation import explain
from .fate import Oracle
from .observation import by_token
from .replies import wrong_replies
from .rounds import Problem
from .site import MAILBOX
from .wavering import WaveringOracle


@dataclasses.dataclass
class Attempt:
    """A message handed over, or tried to: `certain` False when nobody knows whether it was."""

    mail: object
    began: float
    submission: object = None
    certain: bool = True


def judge(system, policies, attempts, events, outcome):
    """Nothing lost, nothing astray, nothing changed; doubles only where SMTP has no other way."""
    copies = system.copies()
    arrived = by_token(copies)
    oracles = [Oracle(one, system.site) for one in policies]
    data = collections.defaultdict(list)
    for copy in copies:
        data[copy.token].append(copy)
    for attempt in attempts:
        mail, submission = attempt.mail, attempt.submission
        have = arrived[mail.token]
        sentences = reply_faults(oracles, attempt)
        accepted = _accepted(attempt)
        slots = WaveringOracle(policies, system.site).possible(mail, accepted) if accepted else []
        if attempt.certain or have:
            faults, doubled = explain(slots, have)
            sentences += faults
            for one, count in doubled.items():
                if _excused(one, attempt, events):
                    outcome.doubled += count
                else:
                    sentences.append(f"delivered {count} times more: {one}")
        sentences += _changed(mail, data[mail.token], system.site)
        if sentences:
            outcome.problems.append(Problem(mail, sentences))
        outcome.messages += 1
        outcome.deliveries += have.total()
        outcome.refused += bool(submission and not submission.accepted)


def _accepted(attempt):
    """Recipients that were, or may have been, accepted."""
    mail, submission = attempt.mail, attempt.submission
    if submission is None:
        return mail.recipients
    if submission.accepted or not attempt.certain:
        return [one for one in mail.recipients
                if one in submission.recipients and submission.recipients[one].accepted]
    return []


def reply_faults(oracles, attempt):
    """Every refusal for good must be one policy's; what was put off or cut short says nothing."""
    submission = attempt.submission
    if submission is None or any(one and one.temporary
                                 for one in (submission.greeting, submission.mail)):
        return []
    settled = {one: reply for one, reply in submission.recipients.items() if not reply.temporary}
    cut_short = submission.data is not None and submission.data.temporary
    mail = dataclasses.replace(attempt.mail, recipients=tuple(
        one for one in attempt.mail.recipients
        if one in settled or not cut_short and one not in submission.recipients))
    end = None if cut_short else submission.data
    several = [wrong_replies(one, mail, dataclasses.replace(submission, recipients=settled, data=end))
               for one in oracles]
    return [] if not all(several) else several[0]


def _excused(delivery, attempt, events):
    """A lost connection or a killed agent after the message was handed over, at the time."""
    if events is None:
        return False
    farm = "" if delivery.farm.startswith(MAILBOX) else delivery.farm
    return any(end >= attempt.began for _begin, end, where in events.interruptions
               if where in ("", farm))


def _changed(mail, copies, site):
    rewritten = bool(site.recipient_canonical or site.sender_canonical)
    found = []
    for copy in copies:
        in_mailbox = copy.deliveries[0].farm.startswith(MAILBOX)
        if copy.is_report or in_mailbox:  # a killed local(8) leaves a part in the file
            found += [f"delivered with {name}" for name in integrity.fields_of_ours(copy.data)]
        else:
            found += integrity.faults(mail, copy.data, False, rewritten)
    return list(dict.fromkeys(found))
