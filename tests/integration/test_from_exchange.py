# SPDX-License-Identifier: Apache-2.0
"""sendconnector-from-exchange(7): every command of the page, as it stands there, from start to end."""

import os
import pathlib
import re
import subprocess

from harness import own_etc
from harness.ctl import program
from harness.test_case import WorldCase

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "man" / "sendconnector-from-exchange.7"
EXPORT = ROOT / "tests" / "fixtures" / "walkthrough" / "connectors.xml"
SMART_HOST = "smtp.northrelay.example"
LOGIN = {"contoso": "correct horse battery staple"}


class Step:
    """A command, what is typed into it, and the lines it prints."""

    def __init__(self, command):
        self.command = command
        self.typed = ""
        self.printed = []


def displays(page):
    """The literal displays, as a terminal shows them."""
    for display in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", page, re.M | re.S):
        yield display.replace(r"\&", "").replace(r"\e", "\\").splitlines()


def typed_in(lines):
    """What stands in front of a "^D" that comes before the next command."""
    end = next((i for i, line in enumerate(lines) if line == "^D" or line.startswith("# ")), len(lines))
    return lines[:end] if lines[end:end + 1] == ["^D"] else []


def steps(page):
    """The commands of the page, in their order."""
    found = []
    for lines in displays(page):
        current = None
        while lines:
            line = lines.pop(0)
            if line.startswith("# "):
                while line.endswith("\\"):
                    line += "\n" + lines.pop(0)
                current = Step(line.removeprefix("# "))
                found.append(current)
            elif current is None:
                break  # typed in Exchange
            elif not current.printed and (typed := typed_in([line, *lines])):
                current.typed = "".join(one + "\n" for one in typed)
                lines = lines[len(typed):]
            else:
                current.printed.append(line)
    return found


def missing(printed, shown):
    """The first line of the page that is not shown where it should be; None when all are."""
    rest = shown.splitlines()
    exact = True  # no "..." above
    for line in printed:
        if line == "...":
            exact = False
            continue
        begun = line.removesuffix("...") if line.endswith("...") else None
        found = next((i for i, one in enumerate(rest)
                      if one == line or (begun is not None and one.startswith(begun))), None)
        if found is None or (exact and found > 0):
            return line
        rest = rest[found + 1:]
        exact = True
    return "(the end)" if exact and rest and printed else None


class FromExchange(WorldCase):
    """One Postfix, one smart host, and a /etc in which the page is true."""

    weight = 30
    time_limit = 250

    @classmethod
    def build_world(cls):
        world = cls.new_world("manual", names=True)
        authority = world.authority
        cls.relay = world.smart_host("northrelay", 587, certificate=authority.issue(SMART_HOST),
                                     credentials=LOGIN, require_auth=True, offer_auth_in_plaintext=False)
        world.names.addresses[SMART_HOST] = cls.relay.address
        world.configure([])
        world.credentials.rmdir()
        own_etc.enter(world.workspace, {"sendconnector": world.config_directory},
                      {"postfix/main.cf": world.postfix.main_cf, "postfix/master.cf": world.postfix.master_cf,
                       "ssl/certs/ca-certificates.crt": authority.certificate_file})
        world.config_directory = pathlib.Path("/etc/sendconnector")
        world.config_file = world.config_directory / "sendconnector.toml"
        world.postfix.start()
        world.daemon.start()
        cls.home = world.workspace.folder("home")
        (cls.home / "connectors.xml").write_bytes(EXPORT.read_bytes())
        programs = world.workspace.folder("programs")
        (programs / "sendconnectorctl").symlink_to(program("sendconnectorctl"))
        cls.environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb",
                           "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin"}

    def run_step(self, step):
        done = subprocess.run(["bash", "-c", step.command], input=step.typed, capture_output=True, text=True,
                              timeout=120, check=False, cwd=self.home, env=self.environment)
        with self.subTest(step.command):
            self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
            self.assertIsNone(missing(step.printed, done.stdout), f"{done.stdout}\n{done.stderr}")
        return done

    def test_the_page_from_start_to_end(self):
        main_cf = self.world.postfix.main_cf.read_bytes()
        run = []
        for step in steps(PAGE.read_text()):
            self.run_step(step)
            run.append(step.command.split()[0] if not step.command.startswith("sendconnectorctl")
                       else step.command.split()[1])
            if run[-1] == "sendmail":
                message = self.relay.wait_for("It left through Postfix.", seconds=60)
                self.assertEqual(message.headers["Subject"], "The first one")
                self.assertEqual(message.session.auth_user, "contoso")
                self.assertFalse(message.session.auth_in_plaintext)
        for command in ("import", "Get-SendConnector", "Set-SendConnector", "install", "validate", "apply", "enable",
                        "status", "explain", "sendmail", "queue", "cmdlets", "disable"):
            self.assertIn(command, run)
        self.assertEqual(self.world.postfix.main_cf.read_bytes(), main_cf)


class PageReader(WorldCase):
    """What would let the page and the product drift apart unseen."""

    weight = 1

    def test_steps(self):
        found = steps('.Bd -literal\n[PS] C:\\e>x\n.Ed\n.Bd -literal -offset indent\n# a \\e\n    b\n\\&...\nout\n'
                      "# c\nin\n\n^D\nafter\n.Ed\n")
        self.assertEqual([(one.command, one.typed, one.printed) for one in found],
                         [("a \\\n    b", "", ["...", "out"]), ("c", "in\n\n", ["after"])])

    def test_missing(self):
        for printed, shown, line in ((["a"], "a\n", None), (["a"], "b\na\n", "a"), (["...", "a"], "b\na\n", None),
                                     (["a"], "a\nb\n", "(the end)"), (["a", "..."], "a\nb\n", None),
                                     (["a", "b"], "a\nx\nb\n", "b"), ([], "whatever\n", None),
                                     (["..."], "", None), (["a"], "", "a"),
                                     (["a: ..."], "a: b\n", None), (["a: ..."], "a\n", "a: ...")):
            self.assertEqual(missing(printed, shown), line, (printed, shown))
