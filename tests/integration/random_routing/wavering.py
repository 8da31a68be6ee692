# SPDX-License-Identifier: Apache-2.0
"""What may become of a message that lives under several policies, changed at any moment.

Every decision about it may be any policy's, but each is one of theirs: no third way.
"""

from . import mapping
from .fate import Fate, Oracle, sending_of, told_of


class WaveringOracle(Oracle):
    """Asks one policy after the other, as a script of ordinals says."""

    def __init__(self, policies, site):
        super().__init__(policies[0], site)
        self._oracles = [Oracle(one, site) for one in policies]
        self._script = []
        self._place = 0

    def choice(self, sending, recipient):
        several = list(dict.fromkeys(one.choice(sending, recipient) for one in self._oracles))
        if len(several) == 1:
            return several[0]
        if self._place == len(self._script):
            self._script.append(0)
        taken = self._script[self._place]
        self._place += 1
        return several[taken]

    def possible(self, mail, recipients):
        """For each final recipient the list of Counters of Delivery that may come of it."""
        sending = sending_of(self.site, mail)
        slots = []
        for final in mapping.expand(self.site, recipients, sending.envelope):
            told = told_of(sending, final.copy)
            slots.append((final.address, self._each(told, final.address)))
        return slots

    def _each(self, sending, recipient):
        """Run all scripts: the last ordinal that can still grow grows."""
        found = []
        self._script = []
        while True:
            self._place = 0
            fate = Fate()
            self._send(fate, sending, recipient)
            if fate.waiting:
                raise ValueError("mail that waits for ever has no end to compare")
            if fate.deliveries not in found:
                found.append(fate.deliveries)
            while self._script and self._script[-1] == len(self._oracles) - 1:
                self._script.pop()
            if not self._script:
                return found
            self._script[-1] += 1
