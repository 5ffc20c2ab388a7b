"""Logins to the customer's server: encrypted secrets, and every view of one (G15, N2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import CUSTOMER, GONE, PROGRAM, STAFF, STORED, personal
from paidsupport.kernel.db.parts import Loaded, Part, hanging
from paidsupport.tickets.tables import Event, Ticket


class Secret(Base):
    """A login, encrypted under a data key of its own that is not in this database.

    Destroying it deletes the data key and the ciphertext: after that, no copy of this database can decrypt
    it. `kind`: `key` (a public key that the customer has added; nothing is encrypted), `account` (a temporary
    account and its password), `password`, or `message` (cut from something the customer wrote).
    """

    __tablename__ = "paidsupport_secret"
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        CheckConstraint("kind IN ('key', 'account', 'password', 'message')", name="kind"),
        CheckConstraint("destroyed_at IS NULL OR sealed IS NULL", name="destroyed"),
        CheckConstraint("(sealed IS NULL) = (key_reference IS NULL)", name="sealed"),
    )

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    #: What it opens, in the customer's words; not secret.
    label: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF, becomes=GONE))
    #: The user name that goes with it; not secret either.
    account: Mapped[Name] = mapped_column(default="", info=personal(CUSTOMER))
    #: The line of the public key that was added, for the kind `key`.
    public_key: Mapped[str] = mapped_column(Text, default="", info=personal(CUSTOMER, STAFF))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=personal(CUSTOMER, becomes=None))
    #: The name of the data key in the file store, where it is encrypted under the master key `key_id`.
    key_reference: Mapped[Word | None] = mapped_column(info=personal(PROGRAM, becomes=None) | STORED)
    key_id: Mapped[Word] = mapped_column(default="", info=personal(PROGRAM))
    given_at: Mapped[Moment]
    destroyed_at: Mapped[Maybe]
    destroyed_by: Mapped[StaffName] = mapped_column(default="")
    #: When the customer confirmed that it was changed, or removed from the server (G16).
    changed_at: Mapped[Maybe]


class Look(Base):
    """One view of one secret, or of the bytes of a mail that holds one; the customer can see it (N2)."""

    __tablename__ = "paidsupport_look"
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        # what a person has viewed is compared with everything they write
        Index(None, "person_id", "secret_id"),
        CheckConstraint("(secret_id IS NULL) <> (mail_id IS NULL)", name="what"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    secret_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_secret.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_raw_mail.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    person_name: Mapped[StaffName]
    claim_number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, info=personal(STAFF))
    at: Mapped[Moment]


@dataclass(frozen=True, slots=True)
class Given:
    """A secret with all views of it, oldest first."""

    secret: Secret
    looks: list[Look]


def given(session: Session, ticket: Ticket) -> list[Given]:
    """Every login that the customer of a ticket has shared, oldest first: two queries."""
    secrets = session.scalars(select(Secret).where(Secret.ticket_id == ticket.id).order_by(Secret.id)).all()
    looks = select(Look).where(Look.ticket_id == ticket.id).order_by(Look.id)
    return with_looks(secrets, session.scalars(looks).all() if secrets else ())


def looks_at_mails(session: Session, ticket: Ticket) -> Sequence[Look]:
    """Every view of the bytes of a mail that held a credential, oldest first."""
    wanted = select(Look).where(Look.ticket_id == ticket.id, Look.mail_id.is_not(None))
    return session.scalars(wanted.order_by(Look.id)).all()


def with_looks(secrets: Sequence[Secret], looks: Sequence[Look]) -> list[Given]:
    """Each secret with the views of it."""
    return [Given(secret, [look for look in looks if look.secret_id == secret.id]) for secret in secrets]


def certificates(session: Session, ticket: Ticket) -> dict[str, str]:
    """The hash of the event that records each destruction, by the reference of the secret."""
    wanted = select(Event).where(Event.ticket_id == ticket.id, Event.kind == "secret-destroyed")
    return {event.data["reference"]: event.hash for event in session.scalars(wanted)}


_SECRETS = hanging("secrets", Secret.ticket_id)
_LOOKS = hanging("looks", Look.ticket_id)


def _given(page: Loaded[Ticket]) -> list[Given]:
    return with_looks(_SECRETS.read(page), _LOOKS.read(page))


#: The logins to the customer's server that belong to a ticket.
GIVEN: Part[list[Given]] = Part("given", _SECRETS.there, _given)
