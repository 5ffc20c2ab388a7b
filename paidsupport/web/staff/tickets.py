"""A ticket's page, and what is done on it with one click."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import claims, letters, notices, watching
from paidsupport.desk.annotation import annotate as keep_annotation
from paidsupport.desk.moves import possible
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store import pages
from paidsupport.store.pages import DeskPage, Spoken
from paidsupport.web import downloads
from paidsupport.web.forms import Form, Sealed, VersionedForm, own, uploads
from paidsupport.web.htmx import draw_sections, fields, show
from paidsupport.web.notices import flash
from paidsupport.web.staff.access import access
from paidsupport.web.staff.forms import AnnotationForm, ReadForm, SettleForm, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.view import TicketView, view_of

#: Lines of history on the page itself.
LINES = 10
#: Messages that stand open; where there are some more, earlier ones are folded.
OPEN = 6
_WORTH_FOLDING = 3


@ticket_route()
def ticket(visit: Visit, code: str) -> ResponseReturnValue:
    """Everything about one ticket, with the one next step on top."""
    return ticket_page(visit, code)


@ticket_route("/claim", ("POST",))
def claim(visit: Visit, code: str) -> ResponseReturnValue:
    """Take an open ticket; who comes second reads who was first (G6)."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    if form.send(visit, lambda: claims.claim(visit, code, version=version, key=key)):
        flash("The ticket is yours.", "ps-ok")
        return to_ticket(code)
    if form.conflict:
        return conflict_page(visit, reread(visit, code), form), form.status
    return ticket_page(visit, code, form), form.status


@ticket_route("/annotations", ("POST",))
def annotate(visit: Visit, code: str) -> ResponseReturnValue:
    """Leave a note that only people of the desk see (G10)."""
    form = AnnotationForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(visit, lambda: keep_annotation(visit, code, body, key=key, uploads=uploads())):
        return to_ticket(code, "annotations")
    return ticket_page(visit, code, form), form.status


@ticket_route("/letters/<reference>", ("POST",))
def settle_letter(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Decide what became of a letter that got stuck; only a person can (design §5.4)."""
    form = SettleForm()
    decision, key = form.decision.data or "", form.key.data or ""
    if form.send(visit, lambda: letters.settle(visit, code, reference, decision, key=key)):
        flash("That is noted.", "ps-ok")
        back = form.back.data == "outbox"
        return (
            redirect(url_for("paidsupport.outbox"), 303) if back else to_ticket(code, f"letter-{reference}")
        )
    return ticket_page(visit, code, form), form.status


@ticket_route("/history")
def history(visit: Visit, code: str) -> ResponseReturnValue:
    """Who did what and when, from the first line on, with the chain that shows tampering (P14)."""
    page = reread(visit, code)
    events = pages.history(visit.session, page.ticket, visit.by)
    names = pages.receivers(visit.session, events)
    flow = visit.house.workflows[page.ticket.workflow]
    return show("staff/history.html", page=page, events=events, names=names, flow=flow)


@ticket_route("/files/<reference>")
def ticket_file(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """A file of the ticket, to be saved."""
    return downloads.send(visit, pages.file_for_desk(visit.session, code, reference))


@ticket_route("/watch", ("POST",))
def watch(visit: Visit, code: str) -> ResponseReturnValue:
    """Hear of a ticket that is somebody else's, or no more (P7)."""
    form, act = Form(), watching.unwatch if request.form.get("stop") else watching.watch
    form.send(visit, lambda: act(visit, code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(visit, code, form), form.status


@ticket_route("/news", ("POST",))
def read_ticket(visit: Visit, code: str) -> ResponseReturnValue:
    """Mark what one was told of this ticket as read (P8)."""
    form = ReadForm()
    form.send(visit, lambda: notices.read(visit, until=form.until.data or 0, code=code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(visit, code, form), form.status


def ticket_page(visit: Visit, code: str, form: Form | None = None) -> str:
    """The page of a ticket, with the `form` that was refused on it, if one was."""
    page = reread(visit, code)
    view = view_of(visit, page)
    if form:
        renew(form, {})
    shared: dict[str, Any] = {
        "page": page,
        "ticket": page.ticket,
        "flow": view.flow,
        "step": view.step,
        "plain": Sealed,
        "press": partial(Sealed, version=page.ticket.version),
    }
    sections = draw_sections("ticket", lambda each: each.load(visit, view, form), shared)
    return show("staff/ticket.html", sections=sections, form=form, **shared)


@section("ticket", "staff/sections/unread.html", 20, "top")
def _unread_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    unread = view.page.unread
    return {"seen": Sealed(issues_until="", until=unread[-1].id)} if unread else None


@section("ticket", "staff/sections/thread.html", 50)
def _thread_section(visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {
        "access": access(visit, view.page),
        "folded": _folded(visit, view.page),
        "decisions": partial(letters.decisions, visit, view.page.ticket),
        "settle": partial(Sealed, back=""),
    }


@section("ticket", "staff/sections/history.html", 70)
def _history_section(visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    events = view.page.events[:LINES]
    return {"events": events, "names": pages.receivers(visit.session, events)}


@section("ticket", "staff/sections/annotations.html", 30, "side")
def _annotations_section(visit: Visit, view: TicketView, refused: Form | None) -> dict[str, Any]:
    other = next((person.name for person in view.page.people if person.id != visit.by.id), "")
    calling = f" Call a colleague with @ and their name, as @{other}." if other else ""
    drawn = fields("staff/fields/annotation.html", AnnotationForm, refused, calling=calling)
    return {"form": own(refused, AnnotationForm), "fields": drawn}


@section("ticket", "staff/sections/watching.html", 40, "side")
def _watching_section(_visit: Visit, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


@section("ticket", "staff/sections/customer.html", 80, "side")
def _customer_section(_visit: Visit, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


@section("ticket", "staff/sections/moves.html", 100, "side")
def _moves_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    offered = {way.move.name for way in view.step.moves}
    ways = [way for way in view.ways if way.move.name not in offered]
    return {"ways": ways} if ways else None


#: The sections of a ticket's page that every ticket has.
SECTIONS = (
    _unread_section,
    _thread_section,
    _history_section,
    _annotations_section,
    _watching_section,
    _customer_section,
    _moves_section,
)


def _folded(visit: Visit, page: DeskPage) -> list[Spoken]:
    """The earlier messages of a long thread, unless a letter among them waits for a decision."""
    earlier = page.thread[:-OPEN]
    waits = any(row.letter and letters.decisions(visit, page.ticket, row.letter) for row in earlier)
    return [] if waits or len(earlier) < _WORTH_FOLDING else earlier


def conflict_page(visit: Visit, page: DeskPage, form: Form, typed: str = "") -> str:
    """Who has the ticket now and since when; what was `typed` stays at hand as an annotation."""
    return show(
        "staff/conflict.html",
        page=page,
        flow=visit.house.workflows[page.ticket.workflow],
        mine=page.ticket.owner_id == visit.by.id,
        ways={at.move.name: at for at in possible(visit, page.ticket, page)},
        form=form,
        note=AnnotationForm(formdata=None, data={"body": typed}) if typed else None,
        press=partial(VersionedForm, formdata=None, version=page.ticket.version),
    )
