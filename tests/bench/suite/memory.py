# SPDX-License-Identifier: Apache-2.0
"""What a process holds in memory, and how often it woke up, as /proc tells."""

import pathlib
import re
import time


def status(pid):
    """{field: KiB} of /proc/PID/status: VmRSS, VmHWM, RssAnon, ..."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+) kB$", text)}


def settled(pid, steps=10):
    """`status` once nothing has changed for half a second, or after five."""
    held, same = status(pid), 0
    for _step in range(10 * steps):
        time.sleep(0.05)
        before, held = held, status(pid)
        same = same + 1 if held["VmRSS"] == before["VmRSS"] else 0
        if same == steps:
            break
    return held


def wake_ups(pid):
    """How often its threads, those of now, have waited and been woken since they began."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        total += int(re.search(r"(?m)^voluntary_ctxt_switches:\s+(\d+)", text).group(1))
    return total


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
