"""The roster: everybody at the desk reads it, managers change it (T7)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import cascade, people
from paidsupport.desk import roster as duty
from paidsupport.desk.visit import Visit
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.roster_forms import AbsenceForm, ShiftForm, absence_form, shift_form

#: One line; the number is one that every database can look for.
_NUMBER = f"<int(max={2**53}):line_id>"


@route("/desk/roster", Who.STAFF)
def roster(visit: Visit) -> ResponseReturnValue:
    """Who is on duty in which week, who is away, and what was changed."""
    return _page(visit)


@route("/desk/roster/shifts", Who.STAFF, ("POST",))
def shift_add(visit: Visit) -> ResponseReturnValue:
    """Put a shift on the roster."""
    form = shift_form(people.everybody(visit.session))
    if form.send(visit, lambda: duty.add_shift(visit, form.typed())):
        return _back("The shift is on the roster.")
    return _page(visit, shift=form), form.status


@route("/desk/roster/absences", Who.STAFF, ("POST",))
def absence_add(visit: Visit) -> ResponseReturnValue:
    """Note that somebody is away."""
    form = absence_form(people.everybody(visit.session))
    if form.send(visit, lambda: duty.add_absence(visit, form.typed())):
        return _back("That is noted.")
    return _page(visit, absence=form), form.status


@route(f"/desk/roster/shifts/{_NUMBER}/remove", Who.STAFF, ("POST",))
def shift_remove(visit: Visit, line_id: int) -> ResponseReturnValue:
    """Take a shift off the roster."""
    form = Form()
    form.send(visit, lambda: duty.remove_shift(visit, line_id))
    return _removed(visit, form)


@route(f"/desk/roster/absences/{_NUMBER}/remove", Who.STAFF, ("POST",))
def absence_remove(visit: Visit, line_id: int) -> ResponseReturnValue:
    """Somebody is not away after all."""
    form = Form()
    form.send(visit, lambda: duty.remove_absence(visit, line_id))
    return _removed(visit, form)


def _removed(visit: Visit, form: Form) -> ResponseReturnValue:
    if form.status == HTTPStatus.OK:
        return _back("It is off the roster.")
    return _page(visit, refused=form), form.status


def _page(
    visit: Visit,
    *,
    shift: ShiftForm | None = None,
    absence: AbsenceForm | None = None,
    refused: Form | None = None,
) -> str:
    """The page, with a form that was `refused` on it, if one was. At most nine queries."""
    everybody = people.everybody(visit.session)
    return show(
        "staff/roster.html",
        seen=duty.overview(visit),
        now=duty.duty_at(visit, visit.now),
        shift=shift or shift_form(everybody, sent=False),
        absence=absence or absence_form(everybody, sent=False),
        form=shift or absence or refused,
        may_change=duty.may_change(visit),
        press=partial(Form, formdata=None),
        open_now=visit.house.hours.is_open(visit.now),
        zone=str(visit.house.hours.zone),
        climbing=cascade.workflows(visit),
        settings=visit.house.settings,
    )


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.roster"), 303)
