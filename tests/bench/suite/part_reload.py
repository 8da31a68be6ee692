# SPDX-License-Identifier: Apache-2.0
"""Reloading a million senders again and again while lookups are asked for as fast as they are answered.

Who asks and who answers fill two cores. Where there are no more, whatever else runs
makes some lookups wait for a core, a reload or not: hence the same load beside a
program that has nothing to do with it and computes as often and as long.
"""

import concurrent.futures
import contextlib
import statistics
import subprocess
import sys
import time

from harness import processes

from . import lookup_servers
from .results import Findings, Goal, Table
from .rounds import interleaved, medians

TITLE = "Reload under full load"
CLIENTS = 10
PAUSE = 0.5  # seconds between two reloads
ALONE, BESIDE_OTHER, BESIDE = "without reloads", "beside another program", "beside reloads"
_COMPUTE = """
import sys, time
busy, pause = map(float, sys.argv[1:])
while True:
    until = time.monotonic() + busy
    while time.monotonic() < until:
        pass
    time.sleep(pause)
"""


def run(setting):
    count = 1_000_000
    seconds = 1 if setting.quick else 4
    reloads = []
    with setting.world() as world:
        setting.progress(f"starting with {count:,} senders")
        world.configure(lookup_servers.connectors_with_files(world, count, world.site.next_hop))
        world.start(seconds=300)
        server = lookup_servers.sendconnector(world, count)

        def ask():
            return lookup_servers.ask(setting, server, CLIENTS, 1, seconds, lenient=True)

        def beside_other():
            with _computing(statistics.median(reloads)):
                return ask()

        def beside_reloads():
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                asking = pool.submit(ask)
                reloads.extend(_reload_until(world, asking))
                return asking.result()

        ask()
        setting.progress("lookups beside reloads, uncounted")
        beside_reloads()
        counted_from = len(reloads)
        runs = interleaved({ALONE: ask, BESIDE_OTHER: beside_other, BESIDE: beside_reloads}, setting.rounds,
                           lambda name: setting.progress(f"lookups {name}"))
    return _findings(runs, reloads[counted_from:], count)


def _findings(runs, reloads, count):
    figures = {name: _together(each) for name, each in runs.items()}
    findings = Findings(figures={**figures, "reloads": reloads})
    beside = figures[BESIDE]
    findings.goals = [
        Goal(f"failed lookups during {len(reloads)} reloads", beside["failed"], "<=", 0, "{:.0f}"),
        Goal(f"lookups over 5 ms during {len(reloads)} reloads", beside["slow"], "<=", 0, "{:.0f}",
             f"of {beside['lookups']:,}; as many runs without: {figures[ALONE]['slow']}, "
             f"beside another program: {figures[BESIDE_OTHER]['slow']}")]
    table = Table(f"{CLIENTS} clients, {count:,} senders", [
        ("", "{}"), ("lookups/s", "{:,.0f}"), ("median us", "{:,.0f}"), ("99.9 % us", "{:,.0f}"),
        ("longest us", "{:,.0f}"), ("lookups", "{:,.0f}"), ("over 5 ms", "{:.0f}"), ("failed", "{:.0f}")])
    for name, one in figures.items():
        table.rows.append([name, one["rate"], one["p50"] / 1000, one["p99.9"] / 1000, one["max"] / 1000,
                           *(float(one[key]) for key in ("lookups", "slow", "failed"))])
    findings.tables.append(table)
    findings.remarks += [
        f"a reload took {statistics.median(reloads):.2f} s at the median, the next began {PAUSE} s later; the other "
        "program computes as often and as long, and shows what waiting for a core alone does",
        "lookups, those over 5 ms and failed ones: of all rounds together"]
    return findings


def _together(runs):
    """Rates and latencies at the median of the rounds; the longest, and numbers, of all of them."""
    return {**medians(runs), "max": max(one["max"] for one in runs),
            **{key: sum(one[key] for one in runs) for key in ("lookups", "slow")},
            "failed": sum(one["lookups"] - one["found"] for one in runs)}


@contextlib.contextmanager
def _computing(seconds):
    process = subprocess.Popen([sys.executable, "-c", _COMPUTE, str(seconds), str(PAUSE)],
                               stdin=subprocess.DEVNULL)
    processes.note(process.pid)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _reload_until(world, asking):
    """Reload, PAUSE apart, until `asking` is done; how long each took."""
    took = []
    while not asking.done():
        began = time.monotonic()
        answer = world.daemon.control({"command": "reload"}, seconds=120)
        if not answer.get("ok"):
            raise RuntimeError(f"reload: {answer}")
        took.append(time.monotonic() - began)
        time.sleep(PAUSE)
    return took
