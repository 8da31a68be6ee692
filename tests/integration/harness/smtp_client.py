# SPDX-License-Identifier: Apache-2.0
"""Submit one message by SMTP and keep every reply, refusals included."""

import dataclasses
import re
import smtplib


@dataclasses.dataclass(frozen=True)
class Reply:
    """One SMTP reply: code and text (enhanced status code included)."""

    code: int
    text: str

    @property
    def temporary(self):
        return 400 <= self.code < 500

    @property
    def accepted(self):
        return 200 <= self.code < 400

    def __str__(self):
        return f"{self.code} {self.text}"


@dataclasses.dataclass
class Submission:
    """The replies of one transaction; a stage that was not reached is None."""

    greeting: Reply | None = None
    mail: Reply | None = None
    recipients: dict = dataclasses.field(default_factory=dict)
    data: Reply | None = None

    @property
    def accepted(self):
        return self.data is not None and self.data.accepted

    @property
    def queue_id(self):
        found = re.search(r"queued as (\S+)", self.data.text) if self.data else None
        return found.group(1) if found else None

    @property
    def refusal(self):
        """The first reply that refused something, or None."""
        for reply in [self.greeting, self.mail, *self.recipients.values(), self.data]:
            if reply is not None and not reply.accepted:
                return reply
        return None


def submit(address, port, sender, recipients, data, size=None, helo="client.example",
           timeout=60, login=None, commands=(), parameters=(), recipient_parameters=None,
           chunked=False):
    """Send `data` (bytes) from `sender` ("" is the null sender) to `recipients`.

    `size`: value of the SIZE parameter, None for none. `login`: user name and
    password for AUTH PLAIN, which must succeed. `commands` are said before
    MAIL, whatever they are answered with; `parameters` are further ones of
    MAIL, `recipient_parameters` those of RCPT: a list for all, or a dict by recipient.
    `chunked`: say BDAT, by which a message may end without a line end (RFC 3030).
    Connection errors raise OSError; replies of any kind are returned.
    """
    result = Submission()
    client = smtplib.SMTP(local_hostname=helo, timeout=timeout)
    client.command_encoding = "utf-8"
    try:
        result.greeting = _reply(client.connect(address, port))
        if not result.greeting.accepted:
            return result
        client.ehlo(helo)
        if login:
            client.user, client.password = login
            code, text = client.auth("PLAIN", client.auth_plain)
            if code != 235:
                raise ConnectionError(f"AUTH PLAIN was answered with {code} {text}")
        for command in commands:
            client.docmd(command)
        options = [*parameters, *([] if size is None else [f"SIZE={size}"])]
        result.mail = _reply(client.docmd("MAIL", " ".join([f"FROM:<{sender}>", *options])))
        if not result.mail.accepted:
            return result
        for recipient in recipients:
            own = recipient_parameters or ()
            words = [f"TO:<{recipient}>", *(own.get(recipient, ()) if isinstance(own, dict) else own)]
            result.recipients[recipient] = _reply(client.docmd("RCPT", " ".join(words)))
        if any(reply.accepted for reply in result.recipients.values()):
            if chunked:
                client.send(f"BDAT {len(data)} LAST\r\n".encode() + data)
                result.data = _reply(client.getreply())
                return result
            try:
                result.data = _reply(client.data(data))
            except smtplib.SMTPDataError as error:
                result.data = _reply((error.smtp_code, error.smtp_error))
        return result
    except smtplib.SMTPServerDisconnected as error:
        if result.greeting is None:
            raise ConnectionError(str(error)) from error
        last = Reply(421, f"connection lost: {error}")
        if result.mail is None:
            result.mail = last
        else:
            result.data = result.data or last
        return result
    finally:
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()


def _reply(answer):
    code, text = answer
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return Reply(code, text.replace("\n", " | "))
