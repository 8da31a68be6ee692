# SPDX-License-Identifier: Apache-2.0
"""DKIM (RFC 6376): a key, signatures by a client, an OpenDKIM of our own, and who verifies them.

The public key is never in the DNS: verification is told it.
"""

import shutil
import subprocess

import dkim

from . import processes
from .deadline import wait_until

SELECTOR = "sel"


class DkimSigner:
    """Signs for `domain` with a key below a workspace."""

    def __init__(self, workspace, domain="contoso.example"):
        self.domain = domain
        self._folder = workspace.folder("dkim", 0o755)
        self.key = self._folder / "private"
        _openssl("genrsa", "-out", self.key, "2048")
        public = _openssl("rsa", "-in", self.key, "-pubout")
        self._record = "v=DKIM1; k=rsa; p=" + "".join(
            line for line in public.splitlines() if "-" not in line)
        self._workspace = workspace

    def sign(self, data, canonicalization=(b"relaxed", b"relaxed")):
        """The message with a signature in front, of every field that it has."""
        names = sorted({line.split(b":")[0].strip() for line in
                        data.partition(b"\r\n\r\n")[0].split(b"\r\n")
                        if line[:1] not in b" \t" and b":" in line})
        return dkim.sign(data, SELECTOR.encode(), self.domain.encode(), self.key.read_bytes(),
                         canonicalize=canonicalization, include_headers=[*names, b"From"]) + data

    def verifies(self, data):
        """Whether the first signature of a message is good."""
        def record(name, timeout=0):
            wanted = f"{SELECTOR}._domainkey.{self.domain}."
            return self._record.encode() if name in (wanted, wanted.encode()) else None
        return dkim.verify(data, dnsfunc=record)

    def start_milter(self, path):
        """OpenDKIM as a signing milter at a unix socket, until the workspace closes."""
        configuration = self._workspace.write("dkim/opendkim.conf", "\n".join([
            f"Socket local:{path}", "UMask 000", "Background no", "AutoRestart no", "Syslog no",
            f"Domain {self.domain}", f"Selector {SELECTOR}", f"KeyFile {self.key}", "Mode s",
            "RequireSafeKeys no", "InternalHosts 127.0.0.0/8", "Canonicalization simple/simple",
            "OversignHeaders From", f"TemporaryDirectory {self._folder}", ""]))
        log = (self._workspace.logs / "opendkim.log").open("wb")
        server = subprocess.Popen([shutil.which("opendkim", path="/usr/sbin:/usr/bin"), "-f",
                                   "-x", configuration], stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log)
        log.close()
        started = processes.start_time(server.pid)
        processes.note(server.pid)

        def stop():
            if server.poll() is None:
                processes.end(server.pid, started)
            server.wait(5)

        self._workspace.on_close(stop)
        wait_until(path.exists, 10, f"OpenDKIM, which ended with {server.poll()}")
        return server


def _openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True,
                          text=True, timeout=60).stdout
