# SPDX-License-Identifier: Apache-2.0
"""A receiving SMTP server on loopback that remembers everything it accepts.

Runs in threads of the test process: one that accepts, one per connection,
each with socket timeouts, so nothing waits for ever. `stop` closes the port
and every connection; `start` opens the same port again. Certificate and
behaviour may be changed at any time and hold from the next session on.
"""

import dataclasses
import socket
import threading

from .deadline import wait_until
from .received_mail import SmtpSession
from .smtp_dialogue import Behaviour, ClientGone, SmtpDialogue

_SILENCE = 60.0


class SmartHost:
    """`behaviour` is what the next session meets; `messages` what was accepted."""

    def __init__(self, name, address, port=0, **behaviour):
        """`port` 0: a free one is found at the first start, and kept."""
        self.name = name
        self.address = address
        self.port = port
        behaviour.setdefault("hostname", f"{name}.smart.example")
        self.behaviour = Behaviour(**behaviour)
        self._lock = threading.Lock()
        self._messages = []
        self._sessions = []
        self._connections = set()
        self._listener = None
        self._acceptor = None

    # -- life ---------------------------------------------------------------

    def start(self):
        """Listen; on the port of the last time when there was one."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, self.port))
        listener.listen(128)
        listener.settimeout(0.2)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._acceptor = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self._acceptor.start()
        return self

    def stop(self):
        """Close the port and every open connection. May be called twice."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._acceptor.join(timeout=5)
        listener.close()
        with self._lock:
            open_connections = list(self._connections)
        for connection in open_connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @property
    def next_hop(self):
        """As a connector's smart host, and as Postfix writes it."""
        return f"[{self.address}]:{self.port}"

    def change(self, **behaviour):
        """Change what later sessions meet, e.g. `change(certificate=other)`."""
        self.behaviour = dataclasses.replace(self.behaviour, **behaviour)

    # -- what it saw ----------------------------------------------------------

    @property
    def messages(self):
        with self._lock:
            return list(self._messages)

    @property
    def sessions(self):
        with self._lock:
            return list(self._sessions)

    def with_text(self, text):
        """Accepted messages whose source contains `text`."""
        return [message for message in self.messages if text in message]

    def wait_for(self, text, seconds=20, count=1):
        """Wait for `count` messages that contain `text`; return the first."""
        wait_until(lambda: len(self.with_text(text)) >= count, seconds,
                   lambda: f"{count} message(s) with {text!r} at smart host {self.name}; "
                           f"it has {len(self.with_text(text))} of them, "
                           f"{len(self.messages)} in all")
        return self.with_text(text)[0]

    def forget(self):
        """Drop everything recorded so far."""
        with self._lock:
            self._messages.clear()
            self._sessions.clear()

    # -- threads --------------------------------------------------------------

    def _accept(self, listener):
        while self._listener is listener:
            try:
                connection, peer = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, peer[0]), daemon=True).start()

    def _serve(self, connection, peer):
        connection.settimeout(_SILENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = SmtpSession(self.name, peer)
        # A duplicate survives wrap_socket(), so stop() can always shut it down.
        handle = connection.dup()
        with self._lock:
            self._sessions.append(session)
            self._connections.add(handle)
        dialogue = SmtpDialogue(connection, dataclasses.replace(self.behaviour), session,
                                self._keep)
        try:
            dialogue.run()
        except (OSError, ClientGone):
            pass
        finally:
            dialogue.close()
            with self._lock:
                self._connections.discard(handle)
            handle.close()

    def _keep(self, message):
        with self._lock:
            self._messages.append(message)
