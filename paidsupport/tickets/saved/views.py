"""Saving a list with its filters under a name (P6)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.saved import operations as views
from paidsupport.kernel.staff.saved import queries as store
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.queue.address import SEEN, read
from paidsupport.tickets.queue.tabs import VIEWS_CHANGED
from paidsupport.tickets.saved.forms import NameForm, ViewForm

#: Parameters that are not saved: a view is a list, not one page of it.
_LEFT_OUT = {*SEEN, "after"}


@route("/desk/views/new", Who.STAFF, ("GET", "POST"))
def new_view(ctx: Context) -> ResponseReturnValue:
    """Save the list in the address as a view."""
    form = ViewForm()
    if request.method == "GET":
        form.query.data = urlencode([(n, v) for n, v in request.args.items() if v and n not in _LEFT_OUT])
    query = form.query.data or ""
    # filters that none of our lists use are answered with “not found”
    read(MultiDict(parse_qsl(query)), ctx.now, ctx.services.workflows.values())
    name, shared = form.name.data or "", bool(form.shared.data)
    key = form.key.data
    if form.send(ctx, lambda: views.keep(ctx, name=name, query=query, shared=shared, key=key)):
        session[VIEWS_CHANGED] = form.key.data
        flash(_("View saved."), "ps-ok")
        return redirect(f"{url_for('.queue')}?{query}", 303)
    return show("tickets/saved/new.html", form=form, back=f"{url_for('.queue')}?{query}"), form.status


@route("/desk/views", Who.STAFF)
def saved_views(ctx: Context) -> ResponseReturnValue:
    """Show this person's views; they can rename and delete those they may change."""
    return _page(ctx)


@route("/desk/views/<int:view_id>", Who.STAFF, ("POST",))
def change_view(ctx: Context, view_id: int) -> ResponseReturnValue:
    """Rename or delete a view."""
    form = NameForm()

    def change() -> str:
        if "delete" in request.form:
            views.drop(ctx, view_id, key=form.key.data)
            return _("View deleted.")
        views.rename(ctx, view_id, form.name.data or "", key=form.key.data)
        return _("View renamed.")

    if said := form.send(ctx, change):
        session[VIEWS_CHANGED] = form.key.data
        flash(said, "ps-ok")
        return redirect(url_for(".saved_views"), 303)
    return _page(ctx, form, view_id)


def _page(ctx: Context, refused: NameForm | None = None, refused_id: int = 0) -> ResponseReturnValue:
    shown = []
    for view in store.for_person(ctx.session, ctx.by.id or 0):
        form = refused if refused and view.id == refused_id else NameForm(formdata=None, name=view.name)
        shown.append((view, form if views.may_change(ctx, view) else None))
    return show("tickets/saved/views.html", views=shown, refused=refused), refused.status if refused else 200
