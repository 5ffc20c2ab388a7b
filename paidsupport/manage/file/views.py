"""Everything that managers set up as one file: to take out, to look at, to load and to undo (P10)."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.configuration import file, loading, queries
from paidsupport.kernel.configuration.reading import FIELD
from paidsupport.kernel.configuration.scanning import LARGEST
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.downloads import as_attachment
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, set_data, uploads
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.manage.file import telling
from paidsupport.manage.file.forms import FileForm, LoadForm

_ALL = "/desk/setup/file"
_ONE = f"{_ALL}/<int(max={2**53}):file_id>"
#: Earlier files on the page.
_SHOWN = 30


@route(_ALL, Who.MANAGER, ("GET", "POST"))
def setup_file(ctx: Context) -> ResponseReturnValue:
    """Offer the file, take one, and list those that were loaded."""
    form = FileForm()
    row = form.send(ctx, lambda: loading.hand_in(ctx, _text(form)))
    if row is not None:
        return redirect(url_for(".setup_file_look", file_id=row.id), 303)
    return _page(ctx, form), form.status


@route(f"{_ALL}/download", Who.MANAGER)
def setup_file_download(ctx: Context) -> ResponseReturnValue:
    """Send the file."""
    name = f"configuration-{ctx.today.isoformat()}.toml"
    return as_attachment(Response(file.dump(ctx), content_type="application/toml; charset=utf-8"), name)


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def setup_file_look(ctx: Context, file_id: int) -> ResponseReturnValue:
    """Show what a file would change, and load it."""
    form = LoadForm()
    seen, key = form.seen.data or "", form.key.data or ""
    if form.send(ctx, lambda: [loading.load(ctx, file_id, word=form.word.data or "", seen=seen, key=key)]):
        flash(_("File loaded."), "ps-ok")
        return redirect(url_for(".setup_file"), 303)
    looked = loading.look(ctx, file_id)
    set_data(form.seen, looked.print)
    parts = telling.by_part(ctx, looked.plan.differences)
    page = show("manage/file/look.html", form=form, row=looked.row, parts=parts, notes=looked.plan.notes)
    return page, form.status


@route(f"{_ONE}/undo", Who.MANAGER, ("POST",))
def setup_file_undo(ctx: Context, file_id: int) -> ResponseReturnValue:
    """Hand in what was there before a file was loaded, to look at."""
    form = Form()
    row = form.send(ctx, lambda: loading.undo(ctx, file_id))
    if row is not None:
        return redirect(url_for(".setup_file_look", file_id=row.id), 303)
    again = FileForm(formdata=None)
    again.blame(form.errors)
    return _page(ctx, again), form.status


def _page(ctx: Context, form: FileForm) -> str:
    rows = queries.imports(ctx.session, _SHOWN)
    return show("manage/file/file.html", form=form, rows=rows, undoing=Sealed)


def _text(form: FileForm) -> str:
    """The text of the file that was chosen, or what was pasted; what is wrong with it can be mended there."""
    for upload in uploads(FIELD):
        text = loading.decoded(upload.content.read(LARGEST + 1))
        set_data(form.text, text)
        return text
    return form.text.data or ""
