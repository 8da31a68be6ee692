# SPDX-License-Identifier: Apache-2.0
"""CPU time of everything that was started inside a meter, also of what has ended since.

A control group counts in nanoseconds and loses nobody, however far a process forks
away. Where none can be made, /proc tells: in steps of 10 ms, and without those who
have left the process tree.
"""

import atexit
import contextlib
import itertools
import os
import pathlib

_ROOT = pathlib.Path("/sys/fs/cgroup")
_TICKS = os.sysconf("SC_CLK_TCK")
_numbers = itertools.count(1)


class CpuMeter:
    """`with meter.inside(): start something`; then `seconds()` before and after what is measured."""

    def __init__(self):
        name = f"sendconnector-bench-{os.getpid()}-{next(_numbers)}"
        self._group = None
        self._roots = []
        for parent, members, usage, scale in ((_ROOT / "cpuacct", "tasks", "cpuacct.usage", 1e9),
                                              (_ROOT, "cgroup.procs", "cpu.stat", 1e6)):
            group = parent / name
            try:
                group.mkdir()
            except OSError:
                continue
            if (group / usage).exists() and (group / members).exists():
                self._group, self._members, self._usage, self._scale = group, members, usage, scale
                atexit.register(self._remove)
                return
            group.rmdir()

    @property
    def exact(self):
        return self._group is not None

    @contextlib.contextmanager
    def inside(self):
        """What is started meanwhile, by the one thread that does so, belongs to this meter."""
        if self._group is None:
            yield
            return
        (self._group / self._members).write_text(str(os.getpid()))
        try:
            yield
        finally:
            (self._group.parent / self._members).write_text(str(os.getpid()))

    def note(self, pid):
        """Count this process and its descendants, where /proc has to tell."""
        self._roots.append(pid)

    def seconds(self):
        """User and system time so far; only differences mean something."""
        if self._group is None:
            return _tree_seconds(self._roots)
        text = (self._group / self._usage).read_text()
        if text.startswith("usage_usec"):
            text = text.split()[1]
        return int(text) / self._scale

    def _remove(self):
        """Everything inside has ended; a group with somebody in it stays."""
        with contextlib.suppress(OSError):
            self._group.rmdir()


def process_seconds(pid):
    """User and system time of one process."""
    return _tree_seconds([pid])


def _tree_seconds(roots):
    parents, used = {}, {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            fields = pathlib.Path(entry.path, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        used[int(entry.name)] = sum(int(one) for one in fields[11:15])
    total = 0
    for pid in used:
        ancestor = pid
        while ancestor and ancestor not in roots:
            ancestor = parents.get(ancestor, 0)
        total += used[pid] if ancestor else 0
    return total / _TICKS
