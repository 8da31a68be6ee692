# SPDX-License-Identifier: Apache-2.0
"""How long Postfix waits for a TLS policy: of a smart host not met before, of one that is verified, of a thousand."""

import statistics
import time

from harness.config_file import connector
from harness.crowd import TLS, Crowd
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
        cold, anew = [], []
        for number in range(3 * setting.rounds):
            setting.progress(f"one smart host, cold ({number + 1}/{3 * setting.rounds})")
            world.daemon.stop()
            began = time.monotonic()
            world.daemon.spawn()
            _first_answer(world, host.next_hop)
            cold.append(time.monotonic() - began)
            began = time.monotonic()
            if any(one["state"] != "verified" for one in world.next_hops(refresh=True).values()):
                raise RuntimeError(world.daemon.log()[-2000:])
            anew.append(time.monotonic() - began)
        setting.progress("one smart host, warm")
        keys = world.workspace.write("tls.keys", host.next_hop + "\n")
        server = lookup_servers.Server(str(world.lookup_socket), "tls/c0", str(keys), "found",
                                       world.daemon.pid)
        warm = lookup_servers.ask(setting, server, 10, 1, 1 if setting.quick else 5)
    findings.figures["one smart host"] = {"cold_seconds": statistics.median(cold),
                                          "anew_seconds": statistics.median(anew), "warm": warm}
    findings.tables.append(Table("a policy for one smart host", [("", "{}"), ("", "{:,.3f}")], [
        ["cold, from the daemon's start to the answer, ms at the median", statistics.median(cold) * 1000],
        ["cold, longest ms", max(cold) * 1000],
        ["verified anew while the daemon runs, ms at the median", statistics.median(anew) * 1000],
        ["verified anew, longest ms", max(anew) * 1000],
        ["verified already, ms at the median, 10 clients", warm["p50"] / 1e6],
        ["verified already, 99.9 % ms, 10 clients", warm["p99.9"] / 1e6],
        ["verified already, lookups/s, 10 clients", warm["rate"]]]))


def _first_answer(world, next_hop):
    """Ask until the lookup endpoint is there and has answered."""
    until = time.monotonic() + 30
    while True:
        try:
            answer = world.tls_answer("c0", next_hop)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.001)
    if not answer.startswith("OK"):
        raise RuntimeError(f"{answer}; {world.daemon.log()[-2000:]}")


def _many_hosts(setting, findings):
    count = 40 if setting.quick else 1000
    setting.progress(f"{count} smart hosts, one in twenty dripping or dead")
    with setting.world() as world:
        figures = Crowd(world, count).measure()
    findings.figures["many smart hosts"] = figures
    findings.tables.append(Table(f"{count} connectors with a smart host each, seconds unless said otherwise", [
        ("", "{}"), ("", "{:,.3f}")], [[what, float(value)] for what, value in figures.items()]))
