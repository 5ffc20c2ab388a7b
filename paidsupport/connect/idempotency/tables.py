"""What programs have asked for lately, so that the same request again gets the same answer (P12)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.marks import HASHED, plain

_SEALED = "sealed under what only the program has: its token and the key of its request; deleted after a day"


class ApiRequest(Base):
    """One request that changed something, by its `Idempotency-Key`; what was answered is sealed."""

    __tablename__ = "paidsupport_api_request"
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: A hash of the key.
    digest: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    #: A hash of what was asked for: method, address, version and body.
    fingerprint: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=plain(_SEALED))
    created_at: Mapped[Moment] = mapped_column(index=True)
