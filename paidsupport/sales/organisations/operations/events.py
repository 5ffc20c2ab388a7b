"""Kinds of events of a ticket that tell of its organisation."""

from __future__ import annotations

from paidsupport.kernel.events import one_of
from paidsupport.tickets.events import event

_BY_ITSELF = "{who} put it to an organisation: its sender is a contact"

KINDS = (
    event(
        "organisation-set",
        one_of("how", {"email": _BY_ITSELF, "phone": _BY_ITSELF}, "{who} put it to an organisation"),
        webhook=True,
    ),
    event("organisation-taken", "{who} said that it is no organisation’s"),
)
