# SPDX-License-Identifier: Apache-2.0
"""`import postfix`: mail takes the same ways before and after, by connectors in place of tables."""

import re
import stat

from harness.settled_file import settle, write_settled
from harness.test_case import WorldCase

RECIPIENT = "friend@remote.example"


class SiteCase(WorldCase):
    """A Postfix that routes by sender with tables of its own."""

    time_limit = 240
    weight = 45

    def table(self, name, entries, kind="texthash"):
        path = self.world.postfix.config_directory / name
        write_settled(path, "".join(f"{key} {value}\n" for key, value in entries.items()))
        path.chmod(0o600)
        if kind == "hash":
            self.world.postfix.command("postmap", path)
        return f"{kind}:{path}"

    def add_service(self, name, **options):
        with open(self.world.postfix.master_cf, "a", encoding="ascii") as master_cf:
            master_cf.write(f"{name} unix - - y - - smtp\n" + "".join(
                f"  -o {key}={value}\n" for key, value in options.items()))

    def set(self, **settings):
        for name, value in settings.items():
            self.world.postfix.postconf("-e", f"{name}={value}")
        settle(self.world.postfix.main_cf)

    def ways(self, mail):
        """What the smart hosts see of each mail: who got it, from where, as whom, and with TLS or not."""
        tokens = {(sender, recipient): self.world.send(sender, recipient)
                  for sender, recipient in mail}
        ways = {}
        for what, token in tokens.items():
            received, = self.world.wait_for_mail(token, flush=True)
            session = received.session
            ways[what] = (received.server, session.peer, session.helo, session.auth_user,
                          session.tls_version is not None)
        return ways

    def attach(self):
        self.world.daemon.start()
        self.world.apply()
        self.world.ctl.must("enable")
        settle(self.world.postfix.main_cf)

    def take(self, *arguments, code=0):
        answer = self.world.ctl.run("import", "postfix", *arguments)
        self.assertEqual(answer.code, code, str(answer))
        return answer

    def files(self):
        return {path: path.read_bytes() for path in self.world.config_directory.rglob("*")
                if path.is_file()}

    def connectors(self):
        answer = self.world.ctl.must("export", "--format", "json").json
        return {one["Name"]: one for one in (answer if isinstance(answer, list) else [answer])}


