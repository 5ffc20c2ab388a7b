"""Letters that only a person can decide about, what the webhook did not take, and jobs that are parked."""

from __future__ import annotations

from functools import partial

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import deliveries, letters, parking
from paidsupport.desk.visit import Visit
from paidsupport.store import pages
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import SettleForm


@route("/desk/outbox", Who.STAFF)
def outbox(visit: Visit) -> ResponseReturnValue:
    """The letters that got stuck, oldest first, with what can be decided about each."""
    return _page(visit)


@route("/desk/outbox/deliveries/<reference>", Who.STAFF, ("POST",))
def deliver_again(visit: Visit, reference: str) -> ResponseReturnValue:
    """Let the webhook hear once more of what was given up."""
    form = Form()
    form.send(visit, lambda: deliveries.again(visit, reference))
    if form.errors:
        return _page(visit, form), form.status
    flash("It is sent again.", "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


@route(f"/desk/outbox/parked/<int(max={2**53}):number>", Who.STAFF, ("POST",))
def try_parked(visit: Visit, number: int) -> ResponseReturnValue:
    """Let a job that is parked be tried at once."""
    form = Form()
    form.send(visit, lambda: parking.try_now(visit, number))
    if form.errors:
        return _page(visit, form), form.status
    flash("It is tried again in a moment.", "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


def _page(visit: Visit, form: Form | None = None) -> str:
    stuck = [
        (letter, ticket, letters.decisions(visit, ticket, letter), SettleForm(formdata=None, back="outbox"))
        for letter, ticket in pages.stuck_letters(visit.session)
    ]
    given_up = deliveries.failed(visit)
    return show(
        "staff/outbox.html",
        stuck=stuck,
        given_up=given_up,
        parked=parking.parked(visit) if visit.by.is_manager else [],
        form=form,
        press=partial(Form, formdata=None),
    )
