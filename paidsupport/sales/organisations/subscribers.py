"""What organisations have to say when something happens to a ticket."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from paidsupport.sales.organisations.operations import matching
from paidsupport.sales.organisations.tables import Organisation, OrganisationTicket
from paidsupport.tickets import hooks


def tickets_of(*ids: int) -> Select[Any]:
    """The ids of the tickets of these organisations."""
    return select(OrganisationTicket.ticket_id).where(OrganisationTicket.organisation_id.in_(ids))


SUBSCRIPTIONS = (
    hooks.TICKET_RECEIVED.by(matching.match),
    hooks.ADDRESS_PROVEN.by(matching.match_proven),
    hooks.SPLIT_OFF.by(matching.inherit),
    hooks.TICKETS_OF.by(lambda: (Organisation.__tablename__, tickets_of)),
)
