"""Giving a ticket another subject: anybody of the desk may, as with tags."""

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
    """Let a ticket be called something else; it is found by that, too. Returns the ticket.

    Raises NotFoundError, InvalidInputError (field `subject`), TransitionRefusedError (erased),
    VaultClosedError, KeyReusedError.
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
