"""A site's own ERP: told of organisations and leads through the outbox of the webhook (T8, T19).

What happens is a delivery in the transaction of the operation; a worker hands it over, at least once each. An
ERP is one receiver of deliveries: it gets those that concern it, and knows by their id what it has had.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

#: The deliveries that concern an ERP.
EVENTS = frozenset({"organisation-set", "lead-accepted", "lead-won", "lead-lost"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an ERP writes down; nothing personal of a customer is in it."""

    #: By it an ERP knows what it has had.
    id: str
    event: str
    at: datetime
    #: The code of the ticket, and the random name of its organisation, if it has one.
    ticket: str
    organisation: str
    link: str
    #: What was agreed on, in the smallest unit of its currency.
    price_minor: int = 0
    currency: str = ""


class Erp(Protocol):
    """Where a site keeps its customers and invoices."""

    def record(self, fact: Fact) -> None:
        """Write a fact down, once however often it comes. Raises NotDeliveredError to get it again later."""


class ErpReceiver:
    """A receiver of deliveries that hands to an ERP what concerns it."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Hand one over. Raises NotDeliveredError if the ERP does."""
        said = json.loads(body)
        if said["event"] not in EVENTS:
            return
        fact = Fact(
            id=reference,
            event=said["event"],
            at=at,
            ticket=said["ticket"],
            organisation=said.get("organisation") or "",
            link=said["link"],
            price_minor=said.get("price") or 0,
            currency=said.get("currency") or "",
        )
        self._erp.record(fact)
