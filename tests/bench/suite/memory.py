# SPDX-License-Identifier: Apache-2.0
"""What a process holds in memory, and how often it woke up, as /proc tells."""

import pathlib
import re


def status(pid):
    """{field: KiB} of /proc/PID/status: VmRSS, VmHWM, RssAnon, ..."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+) kB$", text)}


def wake_ups(pid):
    """How often its threads, those of now, have waited and been woken since they began."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        total += int(re.search(r"(?m)^voluntary_ctxt_switches:\s+(\d+)", text).group(1))
    return total


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
