# SPDX-License-Identifier: Apache-2.0
"""What really happened: at smart hosts, in mailboxes, in the queue."""

import collections
import dataclasses
import email
import email.policy
import re

from .fate import Delivery, Waiting
from .site import MAILBOX

_TOKEN = re.compile(rb"^X-Token: (\S+)", re.MULTILINE)
_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n))From (\S+)  ?[A-Z][a-z]{2} [A-Z][a-z]{2} .*\n")
_FAILED = re.compile(rb"^Final-Recipient: rfc822; ?(\S+)", re.MULTILINE | re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Copy:
    """One message as it arrived somewhere; `deliveries` are its recipients'."""

    token: str | None
    deliveries: tuple
    data: bytes  # CRLF line ends
    is_report: bool
    sender: str | None = None            # as a smart host was told it
    parameters: dict | None = None       # of MAIL, at a smart host
    recipient_parameters: tuple = ()     # (recipient, those of its RCPT)


def farm_of(server):
    """Smart hosts of one farm are named FARM, FARM.2, FARM.3, ..."""
    return server.partition(".")[0]


def at_smart_hosts(hosts):
    """Copies that smart hosts have accepted."""
    copies = []
    for host in hosts:
        for message in host.messages:
            token, abouts = _what(message.data, message.sender)
            deliveries = tuple(
                Delivery(farm_of(message.server), message.session.helo, message.sender.lower(),
                         recipient.lower(), about)
                for recipient in message.recipients for about in abouts)
            copies.append(Copy(token, deliveries, message.data, abouts != [""],
                               message.sender, message.mail_parameters,
                               tuple(zip(message.recipients, message.recipient_parameters))))
    return copies


def in_mailboxes(paths):
    """Copies that local(8) wrote to files."""
    copies = []
    for path in paths:
        content = path.read_bytes()
        starts = list(_SEPARATOR.finditer(content))
        for number, start in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(content)
            data = content[start.end():end].removesuffix(b"\n").replace(b"\n", b"\r\n")
            sender = start.group(1).decode().lower()
            sender = "" if sender == "mailer-daemon" else sender
            token, abouts = _what(data, sender)
            deliveries = tuple(Delivery(MAILBOX + path.name, "", sender, "", about)
                               for about in abouts)
            copies.append(Copy(token, deliveries, data, abouts != [""]))
    return copies


def in_queue(postfix):
    """(token, Waiting) of every recipient that still waits."""
    waiting = []
    for entry in postfix.queue():
        try:
            data = postfix.command("postcat", "-bhq", entry.queue_id).encode()
        except RuntimeError:
            continue  # it has left since
        token, abouts = _what(data.replace(b"\n", b"\r\n"), entry.sender)
        waiting += [(token, Waiting(entry.sender.lower(), recipient.lower(), about))
                    for recipient in entry.recipients for about in abouts]
    return waiting


def _what(data, sender):
    """(token, failed recipients that a notification names; [""] for mail itself)."""
    found = _TOKEN.search(data)
    token = found.group(1).decode().strip() if found else None
    head = data.partition(b"\r\n\r\n")[0]
    kind = email.message_from_bytes(head, policy=email.policy.compat32).get_content_type()
    if sender == "" and kind == "multipart/report":
        failed = [one.decode().lower() for one in _FAILED.findall(data)]
        return token, failed or ["?"]
    return token, [""]


def by_token(copies):
    """{token: Counter of Delivery}."""
    found = collections.defaultdict(collections.Counter)
    for copy in copies:
        found[copy.token].update(copy.deliveries)
    return found
