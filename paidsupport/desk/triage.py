"""Triage: what arrives is sorted, one request after the other, by one decision each (T2)."""

from __future__ import annotations

from paidsupport.desk import claims, moves
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflows.request import CLAIM, COMMERCIAL, FOLLOW, FOLLOWED, MARK_SPAM, REOPEN
from paidsupport.errors import InvalidInputError
from paidsupport.store import tickets
from paidsupport.store.tickets import Ticket

#: What can be decided with one click, and the move that it is.
DECISIONS = {
    "bug": FOLLOW.name,
    "commercial": COMMERCIAL.name,
    "spam": MARK_SPAM.name,
    "take": CLAIM.name,
}


def decide(visit: Visit, code: str, decision: str, *, version: int, key: str, note: str = "") -> Ticket:
    """Say what a request is; a bug is claimed in the same transaction, and `note` says where it is followed.

    Of any number at once exactly one succeeds. Raises InvalidInputError (fields `decision`, `note`) and
    what `moves.make` raises.
    """
    if decision not in DECISIONS:
        raise InvalidInputError({"decision": ["Choose what it is."]})
    ticket = tickets.lock(visit.session, code)
    if decision != "bug":
        return moves.apply(visit, ticket, DECISIONS[decision], version=version, key=key)
    if not note.strip():
        raise InvalidInputError({"note": [FOLLOWED.unmet]})
    held = claims.ensure(visit, ticket, version)
    return moves.apply(visit, ticket, FOLLOW.name, version=held, key=key, filled=Filled(note=note))


def undo_spam(visit: Visit, code: str, *, version: int, key: str) -> Ticket:
    """Open a request again that was marked as spam. Raises what `moves.make` raises."""
    why = Filled(note="It was marked as spam by mistake.")
    return moves.make(visit, code, REOPEN.name, version=version, key=key, filled=why)
