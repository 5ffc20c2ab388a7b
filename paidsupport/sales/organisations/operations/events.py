"""Kinds of events about the organisation of a ticket."""

from __future__ import annotations

from paidsupport.kernel.events import Fact, one_of
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event

_BY_ITSELF = _("{who} recognised the organisation by a contact")

KINDS = (
    event(
        "organisation-set",
        one_of("how", {"email": _BY_ITSELF, "phone": _BY_ITSELF}, _("{who} chose the organisation")),
        facts={
            "organisation": Fact("Its name in addresses"),
            "how": Fact("How it was found: `hand`, `email` or `phone`"),
        },
    ),
    event("organisation-taken", _("{who} removed the organisation")),
)
