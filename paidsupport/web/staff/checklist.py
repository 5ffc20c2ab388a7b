"""The checklist of a ticket: one click for a line without evidence, and a page of its own for each (G12)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk import catalogue, checklists
from paidsupport.desk.checklists import Tick
from paidsupport.desk.hooks import GUIDE_TITLE
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store.hostwork import Item
from paidsupport.web.forms import Form
from paidsupport.web.htmx import show
from paidsupport.web.staff.board import board, row_of
from paidsupport.web.staff.forms import renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.view import TicketView
from paidsupport.web.staff.work_forms import ItemForm, TraitsForm, evidence_fields, item_form


@ticket_route("/items/<name>", ("GET", "POST"))
def item(visit: Visit, code: str, name: str) -> ResponseReturnValue:
    """One line: why it is there, what it waits for, and the evidence it wants."""
    found = checklists.line(visit, code, name)
    form = item_form(found)
    if form.send(visit, lambda: _act(visit, code, found, form)):
        return to_ticket(code, f"item-{name}")
    return _page(visit, code, name, form), form.status


@ticket_route("/traits", ("GET", "POST"))
def traits(visit: Visit, code: str) -> ResponseReturnValue:
    """Say what the host and the work are like: lines come and go with it."""
    form = TraitsForm(traits=list(reread(visit, code).ticket.traits))
    form.traits.choices = catalogue.traits(visit.session)
    wanted, key = form.traits.data or [], form.key.data or ""
    if form.send(visit, lambda: checklists.set_traits(visit, code, wanted, key=key)):
        return to_ticket(code, "checklist")
    page = reread(visit, code)
    fixed = [label for name, label in form.traits.choices if page.ticket.traits.get(name) == "order"]
    flow = visit.house.workflows[page.ticket.workflow]
    return show("staff/traits.html", page=page, flow=flow, form=form, fixed=fixed), form.status


def _act(visit: Visit, code: str, item: Item, form: ItemForm) -> Item:
    tick = Tick(item.name, form.version.data or 0, form.key.data or "")
    if form.action.data == "skip":
        return checklists.skip(visit, code, tick, form.because.data or "")
    if form.action.data == "untick":
        return checklists.untick(visit, code, tick)
    return checklists.tick(visit, code, tick, form.typed(item), form.files(item))


def _page(visit: Visit, code: str, name: str, form: ItemForm) -> str:
    """The line with its form, as they are now; sent once more, it applies to that."""
    page = reread(visit, code)
    found = next(item for item in page.items if item.name == name)
    if form.is_submitted():
        renew(form, {"version": found.version})
    return show(
        "staff/item.html",
        page=page,
        flow=visit.house.workflows[page.ticket.workflow],
        row=row_of(found, page.items, page.decisions),
        plain=partial(Form, formdata=None),
        evidence=evidence_fields(form, found),
        guide="".join(visit.house.hooks.call(GUIDE_TITLE, visit.session, found.guide)),
        files=[file for file in page.files if file.item_id == found.id],
        form=form,
    )


@section("ticket", "staff/sections/checklist.html", 10, "main")
def _checklist_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {"board": board(view.page.items, view.page.decisions)}


#: What it shows on the pages of tickets.
SECTIONS = (_checklist_section,)
