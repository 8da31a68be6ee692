# SPDX-License-Identifier: Apache-2.0
"""Reloading a million senders again and again while lookups are asked for as fast as they are answered."""

import concurrent.futures
import time

from . import lookup_servers
from .results import Findings, Goal, Table

TITLE = "Reload under full load"
CLIENTS = 10


def run(setting):
    count = 1_000_000
    seconds = 5 if setting.quick else 30
    with setting.world() as world:
        setting.progress(f"starting with {count:,} senders")
        world.configure(lookup_servers.connectors_with_files(world, count, world.site.next_hop))
        world.start(seconds=300)
        server = lookup_servers.sendconnector(world, count)
        lookup_servers.ask(setting, server, CLIENTS, 1, 1)
        setting.progress("lookups alone")
        alone = lookup_servers.ask(setting, server, CLIENTS, 1, seconds)
        setting.progress("lookups beside reloads")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asking = pool.submit(lookup_servers.ask, setting, server, CLIENTS, 1, seconds, lenient=True)
            reloads = _reload_until(world, asking)
            beside = asking.result()
    failed = beside["lookups"] - beside["found"]
    findings = Findings(figures={"alone": alone, "beside": beside, "reloads": reloads})
    findings.goals = [Goal(f"failed lookups during {len(reloads)} reloads", failed, "<=", 0, "{:.0f}"),
                      Goal(f"lookups over 5 ms during {len(reloads)} reloads", beside["slow"], "<=", 0, "{:.0f}",
                           f"of {beside['lookups']:,}; without reloads {alone['slow']}")]
    table = Table(f"{CLIENTS} clients, {count:,} senders", [
        ("", "{}"), ("lookups/s", "{:,.0f}"), ("median us", "{:,.0f}"), ("99.9 % us", "{:,.0f}"),
        ("longest us", "{:,.0f}"), ("over 5 ms", "{:.0f}"), ("failed", "{:.0f}")])
    for name, one in (("without reloads", alone), (f"{len(reloads)} reloads one after another", beside)):
        table.rows.append([name, one["rate"], one["p50"] / 1000, one["p99.9"] / 1000, one["max"] / 1000,
                           one["slow"], one["lookups"] - one["found"]])
    findings.tables.append(table)
    if reloads:
        findings.remarks.append(f"a reload took {sorted(reloads)[len(reloads) // 2]:.2f} s at the median meanwhile")
    return findings


def _reload_until(world, asking):
    """Reload, half a second apart, until `asking` is done; how long each took."""
    took = []
    while not asking.done():
        began = time.monotonic()
        answer = world.daemon.control({"command": "reload"}, seconds=120)
        if not answer.get("ok"):
            raise RuntimeError(f"reload: {answer}")
        took.append(time.monotonic() - began)
        time.sleep(0.5)
    return took
