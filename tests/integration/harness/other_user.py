# SPDX-License-Identifier: Apache-2.0
"""SMTP clients that are processes of other users of this machine."""

import json
import pathlib
import pwd
import subprocess
import sys

from .smtp_client import Reply, Submission

_CLIENT = pathlib.Path(__file__).with_name("smtp_client.py")
_DRIVER = """
import dataclasses, json, sys
request = json.load(sys.stdin)
request["data"] = request["data"].encode("latin-1")
print(json.dumps(dataclasses.asdict(submit(**request))))
"""


def submit_as(user, address, port, sender, recipients, data):
    """smtp_client.submit() in a process of `user`, who need not be able to read this checkout."""
    request = {"address": address, "port": port, "sender": sender, "recipients": recipients,
               "data": data.decode("latin-1")}
    done = subprocess.run([sys.executable, "-c", _CLIENT.read_text(encoding="utf-8") + _DRIVER],
                          input=json.dumps(request), user=user, group=pwd.getpwnam(user).pw_gid,
                          extra_groups=[], cwd="/", env={"PATH": "/usr/bin:/bin"}, text=True,
                          capture_output=True, timeout=90, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the client of {user} ended with {done.returncode}: {done.stderr}")
    answer = json.loads(done.stdout)

    def reply(value):
        return Reply(**value) if value else None

    return Submission(reply(answer["greeting"]), reply(answer["mail"]),
                      {to: reply(one) for to, one in answer["recipients"].items()},
                      reply(answer["data"]))

