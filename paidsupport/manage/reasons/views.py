"""Reasons of transitions: all of them on one page, and a form for each (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.kernel.web.worded import with_texts
from paidsupport.manage.reasons import operations
from paidsupport.manage.reasons.forms import LabelForm, OfferForm, ReasonForm

_ALL = "/desk/setup/reasons"
_WAY = f"{_ALL}/<workflow>/<transition>"
_ONE = f"{_WAY}/<reason>"


@route(_ALL, Who.MANAGER)
def reasons_setup(ctx: Context) -> ResponseReturnValue:
    """List the reasons of all transitions."""
    return _listed(ctx)


# no name of a reason has an underscore
@route(f"{_WAY}/new_reason", Who.MANAGER, ("GET", "POST"))
def reason_new(ctx: Context, workflow: str, transition: str) -> ResponseReturnValue:
    """Add a reason."""
    return _edited(ctx, workflow, transition, "", _("Reason added."))


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def reason_edit(ctx: Context, workflow: str, transition: str, reason: str) -> ResponseReturnValue:
    """Change what a reason is called."""
    return _edited(ctx, workflow, transition, reason, _("Reason saved."))


@route(f"{_ONE}/offer", Who.MANAGER, ("POST",))
def reason_offer(ctx: Context, workflow: str, transition: str, reason: str) -> ResponseReturnValue:
    """Let a reason be chosen again, or not any more."""
    form = OfferForm()
    offered = bool(form.offered.data)
    label = form.send(
        ctx,
        lambda: operations.offer(ctx, workflow, transition, reason, offered=offered, key=form.key.data or ""),
    )
    if label is None:
        return _listed(ctx, form), form.status
    if offered:
        return _back(_("“%(name)s” can be chosen again.", name=label))
    return _back(_("“%(name)s” can't be chosen any more.", name=label))


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def reason_move(ctx: Context, workflow: str, transition: str, reason: str) -> ResponseReturnValue:
    """Move a reason."""
    form = MoveForm()
    at = form.send(
        ctx,
        lambda: operations.move(ctx, workflow, transition, reason, form.wanted, key=form.key.data or ""),
    )
    if at:
        pressed = form.pressed(f"{workflow}-{transition}-{reason}")
        return moved(*at, url_for(".reasons_setup", focus=pressed))
    return _listed(ctx, form), form.status


def _edited(ctx: Context, workflow: str, transition: str, name: str, said: str) -> ResponseReturnValue:
    way = operations.way(ctx, workflow, transition)
    values = operations.values_of(ctx, way, name) if name else dict(operations.NEW)
    form = with_texts(ctx, ReasonForm if way.tells else LabelForm)(data=values)
    form.show(values)
    if form.send(
        ctx,
        lambda: operations.keep(
            ctx, workflow, transition, name, form.typed, seen=form.was, key=form.key.data or ""
        ),
    ):
        return _back(said)
    shipped = operations.declared(way, name)
    page = show("manage/reasons/reason.html", form=form, way=way, name=name, shipped=shipped)
    return page, form.status


def _listed(ctx: Context, form: Form | None = None) -> str:
    ways = operations.ways(ctx)
    return show("manage/reasons/reasons.html", ways=ways, form=form, press=Sealed, focus=focused())


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".reasons_setup"), 303)
