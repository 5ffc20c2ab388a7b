"""Files that were added to a customer's form and are kept until it is taken."""

from __future__ import annotations

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, BigKey, Id, Moment, Word
from paidsupport.kernel.db.marks import CUSTOMER, HASHED, STORED, plain

_SOON_GONE = "of nobody in particular yet; deleted after a day, or moved to the ticket that it is sent to"


class FormFile(Base):
    """A file of one form, found by the form's one-time key alone. It has no public address."""

    __tablename__ = "paidsupport_form_file"
    __table_args__ = (Index(None, "form", "id"), Index(None, "at"))

    id: Mapped[Id]
    #: A hash of the form's key.
    form: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    #: The name of the file on the form.
    reference: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text, info=plain(_SOON_GONE, CUSTOMER))
    size: Mapped[int] = mapped_column(BigKey)
    sha256: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    storage_key: Mapped[Word] = mapped_column(unique=True, info=STORED)
    at: Mapped[Moment]
