# SPDX-License-Identifier: Apache-2.0
"""Very many connectors, one in twenty with a smart host that drips or is dead.

Figures are seconds unless named otherwise. The bench prints them; a test holds
them against bounds that only something stuck would exceed.
"""

import concurrent.futures
import contextlib
import socket
import statistics
import time

from .config_file import connector
from .deadline import wait_until
from .fault_host import FaultHost

TLS = {"probe_time": "00:00:10", "lookup_wait": "00:00:05"}


class Crowd:
    """`count` connectors that verify a smart host each, in a world not yet started."""

    def __init__(self, world, count):
        self.world = world
        self.host = FaultHost(world.workspace, crowd=count)
        self.members = list(enumerate(self.host.scenarios))
        self.sound = [(n, one) for n, one in self.members if one.kind == "sound"]
        self.bad = [(n, one) for n, one in self.members if one.kind == "bad"]
        world.configure([connector(
            f"c{number}", one.next_hop, senders=[f"c{number}.example"], require_tls=True,
            tls_auth_level="DomainValidation", tls_domain=one.tls_domain, tls_ca_file=one.ca_file,
            connection_inactivity_timeout="00:00:05") for number, one in self.members], tls=TLS)
        self.figures = {"connectors": count, "of these bad": len(self.bad)}

    def measure(self):
        """Everything; returns the figures."""
        with self._timed("first start, apply, enable"):
            self.world.start(seconds=300)
        with self._timed("shutdown while idle or probing"):
            self.world.daemon.stop(seconds=60)
        with self._timed("start until the control socket answers"):
            self.world.daemon.start(seconds=60)
        self._lookups("lookups right after start", self.sound)
        self._verified()
        self._refreshed()
        self._lookups("lookups when verified", self.sound)
        self._lookups("lookups of bad ones", self.bad)
        self._mail()
        with self._timed("reload"):
            self.world.daemon.control({"command": "reload"}, seconds=60)
        with self._timed("shutdown while probing"):
            self.world.daemon.stop(seconds=60)
        return self.figures

    @contextlib.contextmanager
    def _timed(self, what):
        began = time.monotonic()
        yield
        self.figures[what] = time.monotonic() - began

    def _lookups(self, what, members):
        """Transport and TLS answers, eight at a time as busy smtp(8) processes ask."""
        def ask(member):
            number, one = member
            began = time.monotonic()
            self.world.transport_answer(f"a@c{number}.example")
            asked = time.monotonic()
            answer = self.world.tls_answer(f"c{number}", one.next_hop)
            return asked - began, time.monotonic() - asked, answer.startswith("TEMP")

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(ask, members))
        for kind, times in (("transport", [one[0] for one in results]),
                            ("tls", [one[1] for one in results])):
            self.figures[f"{what}: {kind}, median"] = statistics.median(times)
            self.figures[f"{what}: {kind}, longest"] = max(times)
        self.figures[f"{what}: refused (number)"] = sum(one[2] for one in results)

    def _verified(self):
        """Until every sound smart host has been verified."""
        with self._timed("until all sound ones are verified, after that"):
            want = {f"c{number}" for number, _one in self.sound}

            def look():
                return want <= {name for (name, _hop), entry in self.world.next_hops().items()
                                if entry["state"] == "verified"}
            wait_until(look, 120, "all sound smart hosts to be verified", interval=0.2)

    def _refreshed(self):
        """Until every sound smart host has been verified once more."""
        time.sleep(2)  # ages are told in whole seconds
        began = time.monotonic()

        def look():
            fresh = {name for (name, _hop), entry in self.world.next_hops().items()
                     if entry["state"] == "verified"
                     and entry["age_seconds"] < time.monotonic() - began}
            return {f"c{number}" for number, _one in self.sound} <= fresh
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(self.world.control_socket))
            with self._timed("all sound ones verified again (refresh)"):
                # The answer, which nobody waits for, comes when the last bad one has been given up.
                connection.sendall(b'{"command": "tls", "refresh": true}\n')
                wait_until(look, 120, "all sound smart hosts to be verified again", interval=0.1)

    def _mail(self):
        """Mail to bad ones first, then through some sound ones: are those delayed?"""
        for number, _one in self.bad:
            self.world.queue_message(f"a@c{number}.example")
        some = self.sound[:: max(1, len(self.sound) // 40)]
        began = {f"a@c{number}.example": time.monotonic() for number, _one in some
                 if self.world.queue_message(f"a@c{number}.example")}
        with self._timed("mail through sound ones beside mail to bad ones, all"):
            def arrived():
                if set(began) <= {one.sender for one in self.host.seen("message")}:
                    return True
                # On a busy machine a session may be cut off by the short timeouts.
                self.world.postfix.flush()
                return False
            wait_until(arrived, 120, "mail through the sound smart hosts", interval=1)
        self.figures["messages through sound ones (number)"] = len(began)
        leaked = [one for one in self.host.seen("message") if one.tls is None]
        self.figures["messages in plaintext (number)"] = len(leaked)
