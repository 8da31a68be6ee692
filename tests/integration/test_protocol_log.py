# SPDX-License-Identifier: Apache-2.0
"""protocol_logging_level = "Verbose": what is written, what is not, and what stays as it was."""

import base64
import datetime
import json
import pathlib
import queue
import signal
import subprocess
import threading

from harness.config_file import connector
from harness.ctl import program
from harness.deadline import wait_until
from harness.protocol_collector import FIELDS, time_of
from harness.test_case import WorldCase

USER, PASSWORD = "relay@contoso.example", "open sesame 41"
HIDDEN = "<authentication response>"
LEFT_OUT = "<text left out>"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


SECRETS = (PASSWORD, encoded(PASSWORD), encoded(f"\0{USER}\0{PASSWORD}"))


class LoggedCase(WorldCase):
    """Contoso logs its conversations and logs in; Fabrikam does neither."""

    weight = 30

    @classmethod
    def build_world(cls):
        world = cls.new_world("plog")
        world.smart_host("contoso", credentials={USER: PASSWORD})
        world.smart_host("fabrikam")
        world.credential("login", USER, PASSWORD)
        cls.configure()
        world.collector.listen().start()
        world.start()

    @classmethod
    def configure(cls, level="Verbose"):
        world = cls.world
        world.configure([
            connector("Contoso Übersee", world.smart_hosts["contoso"], senders=["contoso.example"],
                      protocol_logging_level=level, smart_host_auth_mechanism="BasicAuth",
                      authentication_credential="login"),
            connector("Fabrikam", world.smart_hosts["fabrikam"], senders=["fabrikam.example"])])

    def setUp(self):
        self.host = self.world.smart_hosts["contoso"]
        self.before = self.host.behaviour
        self.addCleanup(self.put_back)

    def put_back(self):
        self.host.behaviour = self.before
        self.world.postfix.command("postsuper", "-d", "ALL")

    def conversation(self, sender="a@contoso.example", **options):
        token = self.world.send(sender, **options)
        self.world.wait_for_mail(token)
        return self.world.collector.wait_for_conversation(sender)


