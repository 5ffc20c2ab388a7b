"""Pages and drafts that wait for their person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from paidsupport.kernel.unsent.tables import Draft, Unsent


def newest(session: Session, person_id: int, most: int) -> Sequence[int]:
    """The ids of the pages of a person that came last."""
    wanted = select(Unsent.id).where(Unsent.person_id == person_id).order_by(Unsent.id.desc())
    return session.scalars(wanted.limit(most)).all()


def sealed(session: Session, digest: str, person_id: int | None, since: datetime) -> bytes | None:
    """What a page of a person says, sealed, if it came after a moment."""
    mine = Unsent.digest == digest, Unsent.person_id == person_id, Unsent.created_at > since
    return session.scalar(select(Unsent.sealed).where(*mine))


def put_draft(session: Session, person_id: int | None, key: str, values: Mapping[str, Any]) -> bool:
    """Write a draft, or into the one that is there unless it was sent; whether it was written."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = make(Draft).values(person_id=person_id, key=key, **values)
    kept = row.on_conflict_do_update(
        index_elements=["person_id", "key"], set_=values, where=Draft.sealed.is_not(None)
    )
    return session.scalar(kept.returning(Draft.id)) is not None


def draft(session: Session, person_id: int | None, key: str) -> Draft | None:
    """One draft of a person."""
    return session.scalar(select(Draft).where(Draft.person_id == person_id, Draft.key == key))


def newest_drafts(session: Session, person_id: int, most: int) -> Sequence[int]:
    """The ids of the drafts of a person that were saved last; what was sent is none any more."""
    waiting = Draft.person_id == person_id, Draft.sealed.is_not(None)
    wanted = select(Draft.id).where(*waiting).order_by(Draft.saved_at.desc())
    return session.scalars(wanted.limit(most)).all()


def drafts_at(
    session: Session, person_id: int | None, path: str, record: str, since: datetime
) -> Sequence[Draft]:
    """The drafts of a person for a form that leads to `path`, or below it if that is a page of `record`."""
    here = [Draft.path == path]
    if record:
        here.append((Draft.record == record) & Draft.path.startswith(f"{path}/", autoescape=True))
    mine = Draft.person_id == person_id, Draft.sealed.is_not(None), Draft.saved_at > since
    return session.scalars(select(Draft).where(*mine, or_(*here)).order_by(Draft.saved_at.desc())).all()
