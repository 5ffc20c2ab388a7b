"""Who works at the desk, and the tokens with which their programs come in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.store.base import Base, Id, Maybe, Moment, Name, Word


class Person(Base):
    """Somebody of the desk; `host_user_id` is the host's user id as text, without a foreign key."""

    __tablename__ = "paidsupport_person"
    __table_args__ = (CheckConstraint("role IN ('developer', 'manager')", name="role"),)

    id: Mapped[Id]
    host_user_id: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[Name]
    email: Mapped[Name]
    role: Mapped[Word]
    #: How customers pay this person, e.g. "PayPal: ada@example.org" (G7).
    payment: Mapped[str] = mapped_column(Text, default="")
    #: The line of their public SSH key that customers may add instead of giving a password (G15).
    public_key: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]


class Token(Base):
    """A key to the JSON API; only its digest is kept."""

    __tablename__ = "paidsupport_token"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    label: Mapped[Name]
    digest: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Maybe]
