# SPDX-License-Identifier: Apache-2.0
"""A name server on loopback that knows a handful of names (A and MX, RFC 1035).

Chrooted Postfix programs ask it when its address stands in the chroot's
etc/resolv.conf. It answers over UDP on port 53 of its own loopback address.
"""

import socket
import struct
import threading

_A, _MX, _IN = 1, 15, 1
_NAME_ERROR = 3


class DnsServer:
    """`addresses`: name -> IPv4 address or several; `exchangers`: name -> [(preference, name)]."""

    def __init__(self, address, addresses=None, exchangers=None):
        self.address = address
        self.addresses = dict(addresses or {})
        self.exchangers = dict(exchangers or {})
        self.questions = []
        self._socket = None

    def start(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 53))
        self._socket.settimeout(0.2)
        threading.Thread(target=self._serve, args=(self._socket,), daemon=True).start()
        return self

    def stop(self):
        """Stop answering; the thread closes the socket."""
        self._socket = None

    def _serve(self, server):
        with server:
            while self._socket is server:
                try:
                    query, client = server.recvfrom(4096)
                    server.sendto(self._answer(query), client)
                except TimeoutError:
                    continue
                except (OSError, ValueError, IndexError, struct.error):
                    continue

    def _answer(self, query):
        name, end = _read_name(query, 12)
        kind, _class = struct.unpack(">HH", query[end:end + 4])
        self.questions.append((name, kind))
        records = []
        if kind == _A and name in self.addresses:
            known = self.addresses[name]
            several = [known] if isinstance(known, str) else known
            records = [socket.inet_aton(one) for one in several]
        elif kind == _MX:
            records = [struct.pack(">H", preference) + _write_name(host)
                       for preference, host in self.exchangers.get(name, [])]
        exists = name in self.addresses or name in self.exchangers
        flags = 0x8580 | (0 if exists else _NAME_ERROR)
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
        question = query[12:end + 4]
        body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, _IN, 1, len(data)) + data
                        for data in records)
        return head + question + body


def _read_name(data, place):
    labels = []
    while data[place]:
        length = data[place]
        labels.append(data[place + 1:place + 1 + length].decode("ascii"))
        place += 1 + length
    return ".".join(labels).lower(), place + 1


def _write_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
