# SPDX-License-Identifier: Apache-2.0
"""Private Postfix instances: alone, with a milter that does nothing, with its own tables, with sendconnector."""

import os

from harness.config_file import connector
from harness.postfix import Postfix

from . import lookup_servers, senders
from .cpu_time import CpuMeter
from .mail_load import Contestant

# As Debian sets it up, and as the services of connectors are by default: TLS where it is offered.
TLS = {"smtp_tls_security_level": "may", "smtp_tls_CApath": "/etc/ssl/certs"}
_QUEUES = ("maildrop", "incoming", "active", "deferred")


def plain(workspace, sink, froms):
    """Everything to the sink."""
    meter = CpuMeter()
    with meter.inside():
        postfix = Postfix(workspace, relayhost=sink.next_hop, settings=TLS, name="plain")
        return contestant(postfix.start(), meter, froms)


def do_nothing_milter(setting, workspace, sink, froms):
    """The same with a milter that only looks on."""
    meter = CpuMeter()
    with meter.inside():
        postfix = Postfix(workspace, relayhost=sink.next_hop, name="milter-none",
                          settings={**TLS, "smtpd_milters": "unix:milter/socket"})
        # Where smtpd(8) finds it from its chroot.
        folder = workspace.folder("milter-none/queue/milter", owner="nobody")
        process = setting.serve(workspace, [setting.program("bench_do_nothing_filter"), folder / "socket"],
                                folder / "socket", user="nobody")
        meter.note(process.pid)
        return contestant(postfix.start(), meter, froms)


def native_maps(workspace, sink, count, froms):
    """sender_dependent_default_transport_maps in lmdb, a transport of ten for each domain."""
    table = workspace.path / "native"
    with open(table, "w", encoding="ascii") as out:
        for number in range(count):
            out.write(f"@{senders.domain(number)} c{number % lookup_servers.CONNECTORS}:{sink.next_hop}\n")
    meter = CpuMeter()
    with meter.inside():
        postfix = Postfix(workspace, name="native-maps", settings={
            **TLS, "sender_dependent_default_transport_maps": f"lmdb:{table}"})
        with open(postfix.master_cf, "a", encoding="ascii") as services:
            for number in range(lookup_servers.CONNECTORS):
                services.write(f"c{number} unix - - y - - smtp\n")
        postfix.command("postmap", f"lmdb:{table}")
        return contestant(postfix.start(), meter, froms)


def by_lookup(world, sink, count, froms):
    """Ten connectors; the sender alone decides."""
    world.configure(lookup_servers.connectors_with_files(world, count, sink.next_hop))
    return _started(world, froms)


def by_filter(world, sink, froms, recipients=1):
    """Connectors for some recipients of each sender: a message's own route, or one for each recipient.

    The latter where the world's Postfix maps recipients, so that the milter cannot know whom a message is for.
    """
    domains = [one.partition("@")[2] for one in froms]
    world.configure([
        connector("Partner", sink.next_hop, senders=domains, address_spaces=["partner.example"]),
        connector("Rest", sink.next_hop, senders=domains, address_spaces=["*"])])
    return _started(world, froms)


def _started(world, froms):
    meter = CpuMeter()
    with meter.inside():
        world.start(seconds=300)
    meter.note(world.daemon.pid)
    return contestant(world.postfix, meter, froms)


def contestant(postfix, meter, froms, recipients=1, copies=1):
    pid = int((postfix.queue_directory / "pid/master.pid").read_text().split()[0])
    meter.note(pid)
    return Contestant(postfix.address, postfix.port, meter, lambda: _is_idle(postfix.queue_directory), froms,
                      recipients, copies)


def _is_idle(queue):
    return not any(files for name in _QUEUES for _path, _folders, files in os.walk(queue / name))
