# SPDX-License-Identifier: Apache-2.0
"""Random policies, settings and messages against the oracle, for a while.

Every run draws another seed and prints it; SENDCONNECTOR_RANDOM_SEED fixes it and
SENDCONNECTOR_RANDOM_SECONDS says for how long. random_routing/run does this for hours.
"""

import os
import random
import time
import unittest

from random_routing.rounds import Outcome, Round


def new_seed():
    """A seed of the environment's or the machine's choice, printed."""
    named = os.environ.get("SENDCONNECTOR_RANDOM_SEED")
    return int(named) if named else random.SystemRandom().randrange(10 ** 9)


class RandomRouting(unittest.TestCase):
    """Every message goes where the documents say: nothing is lost, doubled, changed or astray."""

    weight = 130
    time_limit = 280
    seconds = float(os.environ.get("SENDCONNECTOR_RANDOM_SECONDS", "100"))
    logs = ""

    def test_every_message_goes_where_the_documents_say(self):
        seed = new_seed()
        end = time.monotonic() + self.seconds
        total = Outcome()
        number = 0
        while number == 0 or time.monotonic() < end:
            outcome = Round(seed, number).run()
            total.add(outcome)
            if outcome.problems:
                self.logs = outcome.logs
                self.fail("\n".join([
                    f"random_routing/run --seed {seed} --first {number} --rounds 1", "",
                    outcome.setting, *map(str, outcome.problems)]))
            number += 1
        print(f"random routing: seed {seed}, {number} worlds, {total.messages} messages, "
              f"{total.deliveries} deliveries, {total.waiting} waiting, {total.refused} refused",
              flush=True)

    def log_tails(self):
        return self.logs
