"""Starting, pausing, resuming and ending the deadlines of a ticket, along with other operations.

The caller holds the ticket's lock, and writes the columns of the ticket that are returned: the nearest
deadline is stored there too, for the queue. What the clock does about deadlines is in
`paidsupport.tickets.deadlines.operations.escalations`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.deadlines import Allowance, DeadlineKind, allowances
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.transitions import Attempt, Effect
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.queries import is_written_to
from paidsupport.tickets.deadlines import queries
from paidsupport.tickets.deadlines.rules import Outcome, ends
from paidsupport.tickets.deadlines.tables import NEVER, Deadline
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: The deadlines of a new ticket.
_AT_FIRST = (DeadlineKind.FIRST_CONTACT, DeadlineKind.RESOLUTION)
#: The deadlines that an email to the customer ends.
_BY_A_LETTER = {DeadlineKind.FIRST_CONTACT, DeadlineKind.ANSWER}
_INSERT = insert(Deadline.__table__)  # type: ignore[arg-type]  # a Table, as SQLAlchemy makes it
_COLUMNS = ("due_at", "due_kind", "near_at")


def beginning(ctx: Context, service: Terms, *, writable: bool) -> dict[str, object]:
    """The columns of a new ticket for `service`; its deadlines are set by `begin`.

    `writable`: whether the customer has an email address. Without one, no email is due.
    """
    return _nearest(_first(ctx, service, 0, writable=writable))


def begin(ctx: Context, ticket: Ticket, service: Terms) -> None:
    """Set the deadlines of a ticket that was just ordered, in one statement."""
    if rows := _first(ctx, service, ticket.id, writable=bool(ticket.customer_email)):
        write(ctx.session, _INSERT, [_columns(row) for row in rows])


def written(ctx: Context, ticket: Ticket, email: Email, *, answered: bool = True) -> dict[str, object]:
    """Staff write an email to the customer: it is the contact, or the answer, and then the customer's turn.

    An email that has not `answered` the customer is a contact at most: the other deadlines run on.
    """
    rows = queries.open_deadlines(ctx.session, ticket)
    for row in rows:
        if row.kind == DeadlineKind.FIRST_CONTACT or (answered and row.kind == DeadlineKind.ANSWER):
            _finish(row, ctx.now)
            row.letter_reference = email.reference
        elif answered and row.due_at is not None:
            _stop(ctx, row, row.due_at)
    return _change(ticket, rows)


def unwritten(ctx: Context, ticket: Ticket, references: Collection[str]) -> dict[str, object]:
    """The emails with these references never left: the deadlines they had ended are due as before."""
    if not references or ticket.part == Part.CLOSED:
        return {}
    rows = queries.open_deadlines(ctx.session, ticket)
    missing = _BY_A_LETTER - {row.kind for row in rows}
    found = queries.done_by(ctx.session, ticket, references)
    # of two answers that never left, the customer waits for the first
    for row in {row.kind: row for row in reversed(found) if row.kind in missing}.values():
        row.done_at, row.outcome, row.letter_reference = None, "", ""
        _plan_look(row)
        rows.append(row)
    return _change(ticket, rows)


def asked(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The customer has written: it is the desk's turn, and an answer is due.

    Before the first contact, that is the answer; while an answer is due already, no other one is added.
    """
    if ticket.part == Part.CLOSED:
        return {}
    rows = _going_on(ctx, queries.open_deadlines(ctx.session, ticket))
    if ticket.customer_email and not any(row.kind in _BY_A_LETTER for row in rows):
        rows += _set(ctx, ticket, [DeadlineKind.ANSWER], ticket.workflow)
    return _change(ticket, rows)


