"""Merging a duplicate into another ticket, and separating the two again (P7)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, renew
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.relations.forms import LinkForm, MergeForm
from paidsupport.tickets.relations.operations import merging
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/merge", ("GET", "POST"))
def merge(ctx: Context, code: str) -> ResponseReturnValue:
    """Enter the ticket that this one duplicates, compare the two side by side, and merge them."""
    form = MergeForm(other=request.args.get("other", ""))
    if form.send(ctx, lambda: _merge(ctx, code, form)):
        flash(_("Tickets merged. No email was sent, and both codes and links stay valid."), "ps-ok")
        return to_ticket(code)
    return _page(ctx, code, form)


@ticket_route("/apart", ("POST",))
def take_apart(ctx: Context, code: str) -> ResponseReturnValue:
    """Undo a merge."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    act = partial(merging.take_apart, ctx, code, version=version, key=key)
    said = _("Merge undone. This ticket is open again, back in the queue.")
    return done_on_page(ctx, code, form, act, said=said)


def _merge(ctx: Context, code: str, form: MergeForm) -> Ticket:
    return merging.merge(
        ctx,
        code,
        form.other.data or "",
        version=form.version.data or 0,
        other_version=form.other_version.data or 0,
        key=form.key.data or "",
    )


def _page(ctx: Context, code: str, form: MergeForm) -> ResponseReturnValue:
    """Show the two as they are now: sent again, the form applies to the present versions."""
    page = reread(ctx, code)
    weighed = merging.weigh(ctx, code, form.other.data) if form.other.data else None
    other = weighed.other if weighed else None
    renew(form, {"version": page.ticket.version, "other_version": other.version if other else 0})
    if weighed and weighed.against:
        form.status = 409 if other else 422
        if not other and not form.other.errors:
            form.blame({"other": weighed.against})
    return (
        show(
            "tickets/relations/merge.html",
            page=page,
            flows=ctx.services.workflows,
            weighed=weighed,
            form=form,
            linking=LinkForm(formdata=None),
        ),
        form.status,
    )


@section("ticket", "tickets/relations/_merged_into_section.html", 10, "top")
def _merged_into_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.into else None


@section("ticket", "tickets/relations/_merged_section.html", 60, "main")
def _merged_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.merged else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_merged_into_section, _merged_section)
