# SPDX-License-Identifier: Apache-2.0
"""Mail in and mail out: smtp-source(1) sends, smtp-sink(1) takes, and what is between them is measured."""

import dataclasses
import re
import subprocess
import time

from harness import ports, processes
from harness.deadline import wait_until

SOURCES = 4  # programs that send at a time, each from a sender of its own
SESSIONS = 5  # of each of them
MESSAGE_OCTETS = 4000
_LONGEST = 300  # seconds for one run


class Sink:
    """Takes everything and counts the messages. It ends with the workspace."""

    def __init__(self, workspace):
        self.address = workspace.network.next_address()
        self.port = ports.free_port(self.address)
        self._counter = workspace.path / "sink.count"
        with open(self._counter, "wb") as out:
            self._process = subprocess.Popen(
                ["smtp-sink", "-c", "-u", "nobody", f"{self.address}:{self.port}", "1000"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, cwd="/")
        processes.note(self._process.pid)
        workspace.on_close(self._stop)
        wait_until(lambda: ports.listening(self.address, self.port), 15, "smtp-sink to listen")

    @property
    def next_hop(self):
        return f"[{self.address}]:{self.port}"

    @property
    def messages(self):
        """So many so far."""
        with open(self._counter, "rb") as counter:
            counter.seek(max(0, counter.seek(0, 2) - 200))
            found = re.findall(rb"mesg=(\d+)\r", counter.read())
        return int(found[-1]) if found else 0

    def _stop(self):
        self._process.terminate()
        self._process.wait(timeout=10)


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A way for mail: a mail system that runs, and what a message through it is.

    `idle()` is true when nothing is left in its queue. `copies`: how many messages
    the sink gets for one.
    """

    address: str
    port: int
    meter: object
    idle: object
    senders: tuple
    recipients: int = 1
    copies: int = 1


def fewest(copies=1):
    """Messages that occupy every session, those counted that each becomes."""
    return max(SOURCES, SOURCES * SESSIONS // copies)


def warm_up(count, copies=1):
    """So many messages before a run of `count`: ten a session, fewer before a short run.

    The processes that so many sessions take are there then, and those that serve a number of messages and end
    (max_use) are not all new.
    """
    return max(fewest(copies), min(10 * SOURCES * SESSIONS, count // 3))


def send(contestant, sink, count):
    """Send `count` messages; {"rate": messages a second, "cpu_ms": CPU time of all involved for one}."""
    share = count // SOURCES
    before, cpu = sink.messages, contestant.meter.seconds()
    wanted = before + share * SOURCES * contestant.copies
    began = time.monotonic()
    sources = [_source(contestant, sender, share) for sender in contestant.senders[:SOURCES]]
    try:
        wait_until(lambda: sink.messages >= wanted, _LONGEST,
                   lambda: f"{wanted - before} messages at the sink, have {sink.messages - before}", 0.01)
        took = time.monotonic() - began
    finally:
        for source in sources:
            _end(source)
    wait_until(contestant.idle, 60, "the queue to be empty")
    cpu = contestant.meter.seconds() - cpu
    if sink.messages != wanted:
        raise RuntimeError(f"{sink.messages - before} messages at the sink, not {wanted - before}")
    return {"rate": share * SOURCES / took, "cpu_ms": cpu / (share * SOURCES) * 1000}


def _source(contestant, sender, count):
    # Recipients that differ: else Postfix remembers its last answer about one.
    process = subprocess.Popen(
        ["smtp-source", "-N", "-s", str(SESSIONS), "-m", str(count), "-l", str(MESSAGE_OCTETS), "-f", sender,
         "-r", str(contestant.recipients), "-t", "friend@remote.example", "-M", "client.example",
         f"inet:{contestant.address}:{contestant.port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
    processes.note(process.pid)
    return process


def _end(source):
    try:
        _out, errors = source.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        source.kill()
        _out, errors = source.communicate(timeout=5)
    if source.returncode != 0:
        raise RuntimeError(f"smtp-source: {errors.decode(errors='replace').strip()[-500:]}")
