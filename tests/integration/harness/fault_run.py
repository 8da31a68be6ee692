# SPDX-License-Identifier: Apache-2.0
"""One message to every scenario at every TLS rule, and what became of each."""

import concurrent.futures
import dataclasses
import time

from .config_file import connector
from .deadline import wait_until
from .fault_host import FaultHost
from .fault_table import LEVELS

VERIFIED = ("CertificateValidation", "DomainValidation")
# Short, so that what must fail does so soon. What fails on a busy machine for want of time is
# asked about, and tried, again.
TLS_SETTINGS = {"probe_time": "00:00:04", "lookup_wait": "00:00:20", "failure_lifetime": "00:05:00",
                "revocation_fetch_time": "00:00:02", "revocation_retry": "00:00:05"}
IDLE = "00:00:04"
# What is tried again: what failed for want of time, and what goes on in plaintext only later.
ROUNDS = 4
# smtp(8) goes on without TLS for messages older than the two seconds of minimal_backoff_time.
AGE_FOR_PLAINTEXT = 3


@dataclasses.dataclass
class Cell:
    """One scenario at one level: its connector, its message, and what became of it."""

    scenario: object
    level: str
    slug: str
    domain: str
    token: str = ""
    queue_id: str = ""
    verdict: str = ""       # of the probe: "" where there is none
    reason: str = ""        # the same in full
    answer: str = ""        # to Postfix
    attempts: tuple = ()    # of Postfix
    seen: tuple = ()        # what the smart host saw of this sender

    @property
    def expected(self):
        return self.scenario.expected[self.level]

    @property
    def outcome(self):
        """"TLS", "plaintext", "refused REASON" or "queued"."""
        messages = [one for one in self.seen if one.event == "message"]
        if messages:
            return "TLS" if all(one.tls for one in messages) else "plaintext"
        return f"refused {self.reason}" if self.answer.startswith("TEMP") else "queued"

    @property
    def as_expected(self):
        return any(self._is(alternative) for alternative in _alternatives(self.expected))

    def _is(self, alternative):
        if alternative == "delivered":
            return self.outcome in ("TLS", "plaintext")
        head, _, reason = alternative.partition(" ")
        return self.outcome.startswith(head) and reason.lower() in self.outcome.lower()

    @property
    def text(self):
        """For the table."""
        refused = self.answer.startswith("TEMP")
        told = " ".join(self.answer.split()[:2]) if refused else self.answer.split()[1]
        did = self.outcome
        if did not in ("TLS", "plaintext"):
            did = f"queued {self.attempts[-1].dsn}" if refused else "queued"
        # Where releases of Postfix and OpenSSL differ, the table says what may be.
        alternatives = [one for one in _alternatives(self.expected) if " " not in one]
        if len(alternatives) > 1 or alternatives == ["delivered"]:
            did = " or ".join(alternatives).replace("delivered", "TLS or plaintext")
        verdict = f"{self.verdict}: " if self.verdict else ""
        return f"{verdict}{told}, {did}"

    def __str__(self):
        return (f"{self.scenario.kind} / {self.scenario.name} / {self.level}: expected "
                f"{self.expected!r}, was {self.outcome!r}; answer {self.answer!r}; "
                f"{[(one.status, one.dsn, one.reason) for one in self.attempts]}")


