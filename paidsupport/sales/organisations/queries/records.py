"""Queries for organisations and contacts by name, reference, address or number, and for their tickets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select
from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.queries import called_from
from paidsupport.intake.arrivals.tables import Intake
from paidsupport.kernel import phones
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.errors import existing
from paidsupport.sales.organisations.rules import fold_name
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationTicket
from paidsupport.tickets.tables import Ticket

#: The most earlier tickets of a new contact that are assigned at once.
_EARLIER = 200


def of_ticket(session: Session, ticket: Ticket) -> Organisation | None:
    """The organisation of a ticket."""
    theirs = select(Organisation).join(
        OrganisationTicket, OrganisationTicket.organisation_id == Organisation.id
    )
    return session.scalar(theirs.where(OrganisationTicket.ticket_id == ticket.id))


def belonging(session: Session, ticket_id: int) -> OrganisationTicket | None:
    """The assignment of a ticket to an organisation, and what it is based on."""
    return session.scalar(select(OrganisationTicket).where(OrganisationTicket.ticket_id == ticket_id))


def tickets_of(*ids: int) -> Select[Any]:
    """The ids of the tickets of these organisations."""
    return select(OrganisationTicket.ticket_id).where(OrganisationTicket.organisation_id.in_(ids))


def by_reference(session: Session, reference: str, *, lock: bool = False) -> Organisation:
    """The organisation with this reference, archived or not. Raises NotFoundError."""
    wanted = select(Organisation).where(Organisation.reference == reference)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return existing(session.scalar(wanted))


def called(session: Session, typed: str, *, lock: bool = False) -> Organisation | None:
    """The organisation with this reference or exactly this name; locked if `lock` is set."""
    named = or_(Organisation.reference == typed.strip(), Organisation.folded == fold_name(typed))
    wanted = select(Organisation).where(named)
    return session.scalars(wanted.with_for_update(read=True) if lock else wanted).first()


def lock_organisations(session: Session, ids: Collection[int]) -> dict[int, Organisation]:
    """Lock these organisations in the order of their ids; returns them by id."""
    wanted = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update()
    return {row.id: row for row in session.scalars(wanted, execution_options={"populate_existing": True})}


def every_organisation(session: Session) -> Sequence[Organisation]:
    """All organisations, including archived ones."""
    return session.scalars(select(Organisation).order_by(Organisation.id)).all()


def contacts(session: Session, *which: ColumnElement[bool]) -> Sequence[Contact]:
    """The matching contacts of all organisations; all contacts without a condition."""
    return session.scalars(select(Contact).where(*which).order_by(Contact.id)).all()


def contacts_known_by(session: Session, who: str) -> Sequence[Contact]:
    """The contacts with this address or, if it is not an address, with this number."""
    if "@" in who:
        return contacts(session, Contact.folded == compared(who))
    if not (digits := phones.compared(who)):
        return []
    return [row for row in contacts(session, Contact.digits == digits) if phones.is_same(row.phone, who)]


def lock_spoken_for(session: Session, address: str, digits: str) -> Sequence[Row[Organisation, Contact]]:
    """Lock organisations that have a contact with this address or number, and these contacts."""
    said = [Contact.folded == address] if address else []
    said += [Contact.digits == digits] if digits else []
    if not said:
        return []
    wanted = select(Organisation, Contact).join(Contact, Contact.organisation_id == Organisation.id)
    wanted = wanted.where(Organisation.archived_at.is_(None), or_(*said)).order_by(Organisation.id)
    return session.execute(wanted.with_for_update(read=True, of=Organisation)).all()


def earlier(session: Session, email: str, phone: str) -> list[int]:
    """The ids of the newest tickets with this address or number."""
    found = set(called_from(session, phone, _EARLIER))
    if email:
        theirs = select(Ticket.id).where(Ticket.customer_address == compared(email), vouched_for())
        theirs = theirs.where(Ticket.erased_at.is_(None)).order_by(Ticket.id.desc())
        found |= set(session.scalars(theirs.limit(_EARLIER)))
    return sorted(found)


def vouched_for() -> ColumnElement[bool]:
    """The condition that more than an order names the customer: a proof, their mail, or a recorded call."""
    came = exists().where(Intake.ticket_id == Ticket.id, Intake.channel.in_(("mail", "phone")))
    return Ticket.address_proven_at.is_not(None) | came


def is_vouched_for(session: Session, ticket: Ticket) -> bool:
    """Like `vouched_for`, for one ticket."""
    return session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, vouched_for())) is not None
