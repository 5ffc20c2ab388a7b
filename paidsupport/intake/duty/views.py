"""The roster: all staff can read it, managers can change it (T7)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.intake.duty import operations as cascade
from paidsupport.intake.duty.forms import AbsenceForm, ShiftForm, absence_form, shift_form
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.staff.roster import operations as duty
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show

#: One row of the roster; larger numbers would not fit into the database's integers.
_NUMBER = f"<int(max={2**53}):line_id>"


@route("/desk/roster", Who.STAFF)
def roster(ctx: Context) -> ResponseReturnValue:
    """Show who is on duty in which week, and who is away."""
    return _page(ctx)


@route("/desk/roster/shifts", Who.STAFF, ("POST",))
def shift_add(ctx: Context) -> ResponseReturnValue:
    """Add a shift to the roster."""
    form = shift_form(people.everybody(ctx.session))
    if form.send(ctx, lambda: duty.add_shift(ctx, form.typed(), key=form.key.data)):
        return _back(_("Shift added."))
    return _page(ctx, shift=form), form.status


@route("/desk/roster/absences", Who.STAFF, ("POST",))
def absence_add(ctx: Context) -> ResponseReturnValue:
    """Record an absence."""
    form = absence_form(people.everybody(ctx.session))
    if form.send(ctx, lambda: duty.add_absence(ctx, form.typed(), key=form.key.data)):
        return _back(_("Absence saved."))
    return _page(ctx, absence=form), form.status


@route(f"/desk/roster/shifts/{_NUMBER}/remove", Who.STAFF, ("POST",))
def shift_remove(ctx: Context, line_id: int) -> ResponseReturnValue:
    """Remove a shift from the roster."""
    form = Form()
    form.send(ctx, lambda: duty.remove_shift(ctx, line_id, key=form.key.data))
    return _removed(ctx, form)


@route(f"/desk/roster/absences/{_NUMBER}/remove", Who.STAFF, ("POST",))
def absence_remove(ctx: Context, line_id: int) -> ResponseReturnValue:
    """Remove an absence."""
    form = Form()
    form.send(ctx, lambda: duty.remove_absence(ctx, line_id, key=form.key.data))
    return _removed(ctx, form)


def _removed(ctx: Context, form: Form) -> ResponseReturnValue:
    if form.status == HTTPStatus.OK:
        return _back(_("Removed from the roster."))
    return _page(ctx, refused=form), form.status


def _page(
    ctx: Context,
    *,
    shift: ShiftForm | None = None,
    absence: AbsenceForm | None = None,
    refused: Form | None = None,
) -> str:
    """Render the page, with a form that was `refused` on it, if any. At most nine queries."""
    everybody = people.everybody(ctx.session)
    return show(
        "intake/duty/roster.html",
        seen=duty.overview(ctx),
        now=duty.duty_at(ctx, ctx.now),
        shift=shift or shift_form(everybody, sent=False),
        absence=absence or absence_form(everybody, sent=False),
        form=shift or absence or refused,
        may_change=duty.may_change(ctx),
        press=partial(Form, formdata=None),
        open_now=ctx.services.hours.is_open(ctx.now),
        zone=str(ctx.services.hours.zone),
        climbing=cascade.workflows(ctx),
        settings=ctx.services.settings,
    )


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.roster"), 303)
