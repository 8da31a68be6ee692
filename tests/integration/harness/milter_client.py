# SPDX-License-Identifier: Apache-2.0
"""The MTA's side of the milter protocol, version 6, as little of it as tests need.

Honours what the milter negotiated: events it does not want are not sent, and
events it does not answer are not waited for.
"""

import socket
import struct

_ALL_ACTIONS = 0x1FF
_ALL_PROTOCOL = 0x1FFFFF

# event: (command, "do not send" bit, "no reply" bit) of SMFIP_*
_EVENTS = {
    "connect": (b"C", 0x1, 0x1000),
    "helo": (b"H", 0x2, 0x2000),
    "mail": (b"M", 0x4, 0x4000),
    "rcpt": (b"R", 0x8, 0x8000),
    "body": (b"B", 0x10, 0x80000),
    "header": (b"L", 0x20, 0x80),
    "eoh": (b"N", 0x40, 0x40000),
    "unknown": (b"U", 0x100, 0x20000),
    "data": (b"T", 0x200, 0x10000),
}

CONTINUE, ACCEPT, REJECT, TEMPFAIL, REPLY = "c", "a", "r", "t", "y"
_FINAL = set("cartyds")


class MilterReply(tuple):
    """(code letter, payload bytes); `text` is the SMTP reply of a `y`."""

    @property
    def code(self):
        return self[0]

    @property
    def text(self):
        return self[1].rstrip(b"\0").decode("utf-8", "replace")


class MilterClient:
    """One milter session over a unix socket. Use as a context."""

    def __init__(self, path, seconds=10):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(seconds)
        self._socket.connect(str(path))
        self._buffer = b""
        self.protocol = 0
        self.actions = 0
        self.modifications = []

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()

    def close(self):
        self._socket.close()

    # -- raw --------------------------------------------------------------------

    def send_raw(self, data):
        self._socket.sendall(data)

    def send(self, command, payload=b""):
        self.send_raw(packet(command, payload))

    def receive(self):
        """One packet as (letter, payload); EOFError when the milter hung up."""
        length = struct.unpack(">I", self._exactly(4))[0]
        body = self._exactly(length)
        return MilterReply((body[:1].decode("latin-1"), body[1:]))

    def closed_by_milter(self):
        """Wait for the milter to hang up; False when it does not within the timeout."""
        try:
            while self._socket.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True

    # -- session ------------------------------------------------------------------

    def negotiate(self, version=6):
        self.send(b"O", struct.pack(">III", version, _ALL_ACTIONS, _ALL_PROTOCOL))
        reply = self.receive()
        if reply.code != "O":
            raise ValueError(f"negotiation answered with {reply!r}")
        _version, self.actions, self.protocol = struct.unpack(">III", reply[1][:12])
        return reply

    def macros(self, event, **values):
        """Macros before `event`; single-letter names go plain, longer ones in braces."""
        letter = _EVENTS[event][0] if event in _EVENTS else b"E"
        parts = []
        for name, value in values.items():
            shown = name if len(name) == 1 else "{" + name + "}"
            parts += [shown.encode(), str(value).encode()]
        self.send(b"D", letter + b"".join(one + b"\0" for one in parts))

    def connect(self, host="client.example", address="192.0.2.7"):
        return self._event("connect", host.encode() + b"\0" + b"4"
                           + struct.pack(">H", 40000) + address.encode() + b"\0")

    def helo(self, name="client.example"):
        return self._event("helo", name.encode() + b"\0")

    def mail(self, sender, *parameters):
        return self._event("mail", _strings(f"<{sender}>", *parameters))

    def rcpt(self, recipient, *parameters):
        return self._event("rcpt", _strings(f"<{recipient}>", *parameters))

    def data(self):
        return self._event("data", b"")

    def header(self, name, value):
        return self._event("header", _strings(name, value))

    def eoh(self):
        return self._event("eoh", b"")

    def body(self, block):
        return self._event("body", block)

    def end_of_message(self):
        """Send end of message; return the verdict, keep modifications apart."""
        self.modifications = []
        self.send(b"E")
        while (reply := self.receive()).code not in _FINAL:
            if reply.code != "p":
                self.modifications.append(reply)
        return reply

    def abort(self):
        self.send(b"A")

    def quit(self):
        self.send(b"Q")

    def _event(self, name, payload):
        letter, skip, silent = _EVENTS[name]
        if self.protocol & skip:
            return MilterReply((CONTINUE, b""))
        self.send(letter, payload)
        if self.protocol & silent:
            return MilterReply((CONTINUE, b""))
        return self.receive()

    def _exactly(self, count):
        while len(self._buffer) < count:
            block = self._socket.recv(65536)
            if not block:
                raise EOFError("the milter closed the connection")
            self._buffer += block
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data


def packet(command, payload=b""):
    return struct.pack(">I", 1 + len(payload)) + command + payload


def _strings(*values):
    return b"".join(value.encode() + b"\0" for value in values)