def resumed(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The customer has decided: it is the desk's turn."""
    return _change(ticket, _going_on(ctx, queries.open_deadlines(ctx.session, ticket)))


def moved(
    ctx: Context, ticket: Ticket, part: Part, unsent: Collection[str] = (), *, into: str = ""
) -> Mapping[str, object]:
    """The ticket changes to another `part`.

    Args:
        ctx: Who acts.
        ticket: The ticket.
        part: The new part.
        unsent: References of the emails that were withdrawn with this change.
        into: The workflow that it goes on in, if that is another one: its deadlines begin anew.
    """
    if part is Part.CLOSED:
        return _ended(ctx, ticket)
    if into:
        drop(ctx, ticket)
        ctx.session.flush()
        return _begun_anew(ctx, ticket, into)
    if ticket.part == Part.CLOSED:
        return _begun_anew(ctx, ticket, ticket.workflow)
    values = unwritten(ctx, ticket, unsent)
    return resumed(ctx, ticket) if part is Part.UNASSIGNED else values


def drop(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """End all deadlines, because the customer is erased."""
    rows = queries.open_deadlines(ctx.session, ticket)
    for row in rows:
        _finish(row, ctx.now, Outcome.DROPPED)
    return _change(ticket, rows)


def _ended(ctx: Context, ticket: Ticket) -> dict[str, object]:
    rows = queries.open_deadlines(ctx.session, ticket)
    for row in rows:
        _finish(row, ctx.now, None if row.kind == DeadlineKind.RESOLUTION else Outcome.DROPPED)
    return _change(ticket, rows)


def _begun_anew(ctx: Context, ticket: Ticket, workflow: str) -> dict[str, object]:
    """Begin the resolution anew, and an answer too if the customer has had no message or is waiting."""
    kinds = [DeadlineKind.RESOLUTION]
    if not ticket.customer_email:
        return _change(ticket, _set(ctx, ticket, kinds, workflow))
    if not is_written_to(ctx.session, ticket):
        kinds.append(DeadlineKind.FIRST_CONTACT)
    elif ticket.awaits == "desk":
        kinds.append(DeadlineKind.ANSWER)
    return _change(ticket, _set(ctx, ticket, kinds, workflow))


def _going_on(ctx: Context, rows: list[Deadline]) -> list[Deadline]:
    for row in rows:
        if row.left_minutes is not None:
            row.due_at, row.warn_at = ends(row.left_minutes, row.warn_left, ctx.services.hours, ctx.now)
            row.left_minutes = None
            _plan_look(row)
    return rows


def _stop(ctx: Context, row: Deadline, due: datetime) -> None:
    row.left_minutes = ctx.services.hours.between(ctx.now, due)
    row.due_at = row.warn_at = row.look_at = None


def _finish(row: Deadline, now: datetime, outcome: Outcome | None = None) -> None:
    late = row.due_at < now if row.due_at is not None else (row.left_minutes or 0) < 0
    row.outcome = outcome or (Outcome.LATE if late or row.missed_at else Outcome.MET)
    row.done_at, row.look_at = now, None


def _plan_look(row: Deadline) -> None:
    """Set when the clock checks next: to warn staff, then to report it as missed, then never again."""
    row.look_at = row.due_at if row.warned_at or row.warn_at == row.due_at else row.warn_at
    if row.missed_at:
        row.look_at = None


def _set(ctx: Context, ticket: Ticket, kinds: Iterable[DeadlineKind], workflow: str) -> list[Deadline]:
    terms = catalogue.terms_under(ctx, ticket.service_version_id)
    if terms.workflow == workflow:
        may = allowed(ctx, terms)
    else:
        # it went on in another workflow, of which its service says nothing
        may = allowances({}, catalogue.deadline_rules(ctx.session).get(workflow, {}), ctx.services.hours)
    rows = _new(ctx, ticket.id, may, kinds)
    ctx.session.add_all(rows)
    ctx.session.flush()
    return rows


def allowed(ctx: Context, service: Terms) -> dict[DeadlineKind, Allowance]:
    """What the rules of a service and of its workflow allow."""
    return allowances(service.deadlines, service.workflow_deadlines, ctx.services.hours)


def _first(ctx: Context, service: Terms, ticket_id: int, *, writable: bool) -> list[Deadline]:
    kinds = _AT_FIRST if writable else (DeadlineKind.RESOLUTION,)
    return _new(ctx, ticket_id, allowed(ctx, service), kinds)


def _new(
    ctx: Context, ticket_id: int, may: Mapping[DeadlineKind, Allowance], kinds: Iterable[DeadlineKind]
) -> list[Deadline]:
    rows = []
    for kind in (kind for kind in kinds if kind in may):
        row = Deadline(
            ticket_id=ticket_id,
            kind=kind,
            minutes=may[kind].minutes,
            warn_left=may[kind].warn_left,
            started_at=ctx.now,
            outcome="",
            letter_reference="",
        )
        row.due_at, row.warn_at = ends(row.minutes, row.warn_left, ctx.services.hours, ctx.now)
        _plan_look(row)
        rows.append(row)
    return rows


def _columns(row: Deadline) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in Deadline.__table__.c if column.key != "id"}


def _nearest(rows: Iterable[Deadline]) -> dict[str, object]:
    running = [(row.due_at, row.kind, row.warn_at) for row in rows if row.due_at and not row.done_at]
    # if two are due at the same moment, always the same one
    return dict(zip(_COLUMNS, min(running, default=(NEVER, "", None)), strict=True))


def _change(ticket: Ticket, rows: Iterable[Deadline]) -> dict[str, object]:
    """The columns of the ticket to write; none if it has these values already."""
    nearest = _nearest(rows)
    return {} if all(getattr(ticket, name) == value for name, value in nearest.items()) else nearest


def _go_on(at: Attempt[Context, Ticket, Any]) -> Mapping[str, object]:
    # a claim does not change what is due, so no query is needed
    if not at.unsent and at.target.part is Part.PENDING:
        return {}
    return moved(at.ctx, at.record, at.target.part, at.unsent, into=at.transition.into)


EFFECTS = (Effect("deadlines-moved", _go_on, on=lambda _: True),)
