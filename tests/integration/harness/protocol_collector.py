# SPDX-License-Identifier: Apache-2.0
"""The collector of the protocol log, as sendconnector-log.socket and .service run it."""

import csv
import datetime
import os
import shutil
import socket
import subprocess

from . import connector_daemon, ctl, processes
from .deadline import wait_until

# postlogd(8)'s socket lets its group in.
_OTHER_GROUPS = ["postdrop"]

FIELDS = ("date-time", "connector-id", "session-id", "sequence-number", "local-endpoint",
          "remote-endpoint", "event", "data", "context")


class ProtocolCollector:
    """`listen` and `start` before apply; `folder` is where it writes."""

    def __init__(self, world):
        self._world = world
        self.folder = world.protocol_logs
        self.socket = world.lookup_socket.with_name("protocol-log")
        self._listener = None
        self._process = None
        world.workspace.on_close(self.close)

    def listen(self):
        """As systemd does: the socket stays when the collector ends."""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listener.bind(str(self.socket))
        shutil.chown(self.socket, connector_daemon.USER, connector_daemon.GROUP)
        self.socket.chmod(0o660)
        return self

    def start(self):
        """On the socket of `listen`, or without that on one of its own."""
        words = [str(ctl.program("sendconnectorctl")), "--config", str(self._world.config_file), "log",
                 "--collect"]
        if self._listener:
            # sd_listen_fds(3): the first descriptor is 3.
            words = ["sh", "-c", 'exec 3<&"$0"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"',
                     str(self._listener.fileno()), *words]
        with open(self._world.workspace.logs / "collector.log", "ab") as log:
            self._process = subprocess.Popen(
                words, pass_fds=[self._listener.fileno()] if self._listener else [],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", umask=0o027,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
                user=connector_daemon.USER, group=connector_daemon.GROUP,
                extra_groups=_OTHER_GROUPS)
        processes.note(self._process.pid)
        wait_until(self.socket.exists, 20, "the collector's socket")
        return self

    def stop(self):
        if self._process is None:
            return
        self._process.terminate()
        try:
            code = self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait(timeout=5)
        self._process = None
        if code != 0:
            raise AssertionError(f"the collector ended with {code}")

    def close(self):
        """Stop it, and listen no longer."""
        self.stop()
        if self._listener:
            self._listener.close()
            self._listener = None
            os.unlink(self.socket)

    # -- what it wrote ----------------------------------------------------------

    @property
    def files(self):
        return sorted(self.folder.glob("SEND*.log"))

    def text(self):
        return "".join(one.read_bytes().decode() for one in self.files)

    def rows(self):
        """Rows as dictionaries, oldest first."""
        lines = [line for line in self.text().split("\r\n") if line and not line.startswith("#")]
        return [dict(zip(FIELDS, row, strict=True)) for row in csv.reader(lines)]

    def conversations(self):
        """Those that have ended, each a list of rows."""
        found = {}
        for row in self.rows():
            found.setdefault(row["session-id"], []).append(row)
        return [rows for rows in found.values() if rows[-1]["event"] == "-"]

    def wait_for_conversation(self, text, seconds=20):
        """The ended conversation with `text` in it."""
        def look():
            return next((rows for rows in self.conversations()
                         if any(text in row["data"] + row["context"] for row in rows)), None)
        return wait_until(look, seconds, lambda: f"{text!r} in a conversation; have:\n{self.text()}")


def time_of(row):
    return datetime.datetime.strptime(row["date-time"], "%Y-%m-%dT%H:%M:%S.%f%z")
