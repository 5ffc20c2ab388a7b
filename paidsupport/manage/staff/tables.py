"""Invitations to work at the desk: what is sent of them is a link, which is stored nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from paidsupport.kernel.addresses import LONGEST, compared
from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import STAFF, of_staff

_KEPT = "histories say who was invited"
#: How far its email is; see `paidsupport.kernel.outbox`.
_SENDING = ("state", "attempts", "due_at", "taken_at", "problem")


class Invitation(Base):
    """An address that was asked to work here; who opens its link, signed in at the host, does."""

    __tablename__ = "paidsupport_invitation"
    __table_args__ = (
        CheckConstraint("role IN ('developer', 'manager')", name="role"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'withdrawn')", name="state"),
        CheckConstraint("(accepted_at IS NULL) = (person_id IS NULL)", name="accepted"),
        partial_index(
            "uq_paidsupport_invitation_open",
            "address",
            unique=True,
            where="accepted_at IS NULL AND withdrawn_at IS NULL",
        ),
        {"info": configuration("invitation", "person", besides=_SENDING)},
    )

    id: Mapped[Id]
    #: What the link is made of, with the edition; nothing is shown of either.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: Grows when it is sent again: earlier links are void.
    edition: Mapped[int] = mapped_column(default=1)
    email: Mapped[Name] = mapped_column(info=of_staff(STAFF, reason=_KEPT))
    #: The address as it is compared.
    address: Mapped[str] = mapped_column(String(LONGEST), info=of_staff(reason=_KEPT))
    role: Mapped[Word]
    invited_by: Mapped[StaffName]
    invited_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    withdrawn_by: Mapped[StaffName] = mapped_column(default="")
    withdrawn_at: Mapped[Maybe]
    accepted_at: Mapped[Maybe]
    #: Who accepted it.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: How far its email is; see `paidsupport.kernel.outbox`.
    state: Mapped[Word] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Moment]
    taken_at: Mapped[Maybe]
    #: What went wrong last, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=of_staff(reason=_KEPT))

    @validates("email")
    def _compare(self, _name: str, email: str) -> str:
        self.address = compared(email)
        return email

    def is_open(self, now: datetime) -> bool:
        """Whether it can be accepted."""
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > now
