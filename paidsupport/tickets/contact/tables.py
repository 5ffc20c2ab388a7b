"""The log of contacts: what happened to each email that opens a conversation, and when. Append-only."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Word
from paidsupport.kernel.db.marks import OURS, plain
from paidsupport.tickets.contact.rules import ContactLog


class ContactLine(Base):
    """One line of the log; never changed, never deleted.

    `turn` is set where an attempt to send begins, so no two emails can be tried for one turn of a slot.
    """

    __tablename__ = "paidsupport_contact_log"
    __table_args__ = (
        UniqueConstraint("ticket_id", "slot", "turn"),
        CheckConstraint("(turn IS NOT NULL) = (what = 'taken')", name="turn"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: `first`: once per ticket over all its claims. `claim-N`: once per claim.
    slot: Mapped[str] = mapped_column(String(40), info=plain(OURS))
    turn: Mapped[int | None]
    #: The email's reference, which stays the same if the email's row is restored.
    letter: Mapped[Word]
    claim_number: Mapped[int]
    what: Mapped[Word]
    at: Mapped[Moment]


def of_ticket(session: Session, ticket_id: int) -> ContactLog:
    """Read the log of one ticket."""
    wanted = select(ContactLine.slot, ContactLine.letter, ContactLine.claim_number, ContactLine.what)
    return ContactLog(
        session.execute(wanted.where(ContactLine.ticket_id == ticket_id).order_by(ContactLine.id))
    )
