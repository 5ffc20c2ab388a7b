"""Merging a duplicate into the ticket that it repeats, and taking the two apart again (P7).

No second way of ending a ticket: a duplicate ends by the move of its workflow that has the reason
`duplicate`, and is opened again by the one that frees it. Nobody is written to, and what was said stays
where it was said; only the pages of the other ticket show it as well, and what comes in goes there.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from paidsupport.desk import contact_log, correspondence, deadlines, history, moves, relations
from paidsupport.desk.hooks import AGAINST_MERGING, MERGED
from paidsupport.desk.moves import Filled
from paidsupport.desk.people import holder_name
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import tidy_code
from paidsupport.domain.workflow import Move, Part, Workflow
from paidsupport.errors import MoveRefusedError, NotFoundError, StaleTicketError
from paidsupport.kernel.edit import Change
from paidsupport.store import addresses, tickets
from paidsupport.store.decisions import Decision
from paidsupport.store.hostwork import Entry, Item
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Secret

_RECORD = (
    "Work has begun on this ticket, or the customer gave access, a consent or more work: that stays where it"
    " is. Merge the other ticket into this one, or link the two."
)
#: The reason with which a move ends a duplicate.
_REASON = "duplicate"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two tickets side by side with who holds them, and what stands against merging them, in sentences.

    Without an `other`, the sentence says what is wrong with its code.
    """

    ticket: Ticket
    other: Ticket | None
    holders: tuple[str, str]
    against: list[str]


def weigh(visit: Visit, code: str, typed: str) -> Weighed:
    """What `merge` would do now; nothing is locked or changed. Raises NotFoundError for the first code."""
    other_code = tidy_code(typed) or ""
    rows = visit.session.scalars(select(Ticket).where(Ticket.code.in_((code, other_code))))
    found = {ticket.code: ticket for ticket in rows}
    if code not in found:
        raise NotFoundError
    ticket, other = found[code], found.get(other_code)
    if other is None or other is ticket:
        wrong = "A ticket cannot be merged into itself." if other else "There is no ticket with this code."
        return Weighed(ticket, None, (holder_name(visit, ticket), ""), [wrong])
    holders = (holder_name(visit, ticket), holder_name(visit, other))
    return Weighed(ticket, other, holders, _against(visit, ticket, other))


def merge(visit: Visit, code: str, other_code: str, *, version: int, other_version: int, key: str) -> Ticket:
    """End the ticket called `code` as a duplicate of the other one, which shows both from then on.

    `version` and `other_version`: how the two were seen. Returns the duplicate. Raises NotFoundError,
    InvalidInputError (field `other`), StaleTicketError, MoveRefusedError, KeyReusedError.
    """
    ticket, other = relations.both(visit, code, other_code, "merged into")
    with history.edit(visit, ticket, key=key, content=("merge", code, other.code, visit.by.id)) as change:
        if change.repeated:
            return ticket
        for seen, at in ((ticket, version), (other, other_version)):
            if seen.version != at:
                raise StaleTicketError(seen.code, holder_name(visit, seen))
        against = _against(visit, ticket, other)
        ending = _ending(visit.house.workflows[ticket.workflow], ticket)
        if against or ending is None:
            raise MoveRefusedError(code, against)
        _end(visit, ticket, other, ending, change)
    return ticket


def _end(visit: Visit, ticket: Ticket, other: Ticket, ending: Move, change: Change[Visit, Ticket]) -> None:
    filled = Filled(reason=_REASON, note=f"Merged into {other.code}.")
    unanswered = ticket.awaits == "desk" and ticket.thread > 0
    visit.house.hooks.call(MERGED, visit, ticket, other)
    moves.apply(visit, ticket, ending.name, version=ticket.version, filled=filled)
    change.tell("merged", {"other": other.code}, merged_into_id=other.id)
    columns = _waits(visit, other) if unanswered else {}
    history.tell(visit, other, "merged-here", {"other": ticket.code}, **columns)


def take_apart(visit: Visit, code: str, *, version: int, key: str) -> Ticket:
    """Undo a merge: the duplicate called `code` is open again, for anybody to claim; returns it.

    A claim that it had does not come back: claims are taken by people. What came in meanwhile stays on the
    other ticket. Raises NotFoundError, StaleTicketError, MoveRefusedError, KeyReusedError.
    """
    wanted = select(Ticket.id, Ticket.merged_into_id).where(Ticket.code == code)
    row = visit.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError
    locked = tickets.lock_all(visit.session, {row.id, row.merged_into_id or row.id})
    ticket = locked[row.id]
    with history.edit(visit, ticket, key=key, content=("take-apart", code, visit.by.id)) as change:
        if change.repeated:
            return ticket
        # also whoever was faster between the first look and the locks has changed the version
        if ticket.version != version:
            raise StaleTicketError(code, holder_name(visit, ticket))
        opening = _opening(visit.house.workflows[ticket.workflow], ticket.state)
        if ticket.merged_into_id is None or opening is None:
            raise MoveRefusedError(code, ["This ticket is not merged into another one."])
        other = locked[ticket.merged_into_id]
        tickets.change(visit.session, ticket, merged_into_id=None)
        filled = Filled(note=f"Taken apart from {other.code}.")
        moves.apply(visit, ticket, opening.name, version=version, filled=filled)
        change.tell("taken-apart", {"other": other.code})
        history.tell(visit, other, "taken-apart", {"other": ticket.code})
    return ticket


