"""Queries for resolved issues, for those that a release closed, and for the release notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session

from paidsupport.issues.rules.kinds import RELEASE_NOTE
from paidsupport.issues.tables import Follower, Issue, IssueNote, visible
from paidsupport.issues.workflow import CLOSED, RESOLVED
from paidsupport.kernel.actors import Actor

#: The most releases in the list.
_MOST = 50


def resolved(session: Session, by: Actor, name: str = "") -> Sequence[Issue]:
    """All resolved issues that can be closed, those planned for the release `name` first."""
    wanted = select(Issue).where(Issue.state == RESOLVED.name, visible(by))
    return session.scalars(wanted.order_by(Issue.target_release != name, Issue.priority, Issue.id)).all()


def shipped(session: Session, by: Actor) -> Sequence[Row[str, int, datetime | None]]:
    """Releases that closed issues: `name`, number `closed`, and the last moment (`at`); newest first."""
    last = func.max(Issue.ended_at)
    columns = Issue.release.label("name"), func.count().label("closed"), last.label("at")
    wanted = select(*columns).where(Issue.release != "", Issue.state == CLOSED.name, visible(by))
    return session.execute(wanted.group_by(Issue.release).order_by(last.desc()).limit(_MOST)).all()


def is_shipped(session: Session, by: Actor, name: str) -> bool:
    """Whether a release has closed an issue that `by` may see."""
    known = select(Issue.id).where(Issue.release == name, Issue.state == CLOSED.name, Issue.release != "")
    return session.scalar(known.where(visible(by)).limit(1)) is not None


def shipped_in(session: Session, name: str) -> Sequence[Row[Any]]:
    """What customers waited for and what is new in a release, with the text `said`; nothing private."""
    followed = exists().where(Follower.issue_id == Issue.id)
    said = select(IssueNote.body).where(IssueNote.issue_id == Issue.id, IssueNote.about == RELEASE_NOTE)
    said_ = said.order_by(IssueNote.id.desc()).limit(1).correlate(Issue).scalar_subquery()
    wanted = (
        select(Issue.kind, Issue.code, Issue.summary, said_.label("said"))
        .where(Issue.release == name, Issue.state == CLOSED.name, ~Issue.private)
        .where(or_(followed, Issue.kind.in_(("feature", "documentation"))))
        .order_by(Issue.priority, Issue.id)
    )
    return session.execute(wanted).all()


def ids_called(session: Session, by: Actor, codes: Sequence[str]) -> list[int]:
    """The ids of the issues with these codes that `by` may see."""
    return list(session.scalars(select(Issue.id).where(Issue.code.in_(codes), visible(by))))
