# SPDX-License-Identifier: Apache-2.0
"""What a smart host remembers: sessions, and the messages accepted in them."""

import dataclasses
import email
import email.policy


@dataclasses.dataclass
class SmtpSession:
    """One connection to a smart host, as that host saw it."""

    server: str
    peer: str
    helo: str = ""
    helo_verb: str = ""
    tls_version: str | None = None
    tls_cipher: str | None = None
    sni: str | None = None
    certificate_shown: str | None = None  # SHA-256 of the server's own
    tls_error: str | None = None
    client_subject: str | None = None
    client_fingerprint: str | None = None
    auth_user: str | None = None
    auth_mechanism: str | None = None
    auth_in_plaintext: bool = False
    verbs: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class ReceivedMessage:
    """One accepted message, octet for octet. `session` holds HELO, TLS, certificate and login.

    Parameters are those of MAIL, and of each RCPT, by their names in capitals.
    """

    session: SmtpSession
    sender: str
    mail_parameters: dict
    recipients: tuple
    data: bytes
    recipient_parameters: tuple = ()

    @property
    def server(self):
        return self.session.server

    @property
    def headers(self):
        """The message parsed; header access is case-insensitive."""
        return email.message_from_bytes(self.data, policy=email.policy.compat32)

    @property
    def untraced(self):
        """The message without the trace fields at its beginning (RFC 5321, 4.4)."""
        lines = self.data.splitlines(keepends=True)
        trace = False
        for place, line in enumerate(lines):
            if line[:1] not in b" \t":
                trace = line.lower().startswith((b"received:", b"return-path:"))
            if not trace:
                return b"".join(lines[place:])
        return b""

    def __contains__(self, text):
        return text.encode() in self.data
