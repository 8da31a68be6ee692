# SPDX-License-Identifier: Apache-2.0
"""Whether what a client asked for about notifications (RFC 3461) reaches the last server."""


def faults(mail, copy, site):
    """Sentences about the parameters of MAIL and RCPT with which a copy of `mail` came."""
    if not mail.notify or copy.parameters is None:
        return []
    found = [f"came with {name}={copy.parameters.get(name)}"
             for name, wanted in (("RET", "HDRS"), ("ENVID", mail.token))
             if copy.parameters.get(name) != wanted]
    written = {one.lower() for one in mail.recipients}
    for recipient, parameters in copy.recipient_parameters:
        # One that only tables added is a blind copy; so may be a second one of a recipient's.
        blind = parameters.get("NOTIFY") == "NEVER" and site.adds(recipient.lower())
        if recipient.lower() in written and not blind:
            notify = set(parameters.get("NOTIFY", "").split(","))
            original = parameters.get("ORCPT", "").replace("+2B", "+").lower()
            if notify != set(mail.notify.split(",")) or original != f"rfc822;{recipient.lower()}":
                found.append(f"RCPT <{recipient}> came with {parameters}")
    return found