class Relayed(SiteCase):
    """Relayhosts, transports, services with addresses of their own, logins, TLS policies."""

    def build(self):
        world = self.own_world("site", settings={"recipient_delimiter": "+"})
        self.alpha = world.smart_host("alpha", credentials={"boss": "s3cret-b", "all": "s3cret-a"})
        self.beta = world.smart_host("beta", certificate=world.authority.issue("beta.example"))
        self.gamma = world.smart_host("gamma", certificate=world.authority.issue("gamma.example"),
                                      credentials={"gamma": "s3cret-c"})
        world.configure([])
        self.second = world.workspace.network.next_address()
        self.add_service("ip2", smtp_bind_address=self.second, smtp_helo_name="two.example")
        first = self.table("first", {
            "@contoso.example": self.alpha.next_hop,
            "b@contoso.example": self.beta.next_hop,
            "quiet@contoso.example": "DUNNO",
            "carl": self.gamma.next_hop,
            "<>": self.gamma.next_hop}, "hash")
        more = self.table("more", {"b@contoso.example": self.gamma.next_hop,
                                   "@local.example": self.beta.next_hop,
                                   "@Fabrikam.example": self.beta.next_hop})
        transports = self.table("transports", {"@two.example": "ip2:",
                                               "c@two.example": f"ip2:{self.gamma.next_hop}"})
        self.set(sender_dependent_relayhost_maps=f"{first}, {more}",
                 sender_dependent_default_transport_maps=transports,
                 smtp_sasl_auth_enable="yes", smtp_sender_dependent_authentication="yes",
                 smtp_sasl_security_options="noanonymous",
                 smtp_sasl_password_maps=self.table("passwords", {
                     self.alpha.next_hop: "all:s3cret-a", self.gamma.address: "gamma:s3cret-c",
                     self.gamma.next_hop: "nobody:s3cret-d", "boss@contoso.example": "boss:s3cret-b"}),
                 smtp_tls_security_level="may",
                 smtp_tls_policy_maps=self.table("policies", {self.beta.next_hop: "encrypt",
                                                              self.gamma.next_hop: "none"}))
        return world

    MAIL = [(sender, RECIPIENT) for sender in (
        "anybody@else.example", "a@contoso.example", "boss@contoso.example", "b@contoso.example",
        "b+news@contoso.example", "B@CONTOSO.example", "quiet@contoso.example", "x@sub.contoso.example",
        "carl@local.example", "carl+x@local.example", "dora@local.example", "carl@else.example",
        "a@fabrikam.example", "a@two.example", "c@two.example", "")]

    def test_the_same_ways_before_and_after(self):
        world = self.build()
        world.postfix.start()
        before = self.ways(self.MAIL)
        # The table of what is tried would be no test if all went one way.
        self.assertEqual({way[0] for way in before.values()}, {"site", "alpha", "beta", "gamma"})
        self.assertEqual({way[3] for way in before.values()}, {None, "boss", "all", "gamma"})
        self.assertIn(("site", self.second, "two.example", None, False), before.values())

        written = self.files()
        tried = self.take("--dry-run")
        self.assertEqual(self.files(), written)
        done = self.take()
        self.assertRegex(done.stderr, "[3-9] files of credentials went into .*credentials.d")
        for answer in (tried, done):
            self.assertNotIn("s3cret", answer.output)
        for path in world.credentials.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertNotIn("Direct", self.connectors())

        self.attach()
        for sender, _recipient in self.MAIL:
            self.assertRegex(world.transport_answer(sender), "^OK sc-", sender)
        self.assertEqual(self.ways(self.MAIL), before)

        # The instance now names the daemon's lookup too, which is none of the site's tables.
        written = self.files()
        again = self.take()
        self.assertRegex(again.stdout, r"\n\d+ unchanged\n$")
        self.assertEqual(self.files(), written)

    def test_a_credential_that_is_there_is_left_and_said(self):
        world = self.build()
        self.take()
        name = next(path.name for path in world.credentials.iterdir()
                    if "boss" in path.read_text())
        world.credential(name, "boss", "another")
        again = self.take()
        self.assertRegex(again.stdout, rf"by hand +AuthenticationCredential .*{re.escape(name)} is there, and says")
        self.assertIn("another", (world.credentials / name).read_text())

    def test_what_cannot_be_listed_or_is_no_smtp_is_named_and_holds_back(self):
        world = self.build()
        world.postfix.start()
        pattern = self.table("patterns", {"/^vip/": self.gamma.next_hop}, "regexp")
        self.set(sender_dependent_relayhost_maps=f"{pattern}, "
                 + self.table("relays", {"@contoso.example": self.alpha.next_hop}),
                 sender_dependent_default_transport_maps=self.table("odd", {
                     "log@contoso.example": "error:5.7.1 no"}))
        answer = self.take(code=1)
        self.assertIn(f"{pattern} of sender_dependent_relayhost_maps can be asked, not listed", answer.stdout)
        self.assertIn('mail of log@contoso.example stays with Postfix: the transport "error" is '
                      '"error", and not smtp', answer.stdout)
        self.assertTrue(self.connectors())
        self.assertEqual({one["Enabled"] for one in self.connectors().values()}, {False})
        # Once somebody has seen to it, another import leaves it so.
        name = next(iter(self.connectors()))
        world.ctl.must("Enable-SendConnector", name)
        self.take(code=1)
        self.assertTrue(self.connectors()[name]["Enabled"])

    def test_one_that_is_refused_keeps_the_others_from_taking_its_mail(self):
        world = self.build()
        self.set(smtp_never_send_ehlo="yes", sender_dependent_default_transport_maps="")
        answer = self.take(code=1)
        # No STARTTLS without EHLO, and a rule that wants TLS.
        self.assertIn(f"To {self.beta.address} {self.beta.port}: refused", answer.stdout)
        found = self.connectors()
        self.assertTrue(found)
        self.assertEqual({one["Enabled"] for one in found.values()}, {False})
        self.assertIn("is refused, and its mail could take this connector", answer.stdout)
        self.assertEqual(sorted(path.name for path in world.credentials.iterdir()),
                         sorted(one["AuthenticationCredential"] for one in found.values()
                                if one["AuthenticationCredential"]))

    def test_a_table_that_cannot_be_read_stops_it(self):
        world = self.build()
        self.set(sender_dependent_relayhost_maps=f"texthash:{world.postfix.config_directory}/gone")
        written = self.files()
        answer = self.take(code=2)
        self.assertRegex(answer.stderr, "cannot read texthash:.*gone: .*No such file")
        self.assertEqual(self.files(), written)

    def test_no_table_is_shown_with_the_passwords_in_its_name(self):
        self.build()
        for maps, code, said in (
                ("static:bob:s3cret", 1, "static:... of smtp_sasl_password_maps can be asked"),
                ("inline:{{@[1.2.3.4]=bob:s3cret}}", 1, '"@[1.2.3.4]" of inline:{...} names no sender'),
                ("inline:{{a@x.example=bob:s3cret},{x}}", 2, "cannot read inline:{...}: postmap(1)"),
                ("inline:{{a@x.example=bob:s3cret},{s3cret}}", 2, "cannot read inline:{...}: postmap(1)"),
                ("s3cret:bob", 2, "cannot look into ...: postmap(1)")):
            with self.subTest(maps):
                self.set(smtp_sasl_password_maps=maps)
                answer = self.take("--dry-run", code=code)
                self.assertIn(said, answer.output)
                self.assertNotIn("s3cret", answer.output)

    def test_tables_are_asked_for_the_domains_that_a_next_hop_is_in(self):
        self.build()
        self.set(smtp_sasl_auth_enable="no", sender_dependent_default_transport_maps="",
                 sender_dependent_relayhost_maps=self.table(
                     "relays", {"@contoso.example": "smtp.fab.example", "@two.example": "[smtp.fab.example]"}),
                 smtp_tls_policy_maps=self.table("asked", {r"/^\.fab\.example$/": "encrypt"}, "regexp"))
        self.take()
        required = {name: one["RequireTLS"] for name, one in self.connectors().items()
                    if "fab.example" in name}
        # In the order of their ways: the one in brackets, which is not in any domain, first.
        self.assertEqual(required, {"To smtp.fab.example": False, "To smtp.fab.example 2": True})

    def test_subaddresses_that_mean_something_else_here_are_told(self):
        self.build()
        self.set(recipient_delimiter="-")
        answer = self.take(code=1)
        self.assertIn('set recipient_delimiter = "-" in sendconnector.toml', answer.stdout)


