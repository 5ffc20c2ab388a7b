"""Sales: the board of leads, and the page of one lead (T9)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part, Transition
from paidsupport.sales.leads import queries as rows
from paidsupport.sales.leads.operations import blockers, wishes
from paidsupport.sales.leads.tables import BLOCKERS, WISHES
from paidsupport.sales.leads.workflow import SALES
from paidsupport.sales.organisations.forms import BlockerForm, DecideForm, WishForm
from paidsupport.tickets.queue.address import cursor, spelled
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket_view import TicketView


@route("/desk/sales", Who.STAFF)
def sales(ctx: Context) -> ResponseReturnValue:
    """Show leads by stage, the oldest first, with their next step. At most six queries."""
    stage, blocked = request.args.get("stage", ""), request.args.get("blocked") == "1"
    if stage and stage not in {state.name for state in SALES.states}:
        raise NotFoundError
    mine = ctx.by.id if request.args.get("mine") == "1" else None
    after = cursor(request.args.get("after", ""), "submitted")
    board = rows.board(ctx.session, stage, blocked=blocked, mine=mine, after=after)
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in ("stage", "blocked", "mine")}
    more = url_for(".sales", after=spelled(board.following), **kept) if board.following else None
    return show(
        "sales/leads/board.html",
        board=board,
        flow=ctx.services.workflows[SALES.name],
        stage=stage,
        kept=kept,
        kinds=blockers.KINDS,
        moves=partial(_moves, ctx),
        next_url=more,
    )


@ticket_route("/sale")
def sale(ctx: Context, code: str) -> ResponseReturnValue:
    """Show one lead: its blockers, its wishes, its offers."""
    return _page(ctx, code)


@ticket_route("/sale/blockers", ("POST",))
def blocker_note(ctx: Context, code: str) -> ResponseReturnValue:
    """Note a blocker."""
    form = BlockerForm()
    kind, what, issue = form.blocker_kind.data or "", form.blocker.data or "", form.issue.data or ""
    key = form.key.data or ""
    if form.send(ctx, lambda: blockers.note(ctx, code, kind, what, issue=issue, key=key)):
        return _back(code, _("Blocker added."), "blockers")
    return _page(ctx, code, form), form.status


@ticket_route("/sale/blockers/<blocker>", ("POST",))
def blocker_solve(ctx: Context, code: str, blocker: str) -> ResponseReturnValue:
    """Mark a blocker as solved, or as not solved after all."""
    form, solved = Form(), request.form.get("back") is None
    key = form.key.data or ""
    if form.send(ctx, lambda: blockers.solve(ctx, code, blocker, solved=solved, key=key)):
        return _back(code, _("Blocker solved.") if solved else _("Blocker reopened."), "blockers")
    return _page(ctx, code, form), form.status


@ticket_route("/sale/wishes", ("POST",))
def wish_note(ctx: Context, code: str) -> ResponseReturnValue:
    """Note a wish, for management to decide about."""
    form = WishForm()
    key = form.key.data or ""
    if form.send(ctx, lambda: wishes.note(ctx, code, form.typed(), key=key)):
        return _back(code, _("Feature request added. A manager decides about it."), "wishes")
    return _page(ctx, code, form), form.status


@ticket_route("/sale/wishes/<wish>", ("GET", "POST"))
def wish_decide(ctx: Context, code: str, wish: str) -> ResponseReturnValue:
    """Decide about a wish; only managers can."""
    form = DecideForm()
    key = form.key.data or ""
    if form.send(ctx, lambda: wishes.decide(ctx, code, wish, form.decided(), key=key)):
        return _back(code, _("Decision saved. The owner of the lead is notified."), "wishes")
    page = reread(ctx, code)
    found = existing(next((row for row in page.wishes if row.reference == wish), None))
    if not form.is_submitted():
        form.summary.data, form.details.data = found.summary, found.details
    renew(form, {})
    flow = ctx.services.workflows[page.ticket.workflow]
    return show("sales/leads/decide.html", page=page, flow=flow, wish=found, form=form), form.status


def _moves(ctx: Context, lead: rows.Lead) -> list[Transition]:
    """The transitions of a lead to other stages that are open to the viewer."""
    ticket, flow = lead.ticket, ctx.services.workflows[SALES.name]
    roles = {Role.DEVELOPER} if ticket.owner_id in {None, ctx.by.id} else set()
    roles |= {Role.OWNER} if ticket.owner_id == ctx.by.id else set()
    ways = (way for way in flow.transitions if ticket.state in way.sources and roles & way.who)
    return [
        way
        for way in ways
        if way.target and not way.into and flow.state(way.target).part is not Part.UNASSIGNED
    ]


def _page(ctx: Context, code: str, form: Form | None = None) -> str:
    """The page of a lead, with the `form` that was refused on it. Raises NotFoundError."""
    page = reread(ctx, code)
    if page.ticket.workflow != SALES.name:
        raise NotFoundError
    return show(
        "sales/leads/lead.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        hindrances=rows.hindrances(ctx.session, page.ticket, ctx.by),
        issues=rows.issues_of(ctx.session, page.wishes, ctx.by),
        form=form,
        blocking=form_on(form, BlockerForm),
        wishing=form_on(form, WishForm),
        plain=lambda: Form(formdata=None),
        kinds=blockers.KINDS,
        now=ctx.now,
    )


def _back(code: str, said: str, anchor: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.sale", code=code, _anchor=anchor), 303)


@section("ticket", "sales/leads/_sale_section.html", 70, "side", (WISHES, BLOCKERS))
def _sale_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.ticket.workflow == SALES.name else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_sale_section,)
