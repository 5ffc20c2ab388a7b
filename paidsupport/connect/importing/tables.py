"""What was moved in, and the runs that do it (P18)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, BigKey, Id, Maybe, Moment, Name, StaffName, Structure, Word
from paidsupport.kernel.db.marks import OURS, STAFF, STORED, of_staff, plain

#: Why what a run found in another system can stay.
_THEIRS = "names of statuses, queues, fields and staff of the system before"

#: The state of a table whose columns are not chosen yet; what has ended has a moment when it did.
DRAFTED = "drafted"


class Imported(Base):
    """One thing that was moved in: what it was called there, and its row here. Twice is once."""

    __tablename__ = "paidsupport_imported"
    __table_args__ = (UniqueConstraint("source", "kind", "source_id"),)

    id: Mapped[Id]
    #: The system it comes from, such as `rt` or `zammad:desk.example.org`.
    source: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    kind: Mapped[Word]
    #: Its number or name there, hashed where that may name a person.
    source_id: Mapped[Word]
    #: The id of its row; the kind says in which table.
    row_id: Mapped[int] = mapped_column(BigKey)
    at: Mapped[Moment]


class Import(Base):
    """A run: from where, how far it has come, and what it did not know.

    `queued` until a worker takes it, `running` while it goes on, then `done` or `failed`. Tables are
    `drafted` until their columns are chosen. What a dry run has looked at, it moves in once that is started.
    """

    __tablename__ = "paidsupport_import"
    __table_args__ = (
        CheckConstraint("state IN ('drafted', 'queued', 'running', 'done', 'failed')", name="state"),
        Index(None, "state", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: Which source reads it: `lines`, `helpdesk`, `mbox`, `csv`, `rt`, `zammad`.
    kind: Mapped[Word]
    #: What the system is called in the lines.
    source: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    #: Whether it only says what it would do.
    dry: Mapped[bool]
    #: The choices of the form: services for queues, columns, the address.
    options: Mapped[dict[str, Any]] = mapped_column(Structure, default=dict, info=of_staff(STAFF))
    #: The token or password for the other system, until the run has ended.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=of_staff(STAFF))
    #: The uploaded file, until the run has ended.
    storage_key: Mapped[Word | None] = mapped_column(unique=True, info=STORED)
    file_name: Mapped[str] = mapped_column(String(200), default="", info=of_staff(STAFF))
    state: Mapped[Word] = mapped_column(default="queued")
    #: How often a worker has taken it; what an earlier one still writes counts no more.
    attempts: Mapped[int] = mapped_column(default=0)
    #: Behind which ticket of the other system it goes on.
    place: Mapped[Name] = mapped_column(default="", info=plain(OURS))
    counts: Mapped[dict[str, int]] = mapped_column(Structure, default=dict, info=plain(OURS))
    #: What is not known here or stays behind: about what, which, how often, and where first.
    remarks: Mapped[list[Any]] = mapped_column(Structure, default=list, info=of_staff(reason=_THEIRS))
    #: Why it failed, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=plain(OURS))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    started_by_name: Mapped[StaffName]
    started_at: Mapped[Moment]
    #: When its worker was heard of last.
    seen_at: Mapped[Maybe]
    ended_at: Mapped[Maybe]
