# SPDX-License-Identifier: Apache-2.0
"""The receiving side of one SMTP connection (RFC 5321, 3207, 4954).

Speaks to one client over one socket until it quits, misbehaves or falls
silent. What it offers and how it answers is a `Behaviour`.
"""

import base64
import binascii
import dataclasses
import hashlib
import ssl

from .received_mail import ReceivedMessage

_LONGEST_LINE = 8192
_LARGEST_MESSAGE = 200 * 1024 * 1024


@dataclasses.dataclass
class Behaviour:
    """What a smart host offers and demands; may be changed between sessions."""

    hostname: str = "smart.example"
    extensions: tuple = ("PIPELINING", "8BITMIME", "DSN", "SIZE", "ENHANCEDSTATUSCODES",
                         "SMTPUTF8")
    certificate: object = None          # ca.Certificate; None = STARTTLS is not offered
    offer_starttls: bool = True
    starttls_reply: str | None = None   # e.g. "554 5.7.3 no": refuse the command
    ehlo: bool = True                   # False: knows HELO only
    credentials: dict = dataclasses.field(default_factory=dict)  # user -> password
    auth_mechanisms: tuple = ("PLAIN", "LOGIN")
    offer_auth_in_plaintext: bool = True
    require_auth: bool = False
    client_ca: object = None            # path: ask for client certificates of this CA
    require_client_certificate: bool = False
    tls_minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    tls_maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    recipient_replies: dict = dataclasses.field(default_factory=dict)  # address -> reply
    mail_reply: str | None = None       # answer to every MAIL, e.g. "451 4.3.0 later"
    data_reply: str | None = None       # answer after the final dot, instead of 250
    greeting: str | None = None         # whole greeting line instead of 220
    auth_reply: str | None = None       # answer to every AUTH, e.g. "454 4.7.0 later"
    silent_at: str = ""                 # from this command on nothing is answered, e.g. "RCPT"


class ClientGone(Exception):
    """The client closed the connection or exceeded a bound."""


