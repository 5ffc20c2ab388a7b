"""Answering with a page: choose it, check the email, send it; or say that there is none (T5)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.intake.gaps.forms import PointerForm, QuestionForm, counted
from paidsupport.intake.gaps.operations import documented, gaps
from paidsupport.intake.gaps.operations.documented import Page
from paidsupport.intake.gaps.rules import page_key
from paidsupport.intake.guides import queries as guides
from paidsupport.intake.triage.views import to_triage
from paidsupport.intake.workflow import POINT, REQUEST
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import renew, set_data
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import tone
from paidsupport.tickets.conversation.operations.correspondence import can_be_reached
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page

#: The most pages offered at once.
_MOST = 20


@ticket_route("/documented", ("GET", "POST"))
def point(ctx: Context, code: str) -> ResponseReturnValue:
    """Offer pages that may answer the request; once one is chosen, show the email that points there."""
    form = PointerForm()
    done = form.send(ctx, lambda: _send(ctx, code, form))
    if done:
        flash(
            _("Message for %(code)s queued. The customer is asked whether the page helped.", code=code),
            "ps-ok",
        )
        return to_triage() if request.args.get("triage") else to_ticket(code)
    page = reread(ctx, code)
    if not _possible(ctx, page.ticket):
        refused = form.status if form.errors else 409
        return conflict_page(ctx, page, form, form.body.data or ""), refused
    return _page(ctx, page, form), form.status


@ticket_route("/undocumented", ("POST",))
def undocumented(ctx: Context, code: str) -> ResponseReturnValue:
    """Record that no page answers the request; its question is counted, and this person answers it."""
    form = QuestionForm()
    version, key = form.version.data or 0, form.key.data or ""
    done = form.send(ctx, lambda: gaps.undocumented(ctx, code, form.choice(), version=version, key=key))
    if done:
        flash(
            _("%(code)s claimed, and counted as missing documentation. Write the answer next.", code=code),
            "ps-ok",
        )
        return to_ticket(code)
    page = reread(ctx, code)
    if not _possible(ctx, page.ticket):
        return conflict_page(ctx, page, form, ""), form.status if form.errors else 409
    return _page(ctx, page, PointerForm(formdata=None), form), form.status


def _send(ctx: Context, code: str, form: PointerForm) -> Ticket | None:
    """The request that was answered; None if there are remarks on the email that have not been seen."""
    chosen = documented.chosen(ctx, request.args.get("guide", ""), request.args.get("url", ""))
    draft = form.draft()
    shown = form.seen.data or ""
    if tone.unseen(ctx, draft.body, shown, lambda: _drafted(ctx, code, chosen)):
        return None
    version = form.version.data or 0
    return documented.point(ctx, code, chosen, draft, version=version, question=form.choice())


def _drafted(ctx: Context, code: str, chosen: Page) -> tuple[str, list[date]]:
    """The text that the desk drafted itself, and the dates that may be promised in it."""
    ticket = tickets.lock(ctx.session, code)
    return documented.draft(ctx, ticket, chosen).body, tone.approved_for(ctx, ticket)


def _possible(ctx: Context, ticket: Ticket) -> bool:
    """Whether this person can point the customer to a page: the request is unassigned, or theirs."""
    free = ticket.part == Part.UNASSIGNED or ticket.owner_id == ctx.by.id
    there = ticket.workflow == REQUEST.name and ticket.state in {REQUEST.initial, *POINT.sources}
    return free and there and can_be_reached(ticket) and ticket.erased_at is None


def _page(ctx: Context, page: DeskPage, form: PointerForm, none: QuestionForm | None = None) -> str:
    """Render the page; `none`: the form for “there is no page”, if it was sent."""
    ticket = page.ticket
    typed = request.args.get("words", "")
    chosen = _chosen(ctx, form)
    opening = documented.draft(ctx, ticket, chosen) if chosen else None
    if opening and not form.is_submitted():
        form.body.data = opening.body
    renew(form, {"version": ticket.version})
    refused, none = none or form, none or QuestionForm(formdata=None)
    renew(none, {"version": ticket.version})
    found = [] if chosen else guides.published(ctx.session, typed)[:_MOST]
    key = page_key(chosen.url, chosen.guide_id) if chosen else ""
    proposed = gaps.proposals(ctx, _asked(page), key)
    for each in (form, none):
        each.propose(proposed)
    body = (form.body.data or "") if form.is_submitted() else ""
    set_data(form.seen, tone.seen(body, tone.remarks(ctx, body)))
    return show(
        "intake/gaps/documented.html",
        body=body,
        remarks=tone.remarks(
            ctx, body, drafted=opening.body if opening else "", approved=tone.approved_for(ctx, ticket)
        ),
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        form=form,
        chosen=chosen,
        opening=opening,
        news=form.follow(page),
        typed=typed,
        found=found,
        counts=gaps.of_guides(ctx) if found else {},
        counted=counted,
        unanswered=none,
        refused=refused,
    )


def _asked(page: DeskPage) -> str:
    """The customer's text, to search pages with."""
    said = (spoken.message.body for spoken in page.thread if spoken.message.direction == "in")
    return "\n".join((page.ticket.summary, page.ticket.details, *said))


def _chosen(ctx: Context, form: PointerForm) -> Page | None:
    """The page in the address, if there is one and customers can be pointed to it."""
    slug, typed = request.args.get("guide", ""), request.args.get("url", "")
    if not slug and not typed:
        return None
    return form.attempt(ctx, lambda: documented.chosen(ctx, slug, typed))
