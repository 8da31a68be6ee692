# SPDX-License-Identifier: Apache-2.0
"""Pieces of an address, as Postfix and the manual cut it. All in lower case."""


def domain_of(address):
    return address.rpartition("@")[2].lower()


def without_extension(address, delimiters):
    """(address without its subaddress, the subaddress with its delimiter or "")."""
    local, at, domain = address.lower().rpartition("@")
    places = [local.find(one) for one in delimiters if local.find(one) > 0]
    if not places:
        return address.lower(), ""
    cut = min(places)
    return local[:cut] + at + domain, local[cut:]


def at_or_below(domain, parent):
    return domain == parent or domain.endswith("." + parent)
