"""The history of a ticket: appended to in the same transaction as the deed, never changed (P14)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.desk.visit import Visit
from paidsupport.domain import chain
from paidsupport.errors import KeyReusedError
from paidsupport.store import tickets
from paidsupport.store.plain import plainly
from paidsupport.store.tickets import Event, Ticket

#: The columns of a ticket that go on with every event.
_HEAD = ("event_count", "event_hash", "changed_at")
_BY_KEY = select(Event.kind, Event.ticket_id, Event.data, Event.fingerprint).where(
    Event.key == bindparam("key")
)
#: What stays of an event's data when its ticket is erased: figures, and words of our own (P13).
_HARMLESS = {
    *("from", "to", "claim", "reason", "colleague", "kind", "service", "price"),
    *("letter", "decision", "message", "other", "mentions", "step"),
    *("invoice", "serial", "of"),
}
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Recorded(Protocol):
    """Whatever has a history: a ticket, an issue."""

    @property
    def code(self) -> str: ...
    @property
    def claim_number(self) -> int: ...
    @property
    def event_count(self) -> int: ...
    @property
    def event_hash(self) -> str: ...


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


def append(
    visit: Visit,
    ticket: Ticket,
    kind: str,
    data: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
    fingerprint: str | None = None,
    claim_number: int | None = None,
) -> dict[str, object]:
    """Add an event and return the columns of the ticket that must be written with it.

    The caller holds the ticket's lock. `claim_number` is the one the deed happened under, by default
    the present one.
    """
    line = following(visit, ticket, kind, data, key=key, fingerprint=fingerprint, claim_number=claim_number)
    tickets.add(visit.session, Event, ticket_id=ticket.id, **line)
    return {name: getattr(ticket, name) for name in _HEAD}


def following(
    visit: Visit,
    ticket: Recorded,
    kind: str,
    data: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
    fingerprint: str | None = None,
    claim_number: int | None = None,
) -> dict[str, object]:
    """As `append`, but nothing is written: the event's columns, with `ticket` as it must be beside it."""
    data = dict(data or {})
    salt = secrets.token_hex(16)
    digest = chain.digest(salt, data)
    number = ticket.event_count + 1
    under = ticket.claim_number if claim_number is None else claim_number
    link = chain.link(
        ticket.event_hash,
        code=ticket.code,
        number=number,
        kind=kind,
        at=visit.now,
        actor=(visit.by.kind, visit.by.id, visit.by.name),
        claim_number=under,
        data_digest=digest,
    )
    line: dict[str, object] = {
        "number": number,
        "kind": kind,
        "at": visit.now,
        "actor_kind": visit.by.kind,
        "actor_id": visit.by.id,
        "actor_name": visit.by.name,
        "claim_number": under,
        "data": data,
        "salt": salt,
        "digest": digest,
        "previous": ticket.event_hash,
        "hash": link,
        "key": key,
        "fingerprint": fingerprint,
    }
    for name, value in zip(_HEAD, (number, link, visit.now), strict=True):
        set_committed_value(ticket, name, value)
    return line


def renewed_lease(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """The columns with which an owner's deed lets their claim begin its time anew (G11); none for others."""
    if ticket.lease_until is None or ticket.owner_id != visit.by.id:
        return {}
    state = visit.house.workflows[ticket.workflow].state(ticket.state)
    fresh = visit.now + visit.house.settings.lease(patient=state.patient)
    return {"lease_until": max(ticket.lease_until, fresh), "lease_warned": False}


def once(visit: Visit, ticket: Ticket, key: str) -> str:
    """The form's key as it is kept for a deed of this actor on `ticket`.

    One page may hold buttons for many tickets under one key: each of them can be pressed once. Programs
    number their keys as they like: two of them may choose the same.
    """
    return chain.fingerprint(visit.by.kind, visit.by.id, ticket.code, key)


def told(visit: Visit, ticket: Ticket, key: str) -> dict[str, Any]:
    """What history says of the deed of this actor on `ticket` that came with `key`, first or again."""
    row = plainly(visit.session, _BY_KEY, {"key": once(visit, ticket, key)}).one()
    return dict(row.data)


def done_before(visit: Visit, key: str, fingerprint: str) -> Row[Any] | None:
    """The event that this one-time key already brought about, if any (design §5.6): what it is and says.

    Raises KeyReusedError when it came with other content then.
    """
    found = plainly(visit.session, _BY_KEY, {"key": key}).one_or_none()
    if found is not None and found.fingerprint != fingerprint:
        raise KeyReusedError
    return found
