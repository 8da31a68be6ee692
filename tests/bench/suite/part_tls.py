# SPDX-License-Identifier: Apache-2.0
"""How long Postfix waits for a TLS policy: of a smart host not met before, of one that is verified, of a thousand."""

import statistics
import time

from harness.config_file import connector
from harness.crowd import TLS, Crowd
from harness.deadline import wait_until
from harness.fault_host import FaultHost

from . import lookup_servers
from .results import Findings, Table

TITLE = "Verified TLS"


def run(setting):
    findings = Findings()
    _one_host(setting, findings)
    _many_hosts(setting, findings)
    return findings


def _one_host(setting, findings):
    with setting.world() as world:
        host = FaultHost(world.workspace, crowd=1).scenarios[0]
        world.configure([connector("c0", host.next_hop, senders=["c0.example"], require_tls=True,
                                   tls_auth_level="DomainValidation", tls_domain=host.tls_domain,
                                   tls_ca_file=host.ca_file)], tls=TLS)
        world.start()
        cold = []
        for number in range(3 * setting.rounds):
            setting.progress(f"one smart host, cold ({number + 1}/{3 * setting.rounds})")
            world.daemon.restart()
            began = time.monotonic()
            if world.tls_answer("c0", host.next_hop).startswith("TEMP"):
                raise RuntimeError(world.daemon.log()[-2000:])
            cold.append(time.monotonic() - began)
        wait_until(lambda: all(one["state"] == "verified" for one in world.next_hops().values()), 30,
                   "the smart host to be verified")
        setting.progress("one smart host, warm")
        keys = world.workspace.write("tls.keys", host.next_hop + "\n")
        server = lookup_servers.Server(str(world.lookup_socket), "tls/c0", str(keys), "found",
                                       world.daemon.pid)
        warm = lookup_servers.ask(setting, server, 10, 1, 1 if setting.quick else 5)
    findings.figures["one smart host"] = {"cold_seconds": statistics.median(cold), "warm": warm}
    findings.tables.append(Table("a policy for one smart host, asked for right after the daemon's start and "
                                 "when it is verified", [("", "{}"), ("", "{:,.3f}")], [
        ["cold, ms at the median (the probe may have begun by itself)", statistics.median(cold) * 1000],
        ["cold, longest ms", max(cold) * 1000],
        ["verified, ms at the median, 10 clients", warm["p50"] / 1e6],
        ["verified, 99.9 % ms, 10 clients", warm["p99.9"] / 1e6],
        ["verified, lookups/s, 10 clients", warm["rate"]]]))


def _many_hosts(setting, findings):
    count = 40 if setting.quick else 1000
    setting.progress(f"{count} smart hosts, one in twenty dripping or dead")
    with setting.world() as world:
        figures = Crowd(world, count).measure()
    findings.figures["many smart hosts"] = figures
    findings.tables.append(Table(f"{count} connectors with a smart host each, seconds unless said otherwise", [
        ("", "{}"), ("", "{:,.3f}")], [[what, float(value)] for what, value in figures.items()]))
