# SPDX-License-Identifier: Apache-2.0
"""Revocation while mail flows, and while the servers of revocation lists are away."""

import time

from harness.config_file import connector
from harness.deadline import wait_until
from harness.test_case import WorldCase
from harness.web_server import WebServer

NAME = "mx.smart.example"
TLS = {"refresh_after": "00:00:01", "failure_lifetime": "00:00:01", "revocation_retry": "00:00:01",
       "revocation_fetch_time": "00:00:02", "probe_time": "00:00:05"}
RETRIES = {"queue_run_delay": "2s", "minimal_backoff_time": "2s", "maximal_backoff_time": "3s"}
LEVELS = {"Chain": {"tls_auth_level": "CertificateValidation"},
          "Name": {"tls_auth_level": "DomainValidation", "tls_domain": NAME}}


class Revocation(WorldCase):
    """One connector a level; each has a certificate and an authority of its own list."""

    weight = 60
    time_limit = 120

    def setUp(self):
        world = self.own_world("revoke", settings=RETRIES)
        self.lists = WebServer(world.workspace.network.next_address())
        world.workspace.on_close(self.lists.stop)
        self.lists.start()
        certificate = world.authority.issue(NAME, list_url=self.lists.url("/list"))
        self.certificate = certificate
        world.configure([connector(
            name, world.smart_host(name, certificate=certificate), require_tls=True,
            senders=[f"{name.lower()}.example"],
            tls_ca_file=world.authority.certificate_file, **rule)
            for name, rule in LEVELS.items()], tls=TLS)

    def list_lives(self, seconds):
        """Lists are made when they are fetched, and count so long."""
        self.lists.pages["/list"] = lambda: self.world.authority.revocation_list(seconds)

    def flows(self, seconds=20):
        for name in LEVELS:
            token = self.world.send(f"a@{name.lower()}.example")
            received = self.world.wait_for_mail(token, seconds=seconds)
            self.assertEqual([one.server for one in received], [name])

    def queues(self, reason):
        """Mail at both levels waits, and Postfix's log says why; return the tokens."""
        mark = self.world.postfix.log_mark()
        sent = [self.world.queue_message(f"a@{name.lower()}.example") for name in LEVELS]
        for _token, queue_id in sent:
            self.assertEqual(self.world.postfix.wait_for_attempt(queue_id).dsn, "4.7.5")
        self.world.postfix.wait_for_log(reason, since=mark)
        for token, _queue_id in sent:
            self.world.stays_queued(token, seconds=1)
        return [token for token, _queue_id in sent]

    def test_nothing_leaves_after_the_next_list_names_the_certificate(self):
        self.list_lives(8)
        self.world.start()
        self.flows()
        # Right after a list has been fetched, there is time for mail until the next.
        flowing = time.monotonic()
        wait_until(lambda: self.lists.fetches_since(flowing), 20, "the list to be fetched again")
        revoked_at = time.monotonic()
        self.world.authority.revoke(self.certificate)
        before, after, end = [], [], revoked_at + 25
        while time.monotonic() < end:
            fetched = self.lists.fetches_since(revoked_at)
            # A second for the list to be read and judged.
            late = fetched and time.monotonic() > fetched[0] + 1
            for name in LEVELS:
                (after if late else before).append(self.world.send(f"a@{name.lower()}.example"))
            if len(after) >= 20:
                break
            time.sleep(0.2)
        self.assertGreaterEqual(len(after), 20, "the list was not fetched again")
        self.assertLess(self.lists.fetches_since(revoked_at)[0] - revoked_at, 10)
        for token in after:
            self.world.stays_queued(token, seconds=0.2)
        self.assertGreater(sum(bool(self.world.received(token)) for token in before), 0)
        self.world.postfix.wait_for_log("Reason:Revoked")
        self.assertNotIn("bounced", [one.status for one in self.world.postfix.attempts()])

    def test_mail_flows_until_the_list_runs_out_and_again_when_its_server_returns(self):
        self.list_lives(10)
        self.world.start()
        self.flows()
        self.lists.stop()
        died = time.monotonic()
        self.flows(seconds=8)
        # What was fetched last counts for ten seconds from then, and not a moment longer.
        wait_until(lambda: time.monotonic() > died + 11.5, 20, "the list to run out")
        tokens = self.queues("RevocationOffline")
        self.lists.start()
        for token in tokens:
            self.world.wait_for_mail(token, seconds=40)
        self.flows()

    def test_a_restart_lives_on_the_list_on_disk(self):
        self.list_lives(3600)
        self.world.start()
        self.flows()
        self.lists.stop()
        self.assertEqual(self.world.daemon.stop(), 0)
        self.world.daemon.start()
        self.flows()

    def test_a_start_without_list_or_server_queues(self):
        self.list_lives(3600)
        self.lists.stop()
        self.world.start()
        tokens = self.queues("RevocationOffline")
        self.lists.start()
        for token in tokens:
            self.world.wait_for_mail(token, seconds=40)
