"""Annotations: notes that only staff see (G10). They never change a ticket's version."""

from __future__ import annotations

from collections.abc import Sequence

from paidsupport.kernel import fields, files
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.operations import files as operations_files
from paidsupport.tickets.conversation.tables import Annotation
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes


def annotate(ctx: Context, code: str, body: str, *, key: str, uploads: Sequence[Upload] = ()) -> Ticket:
    """Leave a note on any ticket; colleagues mentioned in it are told.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: By field, also for a credential in the note or a file.
        KeyReusedError: The form was sent with other content.
    """
    body = fields.many_lines("body", body, required=_("Write the annotation first."))
    content = ("annotate", code, ctx.by.id, body, files.outlines(uploads))
    with history.edit(ctx, code, key=key, content=content) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        note = keep(ctx, ticket, body, uploads=uploads)
        ctx.session.flush()
        attached = operations_files.attach(ctx, ticket, uploads, audience="desk", annotation_id=note.id)
        data: dict[str, object] = {"text": fingerprint(body), "files": attached}
        if called := people.mentioned(ctx, body):
            data["mentions"] = called
        change.tell("annotated", data, **_seen(ctx, ticket))
    return ticket


def keep(
    ctx: Context, ticket: Ticket, body: str, *, about: str = "", uploads: Sequence[Upload] = ()
) -> Annotation:
    """Add a note without an event of its own, for operations that write their own.

    The caller attaches `uploads`, which are only checked here.

    Raises:
        InvalidInputError: The note or a file gives a credential away; at `note` if it is `about` a
            transition.
        VaultClosedError: The secrets cannot be decrypted.
    """
    refuse_quotes(ctx, ticket, body, "note" if about else "body", uploads)
    note = Annotation(
        ticket_id=ticket.id,
        author_id=ctx.by.id,
        author_name=ctx.by.name,
        about=about,
        body=body,
        at=ctx.now,
    )
    ctx.session.add(note)
    search.index(ctx.session, ticket.id, body)
    return note


def _seen(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns to write: an owner who leaves a note is at work, which renews the lease.

    A note on an ended ticket means that staff have read what the customer wrote after its end.
    """
    return {"awaits": ""} if ticket.part == Part.CLOSED else history.renewed_lease(ctx, ticket)
