# SPDX-License-Identifier: Apache-2.0
"""Holds what happened against what must happen."""


def differences(expected, deliveries, waiting):
    """Sentences: what is missing, and what must not be. All counted."""
    found = []
    for wanted, have in ((expected.deliveries, deliveries), (expected.waiting, waiting)):
        found += [f"missing{_times(count)}: {one}" for one, count in sorted((wanted - have).items())]
        found += [f"unwanted{_times(count)}: {one}"
                  for one, count in sorted((have - wanted).items())]
    return found


def _times(count):
    return f" {count} times" if count > 1 else ""
