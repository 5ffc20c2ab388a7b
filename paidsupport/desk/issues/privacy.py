"""No personal data gets into an issue: what is typed into one goes through here (T3, N5)."""

from __future__ import annotations

from collections.abc import Iterable

from paidsupport.desk.visit import Visit
from paidsupport.errors import InvalidInputError
from paidsupport.store.tickets import Ticket


def refuse_personal(visit: Visit, about: Iterable[Ticket], text: str, field: str) -> None:
    """Refuse a text that names a customer of these tickets. Raises InvalidInputError at `field`."""
    del visit
    for ticket in about:
        for known in (ticket.customer_name, ticket.customer_email):
            if known and known.casefold() in text.casefold():
                raise InvalidInputError({field: [f"“{known}” is personal: write “the customer” instead."]})
