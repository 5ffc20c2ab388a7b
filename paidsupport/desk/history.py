"""The history of a ticket: appended to in the same transaction as the deed, never changed (P14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from paidsupport.desk.visit import Visit
from paidsupport.kernel.edit import History
from paidsupport.store import tickets
from paidsupport.store.tickets import Event, Ticket

#: What stays of an event's data when its ticket is erased: figures, and words of our own (P13).
_HARMLESS = {
    *("from", "to", "claim", "reason", "colleague", "kind", "service", "price"),
    *("letter", "decision", "message", "other", "mentions", "step"),
    *("invoice", "serial", "of"),
}
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def cut(data: Mapping[str, object]) -> dict[str, object]:
    """`data` without anything that somebody may have typed; cutting it twice changes nothing."""
    return {
        name: value
        for name, value in data.items()
        if name in _HARMLESS
        # only a move has its reason from a list
        and (name != "reason" or "to" in data)
        and (_is_harmless(value) or (name == "mentions" and _are_figures(value)))
    }


def _is_harmless(value: object) -> bool:
    return (
        value is None or isinstance(value, int) or (isinstance(value, str) and bool(_WORD.fullmatch(value)))
    )


def _are_figures(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, int) for each in value)


def renewed_lease(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """The columns with which an owner's deed lets their claim begin its time anew (G11); none for others."""
    if ticket.lease_until is None or ticket.owner_id != visit.by.id:
        return {}
    state = visit.house.workflows[ticket.workflow].state(ticket.state)
    fresh = visit.now + visit.house.settings.lease(patient=state.patient)
    return {"lease_until": max(ticket.lease_until, fresh), "lease_warned": False}


TICKETS: History[Visit, Ticket] = History(
    Event,
    "ticket_id",
    lock=lambda visit, code: tickets.lock(visit.session, code),
    change=tickets.change,
)
edit, create, tell, append = TICKETS.edit, TICKETS.create, TICKETS.tell, TICKETS.append
done_before = TICKETS.done_before


def told(visit: Visit, ticket: Ticket, key: str) -> dict[str, Any]:
    """What history says of the deed of this actor on `ticket` that came with `key`, first or again."""
    return TICKETS.told(visit, ticket.code, key)


def once(visit: Visit, ticket: Ticket, key: str) -> str:
    """See `History.once`."""
    return TICKETS.once(visit, ticket.code, key)
