# SPDX-License-Identifier: Apache-2.0
"""Getting very many senders into the daemon, beside postmap(1) making cdb and lmdb of the same ones."""

import contextlib
import os
import socket
import subprocess
import time

from harness import processes

from . import lookup_servers, memory, senders
from .cpu_time import process_seconds
from .results import Findings, Goal, Table
from .rounds import interleaved, medians

TITLE = "Loading and reloading senders"
START, RELOAD, CDB, LMDB = "sendconnectord, start", "sendconnectord, reload", "postmap cdb", "postmap lmdb"
MIB = 2**20


def run(setting):
    findings = Findings()
    for count in (1_000_000,) if setting.quick else (1_000, 100_000, 1_000_000, 10_000_000):
        with setting.world() as world:
            _measure(setting, world, count, findings)
    findings.remarks.append("everything on one core; start: until the control socket answers")
    if not setting.quick:
        findings.remarks.append("cdb of ten million: not measured; postmap(1) looks for duplicates in a 256th of all "
                                "that it has, which takes minutes")
    return findings


def _measure(setting, world, count, findings):
    setting.progress(f"writing {count:,} senders")
    world.configure(lookup_servers.connectors_with_files(world, count, world.site.next_hop))
    world.start(seconds=600)  # what is not applied is not reloaded
    world.postfix.stop()
    settings = world.workspace.write("maps/main.cf", "compatibility_level = 3.6\n").parent
    table = settings / "senders"
    with open(table, "w", encoding="ascii") as out:
        out.writelines(f"@{one} c0:\n" for one in senders.domains(count))
    contestants = {START: lambda: _start(world), RELOAD: lambda: _reload(world),
                   CDB: lambda: _postmap(settings, table, "cdb"),
                   LMDB: lambda: _postmap(settings, table, "lmdb")}
    if count > 1_000_000:
        del contestants[CDB]
    with _one_core():
        runs = interleaved(contestants, 1 if setting.quick or count > 1_000_000 else setting.rounds,
                           lambda name: setting.progress(f"{count:,} senders: {name}"))
        world.daemon.stop(seconds=60)
    figures = {name: medians(each) for name, each in runs.items()}
    findings.figures[str(count)] = {**figures, "name_octets": senders.octets(count)}
    rows = Table(f"{count:,} senders, {senders.octets(count) / MIB:,.1f} MiB of names", [
        ("", "{}"), ("s", "{:.3f}"), ("CPU s", "{:.2f}"), ("peak MiB", "{:,.1f}"), ("steady MiB", "{:,.1f}"),
        ("on disk MiB", "{:,.1f}")])
    for name, one in figures.items():
        rows.rows.append([name, one["seconds"], one["cpu"], one["peak"] / MIB,
                          one["steady"] / MIB if "steady" in one else None,
                          one["disk"] / MIB if "disk" in one else None])
    findings.tables.append(rows)
    if count == 1_000_000:
        allowed = (48 * MIB + senders.octets(count)) / MIB
        findings.goals += [
            Goal("1 M senders loaded, one core (start)", figures[START]["seconds"], "<=", 1, "{:.2f} s"),
            Goal("1 M senders loaded, one core (reload)", figures[RELOAD]["seconds"], "<=", 1, "{:.2f} s"),
            Goal("resident with 1 M senders, after start", figures[START]["steady"] / MIB, "<=", allowed,
                 "{:.1f} MiB"),
            Goal("resident with 1 M senders, after reload", figures[RELOAD]["steady"] / MIB, "<=", allowed,
                 "{:.1f} MiB")]


@contextlib.contextmanager
def _one_core():
    """What is started meanwhile has one core, and no other."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _start(world):
    world.daemon.stop(seconds=60)
    began = time.monotonic()
    world.daemon.spawn()
    while not _answers(world):
        if not world.daemon.running or time.monotonic() - began > 300:
            raise RuntimeError(f"sendconnectord did not start: {world.daemon.log()[-2000:]}")
        time.sleep(0.001)
    took = time.monotonic() - began
    return _held(world, took, 0)


def _answers(world):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(world.control_socket))
        except OSError:
            return False
    return world.daemon.control({"command": "status"}, seconds=60).get("ok")


def _reload(world):
    before = process_seconds(world.daemon.pid)
    began = time.monotonic()
    answer = world.daemon.control({"command": "reload"}, seconds=300)
    if not answer.get("ok"):
        raise RuntimeError(f"reload: {answer}")
    return _held(world, time.monotonic() - began, before)


def _held(world, took, cpu_before):
    cpu = process_seconds(world.daemon.pid) - cpu_before
    held = memory.settled(world.daemon.pid)  # what is given back later counts as given back
    return {"seconds": took, "cpu": cpu, "peak": held["VmHWM"] * 1024, "steady": held["VmRSS"] * 1024}


def _postmap(settings, table, kind):
    path = table.with_suffix(f".{kind}")
    path.unlink(missing_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(["postmap", "-c", settings, f"{kind}:{table}"], stdin=subprocess.DEVNULL)
    processes.note(process.pid)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"postmap {kind}: ended with {process.returncode}")
    return {"seconds": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * 1024, "disk": path.stat().st_size}
