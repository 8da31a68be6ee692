# SPDX-License-Identifier: Apache-2.0
"""fault_matrix.md: what came of mail to every smart host of the fault matrix.

Made of what was observed, and compared with what is committed. With
SENDCONNECTOR_UPDATE_GOLDEN=1 in the environment the file is written anew, a
section a test class.
"""

import fcntl
import os
import pathlib

FILE = pathlib.Path(__file__).resolve().parent.parent / "fault_matrix.md"
LEVELS = ("opportunistic", "EncryptionOnly", "CertificateValidation", "DomainValidation")

_HEAD = """\
# Fault matrix

Made by `tests/integration/test_fault_matrix.py`; `SENDCONNECTOR_UPDATE_GOLDEN=1` makes it anew.

Every smart host of `tests/fault_host`, sound or faulty, and what became of a message to it at
each TLS rule that a connector can have. A cell reads *the probe's verdict: what Postfix was told,
what Postfix did*; without a verdict, Postfix was told so at once. "queued" is status=deferred: the
message waits. Nothing bounces.
"""


def section(title, rows):
    """Markdown of one class: `rows` are (kind, name, {level: text}), in scenario order."""
    lines = [f"## {title}", ""]
    last = None
    for kind, name, cells in rows:
        if kind != last:
            lines += [] if last is None else [""]
            lines += [f"### {kind}", "", f"| smart host | {' | '.join(LEVELS)} |",
                      "|" + " --- |" * (len(LEVELS) + 1)]
            last = kind
        lines.append(f"| {name} | {' | '.join(cells[level] for level in LEVELS)} |")
    return "\n".join(lines) + "\n"


def committed(title):
    """The section of that title as it is in the file; empty when there is none."""
    return _sections().get(title, "")


def update(title, text, order):
    """Replace one section; `order` are the titles of all."""
    with open(FILE, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sections = {**_sections(), title: text}
        parts = [_HEAD, *(sections[one] for one in order if one in sections)]
        file.truncate(0)
        file.write("\n".join(parts))


def wanted():
    """Whether the caller wants the file written anew."""
    return os.environ.get("SENDCONNECTOR_UPDATE_GOLDEN") == "1"


def _sections():
    found = {}
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    for part in text.split("\n## ")[1:]:
        found[part.partition("\n")[0]] = f"## {part.rstrip()}\n"
    return found
