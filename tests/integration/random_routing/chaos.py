# SPDX-License-Identifier: Apache-2.0
"""One chaotic round: mail flows while everything dies, changes and comes back."""

import collections
import dataclasses
import random
import threading
import time

from . import integrity
from .chaos_policies import draw_policies
from .events import Events
from .explanation import explain
from .fate import Oracle, wrong_replies
from .mail_generator import draw_mail
from .mail_system import MailSystem
from .observation import by_token
from .quiet import wait_until_quiet
from .rounds import Outcome, Problem, setting_text
from .selection import Unspecified
from .site import MAILBOX
from .site_generator import draw_site
from .universe import LATER
from .wavering import WaveringOracle

_SENDERS = 2
_SETTLING_SECONDS = 150


@dataclasses.dataclass
class Attempt:
    """A message handed over, or tried to: `certain` False when nobody knows whether it was."""

    mail: object
    began: float
    submission: object = None
    certain: bool = True


@dataclasses.dataclass(frozen=True)
class ChaosRound:
    """The same seed and number give the same policies, settings and messages, not the same timing."""

    seed: int
    number: int
    seconds: float = 40
    sender_decides: bool = False

    def run(self):
        """Outcome, with `doubled` and `events` set."""
        draw = random.Random(f"chaos/{self.seed}/{self.number}")
        site = draw_site(draw)
        policies = draw_policies(draw, site, self.sender_decides)
        outcome = Outcome(setting="\n== then ==\n".join(
            setting_text(one, site) for one in policies))
        system = MailSystem(draw, site, "chaos")
        try:
            system.start(policies[0])
            attempts, events = self._minute(draw, system, policies, site)
            _settle(system, outcome)
            _judge(system, policies, attempts, events, outcome)
            last = self._last_mail(system, policies[events.current], site)
            outcome.events = dict(sorted(events.counts.items()))
            outcome.problems += last
            if outcome.problems:
                outcome.look_into(system.world)
        except Exception as error:  # told with the seed, like everything else
            outcome.problems.append(Problem(None, [f"{type(error).__name__}: {error}"]))
            outcome.logs = system.world.log_tails()
        finally:
            system.close()
        return outcome

    def _minute(self, draw, system, policies, site):
        """Senders in threads, events in this one; (attempts, Events) when all is up again."""
        requeue = not (site.virtual or site.recipient_canonical or site.always_bcc
                       or site.sender_bcc or site.recipient_bcc)
        events = Events(draw, system, policies, requeue)
        attempts, stop = [], threading.Event()
        threads = [threading.Thread(target=self._send, args=(number, system, policies, site,
                                                             attempts, stop), daemon=True)
                   for number in range(_SENDERS)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self.seconds
        try:
            while time.monotonic() < end:
                events.one()
                time.sleep(draw.random() * 2)
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=90)
        return attempts, events

    def _send(self, number, system, policies, site, attempts, stop):
        ordinal = 0
        while not stop.is_set():
            ordinal += 1
            mail = self._mail(f"{number}.{ordinal}", policies, site)
            attempt = Attempt(mail, time.monotonic())
            try:
                attempt.submission = system.send(mail)
                data = attempt.submission and attempt.submission.data
                # A connection that is lost at the end leaves open what became of the message.
                attempt.certain = not data or not data.text.startswith("connection lost")
            except (OSError, RuntimeError):
                attempt.certain = mail.way == "smtp"  # not reached: surely not accepted
                if attempt.certain:
                    time.sleep(0.2)
                    continue
            attempts.append(attempt)
            time.sleep(0.05)

    def _mail(self, ordinal, policies, site):
        draw = random.Random(f"chaos/{self.seed}/{self.number}/{ordinal}")
        oracles = [Oracle(one, site) for one in policies]
        while True:
            mail = draw_mail(draw, oracles[0], forgeries=not self.sender_decides)
            if any(one.startswith(LATER) for one in mail.recipients):
                continue
            try:
                oracles[1].fate(mail, mail.recipients)
                WaveringOracle(policies, site).possible(mail, mail.recipients)
                return mail
            except Unspecified:
                continue

    def _last_mail(self, system, policy, site):
        """Once it is calm, only the last policy counts. Problems."""
        postfix = system.world.postfix
        postfix.stop()  # qmgr(8) forgets the routes that it asked for
        postfix.start()
        oracle = Oracle(policy, site)
        attempts = []
        for ordinal in range(10):
            mail = self._mail(f"last.{ordinal}", [policy, policy], site)
            attempts.append(Attempt(mail, time.monotonic(), system.send(mail)))
        outcome = Outcome()
        _settle(system, outcome)
        _judge(system, [oracle.policy], attempts, None, outcome)
        return outcome.problems


def _settle(system, outcome):
    """Flush until nothing is left."""
    postfix = system.world.postfix
    end = time.monotonic() + _SETTLING_SECONDS
    while time.monotonic() < end:
        if wait_until_quiet(postfix, 0, seconds=60) and not postfix.queue():
            return
        postfix.flush()
    left = [(one.queue_name, one.sender, one.reasons) for one in postfix.queue()]
    drop = [one.stat() for one in (postfix.queue_directory / "maildrop").iterdir()]
    left += [f"maildrop mode {one.st_mode:o}, {one.st_size} octets" for one in drop]
    outcome.problems.append(Problem(None, [f"still in the queue: {one}" for one in left]))


def _judge(system, policies, attempts, events, outcome):
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
        sentences = _reply_faults(oracles, attempt)
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


def _reply_faults(oracles, attempt):
    """Every refusal for good must be one policy's."""
    submission = attempt.submission
    if submission is None or submission.refusal is not None and submission.refusal.temporary:
        return []
    several = [wrong_replies(one, attempt.mail, submission) for one in oracles]
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
