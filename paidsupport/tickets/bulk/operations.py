"""Bulk actions: each ticket is changed by its own operation, and restored in the same way (P6).

If a ticket cannot be changed, nothing of it changes and the reason is recorded; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    ConflictError,
    InvalidInputError,
    PaidSupportError,
    StaleTicketError,
    TransitionRefusedError,
    existing,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.workflow import Holder, Transition
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.bulk import queries
from paidsupport.tickets.bulk.tables import Bulk
from paidsupport.tickets.operations import claims, history, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.priority.operations import prioritise
from paidsupport.tickets.priority.rules import NUMBERS
from paidsupport.tickets.queries.tickets import by_codes, holder_name
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as tags

#: How long a bulk action can be undone.
UNDO = timedelta(minutes=10)
#: The most tickets at once: all of one page.
MOST = 40


@dataclass(frozen=True, slots=True)
class _Action:
    """How a ticket is changed (returning what it was before), and how that is undone."""

    do: Callable[[Context, Ticket, str, str], object]
    undo: Callable[[Context, Ticket, object, str, str], object]


def act(ctx: Context, action: str, value: str, chosen: Mapping[str, int], *, key: str) -> Bulk:
    """Do `action` with the `chosen` tickets.

    Args:
        ctx: Who acts.
        action: One of `ACTIONS`.
        value: The tag, the priority, or the id of the colleague.
        chosen: The codes of the tickets, with the versions that were seen.
        key: The one-time key of the form.

    Returns:
        The bulk action, which also lists the tickets that were refused, and why.

    Raises:
        InvalidInputError: The action, the value or the choice is wrong as a whole.
    """
    if action not in ACTIONS or not 0 < len(chosen) <= MOST:
        raise InvalidInputError({"action": [_("Select up to %(num)s tickets first.", num=MOST)]})
    person = ctx.by.id or 0
    if earlier := queries.by_key(ctx.session, person, key):
        return earlier
    forget(ctx)
    bulk = Bulk(reference=new_reference(), person_id=person, action=action, key=key, at=ctx.now)
    done: list[list[Any]] = []
    bulk.tickets, bulk.refused = done, []
    # in the order in which every operation locks tickets
    for ticket in sorted(by_codes(ctx.session, *chosen).values(), key=lambda each: each.id):
        code = ticket.code

        def one(ticket: Ticket, code: str = code) -> None:
            if ticket.version != chosen[code]:
                raise StaleTicketError(code, holder_name(ctx.session, ticket))
            before = ACTIONS[action].do(ctx, ticket, value, key)
            done.append([code, ticket.version, before])

        _attempt(ctx, bulk, code, one)
    ctx.session.add(bulk)
    ctx.session.flush()
    return bulk


def undo(ctx: Context, reference: str) -> Bulk:
    """Undo a bulk action of this person, as far as the tickets are still as it left them.

    Raises:
        NotFoundError: There is no such bulk action.
        ConflictError: It is too late.
    """
    bulk = existing(queries.find(ctx.session, ctx.by.id or 0, reference))
    if bulk.at <= ctx.now - UNDO:
        raise ConflictError(_("This can be undone for ten minutes, and those have passed."))
    if bulk.undone_at is not None:
        return bulk
    done, bulk.refused = bulk.tickets, []
    for code, version, before in done:

        def one(ticket: Ticket, version: int = version, before: object = before) -> None:
            if ticket.version != version:
                raise StaleTicketError(ticket.code, holder_name(ctx.session, ticket))
            ACTIONS[bulk.action].undo(ctx, ticket, before, bulk.key, f"{bulk.key} undo")

        _attempt(ctx, bulk, code, one)
    bulk.undone_at = ctx.now
    ctx.session.flush()
    return bulk


def forget(ctx: Context) -> None:
    """Delete the bulk actions that can no longer be undone."""
    queries.forget(ctx.session, ctx.now - UNDO)


def _attempt(ctx: Context, bulk: Bulk, code: str, one: Callable[[Ticket], None]) -> None:
    """Change one ticket under its lock; a refused change is rolled back and recorded."""
    try:
        with ctx.session.begin_nested():
            one(tickets.lock(ctx.session, code))
    except PaidSupportError as error:
        bulk.refused = [*bulk.refused, [code, str(error)]]


def _tag(ctx: Context, ticket: Ticket, name: str, key: str) -> None:
    tags.add(ctx, ticket.code, name, key=key)


def _untag(ctx: Context, ticket: Ticket, _before: object, key: str, undo_key: str) -> None:
    tags.remove(ctx, ticket.code, history.told(ctx, ticket, key)["tag"], key=undo_key)


def _prioritise(ctx: Context, ticket: Ticket, name: str, key: str) -> None:
    if ticket.priority == NUMBERS.get(name):
        raise TransitionRefusedError(ticket.code, [_("This ticket has that priority already.")])
    prioritise(ctx, ticket.code, name, key=key)


def _prioritise_back(ctx: Context, ticket: Ticket, _before: object, key: str, undo_key: str) -> None:
    said = history.told(ctx, ticket, key)
    if ticket.priority != NUMBERS[said["priority"]]:
        raise StaleTicketError(ticket.code)
    prioritise(ctx, ticket.code, said["before"], key=undo_key)


def _hand_over(ctx: Context, ticket: Ticket, colleague: str, key: str) -> int | None:
    """Hand over to a colleague; returns the id of the owner before."""
    before = ticket.owner_id
    to = whole_number(colleague, digits=9)
    _pass(ctx, ticket, key, Filled(colleague=to, note=_("Handed over with other tickets.")))
    return before


def _hand_back(ctx: Context, ticket: Ticket, before: object, _key: str, undo_key: str) -> None:
    """Take the ticket back from the colleague, who has not changed it: otherwise its version would differ."""
    in_their_place = replace(ctx, by=replace(ctx.by, stands_in=ticket.owner_id))
    back_to = before if isinstance(before, int) else None
    _pass(in_their_place, ticket, undo_key, Filled(colleague=back_to, note=_("The hand-over was undone.")))


def _pass(ctx: Context, ticket: Ticket, key: str, filled: Filled) -> None:
    way = _transition(ctx, ticket, lambda each: each.holder is Holder.PASSES)
    _make(ctx, ticket, way, key, filled)


def _close_as_spam(ctx: Context, ticket: Ticket, _value: str, key: str) -> bool:
    """Close as spam; returns whether this person was the owner."""
    held = ticket.owner_id is not None
    way = _transition(ctx, ticket, lambda each: each.spam)
    reason = "spam" if way.reasons else ""
    _make(ctx, ticket, way, key, Filled(reason=reason, note=_("Closed as spam.")))
    return held


def _take_out_of_spam(ctx: Context, ticket: Ticket, held: object, _key: str, undo_key: str) -> None:
    way = _transition(ctx, ticket, lambda each: each.name == REOPEN)
    _make(ctx, ticket, way, undo_key, Filled(note=_("It was closed as spam by mistake.")))
    if held:
        claims.ensure(ctx, ticket, ticket.version)


def _make(ctx: Context, ticket: Ticket, way: Transition, key: str, filled: Filled) -> None:
    transitions.apply(ctx, ticket, way.name, version=ticket.version, key=key, filled=filled)


def _transition(ctx: Context, ticket: Ticket, fits: Callable[[Transition], bool]) -> Transition:
    """The transition that `fits` and is possible in the present state of the ticket."""
    ways = [each for each in ctx.services.workflows[ticket.workflow].transitions if fits(each)]
    if not ways:
        raise TransitionRefusedError(ticket.code, [_("This kind of ticket cannot be closed as spam.")])
    return next((each for each in ways if ticket.state in each.sources), ways[0])


#: All workflows use this name for the transition that reopens a ticket.
REOPEN = "reopen"
#: The actions that can be applied to several tickets.
ACTIONS = {
    "tag": _Action(_tag, _untag),
    "hand-over": _Action(_hand_over, _hand_back),
    "priority": _Action(_prioritise, _prioritise_back),
    "spam": _Action(_close_as_spam, _take_out_of_spam),
}
