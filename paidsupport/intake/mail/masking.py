"""Credentials in the mails of customers: masked in what is read, dropped with their bytes (G15)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from paidsupport.intake.mail.queries import mail_of, mails_of
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.privacy.redaction import MASK, Secrets, TooCostlyError
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import masking, sealing


def hide_in_mail(ctx: Context, ticket: Ticket, mail: RawMail) -> None:
    """Mask what is known to be a secret of a ticket in what is kept of a mail beside its bytes."""
    values = masking.known(ctx, ticket)
    subject, text = (masking.without(each, values, MASK) for each in (mail.subject, mail.text))
    if (subject, text) != (mail.subject, mail.text):
        mail.subject, mail.text, mail.holds_login = subject, text, True


def cut(ctx: Context, tickets: Collection[int], values: Sequence[str], by: str) -> None:
    """Take values out of the mails of these tickets; those that hold one lose their bytes with the commit."""
    for mail in mails_of(ctx.session, tickets):
        subject, text = (masking.without(each, values, by) for each in (mail.subject, mail.text))
        held = mail.holds_login or (subject, text) != (mail.subject, mail.text)
        mail.subject, mail.text = subject, text
        if mail.dropped_at is None and (held or _is_in_bytes(ctx, mail, values)):
            _drop(ctx, mail)


def drop_mail_of(ctx: Context, message: Message) -> None:
    """The mail that a message came in by still holds what was cut out of it: its bytes go."""
    came_in = mail_of(ctx.session, message)
    if came_in is not None and came_in.dropped_at is None:
        _drop(ctx, came_in)


def _drop(ctx: Context, mail: RawMail) -> None:
    """Take the bytes of a mail away with the commit; what it said can still be read, masked."""
    mail.dropped_at = ctx.now
    sealing.drop_at_commit(ctx, mail.storage_key)


def _is_in_bytes(ctx: Context, mail: RawMail, values: Sequence[str]) -> bool:
    """Whether the mail as it arrived holds one of the values, as far as anybody knows."""
    strong = [value for value in values if not masking.is_ordinary(value)]
    try:
        with ctx.services.files.open(mail.storage_key) as content:
            return bool(strong) and Secrets(strong).are_given_away_by(content.read())
    except TooCostlyError:
        return True
    except NotFoundError:
        return False
