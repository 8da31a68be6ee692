# SPDX-License-Identifier: Apache-2.0
"""Holds what happened against what must happen."""

import collections


def differences(expected, deliveries, waiting):
    """Sentences: what is missing, and what must not be. Deliveries are counted."""
    found = []
    # showq(8) tells of an address once, however many recipients became it.
    expected_waiting = collections.Counter(set(expected.waiting))
    waiting = collections.Counter(set(waiting))
    for wanted, have in ((expected.deliveries, deliveries), (expected_waiting, waiting)):
        found += [f"missing{_times(count)}: {one}" for one, count in sorted((wanted - have).items())]
        found += [f"unwanted{_times(count)}: {one}"
                  for one, count in sorted((have - wanted).items())]
    return found


def _times(count):
    return f" {count} times" if count > 1 else ""
