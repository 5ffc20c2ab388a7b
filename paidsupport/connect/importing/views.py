"""Moving in, in the browser: choose a system, see what is unknown, and start (P18)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.connect.importing import queries
from paidsupport.connect.importing.forms import ImportForm, columns_form, start_form
from paidsupport.connect.importing.operations import keeping, runs
from paidsupport.connect.importing.sources.kinds import KINDS
from paidsupport.connect.importing.sources.table import FIELDS, guessed
from paidsupport.connect.importing.tables import DRAFTED, Import
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, uploads
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show

_ALL = "/desk/setup/import"
_ONE = f"{_ALL}/<reference>"
#: What remarks are about, in words.
_ABOUT = {
    "status": _("Unknown status"),
    "queue": _("Queue without a service of its own"),
    "author": _("Author who does not work here"),
    "field": _("Stays behind"),
    "file": _("File that cannot be kept"),
    "line": _("Cannot be used"),
}
#: What was counted, in words.
_COUNTED = {
    "ticket": _("Tickets"),
    "message": _("Messages"),
    "annotation": _("Annotations"),
    "file": _("Files"),
    "organisation": _("Organisations"),
    "contact": _("Contacts"),
    "tag": _("Tags"),
    "work": _("Work log"),
    "ticket_event": _("Changes"),
    "known": _("There already"),
}


@route(_ALL, Who.MANAGER, ("GET", "POST"))
def move_in(ctx: Context) -> ResponseReturnValue:
    """List what was moved in, and begin with another system."""
    form = ImportForm()
    form.offer(catalogue.services(ctx))
    key, sent = form.key.data or "", uploads("file")
    done = form.send(ctx, lambda: runs.check(ctx, form.typed, keeping.chosen(ctx, key, sent), key=key))
    if isinstance(done, Import):
        keeping.drop(ctx, key)
        return redirect(
            url_for(".import_columns" if done.state == DRAFTED else ".import_run", reference=done.reference),
            303,
        )
    if form.errors:
        keeping.keep(ctx, key, sent, client=request.remote_addr or "")
    kept = keeping.kept(ctx, key) if form.errors else None
    rows = queries.newest(ctx.session)
    page = show("connect/importing/imports.html", form=form, kept=kept, rows=rows, kinds=KINDS)
    return page, form.status


@route(f"{_ONE}/columns", Who.MANAGER, ("GET", "POST"))
def import_columns(ctx: Context, reference: str) -> ResponseReturnValue:
    """Choose which column of a table is what."""
    run = queries.by_reference(ctx.session, reference)
    names, rows = runs.preview(ctx, run)
    taken = run.options.get("columns") or guessed(names)
    form = columns_form(names)(data={f"column_{field}": name for field, name in taken.items()})
    chosen = {field: form[f"column_{field}"].data or "" for field in FIELDS}
    if form.send(ctx, lambda: runs.choose(ctx, reference, chosen)):
        return redirect(url_for(".import_run", reference=reference), 303)
    fields = [f"column_{field}" for field in FIELDS]
    page = show("connect/importing/columns.html", form=form, names=names, rows=rows, fields=fields)
    return page, form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def import_run(ctx: Context, reference: str) -> ResponseReturnValue:
    """Show what a run has come to, and start moving in after a check."""
    run = queries.by_reference(ctx.session, reference)
    queues = [word for about, word, _number, _first in run.remarks if about == "queue" and word != "…"]
    form = start_form(queues, catalogue.services(ctx))()
    services = {queue: form[f"queue_{number}"].data or "" for number, queue in enumerate(queues)}
    chosen = {queue: slug for queue, slug in services.items() if slug}
    if form.send(ctx, lambda: runs.start(ctx, reference, chosen, key=form.key.data or "")):
        flash(_("Tickets are being moved in."), "ps-ok")
        return redirect(url_for(".import_run", reference=reference), 303)
    return _run(ctx, run, form, len(queues)), form.status


def _run(ctx: Context, run: Import, form: Form, queues: int) -> str:
    return show(
        "connect/importing/run.html",
        "going",
        run=run,
        form=form,
        fields=[f"queue_{number}" for number in range(queues)],
        kind=KINDS[run.kind],
        working=run.state in queries.UNFINISHED,
        ready=run.dry and run.state == "done" and bool(run.storage_key or run.sealed),
        about=_ABOUT,
        counted=_COUNTED,
        moved=[] if run.dry else queries.moved_in(ctx.session, run),
    )
