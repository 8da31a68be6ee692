# SPDX-License-Identifier: Apache-2.0
"""What every part is given: how long to measure, where the programs are, whom to tell of progress."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess
import typing

from harness import processes
from harness.deadline import wait_until
from harness.workspace import Workspace
from harness.world import World


@dataclasses.dataclass(frozen=True)
class Setting:
    """`others` is where the other mail systems were unpacked (see tests/bench/install-dependencies)."""

    build: pathlib.Path
    others: pathlib.Path
    quick: bool
    progress: typing.Callable

    @property
    def rounds(self):
        return 3 if self.quick else 5

    def program(self, name):
        return str(self.build / "bin" / name)

    @contextlib.contextmanager
    def in_folder(self, folder):
        """Worlds and workspaces made meanwhile are below `folder`."""
        before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = str(folder)
        try:
            yield
        finally:
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before

    @contextlib.contextmanager
    def workspace(self):
        made = Workspace("bench")
        try:
            yield made
        finally:
            made.close()

    @contextlib.contextmanager
    def world(self, **options):
        """A private Postfix with sendconnector, not yet started."""
        made = World("bench", **options)
        try:
            yield made
        finally:
            made.close()

    def serve(self, workspace, words, socket, seconds=30, **options):
        """Start a server that makes `socket`, and wait until it has; it ends with the workspace."""
        log = workspace.logs / f"{pathlib.Path(words[0]).name}.log"
        with open(log, "ab") as out:
            process = subprocess.Popen([str(one) for one in words], stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=out, cwd="/", **options)
        processes.note(process.pid)
        workspace.on_close(lambda: _end(process))

        def ready():
            if process.poll() is not None:
                raise RuntimeError(f"{words[0]} ended: {log.read_text(errors='replace')[-2000:]}")
            return os.path.exists(socket)
        wait_until(ready, seconds, f"{words[0]} to serve {socket}")
        return process


def _end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
