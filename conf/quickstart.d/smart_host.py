#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A smart host for the demonstration: SMTP with STARTTLS on a loopback port of its own.

usage: smart_host.py NAME FOLDER
Shows FOLDER/certificates/NAME.pem, read anew for each connection; writes its port to FOLDER/ports/NAME and one JSON
object for each message it takes to FOLDER/received/NAME.
"""
import json
import os
import re
import socketserver
import ssl
import sys
import threading

NAME, FOLDER = sys.argv[1:]
LONGEST_LINE = 100_000
writing = threading.Lock()


class Session(socketserver.StreamRequestHandler):
    timeout = 60

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def command(self):
        line = self.rfile.readline(LONGEST_LINE).decode("utf-8", "replace")
        if not line:
            raise ConnectionError("the client hung up")
        return line.rstrip("\r\n")

    def handle(self):
        try:
            self.converse()
        except (OSError, ssl.SSLError) as error:
            print(f"session ended: {error}", flush=True)

    def converse(self):
        helo = sender = ""
        recipients = []
        tls = None
        self.say(f"220 {NAME} ESMTP")
        while True:
            line = self.command()
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                helo = line[5:]
                offers = [NAME] if tls or verb == "HELO" else [NAME, "STARTTLS"]
                for offer in offers[:-1]:
                    self.say(f"250-{offer}")
                self.say(f"250 {offers[-1]}")
            elif line.upper() == "STARTTLS" and not tls:
                self.say("220 go ahead")
                tls = self.start_tls()
                helo = sender = ""
                recipients = []
            elif verb == "MAIL":
                sender, recipients = address_in(line), []
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(address_in(line))
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 end with a dot")
                queue_id = self.read_message()
                self.keep({"queue_id": queue_id, "from": sender, "to": recipients, "helo": helo, "tls": tls})
                self.say("250 taken")
            elif verb == "RSET":
                sender, recipients = "", []
                self.say("250 ok")
            elif verb == "NOOP":
                self.say("250 ok")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 not here")

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{FOLDER}/certificates/{NAME}.pem")
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        return self.connection.version()

    def read_message(self):
        """Returns the queue ID under which the sending Postfix had the message."""
        queue_id = ""
        header = []
        while (line := self.command()) != ".":
            header.append(line)
            if not queue_id and line == "":
                found = re.search(r"\sid (\w+)", " ".join(header))
                queue_id = found.group(1) if found else "unknown"
        return queue_id

    def keep(self, message):
        with writing, open(f"{FOLDER}/received/{NAME}", "a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")


def address_in(line):
    found = re.search(r"<([^>]*)>", line)
    return found.group(1) if found else ""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Session) as server:
    port = f"{FOLDER}/ports/{NAME}"
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write(f"{server.server_address[1]}\n")
    os.rename(port + ".new", port)
    server.serve_forever()
