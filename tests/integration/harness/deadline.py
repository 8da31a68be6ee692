# SPDX-License-Identifier: Apache-2.0
"""Bounded waiting: poll a condition until it holds or the time is over."""

import time


class DeadlineExceeded(AssertionError):
    """The awaited condition did not come about in time."""


def wait_until(condition, seconds, what, interval=0.02):
    """Return the first true value of `condition()`.

    `what` completes the sentence "waited N s for ..."; it may be a callable,
    which is asked only on failure. `interval` grows to at most 0.25 s.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            text = what() if callable(what) else what
            raise DeadlineExceeded(f"waited {seconds:g} s for {text}")
        time.sleep(interval)
        interval = min(interval * 1.3, 0.25)


def stays_true(condition, seconds, what, interval=0.1):
    """Fail as soon as `condition()` is false within `seconds`.

    For statements that something does *not* happen: keep `seconds` small and
    provoke the event (flush, restart) first.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            text = what() if callable(what) else what
            raise AssertionError(text)
        time.sleep(interval)
