"""A ticket's page, and what can be done on it with one click."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, VersionedForm, own, uploads
from paidsupport.kernel.web.htmx import fields, show
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Holder
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.conversation.operations.annotations import annotate as keep_annotation
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.forms import AnnotationForm, ReadForm, SettleForm, SubjectForm
from paidsupport.tickets.notices.operations import notices, watching
from paidsupport.tickets.operations import claims, renaming
from paidsupport.tickets.operations.transitions import possible
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage, Spoken
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.access import access
from paidsupport.tickets.views.page import reread, ticket_page
from paidsupport.tickets.views.routes import said_after, ticket_route, to_ticket
from paidsupport.tickets.views.ticket_view import TicketView

T = TypeVar("T")

#: Messages that the page shows at once; earlier ones are loaded on request.
OPEN = 10
#: Earlier messages are loaded in batches of this size.
OLDER = 20
_WORTH_ASKING = 3


@ticket_route()
def ticket(ctx: Context, code: str) -> ResponseReturnValue:
    """Show everything about one ticket, with the next step at the top."""
    return ticket_page(ctx, code)


@ticket_route("/subject", ("POST",))
def rename(ctx: Context, code: str) -> ResponseReturnValue:
    """Give the ticket another subject."""
    form = SubjectForm()
    subject, key = form.subject.data or "", form.key.data or ""
    act = partial(renaming.rename, ctx, code, subject, key=key)
    return done_on_page(ctx, code, form, act, said=_("Subject changed."))


@ticket_route("/claim", ("POST",))
def claim(ctx: Context, code: str) -> ResponseReturnValue:
    """Take an open ticket; if a colleague was faster, say who (G6)."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    act = partial(claims.claim, ctx, code, version=version, key=key)
    return done_on_page(ctx, code, form, act, said=partial(_claimed, ctx), lost=conflict_page)


def _claimed(ctx: Context, ticket: Ticket) -> str:
    flow = ctx.services.workflows[ticket.workflow]
    return said_after(ctx, ticket, flow.transition(flow.name_of(Holder.TAKES, Role.DEVELOPER)))


@ticket_route("/annotations", ("POST",))
def annotate(ctx: Context, code: str) -> ResponseReturnValue:
    """Add a note that only staff see (G10)."""
    form = AnnotationForm()
    body, key = form.body.data or "", form.key.data or ""
    act = partial(keep_annotation, ctx, code, body, key=key, uploads=uploads())
    return done_on_page(ctx, code, form, act, anchor="annotations")


