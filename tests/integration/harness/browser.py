# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium that pages are opened in, and asked what became of them.

Spoken to over two pipes, in the protocol of its developer tools.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from . import processes

# Debian's packages of them; the first one is the smaller.
NAMES = ("chromium-headless-shell", "chromium")

_OPTIONS = ("--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
            "--hide-scrollbars", "--host-resolver-rules=MAP * ^NOTFOUND", "about:blank")


def installed():
    """Path of the first browser that is there; None without one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One tab. `events` holds what the browser told of it since the last `open`."""

    def __init__(self, seconds=30):
        self._seconds = seconds
        self._home = tempfile.TemporaryDirectory(prefix="sc-browser-",
                                                 ignore_cleanup_errors=True)
        # Numbers 3 and 4 are what it reads commands from and answers to.
        commands, self._out = os.pipe()
        self._in, answers = os.pipe()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$0" "$@" 3<&{commands} 4>&{answers}', installed(),
             f"--user-data-dir={self._home.name}", *_OPTIONS],
            pass_fds=[commands, answers], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "HOME": self._home.name})
        self._started = processes.start_time(self._process.pid)
        processes.note(self._process.pid, group=True)
        os.close(commands)
        os.close(answers)
        self._rest = b""
        self._number = 0
        self._session = None
        self.events = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    def close(self):
        self._session = None
        self._call("Browser.close")
        os.close(self._out)
        os.close(self._in)
        processes.end(self._process.pid, self._started, group=True)
        self._process.wait()
        self._home.cleanup()

    def open(self, path, width=1280, dark=False):
        """Show a file in a window of this width."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                   deviceScaleFactor=1, mobile=False)
        self._call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self._call("Page.navigate", url=f"file://{path}")
        self._wait_for("Page.loadEventFired")

    def ask(self, expression):
        """What a JavaScript expression gives in the page; a value that JSON can say."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def requested(self):
        """Addresses of everything that was asked for since the last `open`."""
        return [one["params"]["request"]["url"] for one in self.events
                if one["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What the console would show: errors, and what the page's own policy forbade."""
        return [one["params"] for one in self.events
                if one["method"] in ("Log.entryAdded", "Runtime.exceptionThrown",
                                     "Runtime.consoleAPICalled", "Page.javascriptDialogOpening")]

    def picture(self):
        """The whole page as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png",
                                           captureBeyondViewport=True)["data"])

    # -- the protocol -------------------------------------------------------------

    def _call(self, method, **parameters):
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._out, json.dumps(request).encode() + b"\0")
        limit = time.monotonic() + self._seconds
        while True:
            answer = self._next(limit, method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def _wait_for(self, event):
        limit = time.monotonic() + self._seconds
        while not any(one["method"] == event for one in self.events):
            self._next(limit, event)

    def _next(self, limit, what):
        """The next thing it says; events are kept."""
        while b"\0" not in self._rest:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise AssertionError(f"the browser does not answer {what}")
            octets = os.read(self._in, 1 << 16)
            if not octets:
                raise AssertionError(f"the browser ended at {what}")
            self._rest += octets
        line, _nul, self._rest = self._rest.partition(b"\0")
        answer = json.loads(line)
        if "method" in answer:
            self.events.append(answer)
        return answer
