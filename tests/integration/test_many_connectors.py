# SPDX-License-Identifier: Apache-2.0
"""A hundred connectors, one in twenty of them dripping or dead (tests/bench has a thousand)."""

from harness.crowd import Crowd
from harness.test_case import WorldCase


class ManyConnectors(WorldCase):
    """Start, lookups, mail and shutdown are not held up by the bad ones."""

    weight = 60
    time_limit = 200

    @classmethod
    def build_world(cls):
        cls.new_world("crowd")

    def test_bad_ones_delay_nobody(self):
        figures = Crowd(self.world, 100).measure()
        bounds = {"shutdown while idle or probing": 10, "shutdown while probing": 10,
                  "start until the control socket answers": 10, "reload": 10,
                  "lookups right after start: transport, longest": 3,
                  "lookups right after start: tls, longest": 8,
                  "lookups when verified: tls, longest": 3,
                  "lookups of bad ones: tls, longest": 15,
                  "mail through sound ones beside mail to bad ones, all": 40}
        over = {what: figures[what] for what, bound in bounds.items() if figures[what] > bound}
        self.assertEqual(over, {}, figures)
        self.assertEqual(figures["lookups when verified: refused (number)"], 0, figures)
        self.assertEqual(figures["lookups of bad ones: refused (number)"], figures["of these bad"],
                         figures)
        self.assertEqual(figures["messages in plaintext (number)"], 0)
