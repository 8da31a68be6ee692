#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hands one message to the demonstration's Postfix and prints the queue ID it was given.

usage: submit.py PORT SENDER RECIPIENT
"""
import re
import smtplib
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

port, sender, recipient = sys.argv[1:]
message = EmailMessage()
message["From"] = sender
message["To"] = recipient
message["Date"] = formatdate()
message["Message-ID"] = make_msgid(domain="demonstration.example")
message["Subject"] = "sendconnector demonstration"
message.set_content("Which way did this go?\n")

with smtplib.SMTP("127.0.0.1", int(port), timeout=30) as smtp:
    smtp.ehlo("client.example")
    for code, answer in (smtp.mail(sender), smtp.rcpt(recipient), smtp.data(message.as_bytes())):
        if code >= 400:
            sys.exit(f"{code} {answer.decode()}")
    print(re.search(r"queued as (\w+)", answer.decode()).group(1))
