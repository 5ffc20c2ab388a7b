"""How the emails of one ticket hang together: one subject, the first of all, and the one that is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.domain.letters import LetterState
from paidsupport.store.post import Letter

#: What the customer's mail program may know.
_LEFT = {LetterState.SENT, LetterState.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Thread:
    """Where an email stands among those of its ticket; ids without angle brackets, empty if there is none."""

    subject: str
    root: str = ""
    answers: str = ""

    @property
    def references(self) -> list[str]:
        """The first of all, then the one that is answered."""
        return list(dict.fromkeys(each for each in (self.root, self.answers) if each))


def thread_of(session: Session, letter: Letter, domain: str, mails: Sequence[tuple[str, datetime]]) -> Thread:
    """The thread of a letter to a customer.

    The subject is that of the ticket's first letter, whatever later ones are about: mail programs hold apart
    what has another subject. It answers the customer's latest mail if nobody of the desk has written since,
    else the latest letter.

    Args:
        session: Reads.
        letter: The letter; what was written or came in after it does not count.
        domain: What stands behind the @ in our Message-IDs.
        mails: The customer's mails on the ticket before the letter, oldest first: Message-ID and moment.
    """
    ours = _letters(session, letter)
    first = ours[0] if ours else letter
    subject = letter.subject if first.reference == letter.reference else f"Re: {first.subject}"
    begun = [(at, header_id) for header_id, at in mails[:1]]
    if first.reference != letter.reference:
        begun.append((first.created_at, f"{first.reference}@{domain}"))
    root = min(begun, key=lambda each: each[0])[1] if begun else ""
    return Thread(subject, root, _answered(ours, mails, letter, domain))


def _answered(ours: Sequence[Any], mails: Sequence[tuple[str, datetime]], letter: Letter, domain: str) -> str:
    left = [row for row in ours if row.state in _LEFT and row.reference != letter.reference]
    written = [row.created_at for row in left if row.message_id]
    if mails and (not written or mails[-1][1] > written[-1]):
        return mails[-1][0]
    return f"{left[-1].reference}@{domain}" if left else ""


def _letters(session: Session, letter: Letter) -> Sequence[Any]:
    """The letters to the customer up to this one, oldest first."""
    columns = (Letter.reference, Letter.subject, Letter.state, Letter.message_id, Letter.created_at)
    wanted = select(*columns).where(Letter.ticket_id == letter.ticket_id, Letter.audience == "customer")
    return session.execute(wanted.where(Letter.id <= letter.id).order_by(Letter.id)).all()
