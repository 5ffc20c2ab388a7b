"""Emails that only a person can decide about, what the webhook did not take, and jobs that are parked."""

from __future__ import annotations

from functools import partial

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.connect.webhooks import operations as deliveries
from paidsupport.kernel.context import Context
from paidsupport.kernel.jobs import parking
from paidsupport.kernel.jobs.queries import parked
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.forms import SettleForm
from paidsupport.tickets.queries import pages


@route("/desk/outbox", Who.STAFF)
def outbox(ctx: Context) -> ResponseReturnValue:
    """The emails that got stuck, oldest first, with what can be decided about each."""
    return _page(ctx)


@route("/desk/outbox/deliveries/<reference>", Who.STAFF, ("POST",))
def deliver_again(ctx: Context, reference: str) -> ResponseReturnValue:
    """Let the webhook hear once more of what was given up."""
    form = Form()
    form.send(ctx, lambda: deliveries.again(ctx, reference))
    if form.errors:
        return _page(ctx, form), form.status
    flash("It is sent again.", "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


@route(f"/desk/outbox/parked/<int(max={2**53}):number>", Who.STAFF, ("POST",))
def try_parked(ctx: Context, number: int) -> ResponseReturnValue:
    """Let a job that is parked be tried at once."""
    form = Form()
    form.send(ctx, lambda: parking.try_now(ctx, number))
    if form.errors:
        return _page(ctx, form), form.status
    flash("It is tried again in a moment.", "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


def _page(ctx: Context, form: Form | None = None) -> str:
    stuck = [
        (email, ticket, emails.decisions(ctx, ticket, email), SettleForm(formdata=None, back="outbox"))
        for email, ticket in pages.stuck_emails(ctx.session)
    ]
    given_up = deliveries.failed(ctx)
    return show(
        "tickets/emails/outbox.html",
        stuck=stuck,
        given_up=given_up,
        parked=parked(ctx.session) if ctx.by.is_manager else [],
        form=form,
        press=partial(Form, formdata=None),
    )
