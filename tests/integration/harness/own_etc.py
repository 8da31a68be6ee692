# SPDX-License-Identifier: Apache-2.0
"""A /etc of this process's own, so that commands can be run as manuals have them."""

import ctypes
import os
import shutil
import subprocess

_CLONE_NEWNS = 0x00020000


def enter(workspace, folders, files):
    """From here on this thread, and what it starts, sees a copy of /etc.

    `folders` (path below /etc -> folder) and `files` (path below /etc -> file)
    stand in it in place of what the host has there. Wants a process that ends
    with the tests, as those of the runner do; nothing of it shows outside.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace can be made")
    _mount("--make-rprivate", "/")
    copy = workspace.folder("etc", 0o755)
    subprocess.run(["cp", "-a", "/etc/.", copy], check=True, timeout=60, stdin=subprocess.DEVNULL)
    for name in folders:
        shutil.rmtree(copy / name, ignore_errors=True)
        (copy / name).mkdir(parents=True)
    for name, file in files.items():
        (copy / name).unlink(missing_ok=True)
        (copy / name).symlink_to(file)
    _mount("--bind", copy, "/etc")
    for name, folder in folders.items():
        _mount("--bind", folder, os.path.join("/etc", name))


def _mount(*arguments):
    subprocess.run(["mount", *(str(one) for one in arguments)], check=True, timeout=20,
                   stdin=subprocess.DEVNULL)
