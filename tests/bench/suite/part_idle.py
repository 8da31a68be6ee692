# SPDX-License-Identifier: Apache-2.0
"""The daemon when nobody asks: what it holds and how often it wakes up."""

import time

from . import lookup_servers, memory
from .cpu_time import process_seconds
from .results import Findings, Goal, Table

TITLE = "The daemon idle, ten connectors"


def run(setting):
    seconds = 5 if setting.quick else 30
    with setting.world() as world:
        setting.progress("starting the daemon")
        world.configure(lookup_servers.connectors(100, world.site.next_hop))
        world.start()
        for number in range(100):
            world.transport_answer(f"user@{lookup_servers.senders.domain(number)}")
        setting.progress("waiting until it rests")
        pid = world.daemon.pid
        memory.unchanged(lambda: memory.wake_ups(pid), 2, 40)
        before = memory.wake_ups(pid), process_seconds(pid)
        setting.progress(f"watching it for {seconds} s")
        time.sleep(seconds)
        woken, cpu = memory.wake_ups(pid) - before[0], process_seconds(pid) - before[1]
        held = memory.status(pid)
        threads = memory.threads(pid)
    findings = Findings(figures={"wake_ups": woken, "seconds": seconds, "threads": threads, "cpu_seconds": cpu,
                                 **{f"{name}_kib": held[name] for name in ("VmRSS", "VmHWM", "RssAnon",
                                                                          "RssFile")}})
    findings.goals = [Goal("resident memory", held["VmRSS"] / 1024, "<=", 12, "{:.1f} MiB"),
                      Goal(f"wake-ups in {seconds} s", woken, "<=", 0, "{:.0f}")]
    findings.tables.append(Table("", [("", "{}"), ("", "{:,.1f}")], [
        ["resident, MiB", held["VmRSS"] / 1024], ["of these its own (anonymous)", held["RssAnon"] / 1024],
        ["of these programs and libraries (may be shared)", held["RssFile"] / 1024],
        ["most so far", held["VmHWM"] / 1024], ["threads", float(threads)],
        [f"wake-ups in {seconds} s", float(woken)], [f"CPU ms in {seconds} s", cpu * 1000]]))
    return findings
