# SPDX-License-Identifier: Apache-2.0
"""What the logs say about one message, for whoever looks into a difference."""

import re

_MOST_LINES = 120


def trace(world, mail):
    """Lines of Postfix' and the daemon's log about every queue file that holds the message."""
    lines = world.postfix.log().splitlines()
    found = re.compile(rf"(\w+): message-id=<{re.escape(mail.token)}@")
    names = {match.group(1) for line in lines if (match := found.search(line))}
    if not names:
        return "no queue file"
    # Notifications about it have queue files of their own.
    told = re.compile(rf"(?:{'|'.join(names)}): sender non-delivery notification: (\w+)")
    names |= {match.group(1) for line in lines if (match := told.search(line))}
    about = re.compile(rf"\b(?:{'|'.join(names)})\b")
    lines += world.daemon.log().splitlines()
    return "\n".join([one for one in lines if about.search(one)][:_MOST_LINES])
