"""Changing the subject of a ticket: all staff may, as with tags."""

from __future__ import annotations

from paidsupport.kernel import fields
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes


def rename(ctx: Context, code: str, subject: str, *, key: str) -> Ticket:
    """Give a ticket another subject, which the search finds, too. Returns the ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: The subject is wrong, or gives a secret away (field `subject`).
        TransitionRefusedError: The ticket is erased.
        VaultClosedError: The subject cannot be compared with secrets now.
        KeyReusedError: The form was sent with another subject.
    """
    subject = fields.one_line("subject", subject, required=_("Enter a subject."))
    content = ("rename", code, subject, ctx.by.id)
    with history.edit(ctx, code, key=key, content=content) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.erased_at is not None:
            raise TransitionRefusedError(
                code, [_("Everything personal was erased: this ticket stays as it is.")]
            )
        refuse_quotes(ctx, ticket, subject, "subject")
        search.index(ctx.session, ticket.id, subject)
        change.tell("renamed", {"text": fingerprint(subject)}, summary=subject)
    return ticket
