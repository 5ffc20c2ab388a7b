"""Connections to other programs, how they stand, what is to be asked of them, and what is what over there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import COMPANY, CUSTOMER, OURS, PROGRAM, STAFF, personal, plain

_SEALED = "the secrets of a connection, sealed under the site's SECRET_KEY"
_NOTED = "what the desk noted of a program of the site"
_THERE = "issues and invoices are written there without personal data"
#: Tasks that a worker has yet to deal with.
WAITING = "state IN ('queued', 'sending')"


class Connection(Base):
    """A connection as managers set it up; `kind` names a `kinds.Kind`."""

    __tablename__ = "paidsupport_connection"
    __table_args__ = ({"info": configuration("connection")},)

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    kind: Mapped[Word]
    #: What staff call it.
    name: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    #: Whether managers want it to work.
    active: Mapped[bool]
    #: What managers entered, by the names of the kind's values, without secrets.
    values: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(COMPANY, STAFF))
    #: Its secrets by name, each sealed and bound to the values that it belongs to.
    sealed: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(_SEALED, PROGRAM))
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class ConnectionState(Base):
    """How a connection stands: what workers note of it."""

    __tablename__ = "paidsupport_connection_state"

    id: Mapped[Id]
    connection_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_connection.id"), unique=True)
    #: The position in the log up to which it has heard what happened.
    heard: Mapped[int] = mapped_column(default=0)
    #: Where reading there goes on.
    watermark: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(_NOTED))
    #: When it is read next; null: never.
    poll_due_at: Mapped[Maybe]
    polled_at: Mapped[Maybe]
    #: When something worked last, and when something failed last.
    worked_at: Mapped[Maybe]
    failed_at: Mapped[Maybe]
    #: When the first of the failures in a row was; null: what was done last has worked.
    failing_since: Mapped[Maybe]
    #: Failures in a row.
    failures: Mapped[int] = mapped_column(default=0)
    #: What went wrong last, in words; empty once something has worked.
    problem: Mapped[str] = mapped_column(Text, default="", info=plain(_NOTED))
    #: Why the desk stopped it by itself, in words; empty: it did not.
    stopped: Mapped[str] = mapped_column(Text, default="", info=plain(_NOTED))


class ConnectionTask(Base):
    """One request to be made over a connection; see `tasks`."""

    __tablename__ = "paidsupport_connection_task"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'withdrawn')", name="state"
        ),
        # what happened is told once over each connection
        UniqueConstraint("connection_id", "announcement_id", "what"),
        partial_index("ix_paidsupport_connection_task_waiting", "state", "due_at", where=WAITING),
        partial_index("ix_paidsupport_connection_task_chain", "connection_id", "chain", "id", where=WAITING),
        partial_index(
            "ix_paidsupport_connection_task_failed",
            "connection_id",
            "id",
            where="state IN ('failed', 'uncertain')",
        ),
        Index(None, "connection_id", "id"),
        Index(None, "ended_at"),
        Index(None, "ticket_id"),
        Index(None, "issue_id"),
    )

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_connection.id"))
    #: What is to be done, in a word of its kind: `deliver`, `file`, `invoice`.
    what: Mapped[Word]
    #: Tasks of one chain are done one after the other; empty: it waits for none.
    chain: Mapped[str] = mapped_column(String(100), default="", info=plain(OURS))
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("paidsupport_announcement.id", ondelete="SET NULL")
    )
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"))
    #: What is sent, byte for byte the same at every attempt, where its kind writes that down beforehand.
    body: Mapped[str] = mapped_column(Text, default="", info=personal(CUSTOMER, STAFF, PROGRAM, becomes=""))
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    taken_at: Mapped[Maybe]
    ended_at: Mapped[Maybe]
    #: The HTTP status of the last answer, and how long it took.
    status: Mapped[int | None]
    milliseconds: Mapped[int | None]
    #: What went wrong last, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))


class Remote(Base):
    """What something of ours is over there: one for one."""

    __tablename__ = "paidsupport_remote"
    __table_args__ = (
        UniqueConstraint("connection_id", "what", "ours"),
        UniqueConstraint("connection_id", "what", "remote"),
        Index(None, "issue_id"),
        Index(None, "ticket_id"),
        partial_index("ix_paidsupport_remote_conflict", "connection_id", "id", where="conflict <> ''"),
    )

    id: Mapped[Id]
    connection_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_connection.id"))
    #: What it is there: `issue`, `party`, `lead`, `invoice`.
    what: Mapped[Word]
    #: Our reference, by which it is searched there.
    ours: Mapped[str] = mapped_column(String(100), info=plain(OURS))
    #: Its id over there; null until it is known.
    remote: Mapped[str | None] = mapped_column(String(200), info=plain(_THERE))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"))
    #: Where people see it.
    link: Mapped[str] = mapped_column(Text, default="", info=plain(_THERE))
    #: What marked its version when it was read last (an ETag).
    version: Mapped[str] = mapped_column(String(200), default="", info=plain(_NOTED))
    #: Its fields as they were when both sides agreed last.
    agreed: Mapped[dict[str, Any]] = mapped_column(Structure, default=dict, info=plain(_THERE))
    #: What both sides changed since, in words; empty: they agree.
    conflict: Mapped[str] = mapped_column(Text, default="", info=plain(_THERE))
    created_at: Mapped[Moment]
    looked_at: Mapped[Maybe]
