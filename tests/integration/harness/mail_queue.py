# SPDX-License-Identifier: Apache-2.0
"""Postfix's queue listing and delivery log lines as values."""

import dataclasses
import json
import os
import re
import time


@dataclasses.dataclass(frozen=True)
class QueuedMessage:
    """One line of `postqueue -j`; `reasons` maps recipient to why it waits."""

    queue_name: str
    queue_id: str
    sender: str
    reasons: dict

    @classmethod
    def parse(cls, line):
        entry = json.loads(line)
        sender = entry.get("sender", "")
        return cls(entry["queue_name"], entry["queue_id"],
                   "" if sender == "MAILER-DAEMON" else sender,
                   {one["address"]: one.get("delay_reason", "") for one in entry["recipients"]})

    @property
    def recipients(self):
        return tuple(self.reasons)

    @property
    def reason(self):
        return "; ".join(text for text in self.reasons.values() if text)


@dataclasses.dataclass(frozen=True)
class DeliveryAttempt:
    """One `status=` line of the mail log."""

    agent: str      # syslog name and program, e.g. postfix/contoso/smtp
    queue_id: str
    recipient: str
    relay: str
    dsn: str
    status: str     # sent, deferred, bounced, ...
    reason: str


_ATTEMPT = re.compile(r" (?P<agent>[\w./-]+)\[\d+\]: (?P<queue_id>\w+): to=<(?P<recipient>[^>]*)>,"
                      r".*? relay=(?P<relay>[^,]*),.* dsn=(?P<dsn>[\d.]+), "
                      r"status=(?P<status>\w+) \((?P<reason>.*)\)$")


# What a listing is made of; "defer" holds the reasons.
_LISTED = ("maildrop", "hold", "incoming", "active", "deferred", "defer")
# No clock of a file system is coarser.
_SETTLED_SECONDS = 0.1


def settled_state(queue_directory):
    """Equal to an earlier one: nothing has changed in the queue. None: something did a moment ago."""
    moment_ago = time.time_ns() - int(_SETTLED_SECONDS * 1e9)
    state = {}
    folders = [os.path.join(queue_directory, name) for name in _LISTED]
    try:
        while folders:
            folder = folders.pop()
            state[folder] = os.stat(folder)
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    state[entry.path] = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if any(found.st_mtime_ns > moment_ago for found in state.values()):
        return None
    return {path: (found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns)
            for path, found in state.items()}


def parse_queue(text):
    """Entries of a whole `postqueue -j` listing."""
    return [QueuedMessage.parse(line) for line in text.splitlines() if line.startswith("{")]


def parse_attempts(log):
    """Every delivery attempt that a log text tells of, oldest first."""
    found = (_ATTEMPT.search(line) for line in log.splitlines())
    return [DeliveryAttempt(**match.groupdict()) for match in found if match]
