# SPDX-License-Identifier: Apache-2.0
"""Random policies, settings and messages against the oracle, for a while.

Every run draws another seed and prints it; SENDCONNECTOR_RANDOM_SEED fixes it and
SENDCONNECTOR_RANDOM_SECONDS says for how long. random_routing/run does this for hours.
"""

import os
import random
import time
import unittest

from random_routing.chaos import ChaosRound
from random_routing.rounds import Outcome, Round


def new_seed():
    """A seed of the environment's or the machine's choice."""
    named = os.environ.get("SENDCONNECTOR_RANDOM_SEED")
    return int(named) if named else random.SystemRandom().randrange(10 ** 9)


class RandomCase(unittest.TestCase):
    """Tells of an outcome, and how to have it again."""

    logs = ""

    def require(self, outcome, command):
        if outcome.problems:
            self.logs = outcome.logs
            self.fail("\n".join([f"random_routing/run {command}", "", outcome.setting,
                                 *map(str, outcome.problems)]))

    def log_tails(self):
        return self.logs


class RandomRouting(RandomCase):
    """Every message goes where the documents say: nothing is lost, doubled, changed or astray."""

    weight = 90
    time_limit = 280
    seconds = float(os.environ.get("SENDCONNECTOR_RANDOM_SECONDS", "45"))

    def test_every_message_goes_where_the_documents_say(self):
        seed = new_seed()
        end = time.monotonic() + self.seconds
        total = Outcome()
        number = 0
        while number == 0 or time.monotonic() < end:
            outcome = Round(seed, number).run()
            total.add(outcome)
            self.require(outcome, f"--seed {seed} --first {number} --rounds 1")
            number += 1
        print(f"random routing: seed {seed}, {number} worlds, {total.messages} messages, "
              f"{total.deliveries} deliveries, {total.waiting} waiting, {total.refused} refused",
              flush=True)


class Chaos(RandomCase):
    """The same while programs die, smart hosts go away and the configuration changes."""

    weight = 75
    time_limit = 280

    def test_nothing_is_lost_and_nothing_goes_a_third_way(self):
        seed = new_seed()
        outcome = ChaosRound(seed, 0, seconds=35).run()
        self.require(outcome, f"--chaos --seed {seed} --rounds 1")
        events = ", ".join(f"{name} {count}" for name, count in outcome.events.items())
        print(f"chaos: seed {seed}, {outcome.messages} messages, {outcome.deliveries} deliveries, "
              f"{outcome.doubled} doubled; {events}", flush=True)
