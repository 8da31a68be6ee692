# SPDX-License-Identifier: Apache-2.0
"""Which processes the tests started, so that each can be ended by its id.

When SENDCONNECTOR_TEST_PIDS names a file, every process is also noted there
with its start time; the runner ends what a killed test process left behind.
"""

import os
import signal
import time


def start_time(pid):
    """Start time of a process in clock ticks after boot, or None when gone.

    A zombie counts as gone: nothing of it runs any more.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def note(pid, group=False):
    """Record a started process; `group` when it leads a process group of its own."""
    registry = os.environ.get("SENDCONNECTOR_TEST_PIDS")
    started = start_time(pid)
    if registry and started:
        with open(registry, "a", encoding="ascii") as out:
            out.write(f"{pid} {started} {'group' if group else 'single'}\n")


def end(pid, started, group=False, grace=3.0):
    """End a process that is still the one that was noted: TERM, then KILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if start_time(pid) != started:
            return
        _signal(pid, number, group)
        limit = time.monotonic() + grace
        while time.monotonic() < limit and start_time(pid) == started:
            time.sleep(0.02)


def end_noted(registry):
    """End every process of a registry file that still runs; return their ids."""
    ended = []
    try:
        with open(registry, encoding="ascii") as lines:
            entries = [line.split() for line in lines]
    except OSError:
        return ended
    for pid, started, kind in entries:
        if start_time(int(pid)) == started:
            ended.append(int(pid))
            end(int(pid), started, kind == "group")
    return ended


def _signal(pid, number, group):
    try:
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        pass
