"""What all tables share: one metadata with our prefix, naming rules, and moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from paidsupport.kernel.chain import START
from paidsupport.kernel.db.marks import (
    CUSTOMER,
    HASHED,
    OURS,
    PROGRAM,
    STAFF,
    Special,
    by_default,
    of_staff,
    personal,
    plain,
)

#: Every table, index and constraint of ours begins with this, so that none collides with the host's.
PREFIX = "paidsupport_"


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments and store all others in UTC; SQLite keeps no zone, so it gets none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("A moment without a time zone cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give every moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A big primary key; SQLite only counts up columns that are plain INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")
#: Structured values that are never searched by the database.
Structure = JSON().with_variant(JSONB, "postgresql")

Id = Annotated[int, mapped_column(BigKey, primary_key=True)]
Name = Annotated[str, mapped_column(String(200))]
#: The name of a member of staff, as it was then.
StaffName = Annotated[str, mapped_column(String(200), info=by_default(of_staff()))]
#: A word, code or random name of ours, unless its column is marked otherwise.
Word = Annotated[str, mapped_column(String(40), info=by_default(plain(OURS)))]
Moment = Annotated[datetime, mapped_column(UTCDateTime)]
Maybe = Annotated[datetime | None, mapped_column(UTCDateTime)]
Facts = Annotated[dict[str, Any], mapped_column(Structure)]


class Base(DeclarativeBase):
    """Base of all our tables. Its metadata is ours alone: the host's migrations never see it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Recorded:
    """Whatever has a history: what it is called, and how far its chain of lines has come."""

    id: Mapped[Id]
    #: What people call it by.
    code: Mapped[Word] = mapped_column(unique=True)
    claim_number: Mapped[int] = mapped_column(default=0)
    event_count: Mapped[int] = mapped_column(default=0)
    event_hash: Mapped[str] = mapped_column(String(64), default=START, info=plain(HASHED))
    changed_at: Mapped[Moment]


class HistoryLine:
    """What one line of any history holds: who did what when, and the chain over it (P14)."""

    number: Mapped[int]
    kind: Mapped[Word]
    at: Mapped[Moment]
    actor_kind: Mapped[Word]
    actor_id: Mapped[int | None]
    actor_name: Mapped[Name] = mapped_column(info=of_staff(reason="a customer has no name in histories"))
    claim_number: Mapped[int]
    data: Mapped[Facts] = mapped_column(info=personal(STAFF, CUSTOMER, PROGRAM, becomes=Special.FACTS_KEPT))
    salt: Mapped[Word] = mapped_column(info=personal(PROGRAM))
    digest: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    previous: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    hash: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    key: Mapped[str | None] = mapped_column(String(64), info=plain(HASHED))
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=personal(PROGRAM, becomes=None))


metadata = Base.metadata