class Direct(SiteCase):
    """Mail to recipients' own servers, by services with addresses of their own and rules by domain."""

    def test_the_same_ways_before_and_after(self):
        world = self.own_world("direct", names=True, settings={"relayhost": "",
                                                               "recipient_delimiter": "+"})
        certificate = world.authority.issue("mx.remote.example")
        for name in ("remote", "clear", "below"):
            host = world.smart_host(name, port=25, certificate=certificate)
            world.names.addresses[f"mx.{name}.example"] = host.address
        world.names.exchangers.update({"remote.example": [(10, "mx.remote.example")],
                                       "clear.example": [(10, "mx.clear.example")],
                                       "deep.below.example": [(10, "mx.below.example")]})
        world.configure([])
        self.second = world.workspace.network.next_address()
        self.add_service("ip2", smtp_bind_address=self.second)
        self.set(sender_dependent_default_transport_maps=self.table("transports", {
                     "@two.example": "ip2", "plain@two.example": "smtp:"}),
                 smtp_tls_security_level="may",
                 smtp_tls_policy_maps=self.table("policies", {"clear.example": "none",
                                                              ".below.example": "encrypt"}))
        world.postfix.start()
        mail = [(sender, recipient) for sender in ("a@two.example", "plain@two.example", "x@else.example")
                for recipient in (RECIPIENT, "friend@clear.example", "friend@deep.below.example")]
        before = self.ways(mail)
        self.assertEqual({way[4] for way in before.values()}, {True, False})
        self.assertEqual(sum(way[1] == self.second for way in before.values()), 3)
        self.take()
        self.attach()
        self.assertRegex(world.transport_answer("a@two.example"), "^OK sc-")
        self.assertRegex(world.transport_answer("x@else.example"), "^NOTFOUND")
        self.assertEqual(self.ways(mail), before)


