# SPDX-License-Identifier: Apache-2.0
"""Whether a copy is the message that was sent, octet for octet, but for what Postfix adds."""

_TRACE = {"received", "return-path", "delivered-to", "x-original-to"}
_OURS = "x-sendconnector-"
_REWRITTEN = {"from", "to"}  # by canonical maps


def faults(mail, data, in_mailbox, rewritten, forgeries_stay=False):
    """Sentences about what is wrong with a copy of `mail`.

    `rewritten`: canonical maps may have changed address headers. `forgeries_stay`: fields that
    only sendconnector writes may be in there, as far as the sender wrote them.
    """
    found = []
    fields, body = _parts(data)
    wanted, wanted_body = _parts(mail.data)
    forged = [one for one in wanted if one[0].startswith(_OURS)]
    for name, text in fields:
        if name.startswith(_OURS) and not (forgeries_stay and (name, text) in forged):
            found.append(f"delivered with header field {name}")
    wanted = [one for one in wanted if not one[0].startswith(_OURS)]
    kept = [one for one in fields if one[0] not in _TRACE and not one[0].startswith(_OURS)]
    if not any(name == "from" for name, _ in wanted):
        kept = [one for one in kept if one[0] != "from"]  # Postfix adds one
    if mail.odd_from:
        wanted = [one for one in wanted if one[0] != "from"]
        kept = [one for one in kept if one[0] != "from"]
    if rewritten:
        wanted = [one for one in wanted if one[0] not in _REWRITTEN]
        kept = [one for one in kept if one[0] not in _REWRITTEN]
    if kept != wanted:
        found.append(f"header fields {_difference(kept, wanted)}")
    if in_mailbox:
        body, wanted_body = body.rstrip(b"\r\n"), wanted_body.rstrip(b"\r\n")
    if body != wanted_body:
        found.append(f"body of {len(body)} octets differs from the {len(wanted_body)} sent")
    return found


def fields_of_ours(data):
    """Names of header fields, wherever in the head, that only sendconnector writes."""
    return [name for name, _text in _parts(data)[0] if name.startswith(_OURS)]


def _parts(data):
    """([(lower-case name, whole field as written)], body)."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in b" \t" and fields:
            name, text = fields[-1]
            fields[-1] = (name, text + b"\r\n" + line)
        else:
            fields.append((line.partition(b":")[0].decode("latin-1").strip().lower(), line))
    return fields, body


def _difference(have, want):
    extra = [text for _name, text in have if text not in [one for _, one in want]]
    lacking = [text for _name, text in want if text not in [one for _, one in have]]
    return f"have besides {extra}, lack {lacking}" if extra or lacking else "are in another order"
