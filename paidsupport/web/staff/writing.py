"""Writing to the customer: a draft, one preview, and nothing over a thread that went on (G6, G7, G20)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import boilerplate, correspondence, tone
from paidsupport.desk.correspondence import Draft, Opening
from paidsupport.desk.hooks import WORDS_FOR_DRAFT
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.domain.tone import Remark
from paidsupport.store import tickets
from paidsupport.store.catalogue import Boilerplate
from paidsupport.store.pages import DeskPage
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import uploads
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import LetterForm, renew, set_data
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page

#: The place that a draft leaves free for what is to be said.
_GAP = "\n\n\n\n"


@ticket_route("/write", ("GET", "POST"))
def write(visit: Visit, code: str) -> ResponseReturnValue:
    """Compose a letter, look at it once as it will leave, send it."""
    form = LetterForm()
    action = request.form.get("action", "preview")
    done = None if action == "insert" else form.send(visit, lambda: _act(visit, code, form, action))
    if isinstance(done, Letter):
        flash("Your letter is in the outbox and leaves in a moment.", "ps-ok")
        return to_ticket(code, "thread")
    page = reread(visit, code)
    if not correspondence.may_write(visit, page.ticket):
        return conflict_page(visit, page, form, form.body.data or ""), 409
    return _composer(visit, page, form, preview=done), form.status


def _act(visit: Visit, code: str, form: LetterForm, action: str) -> Letter | str:
    """The letter that was sent, or the text as it would be: also if there are remarks nobody has seen."""
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    shown = form.seen.data or ""
    if action == "send" and not tone.unseen(visit, draft.body, shown, lambda: _drafted(visit, code)):
        return correspondence.write(visit, code, draft, uploads())
    return correspondence.preview(visit, code, draft)


def _drafted(visit: Visit, code: str) -> tuple[str, list[date]]:
    """What the desk has written of the letter itself, and the dates that may be promised in it."""
    ticket = tickets.lock(visit.session, code)
    return correspondence.open_letter(visit, ticket).body, tone.approved_for(visit, ticket)


def _composer(visit: Visit, page: DeskPage, form: LetterForm, preview: str | None) -> str:
    ticket = page.ticket
    opening = correspondence.open_letter(visit, ticket)
    texts = boilerplate.usable(visit)
    seen = form.thread.data if form.conflict else ticket.thread
    _prepare(visit, ticket, form, opening, texts)
    person = visit.session.get(Person, visit.by.id)
    set_data(form.seen, tone.seen(preview, tone.remarks(visit, preview)) if preview else "")
    return show(
        "staff/write.html",
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        opening=opening,
        first=opening.kind is LetterKind.FIRST_CONTACT and ticket.price_minor > 0,
        person=person,
        texts=texts,
        news=[spoken for spoken in page.thread if spoken.message.number > (seen or 0)],
        preview=preview,
        remarks=_remarks(visit, ticket, opening, preview) if preview else [],
        footer=_footer(visit, ticket),
        form=form,
        settings=visit.house.settings,
    )


def _remarks(visit: Visit, ticket: Ticket, opening: Opening, preview: str) -> list[Remark]:
    approved = tone.approved_for(visit, ticket)
    return tone.remarks(visit, preview, drafted=opening.body, approved=approved)


def _prepare(
    visit: Visit, ticket: Ticket, form: LetterForm, opening: Opening, texts: list[Boilerplate]
) -> None:
    """Fill the form from the draft, put boilerplate in where it was asked for, and renew its numbers."""
    if not form.is_submitted():
        form.body.data = opening.body
        for words in visit.house.hooks.call(WORDS_FOR_DRAFT, visit, ticket, request.args):
            form.body.data = _joined(form.body.data, words) if words else form.body.data
    if not form.is_submitted() or form.conflict or form.claim.errors or form.thread.errors:
        renew(form, {"claim": ticket.claim_number, "thread": ticket.thread})
    wanted = request.args.get("boilerplate") if not form.is_submitted() else _wanted_insertion()
    for row in texts:
        if str(row.id) == wanted:
            set_data(form.body, _joined(form.body.data or "", boilerplate.filled(visit, ticket, row.id)))


def _wanted_insertion() -> str | None:
    return request.form.get("boilerplate") if request.form.get("action") == "insert" else None


def _joined(body: str, more: str) -> str:
    """`more` in the gap of a fresh draft, else below what stands there."""
    body = body.replace("\r\n", "\n")
    if _GAP in body:
        return body.replace(_GAP, f"\n\n{more}\n\n", 1)
    return f"{body.rstrip()}\n\n{more}"


def _footer(visit: Visit, ticket: Ticket) -> str:
    """What is added below every letter to a customer, with a stand-in for their private link."""
    context = {"body": "", "link": "(the customer’s private link)", "code": ticket.code}
    return visit.house.render("letters/_frame.txt", {**context, "desk": visit.house.settings.name}).strip()
