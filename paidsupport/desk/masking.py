"""Credentials in what customers write: hidden when it is written, and cut from all of it at once (G15).

A message and a mail are masked where they are kept (`Message.shown`, `Message.rest`, `RawMail.text`) by what
passwords look like. Here they are also compared with what the ticket knows to be one: a copy that a later
mail quotes looks like nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from paidsupport.desk import sealing
from paidsupport.desk.visit import Visit
from paidsupport.domain import redaction
from paidsupport.domain.redaction import MASK, Secrets, TooCostlyError
from paidsupport.errors import NotFoundError, VaultClosedError
from paidsupport.store.conversation import Message
from paidsupport.store.inbox import RawMail
from paidsupport.store.tickets import Ticket, family
from paidsupport.store.vault import Secret

#: Shorter values, and those of letters alone up to this length, are ordinary words: hidden where they
#: are told to be a password, and nowhere else.
_SHORTEST, _LONGEST_WORD = 6, 12
#: Places in one text; a text with more of them is taken away.
_MOST = 200


def hide(visit: Visit, ticket: Ticket, message: Message) -> None:
    """Mask in a new message of the customer's what is known to be a secret of their ticket."""
    values = _known(visit, ticket)
    if not values:
        return
    shown = _without(message.body, values, MASK)
    if shown != message.body:
        message.shown = shown
    if message.rest:
        message.rest = _without(message.rest, values, MASK)


def hide_in_mail(visit: Visit, ticket: Ticket, mail: RawMail) -> None:
    """The same in what is kept of a mail beside its bytes."""
    values = _known(visit, ticket)
    subject, text = (_without(each, values, MASK) for each in (mail.subject, mail.text))
    if (subject, text) != (mail.subject, mail.text):
        mail.subject, mail.text, mail.holds_login = subject, text, True


def cut(visit: Visit, ticket: Ticket, values: Sequence[str], by: str) -> list[Message]:
    """Take values out of everything that the customer wrote on a locked ticket; returns what changed.

    The mails that hold one lose their bytes with the commit.
    """
    theirs = select(Ticket.id).where(family(ticket))
    written = select(Message).where(Message.ticket_id.in_(theirs), Message.direction == "in")
    messages = visit.session.scalars(written.order_by(Message.id)).all()
    changed = [message for message in messages if _cut_from(message, values, by)]
    for mail in visit.session.scalars(select(RawMail).where(RawMail.ticket_id.in_(theirs))).all():
        subject, text = (_without(each, values, by) for each in (mail.subject, mail.text))
        held = mail.holds_login or (subject, text) != (mail.subject, mail.text)
        mail.subject, mail.text = subject, text
        if mail.dropped_at is None and (held or _is_in_bytes(visit, mail, values)):
            drop(visit, mail)
    return changed


def drop(visit: Visit, mail: RawMail) -> None:
    """Take the bytes of a mail away with the commit; what it said can still be read, masked."""
    mail.dropped_at = visit.now
    sealing.drop_at_commit(visit, mail.storage_key)


def _cut_from(message: Message, values: Sequence[str], by: str) -> bool:
    raw, rest = _without(message.raw, values, by), _without(message.rest or "", values, by)
    if raw == message.raw and rest == (message.rest or ""):
        return False
    shown = _without(message.body, values, by)
    message.raw, message.rest = raw, rest or None
    if message.shown is not None:
        message.shown = shown  # with what else is masked in it
    return True


def _is_in_bytes(visit: Visit, mail: RawMail, values: Sequence[str]) -> bool:
    """Whether the mail as it arrived holds one of the values, as far as anybody knows."""
    strong = [value for value in values if not _is_ordinary(value)]
    try:
        with visit.house.files.open(mail.storage_key) as content:
            return bool(strong) and Secrets(strong).are_given_away_by(content.read())
    except TooCostlyError:
        return True
    except NotFoundError:
        return False


def _known(visit: Visit, ticket: Ticket) -> list[str]:
    """What is known to be a secret of a ticket: in earlier messages, and in its vault if that opens."""
    theirs = select(Ticket.id).where(family(ticket))
    told = select(Message.raw).where(Message.ticket_id.in_(theirs), Message.shown.is_not(None))
    found = [value for raw in visit.session.scalars(told) for value in redaction.values_in(raw)]
    kept = select(Secret, Ticket.reference).join(Ticket, Ticket.id == Secret.ticket_id)
    kept = kept.where(Secret.ticket_id.in_(theirs), Secret.sealed.is_not(None))
    for secret, reference in visit.session.execute(kept):
        try:
            plain = sealing.opened(visit.house, reference, sealing.of(secret))
        except VaultClosedError:
            continue  # a customer is not kept from writing
        found += [plain, *(plain.splitlines() if secret.kind == "message" else ())]
    return list(dict.fromkeys(found))


def _without(text: str, values: Iterable[str], by: str) -> str:
    """`text` with `by` in place of the values: of ordinary words where they are told to be a password."""
    values = {redaction.trimmed(value) for value in values if value.strip()}
    for span in reversed(redaction.credentials_in(text)):
        value = redaction.trimmed(text[span.start : span.end])
        if value in values:
            text = text[: span.start] + by + text[span.start + len(value) :]
    strong = [value for value in values if not _is_ordinary(value)]
    try:
        return _without_any(text, Secrets(strong), by) if strong else text
    except TooCostlyError:
        return by


def _without_any(text: str, secrets: Secrets, by: str) -> str:
    for _ in range(_MOST):
        found = secrets.hits(text, 1)
        if not found:
            return text
        text = text[: found[0].start] + by + text[found[0].end :]
    return by


def _is_ordinary(value: str) -> bool:
    return len(value) < _SHORTEST or (value.isalpha() and len(value) <= _LONGEST_WORD)
