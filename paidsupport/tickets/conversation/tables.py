"""Messages with the customer, annotations among staff, and the files of both.

These are two tables on purpose: no query for messages can ever return an annotation (G10).
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
)
from sqlalchemy.orm import Mapped, mapped_column, validates

from paidsupport.kernel.db.base import Base, BigKey, Id, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import CUSTOMER, GONE, PROGRAM, STAFF, STORED, personal
from paidsupport.privacy import redaction


def _without_customer(table: Table) -> ColumnElement[str]:
    """What an erasure puts in place of names: those of staff stay, the customer's is removed."""
    return case((table.c.direction == "in", GONE), else_=table.c.author_name)


#: The claim number of messages that were written in another system, before the ticket was moved in.
ELSEWHERE = 0


class Message(Base):
    """One message between the desk and the customer; `direction` is `out` or `in`."""

    __tablename__ = "paidsupport_message"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("direction = 'in' OR claim_number IS NOT NULL", name="fenced"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    number: Mapped[int]
    direction: Mapped[Word]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    author_name: Mapped[Name] = mapped_column(info=personal(CUSTOMER, PROGRAM, becomes=_without_customer))
    claim_number: Mapped[int | None]
    #: The text as it arrived. Only the code that cuts credentials out reads it; everything else reads `body`.
    raw: Mapped[str] = mapped_column("body", Text, info=personal(CUSTOMER, STAFF, PROGRAM, becomes=GONE))
    #: The text with its credentials masked; None if nothing in it looks like one.
    shown: Mapped[str | None] = mapped_column(Text, info=personal(CUSTOMER, becomes=None))
    #: The rest of the mail, such as quotes and the signature, with credentials masked.
    rest: Mapped[str | None] = mapped_column(Text, info=personal(CUSTOMER, becomes=None))
    at: Mapped[Moment]

    @validates("rest")
    def _mask_rest(self, name: str, value: str | None) -> str | None:
        """Mask the rest too, because the page can unfold it."""
        del name
        return redaction.masked(value) if value and redaction.looks_like_credential(value) else value

    @validates("raw", "direction")
    def _mask(self, name: str, value: str) -> str:
        """Mask the text when it is set, because masking takes time."""
        # a new row has neither attribute at first
        raw: str | None = value if name == "raw" else self.raw
        direction = value if name == "direction" else self.direction
        masks = direction == "in" and redaction.looks_like_credential(raw or "")
        self.shown = redaction.masked(raw or "") if masks else None
        return value

    @property
    def body(self) -> str:
        """The text for display: what looks like a credential of the customer is masked (G15)."""
        return self.raw if self.shown is None else self.shown

    @property
    def holds_login(self) -> bool:
        """Whether the customer seems to have written a password or a key into it."""
        return self.shown is not None


class Annotation(Base):
    """A note that only staff see; `about` names the transition it was left with, if any."""

    __tablename__ = "paidsupport_annotation"
    __table_args__ = (Index(None, "ticket_id", "id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    author_name: Mapped[StaffName]
    about: Mapped[Word] = mapped_column(default="")
    body: Mapped[str] = mapped_column(Text, info=personal(STAFF, PROGRAM, becomes=GONE))
    at: Mapped[Moment]


class File(Base):
    """A file of a ticket; `name` comes from the sender, `storage_key` is its name in the store."""

    __tablename__ = "paidsupport_file"
    __table_args__ = (
        CheckConstraint("audience IN ('customer', 'desk')", name="audience"),
        Index(None, "ticket_id", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_message.id"))
    annotation_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_annotation.id"))
    #: The checklist item that it is evidence for.
    item_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_item.id"))
    #: `customer`: the customer may see it too; `desk`: only staff.
    audience: Mapped[Word]
    name: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF, becomes=GONE))
    size: Mapped[int] = mapped_column(BigKey)
    sha256: Mapped[str] = mapped_column(String(64), info=personal(PROGRAM))
    storage_key: Mapped[Word] = mapped_column(unique=True, info=STORED)
    at: Mapped[Moment]
