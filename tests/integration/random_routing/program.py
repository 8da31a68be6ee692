# SPDX-License-Identifier: Apache-2.0
"""The programs under test, where an unprivileged daemon may run them."""

import os
import pathlib
import shutil

_PROGRAMS = ("sendconnectord", "sendconnectorctl")


def install(build, folder):
    """Copy the programs of a build folder below `folder`, and have the harness use them."""
    installed = pathlib.Path(folder) / "build" / "bin"
    installed.mkdir(parents=True)
    for name in _PROGRAMS:
        shutil.copy2(pathlib.Path(build) / "bin" / name, installed / name)
    pathlib.Path(folder).chmod(0o755)
    os.environ["SENDCONNECTOR_BUILD"] = str(installed.parent)
