"""What was sent and not taken: pages with refused forms, and forms whose session had ended."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.marks import HASHED, plain

_SEALED = "sealed under a key that stands in one address alone, and deleted after a day"


class Unsent(Base):
    """One page or form. The database alone does not tell what it says: its key is in its address."""

    __tablename__ = "paidsupport_unsent"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True, info=plain(HASHED))
    #: Whose page it was sent from: no other person sees it. Visitors have the address alone.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=plain(_SEALED))
    created_at: Mapped[Moment]
