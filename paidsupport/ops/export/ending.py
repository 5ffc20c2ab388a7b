"""Deleting exports: after a day, and at once when a customer is erased who may be in them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, update

from paidsupport.kernel.configuration.tables import lock
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.ops.export.queries import exports
from paidsupport.ops.export.tables import Export

#: How long the row of an export that is gone stays.
STAYS = timedelta(days=30)
_ERASED = storable(_("A customer was erased, so this export was deleted."))


def hold(ctx: Context) -> None:
    """Let no export begin until this transaction ends: it would still read what is erased here.

    Before anything else is locked, for all others lock the configuration first, too.
    """
    lock(ctx.session)


def forget_all(ctx: Context) -> None:
    """Delete every export, for a customer who is being erased may be in it, also while it is made."""
    for export in exports.there(ctx.session):
        key, export.storage_key = export.storage_key, None
        export.state, export.about, export.problem = "expired", "", _ERASED
        export.ended_at = ctx.now
        ctx.session.flush()
        if key:
            ctx.services.files.drop(key)


def expire(ctx: Context, export_id: int) -> None:
    """Delete the file of an export whose day is over; the row says that there was one."""
    export = ctx.session.get(Export, export_id, with_for_update=True)
    if export is None or export.state != "ready" or export.expires_at is None or export.expires_at > ctx.now:
        return
    key, export.storage_key = export.storage_key, None
    export.state, export.about = "expired", ""
    ctx.session.flush()
    if key:
        ctx.services.files.drop(key)


def tidy(ctx: Context) -> None:
    """Delete the rows of exports that have been gone for long."""
    ids = exports.old(ctx.session, ctx.now - STAYS)
    if ids:
        changed(ctx.session, delete(Export).where(Export.id.in_(ids)))


def end(ctx: Context, export_id: int, attempt: int, **values: object) -> bool:
    """Write how an attempt ended, unless a later one has begun or the export was deleted; whether it was."""
    mine = update(Export).where(Export.id == export_id, Export.state == "running", Export.attempts == attempt)
    return changed(ctx.session, mine.values(**values)) == 1
