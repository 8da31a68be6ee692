# SPDX-License-Identifier: Apache-2.0
"""What the figures were measured on, and with which versions."""

import os
import pathlib
import platform
import re
import subprocess

_PACKAGES = ("postfix", "postfix-lmdb", "postfix-cdb", "libmilter1.0.1", "libbenchmark-dev", "g++")
_TMPFS = pathlib.Path("/dev/shm")


def facts(others):
    """{what: text}, in the order in which they are shown. `others`: where packages were unpacked."""
    cpu = re.search(r"(?m)^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    found = {
        "processor": f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "?"),
        "load": " ".join(f"{one:.1f}" for one in os.getloadavg()) + " when the suite began",
        "disk": f"{filesystem(disk_folder())} at {disk_folder()}",
        "versions": ", ".join(f"{name} {version}" for name, version in
                              {**installed(_PACKAGES), **unpacked(others)}.items()),
    }
    revision = subprocess.run(["git", "-C", pathlib.Path(__file__).parent, "describe", "--always",
                               "--dirty"], capture_output=True, text=True, check=False)
    if revision.returncode == 0:
        found["sendconnector"] = revision.stdout.strip()
    return found


def installed(packages):
    """{package: version} of those that are installed."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages],
                          capture_output=True, text=True, check=False)
    return dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)


def unpacked(others):
    """{package: version} of what tests/bench/install-dependencies unpacked."""
    try:
        return dict(line.split() for line in (others / "versions").read_text().splitlines())
    except OSError:
        return {}


def filesystem(path):
    """Type of the file system that `path` is on."""
    best = ("", "?")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        mount, kind = line.split()[1:3]
        inside = str(path) == mount or str(path).startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]


def tmpfs_folder():
    """A folder in memory, or None."""
    return _TMPFS if filesystem(_TMPFS) == "tmpfs" else None


def disk_folder():
    """A folder whose file system outlives a crash, or None."""
    return next((pathlib.Path(one) for one in ("/var/tmp", "/tmp", "/var/lib")
                 if filesystem(one) not in ("tmpfs", "ramfs")), None)


def has_perf_counters():
    """Whether this machine counts cache misses."""
    return any(pathlib.Path("/sys/bus/event_source/devices").glob("cpu*"))
