# SPDX-License-Identifier: Apache-2.0
"""Lookups over a unix socket: how many a second, how late, and how they compare."""

import contextlib

from . import lookup_servers
from .results import Findings, Goal, Table
from .rounds import interleaved, median_ratio, medians

TITLE = "Lookups over a unix socket (socketmap)"
OURS, LIMIT = "sendconnectord, 1 k senders", "minimal C server"
STS, STS_SQLITE = "mta-sts-resolver, in memory", "mta-sts-resolver, sqlite"
LATENCIES = (("median", "p50"), ("90 %", "p90"), ("99 %", "p99"), ("99.9 %", "p99.9"), ("longest", "max"))


def shapes(setting):
    """(clients, requests each has on their way)."""
    if setting.quick:
        return [(1, 1), (10, 1), (100, 1), (10, 16)]
    return [(1, 1), (2, 1), (5, 1), (10, 1), (30, 1), (100, 1), (10, 16), (100, 16)]


def run(setting):
    findings = Findings()
    with contextlib.ExitStack() as stack:
        setting.progress("starting the servers")
        servers = _servers(setting, stack, findings)
        for clients, depth in shapes(setting):
            _measure(setting, servers, clients, depth, findings)
    findings.remarks.append("a client waits for each answer, as Postfix does, unless said otherwise; the load "
                            "generator is one thread, whose own work is in every latency")
    return findings


def _servers(setting, stack, findings):
    world = stack.enter_context(setting.world())
    world.configure(lookup_servers.connectors(1000, world.site.next_hop))
    world.start()
    workspace = world.workspace
    servers = {OURS: lookup_servers.sendconnector(world, 1000),
               LIMIT: lookup_servers.minimal(setting, workspace)}
    try:
        servers[STS] = lookup_servers.mta_sts_resolver(setting, workspace, "internal")
        if not setting.quick:
            servers[STS_SQLITE] = lookup_servers.mta_sts_resolver(setting, workspace, "sqlite")
    except (OSError, RuntimeError) as error:
        findings.remarks.append(f"postfix-mta-sts-resolver not measured: {error}")
    return servers


def _measure(setting, servers, clients, depth, findings):
    seconds = 0.3 if setting.quick else 1
    shape = f"{clients} client{'s' if clients > 1 else ''}" + (f", {depth} requests each" if depth > 1 else "")
    runs = interleaved(
        {name: lambda server=server: lookup_servers.ask(setting, server, clients, depth, seconds)
         for name, server in servers.items()}, setting.rounds, lambda name: setting.progress(f"{shape}: {name}"))
    middle = {name: medians(figures) for name, figures in runs.items()}
    findings.figures[shape] = middle
    table = Table(shape, [("", "{}"), ("lookups/s", "{:,.0f}"), ("of minimal", "{:.2f}"),
                          *((f"{heading} us", "{:,.0f}") for heading, _key in LATENCIES),
                          ("server CPU us", "{:.2f}")])
    for name, figures in middle.items():
        table.rows.append([name, figures["rate"], median_ratio(runs[name], runs[LIMIT], "rate"),
                           *(figures[key] / 1000 for _heading, key in LATENCIES), figures["server_us"]])
    findings.tables.append(table)
    if (clients, depth) not in ((1, 1), (10, 1), (100, 1), (10, 16)):
        return
    findings.goals.append(Goal(f"lookups/s of the minimal C server's, {shape}",
                               median_ratio(runs[OURS], runs[LIMIT], "rate"), ">=", 0.7))
    over = {name: median_ratio(runs[name], runs[STS], "rate") for name in (OURS, LIMIT) if STS in runs}
    findings.goals.append(Goal(
        f"lookups/s over postfix-mta-sts-resolver's, {shape}", over.get(OURS), ">=", 5, "{:.1f}x",
        f"the minimal C server: {over[LIMIT]:.1f}x" if over else "see below"))
