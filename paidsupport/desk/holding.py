"""Emails that may have left already, because the database was restored from a backup: a person decides."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk import contact_log, departures, history
from paidsupport.desk.visit import Visit
from paidsupport.domain.contact_log import Contacted
from paidsupport.domain.letters import LetterKind, LetterState, end_of
from paidsupport.store.departures import Departed
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

HELD = "The database was restored from a backup: this email may have left since the backup was made."


def repeats(visit: Visit, ticket: Ticket, letter: Letter) -> bool:
    """Hold a letter that may say again what left after the backup was made; whether it was held.

    Plain messages that somebody has written since say what they mean to say; but whoever contacts a customer
    first, and whatever the desk writes by itself, may say again what was said. The caller holds the lock.
    """
    if letter.message_id is not None and letter.contact is None:
        return False
    like = select(Departed).where(
        Departed.ticket_id == letter.ticket_id,
        Departed.kind == letter.kind,
        Departed.audience == letter.audience,
        Departed.who == departures.who(visit.house, letter),
        Departed.met_by == "",
    )
    found = visit.session.scalars(like.order_by(Departed.id).limit(1)).first()
    if found is None:
        return False
    found.met_by = letter.reference
    hold(visit, ticket, letter, f"{HELD} One of its kind left on {found.at:%Y-%m-%d at %H:%M} (UTC).")
    return True


def hold(visit: Visit, ticket: Ticket, letter: Letter, why: str) -> None:
    """Let a letter wait for a person: it may have left. The caller holds the ticket's lock."""
    end(visit, ticket, letter, LetterState.UNCERTAIN, why)


def end(visit: Visit, ticket: Ticket, letter: Letter, state: LetterState, why: str) -> None:
    """Let a letter end in `state`, with the reason, and tell the history of its ticket."""
    state = end_of(LetterKind(letter.kind), state)
    letter.state, letter.problem = state, why
    letter.taken_at = letter.taken_at or visit.now
    letter.taken_under = letter.claim_number
    contact_log.note(visit, letter, Contacted.SENT if state is LetterState.SENT else Contacted.UNCERTAIN)
    if letter.kind == LetterKind.DIGEST:
        return  # as when it is sent: it is about many tickets
    told = {"letter": letter.reference, "kind": letter.kind, "problem": why}
    history.tell(visit, ticket, f"letter-{state}", told, letter.claim_number)
