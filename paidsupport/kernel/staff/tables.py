"""Who works at the desk, and the tokens with which their programs come in."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, validates

from paidsupport.kernel.addresses import LONGEST, compared
from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import HASHED, PROGRAM, STAFF, of_staff, plain
from paidsupport.kernel.db.parts import Loaded, Part
from paidsupport.kernel.db.rows import ReadOnly
from paidsupport.kernel.staff.concerns import DIGEST_HOUR, Concern

#: What keeps two people from having one address.
ADDRESS_TAKEN = "uq_paidsupport_person_address"


class Person(Base):
    """A member of staff; `host_user_id` is the host's user id as text, without a foreign key."""

    __tablename__ = "paidsupport_person"
    __table_args__ = (
        CheckConstraint("role IN ('developer', 'manager')", name="role"),
        # commands know people by it
        partial_index(ADDRESS_TAKEN, "address", unique=True, where="address <> ''"),
        {"info": configuration("person", besides=("payment", "pay_details", "public_key", "language"))},
    )

    id: Mapped[Id]
    host_user_id: Mapped[Name] = mapped_column(unique=True, info=of_staff(PROGRAM, STAFF))
    name: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    email: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    #: The address as it is compared; see `paidsupport.kernel.addresses`.
    address: Mapped[str] = mapped_column(String(LONGEST), info=of_staff())
    role: Mapped[Word]
    #: What they filled in for ways to pay, by the name of the way: `paypal`. How customers pay them is told
    #: by `paidsupport.kernel.ways.paying` alone (G7).
    pay_details: Mapped[dict[str, str]] = mapped_column(
        Structure, default=dict, server_default="{}", info=of_staff(STAFF)
    )
    #: What they say besides, such as "Cash at the next meeting".
    payment: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF))
    #: The line of their public SSH key that customers may add instead of giving a password (G15).
    public_key: Mapped[str] = mapped_column(Text, default="", info=of_staff(STAFF))
    #: The tag of the language they chose; empty while they have not.
    language: Mapped[Word] = mapped_column(default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]

    @validates("email")
    def _compare(self, _name: str, email: str) -> str:
        self.address = compared(email)
        return email


class Preference(Base):
    """How a person wants to be told of each concern; who has none gets what is usual."""

    __tablename__ = "paidsupport_preference"
    __table_args__ = (
        *(
            CheckConstraint(f"{concern} IN ('now', 'digest', 'page', 'off')", name=concern)
            for concern in Concern
        ),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="hour"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), unique=True)
    mention: Mapped[Word]
    mine: Mapped[Word]
    watching: Mapped[Word]
    unassigned: Mapped[Word]
    #: The hour of the desk's day from which the digest is written.
    digest_hour: Mapped[int] = mapped_column(default=DIGEST_HOUR)
    #: The last day on which it was, or had nothing to say.
    digested_on: Mapped[date | None] = mapped_column(Date)

    @property
    def said(self) -> dict[str, str]:
        """What was said about each concern."""
        return {concern.value: getattr(self, concern) for concern in Concern}


class Token(Base):
    """A key to the JSON API; only its digest is kept."""

    __tablename__ = "paidsupport_token"
    __table_args__ = (
        CheckConstraint("scope IN ('read', 'write', 'manage')", name="scope"),
        {"info": configuration("person", besides=("last_used_at",))},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    label: Mapped[Name] = mapped_column(info=of_staff(STAFF))
    scope: Mapped[Word]
    digest: Mapped[str] = mapped_column(Text, unique=True, info=plain(HASHED))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Maybe]
    #: Noted once a minute at most.
    last_used_at: Mapped[Maybe]


_ROWS = ReadOnly(Person, without=("pay_details", "payment", "public_key"))
_ACTIVE = select(*_ROWS.columns).where(Person.active).order_by(Person.name, Person.id)


def _staff(page: Loaded[Any]) -> list[Person]:
    """The same for all pages until staff are added or removed; a changed name is seen a little later."""
    found: list[Person] = page.keep(("people", page.flags["people"]), lambda: _ROWS.rows(page.ask(_ACTIVE)))
    return found


#: Who works at the desk, by name.
STAFF_LIST: Part[list[Person]] = Part("people", "SELECT sum(id) FROM paidsupport_person WHERE active", _staff)
