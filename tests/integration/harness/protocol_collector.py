# SPDX-License-Identifier: Apache-2.0
"""The collector of the protocol log, as sendconnector-log.service runs it."""

import csv
import datetime
import subprocess

from . import connector_daemon, ctl, processes
from .deadline import wait_until

# postlogd(8)'s socket lets its group in.
_OTHER_GROUPS = ["postdrop"]

FIELDS = ("date-time", "connector-id", "session-id", "sequence-number", "local-endpoint",
          "remote-endpoint", "event", "data", "context")


class ProtocolCollector:
    """`start` before apply; `folder` is where it writes."""

    def __init__(self, world):
        self._world = world
        self.folder = world.protocol_logs
        self.socket = world.lookup_socket.with_name("protocol-log")
        self._process = None
        world.workspace.on_close(self.stop)

    def start(self):
        with open(self._world.workspace.logs / "collector.log", "ab") as log:
            self._process = subprocess.Popen(
                [ctl.program("sendconnectorctl"), "--config", str(self._world.config_file), "log",
                 "--collect"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", umask=0o027,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
                user=connector_daemon.USER, group=connector_daemon.GROUP,
                extra_groups=_OTHER_GROUPS)
        processes.note(self._process.pid)
        wait_until(self.socket.exists, 20, "the collector's socket")
        return self

    def start_again(self):
        """Unless it runs."""
        if self._process is None:
            self.start()

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
