"""Forms that were sent after their session had ended, until their person has signed in again."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.marks import HASHED, plain

_SEALED = "sealed under a key that stands in one address alone, and deleted after a day"


class Unsent(Base):
    """One form. Nobody can read it from the database: its key is in the address that shows it again."""

    __tablename__ = "paidsupport_unsent"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True, info=plain(HASHED))
    #: Whose page it was sent from: nobody else sees it.
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=plain(_SEALED))
    created_at: Mapped[Moment]
