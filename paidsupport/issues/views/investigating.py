"""Telling a customer that we are investigating: by an email, or by a note about a call (T13)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.issues.forms.analysis import PhoneForm
from paidsupport.issues.operations import investigating as verbs
from paidsupport.issues.operations import transitions
from paidsupport.issues.queries.analysis import untold
from paidsupport.issues.queries.followed import FOLLOWED
from paidsupport.issues.queries.followers import followed
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, renew
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.forms import PreparedForm
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/investigating", ("GET", "POST"))
def investigating(ctx: Context, code: str) -> ResponseReturnValue:
    """Show the email that says so, for the owner to check and send."""
    form = PreparedForm()
    if form.send(ctx, lambda: verbs.tell(ctx, code, form.draft())):
        flash(_("Message queued. It leaves in a moment."), "ps-ok")
        return to_ticket(code, "thread")
    return _page(ctx, code, form, PhoneForm(formdata=None), form)


@ticket_route("/investigating/phone", ("POST",))
def told_by_phone(ctx: Context, code: str) -> ResponseReturnValue:
    """Note that the customer was told on the phone."""
    form = PhoneForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(ctx, lambda: verbs.told_by_phone(ctx, code, body, key=key)):
        flash(_("Call recorded on the ticket and the issue."), "ps-ok")
        return to_ticket(code)
    return _page(ctx, code, PreparedForm(formdata=None), form, form)


def _page(
    ctx: Context, code: str, form: PreparedForm, phone: PhoneForm, refused: Form
) -> ResponseReturnValue:
    """Render the email and the note about a call; `refused` is whichever of the two forms was sent."""
    page = reread(ctx, code)
    ticket = page.ticket
    found = followed(ctx.session, ticket, untold())
    if not found or not (_is_theirs(ctx, page) or ctx.by.is_manager):
        status = refused.status if refused.errors else 409
        return conflict_page(ctx, page, refused, form.body.data or ""), status
    opening = verbs.draft(ctx, ticket, found)
    if not form.body.data:
        form.body.data = opening.body
    renew(form, {"version": ticket.version})
    renew(phone, {})
    shown = show(
        "issues/investigating.html",
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        form=form,
        phone=phone,
        refused=refused,
        opening=opening,
        news=form.follow(page),
        links=[verbs.link(ctx, issue) for _, issue in found if not issue.private],
        hidden=sum(issue.private for _, issue in found),
        may_write=correspondence.may_write(ctx, ticket) and correspondence.can_be_reached(ticket),
    )
    return shown, refused.status


def _is_theirs(ctx: Context, page: DeskPage) -> bool:
    return page.ticket.owner_id == ctx.by.id and page.ticket.part == Part.PENDING


@section("ticket", "issues/_followed_section.html", 10, "side", (FOLLOWED,))
def _followed_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {"flow": transitions.flow(ctx)} if view.page[FOLLOWED] else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_followed_section,)
