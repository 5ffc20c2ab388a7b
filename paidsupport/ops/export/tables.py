"""Exports that managers have asked for in the browser: a worker makes them, and deletes them after a day."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, BigKey, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import OURS, PROGRAM, STAFF, STORED, personal, plain

#: What is exported.
ALL, ONE = "all", "customer"


class Export(Base):
    """One export: what of, who asked, how far it has come, and where it is until it expires.

    `queued` until a worker takes it, `running` while it is made, then `ready` or `failed`. `expired` ones
    are deleted; their row stays for some weeks.
    """

    __tablename__ = "paidsupport_export"
    __table_args__ = (
        CheckConstraint("kind IN ('all', 'customer')", name="kind"),
        CheckConstraint("state IN ('queued', 'running', 'ready', 'failed', 'expired')", name="state"),
        CheckConstraint("(state = 'ready') = (storage_key IS NOT NULL)", name="ready"),
        Index(None, "state", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    kind: Mapped[Word]
    #: The email address, phone number or ticket code of the one customer; empty once the export is gone.
    about: Mapped[Name] = mapped_column(default="", info=personal(STAFF))
    #: What it is called in the history: codes of tickets.
    label: Mapped[str] = mapped_column(String(200), default="", info=plain(OURS))
    #: Whether what only staff see is in it.
    with_notes: Mapped[bool] = mapped_column(default=False)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    asked_by_name: Mapped[StaffName]
    asked_at: Mapped[Moment]
    state: Mapped[Word] = mapped_column(default="queued")
    #: How often a worker has taken it; what an earlier one still writes counts no more.
    attempts: Mapped[int] = mapped_column(default=0)
    #: When its worker was heard of last.
    seen_at: Mapped[Maybe]
    lines: Mapped[int] = mapped_column(BigKey, default=0)
    total: Mapped[int] = mapped_column(BigKey, default=0)
    storage_key: Mapped[Word | None] = mapped_column(unique=True, info=STORED)
    size: Mapped[int] = mapped_column(BigKey, default=0)
    ended_at: Mapped[Maybe]
    expires_at: Mapped[Maybe]
    downloads: Mapped[int] = mapped_column(default=0)
    #: Why there is none, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))
