"""The history of the configuration: one record for the whole desk, with a line for each change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.db.base import (
    Base,
    Facts,
    HistoryLine,
    Id,
    Maybe,
    Moment,
    Recorded,
    StaffName,
    Structure,
    Word,
)
from paidsupport.kernel.db.configured import configuration, history_of_configuration
from paidsupport.kernel.db.marks import CATALOGUE, COMPANY, HASHED, OURS, STAFF, of_staff, plain
from paidsupport.kernel.db.objects import Locking
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import existing

#: The code of the only record.
DESK = "desk"
_LOADED = "the names and addresses in it are those of staff, and histories say what was loaded"


class Configuration(Recorded, Base):
    """What the desk's managers have set up; there is one row, which every change of it locks."""

    __tablename__ = "paidsupport_configuration"


class ConfigurationEvent(HistoryLine, Base):
    """One change of the configuration, never changed itself: what was before and what is after it."""

    __tablename__ = "paidsupport_configuration_event"
    __table_args__ = (
        UniqueConstraint("configuration_id", "number"),
        # the one-time key of a form is unique here, because the event stands for the operation
        Index("uq_paidsupport_configuration_event_key", "key", unique=True),
        Index(None, "about", "number"),
        {"info": history_of_configuration("about")},
    )

    id: Mapped[Id]
    configuration_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_configuration.id"))
    #: What was changed: `service:upgrade`, `setting:name`.
    about: Mapped[str] = mapped_column(String(120), info=plain(OURS))
    #: All that the line says, in small letters, for the search.
    words: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    data: Mapped[Facts] = mapped_column(info=plain(CATALOGUE, STAFF))
    salt: Mapped[Word] = mapped_column(info=plain(HASHED))
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=plain(HASHED))


class Setting(Base):
    """A setting that a manager has changed; what is not there is as the deployment configured it."""

    __tablename__ = "paidsupport_setting"
    __table_args__ = ({"info": configuration("setting")},)

    id: Mapped[Id]
    #: The name of a field of `paidsupport.settings.Settings`.
    name: Mapped[Word] = mapped_column(unique=True)
    #: Null: as it is configured. A secret is sealed.
    value: Mapped[Any] = mapped_column(Structure, nullable=True, info=plain(COMPANY, STAFF))
    #: Grows with every change: the sum over all rows tells whether anything has changed.
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[Moment]
    changed_by: Mapped[StaffName]


class ConfigurationSnapshot(Base):
    """A file of the whole configuration that was handed in, and what was there before it was loaded."""

    __tablename__ = "paidsupport_configuration_snapshot"

    id: Mapped[Id]
    at: Mapped[Moment]
    by: Mapped[StaffName]
    #: What was changed, and why.
    word: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF, reason=_LOADED))
    text: Mapped[str] = mapped_column(Text, info=of_staff(STAFF, reason=_LOADED))
    #: The file of what was there before; empty until it was loaded.
    before: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF, reason=_LOADED))
    #: Null: it was only looked at, and is deleted after a day.
    applied_at: Mapped[Maybe] = mapped_column(index=True)
    undone_at: Mapped[Maybe]
    #: What it undoes, if it is what was there before that.
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_configuration_snapshot.id"))


class ReasonRow(Base):
    """What managers made of a reason for which tickets or issues end: one of their own, or a declared one."""

    __tablename__ = "paidsupport_reason"
    __table_args__ = (UniqueConstraint("workflow", "transition", "name"), {"info": configuration("reason")})

    id: Mapped[Id]
    workflow: Mapped[Word]
    transition: Mapped[Word]
    name: Mapped[Word]
    position: Mapped[int]
    #: Empty: as it is declared. So is what customers are told.
    label: Mapped[str] = mapped_column(String(200), info=plain(CATALOGUE, STAFF))
    told: Mapped[str] = mapped_column(String(200), info=plain(CATALOGUE, STAFF))
    #: Its texts in other languages, by tag and column name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    #: Whether it can be chosen; rows stay, for what was ended for them.
    offered: Mapped[bool] = mapped_column(default=True)
    #: Grows with every change, as that of a setting.
    version: Mapped[int] = mapped_column(default=1)


_TABLE = Base.metadata.tables[Configuration.__tablename__]
_BY_CODE = Locking(Configuration, _TABLE.c.code == bindparam("code"))
_BY_ID = update(_TABLE).where(_TABLE.c.id == bindparam("read_id"))


def lock(session: Session) -> Configuration:
    """Hold the configuration against all other changes until the transaction ends."""
    return existing(_BY_CODE.row(session, {"code": DESK}))


def change(session: Session, record: Configuration, **values: Any) -> None:  # noqa: ANN401  # columns
    """Write columns of the record, which is locked: no other change can have come between."""
    session.flush()
    write(session, _BY_ID, {**values, "read_id": record.id})
    for name, value in values.items():
        set_committed_value(record, name, value)
