# SPDX-License-Identifier: Apache-2.0
"""Base class of the integration tests: one world a class, log tails on failure."""

import unittest

from .world import World


class WorldCase(unittest.TestCase):
    """Subclasses make their world in `build_world`; it closes after the last test.

    `time_limit` is the number of seconds that one test (or the class set-up)
    may take; `weight` is roughly the seconds the whole class takes, and only
    decides what the runner starts first.
    """

    time_limit = 60
    weight = 10
    world = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.build_world()

    @classmethod
    def build_world(cls):
        """Set `cls.world`; default: none."""

    @classmethod
    def new_world(cls, label, **options):
        """A world that closes with the class; becomes `cls.world`."""
        cls.world = World(label, **options)
        cls.addClassCleanup(cls.world.close)
        return cls.world

    def own_world(self, label, **options):
        """A world for one test; becomes `self.world`."""
        self.world = World(label, **options)
        self.addCleanup(self.world.close)
        return self.world

    def log_tails(self):
        return self.world.log_tails() if self.world else ""
