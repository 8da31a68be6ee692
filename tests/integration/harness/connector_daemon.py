# SPDX-License-Identifier: Apache-2.0
"""The daemon under test: its process, its log, its control socket."""

import json
import os
import signal
import socket
import subprocess

from . import ctl, processes
from .deadline import wait_until

USER, GROUP = "nobody", "postfix"


class ConnectorDaemon:
    """sendconnectord with one configuration file, logging to a file.

    Runs as an unprivileged user in Postfix's group when the tests run as root,
    as the package runs it.
    """

    def __init__(self, workspace, config_file, control_socket, name="daemon"):
        self._program = ctl.program("sendconnectord")
        self._config_file = config_file
        self._control_socket = control_socket
        self.log_file = workspace.logs / f"{name}.log"
        self._process = None
        self._started = None
        workspace.on_close(self.stop)

    # -- life -------------------------------------------------------------------

    def spawn(self):
        """Start the process without waiting for it to be ready."""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": USER, "group": GROUP, "extra_groups": []}
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                [self._program, "--config", str(self._config_file), "--log", "stderr"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", umask=0o027,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                     **_sanitizer_settings()}, **identity)
        self._started = processes.start_time(self._process.pid)
        processes.note(self._process.pid)
        return self

    def start(self, seconds=20):
        """Start, and wait until the control socket answers."""
        self.spawn()
        wait_until(self._ready, seconds, lambda: f"sendconnectord to be ready; log:\n{self.log()}")
        return self

    def stop(self, seconds=15):
        """SIGTERM and wait; return the exit code. None when it was not running."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.terminate()
        return self.wait_for_end(seconds)

    def wait_for_end(self, seconds=15):
        """Wait for the process to end by itself; return its exit code."""
        try:
            code = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait(timeout=5)
            self._process = None
            raise AssertionError(f"sendconnectord did not end within {seconds} s; "
                                 f"log:\n{self.log()}") from error
        self._process = None
        return code

    def kill(self):
        """SIGKILL, as a crash would end it."""
        self._process.kill()
        self._process.wait(timeout=5)
        self._process = None

    def restart(self):
        self.stop()
        return self.start()

    def hang_up(self):
        """SIGHUP: reload."""
        self._process.send_signal(signal.SIGHUP)

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    # -- control socket -----------------------------------------------------------

    def control(self, request, seconds=20):
        """Send one request object, return the answer object."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds)
            connection.connect(str(self._control_socket))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                block = connection.recv(65536)
                if not block:
                    break
                answer += block
        return json.loads(answer)

    def _ready(self):
        if self._process.poll() is not None:
            raise AssertionError(f"sendconnectord ended with {self._process.returncode} at start; "
                                 f"log:\n{self.log()}")
        try:
            return self.control({"command": "status"}, seconds=5).get("ok")
        except (OSError, ValueError):
            return False

    # -- log ------------------------------------------------------------------------

    def log(self, since=0):
        try:
            with open(self.log_file, "rb") as log:
                log.seek(since)
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def log_mark(self):
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def wait_for_log(self, text, seconds=15, since=0):
        """Wait until the log contains `text` (any letter case); return the line."""
        def look():
            return next((line for line in self.log(since).splitlines()
                         if text.lower() in line.lower()), None)
        return wait_until(look, seconds,
                          lambda: f"{text!r} in the daemon's log:\n{self.log(since)}")


def _sanitizer_settings():
    """Sanitizer options of the caller reach the daemon; nothing else of it does."""
    return {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
