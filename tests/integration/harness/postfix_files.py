# SPDX-License-Identifier: Apache-2.0
"""The files of a private Postfix instance, as text, before it is started.

master.cf is the one the Debian package ships, chrooted as shipped, with the
public smtpd(8) moved to a loopback port.
"""

import pathlib
import re

PACKAGED_MASTER_CF = pathlib.Path("/usr/share/postfix/master.cf.dist")

# Never resolved, never real: RFC 2606 names only.
HOSTNAME = "mx.relay.example"
LOCAL_DOMAIN = "local.example"


def master_cf(listen, chroot=True):
    """The packaged master.cf with smtpd(8) at `listen` ("address:port")."""
    text = PACKAGED_MASTER_CF.read_text(encoding="utf-8")
    text, changed = re.subn(r"(?m)^smtp      inet", f"{listen} inet", text)
    if changed != 1:
        raise RuntimeError(f"{PACKAGED_MASTER_CF} has no smtp inet service to move")
    if not chroot:
        text = re.sub(r"(?m)^([\w.:-]+\s+(?:inet|unix|unix-dgram|fifo|pass)\s+\S+\s+\S+\s+)y(?=\s)",
                      r"\1n", text)
    return text


def main_cf(root, relayhost=None, settings=None, raw=""):
    """main.cf of an instance below `root`.

    `settings` override or add; `raw` is appended as it stands, with no newline
    of our own after it.
    """
    values = {
        "compatibility_level": "3.6",
        "queue_directory": f"{root}/queue",
        "data_directory": f"{root}/data",
        "maillog_file": f"{root}/log/mail.log",
        "maillog_file_prefixes": str(root),
        "myhostname": HOSTNAME,
        "myorigin": LOCAL_DOMAIN,
        "mydestination": f"{LOCAL_DOMAIN}, localhost",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "alias_maps": f"texthash:{root}/etc/aliases",
        "alias_database": "",
        "biff": "no",
        "enable_long_queue_ids": "yes",
        "smtp_connect_timeout": "5s",
        "smtpd_client_connection_count_limit": "0",
        "hash_queue_names": "deferred, defer",
    }
    if relayhost:
        values["relayhost"] = relayhost
    values.update(settings or {})
    lines = [f"{name} = {value}".rstrip() + "\n" for name, value in values.items()]
    return "".join(lines) + raw


def aliases(entries):
    """An alias table (texthash form) from {local part: expansion}."""
    return "".join(f"{name} {expansion}\n" for name, expansion in entries.items())
