# SPDX-License-Identifier: Apache-2.0
"""A private Postfix instance below a workspace.

It has its own configuration, queue and data directories and its own log file
(written by postlogd(8)), listens on loopback only, and shares nothing with
the host's Postfix but the installed programs. Needs root, as Postfix does.
"""

import fcntl
import functools
import os
import pathlib
import re
import shutil
import signal
import subprocess

from . import mail_queue, ports, postfix_files, processes, smtp_client
from .deadline import wait_until
from .settled_file import write_settled

_CHROOT_SCRIPT = pathlib.Path("/usr/lib/postfix/configure-instance.sh")
_COMMAND_SECONDS = 60
_QUEUES = "SENDCONNECTOR_TEST_QUEUES"


def keep_queues_in(folder):
    """From now on, in this process and its children, lay out a queue directory once, in this folder."""
    pathlib.Path(folder).mkdir()
    os.environ[_QUEUES] = str(folder)


@functools.cache
def _start_fills_chroot():
    """Before Debian 13 the init script fills the chroot, since then `postfix start` does."""
    return "run by postfix-script" in _CHROOT_SCRIPT.read_text()


def _copy(source, target):
    """Everything in a folder, with owners and modes."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


class Postfix:
    """`start` before use, `stop` after; the rest needs it running or not as noted."""

    def __init__(self, workspace, chroot=True, relayhost=None, settings=None, raw_main_cf="",
                 aliases=None, hosts=None, resolver=None, name="postfix"):
        """Write the instance's files.

        `relayhost` is where mail goes that no connector takes; `aliases` maps
        local parts to alias expansions; `hosts` (name -> address) and
        `resolver` (an address) replace the chroot's etc/hosts and
        etc/resolv.conf, hence need `chroot`.
        """
        self.root = workspace.folder(name)
        self.config_directory = workspace.folder(f"{name}/etc")
        self.queue_directory = workspace.folder(f"{name}/queue")
        self.data_directory = workspace.folder(f"{name}/data", 0o700, owner="postfix")
        workspace.folder(f"{name}/log")
        self.log_file = self.root / "log/mail.log"
        (workspace.logs / f"{name}.log").symlink_to(self.log_file)
        self.chroot = chroot
        self.address = workspace.network.next_address()
        self.port = ports.free_port(self.address)
        self._hosts = hosts
        self._resolver = resolver
        self._environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                             "MAIL_CONFIG": str(self.config_directory)}
        self._listed = ""
        self._listed_state = None
        self._mailboxes = workspace.folder(f"{name}/mailboxes", 0o755, owner="nobody")
        write_settled(self.main_cf,
                      postfix_files.main_cf(self.root, relayhost, settings, raw_main_cf))
        self.master_cf.write_text(
            postfix_files.master_cf(f"{self.address}:{self.port}", chroot))
        self.set_aliases(aliases or {})
        self._is_ready = self._lay_out_queue()
        self._master = None
        workspace.on_close(self.stop)

    @property
    def main_cf(self):
        return self.config_directory / "main.cf"

    @property
    def master_cf(self):
        return self.config_directory / "master.cf"

    # -- life -----------------------------------------------------------------

    def start(self):
        """Start, and wait until smtpd(8) accepts connections."""
        if self._is_ready:
            (self.queue_directory / "quick-start").touch()
        else:
            self._fill_chroot()
        self._is_ready = False
        self.command("postfix", "start")
        self._change_resolving()
        pid = int((self.queue_directory / "pid/master.pid").read_text().split()[0])
        self._master = (pid, processes.start_time(pid))
        processes.note(pid, group=True)
        wait_until(lambda: ports.listening(self.address, self.port), 15,
                   lambda: f"smtpd at {self.address}:{self.port}; log:\n{self.log()}")
        return self

    def stop(self):
        """Stop the instance as `postfix stop` does; what does not end by itself is killed.

        Twice is harmless.
        """
        if self._master is None:
            return
        pid, started = self._master
        self._master = None
        processes.end(pid, started, group=True)

    def kill(self):
        """A crash: SIGKILL to master(8) and every process of it."""
        pid, started = self._master
        self._master = None
        if processes.start_time(pid) == started:
            os.killpg(pid, signal.SIGKILL)
        wait_until(lambda: processes.start_time(pid) != started, 5, "Postfix to be gone")
        # At the next start postsuper(1) finds what is half written, and tells of it as no longer root.
        self.log_file.chmod(0o666)

    def reload(self):
        self.command("postfix", "reload")

    @property
    def running(self):
        return self._master is not None and processes.start_time(self._master[0]) == self._master[1]

    def _lay_out_queue(self):
        """Put into the queue directory what the init script and `postfix check` do; whether that was done.

        They start postconf(1) some thirty times. So they do it once where `keep_queues_in` says,
        and other instances get a copy and a quick start.
        """
        store = os.environ.get(_QUEUES)
        if store is None or _start_fills_chroot():
            return False
        made = pathlib.Path(store) / ("chroot" if self.chroot else "plain")
        with open(f"{made}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if made.exists():
                _copy(made, self.queue_directory)
            else:
                self._fill_chroot()
                self.command("postfix", "check")
                _copy(self.queue_directory, f"{made}.new")
                os.rename(f"{made}.new", made)
        return True

    def _fill_chroot(self):
        if not self.chroot or _start_fills_chroot():
            return
        subprocess.run(["sh", _CHROOT_SCRIPT, "-"], env=self._environment, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_SECONDS)

    def _change_resolving(self):
        etc = self.queue_directory / "etc"
        if self._hosts:
            lines = [f"{address} {name}\n" for name, address in self._hosts.items()]
            (etc / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))
        if self._resolver:
            (etc / "resolv.conf").write_text(f"nameserver {self._resolver}\n")

    # -- commands ---------------------------------------------------------------

    def command(self, *arguments, data=None, check=True):
        """Run a Postfix command on this instance; return what it wrote to stdout."""
        done = self._run(arguments, data)
        if check:
            self._must_have_ended_well(done)
        return done.stdout.decode("utf-8", "replace")

    def _run(self, arguments, data=None):
        return subprocess.run([str(one) for one in arguments], env=self._environment, input=data,
                              stdin=subprocess.DEVNULL if data is None else None,
                              capture_output=True, timeout=_COMMAND_SECONDS, check=False)

    @staticmethod
    def _must_have_ended_well(done):
        if done.returncode != 0:
            raise RuntimeError(f"{done.args[0]} ended with {done.returncode}: "
                               f"{(done.stdout + done.stderr).decode(errors='replace')}")

    def postconf(self, *arguments):
        return self.command("postconf", *arguments).rstrip("\n")

    def setting(self, name):
        """The value of one main.cf parameter, not expanded."""
        return self.postconf("-h", name)

    def postmap_query(self, table, key):
        """`postmap -q KEY TABLE` run in the queue directory; None when not found.

        A failed lookup raises RuntimeError with what postmap(1) printed.
        """
        done = subprocess.run(["postmap", "-q", key, table], env=self._environment,
                              cwd=self.queue_directory, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=_COMMAND_SECONDS,
                              check=False)
        if done.returncode == 0:
            return done.stdout.rstrip("\n")
        if done.stderr.strip():
            raise RuntimeError(done.stderr.strip())
        return None

    # -- sending ------------------------------------------------------------------

    def smtp_send(self, sender, recipients, data, **options):
        """Submit by SMTP (see smtp_client.submit); `recipients` may be one address."""
        if isinstance(recipients, str):
            recipients = [recipients]
        return smtp_client.submit(self.address, self.port, sender, recipients, data, **options)

    def sendmail(self, sender, recipients, data, *options):
        """Submit with sendmail(1); "" is the null sender."""
        if isinstance(recipients, str):
            recipients = [recipients]
        self.command("sendmail", "-C", self.config_directory, "-i", "-f", sender or "<>",
                     *options, *recipients, data=data)

    def wake_pickup(self):
        """Have pickup(8) look at the maildrop queue now, not within a minute.

        One that hangs up on the caller, which it does at times, is called again.
        """
        def taken():
            done = self._run(("postkick", "public", "pickup", "W"))
            if done.returncode != -signal.SIGPIPE:
                self._must_have_ended_well(done)
            return done.returncode == 0
        wait_until(taken, 5, "pickup(8) to take a call")

    # -- queue ----------------------------------------------------------------------

    def queue(self):
        """Messages in the queue, oldest first as postqueue lists them.

        Who waits for a queue asks often: where its files are those that they were, so is the listing.
        """
        state = mail_queue.settled_state(self.queue_directory)
        if state is None or state != self._listed_state:
            self._listed = self.command("postqueue", "-j")
            self._listed_state = state
        return mail_queue.parse_queue(self._listed)

    def flush(self):
        self.command("postqueue", "-f")

    def requeue(self, queue_id="ALL"):
        """postsuper -r; the mail is then in maildrop, and pickup(8) is told so."""
        self.command("postsuper", "-r", queue_id)
        if self.running:
            self.wake_pickup()

    def maildrop_count(self):
        return len(list((self.queue_directory / "maildrop").iterdir()))

    def wait_for_queue(self, condition, seconds=20, what="the queue to be as expected",
                       flush=False):
        """Poll until `condition(messages)` holds; return the messages."""
        def look():
            if flush:
                self.flush()
            queue = self.queue()
            return (queue,) if condition(queue) else None
        return wait_until(look, seconds,
                          lambda: f"{what}; queue: {self.queue()}",
                          interval=0.5 if flush else 0.05)[0]

    def wait_until_queue_empty(self, seconds=30, flush=False):
        self.wait_for_queue(lambda queue: not queue, seconds, "an empty queue", flush)

    def wait_until_deferred(self, queue_id, seconds=20):
        """Wait until one message waits with a reason; return it."""
        def waiting(queue):
            return [one for one in queue if one.queue_id == queue_id and one.reason
                    and one.queue_name == "deferred"]
        queue = self.wait_for_queue(waiting, seconds, f"{queue_id} to be deferred")
        return waiting(queue)[0]

    # -- log --------------------------------------------------------------------------

    def log(self, since=0):
        """The mail log from byte `since` on."""
        try:
            with open(self.log_file, "rb") as log:
                log.seek(since)
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def log_mark(self):
        """A place in the log to give to `since` later."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def wait_for_log(self, pattern, seconds=20, since=0):
        """Wait for a log line that matches a regular expression; return the match."""
        wanted = re.compile(pattern)
        return wait_until(lambda: wanted.search(self.log(since)), seconds,
                          lambda: f"/{pattern}/ in the mail log")

    def attempts(self, queue_id=None, since=0):
        """Delivery attempts in the log, of one message or of all."""
        found = mail_queue.parse_attempts(self.log(since))
        return [one for one in found if queue_id in (None, one.queue_id)]

    def wait_for_attempt(self, queue_id, seconds=20, since=0):
        """Wait for a delivery attempt of a message; return the latest."""
        return wait_until(lambda: self.attempts(queue_id, since), seconds,
                          f"a delivery attempt of {queue_id}")[-1]

    # -- local delivery -----------------------------------------------------------------

    def set_aliases(self, entries):
        """Replace the alias table; takes effect with the next local(8) process."""
        write_settled(self.config_directory / "aliases", postfix_files.aliases(entries))

    def mailbox_file(self, name):
        """Path of a file that an alias may name as a mailbox."""
        path = self._mailboxes / name
        if not path.exists():
            path.touch()
            shutil.chown(path, "nobody")
        return path

    def set_virtual_aliases(self, entries):
        """Write etc/virtual, which the instance's virtual_alias_maps must name to be used."""
        write_settled(self.config_directory / "virtual", postfix_files.aliases(entries))
