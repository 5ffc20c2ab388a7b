"""What organisations do when something happens to a ticket."""

from __future__ import annotations

from paidsupport.sales.organisations.operations import matching
from paidsupport.sales.organisations.queries.records import tickets_of
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets import hooks

SUBSCRIPTIONS = (
    hooks.TICKET_RECEIVED.by(matching.match),
    hooks.ADDRESS_PROVEN.by(matching.match_proven),
    hooks.SPLIT_OFF.by(matching.inherit),
    hooks.TICKETS_OF.by(lambda: (Organisation.__tablename__, tickets_of)),
)
