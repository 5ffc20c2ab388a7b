"""Making transitions of tickets: the engine, adapted to tickets."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.errors import InvalidInputError, StaleTicketError
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.making import Transitions
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.text import BadTextError, many_lines
from paidsupport.kernel.transitions import Attempt
from paidsupport.kernel.workflow import Holder, Part, State, Transition, Workflow
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.guards import Filled, TicketAttempt
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

__all__ = ["Filled", "Possible", "TicketEngine", "apply", "facts", "make", "possible"]


class TicketEngine(Engine[Context, Ticket, Filled]):
    """Makes the transitions of tickets, in any workflow."""

    word = "ticket"
    tag = "move"
    history = history.TICKETS
    attempts = TicketAttempt

    def settled(self, record: Ticket) -> str:
        """An erased ticket stays closed once it has ended: there is no customer to ask or to bill (P13)."""
        if record.erased_at is not None and record.part == Part.CLOSED:
            return _("The personal data was erased, so this ticket stays as it is.")
        merged = record.merged_into_id is not None
        return _("It was merged into another ticket. Take the two apart first.") if merged else ""

    def flow(self, ctx: Context, record: Ticket) -> Workflow:
        """The workflow that the ticket is in now."""
        return ctx.services.workflows[record.workflow]

    def target(self, ctx: Context, record: Ticket, transition: Transition) -> State:
        """The state a transition leads to, in this workflow or another one."""
        return ctx.services.workflows[transition.into or record.workflow].state(
            transition.target or record.state
        )

    def stale(self, ctx: Context, record: Ticket) -> Exception:
        """The error for a stale version, which says who owns the ticket now."""
        return StaleTicketError(record.code, holder_name(ctx.session, record))

    def said(self, at: Attempt[Context, Ticket, Filled]) -> dict[str, object]:
        """The data of the event: the claim afterwards, the new owner, colleagues mentioned in the note."""
        said: dict[str, object] = {"claim": at.values.get("claim_number", at.record.claim_number)}
        if at.transition.takes("colleague"):
            said["colleague"] = at.filled.colleague
        if at.filled.note and (called := people.mentioned(at.ctx, at.filled.note)):
            said["mentions"] = called
        return said

    def under(self, at: Attempt[Context, Ticket, Filled]) -> int | None:
        """The claim number of the event: a claim that ends is still named, a new one already."""
        dropped = at.transition.holder is Holder.DROPS
        return at.record.claim_number if dropped else at.values.get("claim_number")


def _tidy(filled: Filled) -> Filled:
    try:
        return filled if not filled.note else replace(filled, note=many_lines(filled.note).strip())
    except BadTextError as error:
        raise InvalidInputError({"note": [str(error)]}) from None


def _lock(ctx: Context, code: str) -> Ticket:
    return tickets.lock(ctx.session, code)


TICKETS: Transitions[Ticket, Filled] = Transitions("ticket", Filled(), lock=_lock, tidy=_tidy)
make, apply = TICKETS.make, TICKETS.apply
facts, possible = TICKETS.facts, TICKETS.possible
