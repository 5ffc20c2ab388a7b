"""Which organisation a ticket belongs to: by the address or number of a contact, else a person says so (T8).

Never by the domain of an address alone: that is proposed, and somebody confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, exists, or_, select

from paidsupport.kernel import addresses, phones
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.sales.organisations.rules import fold_name
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationTicket
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.arrivals.tables import Intake
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: Earlier tickets of a new contact that become its organisation's at once.
_MOST = 200


@dataclass(frozen=True, slots=True)
class _Match:
    organisation_id: int
    reference: str
    how: str


def match_proven(ctx: Context, ticket: Ticket) -> None:
    """Put a ticket whose address was just proven to the organisation of its customer, if it has none."""
    if of(ctx, ticket) is None:
        match(ctx, ticket)


def match(ctx: Context, ticket: Ticket, phone: str = "") -> None:
    """Put a new ticket to the organisation whose contact wrote or called, if there is exactly one.

    Not for an order whose address nothing has proven: whoever fills in the form reads its page at once.
    The caller holds the ticket's lock, and the ticket has no organisation.
    """
    if found := _only_one(ctx, ticket.customer_email, phone):
        clock = replace(ctx, by=CLOCK)
        _put(clock, history.edit(clock, ticket), found)


def inherit(ctx: Context, ticket: Ticket, origin: Ticket) -> None:
    """Put a ticket that came out of another one to the same organisation; else as any new one."""
    theirs = of(ctx, origin)
    if theirs is not None and theirs.archived_at is None:
        _put(ctx, history.edit(ctx, ticket), _Match(theirs.id, theirs.reference, "hand"))
    elif is_vouched_for(ctx, origin):
        match(ctx, ticket)


def assign(ctx: Context, code: str, typed: str, *, key: str) -> Ticket:
    """Say that a ticket belongs to the organisation with this name or reference; returns the ticket.

    Raises NotFoundError, InvalidInputError (field `organisation`), TransitionRefusedError (erased),
    KeyReusedError.
    """
    with history.edit(ctx, code, key=key, content=("organisation", code, typed)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.erased_at is not None:
            raise TransitionRefusedError(
                code, ["Everything personal was erased: this ticket stays as it is."]
            )
        organisation = named(ctx, typed)
        take_away(ctx, ticket)
        found = _Match(organisation.id, organisation.reference, "hand")
        _put(ctx, change, found)
    return ticket


def take_off(ctx: Context, code: str, *, key: str) -> Ticket:
    """Say that a ticket belongs to no organisation. Raises NotFoundError, KeyReusedError."""
    with history.edit(ctx, code, key=key, content=("no-organisation", code)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if take_away(ctx, ticket):
            change.tell("organisation-taken")
        else:
            change.nothing_new()
    return ticket


def named(ctx: Context, typed: str) -> Organisation:
    """The organisation with this reference, or exactly this name, held against being merged meanwhile.

    Raises InvalidInputError (field `organisation`).
    """
    wanted = select(Organisation).where(_is_called(typed)).with_for_update(read=True)
    return _in_the_list(ctx.session.scalars(wanted).first())


def both(ctx: Context, reference: str, typed: str) -> tuple[Organisation, Organisation]:
    """The organisation with this reference, and another as in `named`, both locked.

    They are locked in the order of their ids: two operations at once never deadlock. Raises NotFoundError,
    InvalidInputError (field `organisation`).
    """
    first = by_reference(ctx, reference).id
    second = ctx.session.scalars(select(Organisation.id).where(_is_called(typed))).first()
    wanted = select(Organisation).where(Organisation.id.in_({first, second or first}))
    wanted = wanted.order_by(Organisation.id).with_for_update().execution_options(populate_existing=True)
    locked = {row.id: row for row in ctx.session.scalars(wanted)}
    other = locked.get(second) if second is not None else None
    # its name may have been changed before it was locked
    is_still = other is not None and (other.reference == typed.strip() or other.folded == fold_name(typed))
    return locked[first], _in_the_list(other if is_still else None)


def _is_called(typed: str) -> ColumnElement[bool]:
    return or_(Organisation.reference == typed.strip(), Organisation.folded == fold_name(typed))


def _in_the_list(found: Organisation | None) -> Organisation:
    if found is None:
        raise InvalidInputError({"organisation": ["There is no organisation with exactly this name."]})
    if found.archived_at is not None:
        raise InvalidInputError({"organisation": [f"“{found.name}” is put away: take it back first."]})
    return found


def of(ctx: Context, ticket: Ticket) -> Organisation | None:
    """The organisation of a ticket."""
    wanted = select(Organisation).join(
        OrganisationTicket, OrganisationTicket.organisation_id == Organisation.id
    )
    return ctx.session.scalar(wanted.where(OrganisationTicket.ticket_id == ticket.id))


def adopt(ctx: Context, organisation: Organisation, ids: Iterable[int], *, how: str) -> int:
    """Put tickets, locked by the caller, to an organisation where they have none; returns how many."""
    taken = select(OrganisationTicket.ticket_id)
    free = [
        id_ for id_ in ids if ctx.session.scalar(taken.where(OrganisationTicket.ticket_id == id_)) is None
    ]
    for id_ in free:
        ticket = tickets.by_id(ctx.session, id_)
        _put(ctx, history.edit(ctx, ticket), _Match(organisation.id, organisation.reference, how))
    return len(free)


def earlier(ctx: Context, email: str, phone: str) -> list[int]:
    """The ids of the newest tickets of this address or number."""
    found: set[int] = set()
    if email:
        theirs = select(Ticket.id).where(
            Ticket.customer_address == addresses.compared(email), Ticket.erased_at.is_(None), vouched_for()
        )
        found |= set(ctx.session.scalars(theirs.order_by(Ticket.id.desc()).limit(_MOST)))
    if digits := phones.compared(phone):
        called = select(Intake.ticket_id, Intake.phone).where(Intake.digits == digits)
        rows = ctx.session.execute(called.order_by(Intake.ticket_id.desc()).limit(_MOST))
        found |= {row.ticket_id for row in rows if phones.is_same(row.phone, phone)}
    return sorted(found)


def vouched_for() -> ColumnElement[bool]:
    """Whether more than an order names the customer: a proof, the mail it came by, or who took the call."""
    came = exists().where(Intake.ticket_id == Ticket.id, Intake.channel.in_(("mail", "phone")))
    return Ticket.address_proven_at.is_not(None) | came


def is_vouched_for(ctx: Context, ticket: Ticket) -> bool:
    """As `vouched_for`, for one ticket."""
    return ctx.session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, vouched_for())) is not None


def _only_one(ctx: Context, email: str, phone: str) -> _Match | None:
    """What a sender's address and number say; nothing if they say nothing, or two things."""
    address, digits = addresses.compared(email), phones.compared(phone)
    said = [Contact.folded == address] if address else []
    said += [Contact.digits == digits] if digits else []
    if not said:
        return None
    wanted = select(Organisation.id, Organisation.reference, Contact.folded, Contact.phone)
    wanted = wanted.join(Contact, Contact.organisation_id == Organisation.id)
    wanted = wanted.where(Organisation.archived_at.is_(None), or_(*said)).order_by(Organisation.id)
    found = {"email": dict[int, str](), "phone": dict[int, str]()}
    for row in ctx.session.execute(wanted.with_for_update(read=True, of=Organisation)):
        if address and row.folded == address:
            found["email"][row.id] = row.reference
        elif phones.is_same(row.phone, phone):
            found["phone"][row.id] = row.reference
    for how, organisations in found.items():
        # an address says more than a number, which a whole office may share
        if len(organisations) == 1:
            ((id_, reference),) = organisations.items()
            return _Match(id_, reference, how)
        if organisations:
            return None
    return None


def _put(ctx: Context, change: Change[Context, Ticket], found: _Match) -> None:
    ticket = change.record
    row = OrganisationTicket(
        organisation_id=found.organisation_id,
        ticket_id=ticket.id,
        how=found.how,
        by_name=ctx.by.name,
        at=ctx.now,
    )
    ctx.session.add(row)
    data = {"organisation": found.reference, "how": found.how}
    ctx.services.hooks.call(ANNOUNCED, ctx, ticket, "organisation-set", data)
    change.tell("organisation-set", data)


def take_away(ctx: Context, ticket: Ticket) -> bool:
    """Let a ticket have no organisation any more; whether it had one. The caller tells its history."""
    row = ctx.session.scalar(select(OrganisationTicket).where(OrganisationTicket.ticket_id == ticket.id))
    if row is None:
        return False
    ctx.session.delete(row)
    ctx.session.flush()
    return True


def by_reference(ctx: Context, reference: str, *, lock: bool = False) -> Organisation:
    """The organisation with this random name, put away or not. Raises NotFoundError."""
    wanted = select(Organisation).where(Organisation.reference == reference)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = ctx.session.scalar(wanted)
    if found is None:
        raise NotFoundError
    return found
