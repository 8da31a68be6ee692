# SPDX-License-Identifier: Apache-2.0
"""One chaotic round: mail flows while everything dies, changes and comes back."""

import dataclasses
import random
import threading
import time

from .chaos_judgement import Attempt, judge
from .chaos_policies import draw_policies
from .events import Events
from .fate import Oracle
from .mail_generator import draw_mail, require_specified
from .mail_system import MailSystem
from .quiet import wait_until_quiet
from .rounds import Outcome, Problem, setting_text
from .selection import Unspecified
from .site_generator import draw_site
from .universe import LATER
from .wavering import WaveringOracle

_SENDERS = 2
_SETTLING_SECONDS = 150


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
        site = _one_target_each(draw_site(draw))
        policies = draw_policies(draw, site, self.sender_decides)
        outcome = Outcome(setting="\n== then ==\n".join(
            setting_text(one, site) for one in policies))
        system = MailSystem(draw, site, "chaos")
        try:
            system.start(policies[0])
            attempts, events = self._minute(draw, system, policies, site)
            _settle(system, outcome, events)
            judge(system, policies, attempts, events, outcome)
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
        events = Events(draw, system, policies)
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
            mail = draw_mail(draw, oracles[0],
                             forgeries=all(one.policy.uses_login for one in oracles))
            if any(one.startswith(LATER) for one in mail.recipients):
                continue
            try:
                require_specified(oracles[1], mail)
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
        judge(system, [oracle.policy], attempts, None, outcome)
        return outcome.problems


def _one_target_each(site):
    """local(8) delivers to all targets of an alias again when one of them has to wait."""
    return dataclasses.replace(site, aliases={
        name: targets for name, targets in site.aliases.items() if len(targets) == 1})


def _settle(system, outcome, events=None):
    """Flush until nothing is left.

    With `events`: mail whose way is fixed to a smart host that its connector has lost is requeued,
    or the connector gets it back for a while, as sendconnectorctl(8) says under requeue.
    """
    postfix = system.world.postfix
    end = time.monotonic() + _SETTLING_SECONDS
    while time.monotonic() < end:
        if wait_until_quiet(postfix, 0, seconds=25) and not postfix.queue():
            return
        if events:
            events.requeue()
            if wait_until_quiet(postfix, 0, seconds=10) and not postfix.queue():
                return
            events.change_policy()
        postfix.flush()
    left = [(one.queue_name, one.sender, one.reasons) for one in postfix.queue()]
    drop = [one.stat() for one in (postfix.queue_directory / "maildrop").iterdir()]
    left += [f"maildrop mode {one.st_mode:o}, {one.st_size} octets" for one in drop]
    outcome.problems.append(Problem(None, [f"still in the queue: {one}" for one in left]))
