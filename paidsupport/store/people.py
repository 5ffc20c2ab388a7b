"""Who works at the desk, and the tokens with which their programs come in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.store.base import Base, Id, Maybe, Moment, Name, Word
from paidsupport.store.marks import HASHED, PROGRAM, STAFF, of_staff, plain


class Person(Base):
    """Somebody of the desk; `host_user_id` is the host's user id as text, without a foreign key."""

    __tablename__ = "paidsupport_person"
    __table_args__ = (CheckConstraint("role IN ('developer', 'manager')", name="role"),)

    id: Mapped[Id]
    host_user_id: Mapped[Name] = mapped_column(unique=True, info=of_staff(PROGRAM, STAFF))
    name: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    email: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    role: Mapped[Word]
    #: How customers pay this person, e.g. "PayPal: ada@example.org" (G7).
    payment: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF))
    #: The line of their public SSH key that customers may add instead of giving a password (G15).
    public_key: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]


class Token(Base):
    """A key to the JSON API; only its digest is kept."""

    __tablename__ = "paidsupport_token"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    label: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    digest: Mapped[str] = mapped_column(Text, unique=True, info=plain(HASHED))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Maybe]
