# SPDX-License-Identifier: Apache-2.0
"""Whether addresses reach the last server in the letters they were written in (RFC 5321 2.4)."""


def faults(mail, copies, taken, site):
    """Sentences about `copies` of `mail`, which are all that arrived; `taken`: accepted recipients."""
    found = [f"sender is written <{one.sender}>" for one in copies
             if one.sender is not None and one.sender != mail.sender
             and one.sender.lower() == mail.sender.lower()]
    told = {recipient for one in copies for recipient, _parameters in one.recipient_parameters}
    folded = {one.lower() for one in told}
    written = {one.lower(): one for one in reversed(taken)}
    found += [f"recipient <{one}> is written <{lower}>" for lower, one in written.items()
              if lower in folded and one not in told and not site.adds(lower)]
    return list(dict.fromkeys(found))
