"""Assigns tickets to organisations: by the address or number of a contact, or by a person's decision (T8).

The domain of an address alone never decides: it makes a suggestion, which a person confirms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from paidsupport.kernel import addresses, phones
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.sales.organisations.queries import records as queries
from paidsupport.sales.organisations.rules import fold_name
from paidsupport.sales.organisations.tables import Organisation, OrganisationTicket
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket


def match_proven(ctx: Context, ticket: Ticket) -> None:
    """Assign a ticket, whose address was just proven, to its customer's organisation, if it has none."""
    if queries.of_ticket(ctx.session, ticket) is None:
        match(ctx, ticket)


def match(ctx: Context, ticket: Ticket, phone: str = "") -> None:
    """Assign a new ticket to the organisation whose contact wrote or called, if there is exactly one.

    Not for an order with an unproven address, because its page is shown to anyone who sends the form. The
    caller holds the ticket's lock, and the ticket has no organisation.
    """
    if found := only_one(ctx, ticket.customer_email, phone):
        clock = replace(ctx, by=CLOCK)
        _put(clock, history.edit(clock, ticket), *found)


def inherit(ctx: Context, ticket: Ticket, origin: Ticket) -> None:
    """Assign a ticket that was split off another one to the same organisation; otherwise as for a new one."""
    theirs = queries.of_ticket(ctx.session, origin)
    if theirs is not None and theirs.archived_at is None:
        _put(ctx, history.edit(ctx, ticket), theirs, "hand")
    elif queries.is_vouched_for(ctx.session, origin):
        match(ctx, ticket)


def assign(ctx: Context, code: str, typed: str, *, key: str) -> Ticket:
    """Assign a ticket to the organisation with this name or reference; returns the ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: There is no such organisation (field `organisation`).
        TransitionRefusedError: The ticket is erased.
        KeyReusedError: The form was sent with another organisation.
    """
    with history.edit(ctx, code, key=key, content=("organisation", code, typed)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.erased_at is not None:
            raise TransitionRefusedError(
                code, [_("The customer's data was erased, so this ticket can't change.")]
            )
        organisation = named(ctx, typed)
        take_away(ctx, ticket)
        _put(ctx, change, organisation, "hand")
    return ticket


def take_off(ctx: Context, code: str, *, key: str) -> Ticket:
    """Remove a ticket from its organisation. Raises NotFoundError, KeyReusedError."""
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
    """The organisation with this reference or exactly this name, locked against merging.

    Raises InvalidInputError (field `organisation`).
    """
    return _in_the_list(queries.called(ctx.session, typed, lock=True))


def both(ctx: Context, reference: str, typed: str) -> tuple[Organisation, Organisation]:
    """The organisation with this reference, and another one as in `named`, both locked.

    They are locked in the order of their ids, so that operations never deadlock. Raises NotFoundError,
    InvalidInputError (field `organisation`).
    """
    first = queries.by_reference(ctx.session, reference)
    other = queries.called(ctx.session, typed)
    queries.lock_organisations(ctx.session, {row.id for row in (first, other) if row is not None})
    # it may have been renamed before it was locked
    is_still = other is not None and (other.reference == typed.strip() or other.folded == fold_name(typed))
    return first, _in_the_list(other if is_still else None)


def _in_the_list(found: Organisation | None) -> Organisation:
    if found is None:
        raise InvalidInputError({"organisation": [_("Enter the exact name of an organisation.")]})
    if found.archived_at is not None:
        raise InvalidInputError(
            {"organisation": [_("“%(name)s” is archived. Restore it first.", name=found.name)]}
        )
    return found


def adopt(ctx: Context, organisation: Organisation, ids: Iterable[int], *, how: str) -> int:
    """Assign tickets, locked by the caller, to an organisation if they have none; returns how many."""
    free = [id_ for id_ in ids if queries.belonging(ctx.session, id_) is None]
    for id_ in free:
        _put(ctx, history.edit(ctx, tickets.by_id(ctx.session, id_)), organisation, how)
    return len(free)


def only_one(ctx: Context, email: str, phone: str) -> tuple[Organisation, str] | None:
    """The one organisation that matches a sender's address and number; None if there is none, or several."""
    address, digits = addresses.compared(email), phones.compared(phone)
    found = {"email": set[Organisation](), "phone": set[Organisation]()}
    for organisation, contact in queries.lock_spoken_for(ctx.session, address, digits):
        if address and contact.folded == address:
            found["email"].add(organisation)
        elif phones.is_same(contact.phone, phone):
            found["phone"].add(organisation)
    # an address identifies a person better than a number, which a whole office may share
    how = "email" if found["email"] else "phone"
    return (found[how].pop(), how) if len(found[how]) == 1 else None


def _put(ctx: Context, change: Change[Context, Ticket], organisation: Organisation, how: str) -> None:
    ticket = change.record
    row = OrganisationTicket(
        organisation_id=organisation.id, ticket_id=ticket.id, how=how, by_name=ctx.by.name, at=ctx.now
    )
    ctx.session.add(row)
    data = {"organisation": organisation.reference, "how": how}
    ctx.services.hooks.call(ANNOUNCED, ctx, "organisation-set", [(ticket, data)])
    change.tell("organisation-set", data)


def take_away(ctx: Context, ticket: Ticket) -> bool:
    """Remove a ticket from its organisation; returns whether it had one. The caller writes the event."""
    row = queries.belonging(ctx.session, ticket.id)
    if row is None:
        return False
    ctx.session.delete(row)
    ctx.session.flush()
    return True
