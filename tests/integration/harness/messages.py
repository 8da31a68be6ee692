# SPDX-License-Identifier: Apache-2.0
"""Test messages that can be told apart wherever they turn up."""

import itertools
import os

_numbers = itertools.count(1)


def new_token(label="m"):
    """A word that occurs in no other message of any test process."""
    return f"{label}-{os.getpid()}-{next(_numbers)}-z"


def message(token, sender="someone@contoso.example", to="friend@remote.example", headers=(),
            body_size=0):
    """An RFC 5322 message with CRLF lines that carries `token` in a header.

    `headers` are further (name, value) pairs; `body_size` pads the body to at
    least that many bytes.
    """
    lines = [f"From: <{sender}>" if sender else "From: MAILER-DAEMON",
             f"To: <{to}>", f"Subject: test {token}", f"Message-ID: <{token}@test.example>",
             "Date: Mon, 02 Nov 2026 12:00:00 +0000",
             f"X-Token: {token}", *(f"{name}: {value}" for name, value in headers), "",
             "A test message."]
    while body_size > 0:
        lines.append("x" * min(body_size, 70))
        body_size -= 72
    return "\r\n".join(lines).encode() + b"\r\n"


def message_of_size(token, size, **options):
    """A message of exactly `size` bytes, CRLF line ends counted as two."""
    start = message(token, **options)
    missing = size - len(start)
    if missing < 3 and missing != 0:
        raise ValueError(f"a message of {size} bytes is too small for its headers")
    lines = []
    while missing > 0:
        take = min(missing, 70)
        if 0 < missing - take < 3:
            take -= 3
        lines.append(b"x" * (take - 2) + b"\r\n")
        missing -= take
    return start + b"".join(lines)
