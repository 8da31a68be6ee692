# SPDX-License-Identifier: Apache-2.0
"""Runs the command line, sendconnectorctl, and keeps what it answered."""

import dataclasses
import json
import os
import pathlib
import subprocess


def program(name):
    """Path of a built program below the build folder, SENDCONNECTOR_BUILD."""
    named = os.environ.get("SENDCONNECTOR_BUILD")
    if not named:
        raise RuntimeError("SENDCONNECTOR_BUILD names no build folder")
    path = pathlib.Path(named) / "bin" / name
    if not path.exists():
        raise RuntimeError(f"{path} has not been built")
    return path


@dataclasses.dataclass(frozen=True)
class Answer:
    """Exit code and output of one command."""

    arguments: tuple
    code: int
    stdout: str
    stderr: str

    @property
    def output(self):
        return self.stdout + self.stderr

    @property
    def json(self):
        return json.loads(self.stdout)

    def __str__(self):
        return (f"sendconnectorctl {' '.join(self.arguments)} ended with {self.code}\n"
                f"stdout: {self.stdout}\nstderr: {self.stderr}")


class Ctl:
    """sendconnectorctl with --config and --postfix-config already given."""

    def __init__(self, config_file, postfix_directory=None):
        self._program = program("sendconnectorctl")
        self._common = ["--config", str(config_file)]
        if postfix_directory is not None:
            self._common += ["--postfix-config", str(postfix_directory)]

    def run(self, *arguments, seconds=90, environment=None, data=b""):
        """Run one command with `data` as its input, whatever its exit code."""
        words = [str(one) for one in arguments]
        done = subprocess.run([self._program, *self._common, *words], input=data,
                              capture_output=True, timeout=seconds, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})})
        return Answer(tuple(words), done.returncode, done.stdout.decode(), done.stderr.decode())

    def must(self, *arguments, **options):
        """Run one command that has to end with exit code 0."""
        answer = self.run(*arguments, **options)
        if answer.code != 0:
            raise AssertionError(str(answer))
        return answer

    def explain(self, sender, recipient, size=None):
        """`explain --json` as a dictionary, whatever the exit code."""
        words = ["--json", "explain", "--from", sender, "--to", recipient]
        if size is not None:
            words += ["--size", str(size)]
        answer = self.run(*words)
        try:
            return answer.json
        except json.JSONDecodeError as error:
            raise AssertionError(str(answer)) from error
