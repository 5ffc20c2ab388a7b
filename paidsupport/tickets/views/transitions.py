"""Making a transition that needs input: a reason, a note, a colleague (G8, G9, G11)."""

from __future__ import annotations

from collections import ChainMap

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import renew
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.transitions import explained
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.forms import TransitionForm, transition_form
from paidsupport.tickets.hooks import GUIDES
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import said_after, ticket_route, to_ticket


@ticket_route("/moves/<transition>", ("GET", "POST"))
def move(ctx: Context, code: str, transition: str) -> ResponseReturnValue:
    """Show the form of a transition with the meaning of the new state (G4), and make the transition."""
    ticket = reread(ctx, code).ticket
    wanted = _transition(ctx, ticket, transition)
    form = transition_form(wanted, _colleagues(ctx, ticket, wanted), ticket.version)
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(
        ctx, lambda: transitions.make(ctx, code, transition, version=version, key=key, filled=form.filled())
    )
    if made:
        flash(said_after(ctx, made, wanted), "ps-ok")
        return to_ticket(code)
    return _page(ctx, code, wanted, form)


def _page(ctx: Context, code: str, transition: Transition, form: TransitionForm) -> ResponseReturnValue:
    """Show the form with the ticket as it is now: sent again, it applies to the present version."""
    page = reread(ctx, code)
    form.explain(transition)
    if form.is_submitted():
        renew(form, {"version": page.ticket.version})
    possible = {way.transition.name for way in transitions.possible(ctx, page.ticket, page)}
    facts = transitions.facts(ctx, page.ticket, transition, page=page)
    flow = ctx.services.workflows[page.ticket.workflow]
    target = ctx.services.workflows[transition.into or flow.name].state(
        transition.target or page.ticket.state
    )
    guides = ChainMap(*map(dict, ctx.services.hooks.call(GUIDES, ctx.session)))
    status = form.status if transition.name in possible else 409
    return (
        show(
            "tickets/transition.html",
            page=page,
            flow=flow,
            state=flow.state(page.ticket.state),
            target=target,
            guide=guides.get(transition.name) or guides.get(target.name),
            possible=transition.name in possible,
            form=form,
            **explained(transition, facts),
        ),
        status,
    )


def _transition(ctx: Context, ticket: Ticket, name: str) -> Transition:
    for known in ctx.services.workflows[ticket.workflow].transitions:
        if known.name == name:
            return known
    raise NotFoundError


def _colleagues(ctx: Context, ticket: Ticket, transition: Transition) -> list[tuple[int, str]]:
    if not transition.takes("colleague"):
        return []
    return [(row.id, row.name) for row in people.everybody(ctx.session) if row.id != ticket.owner_id]
