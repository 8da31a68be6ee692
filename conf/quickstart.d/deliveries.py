#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares, for each message of the demonstration, what should have happened with what explain says, what the smart
hosts received and what Postfix logged; prints a table and exits 1 when anything differs.

usage: deliveries.py FOLDER RECIPIENT
FOLDER/sent has a line `queue ID|sender|connector|smart host` for each message.
"""
import json
import pathlib
import re
import subprocess
import sys

folder, recipient = pathlib.Path(sys.argv[1]), sys.argv[2]
log = (folder / "log" / "mail").read_text(encoding="utf-8", errors="replace")
complaints = []


def explained(sender):
    """The connector that sendconnectorctl names."""
    answer = subprocess.run(
        ["sendconnectorctl", "--config", folder / "sendconnector.toml", "--json",
         "explain", "--from", sender, "--to", recipient],
        stdout=subprocess.PIPE, timeout=30, check=False)
    return json.loads(answer.stdout)["connector"] if answer.returncode == 0 else "none"


def receivers(queue_id):
    """Smart hosts that have the message, each with the TLS version it saw."""
    found = []
    for file in sorted((folder / "received").iterdir()):
        for line in file.read_text(encoding="utf-8").splitlines():
            message = json.loads(line)
            if message["queue_id"] == queue_id:
                found.append((file.name, message["tls"]))
    return found


def certificate_state(queue_id):
    """What smtp(8) found about the certificate of the session that carried the message: Verified, Trusted, ..."""
    sent = re.search(rf"(\S+/smtp\[\d+\]): {queue_id}: .*relay=\S+\]:(\d+),.* status=sent", log)
    if not sent:
        return "no delivery in the log"
    state = None
    for found in re.finditer(
            rf"{re.escape(sent[1])}: (\w+) TLS connection established to \S+:{sent[2]}: ", log[:sent.start()]):
        state = found[1]
    return state or "no TLS in the log"


rows = [("From", "Connector", "Received by", "TLS", "Certificate")]
for line in (folder / "sent").read_text(encoding="utf-8").splitlines():
    queue_id, sender, connector, smart_host = line.split("|")
    hosts = receivers(queue_id)
    tls = ", ".join(version or "none" for _, version in hosts)
    row = (sender, explained(sender), ", ".join(name for name, _ in hosts), tls, certificate_state(queue_id))
    rows.append(row)
    if row[1:3] != (connector, smart_host):
        complaints.append(f"{sender}: expected {connector} and {smart_host}")
    if tls not in ("TLSv1.2", "TLSv1.3") or row[4] != "Verified":
        complaints.append(f"{sender}: expected TLS with a verified certificate")

widths = [max(len(row[column]) for row in rows) for column in range(5)]
rows.insert(1, tuple("-" * width for width in widths))
for row in rows:
    print("  " + "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
for complaint in complaints:
    print(complaint, file=sys.stderr)
sys.exit(1 if complaints else 0)
