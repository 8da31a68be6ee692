# SPDX-License-Identifier: Apache-2.0
"""What a chaotic minute does to a mail system, and when it did it."""

import time

_REQUEUE_SECONDS = 180  # it looks for each message for a minute and longer


class Events:
    """Does random things to a MailSystem and notes what may have cut a delivery short."""

    def __init__(self, draw, system, policies):
        self._draw = draw
        self._system = system
        self._world = system.world
        self._policies = policies
        self.current = 0
        self.counts = {}
        self.interruptions = []  # (begin, end, farm or "" for all)
        self._kinds = [self.restart_daemon, self.kill_daemon, self.stop_postfix,
                       self.kill_postfix, self.host_away, self.change_policy, self.change_policy,
                       self.reload_daemon, self.flush, self.daemon_and_postfix_die, self.requeue]
        if _requeue_is_harmless(system.site, policies):
            self._kinds.append(self.requeue_by_hand)

    def one(self):
        """One random event, after which everything runs again."""
        kind = self._draw.choice(self._kinds)
        self.counts[kind.__name__] = self.counts.get(kind.__name__, 0) + 1
        kind()

    def _pause(self, most=1.5):
        time.sleep(self._draw.random() * most)

    # -- events ---------------------------------------------------------------------

    def restart_daemon(self):
        self._world.daemon.stop()
        self._pause()
        self._world.daemon.start()

    def kill_daemon(self):
        self._world.daemon.kill()
        self._pause()
        self._world.daemon.start()

    def stop_postfix(self):
        with self._interruption():
            self._world.postfix.stop()
            self._pause()
            self._world.postfix.start()

    def kill_postfix(self):
        with self._interruption():
            self._world.postfix.kill()
            self._pause(0.5)
            self._world.postfix.start()

    def daemon_and_postfix_die(self):
        with self._interruption():
            self._world.postfix.kill()
            self._world.daemon.kill()
            self._pause(0.5)
            self._world.postfix.start()
            self._pause(0.5)
            self._world.daemon.start()

    def host_away(self):
        host = self._draw.choice(list(self._world.smart_hosts.values()))
        with self._interruption(host.name.partition(".")[0]):
            host.stop()
            self._pause(2)
            host.start()

    def change_policy(self):
        self.current = 1 - self.current
        self._system.configure(self._policies[self.current])
        self._world.apply()

    def reload_daemon(self):
        self._world.ctl.must("reload")

    def flush(self):
        self._world.postfix.flush()

    def requeue(self):
        """Mail whose way is fixed follows the present policy; what must stay is left alone."""
        self._world.ctl.run("requeue", "--all", "--yes", seconds=_REQUEUE_SECONDS)

    def requeue_by_hand(self):
        """postsuper -r, but for mail with failures noted, which Postfix forgets then."""
        postfix = self._world.postfix
        noted = {one.name for one in (postfix.queue_directory / "bounce").iterdir()}
        for one in postfix.queue():
            if one.queue_name == "deferred" and one.queue_id not in noted:
                postfix.command("postsuper", "-r", one.queue_id, check=False)
        postfix.wake_pickup()

    def _interruption(self, farm=""):
        return _Interruption(self.interruptions, farm)


def _requeue_is_harmless(site, policies):
    """Whether postsuper -r neither makes copies nor takes recipients from connectors.

    Postfix maps addresses once more, and shows no requeued message to a milter.
    """
    maps = (site.virtual or site.recipient_canonical or site.always_bcc or site.sender_bcc
            or site.recipient_bcc)
    return not maps and all(one.routes in (None, ("default",))
                            for policy in policies for one in policy.connectors)


class _Interruption:
    """Notes from when to when deliveries may have been cut short."""

    def __init__(self, noted, farm):
        self._noted = noted
        self._farm = farm

    def __enter__(self):
        self._begin = time.monotonic()

    def __exit__(self, *_exception):
        self._noted.append((self._begin, time.monotonic(), self._farm))