class ProtocolLog(LoggedCase):
    """What is written."""

    # -- format -------------------------------------------------------------------

    def test_a_conversation_in_the_format_of_exchange(self):
        rows = self.conversation("format@contoso.example")
        lines = self.world.collector.text().split("\r\n")
        self.assertEqual([line.split(":")[0] for line in lines[:5]],
                         ["#Software", "#Version", "#Log-Type", "#Date", "#Fields"])
        self.assertEqual(lines[2], "#Log-Type: SMTP Send Protocol Log")
        self.assertEqual(lines[4], "#Fields: " + ",".join(FIELDS))
        self.assertEqual(self.world.collector.files[0].name,
                         f"SEND{datetime.datetime.now(datetime.UTC):%Y%m%d}-1.log")
        self.assertEqual([int(row["sequence-number"]) for row in rows], list(range(len(rows))))
        self.assertEqual({row["connector-id"] for row in rows}, {"Contoso Übersee"})
        self.assertEqual({row["remote-endpoint"] for row in rows},
                         {f"{self.host.address}:{self.host.port}"})
        self.assertRegex(rows[0]["session-id"], "^08[0-9A-F]{14}$")
        events = "".join(row["event"] for row in rows)
        self.assertRegex(events, r"^\*\+<.*>.*-$")
        sent = [row["data"].split(" ")[0] for row in rows if row["event"] == ">"]
        self.assertEqual(sent, ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"])
        self.assertTrue(rows[2]["data"].startswith("220 "))
        now = datetime.datetime.now(datetime.UTC)
        for row in rows:
            self.assertTrue(row["date-time"].endswith("Z"))
            self.assertLess(abs(now - time_of(row)), datetime.timedelta(minutes=2))

    # -- secrets ------------------------------------------------------------------

    def assert_nowhere(self, secrets):
        """In no log of this mail system."""
        folders = (self.world.workspace.logs, self.world.collector.folder,
                   self.world.postfix.log_file.parent)
        for file in {path.resolve() for folder in folders for path in folder.iterdir()}:
            text = pathlib.Path(file).read_text(encoding="utf-8", errors="replace")
            for secret in secrets:
                self.assertNotIn(secret, text, f"in {file}")

    def test_no_password_whichever_mechanism(self):
        for mechanism in ("PLAIN", "LOGIN"):
            with self.subTest(mechanism=mechanism):
                self.host.change(auth_mechanisms=(mechanism,))
                rows = self.conversation(f"{mechanism.lower()}@contoso.example")
                self.assertEqual(self.host.sessions[-1].auth_mechanism, mechanism)
                said = [row["data"] for row in rows]
                self.assertIn(f"235 2.7.0 {LEFT_OUT}", said)
                self.assertTrue([one for one in said if one.startswith("AUTH ") and mechanism in one])
                self.assertTrue([one for one in said if HIDDEN in one])
                self.assert_nowhere(SECRETS)

    def test_a_server_that_says_the_password_back(self):
        self.host.change(mail_reply=f"451 4.3.0 {' '.join(SECRETS)} is what I heard")
        _token, queue_id = self.world.queue_message("told@contoso.example")
        self.world.postfix.wait_until_deferred(queue_id)
        rows = self.world.collector.wait_for_conversation("told@contoso.example")
        self.assertTrue([one for one in rows if one["data"].startswith(f"451 4.3.0 {LEFT_OUT}")])
        self.assertIn(f"said: 451 4.3.0 {LEFT_OUT}",
                      self.world.postfix.wait_for_log(f"{queue_id}: to=.*").group())
        self.assert_nowhere(SECRETS)

    # -- the mail log -------------------------------------------------------------

    def test_the_mail_log_is_as_that_of_other_connectors(self):
        mark = self.world.postfix.log_mark()
        self.conversation("quiet@contoso.example")
        self.world.wait_for_mail(self.world.send("quiet@fabrikam.example"))
        said = {}
        for slug in ("contoso-_c3_9cbersee", "fabrikam"):
            self.world.postfix.wait_for_log(f"postfix/{slug}/smtp.*status=sent", since=mark)
            said[slug] = [line for line in self.world.postfix.log(mark).splitlines()
                          if f"postfix/{slug}/" in line]
        self.assertEqual({slug: len(lines) for slug, lines in said.items()},
                         dict.fromkeys(said, 1), said)
        self.assertNotIn("fabrikam", self.world.collector.text().lower())
        for line in self.world.postfix.log().splitlines():
            self.assertNotRegex(line, r"(vstream|name_mask|dict_|smtp_sasl|: [<>] )")

    # -- the collector ------------------------------------------------------------

    def test_mail_is_delivered_without_the_collector(self):
        self.world.collector.close()
        refused = self.world.ctl.run("apply", "--no-validate")
        self.assertEqual(refused.code, 1)
        self.assertIn("systemctl enable --now sendconnector-log.socket", refused.stderr)
        self.assertIn("sendconnector-log.socket", self.world.ctl.run("status").output)
        self.world.wait_for_mail(self.world.send("meanwhile@contoso.example"))
        # By hand, where there is no systemd. smtp(8) keeps the socket that it has.
        self.world.collector.start()
        self.world.apply()
        self.world.postfix.reload()
        self.conversation("after@contoso.example")
        self.assertNotIn("meanwhile", self.world.collector.text())
        self.world.collector.close()
        self.world.collector.listen().start()
        self.world.postfix.reload()

    def test_nothing_is_lost_while_it_is_started_anew(self):
        self.world.collector.stop()
        token = self.world.send("anew@contoso.example")
        self.world.postfix.wait_for_log("from=<anew@contoso.example>")
        self.world.collector.start()
        self.world.wait_for_mail(token)
        rows = self.world.collector.wait_for_conversation("anew@contoso.example")
        self.assertEqual((rows[0]["context"], rows[-1]["event"]), ("attempting to connect", "-"))
        self.world.postfix.wait_for_log(r"postfix/contoso-_c3_9cbersee/smtp.*status=sent")

    def test_none_stops_it(self):
        self.addCleanup(self.world.apply)
        self.addCleanup(self.configure)
        self.configure("None")
        self.world.apply()
        mark = self.world.postfix.log_mark()
        self.world.wait_for_mail(self.world.send("none@contoso.example"))
        self.world.postfix.wait_for_log("/smtp.*status=sent", since=mark)
        self.assertNotIn("none@contoso", self.world.collector.text())
        shown = self.world.ctl.run("log", "contoso Übersee", "--since", "5m", "--log",
                                   self.world.postfix.log_file)
        self.assertEqual(shown.code, 0, shown)
        self.assertIn("status=sent", shown.stdout)


class Shown(LoggedCase):
    """`sendconnectorctl log`."""

    def test_readable(self):
        rows = self.conversation("shown@contoso.example")
        shown = self.world.ctl.must("log", "contoso Übersee").stdout
        self.assertIn(f"Contoso Übersee  to {self.host.address}:{self.host.port}", shown)
        self.assertIn(rows[0]["session-id"], shown)
        self.assertRegex(shown, r"\d\d:\d\d:\d\d\.\d{3}  >  MAIL FROM:<shown@contoso\.example>")
        self.assertRegex(shown, r"  <  250 2\.0\.0 accepted")

    def test_json(self):
        rows = self.conversation("json@contoso.example")
        answer = self.world.ctl.must("log", "Contoso Übersee", "--json").json
        one = next(one for one in answer["conversations"] if one["session"] == rows[0]["session-id"])
        self.assertEqual([row["data"] for row in one["rows"]], [row["data"] for row in rows])

    def test_since(self):
        self.conversation("since@contoso.example")
        self.assertIn("since@", self.world.ctl.must("log", "Contoso Übersee", "--since", "2m").stdout)
        later = f"{datetime.datetime.now() + datetime.timedelta(minutes=2):%Y-%m-%d %H:%M}"
        answer = self.world.ctl.run("log", "Contoso Übersee", "--since", later)
        self.assertEqual((answer.code, answer.stdout), (1, ""))

    def test_follow(self):
        follower = subprocess.Popen(
            [program("sendconnectorctl"), "--config", str(self.world.config_file), "--json", "log",
             "Contoso Übersee", "--follow"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
        heard = queue.Queue()
        threading.Thread(target=lambda: [heard.put(json.loads(line)) for line in follower.stdout],
                         daemon=True).start()
        try:
            seen = []

            def said_to_follower():
                while not heard.empty():
                    seen.append(heard.get())
                return [row for row in seen if "follow@contoso" in row["data"]]
            # Until it has begun to look nothing tells when that is.
            wait_until(lambda: self.world.send("follow@contoso.example") and said_to_follower(), 20,
                       "a row of the conversation", interval=0.5)
            self.assertEqual(seen[0]["connector"], "Contoso Übersee")
        finally:
            follower.send_signal(signal.SIGINT)
            follower.wait(timeout=10)

    def test_a_reply_breaks_no_terminal(self):
        self.host.change(mail_reply="451 4.3.0 \x1b[2J\x1b]0;owned\x07 \u202e\x9b31m")
        _token, queue_id = self.world.queue_message("hostile@contoso.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.world.collector.wait_for_conversation("hostile@contoso.example")
        # Somebody wrote it there, whoever it was.
        file = self.world.collector.folder / "SEND20261101-1.log"
        self.addCleanup(file.unlink)
        with open(file, "w", encoding="utf-8", newline="") as rows:
            rows.write("2026-11-23T10:00:00.000Z,Contoso Übersee,08DE000000000000,0,,192.0.2.1:25,<,"
                       "\"250 \x1b[2J\x9b31m\x00\x07\u202e\",\x1bc\r\nno row\r\n" + "x" * 1000000 + "\r\n")
        shown = self.world.ctl.must("log", "Contoso Übersee").stdout
        self.assertIn("hostile@contoso.example", shown)
        self.assertIn("08DE000000000000", shown)
        self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_an_unknown_connector(self):
        answer = self.world.ctl.run("log", "Contosso Übersee")
        self.assertEqual(answer.code, 2)
        self.assertIn('did you mean "Contoso Übersee"?', answer.stderr)
