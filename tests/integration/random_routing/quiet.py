# SPDX-License-Identifier: Apache-2.0
"""Waiting until Postfix has done all it can do for now."""

import time

_MOST_FLUSHES = 3


def wait_until_quiet(postfix, expected_waiting, seconds=120):
    """Wait until only mail that waits is left; return False when the time is over.

    What waits longer than `expected_waiting` recipients is tried again a few times.
    """
    end = time.monotonic() + seconds
    flushes = 0
    calm = 0
    while time.monotonic() < end:
        queue = postfix.queue()
        idle = (all(one.queue_name == "deferred" for one in queue)
                and not postfix.maildrop_count())
        calm = calm + 1 if idle else 0
        waiting = sum(len(one.recipients) for one in queue)
        if calm >= (2 if not queue else 4):
            if waiting <= expected_waiting or flushes == _MOST_FLUSHES:
                return True
            flushes += 1
            calm = 0
            postfix.flush()
        time.sleep(0.1)
    return False
