"""The staff, and the tokens of their programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.orm import Session

from paidsupport.kernel.actors import Role
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.db.prepared import fetch_one
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff.tables import Person, Preference, Token


def everybody(session: Session) -> list[Person]:
    """All active staff, by name."""
    return list(session.scalars(select(Person).where(Person.active).order_by(Person.name, Person.id)))


def names(session: Session) -> dict[int, str]:
    """The names of all present and former staff, by id."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name))}


def former(session: Session) -> list[Person]:
    """All who are not on the staff any more, by name."""
    return list(session.scalars(select(Person).where(~Person.active).order_by(Person.name, Person.id)))


def managers(session: Session) -> list[int]:
    """The ids of all active managers."""
    wanted = select(Person.id).where(Person.active, Person.role == Role.MANAGER)
    with session.no_autoflush:
        return list(session.scalars(wanted.order_by(Person.id)))


def managers_ever(session: Session) -> int:
    """How many managers there are or have been."""
    wanted = select(func.count()).select_from(Person).where(Person.role == Role.MANAGER)
    with session.no_autoflush:
        return session.scalar(wanted) or 0


def of_host_user(session: Session, host_user_id: str) -> Person | None:
    """The row of a user of the host site, present or former."""
    return session.scalar(select(Person).where(Person.host_user_id == host_user_id))


def by_address(session: Session, email: str) -> Person:
    """The active member of staff with this address. Raises NotFoundError."""
    person = session.scalar(select(Person).where(Person.address == compared(email), Person.active))
    if person is None:
        raise NotFoundError(f"No member of staff has the address {email}.")
    return person


def stays(session: Session, person_id: int | None) -> bool:
    """Whether a person works at the desk, and does so until this transaction ends.

    To be asked before anything is given to them. Whoever disables them waits for that, sees it, and passes it
    on; who comes later waits for them and learns that the person is gone. Several can be given something at
    the same time.
    """
    row = fetch_one(session.connection(), _STAYS, {"id": person_id})
    return row is not None and row.active


#: PostgreSQL locks the row, on SQLite the transaction holds the write lock from its start.
_STAYS = select(Person.active).where(Person.id == bindparam("id")).with_for_update(read=True)


def known_before(session: Session, host_user_id: str, email: str) -> Person | None:
    """The row of a user of the host site; or of who left with this address and comes back as another user."""
    user = Person.host_user_id == host_user_id
    left = (Person.address == compared(email)) & (Person.address != "") & ~Person.active
    return session.scalar(select(Person).where(user | left).order_by(user.desc()).limit(1))


def active_with_address(session: Session, address: str) -> Person | None:
    """The active member of staff with this address, in its form for comparing."""
    return session.scalar(select(Person).where(Person.address == address, Person.active))


def other_with_address(session: Session, person: Person) -> Person | None:
    """Another member of staff with the address of `person`."""
    others = select(Person).where(Person.address == person.address, Person.address != "")
    with session.no_autoflush:
        return session.scalar(others.where(Person.id.is_distinct_from(person.id)))


def valid_tokens(session: Session, person: Person, now: datetime) -> Sequence[Token]:
    """The valid tokens of a person's programs."""
    valid = Token.person_id == person.id, Token.revoked_at.is_(None), Token.expires_at > now
    return session.scalars(select(Token).where(*valid)).all()


def tokens_of(session: Session, person_id: int, now: datetime) -> Sequence[Token]:
    """The tokens of a person that can still be used, the newest first."""
    valid = Token.person_id == person_id, Token.revoked_at.is_(None), Token.expires_at > now
    return session.scalars(select(Token).where(*valid).order_by(Token.id.desc())).all()


def owner_of_token(
    session: Session, digest: str, now: datetime
) -> Row[int, str, str, int, str, datetime | None] | None:
    """The id, name and role of whose valid token this is, with its id, its scope and its last use."""
    wanted = select(
        Person.id, Person.name, Person.role, Token.id.label("token_id"), Token.scope, Token.last_used_at
    )
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
