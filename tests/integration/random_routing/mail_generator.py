# SPDX-License-Identifier: Apache-2.0
"""Draws messages that the documents say the fate of."""

from harness import messages

from . import mapping, route_class, universe
from .replies import wrong_replies
from .mail import NEVER, SENDMAIL, SMTP, SUCCESS, Author, Mail
from .selection import Unspecified
from .site_generator import remote

_TRIES = 30
_SIZES = (200,) * 8 + (40_000, 120_000)
FORGED = (("X-Sendconnector-Route", "sc-evil:[127.0.0.1]:9"), ("X-Sendconnector-Route", "mx"),
          ("X-Sendconnector-Identity", "login=ceo@contoso.example"),
          ("x-sendconnector-identity", "AAAA.BBBB.CCCC"))


def draw_mail(draw, oracle, forgeries=True, label="r"):
    """A message whose token begins with `label`; None when no number of tries gave one.

    `forgeries`: some messages have header fields that only sendconnector may write.
    """
    for _ in range(_TRIES):
        mail = _mail(draw, oracle.site, forgeries, label)
        try:
            require_specified(oracle, mail)
        except Unspecified:
            continue
        return mail
    return None


def require_specified(oracle, mail):
    """Raises Unspecified when the documents leave a reply or the fate open."""
    oracle.fate(mail, mail.recipients)
    wrong_replies(oracle, mail, _Accepting(mail))


class _Accepting:
    """Stands for the replies of a server that accepts everything."""

    class _Yes:
        accepted = True

    def __init__(self, mail):
        self.mail = self.data = self._Yes
        self.recipients = dict.fromkeys(mail.recipients, self._Yes)


def _mail(draw, site, forgeries, label):
    sender = _sender(draw)
    way = SENDMAIL if draw.random() < 0.25 else SMTP
    login = None
    if way == SMTP and draw.random() < 0.35:
        login = draw.choice((sender or "alice@contoso.example", _person(draw), _person(draw),
                             draw.choice(universe.SENDER_LOCALS)))
    odd = draw.random() < 0.1
    fields, author = (_odd_from(draw, sender, site.local_rewriting or way == SENDMAIL) if odd
                      else _from(draw, sender))
    recipients = _recipients(draw, site)
    return Mail(messages.new_token(label), sender, recipients, fields, author, way=way,
                notify=_notify(draw, site, recipients) if way == SMTP else None, odd_from=odd,
                login=login, body_size=draw.choice(_SIZES), announce_size=draw.random() < 0.5,
                forged=(draw.choice(FORGED),) if forgeries and draw.random() < 0.1 else ())


def _person(draw):
    local, domain = draw.choice(universe.SENDER_LOCALS), draw.choice(universe.SENDER_DOMAINS)
    if draw.random() < 0.2:
        local += f"+{draw.choice(universe.EXTENSIONS)}"
    if draw.random() < 0.1:
        return f"{local.title()}@{domain.upper()}"
    return f"{local}@{domain}"


def _sender(draw):
    chance = draw.random()
    if chance < 0.08:
        return ""
    if chance < 0.18:
        return draw.choice(universe.STRANGERS)
    if chance < 0.28:
        return f"{draw.choice(('box1', 'box2', 'both'))}@{universe.LOCAL}"
    return _person(draw)


def _from(draw, sender):
    """(From fields, author)."""
    author = sender if sender and draw.random() < 0.6 else _person(draw)
    chance = draw.random()
    if chance < 0.05:
        return (), Author.ABSENT
    if chance < 0.08:
        return (f"<{author}>", f"<{_person(draw)}>"), Author.SEVERAL
    if chance < 0.11:
        return (f"{author}, other@{draw.choice(universe.SENDER_DOMAINS)}",), Author.SEVERAL
    if chance < 0.13:
        return (f"Some people: {author};",), Author.SEVERAL
    return (draw.choice((
        author, f"<{author}>", f"Some One <{author}>", f'"One, Some (x) <y@z>" <{author}>',
        f"{author} (Some (nested) One)", f"=?utf-8?q?J=C3=BCrgen?=\r\n <{author}>")),), author


def _odd_from(draw, sender, rewritten):
    """The same in ways that are easily misread; `rewritten`: Postfix reads it first."""
    author = sender if sender and draw.random() < 0.6 else _person(draw)
    local, _, domain = author.partition("@")
    other = f"{draw.choice(universe.SENDER_LOCALS)}@{draw.choice(universe.SENDER_DOMAINS)}"
    if not rewritten and draw.random() < 0.4:
        return (draw.choice((
            f"{other} <{author}>", f"<{author}> {other}", f"<{author}", f"{local}@", "<>", "",
            f"<{author}>, <{other}>, ", f"{local}@{domain}@{domain}")),), Author.SEVERAL
    return (draw.choice((
        f"{local} @ {domain}", f"{local}(c)@{domain}", f'"{local}"@{domain}',
        f"=?utf-8?q?a=40b=2Ecom=2C_x?= <{author}>", f'"{other}, (" <{author}>',
        f'"\\" <{other}>,"\r\n\t<{author}>')),), author


def _notify(draw, site, recipients):
    """Where it is plain what becomes of it: one hop, and no table."""
    if site.filtered or draw.random() < 0.8:
        return None
    if any(mapping.is_changed(site, one) or route_class.route_class(site, one)[0]
           in (route_class.LOCAL, route_class.UNKNOWN) for one in recipients):
        return None
    return draw.choice((NEVER, SUCCESS))


def _recipients(draw, site):
    count = draw.choice((1, 1, 1, 1, 2, 2, 3, 4, 5, 8, 12, draw.randint(13, 30)))
    found = {}
    for _ in range(count):
        recipient = _recipient(draw, site)
        found.setdefault(recipient, None)
    return tuple(found)


def _recipient(draw, site):
    chance = draw.random()
    if chance < 0.04:
        return f"{universe.GONE}{draw.randint(1, 3)}@{draw.choice(universe.REMOTE_DOMAINS)}"
    if chance < 0.055:
        return f"{universe.LATER}{draw.randint(1, 3)}@{draw.choice(universe.REMOTE_DOMAINS)}"
    if chance < 0.065:
        return f"unknown@{draw.choice((universe.LOCAL, universe.VIRTUAL))}"
    if chance < 0.17:
        name = draw.choice([one for one in site.aliases if not one.startswith("owner-")])
        extension = "+x" if "+" in site.delimiters and draw.random() < 0.2 else ""
        return f"{name}{extension}@{universe.LOCAL}"
    if chance < 0.24:
        below = draw.choice(("", "", "deep."))
        return f"{draw.choice(universe.RECIPIENT_LOCALS)}@{below}{universe.RELAYED}"
    if chance < 0.30:
        below = draw.choice(("", "", "deep."))
        return draw.choice((f"ann@{below}{universe.TRANSPORTED}", "vip@remote.example"))
    if chance < 0.45 and (site.virtual or site.recipient_canonical):
        known = draw.choice([*site.virtual, *site.recipient_canonical])
        if "+" in site.delimiters and draw.random() < 0.1:
            return known.replace("@", "+tag@")
        return known
    address = remote(draw)
    if draw.random() < 0.1:
        return address.replace("@", "+tag@")
    if draw.random() < 0.1:
        return address.title().replace("@", "@")
    return address
