"""Invariants of organisations and leads (T8, T9)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from paidsupport.kernel import phones
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.sales.leads.tables import Wish
from paidsupport.sales.leads.workflow import AGREE, WIN
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationTicket
from paidsupport.tickets.tables import Event, Ticket


@invariant("organisations are consistent")
def records_fit(ctx: Context) -> Iterator[str]:
    """Nothing belongs to a merged organisation, and the one it was merged into is itself not merged."""
    other = aliased(Organisation)
    chained = select(Organisation.reference).join(other, other.id == Organisation.merged_into_id)
    for reference in ctx.session.scalars(chained.where(other.merged_into_id.is_not(None))):
        yield f"organisation {reference}: it was merged into one that is merged itself"
    for row in (OrganisationTicket, Contact):
        left = exists().where(row.organisation_id == Organisation.id)
        merged = select(Organisation.reference).where(Organisation.merged_into_id.is_not(None), left)
        for reference in ctx.session.scalars(merged):
            yield f"organisation {reference}: it was merged, but a row still points to it"


@invariant("contacts can be found")
def contacts_are_found(ctx: Context) -> Iterator[str]:
    """Every contact is found by the address and the number on their record."""
    for contact in ctx.session.scalars(select(Contact).execution_options(yield_per=1000)):
        right = (compared(contact.email), phones.compared(contact.phone))
        if (contact.folded, contact.digits) != right:
            yield f"contact {contact.reference}: they cannot be found by their address or number"


@invariant("histories say when a ticket got its organisation")
def belonging_is_told(ctx: Context) -> Iterator[str]:
    """The history of every ticket of an organisation says how it came to belong to it."""
    told = exists().where(Event.ticket_id == OrganisationTicket.ticket_id, Event.kind == "organisation-set")
    silent = select(Ticket.code).join(OrganisationTicket, OrganisationTicket.ticket_id == Ticket.id)
    yield from faults(
        ctx, silent.where(~told), "it has an organisation, but its history does not say since when"
    )


@invariant("feature requests were decided")
def wishes_were_decided(ctx: Context) -> Iterator[str]:
    """Managers decided about wishes; those accepted or granted have an issue, refused ones have none."""
    rows = ctx.session.execute(
        select(Ticket.code, Ticket.state, Ticket.erased_at, Wish)
        .join(Wish, Wish.ticket_id == Ticket.id)
        .execution_options(yield_per=1000)
    )
    for code, state, erased_at, wish in rows:
        if wish.decision and not wish.reason and not erased_at:
            yield f"{code}: the decision about a feature request has no reason"
        if wish.decision in {"", "refuse"} and wish.issue_id is not None:
            yield f"{code}: a feature request has an issue that no manager agreed to"
        accepted = state in {AGREE.target, WIN.target}
        built = wish.decision == "gratis" or (wish.decision == "offer" and accepted)
        if built and wish.issue_id is None:
            yield f"{code}: a feature request was accepted or given, but has no issue"
