# SPDX-License-Identifier: Apache-2.0
"""What cleanup(8) makes of a message's addresses, from ADDRESS_REWRITING_README."""

import typing

from . import address

_COPY = "copy"


class Final(typing.NamedTuple):
    """An address, in lower case, that mail is delivered to; of a blind `copy` no failure is told."""

    address: str
    copy: bool = False


def canonical_sender(site, sender):
    return _mapped_once(site, site.sender_canonical, sender)


def is_changed(site, recipient):
    """Whether cleanup(8) delivers to other addresses than this one."""
    return expand(site, [recipient]) != [Final(recipient.lower())]


def expand(site, recipients, sender=None):
    """Final recipients, as often as mail is delivered to each.

    `sender` (canonical): also add blind copies, which Postfix's own notifications and what
    local(8) forwards do not get.
    """
    pairs = []
    for recipient in recipients:
        _add(site, pairs, recipient, _canonical(site, recipient))
        if sender is not None:
            _add_copy(site, pairs, _found(site, site.recipient_bcc, _canonical(site, recipient)))
    if sender is not None:
        if sender:
            _add_copy(site, pairs, _found(site, site.sender_bcc, sender))
        _add_copy(site, pairs, site.always_bcc)
    # One delivery for each pair of the address as it came and the address it became; a recipient
    # and a blind copy are never the same, for only the former has a DSN original recipient.
    return [Final(final, kind == _COPY) for kind, _original, final in dict.fromkeys(pairs)]


def _add_copy(site, pairs, copy):
    if copy:
        _add(site, pairs, copy, _canonical(site, copy), _COPY)


def _add(site, pairs, original, recipient, kind=""):
    pairs += [(kind, original.lower(), final)
              for final in _virtual(site, recipient, frozenset())]


def _canonical(site, recipient):
    return _mapped_once(site, site.recipient_canonical, recipient)


def _virtual(site, recipient, done):
    """All expansions; an address that expands to itself stays."""
    if recipient in done:
        return [recipient]
    base, extension = address.without_extension(recipient, site.delimiters)
    targets, rest = site.virtual.get(recipient), ""
    if targets is None:
        targets, rest = site.virtual.get(base), extension
    if targets is None:
        return [recipient]
    finals = []
    for target in targets:
        target = _extended(target.lower(), rest)
        finals += _virtual(site, target, done | {recipient})
    return finals


def _mapped_once(site, table, text):
    text = text.lower()
    if text in table:
        return table[text].lower()
    base, extension = address.without_extension(text, site.delimiters)
    return _extended(table[base].lower(), extension) if base in table else text


def _found(site, table, text):
    text = text.lower()
    return table.get(text) or table.get(address.without_extension(text, site.delimiters)[0])


def _extended(text, extension):
    local, _, domain = text.rpartition("@")
    return f"{local}{extension}@{domain}"
