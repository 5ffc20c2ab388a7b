"""Merchants, banks and operators, their contacts, and their tickets (T8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import COMPANY, HASHED, OURS, PROGRAM, STAFF, Special, Whose, personal, plain
from paidsupport.kernel.db.parts import Loaded, Part, any_with
from paidsupport.kernel.db.rows import ReadOnly
from paidsupport.sales.organisations.rules import domain_of

_FREE_TEXT = personal(STAFF, becomes=Special.WORDS_CUT, whose=Whose.CONTACT)
_OF_CONTACT = personal(STAFF, becomes=Special.ROW_DELETED, whose=Whose.CONTACT)
_MADE_OF_CONTACT = personal(PROGRAM, becomes=Special.ROW_DELETED, whose=Whose.CONTACT)
_PRINT = personal(PROGRAM, becomes=None, whose=Whose.CONTACT)


class Organisation(Base):
    """One merchant, bank or operator. `version` grows with every change of its record."""

    __tablename__ = "paidsupport_organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('merchant', 'bank', 'operator', 'other')", name="kind"),
        CheckConstraint("merged_into_id IS NULL OR archived_at IS NOT NULL", name="merged"),
        # for the list: by name, in pages
        Index(None, "folded", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    #: Its name in the form for comparing.
    folded: Mapped[str] = mapped_column(String(300), unique=True, info=plain(COMPANY))
    kind: Mapped[Word]
    notes: Mapped[str] = mapped_column(Text, default="", info=_FREE_TEXT)
    #: Where invoices go, and what they say.
    billing_name: Mapped[Name] = mapped_column(default="", info=_FREE_TEXT)
    billing_address: Mapped[str] = mapped_column(Text, default="", info=_FREE_TEXT)
    billing_email: Mapped[Name] = mapped_column(default="", info=_FREE_TEXT)
    vat_id: Mapped[Word] = mapped_column(default="", info=plain(COMPANY, STAFF))
    currency: Mapped[str] = mapped_column(String(3), default="", info=plain(OURS))
    #: The colleague who looks after it.
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    archived_at: Mapped[Maybe]
    #: The organisation that this one turned out to be.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_organisation.id"), index=True)


class Contact(Base):
    """A contact of an organisation; tickets from their address or number belong to it."""

    __tablename__ = "paidsupport_contact"
    __table_args__ = (
        # each address once per organisation; many contacts have none
        partial_index(
            "uq_paidsupport_contact_organisation_id_folded",
            "organisation_id",
            "folded",
            unique=True,
            where="folded <> ''",
        ),
        # finds the contact of a new mail or call
        Index(None, "folded"),
        Index(None, "digits"),
        Index(None, "domain"),
    )

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_organisation.id"))
    name: Mapped[Name] = mapped_column(info=_OF_CONTACT)
    email: Mapped[Name] = mapped_column(default="", info=_OF_CONTACT)
    #: The address in the form for comparing, and its domain if that identifies an organisation.
    folded: Mapped[str] = mapped_column(String(300), default="", info=_MADE_OF_CONTACT)
    domain: Mapped[str] = mapped_column(String(300), default="", info=_MADE_OF_CONTACT)
    phone: Mapped[Name] = mapped_column(default="", info=_OF_CONTACT)
    #: The digits of the number in the form for comparing; see `paidsupport.kernel.phones`.
    digits: Mapped[Word] = mapped_column(default="", info=_MADE_OF_CONTACT)
    #: What they do there, in a few words.
    role: Mapped[Name] = mapped_column(default="", info=_OF_CONTACT)
    note: Mapped[str] = mapped_column(Text, default="", info=_FREE_TEXT)
    #: The words that the list finds them by.
    words: Mapped[str] = mapped_column(Text, default="", info=_MADE_OF_CONTACT)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    added_at: Mapped[Moment]


class OrganisationTicket(Base):
    """A ticket belongs to an organisation; at most to one."""

    __tablename__ = "paidsupport_organisation_ticket"
    __table_args__ = (
        CheckConstraint("how IN ('email', 'phone', 'hand')", name="how"),
        Index(None, "organisation_id", "ticket_id"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_organisation.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"), unique=True)
    #: What the assignment is based on: the address or number of a contact, or a member of staff.
    how: Mapped[Word]
    by_name: Mapped[StaffName]
    at: Mapped[Moment]


class OrganisationChange(Base):
    """A change of an organisation's record, and who made it; it contains nothing of the record."""

    __tablename__ = "paidsupport_organisation_change"
    __table_args__ = (Index(None, "organisation_id", "id"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_organisation.id"))
    kind: Mapped[Word]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    by_name: Mapped[StaffName]
    at: Mapped[Moment]
    #: The one-time key of the form, and a hash of its content.
    key: Mapped[str | None] = mapped_column(String(64), unique=True, info=plain(HASHED))
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=_PRINT)


#: The most suggestions.
_MOST_NEAR = 4
_ROWS, _BELONGS, _CONTACTS = ReadOnly(Organisation), ReadOnly(OrganisationTicket), ReadOnly(Contact)
_THEIRS = (
    select(*_BELONGS.columns, *_ROWS.columns)
    .join(Organisation, Organisation.id == OrganisationTicket.organisation_id)
    .where(OrganisationTicket.ticket_id == bindparam("record"))
)
_NEAR = (
    select(*_ROWS.columns)
    .where(
        Organisation.id.in_(select(Contact.organisation_id).where(Contact.domain == bindparam("domain"))),
        Organisation.archived_at.is_(None),
    )
    .order_by(Organisation.folded)
    .limit(_MOST_NEAR + 1)
)
_SAME = (
    select(*_CONTACTS.columns)
    .where(Contact.folded == bindparam("address"))
    .order_by(Contact.id)
    .limit(_MOST_NEAR)
)


@dataclass(frozen=True, slots=True)
class Theirs:
    """The organisation of a ticket, and what the assignment is based on."""

    organisation: Organisation | None = None
    belongs: OrganisationTicket | None = None


def _theirs(page: Loaded[Any]) -> Theirs:
    [row] = page.ask(_THEIRS)
    return Theirs(_ROWS.row(row[_BELONGS.width :]), _BELONGS.row(row[: _BELONGS.width]))


def _near(page: Loaded[Any]) -> Sequence[Organisation]:
    domain = domain_of(page.record.customer_address)
    found = _ROWS.rows(page.ask(_NEAR, domain=domain)) if domain else []
    own = page[THEIRS].organisation
    return [row for row in found if own is None or row.id != own.id][: _MOST_NEAR + (own is None)]


def _same(page: Loaded[Any]) -> list[Contact]:
    return _CONTACTS.rows(page.ask(_SAME, address=page.record.customer_address))


#: The organisation of a ticket.
THEIRS: Part[Theirs] = Part(
    "theirs",
    any_with(OrganisationTicket.ticket_id),
    _theirs,
    Theirs,
)
#: Organisations that are suggested because of an address in the same domain.
NEIGHBOURS = Part("neighbours", "EXISTS (SELECT 1 FROM paidsupport_contact WHERE domain <> '')", _near)
#: Contacts with the address that a ticket came from.
CONTACTS = Part(
    "contacts",
    "EXISTS (SELECT 1 FROM paidsupport_contact"
    " WHERE folded <> '' AND folded = paidsupport_ticket.customer_address)",
    _same,
)
