# SPDX-License-Identifier: Apache-2.0
"""One message to submit, as plain values and as octets."""

import dataclasses

SMTP, SENDMAIL = "smtp", "sendmail"
NEVER, SUCCESS = "NEVER", "SUCCESS,FAILURE"  # NOTIFY (RFC 3461)


class Author:
    """What the From fields say when it is no single address."""

    ABSENT = "absent"    # no From field
    SEVERAL = "several"  # more than one author, or none: a group, two fields, two addresses


@dataclasses.dataclass(frozen=True)
class Mail:
    """`from_fields`: values of From fields as written; `author`: the address they name, or Author."""

    token: str
    sender: str
    recipients: tuple
    from_fields: tuple
    author: str
    way: str = SMTP
    login: str | None = None
    body_size: int = 200
    announce_size: bool = False
    forged: tuple = ()  # header fields that only sendconnector may write
    notify: str | None = None  # of all recipients; RET and ENVID come with it
    odd_from: bool = False     # Postfix may write it otherwise where it rewrites headers

    @property
    def fields(self):
        """(name, value) in the order written, the forged ones first."""
        return (*self.forged, *(("From", one) for one in self.from_fields),
                ("To", "The people <list@virtual.example>,\r\n\tann@remote.example"),
                ("Subject", f"  test   {self.token}\r\n  folded subject "),
                ("Message-ID", f"<{self.token}@test.example>"),
                ("Date", "Mon, 02 Nov 2026 12:00:00 +0000"),
                ("X-Token", self.token), ("x-odd-Case", "\tkept as it is  "),
                ("MIME-Version", "1.0"),
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Transfer-Encoding", "8bit"))

    @property
    def body(self):
        start = (f"Hello, {self.token}\r\n\r\n.a line with a dot\r\n..\r\nGrüße, 8 bit\r\n"
                 "trailing blanks  \r\n\t\r\n").encode()
        line = b"x" * 70 + b"\r\n"
        return start + line * (self.body_size // len(line)) + b"\r\nend\r\n\r\n"

    @property
    def data(self):
        head = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        return head.encode() + b"\r\n" + self.body

    @property
    def size(self):
        return len(self.data)

    def describe(self):
        """For a person who reproduces it."""
        return (f"{self.token}: {self.way} MAIL FROM:<{self.sender}> login={self.login} "
                f"From={list(self.from_fields)} size={self.size} "
                f"announced={self.announce_size} notify={self.notify} to {list(self.recipients)}")
