# SPDX-License-Identifier: Apache-2.0
"""The programs under test, where an unprivileged daemon may run them."""

import os
import pathlib
import shutil
import time

_PROGRAMS = ("sendconnectord", "sendconnectorctl")


_LINKING_SECONDS = 120


def _wait_until_linked(path):
    """A build that is under way replaces its programs."""
    end = time.monotonic() + _LINKING_SECONDS
    before = None
    while time.monotonic() < end:
        now = path.stat() if path.exists() else None
        if now and now.st_mode & 0o111 and before and now.st_size == before.st_size:
            return
        before = now
        time.sleep(0.5)


def install(build, folder):
    """Copy the programs of a build folder below `folder`, and have the harness use them."""
    installed = pathlib.Path(folder) / "build" / "bin"
    installed.mkdir(parents=True)
    for name in _PROGRAMS:
        _wait_until_linked(pathlib.Path(build) / "bin" / name)
        shutil.copy2(pathlib.Path(build) / "bin" / name, installed / name)
    pathlib.Path(folder).chmod(0o755)
    os.environ["SENDCONNECTOR_BUILD"] = str(installed.parent)
