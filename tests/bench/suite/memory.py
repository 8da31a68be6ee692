# SPDX-License-Identifier: Apache-2.0
"""What a process holds in memory, and how often it woke up, as /proc tells."""

import pathlib
import re
import time


def status(pid):
    """{field: KiB} of /proc/PID/status: VmRSS, VmHWM, RssAnon, ..."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+) kB$", text)}


def unchanged(read, seconds, longest):
    """What `read` returns, once that has been the same for so many seconds, or after the longest time."""
    began = since = time.monotonic()
    value = read()
    while time.monotonic() < min(since + seconds, began + longest):
        time.sleep(0.05)
        before, value = value, read()
        if value != before:
            since = time.monotonic()
    return value


def settled(pid):
    """`status` once nothing has changed for half a second, or after five."""
    unchanged(lambda: status(pid)["VmRSS"], 0.5, 5)
    return status(pid)


def wake_ups(pid):
    """How often its threads, those of now, have waited and been woken since they began."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        total += int(re.search(r"(?m)^voluntary_ctxt_switches:\s+(\d+)", text).group(1))
    return total


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
