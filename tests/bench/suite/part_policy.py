# SPDX-License-Identifier: Apache-2.0
"""Decisions in-process, by the number of senders: Google Benchmark, repetitions of all in random order."""

import json
import subprocess

from .results import Findings, Goal, Table

TITLE = "Decisions in-process"
COUNTS = (10, 1_000, 100_000, 1_000_000, 10_000_000)
KINDS = (("hit", "known senders"), ("miss", "unknown senders"), ("deep", "six labels below a known one"))


def run(setting):
    counts = COUNTS[:-1] if setting.quick else COUNTS
    setting.progress(f"up to {counts[-1]:,} senders, {setting.rounds} repetitions")
    done = subprocess.run(
        [setting.program("bench_policy"), ",".join(str(one) for one in counts), "--benchmark_format=json",
         f"--benchmark_repetitions={setting.rounds}", "--benchmark_enable_random_interleaving=true",
         f"--benchmark_min_time={0.05 if setting.quick else 0.3}"],
        capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"bench_policy ended with {done.returncode}: {done.stderr[-1000:]}")
    return _findings(json.loads(done.stdout), counts)


def _findings(report, counts):
    medians = {}
    for entry in report["benchmarks"]:
        if entry.get("aggregate_name") == "median":
            question, kind, count = entry["run_name"].split("/")
            medians[question, kind, int(count)] = entry
    findings = Findings(figures={"/".join(map(str, key)): {
        "nanoseconds": entry["cpu_time"], "cache_misses": entry.get("cache_misses")}
        for key, entry in medians.items()})
    counts_misses = any("cache_misses" in entry for entry in medians.values())
    for question, title in (("lookup", "an address taken apart and looked up, as the lookup endpoint does it, ns"),
                            ("decide", "a decision for one recipient, as the milter does it, ns")):
        findings.tables.append(_table(title, medians, question, "cpu_time", counts, "{:,.0f}"))
        if counts_misses:
            findings.tables.append(_table(f"cache misses of a {question}", medians, question, "cache_misses",
                                          counts, "{:.1f}"))
    if not counts_misses:
        findings.remarks.append("cache misses: this machine has no counters for them")
    one_read = next((entry["cpu_time"] for key, entry in medians.items() if key[0] == "memory"), None)
    if one_read:
        findings.remarks.append(f"one read that no cache answers, of 64 MiB: {one_read:.0f} ns here; a lookup among a "
                                "million waits for one at least")

    def time(kind, count):
        entry = medians.get(("lookup", kind, count))
        return entry and entry["cpu_time"]

    for kind, what in KINDS:
        million, thousand = time(kind, 1_000_000), time(kind, 1_000)
        findings.goals += [
            Goal(f"lookup among 1 M senders, {what}", million, "<=", 300, "{:.0f} ns",
                 f"one read from memory takes {one_read:.0f} ns here" if one_read else ""),
            Goal(f"lookup among 1 M over 1 k senders, {what}",
                 million / thousand if million and thousand else None, "<=", 2)]
    return findings


def _table(title, medians, question, figure, counts, form):
    table = Table(title, [("", "{}"), *((f"{count:,}", form) for count in counts)])
    for kind, what in KINDS:
        table.rows.append([what, *((medians.get((question, kind, count)) or {}).get(figure)
                                   for count in counts)])
    return table
