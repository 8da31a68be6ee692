# SPDX-License-Identifier: Apache-2.0
"""Start and end of the daemon: sockets, signals, clear messages."""

import os
import signal
import socket
import stat
import subprocess

from harness import ctl, socketmap
from harness.config_file import connector
from harness.connector_daemon import ConnectorDaemon
from harness.milter_client import MilterClient
from harness.test_case import WorldCase

_END_SECONDS = 10


class DaemonLife(WorldCase):
    """One daemon on private sockets; Postfix need not run for these."""

    weight = 12

    def setUp(self):
        world = self.own_world("life")
        world.configure([connector("Contoso", world.smart_host("Contoso"),
                                   senders=["contoso.example"])])

    def test_sigterm_ends_it_with_exit_code_0_in_bounded_time(self):
        self.world.daemon.start()
        self.assertEqual(self.world.daemon.stop(_END_SECONDS), 0)

    def test_sigterm_is_not_held_up_by_idle_or_half_served_clients(self):
        self.world.daemon.start()
        with socketmap.Lookup(self.world.lookup_socket) as idle, \
                socketmap.Lookup(self.world.lookup_socket) as half, \
                MilterClient(self.world.milter_socket) as milter:
            idle.ask("transport", "a@contoso.example")
            half.send_raw(b"40:transport a@con")
            milter.negotiate()
            milter.connect()
            self.assertEqual(self.world.daemon.stop(_END_SECONDS), 0)

    def test_sigint_ends_it_too(self):
        self.world.daemon.start()
        os.kill(self.world.daemon.pid, signal.SIGINT)
        self.assertEqual(self.world.daemon.wait_for_end(_END_SECONDS), 0)

    def test_sockets_are_for_postfixs_group_only(self):
        self.world.daemon.start()
        for path in (self.world.milter_socket, self.world.lookup_socket):
            self.assertTrue(stat.S_ISSOCK(path.stat().st_mode))
            self.assertEqual(path.stat().st_mode & 0o007, 0, path)
            self.assertEqual(path.stat().st_mode & 0o060, 0o060, path)
            self.assertEqual(path.group(), "postfix", path)

    def test_stale_socket_files_are_replaced(self):
        for path in (self.world.milter_socket, self.world.lookup_socket):
            stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            stale.bind(str(path))
            stale.close()
            os.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)
        self.world.daemon.start()
        self.world.transport_answer("a@contoso.example")

    def test_a_file_that_is_no_socket_is_left_alone(self):
        self.world.lookup_socket.write_text("precious")
        self.world.daemon.spawn()
        self.assertEqual(self.world.daemon.wait_for_end(), 1)
        self.assertIn(str(self.world.lookup_socket), self.world.daemon.log())
        self.assertEqual(self.world.lookup_socket.read_text(), "precious")

    def test_second_daemon_on_the_same_sockets_is_refused(self):
        self.world.daemon.start()
        second = ConnectorDaemon(self.world.workspace, self.world.config_file,
                                 self.world.control_socket, name="second").spawn()
        self.assertEqual(second.wait_for_end(), 1)
        self.assertRegex(second.log(), r"(?i)in use|already|another|running")
        self.assertRegex(second.log(), str(self.world.postfix.queue_directory)
                         + "|" + str(self.world.control_socket))
        self.assertTrue(self.world.daemon.running)
        self.world.transport_answer("a@contoso.example")
        self.assertTrue(self.world.daemon.control({"command": "status"})["ok"])

    def test_missing_socket_folder_is_a_clear_start_up_error(self):
        self.world.milter_socket.parent.rmdir()
        self.world.daemon.spawn()
        self.assertEqual(self.world.daemon.wait_for_end(), 1)
        self.assertIn(str(self.world.milter_socket.parent), self.world.daemon.log())

    def test_wrong_option_ends_with_2(self):
        done = subprocess.run([ctl.program("sendconnectord"), "--no-such-option"],
                              capture_output=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"no-such-option", done.stderr)

    def test_check_config_says_whether_it_would_start(self):
        words = [ctl.program("sendconnectord"), "--config", self.world.config_file,
                 "--log", "stderr", "--check-config"]
        self.assertEqual(subprocess.run(words, capture_output=True, timeout=20,
                                        check=False).returncode, 0)
        self.world.config_file.write_text("nonsense = 1\n")
        done = subprocess.run(words, capture_output=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.world.config_file}:1:".encode(), done.stderr + done.stdout)

    def test_connector_that_was_never_applied_could_not_be_told(self):
        """Three outcomes, never two (invariant 6): before apply the answer is TEMP."""
        self.world.daemon.start()
        answer = self.world.transport_answer("a@contoso.example")
        self.assertTrue(answer.startswith("TEMP "), answer)
        self.assertIn("Contoso", answer)
        self.assertIn("apply", answer)

    def test_status_says_what_runs(self):
        self.world.daemon.start()
        daemon = self.world.ctl.run("--json", "status").json["daemon"]
        self.assertEqual((daemon["state"], daemon["same_configuration"]), ("running", True))
        self.world.daemon.stop()
        self.assertNotEqual(self.world.ctl.run("status").code, 0)

    def test_runs_unprivileged(self):
        self.world.daemon.start()
        self.assertNotEqual(os.stat(f"/proc/{self.world.daemon.pid}").st_uid, 0)
