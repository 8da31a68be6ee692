# SPDX-License-Identifier: Apache-2.0
"""What a real Postfix says to the daemon's milter: a relay in front of its socket that listens in."""

import contextlib
import os
import shutil
import socket
import struct
import threading

from . import connector_daemon

_MACROS = "D"
_OTHERS = "DOAQ"  # and the negotiation, the end of a message and of the connection
_STAGES = {"C": "connect", "H": "helo", "M": "mail", "R": "rcpt", "T": "data", "N": "end of headers",
           "E": "end of message", "L": "header", "B": "body"}


class Conversation:
    """One connection: the packets that the MTA sent, as (letter, payload)."""

    def __init__(self):
        self.packets = []

    @property
    def events(self):
        """Letters of the protocol in order: M, R, L, N, B, E."""
        return "".join(letter for letter, _ in self.packets if letter not in _OTHERS)

    @property
    def is_over(self):
        return any(letter == "Q" for letter, _ in self.packets)

    @property
    def macros(self):
        """{stage: names of macros with a value}, over all messages."""
        found = {}
        for letter, payload in self.packets:
            if letter == _MACROS:
                stage = _STAGES.get(chr(payload[0]), chr(payload[0]))
                found.setdefault(stage, set()).update(
                    one.decode() for one in payload[1:].split(b"\0")[:-1:2])
        return found


class MilterTap:
    """Takes the place of `path`, which the daemon has made; `close` gives it back."""

    def __init__(self, path):
        self._path, self._behind = str(path), f"{path}.behind"
        self._lock = threading.Lock()
        self._conversations = []
        os.rename(self._path, self._behind)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self._path)
        shutil.chown(self._path, connector_daemon.USER, connector_daemon.GROUP)
        os.chmod(self._path, 0o660)
        self._listener.listen(64)
        self._listener.settimeout(0.2)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._thread.join(timeout=5)
        listener.close()
        os.rename(self._behind, self._path)

    def taken(self):
        """The conversations that are over, which are then forgotten."""
        with self._lock:
            found = [one for one in self._conversations if one.is_over]
            self._conversations = [one for one in self._conversations if not one.is_over]
        return found

    def _accept(self):
        while (listener := self._listener) is not None:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            conversation = Conversation()
            with self._lock:
                self._conversations.append(conversation)
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(self._behind)
            for ends in ((client, server, conversation), (server, client, None)):
                threading.Thread(target=self._relay, args=ends, daemon=True).start()

    @staticmethod
    def _relay(source, sink, conversation):
        source.settimeout(60)
        buffer = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if conversation is not None:
                    buffer = _parse(buffer + data, conversation.packets)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def _parse(buffer, packets):
    while len(buffer) >= 4 and len(buffer) >= 4 + (length := struct.unpack(">I", buffer[:4])[0]):
        packets.append((chr(buffer[4]), buffer[5:4 + length]))
        buffer = buffer[4 + length:]
    return buffer
