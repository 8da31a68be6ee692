# SPDX-License-Identifier: Apache-2.0
"""Loopback addresses and ports that tests running side by side do not share.

Every workspace draws a random 127.a.b.0/24 of its own, so a port that is free
there stays free while a server is down, and can be bound again.
"""

import random
import socket


class LoopbackNetwork:
    """Hands out 127.a.b.1, 127.a.b.2, ... of one random network."""

    def __init__(self):
        chooser = random.SystemRandom()
        self.prefix = f"127.{chooser.randint(16, 250)}.{chooser.randint(0, 255)}"
        self._last = 0

    def next_address(self):
        self._last += 1
        if self._last > 250:
            raise RuntimeError("no loopback addresses left in this workspace")
        return f"{self.prefix}.{self._last}"


def free_port(address):
    """A TCP port nobody listens on at `address` right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, 0))
        return probe.getsockname()[1]


def listening(address, port):
    """True when something accepts connections at `address`:`port`."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
