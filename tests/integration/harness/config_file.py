# SPDX-License-Identifier: Apache-2.0
"""Writes sendconnector.toml from Python values."""

import json


def connector(name, *smart_hosts, **parameters):
    """A [[connector]] table for `*` through `smart_hosts` (SmartHost objects or text)."""
    table = {"name": name, "address_spaces": ["smtp:*;1"]}
    if smart_hosts:
        table["dns_routing_enabled"] = False
        table["smart_hosts"] = [getattr(one, "next_hop", one) for one in smart_hosts]
    table.update(parameters)
    return table


def render(top, tables, connectors):
    """The whole file: top-level keys, tables ({"daemon": {...}}), one table a connector."""
    lines = _assignments(top)
    for name, table in tables.items():
        lines += ["", f"[{name}]", *_assignments(table)]
    for table in connectors:
        lines += ["", "[[connector]]", *_assignments(table)]
    return "\n".join(lines) + "\n"


def _assignments(table):
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, int):
        return str(value)
    return json.dumps(str(value))
