"""Answering with a page: choose it, look through the letter, send it; or say that there is none (T5)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import documented, gaps, guides, tone
from paidsupport.desk.correspondence import Draft, can_be_reached
from paidsupport.desk.documented import Page
from paidsupport.desk.visit import Visit
from paidsupport.domain.gaps import page_key
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.request import POINT, REQUEST
from paidsupport.store import tickets
from paidsupport.store.pages import DeskPage
from paidsupport.store.tickets import Ticket
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import PointerForm, QuestionForm, counted, renew, set_data
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


@ticket_route("/undocumented", ("POST",))
def undocumented(visit: Visit, code: str) -> ResponseReturnValue:
    """No page answers it: that is counted for its question, and the request is theirs to answer."""
    form = QuestionForm()
    version, key = form.version.data or 0, form.key.data or ""
    done = form.send(visit, lambda: gaps.undocumented(visit, code, form.choice(), version=version, key=key))
    if done:
        flash(f"{code} is yours, and counts as missing documentation. Write the answer yourself.", "ps-ok")
        return to_ticket(code)
    page = reread(visit, code)
    if not _possible(visit, page.ticket):
        return conflict_page(visit, page, form, ""), form.status if form.errors else 409
    return _page(visit, page, PointerForm(formdata=None), form), form.status


def _send(visit: Visit, code: str, form: PointerForm) -> Ticket | None:
    """The request that was answered; nothing if there are remarks on the letter that nobody has seen."""
    chosen = documented.chosen(visit, request.args.get("guide", ""), request.args.get("url", ""))
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    shown = form.seen.data or ""
    if tone.unseen(visit, draft.body, shown, lambda: _drafted(visit, code, chosen)):
        return None
    version = form.version.data or 0
    return documented.point(visit, code, chosen, draft, version=version, question=form.choice())


def _drafted(visit: Visit, code: str, chosen: Page) -> tuple[str, list[date]]:
    """What the desk has written of the letter itself, and the dates that may be promised in it."""
    ticket = tickets.lock(visit.session, code)
    return documented.draft(visit, ticket, chosen).body, tone.approved_for(visit, ticket)


def _possible(visit: Visit, ticket: Ticket) -> bool:
    """Whether this person can point its customer to a page: it waits for anybody, or is theirs to sort."""
    free = ticket.part == Part.UNASSIGNED or ticket.owner_id == visit.by.id
    there = ticket.workflow == REQUEST.name and ticket.state in {REQUEST.initial, *POINT.sources}
    return free and there and can_be_reached(ticket) and ticket.erased_at is None


def _page(visit: Visit, page: DeskPage, form: PointerForm, none: QuestionForm | None = None) -> str:
    """`none`: the form that says that there is no page, if it was sent."""
    ticket = page.ticket
    typed = request.args.get("words", "")
    chosen = _chosen(visit, form)
    opening = documented.draft(visit, ticket, chosen) if chosen else None
    if opening and not form.is_submitted():
        form.body.data = opening.body
    seen = form.thread.data if form.conflict else ticket.thread
    news = [spoken for spoken in page.thread if spoken.message.number > (seen or 0)]
    renew(form, {"version": ticket.version, "claim": ticket.claim_number, "thread": ticket.thread})
    refused, none = none or form, none or QuestionForm(formdata=None)
    renew(none, {"version": ticket.version})
    found = [] if chosen else guides.published(visit.session, typed)[:_MOST]
    key = page_key(chosen.url, chosen.guide_id) if chosen else ""
    proposed = gaps.proposals(visit, _asked(page), key)
    for each in (form, none):
        each.propose(proposed)
    body = (form.body.data or "") if form.is_submitted() else ""
    set_data(form.seen, tone.seen(body, tone.remarks(visit, body)))
    return show(
        "staff/documented.html",
        body=body,
        remarks=tone.remarks(
            visit, body, drafted=opening.body if opening else "", approved=tone.approved_for(visit, ticket)
        ),
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        form=form,
        chosen=chosen,
        opening=opening,
        news=news,
        typed=typed,
        found=found,
        counts=gaps.of_guides(visit) if found else {},
        counted=counted,
        unanswered=none,
        refused=refused,
    )


def _asked(page: DeskPage) -> str:
    """What the customer has said, for its words alone."""
    said = (spoken.message.body for spoken in page.thread if spoken.message.direction == "in")
    return "\n".join((page.ticket.summary, page.ticket.details, *said))


def _chosen(visit: Visit, form: PointerForm) -> Page | None:
    """The page in the address of ours, if one is there and can be pointed to."""
    slug, typed = request.args.get("guide", ""), request.args.get("url", "")
    if not slug and not typed:
        return None
    return form.attempt(visit, lambda: documented.chosen(visit, slug, typed))
