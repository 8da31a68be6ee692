# SPDX-License-Identifier: Apache-2.0
"""A root of their own for mail systems that are not installed: their users, their /etc, their /var.

The system's /usr and /dev and what was unpacked (as /opt) are mounted there, seen by
nobody but what runs inside.
"""

import pathlib
import shutil
import subprocess

from harness import processes

_INSIDE = r"""
set -e
root=$1 others=$2
shift 2
mount --rbind /usr "$root/usr"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$others" "$root/opt"
exec chroot "$root" "$@"
"""


class OtherRoot:
    """`etc` is {name: text}; `users` are names, numbered from 20001 on."""

    def __init__(self, setting, workspace, name, users, etc):
        self.path = workspace.folder(name)
        self._others = setting.others / "root"
        self._log = workspace.logs / f"{name}.log"
        for folder in ("usr", "dev", "proc", "opt", "etc", "tmp", "run", "var/spool", "var/log", "var/lib",
                       "var/empty"):
            workspace.folder(f"{name}/{folder}")
        for link in ("bin", "sbin", "lib", "lib64"):
            if pathlib.Path(f"/{link}").is_symlink():
                (self.path / link).symlink_to(f"usr/{link}")
        (self.path / "var/run").symlink_to("../run")
        self.users = {"root": 0, "nobody": 65534, **{one: 20001 + n for n, one in enumerate(users)}}
        files = {
            "passwd": "".join(f"{user}:x:{uid}:{uid}::/var/empty:/usr/sbin/nologin\n"
                              for user, uid in self.users.items()),
            "group": "".join(f"{user}:x:{uid}:\n" for user, uid in self.users.items()),
            "hosts": "127.0.0.1 localhost\n", "resolv.conf": "nameserver 127.0.0.1\n",
            "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n", **etc}
        for file, text in files.items():
            workspace.write(f"{name}/etc/{file}", text)
        shutil.copy("/etc/ld.so.cache", self.path / "etc/ld.so.cache")
        self._workspace = workspace

    def folder(self, name, user="root", mode=0o755):
        path = self._workspace.folder(f"{self.path.name}/{name}", mode)
        shutil.chown(path, self.users[user], self.users[user])
        return path

    def start(self, *words):
        """Run a program that stays in the foreground; it ends with the workspace, all of its group."""
        with open(self._log, "ab") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", _INSIDE, "sh", str(self.path),
                 str(self._others), *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}, start_new_session=True)
        started = processes.start_time(process.pid)
        processes.note(process.pid, group=True)

        def stop():
            processes.end(process.pid, started, group=True)
            process.wait(timeout=10)
        self._workspace.on_close(stop)
        return process

    def log(self):
        return self._log.read_text(errors="replace")[-2000:]
