"""The checklist of a ticket: one click for an item without evidence, otherwise a page for the item (G12)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form, Sealed, renew
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.checklist import queries
from paidsupport.tickets.checklist.board import board, row_of
from paidsupport.tickets.checklist.forms import (
    ItemForm,
    TakeOverForm,
    TraitsForm,
    evidence_fields,
    item_form,
)
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import taking_over
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.hooks import GUIDE_TITLE
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/items/<name>", ("GET", "POST"))
def item(ctx: Context, code: str, name: str) -> ResponseReturnValue:
    """Show one item: why it is there, what it waits for, and the evidence it needs."""
    found = queries.line(ctx.session, code, name)
    form = item_form(found)
    if form.send(ctx, lambda: _act(ctx, code, found, form)):
        return to_ticket(code, f"item-{name}")
    return _page(ctx, code, name, form), form.status


@ticket_route("/traits", ("GET", "POST"))
def traits(ctx: Context, code: str) -> ResponseReturnValue:
    """Set the traits of the server and the work; items come and go with them."""
    form = TraitsForm(traits=list(reread(ctx, code).ticket.traits))
    form.traits.choices = catalogue.traits(ctx.session)
    wanted, key = form.traits.data or [], form.key.data or ""
    if form.send(ctx, lambda: checklists.set_traits(ctx, code, wanted, key=key)):
        return to_ticket(code, "checklist")
    page = reread(ctx, code)
    fixed = [label for name, label in form.traits.choices if page.ticket.traits.get(name) == "order"]
    flow = ctx.services.workflows[page.ticket.workflow]
    return show("tickets/checklist/traits.html", page=page, flow=flow, form=form, fixed=fixed), form.status


@ticket_route("/checklist", ("POST",))
def take_over_checklist(ctx: Context, code: str) -> ResponseReturnValue:
    """Take over the newer checklist that the page of the ticket offers."""
    form = TakeOverForm()
    version_id, key = form.checklist.data or 0, form.key.data or ""
    return done_on_page(
        ctx, code, form, lambda: taking_over.take_over(ctx, code, version_id, key=key), anchor="checklist"
    )


def _act(ctx: Context, code: str, item: Item, form: ItemForm) -> Item:
    tick = Tick(item.name, form.version.data or 0, form.key.data or "")
    if form.action.data == "skip":
        return checklists.skip(ctx, code, tick, form.because.data or "")
    if form.action.data == "untick":
        return checklists.untick(ctx, code, tick)
    return checklists.tick(ctx, code, tick, form.typed(item), form.files(item))


def _page(ctx: Context, code: str, name: str, form: ItemForm) -> str:
    """Render the item with its form, as they are now: sent again, the form applies to the present version."""
    page = reread(ctx, code)
    found = next(item for item in page.items if item.name == name)
    if form.is_submitted():
        renew(form, {"version": found.version})
    return show(
        "tickets/checklist/item.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        row=row_of(found, page.items, page.decisions),
        plain=partial(Form, formdata=None),
        evidence=evidence_fields(form, found),
        guide="".join(ctx.services.hooks.call(GUIDE_TITLE, ctx.session, found.guide)),
        files=[file for file in page.files if file.item_id == found.id],
        form=form,
    )


@section("ticket", "tickets/checklist/_checklist_section.html", 10, "side", (queries.OFFER,))
def _checklist_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    page, ticket = view.page, view.page.ticket
    offer = None
    if ticket.part == Part.PENDING and ticket.started_at is not None and page.items:
        offer = taking_over.offer(ticket, page[queries.OFFER], page.items, page.decisions)
    may = ctx.by.is_manager or ticket.owner_id == ctx.by.id
    return {
        "board": board(page.items, page.decisions),
        "offer": offer,
        "press": Sealed(checklist=offer.version_id) if offer and may else None,
    }


#: The sections it adds to the pages of tickets.
SECTIONS = (_checklist_section,)
