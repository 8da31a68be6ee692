# SPDX-License-Identifier: Apache-2.0
"""A client of the lookup endpoint: netstrings over a unix socket (socketmap_table(5))."""

import socket


class Lookup:
    """One connection; any number of requests after another. Use as a context."""

    def __init__(self, path, seconds=10):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(seconds)
        self._socket.connect(str(path))
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()

    def close(self):
        self._socket.close()

    def ask(self, name, key):
        """The answer to one request, e.g. "OK sc-a:[127.0.0.2]:25" or "NOTFOUND "."""
        self.send_raw(netstring(f"{name} {key}"))
        return self.answer()

    def send_raw(self, data):
        """Send bytes as they are, well-formed or not."""
        self._socket.sendall(data)

    def end_of_requests(self):
        """Close the sending side only."""
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self):
        """Read one answer; EOFError when the server closed the connection."""
        while b":" not in self._buffer:
            self._read_more()
        length, _, rest = self._buffer.partition(b":")
        size = int(length)
        self._buffer = rest
        while len(self._buffer) < size + 1:
            self._read_more()
        payload, comma = self._buffer[:size], self._buffer[size:size + 1]
        if comma != b",":
            raise ValueError(f"netstring ends with {comma!r}")
        self._buffer = self._buffer[size + 1:]
        return payload.decode("utf-8", "replace")

    def closed_by_server(self):
        """Wait for the server to close the connection; what it still sent is dropped."""
        try:
            while True:
                self._read_more()
        except (EOFError, ConnectionError):
            return True
        except TimeoutError:
            return False

    def _read_more(self):
        block = self._socket.recv(65536)
        if not block:
            raise EOFError("the lookup endpoint closed the connection")
        self._buffer += block


def netstring(text):
    """`LEN:text,` as bytes."""
    data = text.encode() if isinstance(text, str) else text
    return str(len(data)).encode() + b":" + data + b","


def ask(path, name, key, seconds=10):
    """One request over a connection of its own."""
    with Lookup(path, seconds) as lookup:
        return lookup.ask(name, key)
