"""Credentials in customers' mails: masked in what is read, deleted with the bytes (G15)."""

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
    """Mask known secrets of a ticket in the stored texts of a mail."""
    values = masking.known(ctx, ticket)
    subject, text = (masking.without(each, values, MASK) for each in (mail.subject, mail.text))
    if (subject, text) != (mail.subject, mail.text):
        mail.subject, mail.text, mail.holds_login = subject, text, True


def cut(ctx: Context, tickets: Collection[int], values: Sequence[str], by: str) -> None:
    """Cut values out of the mails of these tickets; the bytes of mails with one are deleted on commit."""
    for mail in mails_of(ctx.session, tickets):
        subject, text = (masking.without(each, values, by) for each in (mail.subject, mail.text))
        held = mail.holds_login or (subject, text) != (mail.subject, mail.text)
        mail.subject, mail.text = subject, text
        if mail.dropped_at is None and (held or _is_in_bytes(ctx, mail, values)):
            _drop(ctx, mail)


def drop_mail_of(ctx: Context, message: Message) -> None:
    """Delete the bytes of the mail that a message arrived in: they still hold what was cut out of it."""
    came_in = mail_of(ctx.session, message)
    if came_in is not None and came_in.dropped_at is None:
        _drop(ctx, came_in)


def _drop(ctx: Context, mail: RawMail) -> None:
    """Delete the bytes of a mail with the commit; its masked text can still be read."""
    mail.dropped_at = ctx.now
    sealing.drop_at_commit(ctx, mail.storage_key)


def _is_in_bytes(ctx: Context, mail: RawMail, values: Sequence[str]) -> bool:
    """Whether the mail as it arrived contains one of the values, as far as can be told."""
    strong = [value for value in values if not masking.is_ordinary(value)]
    try:
        with ctx.services.files.open(mail.storage_key) as content:
            return bool(strong) and Secrets(strong).are_given_away_by(content.read())
    except TooCostlyError:
        return True
    except NotFoundError:
        return False
