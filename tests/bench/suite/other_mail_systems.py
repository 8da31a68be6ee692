# SPDX-License-Identifier: Apache-2.0
"""Exim and OpenSMTPD, Debian's, with sender-dependent routes: as their manuals would have it done."""

import os
import subprocess

from harness import ports
from harness.deadline import wait_until

from . import senders
from .cpu_time import CpuMeter
from .lookup_servers import CONNECTORS
from .mail_load import Contestant
from .other_root import OtherRoot

_EXIM = """
primary_hostname = mx.relay.example
exim_path = /opt/usr/sbin/exim4
exim_user = Debian-exim
exim_group = Debian-exim
local_interfaces = {address}
daemon_smtp_ports = {port}
disable_ipv6
acl_smtp_rcpt = accept
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
pid_file_path = /run/exim4.pid
rfc1413_query_timeout = 0s
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
tls_advertise_hosts =
prdr_enable = false
begin routers
by_sender:
  driver = manualroute
  transport = remote_smtp
  route_data = ${{lookup{{$sender_address_domain}}cdb{{/etc/senders.cdb}}}}
  self = send
begin transports
remote_smtp:
  driver = smtp
  port = {sink_port}
  allow_localhost
  hosts_try_prdr =
  hosts_avoid_tls = *
begin retry
* * F,2h,15m
"""


def exim(setting, workspace, sink, count, froms):
    """sender-dependent manualroute, cdb lookup."""
    address, port = _place(workspace)
    root = OtherRoot(setting, workspace, "exim", ["Debian-exim"], {
        "exim4/exim4.conf": _EXIM.format(address=address, port=port, sink_port=sink.port)})
    root.folder("var/spool/exim4", "Debian-exim", 0o750)
    root.folder("var/log/exim4", "Debian-exim", 0o750)
    _cdb(workspace, root.path / "etc/senders", ((one, sink.address) for one in senders.domains(count)))
    meter = CpuMeter()
    with meter.inside():
        process = root.start("/opt/usr/sbin/exim4", "-bdf")
    _listening(process, root, address, port)
    queue = root.path / "var/spool/exim4/input"
    return _contestant(address, port, meter, process, froms,
                       lambda: not queue.exists() or not any(one.name.endswith("-H") for one in queue.iterdir()))


def opensmtpd(setting, workspace, sink, count, froms):
    """A table a connector, and the action that relays to its host."""
    address, port = _place(workspace)
    tables, rules = [], []
    etc = {}
    for number in range(CONNECTORS):
        etc[f"table{number}"] = "".join(f"@{senders.domain(one)}\n" for one in range(number, count, CONNECTORS))
        tables.append(f"table t{number} file:/etc/table{number}\n"
                      f"action a{number} relay host smtp://{sink.address}:{sink.port}\n")
        rules.append(f"match from any mail-from <t{number}> for any action a{number}\n")
    etc["smtpd.conf"] = "".join(tables) + f"listen on {address} port {port} hostname mx.relay.example\n" + "".join(rules)
    root = OtherRoot(setting, workspace, "opensmtpd", ["opensmtpd", "opensmtpq"], etc)
    root.folder("var/lib/opensmtpd/empty")
    meter = CpuMeter()
    for left in (2, 1, 0):
        with meter.inside():
            process = root.start("/opt/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf")
        try:
            _listening(process, root, address, port)
            break
        except RuntimeError:
            # Its processes wait ten seconds for each other, and reading the tables may take longer.
            if left == 0:
                raise
    queue = root.path / "var/spool/smtpd/queue"
    return _contestant(address, port, meter, process, froms,
                       lambda: not any(files for _path, _folders, files in os.walk(queue)))


def _contestant(address, port, meter, process, froms, idle):
    if not meter.exact:
        # They fork away from their parents, and /proc forgets those who ended.
        raise RuntimeError("without control groups, what its processes cost cannot be told")
    meter.note(process.pid)
    return Contestant(address, port, meter, idle, froms)


def _place(workspace):
    address = workspace.network.next_address()
    return address, ports.free_port(address)


def _listening(process, root, address, port):
    def ready():
        if process.poll() is not None:
            raise RuntimeError(f"it ended: {root.log()}")
        return ports.listening(address, port)
    wait_until(ready, 120, lambda: f"it to listen: {root.log()}")


def _cdb(workspace, path, entries):
    """path.cdb with (key, value) entries, by postmap(1)."""
    settings = workspace.write("cdb/main.cf", "compatibility_level = 3.6\n").parent
    path.write_text("".join(f"{key} {value}\n" for key, value in entries))
    subprocess.run(["postmap", "-c", settings, f"cdb:{path}"], check=True, stdin=subprocess.DEVNULL,
                   timeout=300)
    path.unlink()
