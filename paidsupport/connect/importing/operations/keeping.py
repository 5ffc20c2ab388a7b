"""A file of another system that was refused is kept for a day under the key of its form, to be sent again."""

from __future__ import annotations

from collections.abc import Sequence

from paidsupport.kernel.context import Context
from paidsupport.kernel.files import Upload, problems_with
from paidsupport.tickets.ordering import form_files
from paidsupport.tickets.ordering.tables import FormFile


def chosen(ctx: Context, key: str, uploads: Sequence[Upload]) -> list[Upload]:
    """What was chosen now, else what is kept of the same form."""
    if uploads:
        return list(uploads)
    files = form_files.files_of(ctx, key)
    return [Upload(each.name, each.size, ctx.services.files.open(each.storage_key)) for each in files]


def keep(ctx: Context, key: str, uploads: Sequence[Upload], *, client: str) -> None:
    """Keep the file that was chosen, in the place of one before; one that is too large is not kept.

    Raises:
        StorageFullError: There is no room for it.
        TooManyError: Too many files came from this network address within an hour.
    """
    if len(uploads) != 1 or problems_with(ctx, uploads):
        return
    drop(ctx, key)
    uploads[0].content.seek(0)
    form_files.add(ctx, key, uploads, client=client)


def drop(ctx: Context, key: str) -> None:
    """Delete what is kept of a form."""
    for file in form_files.files_of(ctx, key):
        form_files.remove(ctx, key, file.reference)


def kept(ctx: Context, key: str) -> FormFile | None:
    """The file that is kept of a form, if there is one."""
    return next(iter(form_files.files_of(ctx, key)), None)
