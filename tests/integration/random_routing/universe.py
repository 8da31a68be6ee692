# SPDX-License-Identifier: Apache-2.0
"""Domains and local parts that policies, settings and messages are drawn from.

Small on purpose: patterns and addresses have to meet.
"""

LOCAL = "local.example"          # $mydestination and $myorigin of the harness
HELO = "mx.relay.example"        # $myhostname
VIRTUAL = "virtual.example"      # virtual_alias_domains
RELAYED = "relayed.example"      # relay_domains, which cover subdomains too
TRANSPORTED = "transported.example"  # transport_maps

SENDER_DOMAINS = ("contoso.example", "mail.contoso.example", "eu.mail.contoso.example",
                  "fabrikam.example", "sales.fabrikam.example", "northwind.test")
SENDER_LOCALS = ("alice", "bob", "ceo")
EXTENSIONS = ("news", "eu")
STRANGERS = ("stranger@other.example", "someone@elsewhere.test")

REMOTE_DOMAINS = ("remote.example", "partner.example", "eu.partner.example",
                  "a.eu.partner.example", "supplier.test", "bank.supplier.test")
RECIPIENT_LOCALS = ("ann", "ben", "cleo", "dora", "emil", "fritz")

# Local parts that every server answers with a refusal, for now or for ever.
GONE = "gone"
LATER = "later"

BOXES = ("box1", "box2", "box3")  # local parts whose mail ends in a file


def dns_domains():
    """Every domain that mail may be sent to by MX."""
    strangers = {address.partition("@")[2] for address in STRANGERS}
    others = {f"{below}{one}" for one in (RELAYED, TRANSPORTED) for below in ("", "deep.")}
    return sorted({*SENDER_DOMAINS, *REMOTE_DOMAINS, *strangers, *others})