@ticket_route("/letters/<reference>", ("POST",))
def settle_letter(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Decide what became of a stuck email; only a person can."""
    form = SettleForm()
    decision, key = form.decision.data or "", form.key.data or ""
    act = partial(emails.settle, ctx, code, reference, decision, key=key)
    back = url_for("paidsupport.outbox") if form.back.data == "outbox" else ""
    said = _("Decision saved.")
    return done_on_page(ctx, code, form, act, said=said, anchor=f"letter-{reference}", back=back)


@ticket_route("/history")
def history(ctx: Context, code: str) -> ResponseReturnValue:
    """Show who did what and when, from the first event on, with the chain that reveals tampering (P14)."""
    page = reread(ctx, code)
    events = pages.history(ctx, page.ticket)
    names = pages.receivers(ctx.session, events)
    flow = ctx.services.workflows[page.ticket.workflow]
    return show("tickets/history.html", page=page, events=events, names=names, flow=flow)


@ticket_route("/files/<reference>")
def ticket_file(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Download a file of the ticket."""
    return downloads.send(ctx, pages.file_for_desk(ctx.session, code, reference))


@ticket_route("/watch", ("POST",))
def watch(ctx: Context, code: str) -> ResponseReturnValue:
    """Start or stop watching a colleague's ticket (P7)."""
    act = watching.unwatch if request.form.get("stop") else watching.watch
    return done_on_page(ctx, code, Form(), partial(act, ctx, code))


@ticket_route("/news", ("POST",))
def read_ticket(ctx: Context, code: str) -> ResponseReturnValue:
    """Mark this person's notices about the ticket as read (P8)."""
    form = ReadForm()
    return done_on_page(ctx, code, form, partial(notices.read, ctx, until=form.until.data or 0, code=code))


def done_on_page(
    ctx: Context,
    code: str,
    form: Form,
    act: Callable[[], T],
    *,
    said: str | Callable[[T], str] = "",
    anchor: str | None = None,
    back: str = "",
    lost: Callable[[Context, DeskPage, Form], str] | None = None,
) -> ResponseReturnValue:
    """Do what a form on a ticket's page asks for.

    Args:
        ctx: Who acts.
        code: The ticket.
        form: What was sent.
        act: Does it, and returns its result.
        said: The confirmation, or a function that makes it from the result.
        anchor: The part of the page to go back to.
        back: The page to go back to, if it is another one.
        lost: Builds the page for a person who was too late; if None, the ticket's own page is shown.

    Returns:
        A redirect to the page, which then shows `said`; or the page with the form, if it was refused.
    """
    done = form.send(ctx, act)
    if form.status != HTTPStatus.OK:
        if form.conflict and lost:
            return lost(ctx, reread(ctx, code), form), form.status
        return ticket_page(ctx, code, form), form.status
    if sentence := said(cast("T", done)) if callable(said) else said:
        flash(sentence, "ps-ok")
    return redirect(back, 303) if back else to_ticket(code, anchor)


@section("ticket", "tickets/conversation/_thread_section.html", 50)
def _thread_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    before = whole_number(request.args.get("before", ""), digits=9)
    shown, older = _shown(ctx, view.page, before)
    return {
        "access": access(ctx, view.page),
        "files": [file for file in view.page.files if not file.annotation_id and not file.item_id],
        "shown": shown,
        "older": older,
        # undecided earlier messages are shown with the newest, so the last of this batch is found by position
        "last": shown[: OPEN if before is None else OLDER][-1].message.number if shown else 0,
        "before": before,
        "more": min(older, OLDER),
        "asks": view.asks,
        "decisions": partial(emails.decisions, ctx, view.page.ticket),
        "settle": partial(Sealed, back=""),
    }


@section("ticket", "tickets/_history_section.html", 90, "side")
def _history_section(_ctx: Context, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


@section("ticket", "tickets/conversation/_annotations_section.html", 5, "side")
def _annotations_section(ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any]:
    other = next((person.name for person in view.page.people if person.id != ctx.by.id), "")
    if isinstance(refused, AnnotationForm) and refused.left_over:
        other = ""  # its own words come first
    calling = _("Only staff see it. Mention a colleague with @, like @%(name)s.", name=other) if other else ""
    drawn = fields("tickets/_field_annotation.html", AnnotationForm, refused, calling=calling)
    return {"form": own(refused, AnnotationForm), "fields": drawn}


@section("ticket", "tickets/notices/_watching_section.html", 85, "side")
def _watching_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    others = [row.person_name for row in view.page.watchers if row.person_id != ctx.by.id]
    return {"mine": len(others) < len(view.page.watchers), "others": others}


@section("ticket", "tickets/_customer_section.html", 2, "side")
def _customer_section(_ctx: Context, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


@section("ticket", "tickets/_moves_section.html", 3, "side")
def _moves_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    offered = {way.transition.name for way in view.step.transitions}
    ways = [way for way in view.ways if way.transition.name not in offered]
    return {"ways": ways} if ways else None


#: The sections that every ticket's page has.
SECTIONS = (
    _thread_section,
    _history_section,
    _annotations_section,
    _watching_section,
    _customer_section,
    _moves_section,
)


def _shown(ctx: Context, page: DeskPage, before: int | None) -> tuple[list[Spoken], int]:
    """One batch of the conversation, newest first, and how many older messages there are.

    Args:
        ctx: The viewer.
        page: The ticket.
        before: Only messages with lower numbers are shown. If it is None, these are the newest messages and
            all earlier ones that still need a decision.
    """
    newest_first = [each for each in page.thread[::-1] if before is None or each.message.number < before]
    size = OPEN if before is None else OLDER
    earlier = newest_first[size:]
    if len(earlier) < _WORTH_ASKING:
        return newest_first, 0
    if before is not None:
        return newest_first[:size], len(earlier)
    waiting = [row for row in earlier if row.email and emails.decisions(ctx, page.ticket, row.email)]
    return newest_first[:size] + waiting, len(earlier)


def conflict_page(ctx: Context, page: DeskPage, form: Form, typed: str = "") -> str:
    """Say who has the ticket now and since when, and offer what was `typed` as an annotation."""
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
