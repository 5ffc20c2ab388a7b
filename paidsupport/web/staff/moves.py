"""Making a move that wants to be told something: a reason, a note, a colleague (G8, G9, G11)."""

from __future__ import annotations

from collections import ChainMap

from flask.typing import ResponseReturnValue

from paidsupport.desk import moves, people
from paidsupport.desk.hooks import GUIDES
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Move
from paidsupport.errors import NotFoundError
from paidsupport.store.tickets import Ticket
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import MoveForm, move_form, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket


@ticket_route("/moves/<move>", ("GET", "POST"))
def move(visit: Visit, code: str, move: str) -> ResponseReturnValue:
    """The form of a move with the meaning of where it leads (G4), and the move itself."""
    ticket = reread(visit, code).ticket
    wanted = _move(visit, ticket, move)
    form = move_form(wanted, _colleagues(visit, ticket, wanted), ticket.version)
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(
        visit, lambda: moves.make(visit, code, move, version=version, key=key, filled=form.filled())
    )
    if made:
        state = visit.house.workflows[made.workflow].state(made.state)
        flash(f"Done: “{wanted.label}”. The ticket is {state.label}.", "ps-ok")
        return to_ticket(code)
    return _page(visit, code, wanted, form)


def _page(visit: Visit, code: str, move: Move, form: MoveForm) -> ResponseReturnValue:
    """The form, with the ticket as it is now; sent once more, it applies to that."""
    page = reread(visit, code)
    form.explain(move)
    if form.is_submitted():
        renew(form, {"version": page.ticket.version})
    possible = {way.move.name for way in moves.possible(visit, page.ticket, page)}
    facts = moves.facts(visit, page.ticket, move, page=page)
    flow = visit.house.workflows[page.ticket.workflow]
    target = visit.house.workflows[move.into or flow.name].state(move.target or page.ticket.state)
    explained = ChainMap(*map(dict, visit.house.hooks.call(GUIDES, visit.session)))
    status = form.status if move.name in possible else 409
    return (
        show(
            "staff/move.html",
            page=page,
            flow=flow,
            state=flow.state(page.ticket.state),
            target=target,
            guide=explained.get(move.name) or explained.get(target.name),
            move=move,
            possible=move.name in possible,
            conditions=move.conditions(facts),
            asked={need.field: need.unmet for need in move.missing(facts) if need.field},
            form=form,
        ),
        status,
    )


def _move(visit: Visit, ticket: Ticket, name: str) -> Move:
    for known in visit.house.workflows[ticket.workflow].moves:
        if known.name == name:
            return known
    raise NotFoundError


def _colleagues(visit: Visit, ticket: Ticket, move: Move) -> list[tuple[int, str]]:
    if not move.takes("colleague"):
        return []
    return [(row.id, row.name) for row in people.everybody(visit.session) if row.id != ticket.owner_id]
