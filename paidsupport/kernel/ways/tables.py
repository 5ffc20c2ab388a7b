"""What managers made of the ways to pay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import CATALOGUE, STAFF, plain


class WayRow(Base):
    """A way to pay: one of the desk's own, or a declared one that managers changed or moved."""

    __tablename__ = "paidsupport_way_to_pay"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'retired', 'removed')", name="state"),
        CheckConstraint("check_for IN ('none', 'email', 'iban', 'address')", name="check_for"),
        {"info": configuration("way")},
    )

    id: Mapped[Id]
    name: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    #: Empty: as it is declared. So are hint and example.
    label: Mapped[str] = mapped_column(String(200), info=plain(CATALOGUE, STAFF))
    hint: Mapped[str] = mapped_column(String(200), info=plain(CATALOGUE, STAFF))
    example: Mapped[str] = mapped_column(String(200), info=plain(CATALOGUE, STAFF))
    #: What the details of staff have to be.
    check_for: Mapped[Word] = mapped_column(default="none")
    #: Its texts in other languages, by tag and column name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    state: Mapped[Word] = mapped_column(default="offered")
    #: Grows with every change, as that of a setting.
    version: Mapped[int] = mapped_column(default=1)
