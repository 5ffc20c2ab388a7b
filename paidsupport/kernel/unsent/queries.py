"""Forms that wait for their person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.unsent.tables import Unsent


def newest(session: Session, person_id: int, most: int) -> Sequence[int]:
    """The ids of the forms of a person that came last."""
    wanted = select(Unsent.id).where(Unsent.person_id == person_id).order_by(Unsent.id.desc())
    return session.scalars(wanted.limit(most)).all()


def sealed(session: Session, digest: str, person_id: int | None, since: datetime) -> bytes | None:
    """What a form of a person says, sealed, if it came after a moment."""
    mine = Unsent.digest == digest, Unsent.person_id == person_id, Unsent.created_at > since
    return session.scalar(select(Unsent.sealed).where(*mine))
