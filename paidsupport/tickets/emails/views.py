"""The page of what is stuck: emails that a person must decide about, parked jobs, sections of others."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.jobs import parking
from paidsupport.kernel.jobs.queries import parked
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import draw_sections, show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.forms import SettleForm
from paidsupport.tickets.queries import pages


@route("/desk/outbox", Who.STAFF)
def outbox(ctx: Context) -> ResponseReturnValue:
    """Show the stuck emails, oldest first, each with the possible decisions."""
    return outbox_page(ctx)


@route(f"/desk/outbox/parked/<int(max={2**53}):number>", Who.STAFF, ("POST",))
def try_parked(ctx: Context, number: int) -> ResponseReturnValue:
    """Try a parked job at once."""
    form = Form()
    form.send(ctx, lambda: parking.try_now(ctx, number))
    if form.errors:
        return outbox_page(ctx, form), form.status
    flash(_("It will be tried again in a moment."), "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


def outbox_page(ctx: Context, form: Form | None = None) -> str:
    """Render the page, with the `form` that was refused on it, if any."""
    sections = draw_sections("outbox", lambda each: each.load(ctx, None, form), {"press": Sealed})
    return show("tickets/emails/outbox.html", sections=sections, form=form)


@section("outbox", "tickets/emails/_stuck_section.html", 10)
def _stuck_section(ctx: Context, _view: None, _refused: Form | None) -> dict[str, Any] | None:
    stuck = [
        (email, ticket, emails.decisions(ctx, ticket, email), SettleForm(formdata=None, back="outbox"))
        for email, ticket in pages.stuck_emails(ctx.session)
    ]
    return {"stuck": stuck} if stuck else None


@section("outbox", "tickets/emails/_parked_section.html", 30)
def _parked_section(ctx: Context, _view: None, _refused: Form | None) -> dict[str, Any] | None:
    jobs = parked(ctx.session) if ctx.by.is_manager else []
    if jobs:
        ctx.services.capabilities.background  # noqa: B018  # declares the names of jobs
    return {"parked": jobs} if jobs else None


#: The sections of this page that this capability adds.
SECTIONS = (_stuck_section, _parked_section)
