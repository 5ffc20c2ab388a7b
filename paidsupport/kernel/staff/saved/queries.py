"""The saved views that a person sees."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from paidsupport.kernel.staff.saved.tables import SavedView

#: Most views that one person sees; more of them are no help.
MOST = 30


def for_person(session: Session, person_id: int) -> Sequence[SavedView]:
    """Those that are shared, then their own, each by name: one query."""
    wanted = select(SavedView).where(or_(SavedView.person_id.is_(None), SavedView.person_id == person_id))
    return session.scalars(wanted.order_by(SavedView.person_id.is_not(None), SavedView.name)).all()


def shared(session: Session) -> Sequence[SavedView]:
    """Those that all staff see, by name."""
    wanted = select(SavedView).where(SavedView.person_id.is_(None))
    return session.scalars(wanted.order_by(SavedView.name, SavedView.id)).all()
