# SPDX-License-Identifier: Apache-2.0
"""Senders in files: 100,000 lines decide where mail leaves, and are replaced while it flows."""

import itertools
import json
import os

from harness.config_file import connector
from harness.test_case import WorldCase

MANY = 100_000


class SenderTables(WorldCase):
    """A file of [sender_tables] for A and B, and a senders_file for C."""

    weight = 20
    time_limit = 120

    @classmethod
    def build_world(cls):
        world = cls.new_world("tables")
        folder = world.workspace.folder("senders", 0o755)
        cls.table = folder / "table"
        cls.own = folder / "c"
        cls.recipients = (f"to{number}@remote.example" for number in itertools.count())
        cls.replace(cls.own, "# of C alone\r\nc.example\r\n*.sub.c.example\r\n")
        cls.replace(cls.table, cls.lines())
        cls.configure()
        world.start()

    @classmethod
    def configure(cls):
        world = cls.world
        hosts = {name: world.smart_hosts.get(name) or world.smart_host(name) for name in "ABC"}
        world.configure([connector("A", hosts["A"], senders=[]),
                         connector("B", hosts["B"], senders=["b.example"]),
                         connector("C", hosts["C"], senders_file=cls.own)],
                        sender_tables=[cls.table])

    @staticmethod
    def lines(odd="A", even="B"):
        """Every other domain is of `odd`, the others of `even`."""
        names = (even, odd)
        return "# sender  connector\n" + "".join(
            f"domain{number}.example\t{names[number % 2]}\n" for number in range(MANY))

    @staticmethod
    def replace(path, text):
        """As the manual says."""
        new = path.with_suffix(".new")
        new.write_text(text, newline="")
        new.chmod(0o644)
        os.replace(new, path)

    def setUp(self):
        self.addCleanup(self._repair)

    def _repair(self):
        self.replace(self.table, self.lines())
        self.replace(self.own, "c.example\n*.sub.c.example\n")
        self.configure()
        self.world.ctl.must("reload")

    def left_by(self, sender):
        # Postfix remembers a route for a while, for the same sender and recipient.
        token = self.world.send(sender, next(self.recipients))
        return [one.server for one in self.world.wait_for_mail(token)]

    def assert_routes(self, routes):
        self.assertEqual({sender: self.left_by(sender) for sender in routes},
                         {sender: [want] for sender, want in routes.items()})

    def test_mail_leaves_by_the_connector_that_the_file_names(self):
        self.assert_routes({
            "x@domain0.example": "B", "x@domain1.example": "A", f"x@domain{MANY - 1}.example": "A",
            "x@DOMAIN7.Example": "A", "x@b.example": "B", "x@c.example": "C",
            "x@deep.sub.c.example": "C", "x@sub.domain1.example": "site",
            f"x@domain{MANY}.example": "site"})

    def test_replaced_files_count_after_a_reload(self):
        self.replace(self.table, self.lines(odd="B", even="A"))
        self.replace(self.own, "other.example\n")
        self.world.ctl.must("reload")
        self.assert_routes({"x@domain0.example": "A", "x@domain1.example": "B",
                            "x@c.example": "site", "x@other.example": "C"})

    def test_no_reload_no_change(self):
        self.replace(self.table, self.lines(odd="B", even="A"))
        self.assert_routes({"x@domain0.example": "B"})
        self.assertIn("another configuration", self.world.ctl.run("status").output)

    def test_a_connector_whose_file_is_emptied_is_for_nobody(self):
        self.replace(self.own, "")
        self.world.ctl.must("reload")
        self.assert_routes({"x@c.example": "site", "x@stranger.example": "site"})

    def assert_refused(self, path, *wanted):
        """The reload says so, and what ran before still does (invariant 7)."""
        answer = self.world.ctl.run("reload")
        self.assertNotEqual(answer.code, 0)
        for text in (str(path), *wanted):
            self.assertIn(text, answer.output)
        reported = self.world.daemon.control({"command": "reload"})
        self.assertFalse(reported["ok"])
        self.assertIn(str(path), str(reported["errors"]))
        self.assert_routes({"x@domain0.example": "B", "x@domain1.example": "A", "x@c.example": "C"})

    def test_a_table_with_a_wrong_line_changes_nothing(self):
        self.replace(self.table, self.lines(odd="B", even="A") + "other.example Beee\n")
        self.assert_refused(self.table, f"{self.table}:{MANY + 2}:15: ", '"Beee"')

    def test_a_conflict_changes_nothing(self):
        self.replace(self.table, self.lines() + "Domain5.example B\n")
        self.assert_refused(self.table, f"{self.table}:{MANY + 2}:1: ", f"{self.table}:7:1",
                            '"domain5.example"')

    def test_wrong_lines_without_end_are_told_some(self):
        self.replace(self.own, "a b\n" * MANY)
        self.assert_refused(self.own, f"{self.own}:50:1: ", f"and {MANY - 50} more lines")

    def test_a_missing_file_changes_nothing(self):
        self.own.unlink()
        self.assert_refused(self.own, "senders_file", "No such file or directory")

    def test_a_file_that_the_daemon_may_not_read_changes_nothing(self):
        self.table.chmod(0o600)
        reported = self.world.daemon.control({"command": "reload"})
        self.assertFalse(reported["ok"])
        self.assertIn(f"{self.table} cannot be read: Permission denied", str(reported["errors"]))
        self.assertIn("chgrp sendconnector", str(reported["errors"]))
        self.assert_routes({"x@domain0.example": "B"})

    def test_the_daemon_starts_with_them_and_not_without(self):
        self.world.daemon.stop()
        self.world.daemon.start()
        self.assert_routes({"x@domain0.example": "B", "x@c.example": "C"})
        self.world.daemon.stop()
        self.own.unlink()
        mark = self.world.daemon.log_mark()
        self.world.daemon.spawn()
        self.assertEqual(self.world.daemon.wait_for_end(), 1)
        self.assertIn(str(self.own), self.world.daemon.log(mark))
        self.replace(self.own, "c.example\n")
        self.world.daemon.start()

    def test_what_the_commands_say(self):
        self.assertIn(f"3 connectors, {MANY + 3} senders", self.world.ctl.must("check").output)
        explained = self.world.ctl.must("explain", "--from", "x@domain5.example", "--to",
                                        "to@remote.example").output
        self.assertRegex(explained, rf"Listed in +: {self.table}, line 7")
        explained = self.world.ctl.must("explain", "--from", "x@b.example", "--to",
                                        "to@remote.example").output
        self.assertNotIn("Listed in", explained)
        shown = {one["name"]: one for one in json.loads(self.world.ctl.must("list", "--json").output)}
        self.assertEqual({name: one["listed_senders"] for name, one in shown.items()},
                         {"A": MANY // 2, "B": MANY // 2, "C": 2})
        self.assertIn(f"{{}} and {MANY // 2} in files", self.world.ctl.must("list", "--wide").output)
        shown = self.world.ctl.must("show", "C").output
        self.assertRegex(shown, rf"SendersFile +: {self.own}\n")
        self.assertRegex(shown, r"ListedSenders +: 2 in files\n")

    def test_apply_refuses_a_wrong_table_and_changes_nothing(self):
        self.replace(self.own, "no sender\n")
        before = self.world.postfix.master_cf.read_bytes()
        answer = self.world.ctl.run("apply", "--no-validate")
        self.assertNotEqual(answer.code, 0)
        self.assertIn(f"{self.own}:1:1: ", answer.output)
        self.assertEqual(self.world.postfix.master_cf.read_bytes(), before)
        self.assert_routes({"x@c.example": "C"})
