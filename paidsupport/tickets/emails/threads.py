"""How the emails of one ticket hang together: one subject, the first of all, and the one that is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from paidsupport.tickets.emails.queries import emails_before
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: What the customer's mail program may know.
_LEFT = {EmailState.SENT, EmailState.UNCERTAIN}


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


def thread_of(session: Session, email: Email, domain: str, mails: Sequence[tuple[str, datetime]]) -> Thread:
    """The thread of an email to a customer.

    The subject is that of the ticket's first letter, whatever later ones are about: mail programs hold apart
    what has another subject. It answers the customer's latest mail if nobody of the desk has written since,
    else the latest email.

    Args:
        session: Reads.
        email: The email; what was written or came in after it does not count.
        domain: What stands behind the @ in our Message-IDs.
        mails: The customer's mails on the ticket before the email, oldest first: Message-ID and moment.
    """
    ours = emails_before(session, email)
    first = ours[0] if ours else email
    subject = email.subject if first.reference == email.reference else f"Re: {first.subject}"
    begun = [(at, header_id) for header_id, at in mails[:1]]
    if first.reference != email.reference:
        begun.append((first.created_at, f"{first.reference}@{domain}"))
    root = min(begun, key=lambda each: each[0])[1] if begun else ""
    return Thread(subject, root, _answered(ours, mails, email, domain))


def _answered(ours: Sequence[Any], mails: Sequence[tuple[str, datetime]], email: Email, domain: str) -> str:
    left = [row for row in ours if row.state in _LEFT and row.reference != email.reference]
    written = [row.created_at for row in left if row.message_id]
    if mails and (not written or mails[-1][1] > written[-1]):
        return mails[-1][0]
    return f"{left[-1].reference}@{domain}" if left else ""
