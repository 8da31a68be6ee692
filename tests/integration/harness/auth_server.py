# SPDX-License-Identifier: Apache-2.0
"""Logins for smtpd(8): the server's side of Dovecot's authentication protocol 1.1, PLAIN only.

Postfix with smtpd_sasl_type = dovecot speaks it over a unix socket; so SMTP AUTH can be tested
without a mail server's or a SASL library's password database.
"""

import base64
import binascii
import os
import shutil
import socket
import threading

_HANDSHAKE = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t{pid}\nCUID\t{number}\n" \
             "COOKIE\t00112233445566778899aabbccddeeff\nDONE\n"


class AuthServer:
    """Accepts every user name with the password `password`."""

    def __init__(self, path, password="open sesame", owner="postfix"):
        self.path = path
        self.password = password
        self._owner = owner
        self._listener = None
        self._connections = 0

    def start(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        shutil.chown(self.path, self._owner)
        self._listener.listen(64)
        self._listener.settimeout(0.2)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        """Stop accepting; the thread closes the socket."""
        self._listener = None

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
        self._connections += 1
        with connection, connection.makefile("rw", encoding="utf-8", newline="\n") as stream:
            try:
                stream.write(_HANDSHAKE.format(pid=os.getpid(), number=self._connections))
                stream.flush()
                for line in stream:
                    verb, *words = line.rstrip("\n").split("\t")
                    if verb == "AUTH":
                        stream.write(self._answer(words) + "\n")
                        stream.flush()
            except (OSError, ValueError):
                pass  # the client is gone

    def _answer(self, words):
        request = words[0]
        response = next((one.removeprefix("resp=") for one in words if one.startswith("resp=")), "")
        try:
            _, user, password = base64.b64decode(response).decode().split("\0")
        except (binascii.Error, ValueError):
            return f"FAIL\t{request}\treason=malformed"
        if password != self.password:
            return f"FAIL\t{request}\tuser={user}"
        return f"OK\t{request}\tuser={user}"
