"""Whether one line of a history follows the line before it, of tickets and of issues alike (P14)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from paidsupport.kernel import chain


def link_fault(event: Row[Any], code: str, number: int, previous: str, *, cut: bool = False) -> str:
    """What is wrong with an event that should be the one with this number; nothing if all is right.

    `cut`: an erasure has taken its data, and the digest stands for it.
    """
    if event.number != number:
        return "is out of order: the one before it is missing"
    if event.previous != previous:
        return "does not follow the one before it"
    if not cut and chain.digest(event.salt, event.data) != event.digest:
        return "has other data than was written"
    right = chain.link(
        previous,
        code=code,
        number=number,
        kind=event.kind,
        at=event.at,
        actor=(event.actor_kind, event.actor_id, event.actor_name),
        claim_number=event.claim_number,
        data_digest=event.digest,
    )
    return "" if right == event.hash else "was changed after it was written"
