# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal of its own (pty), and somebody who reads and types there."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time

from . import processes

CTRL_C = "\x03"
CTRL_D = "\x04"


class Terminal:
    """`command` runs as the foreground job of the terminal: Ctrl-C is a signal to it."""

    def __init__(self, command, kind="dumb", user=None, seconds=40):
        self._seconds = seconds
        self._shown = ""  # all of it, with line feeds alone
        self._seen = 0    # what `expect` has passed
        self._master, slave = pty.openpty()
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": kind}
        environment.pop("NO_COLOR", None)
        self._process = subprocess.Popen(
            [str(one) for one in command], stdin=slave, stdout=slave, stderr=slave, env=environment,
            user=user, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        processes.note(self._process.pid)
        self._slave = slave

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for descriptor in (self._slave, self._master):
            os.close(descriptor)

    @property
    def shown(self):
        return self._shown

    @property
    def echoes(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def _read(self, seconds):
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            self._shown += os.read(self._master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(ready)

    def expect(self, *texts):
        """Wait for the texts, in this order; return what was shown since the last time, with them."""
        end = time.monotonic() + self._seconds
        begin = self._seen
        for text in texts:
            while (at := self._shown.find(text, self._seen)) < 0:
                if time.monotonic() > end or (self._process.poll() is not None and not self._read(0.2)):
                    raise AssertionError(f"{text!r} was not shown; since the last time: "
                                         f"{self._shown[begin:]!r}; ended with {self._process.poll()}")
                self._read(0.2)
            self._seen = at + len(text)
        return self._shown[begin:self._seen]

    def type(self, text):
        """Text, or octets as they are."""
        os.write(self._master, text if isinstance(text, bytes) else text.encode())

    def answer(self, question, text=""):
        """Wait for a question by its first line, and answer it; return what was shown until then."""
        shown = self.expect(f"\n{question}\n", "> ")
        self.type(text + (b"\n" if isinstance(text, bytes) else "\n"))
        return shown

    def signal(self, number):
        """As from kill(1) elsewhere."""
        self._process.send_signal(number)

    def end(self):
        """Wait for the program's end; return its exit code, negative for a signal."""
        end = time.monotonic() + self._seconds
        while self._process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"the program still runs; shown: {self._shown!r}")
            self._read(0.1)
        while self._read(0.1):
            pass
        return self._process.returncode