class FaultRun:
    """The scenarios whose kind begins with one of `kinds`, in a world of their own."""

    def __init__(self, world, kinds):
        self.world = world
        self.host = FaultHost(world.workspace)
        scenarios = [one for one in self.host.scenarios if one.kind.startswith(tuple(kinds))]
        self.cells = [Cell(scenario, level, f"{level[:1].lower()}{number}",
                           f"{level[:1].lower()}{number}.example")
                      for number, scenario in enumerate(scenarios) for level in LEVELS]

    def play(self, seconds):
        """Everything, within about so many seconds."""
        end = time.monotonic() + seconds
        self.world.configure([_connector(cell) for cell in self.cells], tls=TLS_SETTINGS)
        self.world.start(seconds=seconds)
        for cell in self.cells:
            cell.token, cell.queue_id = self.world.queue_message(f"a@{cell.domain}")
        wait_until(self._all_tried, max(5.0, end - time.monotonic()), self._untried, interval=0.5)
        self._look()
        for _round in range(ROUNDS):
            wrong = [cell for cell in self.cells if not cell.as_expected]
            if not wrong or time.monotonic() > end:
                break
            self._try_again(wrong)
        return self

    def _try_again(self, cells):
        time.sleep(AGE_FOR_PLAINTEXT)
        for cell in cells:
            if cell.level in VERIFIED:
                self.world.next_hops(refresh=True, connector=cell.slug)
            if cell.outcome not in ("TLS", "plaintext"):
                self.world.postfix.command("postqueue", "-i", cell.queue_id, check=False)
        before = {cell.slug: len(cell.attempts) for cell in cells}

        def tried():
            self._read_attempts()
            return all(len(cell.attempts) > before[cell.slug] or cell.outcome == "TLS"
                       for cell in cells)
        try:
            wait_until(tried, 20, "another attempt", interval=0.5)
        except AssertionError:
            pass  # The assertions about the cells tell more.
        self._look()

    def _all_tried(self):
        self._read_attempts()
        return all(cell.attempts for cell in self.cells)

    def _untried(self):
        untried = [str(cell) for cell in self.cells if not cell.attempts]
        return f"an attempt at {len(untried)} cells, the first being {untried[:3]}"

    def _read_attempts(self):
        by_id = {}
        for one in self.world.postfix.attempts():
            by_id.setdefault(one.queue_id, []).append(one)
        for cell in self.cells:
            cell.attempts = tuple(by_id.get(cell.queue_id, ()))

    def _look(self):
        """Ask for verdicts and answers, and read what the smart hosts saw."""
        with concurrent.futures.ThreadPoolExecutor(48) as pool:
            answers = pool.map(
                lambda cell: self.world.tls_answer(cell.slug, cell.scenario.next_hop), self.cells)
            for cell, answer in zip(self.cells, answers):
                cell.answer = answer
        held = self.world.next_hops()
        for cell in self.cells:
            entry = held.get((cell.slug, cell.scenario.next_hop))
            cell.reason = (entry or {}).get("reason") or cell.answer
            cell.verdict = "" if cell.level not in VERIFIED else _verdict(entry, cell)
        by_sender = {}
        for one in self.host.seen():
            by_sender.setdefault(one.sender, []).append(one)
        for cell in self.cells:
            cell.seen = tuple(by_sender.get(f"a@{cell.domain}", ()))


def _connector(cell):
    rules = {"connection_inactivity_timeout": IDLE, "senders": [cell.domain]}
    if cell.level != "opportunistic":
        rules |= {"require_tls": True, "tls_auth_level": cell.level}
    if cell.level in VERIFIED:
        rules |= {"tls_ca_file": cell.scenario.ca_file, **cell.scenario.settings}
    if cell.level == "DomainValidation":
        rules["tls_domain"] = cell.scenario.tls_domain
    return connector(cell.slug, cell.scenario.next_hop, **rules)


def _verdict(entry, cell):
    if entry is None:
        return "no verdict"
    if entry["state"] == "verified":
        return "accepted"
    return entry["reason"].partition(":")[0].strip() or f"{entry['state']} {cell.answer}"


def _alternatives(expected):
    """"refused A or B" is refused for A, or for B."""
    heads = ("TLS", "plaintext", "delivered", "queued", "refused")
    found = []
    for part in expected.split(" or "):
        if part.split(" ")[0] not in heads:
            part = f"{found[-1].split(' ')[0]} {part}"
        found.append(part)
    return found
