"""Rating the work on the customer's page, and what came of it on the ticket (P20)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectChoice, TextAreaField  # type: ignore[attr-defined]  # newer than the types

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.sections import section
from paidsupport.ops.rating import operations, tables
from paidsupport.ops.rating.operations import CHOICES
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.customer import customer_page
from paidsupport.tickets.views.progress import CustomerView
from paidsupport.tickets.views.ticket_view import TicketView


class RatingForm(Form):
    """How it was, and a word about it."""

    choice = RadioField(
        _("How was it?"), choices=[SelectChoice(*each) for each in CHOICES.items()], validate_choice=False
    )
    word = TextAreaField(_("What could be better, or what was good?"))


@route("/t/<token>/rate", Who.CUSTOMER, ("POST",))
def rate(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Keep the rating. A link of an email only chooses it: looking changes nothing."""
    form = RatingForm()
    choice, word, key = form.choice.data or "", form.word.data or "", form.key.data or ""
    if form.send(ctx, lambda: operations.rate(ctx, ticket, choice, word, key=key)):
        flash(_("Thank you for your rating."), "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token(), _anchor="ps-rating"), 303)
    return customer_page(ctx, ticket, form), form.status


@section("customer", "ops/rating/_rating_section.html", 30, "wanted")
def _rating_section(ctx: Context, view: CustomerView, refused: Form) -> dict[str, Any] | None:
    row = tables.of(ctx.session, view.page.ticket) if view.page.ticket.ended_at else None
    if row is None or not operations.can_rate(ctx, view.page.ticket, row):
        return None
    if isinstance(refused, RatingForm):
        return {"form": refused, "row": row}
    chosen = request.args.get("rating", "")
    choice = chosen if chosen in CHOICES else row.choice
    return {"form": RatingForm(formdata=None, choice=choice, word=row.word), "row": row}


@section("ticket", "ops/rating/_rated_section.html", 60, "side", (tables.RATINGS,))
def _rated_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    """For its owner and for managers alone."""
    found = view.page[tables.RATINGS]
    if not found or not (ctx.by.is_manager or ctx.by.id == view.page.ticket.owner_id):
        return None
    return {"row": found[0], "said": CHOICES.get(found[0].choice, "")}


SECTIONS = (_rating_section, _rated_section)
