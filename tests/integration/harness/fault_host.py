# SPDX-License-Identifier: Apache-2.0
"""The program of tests/fault_host: hundreds of smart hosts, sound and faulty, in one process."""

import dataclasses
import json
import os
import subprocess

from . import ctl, processes


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One smart host, and what must come of mail through it at each TlsAuthLevel."""

    name: str
    kind: str
    next_hop: str
    ca_file: str
    tls_domain: str
    settings: dict
    expected: dict


@dataclasses.dataclass(frozen=True)
class Seen:
    """Something a smart host saw: event is "TLS", "MAIL" or "message"; tls None is plaintext."""

    scenario: str
    event: str
    tls: str | None
    sender: str
    server_name: str


class FaultHost:
    """Runs from construction to `stop`.

    `crowd`: so many smart hosts that are alike, one in twenty dripping or dead
    (their kind is "bad", else "sound"), instead of every scenario.
    """

    def __init__(self, workspace, crowd=None):
        self.address = workspace.network.next_address()
        folder = workspace.folder("faults")
        self._journal = folder / "journal"
        self._log = workspace.logs / "fault_host.log"
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [ctl.program("fault_host"), self.address, str(folder),
                 *([] if crowd is None else [str(crowd)])],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd="/",
                env={name: value for name, value in os.environ.items()
                     if name.endswith("SAN_OPTIONS") or name == "PATH"})
        processes.note(self._process.pid)
        workspace.on_close(self.stop)
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"fault_host ended: {self._log.read_text()}")
        self.scenarios = [self._scenario(entry) for entry in json.loads(line)]

    def _scenario(self, entry):
        port = entry.pop("port")
        return Scenario(next_hop=f"[{self.address}]:{port}", **entry)

    def stop(self):
        """Twice is harmless."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
        self._process.stdout.close()
        if self._process.returncode != 0:
            raise AssertionError(f"fault_host ended with {self._process.returncode}: "
                                 f"{self._log.read_text(encoding='utf-8', errors='replace')}")

    def seen(self, event=None):
        """Everything seen so far, or only events of one kind."""
        lines = self._journal.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [Seen(**json.loads(line)) for line in lines if line.endswith("\n")]
        return [one for one in found if event in (None, one.event)]
