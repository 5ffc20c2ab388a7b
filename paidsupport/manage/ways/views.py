"""Ways to pay: all of them on one page, and a form for each (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.ways import queries
from paidsupport.kernel.ways.rules import DECLARED
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.kernel.web.worded import with_texts
from paidsupport.manage.ways import operations
from paidsupport.manage.ways.forms import CHECKS, OfferForm, WayForm

_ALL = "/desk/setup/ways"
_ONE = f"{_ALL}/<way>"


@route(_ALL, Who.MANAGER)
def ways_setup(ctx: Context) -> ResponseReturnValue:
    """List the ways to pay."""
    return _listed(ctx)


# no name of a way has an underscore
@route(f"{_ALL}/new_way", Who.MANAGER, ("GET", "POST"))
def way_new(ctx: Context) -> ResponseReturnValue:
    """Add a way to pay."""
    return _edited(ctx, "", _("Way to pay added."))


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def way_edit(ctx: Context, way: str) -> ResponseReturnValue:
    """Change a way to pay."""
    return _edited(ctx, way, _("Way to pay saved."))


@route(f"{_ONE}/offer", Who.MANAGER, ("POST",))
def way_offer(ctx: Context, way: str) -> ResponseReturnValue:
    """Offer a way again, or not any more."""
    form = OfferForm()
    offered = bool(form.offered.data)
    label = form.send(ctx, lambda: operations.offer(ctx, way, offered=offered, key=form.key.data or ""))
    if label is None:
        return _listed(ctx, form), form.status
    if offered:
        return _back(_("“%(name)s” is offered again.", name=label))
    return _back(_("“%(name)s” is retired. Profiles keep what was filled in.", name=label))


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def way_move(ctx: Context, way: str) -> ResponseReturnValue:
    """Move a way."""
    form = MoveForm()
    at = form.send(ctx, lambda: operations.move(ctx, way, form.wanted, key=form.key.data or ""))
    if at:
        return moved(*at, url_for(".ways_setup", focus=form.pressed(way)))
    return _listed(ctx, form), form.status


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def way_remove(ctx: Context, way: str) -> ResponseReturnValue:
    """Take a way off the list."""
    form = Form()
    label = form.send(ctx, lambda: operations.remove(ctx, way, key=form.key.data or ""))
    if label is None:
        return _listed(ctx, form), form.status
    return _back(_("“%(name)s” is removed.", name=label))


def _edited(ctx: Context, name: str, done: str) -> ResponseReturnValue:
    values = operations.values_of(ctx, name) if name else dict(operations.NEW)
    form = with_texts(ctx, WayForm)(data=values)
    form.show(values)
    key = form.key.data or ""
    if form.send(ctx, lambda: operations.keep(ctx, name, form.typed, seen=form.was, key=key)):
        return _back(done)
    page = show("manage/ways/way.html", form=form, name=name, shipped=DECLARED.get(name))
    return page, form.status


def _listed(ctx: Context, form: Form | None = None) -> str:
    return show(
        "manage/ways/ways.html",
        ways=operations.ways(ctx),
        users=queries.users(ctx.session),
        checks=CHECKS,
        declared=DECLARED,
        form=form,
        press=Sealed,
        focus=focused(),
    )


def _back(done: str) -> Response:
    flash(done, "ps-ok")
    return redirect(url_for(".ways_setup"), 303)
