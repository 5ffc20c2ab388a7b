"""Files that were added to a customer's form: kept under its one-time key for a day, until it is taken."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, update

from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.files import MEGABYTE, StoredFile, Upload, problems_with, tidy_name
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.tickets.ordering import queries
from paidsupport.tickets.ordering.tables import FormFile

#: Files deleted in one run of the job.
_BATCH = 200
_MOVE = update(FormFile).where(FormFile.form == bindparam("before")).values(form=bindparam("after"))
_TAKE = delete(FormFile).where(FormFile.form == bindparam("of"))


def files_of(ctx: Context, key: str) -> Sequence[FormFile]:
    """The files that were added to the form with this key."""
    return queries.files_of(ctx.session, _digest(key), ctx.now - unsent.KEPT)


def sort_out(
    ctx: Context, kept: Sequence[FormFile], uploads: Sequence[Upload], *, used: int = 0
) -> tuple[list[Upload], list[Upload], list[str]]:
    """Split `uploads` into those that can be added to the files a form has, the others, and the reasons.

    `used`: the bytes that the files of its ticket have already.
    """
    settings = ctx.services.settings
    room = settings.ticket_megabytes * MEGABYTE - used - sum(file.size for file in kept)
    fit: list[Upload] = []
    others: list[Upload] = []
    problems: list[str] = []
    for upload in uploads:
        wrong = problems_with(ctx, [upload])
        if not wrong and len(kept) + len(fit) >= settings.files_at_once:
            wrong = [_too_many(upload, settings.files_at_once)]
        elif not wrong and upload.size > room:
            wrong = [_too_much(upload, settings.ticket_megabytes)]
        if wrong:
            others.append(upload)
            problems += wrong
        else:
            fit.append(upload)
            room -= upload.size
    return fit, others, problems


def add(ctx: Context, key: str, uploads: Sequence[Upload], *, client: str) -> None:
    """Add files to the form with this key; `sort_out` says which can be added.

    Raises:
        StorageFullError: There is no room for them.
        TooManyError: This network address has added as many as it may order with within an hour.
    """
    most = ctx.services.settings.files_at_once * ctx.services.settings.orders_per_hour
    for upload in uploads:
        limits.spend(ctx, "form file", client, most)
        stored = ctx.services.files.keep(upload.content)
        ctx.session.add(
            FormFile(
                form=_digest(key),
                reference=new_reference(),
                name=tidy_name(upload.name),
                size=stored.size,
                sha256=stored.sha256,
                storage_key=stored.key,
                at=ctx.now,
            )
        )
    ctx.session.flush()


def remove(ctx: Context, key: str, reference: str) -> None:
    """Remove a file from the form with this key, if it is there."""
    for file in files_of(ctx, key):
        if file.reference == reference:
            ctx.session.delete(file)
            ctx.services.files.drop(file.storage_key)
    ctx.session.flush()


def move(ctx: Context, before: str, after: str) -> None:
    """Move the files of a form whose key is used up to the form with another key."""
    write(ctx.session, _MOVE, {"before": _digest(before), "after": _digest(after)})


def take(ctx: Context, key: str, references: Sequence[str]) -> tuple[list[Upload], list[StoredFile]]:
    """Take over the files of a form that is being taken; what else was added to it is forgotten.

    Returns:
        The files as uploads, and as they are stored already.

    Raises:
        InvalidInputError: Some of the files that the customer saw are gone.
    """
    if not references:
        return [], []
    found = {file.reference: file for file in files_of(ctx, key)}
    if missing := [reference for reference in references if reference not in found]:
        raise InvalidInputError({"files": [_gone(len(missing))]})
    rows = [found[reference] for reference in references]
    uploads = [Upload(row.name, row.size, io.BytesIO()) for row in rows]
    stored = [StoredFile(row.storage_key, row.size, row.sha256) for row in rows]
    write(ctx.session, _TAKE, {"of": _digest(key)})
    return uploads, stored


def forget_files(ctx: Context) -> None:
    """Delete the files of forms that were not taken within a day."""
    for file in queries.older_files(ctx.session, ctx.now - unsent.KEPT, _BATCH):
        ctx.session.delete(file)
        ctx.services.files.drop(file.storage_key)


def _too_many(upload: Upload, most: int) -> str:
    return ngettext(
        "“%(file)s” wasn't added. You can add one file.",
        "“%(file)s” wasn't added. You can add up to %(num)s files.",
        most,
        file=tidy_name(upload.name),
    )


def _too_much(upload: Upload, most: int) -> str:
    return _(
        "“%(file)s” wasn't added. All files together can have up to %(most)s MB.",
        file=tidy_name(upload.name),
        most=most,
    )


def _gone(number: int) -> str:
    return ngettext(
        "Choose your file again. We keep it for a day.",
        "Choose your files again. We keep them for a day.",
        number,
    )


def _digest(key: str) -> str:
    # a key of 128 random bits needs no slow hash
    return hashlib.sha256(f"paidsupport form files:{key}".encode()).hexdigest()
