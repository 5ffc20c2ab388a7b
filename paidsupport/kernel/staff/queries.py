"""The staff, and the tokens of their programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from paidsupport.kernel.addresses import compared
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff.tables import Person, Preference, Token


def everybody(session: Session) -> list[Person]:
    """All active staff, by name."""
    return list(session.scalars(select(Person).where(Person.active).order_by(Person.name, Person.id)))


def names(session: Session) -> dict[int, str]:
    """The names of all present and former staff, by id."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name))}


def by_address(session: Session, email: str) -> Person:
    """The active member of staff with this address. Raises NotFoundError."""
    person = session.scalar(select(Person).where(Person.address == compared(email), Person.active))
    if person is None:
        raise NotFoundError(f"No member of staff has the address {email}.")
    return person


def known_before(session: Session, host_user_id: str, email: str) -> Person | None:
    """The row of a user of the host site; or of who left with this address and comes back as another user."""
    user = Person.host_user_id == host_user_id
    left = (Person.address == compared(email)) & (Person.address != "") & ~Person.active
    return session.scalar(select(Person).where(user | left).order_by(user.desc()).limit(1))


def other_with_address(session: Session, person: Person) -> Person | None:
    """Another member of staff with the address of `person`."""
    others = select(Person).where(Person.address == person.address, Person.address != "")
    with session.no_autoflush:
        return session.scalar(others.where(Person.id.is_distinct_from(person.id)))


def valid_tokens(session: Session, person: Person, now: datetime) -> Sequence[Token]:
    """The valid tokens of a person's programs."""
    valid = Token.person_id == person.id, Token.revoked_at.is_(None), Token.expires_at > now
    return session.scalars(select(Token).where(*valid)).all()


def owner_of_token(session: Session, digest: str, now: datetime) -> Row[int, str, str, str] | None:
    """The id, name and role of whose valid token this is, with its scope."""
    wanted = select(Person.id, Person.name, Person.role, Token.scope)
    wanted = wanted.join(Token, Token.person_id == Person.id).where(Token.digest == digest, Person.active)
    valid = Token.revoked_at.is_(None), Token.expires_at > now
    return session.execute(wanted.where(*valid)).one_or_none()


def preference_of(session: Session, person_id: int | None) -> Preference | None:
    """How a person wants to be notified of what, if they have chosen."""
    return session.scalar(select(Preference).where(Preference.person_id == person_id))


def wish_digest(session: Session, hour: int, today: date) -> list[int]:
    """The ids of active staff who wish a digest by this hour, and have had none today."""
    return list(session.scalars(_WISH_DIGEST, {"hour": hour, "today": today}))


#: Made once, because workers send it all the time.
_WISH_DIGEST = (
    select(Preference.person_id)
    .join(Person, Person.id == Preference.person_id)
    .where(
        Person.active,
        Preference.digest_hour <= bindparam("hour"),
        or_(Preference.digested_on.is_(None), Preference.digested_on < bindparam("today")),
    )
    .order_by(Person.id)
)
