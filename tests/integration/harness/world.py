# SPDX-License-Identifier: Apache-2.0
"""Everything together: smart hosts, a private Postfix, the daemon, its configuration.

    world = World("routing")
    alpha = world.smart_host("alpha")
    world.configure([connector("Contoso", alpha, senders=["contoso.example"])])
    world.start()

Mail that no connector takes goes to `world.site`, the relayhost of the
instance, so nothing ever leaves the machine.
"""

import shutil

from . import ca, config_file, connector_daemon, ctl, messages, ports, socketmap
from .auth_server import AuthServer
from .deadline import stays_true, wait_until
from .dns_server import DnsServer
from .postfix import Postfix
from .protocol_collector import ProtocolCollector
from .settled_file import settle
from .smart_host import SmartHost
from .workspace import Workspace


class World:
    """One private mail system with sendconnector attached. Close it when done."""

    def __init__(self, label="w", *, chroot=True, settings=None, raw_main_cf="", aliases=None,
                 names=False, logins=False):
        """`settings`, `raw_main_cf` and `aliases`: see Postfix.

        `names`: give Postfix a name server of its own, `world.names`; needs `chroot`.
        `logins`: SMTP clients may log in with any name and the password of `world.logins`.
        """
        self.workspace = Workspace(label)
        self.smart_hosts = {}
        self._authority = None
        self.site = self.smart_host("site")
        self.names = None
        if names:
            self.names = DnsServer(self.workspace.network.next_address()).start()
            self.workspace.on_close(self.names.stop)
        if logins:
            settings = {"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot",
                        "smtpd_sasl_path": "logins/socket",
                        "smtpd_sasl_security_options": "noanonymous", **(settings or {})}
        self.postfix = Postfix(self.workspace, chroot, self.site.next_hop, settings, raw_main_cf,
                               aliases, resolver=self.names and self.names.address)
        self.logins = self._log_in_service() if logins else None
        # Its own, for tests run side by side.
        address = self.workspace.network.next_address()
        self.split_listener = (address, ports.free_port(address))
        self.config_directory = self.workspace.folder("conf")
        self.config_file = self.config_directory / "sendconnector.toml"
        self.credentials = self.workspace.folder("conf/credentials.d", 0o700)
        # As the package makes them: root's, readable by the daemon's group.
        self.state = self.workspace.folder("state", 0o750, "root", connector_daemon.GROUP)
        self.workspace.folder("state/revocation", 0o750, connector_daemon.USER,
                              connector_daemon.GROUP)
        self.protocol_logs = self.workspace.folder("protocol-logs", 0o750, connector_daemon.USER,
                                                   connector_daemon.GROUP)
        run = self.workspace.folder("run", 0o755, connector_daemon.USER, connector_daemon.GROUP)
        self.control_socket = run / "control"
        sockets = self.postfix.queue_directory / "sendconnector"
        sockets.mkdir()
        shutil.chown(sockets, connector_daemon.USER, connector_daemon.GROUP)
        sockets.chmod(0o2710)
        self.milter_socket = sockets / "milter"
        self.lookup_socket = sockets / "lookup"
        self._daemon = None
        self._collector = None
        self._ctl = None

    # -- parts --------------------------------------------------------------------

    def _log_in_service(self):
        folder = self.postfix.queue_directory / "logins"
        folder.mkdir()
        shutil.chown(folder, "postfix")
        service = AuthServer(folder / "socket").start()
        self.workspace.on_close(service.stop)
        return service

    def smart_host(self, name, port=0, **behaviour):
        """Add a running smart host at a loopback address of its own."""
        host = SmartHost(name, self.workspace.network.next_address(), port, **behaviour)
        self.smart_hosts[name] = host
        self.workspace.on_close(host.stop)
        return host.start()

    @property
    def authority(self):
        """The certificate authority that this world trusts."""
        if self._authority is None:
            self._authority = ca.CertificateAuthority(self.workspace.folder("ca"))
        return self._authority

    @property
    def daemon(self):
        if self._daemon is None:
            self._daemon = connector_daemon.ConnectorDaemon(
                self.workspace, self.config_file, self.control_socket)
        return self._daemon

    @property
    def collector(self):
        if self._collector is None:
            self._collector = ProtocolCollector(self)
        return self._collector

    @property
    def ctl(self):
        if self._ctl is None:
            self._ctl = ctl.Ctl(self.config_file, self.postfix.config_directory)
        return self._ctl

    # -- configuration ------------------------------------------------------------

    def configure(self, connectors, tls=None, sender_tables=(), **top):
        """Write sendconnector.toml: `tls` is the table of that name, `sender_tables` the files of
        the one of that name, `top` are top-level keys."""
        daemon = {"milter_socket": self.milter_socket, "lookup_socket": self.lookup_socket,
                  "control_socket": self.control_socket, "state_directory": self.state,
                  "protocol_log_directory": self.protocol_logs}
        address, port = self.split_listener
        tables = {"daemon": daemon, "postfix": {"config_directory": self.postfix.config_directory,
                                                "split_listener": f"{address}:{port}"}}
        if self.names:
            tls = {"name_servers": [self.names.address], **(tls or {})}
        if tls:
            tables["tls"] = tls
        if sender_tables:
            tables["sender_tables"] = {"files": sender_tables}
        self.config_file.write_text(config_file.render(top, tables, connectors))

    def credential(self, name, username, password):
        """Write a credential file as its owner should: root only."""
        path = self.credentials / name
        path.write_text(f'username = "{username}"\npassword = "{password}"\n')
        path.chmod(0o600)
        return name

    def ahead_of(self, command, script):
        """An environment for `ctl.run` in which `command` of Postfix runs a shell script first."""
        folder = self.workspace.folder("fake")
        path = folder / command
        path.write_text(f"#!/bin/sh\n{script}\nexec /usr/sbin/{command} \"$@\"\n")
        path.chmod(0o755)
        return {"PATH": f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"}

    # -- life -----------------------------------------------------------------------

    def start(self, seconds=90):
        """Daemon, apply, enable, Postfix.

        As when a machine starts: nobody waits until main.cf has cooled down.
        """
        self.daemon.start()
        self.apply(seconds)
        self.ctl.must("enable", seconds=seconds)
        settle(self.postfix.main_cf)
        self.postfix.start()
        return self

    def apply(self, seconds=90):
        """Bring a changed configuration into effect, whatever state its smart hosts are in."""
        return self.ctl.must("apply", "--no-validate", seconds=seconds)

    def close(self):
        self.workspace.close()

    def log_tails(self):
        return self.workspace.log_tails()

    # -- mail -------------------------------------------------------------------------

    def send(self, sender, recipients="friend@remote.example", token=None, **options):
        """Submit a message by SMTP, which must be accepted; return its token."""
        token = token or messages.new_token()
        result = self.postfix.smtp_send(sender, recipients, messages.message(token, sender),
                                        **options)
        if not result.accepted:
            raise AssertionError(f"mail from <{sender}> was refused: {result.refusal}")
        return token

    def submit(self, sender, recipients="friend@remote.example", token=None, **options):
        """Submit by SMTP; return (token, Submission) whatever Postfix answered."""
        token = token or messages.new_token()
        return token, self.postfix.smtp_send(sender, recipients,
                                             messages.message(token, sender), **options)

    def queue_message(self, sender, recipients="friend@remote.example"):
        """Submit by SMTP; return (token, queue ID) of the accepted message."""
        token, result = self.submit(sender, recipients)
        if not result.accepted:
            raise AssertionError(f"mail from <{sender}> was refused: {result.refusal}")
        return token, result.queue_id

    def received(self, token):
        """Messages with `token` in them, over all smart hosts."""
        return [one for host in list(self.smart_hosts.values()) for one in host.with_text(token)]

    def wait_for_mail(self, token, count=1, seconds=25, flush=False):
        """Wait until `count` messages with `token` have been received; return them."""
        def arrived():
            if flush:
                self.postfix.flush()
            return len(self.received(token)) >= count
        wait_until(arrived, seconds,
                   lambda: f"{count} message(s) with {token}, have "
                           f"{[one.server for one in self.received(token)]}; "
                           f"queue: {self.postfix.queue()}",
                   interval=0.5 if flush else 0.02)
        return self.received(token)

    def stays_queued(self, token, seconds=2):
        """Assert that no smart host receives `token` for a while."""
        stays_true(lambda: not self.received(token), seconds,
                   lambda: f"{token} must stay queued but was received by "
                           f"{[one.server for one in self.received(token)]}")

    # -- lookups ----------------------------------------------------------------------

    def tls_answer(self, slug, next_hop, seconds=40):
        """What Postfix is told about a next-hop of connector `slug`, asked directly."""
        return socketmap.ask(self.lookup_socket, f"tls/{slug}", next_hop, seconds)

    def next_hops(self, **request):
        """{(connector, next-hop): entry}: what the daemon holds of its smart hosts."""
        answer = self.daemon.control({"command": "tls", **request}, seconds=60)
        if not answer.get("ok"):
            raise AssertionError(answer)
        return {(one["connector"], one["next_hop"]): one for one in answer["next_hops"]}

    def transport_answer(self, sender):
        """What the lookup endpoint says when asked directly."""
        return socketmap.ask(self.lookup_socket, "transport", sender)

    def postmap_answer(self, name, key):
        """What Postfix gets from the lookup endpoint; None for not found."""
        return self.postfix.postmap_query(f"socketmap:unix:{self.lookup_socket}:{name}", key)

    def host_of(self, next_hop):
        """The smart host with this next-hop, e.g. "[127.3.4.5]:2525"."""
        return next(one for one in self.smart_hosts.values() if one.next_hop == next_hop)
