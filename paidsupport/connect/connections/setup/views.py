"""The connections to other programs: a list, a page for each, and what they were asked (P12, P17)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import queries
from paidsupport.connect.connections.kinds import Kind
from paidsupport.connect.connections.setup import operations
from paidsupport.connect.connections.setup.forms import ConnectionForm, SettleForm, SwitchForm, form_of_kind
from paidsupport.connect.connections.setup.operations import Shown
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _, ngettext
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section

_ALL = "/desk/setup/connections"
_ONE = f"{_ALL}/<connection>"
_LATEST = 5
#: Larger numbers would not fit into the database's integers.
_LARGEST = 2**53


@route(_ALL, Who.MANAGER)
def connections_setup(ctx: Context) -> ResponseReturnValue:
    """List the connections with how they stand, and the kinds that can be set up."""
    return show(
        "connect/connections/setup/connections.html",
        groups=operations.listed(ctx),
        offered=operations.offered(ctx),
    )


@route(f"{_ALL}/new/<kind>", Who.MANAGER, ("GET", "POST"))
def connection_new(ctx: Context, kind: str) -> ResponseReturnValue:
    """Set a connection up."""
    found = operations.kind_of(ctx, kind)
    form = _form(ctx, found, None)
    key = form.key.data or ""
    added = form.send(ctx, lambda: (operations.add(ctx, found, form.typed, form.secrets, key=key),))
    if added and added[0]:
        return _to(added[0].reference, _("Set up. Check the connection now."))
    if added:  # the form came twice
        return redirect(url_for(".connections_setup"), 303)
    return _page(ctx, found, None, form), form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def connection_edit(ctx: Context, connection: str) -> ResponseReturnValue:
    """Show how a connection stands, and change it."""
    shown = operations.one(ctx, connection)
    if shown.kind is None:
        return _page(ctx, None, shown, Form())
    form = _form(ctx, shown.kind, shown)
    key, seen = form.key.data or "", form.was
    if form.send(
        ctx, lambda: operations.change(ctx, connection, form.typed, form.secrets, seen=seen, key=key)
    ):
        return _to(connection, _("Connection saved."))
    return _page(ctx, shown.kind, shown, form), form.status


@route(f"{_ONE}/check", Who.MANAGER, ("POST",))
def connection_check(ctx: Context, connection: str) -> ResponseReturnValue:
    """Call the other side, and say how it went."""
    form = Form()
    wrong = form.send(ctx, lambda: operations.check(ctx, connection))
    if wrong is None:
        return _refused(ctx, connection, form)
    if wrong:
        return _to(connection, wrong, "ps-bad")
    return _to(connection, _("The connection works."))


@route(f"{_ONE}/switch", Who.MANAGER, ("POST",))
def connection_switch(ctx: Context, connection: str) -> ResponseReturnValue:
    """Switch a connection on or off."""
    form = SwitchForm()
    on, key = form.to.data == "on", form.key.data or ""
    if form.send(ctx, lambda: operations.switch(ctx, connection, on=on, key=key)):
        return _to(connection, _("Connection switched on.") if on else _("Connection switched off."))
    return _refused(ctx, connection, form)


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def connection_remove(ctx: Context, connection: str) -> ResponseReturnValue:
    """Remove a connection."""
    form = Form()
    if form.send(ctx, lambda: operations.remove(ctx, connection, key=form.key.data or "")):
        flash(_("Connection removed."), "ps-ok")
        return redirect(url_for(".connections_setup"), 303)
    return _refused(ctx, connection, form)


@route(f"{_ONE}/requests", Who.MANAGER)
def connection_requests(ctx: Context, connection: str) -> ResponseReturnValue:
    """List what the other side was asked, newest first."""
    return _requests(ctx, connection, None)


@route(f"{_ONE}/requests/<reference>/again", Who.MANAGER, ("POST",))
def connection_again(ctx: Context, connection: str, reference: str) -> ResponseReturnValue:
    """Let one request be tried again."""
    form, row = Form(), queries.by_reference(ctx.session, connection)
    form.send(ctx, lambda: connections.again(ctx, row, reference))
    if form.errors:
        return _requests(ctx, connection, form), form.status
    flash(_("It will be tried again in a moment."), "ps-ok")
    return redirect(url_for(".connection_requests", connection=connection), 303)


@route(f"{_ONE}/again", Who.MANAGER, ("POST",))
def connection_all_again(ctx: Context, connection: str) -> ResponseReturnValue:
    """Let all requests be tried again that were given up."""
    form, row = Form(), queries.by_reference(ctx.session, connection)
    number = form.send(ctx, lambda: connections.all_again(ctx, row))
    if number is None:
        return _requests(ctx, connection, form), form.status
    said = ngettext("%(num)s request is tried again.", "%(num)s requests are tried again.", number)
    flash(said, "ps-ok")
    return redirect(url_for(".connection_requests", connection=connection), 303)


@route(f"{_ONE}/conflicts/<int(max={_LARGEST}):number>", Who.MANAGER, ("POST",))
def connection_settle(ctx: Context, connection: str, number: int) -> ResponseReturnValue:
    """Say which side of a conflict stays."""
    form = SettleForm()
    ours = form.side.data != "theirs"
    if form.send(ctx, lambda: operations.settle(ctx, connection, number, ours=ours)):
        return _to(connection, _("Ours is kept.") if ours else _("Theirs is taken."))
    return _refused(ctx, connection, form)


def _form(ctx: Context, kind: Kind, shown: Shown | None, *, sent: bool = True) -> ConnectionForm:
    values = operations.values_of(ctx, kind, shown.row if shown else None)
    made = form_of_kind(kind)
    form = made(data=values) if sent else made(formdata=None, data=values)
    form.show(values)
    return form


def _refused(ctx: Context, connection: str, form: Form) -> ResponseReturnValue:
    shown = operations.one(ctx, connection)
    again = _form(ctx, shown.kind, shown, sent=False) if shown.kind else Form(formdata=None)
    again.blame(form.errors)
    return _page(ctx, shown.kind, shown, again), form.status


def _page(ctx: Context, kind: Kind | None, shown: Shown | None, form: Form) -> str:
    return show(
        "connect/connections/setup/connection.html",
        kind=kind,
        shown=shown,
        form=form,
        press=Sealed(),
        label_of=operations.label_of,
        **(_latest(ctx, shown) if shown else {}),
    )


def _latest(ctx: Context, shown: Shown) -> dict[str, Any]:
    tasks = queries.tasks_of(ctx.session, shown.row.id, most=_LATEST)
    conflicts = queries.conflicts(ctx.session, shown.row.id)
    return {"tasks": tasks[:_LATEST], "more": len(tasks) > _LATEST, "conflicts": conflicts}


def _requests(ctx: Context, connection: str, form: Form | None) -> str:
    shown, given_up = operations.one(ctx, connection), "given_up" in request.args
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= _LARGEST:
        before = None
    found = queries.tasks_of(ctx.session, shown.row.id, before=before, given_up=given_up)
    tasks, more = found[: queries.PAGE], ""
    if len(found) > queries.PAGE:
        only: dict[str, Any] = {"given_up": 1} if given_up else {}
        more = url_for(".connection_requests", connection=connection, before=tasks[-1].id, **only)
    return show(
        "connect/connections/setup/requests.html",
        shown=shown,
        kind=shown.kind,
        tasks=tasks,
        more=more,
        given_up=given_up,
        form=form,
        press=Sealed(),
        label_of=operations.label_of,
    )


def _to(connection: str, said: str, look: str = "ps-ok") -> Response:
    flash(said, look)
    return redirect(url_for(".connection_edit", connection=connection), 303)


@section("outbox", "connect/connections/setup/_troubled_section.html", 15)
def _troubled_section(ctx: Context, _view: None, _refused: Form | None) -> dict[str, Any] | None:
    found = operations.troubled(ctx) if ctx.by.is_manager else []
    return {"troubled": found} if found else None


#: What of connections stands on the page of what got stuck.
SECTIONS = (_troubled_section,)
