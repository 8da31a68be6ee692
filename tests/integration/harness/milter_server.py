# SPDX-License-Identifier: Apache-2.0
"""Somebody else's milter: changes or refuses whatever it is shown, as a test says.

    other = MilterServer(path).start()
    other.actions = [add_header("X-Seen", "yes")]

Speaks the milter protocol, version 6, over a unix socket; asks for every event and may do anything.
"""

import os
import socket
import struct
import threading

from .milter_client import CONTINUE, packet

_EVERY_ACTION = 0x1FF
_ANSWERED = b"CHMRTLNBU"  # negotiated with no protocol bits: each of these wants an answer


def add_header(name, value):
    return packet(b"h", _strings(name, value))


def insert_header(index, name, value):
    return packet(b"i", struct.pack(">I", index) + _strings(name, value))


def change_header(name, value, index=1):
    """The `index`-th field of that name; "" deletes it."""
    return packet(b"m", struct.pack(">I", index) + _strings(name, value))


def replace_body(data):
    return packet(b"b", data)


def add_recipient(address):
    return packet(b"+", _strings(f"<{address}>"))


def delete_recipient(address):
    return packet(b"-", _strings(f"<{address}>"))


def change_sender(address):
    return packet(b"e", _strings(f"<{address}>"))


class MilterServer:
    """`actions` and `verdicts` may be changed at any time and hold from the next message on."""

    def __init__(self, path):
        self.path = path
        self.actions = []    # packets to send at the end of a message
        self.verdicts = {}   # command letter, e.g. "R" or "E" -> SMTP reply, e.g. "550 5.7.1 no"
        self._lock = threading.Lock()
        self._headers = []
        self._listener = None

    def start(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        os.chmod(self.path, 0o666)
        self._listener.listen(64)
        self._listener.settimeout(0.2)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        """Stop accepting; the thread closes the socket."""
        self._listener = None

    def with_text(self, text):
        """Headers, as lists of (name, value), of the messages it saw with `text` in one of them."""
        with self._lock:
            return [one for one in self._headers if any(text in value for _, value in one)]

    def _accept(self, listener):
        with listener:
            while self._listener is listener:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(60)
        header = []
        with connection, connection.makefile("rb") as stream:
            try:
                while head := stream.read(4):
                    body = stream.read(struct.unpack(">I", head)[0])
                    command, payload = body[:1], body[1:]
                    if command == b"M":
                        header = []
                    elif command == b"L":
                        name, value, _ = payload.split(b"\0")
                        header.append((name.decode("utf-8", "replace"),
                                       value.decode("utf-8", "replace")))
                    elif command == b"E":
                        with self._lock:
                            self._headers.append(header)
                    answer = self._answer(command)
                    if answer is None:
                        return
                    connection.sendall(answer)
            except OSError:
                pass  # the client is gone

    def _answer(self, command):
        """What to send; None to hang up."""
        if command == b"O":
            return packet(b"O", struct.pack(">III", 6, _EVERY_ACTION, 0))
        if command == b"Q":
            return None
        if reply := self.verdicts.get(command.decode()):
            return packet(b"y", _strings(reply))
        if command == b"E":
            return b"".join(self.actions) + packet(CONTINUE.encode())
        return packet(CONTINUE.encode()) if command in _ANSWERED else b""


def _strings(*values):
    return b"".join(value.encode() + b"\0" for value in values)
