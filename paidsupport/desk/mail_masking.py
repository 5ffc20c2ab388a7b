"""Credentials in the mails of customers: masked in what is read, dropped with their bytes (G15)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from paidsupport.desk import masking, sealing
from paidsupport.desk.visit import Visit
from paidsupport.domain.redaction import MASK, Secrets, TooCostlyError
from paidsupport.errors import NotFoundError
from paidsupport.store.conversation import Message
from paidsupport.store.inbox import RawMail
from paidsupport.store.tickets import Ticket


def hide_in_mail(visit: Visit, ticket: Ticket, mail: RawMail) -> None:
    """Mask what is known to be a secret of a ticket in what is kept of a mail beside its bytes."""
    values = masking.known(visit, ticket)
    subject, text = (masking.without(each, values, MASK) for each in (mail.subject, mail.text))
    if (subject, text) != (mail.subject, mail.text):
        mail.subject, mail.text, mail.holds_login = subject, text, True


def cut(visit: Visit, tickets: Collection[int], values: Sequence[str], by: str) -> None:
    """Take values out of the mails of these tickets; those that hold one lose their bytes with the commit."""
    for mail in visit.session.scalars(select(RawMail).where(RawMail.ticket_id.in_(tickets))).all():
        subject, text = (masking.without(each, values, by) for each in (mail.subject, mail.text))
        held = mail.holds_login or (subject, text) != (mail.subject, mail.text)
        mail.subject, mail.text = subject, text
        if mail.dropped_at is None and (held or _is_in_bytes(visit, mail, values)):
            _drop(visit, mail)


def drop_mail_of(visit: Visit, message: Message) -> None:
    """The mail that a message came in by still holds what was cut out of it: its bytes go."""
    came_in = visit.session.scalar(select(RawMail).where(RawMail.message_id == message.id))
    if came_in is not None and came_in.dropped_at is None:
        _drop(visit, came_in)


def _drop(visit: Visit, mail: RawMail) -> None:
    """Take the bytes of a mail away with the commit; what it said can still be read, masked."""
    mail.dropped_at = visit.now
    sealing.drop_at_commit(visit, mail.storage_key)


def _is_in_bytes(visit: Visit, mail: RawMail, values: Sequence[str]) -> bool:
    """Whether the mail as it arrived holds one of the values, as far as anybody knows."""
    strong = [value for value in values if not masking.is_ordinary(value)]
    try:
        with visit.house.files.open(mail.storage_key) as content:
            return bool(strong) and Secrets(strong).are_given_away_by(content.read())
    except TooCostlyError:
        return True
    except NotFoundError:
        return False
