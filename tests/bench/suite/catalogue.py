# SPDX-License-Identifier: Apache-2.0
"""The parts of the suite by name, in the order in which they run."""

import functools
import importlib


def _part(name):
    return importlib.import_module(f"suite.part_{name}")


PARTS = {name: functools.partial(_part, name)
         for name in ("socketmap", "mail", "idle", "policy", "load", "reload", "tls")}
