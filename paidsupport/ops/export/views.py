"""Exporting data in the browser: asking for it, seeing how far it is, and downloading it (P13)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.downloads import send_kept
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.ops.export import operations
from paidsupport.ops.export.forms import ExportForm
from paidsupport.ops.export.operations import Wanted
from paidsupport.ops.export.queries import exports
from paidsupport.ops.export.tables import ONE, Export


@route("/desk/setup/export", Who.MANAGER, ("GET", "POST"))
def export(ctx: Context) -> ResponseReturnValue:
    """Show the exports, and ask for one."""
    form = ExportForm()
    if form.send(ctx, lambda: _start(ctx, form)):
        flash(_("The export will be ready in a moment."), "ps-ok")
        return redirect(url_for(".export"), 303)
    return _page(ctx, form), form.status


@route("/desk/setup/export/<reference>/download", Who.MANAGER, ("POST",))
def export_download(ctx: Context, reference: str) -> ResponseReturnValue:
    """Download an export; no GET does that, for each time is written down."""
    form = Form()
    found = form.send(ctx, lambda: operations.download(ctx, reference))
    if not isinstance(found, Export) or found.storage_key is None:
        return _page(ctx, form), form.status
    name = operations.file_name(ctx, found)
    return send_kept(ctx, found.storage_key, name=name, size=found.size)


def _start(ctx: Context, form: ExportForm) -> bool:
    one = form.kind.data == ONE
    wanted = Wanted(form.customer.data or "", with_notes=form.with_notes.data) if one else None
    operations.start(ctx, wanted, key=form.key.data or "")
    return True


def _page(ctx: Context, form: Form) -> str:
    rows = exports.newest(ctx.session)
    return show(
        "ops/export/export.html",
        "listed",
        form=form if isinstance(form, ExportForm) else ExportForm(formdata=None),
        refused=form,
        rows=rows,
        press=Sealed(),
        working=any(row.state in exports.UNFINISHED for row in rows),
    )