class SmtpDialogue:
    """Serves one client; hands accepted messages to `deliver(message)`."""

    def __init__(self, connection, behaviour, session, deliver):
        self._connection = connection
        self._behaviour = behaviour
        self._session = session
        self._deliver = deliver
        self._buffer = b""
        self._greeted = False
        self._reset()

    def run(self):
        """Serve until QUIT. Raises OSError or ClientGone when the client is gone."""
        greeting = self._behaviour.greeting or f"220 {self._behaviour.hostname} ESMTP"
        self._send(greeting)
        if not greeting.startswith("2"):
            return
        while True:
            line = self._line().decode("utf-8", "replace")
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            self._session.verbs.append(verb)
            if verb == "QUIT":
                self._send("221 2.0.0 bye")
                return
            if verb == self._behaviour.silent_at:
                while True:
                    self._line()  # until the client gives up
            handler = getattr(self, f"_on_{verb.lower()}", None)
            if verb.isalpha() and handler:
                handler(argument.strip())
            else:
                self._send("502 5.5.2 unknown command")

    def close(self):
        """Close the socket, which is another one after STARTTLS."""
        try:
            self._connection.close()
        except OSError:
            pass

    # -- commands ---------------------------------------------------------

    def _on_helo(self, argument):
        self._session.helo, self._session.helo_verb = argument, "HELO"
        self._greeted = True
        self._send(f"250 {self._behaviour.hostname}")

    def _on_ehlo(self, argument):
        if not self._behaviour.ehlo:
            self._send("502 5.5.1 EHLO is not served here")
            return
        self._session.helo, self._session.helo_verb = argument, "EHLO"
        self._greeted = True
        lines = [self._behaviour.hostname, *self._behaviour.extensions]
        in_tls = self._session.tls_version is not None
        offered = self._behaviour.certificate is not None or self._behaviour.starttls_reply
        if offered and self._behaviour.offer_starttls and not in_tls:
            lines.append("STARTTLS")
        if self._behaviour.credentials and (in_tls or self._behaviour.offer_auth_in_plaintext):
            lines.append("AUTH " + " ".join(self._behaviour.auth_mechanisms))
        *first, last = lines
        self._send("".join(f"250-{one}\r\n" for one in first) + f"250 {last}")

    def _on_starttls(self, _argument):
        if self._behaviour.starttls_reply:
            self._send(self._behaviour.starttls_reply)
            return
        if self._behaviour.certificate is None or self._session.tls_version:
            self._send("503 5.5.1 no TLS here")
            return
        context = self._tls_context()
        self._send("220 2.0.0 go ahead")
        self._buffer = b""
        try:
            self._connection = context.wrap_socket(self._connection, server_side=True)
        except (ssl.SSLError, OSError) as error:
            self._session.tls_error = str(error)
            raise ClientGone(str(error)) from error
        self._note_tls()
        self._greeted = False
        self._reset()

    def _on_auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        mechanism = mechanism.upper()
        if self._behaviour.auth_reply:
            self._send(self._behaviour.auth_reply)
            return
        if mechanism not in self._behaviour.auth_mechanisms:
            self._send("504 5.5.4 no such mechanism")
            return
        self._session.auth_in_plaintext = self._session.tls_version is None
        try:
            if mechanism == "PLAIN":
                answer = initial or self._challenge(b"")
                _, user, password = base64.b64decode(answer).decode().split("\0")
            else:
                first = initial or self._challenge(b"Username:")
                user = base64.b64decode(first).decode()
                password = base64.b64decode(self._challenge(b"Password:")).decode()
        except (binascii.Error, ValueError):
            self._send("501 5.5.2 cannot decode that")
            return
        if self._behaviour.credentials.get(user) != password:
            self._send("535 5.7.8 wrong credentials")
            return
        self._session.auth_user, self._session.auth_mechanism = user, mechanism
        self._send("235 2.7.0 welcome")

    def _on_mail(self, argument):
        address, parameters = _path("FROM:", argument)
        if address is None:
            self._send("501 5.5.4 syntax: MAIL FROM:<address>")
        elif not self._greeted:
            self._send("503 5.5.1 greet first")
        elif self._behaviour.require_auth and not self._session.auth_user:
            self._send("530 5.7.0 authentication required")
        elif self._behaviour.mail_reply:
            self._send(self._behaviour.mail_reply)
        else:
            self._reset()
            self._sender, self._parameters = address, parameters
            self._send("250 2.1.0 sender ok")

    def _on_rcpt(self, argument):
        address, parameters = _path("TO:", argument)
        if address is None or self._sender is None:
            self._send("503 5.5.1 MAIL first")
            return
        reply = self._behaviour.recipient_replies.get(address, "250 2.1.5 recipient ok")
        if reply.startswith("2"):
            self._recipients.append(address)
            self._recipient_parameters.append(parameters)
        self._send(reply)

    def _on_data(self, _argument):
        if not self._recipients:
            self._send("554 5.5.1 no valid recipients")
            return
        self._send("354 go ahead")
        lines, size = [], 0
        while (line := self._raw_line(_LARGEST_MESSAGE)) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
            size += len(line)
            if size > _LARGEST_MESSAGE:
                raise ClientGone("message too large for this server")
        reply = self._behaviour.data_reply or "250 2.0.0 accepted"
        if reply.startswith("2"):
            message = ReceivedMessage(self._session, self._sender, self._parameters,
                                      tuple(self._recipients), b"".join(lines),
                                      tuple(self._recipient_parameters))
            reply = self._deliver(message) or reply
        self._send(reply)
        self._reset()

    def _on_rset(self, _argument):
        self._reset()
        self._send("250 2.0.0 ok")

    def _on_noop(self, _argument):
        self._send("250 2.0.0 ok")

    # -- pieces -----------------------------------------------------------

    def _reset(self):
        self._sender, self._parameters = None, {}
        self._recipients, self._recipient_parameters = [], []

    def _challenge(self, text):
        self._send("334 " + base64.b64encode(text).decode())
        return self._line()

    def _send(self, text):
        self._connection.sendall(text.encode() + b"\r\n")

    def _line(self, bound=_LONGEST_LINE):
        return self._raw_line(bound).removesuffix(b"\n").removesuffix(b"\r")

    def _raw_line(self, bound):
        while b"\n" not in self._buffer:
            if len(self._buffer) > bound:
                raise ClientGone("line too long")
            block = self._connection.recv(65536)
            if not block:
                raise ClientGone("connection closed")
            self._buffer += block
        line, end, self._buffer = self._buffer.partition(b"\n")
        return line + end

    def _tls_context(self):
        behaviour = self._behaviour
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = behaviour.tls_minimum
        context.maximum_version = behaviour.tls_maximum
        context.load_cert_chain(behaviour.certificate.chain, behaviour.certificate.key)
        if behaviour.client_ca:
            context.load_verify_locations(behaviour.client_ca)
            context.verify_mode = (ssl.CERT_REQUIRED if behaviour.require_client_certificate
                                   else ssl.CERT_OPTIONAL)

        def remember_name(_socket, name, _context):
            self._session.sni = name

        context.sni_callback = remember_name
        return context

    def _note_tls(self):
        session, connection = self._session, self._connection
        session.certificate_shown = self._behaviour.certificate.fingerprint()
        session.tls_version = connection.version()
        session.tls_cipher = connection.cipher()[0]
        der = connection.getpeercert(binary_form=True)
        if der:
            session.client_fingerprint = hashlib.sha256(der).hexdigest()
            subject = (connection.getpeercert() or {}).get("subject", ())
            names = [value for entry in subject for key, value in entry if key == "commonName"]
            session.client_subject = names[0] if names else ""


def _path(keyword, argument):
    """Split `FROM:<a@b> SIZE=1` into address and parameters; None when malformed."""
    if not argument.upper().startswith(keyword):
        return None, {}
    rest = argument[len(keyword):].strip()
    if not rest.startswith("<") or ">" not in rest:
        return None, {}
    address, tail = _split_path(rest)
    parameters = {}
    for word in tail.split():
        key, _, value = word.partition("=")
        parameters[key.upper()] = value
    return address, parameters


def _split_path(rest):
    """The path ends at the first `>` outside a quoted local part."""
    quoted = escaped = False
    for place, character in enumerate(rest):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == ">" and not quoted:
            return rest[1:place], rest[place + 1:]
    return None, ""
