# SPDX-License-Identifier: Apache-2.0
"""One temporary folder for everything a fixture makes, and its log tails.

The path is short: unix socket addresses end at 108 bytes. It is readable by
all, because Postfix and the daemon run as users of their own.
"""

import os
import pathlib
import shutil
import tempfile

from . import ports

_LONGEST_BASE = 40


class Workspace:
    """A folder, a loopback network, and clean-up in reverse order of creation."""

    def __init__(self, label="t"):
        base = os.environ.get("TMPDIR", "/tmp")
        if len(base) > _LONGEST_BASE or not os.path.isdir(base):
            base = "/tmp"
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"sc-{label[:6]}-", dir=base))
        self.path.chmod(0o755)
        self.network = ports.LoopbackNetwork()
        self.logs = self.folder("log")
        self._cleanups = []

    def folder(self, name, mode=0o755, owner=None, group=None):
        """Create (if need be) and return a folder below the workspace."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if owner is not None or group is not None:
            shutil.chown(path, owner, group)
        return path

    def write(self, name, content, mode=0o644):
        """Write text or bytes to a file below the workspace; return its path."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        path.chmod(mode)
        return path

    def on_close(self, action):
        """Have `action()` called when the workspace closes (last added first)."""
        self._cleanups.append(action)

    def log_tails(self, lines=40):
        """The last lines of every log file, for a failed test's report."""
        parts = []
        for path in sorted(self.logs.glob("*")):
            if not path.exists():
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            tail = text.splitlines()[-lines:]
            parts.append("\n".join([f"--- {path.name} (last {len(tail)} lines)", *tail]))
        return "\n".join(parts)

    def close(self):
        """Run the clean-ups and remove the folder; later failures do not stop it."""
        errors = []
        while self._cleanups:
            try:
                self._cleanups.pop()()
            except Exception as error:  # every clean-up gets its turn
                errors.append(error)
        if not os.environ.get("SENDCONNECTOR_TEST_KEEP"):
            shutil.rmtree(self.path, ignore_errors=True)
        if errors:
            raise errors[0]
