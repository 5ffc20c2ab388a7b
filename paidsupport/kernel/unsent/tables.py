"""What was typed and not taken: pages with refused forms, and drafts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.marks import HASHED, OURS, PROGRAM, Special, personal, plain

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


class Draft(Base):
    """What a person has typed into one form and not sent yet: it is replaced as they go on."""

    __tablename__ = "paidsupport_draft"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: The one-time key of the form: two tabs have two drafts.
    key: Mapped[str] = mapped_column(String(32), info=plain(OURS))
    #: Where the form leads, and the code of the ticket or issue whose it is, if it is one's.
    path: Mapped[str] = mapped_column(Text, info=plain(OURS))
    record: Mapped[str] = mapped_column(String(32), index=True, info=plain(OURS))
    #: The fields, sealed under the site's SECRET_KEY; None once the form was sent, so that nothing that is
    #: still on its way brings it back.
    sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=personal(PROGRAM, becomes=Special.ROW_DELETED)
    )
    saved_at: Mapped[Moment]
