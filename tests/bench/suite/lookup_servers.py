# SPDX-License-Identifier: Apache-2.0
"""Socketmap servers that answer from what they hold in memory: ours, Debian's for MTA-STS, and the least possible."""

import dataclasses
import json
import pathlib
import subprocess

from harness.config_file import connector

from . import senders
from .cpu_time import process_seconds

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "programs"
KEYS = 20_000  # asked for, in random order
CONNECTORS = 10


@dataclasses.dataclass(frozen=True)
class Server:
    """`keys` is a file of what is asked of map `name`; `answer`: the figure that counts the right answers."""

    socket: str
    name: str
    keys: str
    answer: str
    pid: int


def ask(setting, server, clients, depth, seconds, lenient=False):
    """One run of the load generator: its figures, and the server's CPU time a lookup in microseconds.

    Other answers than the right one are an error, unless `lenient`.
    """
    before = process_seconds(server.pid)
    done = subprocess.run([setting.program("bench_socketmap_load"), server.socket, server.name, server.keys,
                           str(clients), str(depth), str(seconds)], capture_output=True, text=True,
                          timeout=seconds + 60, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    figures = json.loads(done.stdout)
    if figures[server.answer] != figures["lookups"] and not lenient:
        raise RuntimeError(f"{server.socket} answered otherwise than asked for: {figures}")
    # The uncounted first tenth was work as well.
    figures["server_us"] = (process_seconds(server.pid) - before) / figures["lookups"] * 0.9e6
    return figures


def connectors(count, hop):
    """Ten connectors for `count` sender domains between them, through `hop`."""
    return [connector(f"c{number}", hop, senders=[
        senders.domain(one) for one in range(number, count, CONNECTORS)]) for number in range(CONNECTORS)]


def connectors_with_files(world, count, hop):
    """The same, for many: the senders of each are in a file of their own."""
    made = []
    for number in range(CONNECTORS):
        path = world.workspace.write(f"senders/c{number}", "".join(
            f"{senders.domain(one)}\n" for one in range(number, count, CONNECTORS)))
        made.append(connector(f"c{number}", hop, senders_file=path))
    return made


def minimal(setting, workspace):
    socket = workspace.path / "minimal"
    process = setting.serve(workspace, [setting.program("bench_notfound_server"), socket], socket)
    keys = workspace.write("minimal.keys", "\n".join(senders.addresses(1000, 1000, wanted=KEYS)))
    return Server(str(socket), "transport", str(keys), "not_found", process.pid)


def mta_sts_resolver(setting, workspace, cache):
    """`cache` is "internal" or "sqlite". Raises when Debian's package was not unpacked."""
    package = setting.others / "root/usr/lib/python3/dist-packages"
    if not (package / "postfix_mta_sts_resolver").is_dir():
        raise FileNotFoundError("postfix-mta-sts-resolver was not unpacked")
    socket = workspace.path / f"sts-{cache}"
    options = ("cache_size: 100000" if cache == "internal"
               else f"filename: {workspace.path}/sts-cache.db")
    config = workspace.write(f"sts-{cache}.yml", f"path: {socket}\nmode: 0666\ncache_grace: 86400\n"
                             f"shutdown_timeout: 1\ncache:\n  type: {cache}\n  options:\n    {options}\n")
    names = workspace.write("sts.keys", "\n".join(senders.domains(1000)))
    process = setting.serve(workspace, [PROGRAMS / "mta_sts_cached", package, names, "-c", config, "-v",
                                        "warn"], socket, seconds=60)
    return Server(str(socket), "postfix", str(names), "found", process.pid)


def sendconnector(world, count):
    """Of a started world whose connectors are for `count` domains."""
    keys = world.workspace.write("ours.keys", "\n".join(senders.addresses(count, count, wanted=KEYS)))
    return Server(str(world.lookup_socket), "transport", str(keys), "found", world.daemon.pid)
