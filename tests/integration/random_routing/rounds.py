# SPDX-License-Identifier: Apache-2.0
"""One round: a world, a batch of messages, and the comparison."""

import collections
import dataclasses
import random

from harness import config_file

from . import dsn, integrity, spelling
from .comparison import differences
from .fate import Fate, Oracle
from .mail_generator import draw_mail
from .mail_system import MailSystem
from .observation import by_token, in_queue
from .policy_generator import FARMS, draw_policy
from .quiet import wait_until_quiet
from .replies import wrong_replies
from .site import MAILBOX
from .site_generator import draw_site
from .trace import trace

_TRACED = 8


@dataclasses.dataclass
class Problem:
    """One message that went wrong, or (`mail` None) a round that did."""

    mail: object
    sentences: list
    trace: str = ""

    def __str__(self):
        head = self.mail.describe() if self.mail else "the round"
        trace = [f"    | {one}" for one in self.trace.splitlines()]
        return "\n".join([head, *(f"  {one}" for one in self.sentences), *trace])


@dataclasses.dataclass
class Outcome:
    """What a round did. `setting`: policy and site, for whoever reproduces it."""

    messages: int = 0
    deliveries: int = 0
    waiting: int = 0
    refused: int = 0
    doubled: int = 0  # by a lost connection or a killed process, which SMTP cannot avoid
    events: dict = dataclasses.field(default_factory=dict)
    problems: list = dataclasses.field(default_factory=list)
    setting: str = ""
    logs: str = ""

    def look_into(self, world):
        """Add to the first problems what the logs say."""
        self.logs = world.log_tails()
        for problem in self.problems[:_TRACED]:
            if problem.mail:
                problem.trace = trace(world, problem.mail)

    def add(self, other):
        self.messages += other.messages
        self.deliveries += other.deliveries
        self.waiting += other.waiting
        self.refused += other.refused
        self.doubled += other.doubled
        self.problems += other.problems


@dataclasses.dataclass(frozen=True)
class Round:
    """What seed and number stand for: the same values give the same policy, settings, messages."""

    seed: int
    number: int
    messages: int = 60
    sender_decides: bool = False
    only: tuple = ()  # ordinals of the messages to send; empty: all

    def drawn(self):
        """(random.Random, Site, Policy)."""
        draw = random.Random(f"{self.seed}/{self.number}")
        site = draw_site(draw)
        return draw, site, draw_policy(draw, site, self.sender_decides)

    def _mail(self, number, oracle):
        return draw_mail(random.Random(f"{self.seed}/{self.number}/{number}"), oracle,
                         forgeries=not self.sender_decides, label=f"r{number}")

    def run(self, keep_world=None):
        """Outcome. `keep_world(system)` is called before the world closes."""
        draw, site, policy = self.drawn()
        oracle = Oracle(policy, site)
        mails = [one for number in range(self.messages)
                 if (one := self._mail(number, oracle)) and (not self.only or number in self.only)]
        outcome = Outcome(setting=setting_text(policy, site))
        system = MailSystem(draw, site)
        try:
            system.start(policy)
            _exchange(system, oracle, mails, outcome)
            if outcome.problems:
                outcome.look_into(system.world)
            if keep_world:
                keep_world(system)
        except Exception as error:  # told with the seed, like everything else
            outcome.problems.append(Problem(None, [f"{type(error).__name__}: {error}"]))
            outcome.logs = system.world.log_tails()
        finally:
            system.close()
        return outcome


def setting_text(policy, site):
    """Policy and site for a person; farms stand for their smart hosts."""
    farms = {one.farm: [one.farm] for one in policy.connectors}
    return f"{config_file.render(policy.top(), {}, policy.tables(farms))}\n{site}\n"


def _exchange(system, oracle, mails, outcome):
    replies = {}
    for mail in mails:
        replies[mail.token] = system.send(mail)
    expected = {mail.token: expected_fate(oracle, mail, replies[mail.token]) for mail in mails}
    quiet = wait_until_quiet(system.world.postfix,
                             sum(one.waiting.total() for one in expected.values()))
    if not quiet:
        outcome.problems.append(Problem(None, ["the queue did not come to rest"]))
    copies = system.copies()
    waiting = collections.defaultdict(collections.Counter)
    for token, one in in_queue(system.world.postfix):
        waiting[token][one] += 1
    judge(oracle, mails, replies, expected, copies, waiting, outcome, system.splits())


def expected_fate(oracle, mail, submission):
    """Fate after what was answered; nothing may be delivered of what was refused."""
    accepted = taken(mail, submission)
    return oracle.fate(mail, accepted) if accepted else Fate()


def taken(mail, submission):
    """The recipients that were accepted: of sendmail(1), all."""
    if submission is None:
        return mail.recipients
    if not submission.accepted:
        return []
    return [one for one in mail.recipients if submission.recipients[one].accepted]


def judge(oracle, mails, replies, expected, copies, waiting, outcome, splits):
    """Compare, message by message; adds to `outcome`. `splits`: Postfix has a split listener."""
    arrived = by_token(copies)
    faults, own = collections.defaultdict(list), collections.defaultdict(list)
    known = {mail.token: mail for mail in mails}
    rewritten = bool(oracle.site.recipient_canonical or oracle.site.sender_canonical)
    for copy in copies:
        mail = known.get(copy.token)
        # Connectors take them out at delivery; the milter does so where they could be believed.
        forgeries_stay = not oracle.policy.uses_login and copy.deliveries[0].farm not in FARMS
        if mail and not copy.is_report:
            in_mailbox = copy.deliveries[0].farm.startswith(MAILBOX)
            faults[copy.token] += [f"{one} (at {copy.deliveries[0]})" for one in
                                   integrity.faults(mail, copy.data, in_mailbox, rewritten,
                                                    forgeries_stay)]
            faults[copy.token] += dsn.faults(mail, copy, oracle.site)
            own[copy.token].append(copy)
        elif mail and integrity.fields_of_ours(copy.data):
            faults[copy.token].append("a notification has a header field of ours")
    for mail in mails:
        submission = replies[mail.token]
        sentences = wrong_replies(oracle, mail, submission, splits) if submission else []
        sentences += differences(expected[mail.token], arrived[mail.token], waiting[mail.token])
        sentences += dict.fromkeys(faults[mail.token])
        sentences += spelling.faults(mail, own[mail.token], taken(mail, submission), oracle.site)
        if sentences:
            if submission and not submission.accepted:
                sentences.append(f"refused with {submission.refusal}")
            outcome.problems.append(Problem(mail, sentences))
        outcome.messages += 1
        outcome.deliveries += arrived[mail.token].total()
        outcome.waiting += waiting[mail.token].total()
        outcome.refused += bool(submission and not submission.accepted)
    strange = {token for token in (*arrived, *waiting) if token not in known}
    if strange:
        outcome.problems.append(Problem(None, [f"mail that nobody sent: {strange}"]))
