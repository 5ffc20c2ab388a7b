"""Making a move on a ticket: the engine as tickets use it."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.desk import history, people
from paidsupport.desk.guards import Filled, TicketAttempt
from paidsupport.desk.visit import Visit
from paidsupport.domain.text import BadTextError, many_lines
from paidsupport.domain.workflow import Holder, Move, Part, State, Workflow
from paidsupport.errors import InvalidInputError, StaleTicketError
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.transitions import Attempt
from paidsupport.store import tickets
from paidsupport.store.tickets import Ticket

__all__ = ["Filled", "Possible", "TicketEngine", "apply", "facts", "make", "possible"]


_BLANK = Filled()


class TicketEngine(Engine[Visit, Ticket, Filled]):
    """Makes the moves of tickets, of whatever workflow."""

    word = "ticket"
    tag = "move"
    history = history.TICKETS
    attempts = TicketAttempt

    def settled(self, record: Ticket) -> str:
        """Nobody can be asked or paid about an erased ticket: once it has ended, it stays so (P13)."""
        if record.erased_at is not None and record.part == Part.CLOSED:
            return "Everything personal was erased: this ticket stays as it is."
        merged = record.merged_into_id is not None
        return "It was merged into another ticket: take the two apart first." if merged else ""

    def flow(self, ctx: Visit, record: Ticket) -> Workflow:
        """The workflow that the ticket is in now."""
        return ctx.house.workflows[record.workflow]

    def target(self, ctx: Visit, record: Ticket, move: Move) -> State:
        """A state of this workflow, or of another one."""
        return ctx.house.workflows[move.into or record.workflow].state(move.target or record.state)

    def stale(self, ctx: Visit, record: Ticket) -> Exception:
        """It says who holds the ticket now."""
        return StaleTicketError(record.code, people.holder_name(ctx, record))

    def said(self, at: Attempt[Visit, Ticket, Filled]) -> dict[str, object]:
        """The claim afterwards, who it is handed to, and who is called in the note."""
        said: dict[str, object] = {"claim": at.values.get("claim_number", at.record.claim_number)}
        if at.move.takes("colleague"):
            said["colleague"] = at.filled.colleague
        if at.filled.note and (called := people.mentioned(at.ctx, at.filled.note)):
            said["mentions"] = called
        return said

    def under(self, at: Attempt[Visit, Ticket, Filled]) -> int | None:
        """A claim that is dropped ends with the event, any other one has begun."""
        dropped = at.move.holder is Holder.DROPS
        return at.record.claim_number if dropped else at.values.get("claim_number")


def make(
    visit: Visit, code: str, name: str, *, version: int, key: str, filled: Filled | None = None
) -> Ticket:
    """Make the move `name` on ticket `code` as it was seen at `version`.

    Raises NotFoundError (no such ticket or move), StaleTicketError (somebody was faster), MoveRefusedError
    (not from this state, not for this role, or a need does not hold), InvalidInputError, KeyReusedError.
    A resent `key` does nothing more.
    """
    return apply(visit, tickets.lock(visit.session, code), name, version=version, key=key, filled=filled)


def apply(
    visit: Visit,
    ticket: Ticket,
    name: str,
    *,
    version: int,
    key: str | None = None,
    filled: Filled | None = None,
) -> Ticket:
    """As `make`, for a ticket whose lock is held already."""
    return _engine(visit).make(visit, ticket, name, _tidy(filled or _BLANK), version=version, key=key)


def facts(
    visit: Visit,
    ticket: Ticket,
    move: Move,
    filled: Filled = _BLANK,
    page: object = None,
    *,
    asked_for: bool = True,
) -> dict[str, bool | None]:
    """The facts a move needs, as they are now; without those its form asks for, if `asked_for` is false.

    `page`: what has been read of the ticket already.
    """
    rules = _engine(visit)
    return rules.facts(rules.attempt(visit, ticket, move, filled, page), asked_for=asked_for)


def possible(visit: Visit, ticket: Ticket, page: object = None) -> list[Possible]:
    """The moves this person may try now, each with what still stands against it (shown before the click).

    `page`: what has been read of the ticket already.
    """
    return _engine(visit).possible(visit, ticket, _BLANK, page)


def _engine(visit: Visit) -> Engine[Visit, Ticket, Filled]:
    return visit.house.engines["ticket"]


def _tidy(filled: Filled) -> Filled:
    try:
        return replace(filled, note=many_lines(filled.note).strip())
    except BadTextError as error:
        raise InvalidInputError({"note": [str(error)]}) from None