class Mixed(SiteCase):
    """Relayhosts for some senders, and recipients' own servers for others: by MX, which the table is in the way of."""

    MAPS = "sender_dependent_relayhost_maps"

    def build(self):
        world = self.own_world("mixed", names=True, settings={"relayhost": "", "relay_domains": "",
                                                              "recipient_delimiter": "+"})
        self.alpha = world.smart_host("alpha", credentials={"all": "s3cret-a"})
        remote = world.smart_host("remote", port=25)
        world.names.addresses["mx.remote.example"] = remote.address
        world.names.exchangers["remote.example"] = [(10, "mx.remote.example")]
        world.configure([])
        self.second = world.workspace.network.next_address()
        self.add_service("ip2", smtp_bind_address=self.second)
        self.value = (f"inline:{{ {{@a.example = {self.alpha.next_hop}}}, {{vip@a.example = dunno}} }}, "
                      + self.table("more", {"@c.example": "DUNNO", "<>": self.alpha.next_hop}))
        self.set(sender_dependent_relayhost_maps=self.value,
                 sender_dependent_default_transport_maps=self.table("transports", {
                     "@two.example": "ip2:", "d@two.example": "Dunno"}),
                 smtp_sasl_auth_enable="yes", smtp_sasl_security_options="noanonymous",
                 smtp_sasl_password_maps=self.table("passwords", {self.alpha.next_hop: "all:s3cret-a"}))
        return world

    def assert_apply_refuses(self):
        for command in (["check"], ["apply", "--dry-run"]):
            answer = self.world.ctl.run(*command)
            self.assertEqual(answer.code, 1, str(answer))
            self.assertIn(f"main.cf has {self.MAPS} = ", answer.output)

    MAIL = [(sender, RECIPIENT) for sender in (
        "x@a.example", "vip@a.example", "vip+x@a.example", "x@c.example", "x@two.example", "d@two.example",
        "x@else.example", "")]

    def test_the_same_ways_before_and_after_what_it_says_to_do(self):
        world = self.build()
        world.postfix.start()
        before = self.ways(self.MAIL)
        self.assertEqual({way[0] for way in before.values()}, {"alpha", "remote"})
        self.assertEqual(sum(way[1] == self.second for way in before.values()), 1)

        directory = world.postfix.config_directory
        steps = [f"sudo postfix -c {directory} stop &&", f"sudo postconf -c {directory} -e {self.MAPS}= &&",
                 "apply &&", "enable &&", f"sudo postfix -c {directory} start"]
        for arguments in (["--dry-run"], []):
            answer = self.take(*arguments, code=1)
            self.assertIn(f"main.cf has {self.MAPS} = ", answer.stderr)
            self.assertRegex(answer.stderr, r"\n[^\n]*".join(map(re.escape, steps)) + "\n")
            self.assertIn(f"'{self.MAPS} = {self.value}'", answer.stderr)
            # Of a file of credentials that a dry run has not written, nothing.
            for line in answer.stderr.splitlines():
                self.assertFalse(": connector " in line and "warning: " not in line
                                 and self.MAPS not in line, line)
        self.assert_apply_refuses()
        self.assertTrue(self.connectors())
        self.assertEqual({one["Enabled"] for one in self.connectors().values()}, {True})

        world.daemon.start()
        world.postfix.stop()
        self.set(sender_dependent_relayhost_maps="")
        for command in ("apply", "enable"):
            world.ctl.must(command)
        settle(world.postfix.main_cf)
        world.postfix.start()
        self.assertEqual(self.ways(self.MAIL), before)

        # And back.
        world.postfix.stop()
        self.set(sender_dependent_relayhost_maps=self.value)
        world.ctl.must("disable")
        settle(world.postfix.main_cf)
        world.postfix.start()
        self.assertEqual(self.ways(self.MAIL), before)

    def test_the_table_stays_while_a_sender_has_no_connector(self):
        self.build()
        self.set(sender_dependent_relayhost_maps=f"{self.value}, "
                 + self.table("odd", {"@odd.example": "10.0.0.1"}))
        answer = self.take(code=1)
        self.assertIn(f"{self.MAPS} is still needed: not every sender", answer.stderr)
        self.assertNotIn("postconf", answer.stderr)
        self.assert_apply_refuses()

    def test_relay_domains_need_a_way_of_their_own_first(self):
        self.build()
        self.set(relay_domains="relayed.example")
        answer = self.take(code=1)
        self.assertIn("leads mail for relay_domains too", answer.stderr)
        self.assertIn(f"-e {self.MAPS}= &&", answer.stderr)
