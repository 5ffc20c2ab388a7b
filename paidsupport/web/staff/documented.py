"""Answering with a page: choose it, look through the letter, send it (T5)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import documented, guides
from paidsupport.desk.correspondence import Draft, can_be_reached
from paidsupport.desk.documented import Page
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.request import POINT, REQUEST
from paidsupport.errors import InvalidInputError
from paidsupport.store.pages import DeskPage
from paidsupport.store.tickets import Ticket
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import PointerForm, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page
from paidsupport.web.staff.triage import to_triage

#: Pages that are offered at once.
_MOST = 20


@ticket_route("/documented", ("GET", "POST"))
def point(visit: Visit, code: str) -> ResponseReturnValue:
    """Pages that may answer it; with one chosen, the letter that points there."""
    form = PointerForm()
    done = form.send(visit, lambda: _send(visit, code, form))
    if done:
        flash(
            f"{code}: the letter is in the outbox, and the customer is asked whether the page helps.", "ps-ok"
        )
        return to_triage() if request.args.get("triage") else to_ticket(code, "thread")
    page = reread(visit, code)
    if not _possible(visit, page.ticket):
        refused = form.status if form.errors else 409
        return conflict_page(visit, page, form, form.body.data or ""), refused
    return _page(visit, page, form), form.status


def _send(visit: Visit, code: str, form: PointerForm) -> Ticket:
    chosen = documented.chosen(visit, request.args.get("guide", ""), request.args.get("url", ""))
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    return documented.point(visit, code, chosen, draft, version=form.version.data or 0)


def _possible(visit: Visit, ticket: Ticket) -> bool:
    """Whether this person can point its customer to a page: it waits for anybody, or is theirs to sort."""
    free = ticket.part == Part.UNASSIGNED or ticket.owner_id == visit.by.id
    there = ticket.workflow == REQUEST.name and ticket.state in {REQUEST.initial, *POINT.sources}
    return free and there and can_be_reached(ticket) and ticket.erased_at is None


def _page(visit: Visit, page: DeskPage, form: PointerForm) -> str:
    ticket = page.ticket
    typed = request.args.get("words", "")
    chosen = _chosen(visit, form)
    opening = documented.draft(visit, ticket, chosen) if chosen else None
    if opening and not form.is_submitted():
        form.body.data = opening.body
    seen = form.thread.data if form.conflict else ticket.thread
    news = [spoken for spoken in page.thread if spoken.message.number > (seen or 0)]
    renew(form, {"version": ticket.version, "claim": ticket.claim_number, "thread": ticket.thread})
    return show(
        "staff/documented.html",
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        form=form,
        chosen=chosen,
        opening=opening,
        news=news,
        typed=typed,
        found=[] if chosen else guides.published(visit.session, typed)[:_MOST],
    )


def _chosen(visit: Visit, form: PointerForm) -> Page | None:
    """The page in the address of ours, if one is there and can be pointed to."""
    slug, typed = request.args.get("guide", ""), request.args.get("url", "")
    if not slug and not typed:
        return None
    try:
        return documented.chosen(visit, slug, typed)
    except InvalidInputError as error:
        form.blame(error.problems)
        form.status = 422
        return None
