"""Files of tickets: rows about what the file store holds, each with what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.files import MEGABYTE, StoredFile, Upload, keep, problems_with, tidy_name
from paidsupport.tickets.conversation import queries
from paidsupport.tickets.conversation.tables import File

if TYPE_CHECKING:
    from paidsupport.kernel.context import Context
    from paidsupport.tickets.tables import Ticket


#: Keys looked up at once: the number of a statement's parameters is limited.
_BATCH = 1000


def told(kept: Iterable[StoredFile]) -> list[dict[str, object]]:
    """What a ticket's history says about files."""
    return [{"size": one.size, "sha256": one.sha256} for one in kept]


def attach(
    ctx: Context,
    ticket: Ticket,
    uploads: Sequence[Upload],
    *,
    audience: str,
    earlier: Sequence[tuple[Upload, StoredFile]] = (),
    **came_with: int,
) -> list[dict[str, object]]:
    """Store `uploads` with a ticket; returns what its history says about them. Raises as `keep` does.

    Args:
        ctx: Who adds them, and when.
        ticket: The ticket.
        uploads: The files.
        audience: Who may read them.
        earlier: Files that come with them and are stored already.
        came_with: The `message_id`, `annotation_id` or `item_id` that they belong to, if any.
    """
    used = queries.bytes_of_files(ctx.session, ticket) if uploads or earlier else 0
    kept = [stored for _, stored in earlier]
    kept += keep(ctx, uploads, used + sum(one.size for one in kept))
    add(ctx, ticket, [*(upload for upload, _ in earlier), *uploads], kept, audience=audience, **came_with)
    return told(kept)


def add(
    ctx: Context,
    ticket: Ticket,
    uploads: Sequence[Upload],
    kept: Sequence[StoredFile],
    *,
    audience: str,
    **came_with: int,
) -> None:
    """Add the rows of `uploads` that the store has stored as `kept`."""
    ctx.session.add_all(
        File(
            reference=new_reference(),
            ticket_id=ticket.id,
            **came_with,
            audience=audience,
            name=tidy_name(upload.name),
            size=one.size,
            sha256=one.sha256,
            storage_key=one.key,
            at=ctx.now,
        )
        for upload, one in zip(uploads, kept, strict=True)
    )


def sort_out(ctx: Context, ticket: Ticket, uploads: Sequence[Upload]) -> tuple[list[Upload], list[Upload]]:
    """Split `uploads` into those that `attach` takes together, in order, and the rest.

    For files that come by mail, whose sender cannot choose again. Files come before pictures within the text,
    and among pictures the large before the small, so that icons of signatures do not displace attachments.
    """
    settings = ctx.services.settings
    used = queries.bytes_of_files(ctx.session, ticket) if uploads else 0
    room = settings.ticket_megabytes * MEGABYTE - used
    fit: set[int] = set()
    for upload in sorted(uploads, key=lambda each: (each.inline, each.inline and -each.size)):
        if len(fit) < settings.files_at_once and upload.size <= room and not problems_with(ctx, [upload]):
            fit.add(id(upload))
            room -= upload.size
    return [each for each in uploads if id(each) in fit], [each for each in uploads if id(each) not in fit]


def sweep(ctx: Context, before: datetime) -> int:
    """Delete what was stored before `before` and no row refers to: files, and data keys of the vault."""
    store = ctx.services.files
    keys = iter(store.keys_before(before))
    swept = 0
    while batch := list(islice(keys, _BATCH)):
        unknown = set(batch) - queries.named_in_rows(ctx.session, batch)
        swept += len(unknown)
        for key in unknown:
            store.drop(key)
    return swept
