# SPDX-License-Identifier: Apache-2.0
"""`trace`: what became of a message, out of the log of a real Postfix."""

import gzip
import json
import os
import pty
import subprocess
import threading
import time

from harness.config_file import connector
from harness.ctl import program
from harness.deadline import wait_until
from harness.test_case import WorldCase

NAME = "mx.smart.example"
NO_CONTROLS = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]"


class Trace(WorldCase):
    """Contoso has a connector by recipient and one with a wrong certificate, Fabrikam one with TLS."""

    weight = 40
    time_limit = 120

    @classmethod
    def build_world(cls):
        world = cls.new_world("trace")
        world.smart_host("partner")
        world.smart_host("rest")
        world.smart_host("secure", certificate=world.authority.issue(NAME))
        world.smart_host("wrong", certificate=world.authority.issue("mx.other.example"))
        tls = {"require_tls": True, "tls_auth_level": "DomainValidation", "tls_domain": NAME,
               "tls_ca_file": world.authority.certificate_file}
        hosts = world.smart_hosts
        world.configure([
            connector("Partner", hosts["partner"], senders=["contoso.example"],
                      address_spaces=["partner.example"]),
            connector("Rest", hosts["rest"], senders=["contoso.example"]),
            connector("Secure", hosts["secure"], senders=["fabrikam.example"], **tls),
            connector("Wrong", hosts["wrong"], senders=["wingtip.example"], **tls)])
        world.start()

    def setUp(self):
        self.addCleanup(self.world.postfix.command, "postsuper", "-d", "ALL")

    def logs(self, *more):
        return [word for file in (self.world.postfix.log_file, self.world.daemon.log_file, *more)
                for word in ("--log", file)]

    def trace(self, *words):
        """The one message that is found."""
        answer = self.world.ctl.must("trace", *words, *self.logs(), "--json").json
        self.assertTrue(answer["complete"])
        self.assertEqual(len(answer["messages"]), 1, answer)
        return answer["messages"][0]

    def sent(self, sender, recipients="friend@remote.example", copies=1):
        """A message that was delivered, all of it: its token and queue ID."""
        token, queue_id = self.world.queue_message(sender, recipients)
        self.world.wait_for_mail(token, copies)
        self.world.postfix.wait_for_log(f"{queue_id}: removed")
        return token, queue_id

    @staticmethod
    def steps(message, kind):
        """Of the message and its copies."""
        found = [one for one in message["steps"] if one["step"] == kind]
        for copy in message["copies"]:
            found += Trace.steps(copy, kind)
        return found

    # -- one message ------------------------------------------------------------------

    def test_a_delivery_with_connector_smart_host_and_tls(self):
        token, queue_id = self.sent("a@fabrikam.example")
        host = self.world.smart_hosts["secure"]
        for words in ([queue_id], [f"{token}@test.example"], [f"<{token}@test.example>"],
                      ["--from", "A@Fabrikam.example", "--since", "1h"]):
            message = self.trace(*words)
            self.assertEqual(message["queue_id"], queue_id)
            self.assertEqual(message["sender"], "<a@fabrikam.example>")
            self.assertEqual(message["message_id"], f"<{token}@test.example>")
            self.assertTrue(message["removed"])
            delivery, = self.steps(message, "delivered")
            self.assertEqual((delivery["to"], delivery["connector"], delivery["status"], delivery["dsn"]),
                             ("friend@remote.example", "Secure", "sent", "2.0.0"))
            self.assertEqual(delivery["chosen_by"], "lookup")
            self.assertIn(f"[{host.address}]:{host.port}", delivery["relay"])
            self.assertRegex(delivery["tls"], r"^(Trusted|Verified) TLSv1\.3 with cipher ")
            self.assertEqual(len(self.steps(message, "received")), 1)
        shown = self.world.ctl.must("trace", queue_id, *self.logs()).stdout
        self.assertRegex(shown, r'delivered .*friend@remote\.example by connector "Secure" to .*TLSv1\.3.*'
                                r": 2\.0\.0 250 2\.0\.0 accepted")
        self.assertRegex(shown, r'decided +connector "Secure", by the sender alone')

    def test_decision_and_copies(self):
        token, queue_id = self.sent("a@contoso.example", ["x@partner.example", "y@far.example"], 2)
        wait_until(lambda: len(self.steps(self.trace(queue_id), "removed")) == 3, 20, "three queue files")
        message = self.trace(queue_id)
        self.assertEqual(len(message["copies"]), 2)
        self.assertEqual({(one["to"], one["connector"]) for one in self.steps(message, "delivered")},
                         {("x@partner.example", "Partner"), ("y@far.example", "Rest")})
        self.assertEqual(len(self.steps(message, "handed over")), 2)
        # The daemon says of each copy which connector, and who split it.
        routes = {one["connector"] for one in self.steps(message, "decided") if one["connector"]}
        self.assertEqual(routes, {"Partner", "Rest"})
        self.assertEqual({one["chosen_by"] for one in self.steps(message, "delivered")}, {"milter"})
        # Asked by a copy's queue ID, by the recipient: the same message.
        copy = message["copies"][0]["queue_id"]
        self.assertEqual(self.trace(copy)["queue_id"], queue_id)
        self.assertEqual(self.trace(f"{token}@test.example")["queue_id"], queue_id)
        shown = self.world.ctl.must("trace", queue_id, *self.logs()).stdout
        self.assertRegex(shown, r"\n    +" + copy)
        self.assertIn('connector "Partner"', shown)

    def test_why_it_waits(self):
        _token, queue_id = self.world.queue_message("a@wingtip.example")
        self.world.postfix.wait_until_deferred(queue_id)
        deferred = self.steps(self.trace(queue_id), "deferred")[0]
        self.assertEqual(deferred["connector"], "Wrong")
        self.assertIn("SubjectMismatch", " ".join(deferred["reasons"]))
        shown = self.world.ctl.must("trace", queue_id, *self.logs()).stdout
        self.assertRegex(shown, "because .*SubjectMismatch")
        # Without the log of the daemon, from the daemon itself.
        self.assertIn("SubjectMismatch", self.world.ctl.must("trace", queue_id).stdout)

    # -- which messages -----------------------------------------------------------------

    def test_by_sender_and_recipient(self):
        _token, one = self.sent("which@contoso.example", "x@partner.example")
        _token, other = self.sent("which@contoso.example", "y@far.example")

        def found(*words):
            answer = self.world.ctl.run("trace", *words, *self.logs(), "--json")
            return {message["queue_id"] for message in answer.json["messages"]}
        self.assertEqual(found("--from", "which@contoso.example"), {one, other})
        self.assertEqual(found("--from", "which@contoso.example", "--to", "X@partner.example"), {one})
        self.assertEqual(found("--from", "which@contoso.example", "--to", "@far.example"), {other})
        self.assertLessEqual({one, other}, found("--from", "@contoso.example"))
        self.assertEqual(found("--from", "which@contoso.example", "--until", "1h"), set())

    def test_what_is_not_there(self):
        answer = self.world.ctl.run("trace", "nobody@test.example", *self.logs())
        self.assertEqual((answer.code, answer.stdout), (1, ""))
        self.assertIn("tells of no such message", answer.stderr)
        for words in ([], ["ID", "--from", "a@b.example"], ["ID", "--since", "whenever"],
                      ["ID", "--log", "/nonexistent"]):
            self.assertEqual(self.world.ctl.run("trace", *words).code, 2, words)

    # -- which log ------------------------------------------------------------------------

    def test_rotated_files(self):
        token, queue_id = self.sent("old@contoso.example", "x@partner.example")
        want = self.world.ctl.must("trace", queue_id, "--log", self.world.postfix.log_file).stdout
        lines = self.world.postfix.log_file.read_bytes().splitlines(keepends=True)
        cut = next(i for i, line in enumerate(lines) if f"{queue_id}: from=".encode() in line)
        folder = self.world.workspace.folder("rotated")
        (folder / "mail.log").write_bytes(b"".join(lines[cut:]))
        (folder / "mail.log.1.gz").write_bytes(gzip.compress(b"".join(lines[:cut])))
        os.utime(folder / "mail.log.1.gz", (time.time() - 60, time.time() - 60))
        self.world.postfix.postconf("-e", f"maillog_file={folder}/mail.log")
        self.addCleanup(self.world.postfix.postconf, "-e", f"maillog_file={self.world.postfix.log_file}")
        self.assertEqual(self.world.ctl.must("trace", queue_id).stdout, want)
        self.assertIn(f"{token}@test.example", want)

    def test_a_log_that_cannot_be_read(self):
        _token, queue_id = self.sent("damaged@contoso.example", "x@partner.example")
        whole = self.world.postfix.log_file.read_bytes()
        folder = self.world.workspace.folder("damaged", 0o755)
        # Its end is missing, and with it the message, or all but the message.
        before = whole[:whole.index(f"{queue_id}: client=".encode())]
        damaged = [folder / "before.gz", folder / "after.gz"]
        damaged[0].write_bytes(gzip.compress(before + os.urandom(1 << 20).replace(b"\n", b" "))[:-4000])
        damaged[1].write_bytes(gzip.compress(whole + os.urandom(1 << 20).replace(b"\n", b" "))[:-4000])
        forbidden = folder / "forbidden.log"
        forbidden.write_bytes(whole)
        forbidden.chmod(0o600)
        for file, user, code in ((damaged[0], 0, 2), (damaged[1], 0, 0), (forbidden, 65534, 2), (forbidden, 0, 0)):
            with self.subTest(file=file.name, user=user):
                words = [program("sendconnectorctl"), "--config", str(self.world.config_file)]
                shown = subprocess.run([*words, "trace", queue_id, "--log", str(file), "--json"], user=user,
                                       capture_output=True, text=True, check=False)
                self.assertEqual(shown.returncode, code, shown)
                answer = json.loads(shown.stdout)
                self.assertEqual(answer["complete"], file == forbidden and user == 0)
                self.assertEqual(len(answer["messages"]), 1 if code == 0 else 0)
                if not answer["complete"]:
                    self.assertIn(str(file), shown.stderr)
        answer = self.world.ctl.run("log", "Rest", "--since", "1h", "--log", damaged[0], "--json")
        self.assertFalse(answer.json["complete"])
        self.assertEqual(answer.code, 0 if answer.json["conversations"] else 2)

    def test_spans_that_are_none(self):
        for since in ("110000000d", "2147483647h"):
            self.assertEqual(self.world.ctl.run("trace", "--from", "a@b", "--since", since).code, 2)

    # -- what is hostile, what is big -------------------------------------------------------

    def test_lines_that_are_hostile(self):
        _token, queue_id = self.sent("evil@contoso.example", "x@partner.example")
        escapes = b"\x1b[2J\x1b]0;owned\x07\x9b31m\x00\xe2\x80\xae\xff"
        stamp = self.world.postfix.log().splitlines()[-1][:15].encode()
        head = stamp + b" mx postfix/partner/smtp[7]: " + queue_id.encode() + b": "
        # Every queue file hands over to every other; a line that does not end.
        chain = b"".join(
            stamp + b" mx postfix/smtp[8]: 4%011d: to=<a@b>, relay=127.0.0.1[127.0.0.1]:25, delay=1, "
            b"dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4%011d)\n" % (i, (i * 7 + 1) % 5000)
            for i in range(5000))
        file = self.world.workspace.write("hostile.log", b"".join([
            head + b"to=<" + escapes + b">, relay=" + escapes + b", delay=1, dsn=4.0.0, status=deferred ("
            + escapes + b")\n",
            head + b"from=<" + escapes + b">, size=" + escapes + b"\n", head + b"message-id=" + escapes + b"\n",
            head + b"to=<" + b"(" * 100000 + b"\n", b"\x00" * 1000 + b"\n", b"\xff" * 1000 + b": :\n",
            chain, head]))
        os.truncate(file, 512 << 20)
        for words in ([queue_id], ["400000000000"], ["--to", "a@b"]):
            shown = self.world.ctl.must("trace", *words, *self.logs(file))
            self.assertNotRegex(shown.output, NO_CONTROLS)
        # Nothing keeps that last line.
        self.assertLess(self.memory_of("trace", queue_id, *self.logs(file), "--json"), 400 << 20)

    def test_a_million_lines_with_progress(self):
        _token, queue_id = self.sent("million@contoso.example", "x@partner.example")
        own = self.world.postfix.log_file.read_bytes()
        line = (b"Nov 23 10:00:%02d mx postfix/other/smtp[%d]: %X: to=<user%d@remote.example>, "
                b"relay=mx[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.1/1, dsn=2.0.0, status=sent "
                b"(250 2.0.0 Ok: queued as %X)\n")
        file = self.world.workspace.write("million.log", own)
        with open(file, "ab") as log:
            log.writelines(line % (i % 60, i % 97, 0xA00000000 + i // 3, i, 0xB00000000 + i)
                           for i in range(1_000_000))
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [program("sendconnectorctl"), "--config", str(self.world.config_file), "trace", queue_id,
             "--log", str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=follower)
        os.close(follower)
        progress = []
        watcher = threading.Thread(target=self.read_all, args=(leader, progress))
        watcher.start()
        shown = process.communicate(timeout=100)[0].decode()
        watcher.join(timeout=10)
        progress = b"".join(progress)
        self.assertEqual(process.returncode, 0)
        self.assertIn('by connector "Partner"', shown)
        self.assertIn("[####".encode(), progress)
        self.assertGreater(progress.count(b"reading"), 5)

    def memory_of(self, *words):
        """The most that a command takes, in octets."""
        process = subprocess.Popen(
            [program("sendconnectorctl"), "--config", str(self.world.config_file), *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _pid, process.returncode, usage = os.wait4(process.pid, 0)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss << 10

    @staticmethod
    def read_all(terminal, blocks):
        try:
            while block := os.read(terminal, 65536):
                blocks.append(block)
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
