# SPDX-License-Identifier: Apache-2.0
"""Base class of the tests of commands that change connectors in their files."""

import json
import os
import subprocess
import unittest

from .ctl import program
from .workspace import Workspace

BY_HAND = """# Ours.
[[connector]]
name = "First"  # the name
  address_spaces = [ "contoso.com;5",   # the group
                     "*" ]

# Somebody else's.
[[connector]]
name = "Second"
address_spaces = ["fabrikam.com"]
enabled = true # for now
"""


class CmdletCase(unittest.TestCase):
    """Each test has a configuration of its own, and no Postfix."""

    weight = 20
    time_limit = 120
    maxDiff = None

    def setUp(self):
        self.workspace = Workspace("cmdlet")
        self.addCleanup(self.workspace.close)
        self.config = self.workspace.write("conf/sendconnector.toml", "[daemon]\nstate_directory = "
                                           f"\"{self.workspace.path}/state\"\n\n[postfix]\n"
                                           f"config_directory = \"{self.workspace.path}/postfix\"\n")
        self.conf_d = self.config.parent / "conf.d"

    def log_tails(self):
        return self.workspace.log_tails()

    def run_ctl(self, *arguments, stdin="", user=None):
        return subprocess.run([program("sendconnectorctl"), "--config", self.config, *arguments],
                              input=stdin, capture_output=True, text=True, timeout=60, check=False,
                              user=user, env={**os.environ, "LC_ALL": "C.UTF-8"})

    def script(self, text):
        return self.run_ctl("cmdlets", stdin=text)

    def must(self, *arguments, **options):
        done = self.run_ctl(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def refused(self, code, *arguments, **options):
        before = self.files()
        done = self.run_ctl(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.files(), before)
        return done.stderr

    def write(self, name, text):
        self.conf_d.mkdir(exist_ok=True)
        path = self.conf_d / name
        path.write_bytes(text.encode())
        return path

    def files(self):
        return {str(path): path.read_bytes() for path in sorted(self.config.parent.rglob("*"))
                if path.is_file()}

    def names(self):
        return [one["name"] for one in json.loads(self.must("list", "--json").stdout)]
