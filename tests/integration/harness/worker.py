# SPDX-License-Identifier: Apache-2.0
"""Runs the named tests in this process and reports each as a line of JSON.

    python3 -m harness.worker REPORT_FD NAME...

Every test, and the set-up of every class, has a hard time limit: SIGALRM
raises in the middle of whatever it waits for.
"""

import json
import os
import signal
import sys
import time
import unittest

_DEFAULT_LIMIT = 60


class TimeLimitExceeded(Exception):
    """A test took longer than its `time_limit`."""


def _on_alarm(_number, _frame):
    raise TimeLimitExceeded("the test exceeded its time limit")


class ReportingResult(unittest.TestResult):
    """Writes {"test", "outcome", "seconds", "text", "logs"} for every test."""

    def __init__(self, report):
        super().__init__()
        self._report = report
        self._began = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, getattr(test, "time_limit", _DEFAULT_LIMIT))

    def stopTest(self, test):
        signal.setitimer(signal.ITIMER_REAL, _DEFAULT_LIMIT)
        super().stopTest(test)

    def addSuccess(self, test):
        self._write(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._write(test, "skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            kept = self.failures if issubclass(err[0], test.failureException) else self.errors
            self._fail(subtest, kept[-1][1])

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._fail(test, "passed, though it was expected to fail")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._write(test, "passed")

    def _fail(self, test, text):
        owner = getattr(test, "test_case", test)
        logs = ""
        if hasattr(owner, "log_tails"):
            try:
                logs = owner.log_tails()
            except Exception as error:  # the failure itself must still be told
                logs = f"(no logs: {error})"
        self._write(test, "failed", text, logs)

    def _write(self, test, outcome, text="", logs=""):
        name = test.id() if hasattr(test, "id") else str(test)
        line = {"test": name, "outcome": outcome, "text": text, "logs": logs,
                "seconds": time.monotonic() - self._began}
        self._report.write(json.dumps(line) + "\n")
        self._report.flush()


def main(arguments):
    report_fd, *names = arguments
    signal.signal(signal.SIGALRM, _on_alarm)
    # Who runs the tests in the background of a shell ignores these, and so would all that they start.
    for one in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(one, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, _DEFAULT_LIMIT)
    with os.fdopen(int(report_fd), "w", encoding="utf-8") as report:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names)
        result = ReportingResult(report)
        suite.run(result)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
