"""Threading: the emails of a ticket share a subject and refer to the first email and the one they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from paidsupport.tickets.emails.queries import emails_before
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: States in which the customer's mail program may know the email.
_LEFT = {EmailState.SENT, EmailState.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Thread:
    """The position of an email in its thread; ids have no angle brackets and are empty if there is none."""

    subject: str
    root: str = ""
    answers: str = ""

    @property
    def references(self) -> list[str]:
        """The ids for the header `References`: the first email, then the one that is answered."""
        return list(dict.fromkeys(each for each in (self.root, self.answers) if each))


def thread_of(session: Session, email: Email, domain: str, mails: Sequence[tuple[str, datetime]]) -> Thread:
    """Find the thread of an email to a customer.

    The subject is always that of the ticket's first email, because mail programs split threads when the
    subject changes. The email answers the customer's latest mail if staff have not written since, otherwise
    the latest email of ours.

    Args:
        session: Reads.
        email: The email; anything written or received after it is ignored.
        domain: The part after the @ in our Message-IDs.
        mails: The customer's mails on the ticket before this email, oldest first, as (Message-ID, moment).
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
