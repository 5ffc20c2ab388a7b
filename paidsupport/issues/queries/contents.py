"""Queries for the contents of one issue: notes, tags, steps, tasks, history, readers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, Row, bindparam, func, select
from sqlalchemy.orm import Session

from paidsupport.issues.rules.kinds import RELEASE_NOTE
from paidsupport.issues.tables import Issue, IssueEvent, IssueNote, IssueReader, IssueTag, Step
from paidsupport.issues.workflow import START
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.tables import Ticket

#: The kind of the event that records what was kept, by kinds and hashes.
KEPT = "personal-kept"

# the queries of every issue's page, built once
_ISSUE: BindParameter[int] = bindparam("issue")
_NOTES = select(IssueNote).where(IssueNote.issue_id == _ISSUE).order_by(IssueNote.id)
_NOTES_OF_KIND = _NOTES.where(IssueNote.kind == bindparam("kind"))
_TAGS = select(IssueTag).where(IssueTag.issue_id == _ISSUE).order_by(IssueTag.id)
_LINES = select(IssueEvent).where(IssueEvent.issue_id == _ISSUE)
_NEWEST_LINES = _LINES.order_by(IssueEvent.number.desc()).limit(bindparam("newest"))
_KEPT = select(IssueEvent.data).where(IssueEvent.issue_id == _ISSUE, IssueEvent.kind == KEPT)
_STEPS = (
    select(Step, Ticket, Decision)
    .outerjoin(Ticket, Ticket.id == Step.ticket_id)
    .outerjoin(Decision, Decision.id == Step.consent_id)
    .where(Step.issue_id == _ISSUE, ~Step.for_review)
    .order_by(Step.id)
    .execution_options(populate_existing=True)
)
_TASKS = select(Step).where(Step.issue_id == _ISSUE, Step.for_review).order_by(Step.id)


def notes_of(session: Session, issue: Issue, kind: str = "") -> list[IssueNote]:
    """The notes of an issue, oldest first; only those of one `kind`, if given."""
    return list(session.scalars(_NOTES_OF_KIND if kind else _NOTES, {"issue": issue.id, "kind": kind}))


def newest_note(session: Session, issue: Issue, kind: str) -> IssueNote | None:
    """The newest note of a kind; of drafts, the one in force."""
    wanted = select(IssueNote).where(IssueNote.issue_id == issue.id, IssueNote.kind == kind)
    return session.scalar(wanted.order_by(IssueNote.id.desc()).limit(1))


def release_words(session: Session, issue: Issue) -> str:
    """The text for the release notes; empty if the subject is used."""
    wanted = select(IssueNote.body).where(IssueNote.issue_id == issue.id, IssueNote.about == RELEASE_NOTE)
    return session.scalar(wanted.order_by(IssueNote.id.desc()).limit(1)) or ""


def tags_of(session: Session, issue: Issue) -> list[IssueTag]:
    """The tags of an issue, in the order they were added."""
    return list(session.scalars(_TAGS, {"issue": issue.id}))


def history_of(session: Session, issue: Issue, newest: int | None = None) -> list[IssueEvent]:
    """The history of an issue from the first event on; or its `newest` events, the newest first."""
    if newest is None:
        return list(session.scalars(_LINES.order_by(IssueEvent.number), {"issue": issue.id}))
    return list(session.scalars(_NEWEST_LINES, {"issue": issue.id, "newest": newest}))


def marks_kept(session: Session, issue: Issue) -> set[str]:
    """The marks of what was kept on an issue although it looks personal."""
    return {mark for data in session.scalars(_KEPT, {"issue": issue.id}) for mark in data.get("kept", ())}


def last_starter(session: Session, issue: Issue) -> int | None:
    """The person who last started work on an issue."""
    started = select(IssueEvent.actor_id).where(
        IssueEvent.issue_id == issue.id, IssueEvent.kind == START.name
    )
    return session.scalar(started.order_by(IssueEvent.number.desc()).limit(1))


def readers(session: Session, issue: Issue) -> set[int]:
    """The ids of those who may see an issue if it is private, besides managers."""
    return set(session.scalars(select(IssueReader.person_id).where(IssueReader.issue_id == issue.id)))


def steps_of(session: Session, issue: Issue) -> Sequence[Row[Step, Ticket | None, Decision | None]]:
    """The steps of an issue in order, each with its ticket and the question to the customer."""
    return session.execute(_STEPS, {"issue": issue.id}).all()


def count_steps(session: Session, issue: Issue) -> int:
    """The number of steps and tasks of an issue."""
    return session.scalars(select(func.count()).where(Step.issue_id == issue.id)).one()


def tasks_of(session: Session, issue: Issue) -> Sequence[Step]:
    """The tasks of a review, in the order they were added."""
    return session.scalars(_TASKS, {"issue": issue.id}).all()
