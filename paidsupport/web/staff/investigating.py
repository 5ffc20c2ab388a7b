"""Telling a customer that we are investigating: by a letter, or noted after a call (T13)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk import correspondence
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.issues import investigating as verbs
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.kernel.web.sections import section
from paidsupport.store.pages import DeskPage
from paidsupport.store.post import Letter
from paidsupport.web.forms import Form
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import PreparedForm, renew
from paidsupport.web.staff.issues.analysis_forms import PhoneForm
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page
from paidsupport.web.staff.view import TicketView


@ticket_route("/investigating", ("GET", "POST"))
def investigating(visit: Visit, code: str) -> ResponseReturnValue:
    """The letter that says so, to be looked through and sent."""
    form = PreparedForm()
    if form.send(visit, lambda: _send(visit, code, form)):
        flash("Your letter is in the outbox and leaves in a moment.", "ps-ok")
        return to_ticket(code, "thread")
    return _page(visit, code, form, PhoneForm(formdata=None), form)


@ticket_route("/investigating/phone", ("POST",))
def told_by_phone(visit: Visit, code: str) -> ResponseReturnValue:
    """Note that they were told on the phone."""
    form = PhoneForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(visit, lambda: verbs.told_by_phone(visit, code, body, key=key)):
        flash("That is noted, here and on the issue.", "ps-ok")
        return to_ticket(code)
    return _page(visit, code, PreparedForm(formdata=None), form, form)


def _send(visit: Visit, code: str, form: PreparedForm) -> Letter:
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    return verbs.tell(visit, code, draft)


def _page(
    visit: Visit, code: str, form: PreparedForm, phone: PhoneForm, refused: Form
) -> ResponseReturnValue:
    """The letter and the note of a call; `refused` is the one of both that was sent."""
    page = reread(visit, code)
    ticket = page.ticket
    found = verbs.of_ticket(visit, ticket)
    if not found or not (_is_theirs(visit, page) or visit.by.is_manager):
        status = refused.status if refused.errors else 409
        return conflict_page(visit, page, refused, form.body.data or ""), status
    opening = verbs.draft(visit, ticket, found)
    if not form.body.data:
        form.body.data = opening.body
    seen = form.thread.data if form.conflict else ticket.thread
    news = [spoken for spoken in page.thread if spoken.message.number > (seen or 0)]
    renew(form, {"version": ticket.version, "claim": ticket.claim_number, "thread": ticket.thread})
    renew(phone, {})
    shown = show(
        "staff/investigating.html",
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        form=form,
        phone=phone,
        refused=refused,
        opening=opening,
        news=news,
        links=[verbs.link(visit, issue) for _, issue in found if not issue.private],
        hidden=sum(issue.private for _, issue in found),
        may_write=correspondence.may_write(visit, ticket) and correspondence.can_be_reached(ticket),
    )
    return shown, refused.status


def _is_theirs(visit: Visit, page: DeskPage) -> bool:
    return page.ticket.owner_id == visit.by.id and page.ticket.part == Part.PENDING


@section("ticket", "staff/sections/followed.html", 10, "side")
def _followed_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {"flow": ISSUE} if view.page.followed else None


#: What it shows on the pages of tickets.
SECTIONS = (_followed_section,)
