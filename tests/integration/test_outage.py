# SPDX-License-Identifier: Apache-2.0
"""The daemon or Postfix is away: nothing is lost, nothing leaves another way, nothing twice."""

from harness import messages
from harness.config_file import connector
from harness.deadline import wait_until
from harness.test_case import WorldCase


class DaemonOutage(WorldCase):
    """Stopped, killed, restarted: new mail is deferred, queued mail waits."""

    weight = 20

    @classmethod
    def build_world(cls):
        world = cls.new_world("out")
        world.postfix.set_aliases({"box": world.postfix.mailbox_file("box"),
                                   "forward": "far@remote.example"})
        world.configure([
            connector("Contoso", world.smart_host("Contoso"), senders=["contoso.example"]),
            connector("Null", world.smart_host("Null"), senders=["<>"])])
        world.start()

    def setUp(self):
        self.addCleanup(self._up)

    def _up(self):
        if not self.world.daemon.running:
            self.world.daemon.start()
        self.world.smart_hosts["Contoso"].stop()
        self.world.smart_hosts["Contoso"].start()

    def queue_some(self, count=5):
        """Mail in the queue, its smart host being down."""
        host = self.world.smart_hosts["Contoso"]
        host.stop()
        sent = [self.world.queue_message("alice@contoso.example") for _ in range(count)]
        for _token, queue_id in sent:
            self.world.postfix.wait_until_deferred(queue_id)
        host.start()
        return [token for token, _queue_id in sent]

    def assert_each_arrives_once(self, tokens, server="Contoso"):
        for token in tokens:
            self.world.wait_for_mail(token, flush=True, seconds=40)
        self.world.postfix.wait_until_queue_empty(flush=True)
        for token in tokens:
            self.assertEqual([one.server for one in self.world.received(token)], [server])

    def assert_new_mail_is_deferred(self, sender="alice@contoso.example"):
        token, result = self.world.submit(sender)
        self.assertFalse(result.accepted)
        self.assertTrue(result.refusal.temporary, result.refusal)
        return token

    def test_new_mail_gets_4xx_and_queued_mail_stays(self):
        tokens = self.queue_some()
        self.assertEqual(self.world.daemon.stop(), 0)
        refused = [self.assert_new_mail_is_deferred() for _ in range(3)]
        refused.append(self.assert_new_mail_is_deferred("stranger@other.example"))
        self.world.postfix.flush()
        for token in tokens:
            self.world.stays_queued(token, seconds=0.4)
        self.assertEqual(len(self.world.postfix.queue()), len(tokens))
        self.world.daemon.start()
        self.assert_each_arrives_once(tokens)
        for token in refused:
            self.assertEqual(self.world.received(token), [])

    def test_sendmail_submission_waits_for_the_daemon(self):
        self.world.daemon.stop()
        token = messages.new_token()
        self.world.postfix.sendmail("alice@contoso.example", "friend@remote.example",
                                    messages.message(token))
        self.world.postfix.wait_for_log("milter-reject|warning: .*milter|4\\.7\\.1|4\\.3\\.0")
        self.assertEqual(self.world.received(token), [])
        self.world.daemon.start()

        def arrived():
            self.world.postfix.wake_pickup()
            self.world.postfix.flush()
            return self.world.received(token)

        wait_until(arrived, 40, lambda: f"{token}; log:\n{self.world.postfix.log()}", 0.5)
        self.assert_each_arrives_once([token])

    def test_killed_daemon_starts_again_over_its_stale_sockets(self):
        tokens = self.queue_some(2)
        self.world.daemon.kill()
        self.assertTrue(self.world.milter_socket.exists())
        self.assertTrue(self.world.lookup_socket.exists())
        self.assert_new_mail_is_deferred()
        self.world.daemon.start()
        tokens.append(self.world.send("alice@contoso.example"))
        self.assert_each_arrives_once(tokens)

    def test_bounce_during_the_outage_waits_for_its_connector(self):
        """A bounce is made by Postfix itself and meets no milter; the lookup holds it."""
        host = self.world.smart_hosts["Contoso"]
        host.change(recipient_replies={"gone@remote.example": "550 5.1.1 no such user"})
        self.addCleanup(host.change, recipient_replies={})
        host.stop()
        token, queue_id = self.world.queue_message("alice@contoso.example",
                                                   "gone@remote.example")
        self.world.postfix.wait_until_deferred(queue_id)
        self.world.smart_hosts["Null"].stop()
        host.start()
        bounced = self.world.postfix.log_mark()

        def bounce_waits():
            self.world.postfix.flush()
            return [one for one in self.world.postfix.queue() if one.sender == "" and one.reason]

        wait_until(bounce_waits, 20, lambda: f"a bounce; {self.world.postfix.log(bounced)}", 0.5)
        self.world.daemon.stop()
        self.world.smart_hosts["Null"].start()
        self.world.postfix.flush()
        self.world.stays_queued(token, seconds=1)
        self.world.daemon.start()
        self.assert_each_arrives_once([token], server="Null")

    def test_crash_of_postfix_loses_and_doubles_nothing(self):
        tokens = self.queue_some()
        self.world.postfix.kill()
        self.world.postfix.start()
        tokens.append(self.world.send("alice@contoso.example"))
        self.assert_each_arrives_once(tokens)

    def test_local_mail_already_queued_is_delivered_without_the_daemon(self):
        """The lookup is asked for outside recipients; local delivery goes on (invariant 4)."""
        token, _queue_id = self.world.queue_message("alice@contoso.example",
                                                    "box@local.example")
        wait_until(lambda: token in self.world.postfix.mailbox_file("box").read_text(), 10,
                   "local delivery")
