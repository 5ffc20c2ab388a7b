"""A ticket's page, and what is done on it with one click."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, VersionedForm, own, renew, uploads
from paidsupport.kernel.web.htmx import draw_sections, fields, show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.conversation.operations.annotations import annotate as keep_annotation
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.forms import AnnotationForm, ReadForm, SettleForm
from paidsupport.tickets.notices.operations import notices, watching
from paidsupport.tickets.operations import claims
from paidsupport.tickets.operations.transitions import possible
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage, Spoken
from paidsupport.tickets.vault.access import access
from paidsupport.tickets.views.routes import reread, ticket_route, to_ticket
from paidsupport.tickets.views.ticket_view import TicketView, view_of

#: Messages that stand open; where there are some more, earlier ones are folded.
OPEN = 6
_WORTH_FOLDING = 3


@ticket_route()
def ticket(ctx: Context, code: str) -> ResponseReturnValue:
    """Everything about one ticket, with the one next step on top."""
    return ticket_page(ctx, code)


@ticket_route("/claim", ("POST",))
def claim(ctx: Context, code: str) -> ResponseReturnValue:
    """Take an open ticket; who comes second reads who was first (G6)."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    if form.send(ctx, lambda: claims.claim(ctx, code, version=version, key=key)):
        flash("The ticket is yours.", "ps-ok")
        return to_ticket(code)
    if form.conflict:
        return conflict_page(ctx, reread(ctx, code), form), form.status
    return ticket_page(ctx, code, form), form.status


@ticket_route("/annotations", ("POST",))
def annotate(ctx: Context, code: str) -> ResponseReturnValue:
    """Leave a note that only staff see (G10)."""
    form = AnnotationForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(ctx, lambda: keep_annotation(ctx, code, body, key=key, uploads=uploads())):
        return to_ticket(code, "annotations")
    return ticket_page(ctx, code, form), form.status


@ticket_route("/letters/<reference>", ("POST",))
def settle_letter(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Decide what became of an email that got stuck; only a person can."""
    form = SettleForm()
    decision, key = form.decision.data or "", form.key.data or ""
    if form.send(ctx, lambda: emails.settle(ctx, code, reference, decision, key=key)):
        flash("That is noted.", "ps-ok")
        back = form.back.data == "outbox"
        return (
            redirect(url_for("paidsupport.outbox"), 303) if back else to_ticket(code, f"letter-{reference}")
        )
    return ticket_page(ctx, code, form), form.status


@ticket_route("/history")
def history(ctx: Context, code: str) -> ResponseReturnValue:
    """Who did what and when, from the first line on, with the chain that shows tampering (P14)."""
    page = reread(ctx, code)
    events = pages.history(ctx, page.ticket)
    names = pages.receivers(ctx.session, events)
    flow = ctx.services.workflows[page.ticket.workflow]
    return show("tickets/history.html", page=page, events=events, names=names, flow=flow)


@ticket_route("/files/<reference>")
def ticket_file(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """A file of the ticket, to be saved."""
    return downloads.send(ctx, pages.file_for_desk(ctx.session, code, reference))


@ticket_route("/watch", ("POST",))
def watch(ctx: Context, code: str) -> ResponseReturnValue:
    """Hear of a ticket that is somebody else's, or no more (P7)."""
    form, act = Form(), watching.unwatch if request.form.get("stop") else watching.watch
    form.send(ctx, lambda: act(ctx, code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(ctx, code, form), form.status


@ticket_route("/news", ("POST",))
def read_ticket(ctx: Context, code: str) -> ResponseReturnValue:
    """Mark what one was told of this ticket as read (P8)."""
    form = ReadForm()
    form.send(ctx, lambda: notices.read(ctx, until=form.until.data or 0, code=code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(ctx, code, form), form.status


def ticket_page(ctx: Context, code: str, form: Form | None = None) -> str:
    """The page of a ticket, with the `form` that was refused on it, if one was."""
    page = reread(ctx, code)
    view = view_of(ctx, page)
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
    sections = draw_sections("ticket", lambda each: each.load(ctx, view, form), shared)
    return show("tickets/ticket.html", sections=sections, form=form, **shared)


@section("ticket", "tickets/notices/_unread_section.html", 20, "top")
def _unread_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    unread = view.page.unread
    return {"seen": Sealed(until=unread[-1].id)} if unread else None


@section("ticket", "tickets/conversation/_thread_section.html", 50)
def _thread_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {
        "access": access(ctx, view.page),
        "files": [file for file in view.page.files if not file.annotation_id and not file.item_id],
        "folded": _folded(ctx, view.page),
        "decisions": partial(emails.decisions, ctx, view.page.ticket),
        "settle": partial(Sealed, back=""),
    }


@section("ticket", "tickets/_history_section.html", 70)
def _history_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    events = view.page.events
    return {"events": events, "names": pages.receivers(ctx.session, events)}


@section("ticket", "tickets/conversation/_annotations_section.html", 30, "side")
def _annotations_section(ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any]:
    other = next((person.name for person in view.page.people if person.id != ctx.by.id), "")
    calling = f" Call a colleague with @ and their name, as @{other}." if other else ""
    drawn = fields("tickets/_field_annotation.html", AnnotationForm, refused, calling=calling)
    return {"form": own(refused, AnnotationForm), "fields": drawn}


@section("ticket", "tickets/notices/_watching_section.html", 40, "side")
def _watching_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    others = [row.person_name for row in view.page.watchers if row.person_id != ctx.by.id]
    return {"mine": len(others) < len(view.page.watchers), "others": others}


@section("ticket", "tickets/_customer_section.html", 80, "side")
def _customer_section(_ctx: Context, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


@section("ticket", "tickets/_moves_section.html", 100, "side")
def _moves_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    offered = {way.transition.name for way in view.step.transitions}
    ways = [way for way in view.ways if way.transition.name not in offered]
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


def _folded(ctx: Context, page: DeskPage) -> list[Spoken]:
    """The earlier messages of a long thread, unless an email among them waits for a decision."""
    earlier = page.thread[:-OPEN]
    waits = any(row.email and emails.decisions(ctx, page.ticket, row.email) for row in earlier)
    return [] if waits or len(earlier) < _WORTH_FOLDING else earlier


def conflict_page(ctx: Context, page: DeskPage, form: Form, typed: str = "") -> str:
    """Who has the ticket now and since when; what was `typed` stays at hand as an annotation."""
    return show(
        "tickets/conflict.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        mine=page.ticket.owner_id == ctx.by.id,
        ways={at.transition.name: at for at in possible(ctx, page.ticket, page)},
        form=form,
        note=AnnotationForm(formdata=None, data={"body": typed}) if typed else None,
        press=partial(VersionedForm, formdata=None, version=page.ticket.version),
    )
