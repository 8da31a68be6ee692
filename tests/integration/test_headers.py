# SPDX-License-Identifier: Apache-2.0
"""`headers`: what real servers wrote, and which connector took the message."""

from harness.config_file import connector
from harness.postfix import Postfix
from harness.test_case import WorldCase

PARTNER = "in.partner.example"
FQDN = "out.contoso.example"


class Headers(WorldCase):
    """Contoso and Fabrikam send to a partner's Postfix with TLS, which hands on to a mailbox."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("headers")
        certificate = world.authority.issue(PARTNER)
        cls.partner = Postfix(world.workspace, relayhost=world.site.next_hop, name="partner", settings={
            "myhostname": PARTNER, "smtpd_tls_security_level": "may",
            "smtpd_tls_chain_files": certificate.combined, "smtpd_tls_received_header": "yes"}).start()
        cls.next_hop = f"[{cls.partner.address}]:{cls.partner.port}"
        world.smart_host("down").stop()
        world.configure([
            connector("Contoso", cls.next_hop, senders=["contoso.example"], fqdn=FQDN,
                      require_tls=True, tls_auth_level="EncryptionOnly"),
            connector("Fabrikam", cls.next_hop, senders=["fabrikam.example"]),
            connector("Waiting", world.smart_hosts["down"], senders=["waiting.example"])])
        world.start()

    def delivered(self, sender):
        """The file of a message as the mailbox at the end of its way has it."""
        token = self.world.send(sender)
        message = self.world.wait_for_mail(token)[0]
        # The last server writes the envelope sender into it (RFC 5321, 4.4).
        return self.world.workspace.write(
            f"{token}.eml", f"Return-Path: <{message.sender}>\r\n".encode() + message.data)

    def read(self, *arguments, **options):
        return self.world.ctl.must("headers", *arguments, "--json", **options).json

    def test_a_message_names_the_connector_that_it_went_through(self):
        path = self.delivered("a@contoso.example")
        answer = self.read(path)
        ours, partner = answer["hops"]
        self.assertEqual((ours["by"], ours["connector"]), ("mx.relay.example", None))
        self.assertEqual((partner["from"], partner["by"], partner["software"], partner["with"]),
                         (FQDN, PARTNER, "Postfix", "ESMTPS"))
        self.assertEqual(partner["tls"]["protocol"], "TLSv1.3")
        self.assertIn("AES", partner["tls"]["cipher"])
        self.assertEqual(partner["connector"], {
            "names": ["Contoso"], "evidence": [f"HELO {FQDN} is its fqdn"], "guess": False})
        self.assertGreaterEqual(partner["delay"], 0)
        shown = self.world.ctl.must("headers", path).stdout
        self.assertIn(f"Contoso, at hop 2: HELO {FQDN} is its fqdn", shown)
        page = self.world.ctl.must("headers", path, "--html").stdout
        self.assertIn("<bdi>Contoso</bdi>", page)

    def test_a_connector_that_leaves_no_trace_is_a_guess(self):
        partner = self.read(self.delivered("a@fabrikam.example"))["hops"][-1]
        self.assertEqual((partner["from"], partner["by"]), ("mx.relay.example", PARTNER))
        self.assertEqual((partner["connector"]["names"], partner["connector"]["guess"]),
                         (["Fabrikam"], True))

    def test_mail_of_no_connector_names_none(self):
        token = self.world.send("stranger@nowhere.example")
        message = self.world.wait_for_mail(token)[0]
        path = self.world.workspace.write(f"{token}.eml", message.data)
        self.assertEqual([hop["connector"] for hop in self.read(path)["hops"]], [None])

    def test_standard_input(self):
        path = self.delivered("a@contoso.example")
        from_file = self.read(path)
        from_input = self.read("-", data=path.read_bytes())
        self.assertEqual(from_input.pop("source"), "standard input")
        self.assertEqual(from_file.pop("source"), str(path))
        self.assertEqual(from_input, from_file)

    def test_a_page_is_written_to_a_file(self):
        path = self.delivered("a@contoso.example")
        page = self.world.workspace.path / "page.html"
        answer = self.world.ctl.must("headers", path, f"--html={page}")
        self.assertEqual(answer.stdout, "")
        self.assertEqual(page.read_text(encoding="utf-8"),
                         self.world.ctl.must("headers", path, "--html").stdout)

    def test_a_queued_message_tells_where_it_will_leave(self):
        token, queue_id = self.world.queue_message("a@waiting.example",
                                                   ["x@remote.example", "y@local.example"])
        self.addCleanup(self.world.postfix.command, "postsuper", "-d", queue_id)
        self.world.postfix.wait_until_deferred(queue_id)
        answer = self.read("--queue-id", queue_id)
        self.assertEqual(answer["source"], f"queue ID {queue_id}")
        self.assertEqual(answer["summary"]["Subject"], f"test {token}")
        self.assertEqual([hop["by"] for hop in answer["hops"]], ["mx.relay.example"])
        queued = answer["queued"]
        self.assertEqual((queued["queue_id"], queued["queue"], queued["filter"]),
                         (queue_id, "deferred", None))
        self.assertIn({"to": "x@remote.example", "route": "Waiting", "service": "sc-waiting"},
                      queued["recipients"])
        shown = self.world.ctl.must("headers", "--queue-id", queue_id).stdout
        self.assertIn("Waiting, for x@remote.example", shown)

    def test_a_queue_id_that_is_none(self):
        answer = self.world.ctl.run("headers", "--queue-id", "NOSUCHID")
        self.assertEqual(answer.code, 2)
        self.assertIn("no queued message has the queue ID NOSUCHID", answer.stderr)
        self.assertIn("postqueue -p", answer.stderr)

    def test_without_daemon_and_postfix_there_is_still_a_report(self):
        path = self.delivered("a@contoso.example")
        self.world.daemon.stop()
        self.addCleanup(self.world.daemon.start)
        self.assertEqual(self.read(path)["hops"][1]["connector"]["names"], ["Contoso"])