def _waits(visit: Visit, other: Ticket) -> dict[str, object]:
    """What the customer asked on the duplicate is answered on the other ticket, and is due there."""
    due = deadlines.asked(visit, other)
    return {**correspondence.lease_after_reply(visit, other), **due, "awaits": "desk"}


def _ending(flow: Workflow, ticket: Ticket) -> Move | None:
    """The move that ends `ticket` as a duplicate and leaves a way back, if there is one from its state."""
    for move in flow.moves:
        inside = move.target is not None and not move.into
        ends = inside and flow.state(move.target or "").part is Part.CLOSED
        if ends and ticket.state in move.sources and _REASON in {reason.name for reason in move.reasons}:
            return move if _opening(flow, move.target or "") else None
    return None


def _opening(flow: Workflow, state: str) -> Move | None:
    """The move that leads from an end to where anybody can claim."""
    for move in flow.moves:
        inside = state in move.sources and move.target and not move.into
        if inside and flow.state(move.target or "").part is Part.UNASSIGNED:
            return move
    return None


def _against(visit: Visit, ticket: Ticket, other: Ticket) -> list[str]:
    """Every reason why `ticket` is not merged into `other` now, as sentences that say what to do instead."""
    if sentence := _between_strangers(ticket, other) or _in_a_chain(visit, ticket, other):
        return [sentence]
    if ticket.part == Part.CLOSED:
        return ["This ticket has ended: there is nothing to merge. Link the two instead."]
    ending = _ending(visit.house.workflows[ticket.workflow], ticket)
    if ending is None or _has_a_record(visit, ticket):
        return [_RECORD]
    # what the form of the move asks for is given with every merge
    against = [need.unmet for need in ending.blocked(moves.facts(visit, ticket, ending, asked_for=False))]
    if other.part == Part.CLOSED:
        against.append(f"{other.code} has ended. Open it again first, or link the two.")
    against += [said for said in visit.house.hooks.call(AGAINST_MERGING, visit, ticket) if said]
    if contact_log.has_begun(visit, ticket) and not contact_log.has_begun(visit, other):
        against.append(
            f"The customer has been written to about this ticket and not about {other.code}, and nobody is"
            f" contacted twice. Merge {other.code} into this one."
        )
    return against


def _between_strangers(ticket: Ticket, other: Ticket) -> str:
    """Why one customer must not see both, if so: whoever opens the page of one sees the other as well."""
    for each in (ticket, other):
        if each.erased_at is not None:
            return f"Everything personal of {each.code} was erased: it stays as it is."
    if not addresses.is_same(ticket.customer_email, other.customer_email):
        # who has called is known by what they said alone: that makes nobody the same
        return (
            "The two are of different customers, and each would read what the other wrote."
            " Link the two instead."
        )
    if ticket.customer_user_id != other.customer_user_id:
        # an order proves no address: somebody signed in may have typed that of somebody else
        return (
            "One of the two was ordered under an account of the site that the other does not belong to, and"
            " that account would open both. Link the two instead."
        )
    return ""


def _in_a_chain(visit: Visit, ticket: Ticket, other: Ticket) -> str:
    if ticket.merged_into_id is not None:
        return "This ticket is merged into another one already."
    if other.merged_into_id is not None:
        final = tickets.living(visit.session, other).code
        return f"{other.code} is itself merged into {final}: merge this one into that."
    inside = select(Ticket.code).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.id).limit(1)
    if code := visit.session.scalar(inside):
        return f"{code} was merged into this ticket. Merge {other.code} into this one, or take them apart."
    return ""


def _has_a_record(visit: Visit, ticket: Ticket) -> bool:
    """Whether anything was done on the customer's host, given to us, or agreed on by a click."""
    agreed = select(Decision.id).where(Decision.ticket_id == ticket.id, Decision.answer == "approved")
    rows = [select(row.id).where(row.ticket_id == ticket.id) for row in (Secret, Item, Entry)]
    there = or_(*(query.exists() for query in (agreed, *rows)))
    return visit.session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, there)) is not None
