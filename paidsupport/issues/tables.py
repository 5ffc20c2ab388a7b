"""Issues: what is wrong or missing in what we make, kept apart from everything about customers (T3, N5).

No table here has a place for the customer who asked: that stays on the tickets that follow an issue. Every
query on behalf of a person adds `visible`, so that private issues are read only for those who may see them.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.issues.rules.releases import NO_RELEASE, release_order
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.db.base import (
    Base,
    Facts,
    HistoryLine,
    Id,
    Maybe,
    Moment,
    Name,
    Recorded,
    StaffName,
    Word,
)
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CHECKED, HASHED, OURS, PROGRAM, STAFF, plain
from paidsupport.kernel.db.objects import Locking
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import StaleIssueError, existing
from paidsupport.kernel.workflow import Part

#: The deadline, for sorting, of an issue that has none: after every other one.
NO_DEADLINE = date(9999, 12, 31)
#: States in which nothing is left to do.
OVER = ISSUE.names(Part.CLOSED)
OPEN = "state NOT IN ('resolved', 'closed')"
#: What management has to do with new issues, in the order of their inbox: set a timeline, ask a developer,
#: have customers told.
INBOX = {
    "timeline": "state = 'new' AND timeline_at IS NULL AND feedback_at IS NOT NULL",
    "ask": "state = 'new' AND timeline_at IS NULL AND feedback_at IS NULL",
    "tell": "state = 'new' AND timeline_at IS NOT NULL",
}
#: SQL for issues that are being or going to be worked on: they fill their assignee's time (T15).
LOAD = "state IN ('confirmed', 'assigned') AND owner_id IS NOT NULL"
#: SQL for issues that any developer may start.
FREE = "state = 'confirmed' AND owner_id IS NULL"
#: SQL for followers whose customers neither know that it is solved nor have left.
WAITING = "told_at IS NULL AND ended_at IS NULL"

_CHECKED = plain(CHECKED, STAFF, PROGRAM)


class Issue(Recorded, Base):
    """Something to be analysed and solved. `version` grows with every transition and nothing else."""

    __tablename__ = "paidsupport_issue"
    __table_args__ = (
        CheckConstraint("kind IN ('bug', 'feature', 'documentation')", name="kind"),
        CheckConstraint(
            "state IN ('new', 'feedback', 'confirmed', 'assigned', 'review', 'resolved', 'closed')",
            name="state",
        ),
        CheckConstraint("priority BETWEEN 1 AND 4", name="priority"),
        CheckConstraint("minutes_left IS NULL OR minutes_left >= 0", name="minutes_left"),
        CheckConstraint("fixed_where IN ('', 'git', 'staging', 'production')", name="fixed_where"),
        CheckConstraint("stage IN ('', 'git', 'staging', 'production')", name="stage"),
        CheckConstraint(
            "state NOT IN ('feedback', 'assigned', 'review') OR owner_id IS NOT NULL", name="held"
        ),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent"),
        CheckConstraint("reviewed_by_id IS NULL OR reviewed_by_id <> author_id", name="reviewed"),
        CheckConstraint("(state = 'closed') = (ended_at IS NOT NULL)", name="ended"),
        # one for each column that lists sort by; the id makes every order total for keyset pages
        Index(None, "state", "priority", "deadline", "id"),
        Index(None, "state", "changed_at", "id"),
        Index(None, "owner_id", "state", "id"),
        Index(None, "state", "target_release", "id"),
        Index(None, "release", "state", "id"),
        Index(None, "changed_at", "id"),
        partial_index("ix_paidsupport_issue_open", "priority", "deadline", "id", where=OPEN),
        partial_index("ix_paidsupport_issue_free", "release_order", "priority", "deadline", "id", where=FREE),
        partial_index("ix_paidsupport_issue_load", "owner_id", "changed_at", where=LOAD),
        *(
            partial_index(f"ix_paidsupport_issue_inbox_{guard}", "priority", "id", where=which)
            for guard, which in INBOX.items()
        ),
        *(
            partial_index(f"ix_paidsupport_issue_{column}", column, where=f"{column} IS NOT NULL")
            for column in ("parent_id", "feedback_due_at", "reviewer_id", "slip_asked_at")
        ),
    )

    kind: Mapped[Word]
    state: Mapped[Word]
    version: Mapped[int] = mapped_column(default=1)
    summary: Mapped[Name] = mapped_column(info=_CHECKED)
    details: Mapped[str] = mapped_column(Text, info=_CHECKED)
    #: Whether disclosing it would do harm: then only managers and its readers see it, anywhere.
    private: Mapped[bool] = mapped_column(default=False)

    #: 1 urgent, 2 high, 3 normal, 4 low.
    priority: Mapped[int] = mapped_column(default=3)
    #: The release it is planned for, and later the one it shipped in.
    target_release: Mapped[Word] = mapped_column(default="", info=_CHECKED)
    #: The release's position in the natural order of releases; `change` keeps it up to date.
    release_order: Mapped[str] = mapped_column(
        String(200).with_variant(String(200, collation="C"), "postgresql"),
        default=NO_RELEASE,
        info=plain(OURS),
    )
    release: Mapped[Word] = mapped_column(default="", info=_CHECKED)
    #: `NO_DEADLINE` if there is none.
    deadline: Mapped[date] = mapped_column(Date, default=NO_DEADLINE)
    #: Minutes of work left.
    minutes_left: Mapped[int | None]

    #: The assignee; `claim_number` grows whenever it changes.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: The manager who assigned them; null if they took it themselves (T11).
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: The member of staff who filed it; null if the desk opened it itself.
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"))

    feedback_asked_at: Mapped[Maybe]
    #: When feedback is due, while it is awaited.
    feedback_due_at: Mapped[Maybe]
    #: When its own feedback was given; that of sub-issues may still be missing.
    feedback_at: Mapped[Maybe]
    estimate_minutes: Mapped[int | None]
    path: Mapped[str] = mapped_column(Text, default="", info=_CHECKED)
    #: Where it was solved already when feedback was asked for, and in which version.
    fixed_where: Mapped[Word] = mapped_column(default="")
    fixed_version: Mapped[Word] = mapped_column(default="", info=_CHECKED)
    #: When management set the timeline.
    timeline_at: Mapped[Maybe]

    #: Who solved it, who was asked to review it, who did, and the outcome.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    review_outcome: Mapped[Word] = mapped_column(default="")
    submitted_at: Mapped[Maybe]
    approved_at: Mapped[Maybe]
    #: How far the solution has come, and in which version.
    stage: Mapped[Word] = mapped_column(default="")
    stage_version: Mapped[Word] = mapped_column(default="", info=_CHECKED)

    #: When the desk asked for an announcement that the deadline slips, and since when there is one (T15).
    slip_asked_at: Mapped[Maybe]
    slipping_since: Mapped[Maybe]

    end_reason: Mapped[Word] = mapped_column(default="")
    created_at: Mapped[Moment]
    resolved_at: Mapped[Maybe]
    ended_at: Mapped[Maybe]


class IssueEvent(HistoryLine, Base):
    """One event of an issue's history, never changed; it holds figures and words of ours, nothing typed."""

    __tablename__ = "paidsupport_issue_event"
    __table_args__ = (
        UniqueConstraint("issue_id", "number"),
        # the one-time key of a form is unique here, because the event stands for the operation
        Index("uq_paidsupport_issue_event_key", "key", unique=True),
        Index(None, "kind", "at"),
    )

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    data: Mapped[Facts] = mapped_column(info=plain(CHECKED))
    salt: Mapped[Word] = mapped_column(info=plain(HASHED))
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=plain(CHECKED))


class IssueNote(Base):
    """A note on an issue, stored as written; among notes of the kind `draft`, the newest is in force."""

    __tablename__ = "paidsupport_issue_note"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('note', 'move', 'feedback', 'timeline', 'slip', 'draft', 'tone', 'review', 'kept')",
            name="kind",
        ),
        Index(None, "issue_id", "kind", "id"),
    )

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    kind: Mapped[Word]
    #: The transition or outcome it was left with, if any.
    about: Mapped[Word] = mapped_column(default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    author_name: Mapped[StaffName]
    body: Mapped[str] = mapped_column(Text, info=_CHECKED)
    at: Mapped[Moment]


class IssueTag(Base):
    """One tag on one issue; `folded` is the name without its case."""

    __tablename__ = "paidsupport_issue_tag"
    __table_args__ = (UniqueConstraint("issue_id", "folded"), Index(None, "folded", "issue_id"))

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    name: Mapped[Word] = mapped_column(info=_CHECKED)
    folded: Mapped[str] = mapped_column(String(120), info=plain(CHECKED))


class IssueReader(Base):
    """A person who may see an issue if it is private: its reporter, assignee or reviewer."""

    __tablename__ = "paidsupport_issue_reader"
    __table_args__ = (UniqueConstraint("issue_id", "person_id"), Index(None, "person_id", "issue_id"))

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))


class IssueWord(Base):
    """A word that an issue can be found by: in its own table, so that no search for tickets reads issues."""

    __tablename__ = "paidsupport_issue_word"
    __table_args__ = (UniqueConstraint("word", "issue_id"), Index(None, "issue_id"))

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    #: Compared by code points, so that a prefix is a range.
    word: Mapped[str] = mapped_column(
        String(60).with_variant(String(60, collation="C"), "postgresql"), info=plain(CHECKED)
    )


class Follower(Base):
    """A ticket whose customer waits for an issue, and what they were told (T13, T18)."""

    __tablename__ = "paidsupport_follower"
    __table_args__ = (
        UniqueConstraint("issue_id", "ticket_id"),
        CheckConstraint("stage IN ('git', 'staging', 'production')", name="stage"),
        CheckConstraint("(ended_at IS NULL) = (ending = '')", name="ending"),
        Index(None, "ticket_id"),
        Index(None, "investigating_id"),
        # no email tells of two issues, and none is written twice for one issue
        Index(None, "solved_id", unique=True),
        partial_index("ix_paidsupport_follower_teller", "teller_id", where=WAITING),
        partial_index("ix_paidsupport_follower_waiting", "issue_id", where=WAITING),
        partial_index("ix_paidsupport_follower_to_pass", "id", where="to_pass"),
    )

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: The stage at which the solution is of use to this customer.
    stage: Mapped[Word] = mapped_column(default="production")
    #: The colleague who first answered the customer, and who also tells them that it is solved.
    answerer_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: The messages that said “we are investigating” and “it is solved”.
    investigating_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_message.id"))
    solved_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_message.id"))
    #: When the customer was told in another way (by phone, as noted by staff).
    investigating_at: Mapped[Maybe]
    told_at: Mapped[Maybe]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: The colleague who tells them that it is solved, set on approval, and whom they stand in for.
    teller_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    substitute_for_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: Whether the clock has yet to hand the ticket over to them.
    to_pass: Mapped[bool] = mapped_column(default=False)
    followed_at: Mapped[Moment]
    #: When and why the customer stopped waiting without being told that it is solved.
    ended_at: Mapped[Maybe]
    ending: Mapped[Word] = mapped_column(default="")


class Estimate(Base):
    """One change of the work left and the deadline, with the reason (T15)."""

    __tablename__ = "paidsupport_estimate"
    __table_args__ = (Index(None, "issue_id", "id"),)

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    at: Mapped[Moment]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    person_name: Mapped[StaffName]
    minutes_left: Mapped[int | None]
    deadline: Mapped[date] = mapped_column(Date, default=NO_DEADLINE)
    why: Mapped[str] = mapped_column(Text, default="", info=_CHECKED)


class Workload(Base):
    """When the clock last checked whether a person's work fits into their time (T15)."""

    __tablename__ = "paidsupport_workload"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), unique=True)
    looked_at: Mapped[Moment]


class Step(Base):
    """Something to do for an issue; `touches`: whether it affects a customer's account or data (T11)."""

    __tablename__ = "paidsupport_step"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done"),
        CheckConstraint("NOT touches OR ticket_id IS NOT NULL", name="touches"),
        Index(None, "issue_id", "id"),
    )

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    what: Mapped[str] = mapped_column(Text, info=_CHECKED)
    touches: Mapped[bool] = mapped_column(default=False)
    #: The ticket whose customer is affected.
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: The latest question to the customer about it, if any.
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_decision.id"))
    #: Whether it is a task that a review waits for.
    for_review: Mapped[bool] = mapped_column(default=False)
    #: Who is to do it, if one person in particular.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    added_by: Mapped[StaffName]
    added_at: Mapped[Moment]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    done_by: Mapped[StaffName] = mapped_column(default="")
    done_at: Mapped[Maybe]


class IssueNotice(Base):
    """Notifies one person of one event of an issue's history, on the page and by mail; unique."""

    __tablename__ = "paidsupport_issue_notice"
    __table_args__ = (
        UniqueConstraint("issue_id", "number", "person_id"),
        CheckConstraint("mail IN ('', 'queued', 'sending', 'sent', 'failed')", name="mail"),
        Index(None, "person_id", "id"),
        partial_index("ix_paidsupport_issue_notice_unread", "person_id", where="read_at IS NULL"),
        partial_index("ix_paidsupport_issue_notice_queued", "id", where="mail IN ('queued', 'sending')"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"))
    #: The number of the event in its history.
    number: Mapped[int]
    #: Why they are notified; a name of `paidsupport.issues.rules.kinds.Occasion`.
    occasion: Mapped[Word]
    at: Mapped[Moment]
    read_at: Mapped[Maybe]
    #: What became of its mail; empty if it is shown on the page alone.
    mail: Mapped[Word] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Maybe]


# built once: every operation begins or ends with one of these
_TABLE = Base.metadata.tables[Issue.__tablename__]
_BY_ID = Locking(Issue, _TABLE.c.id == bindparam("id"))
_AS_READ = update(_TABLE).where(
    _TABLE.c.id == bindparam("read_id"), _TABLE.c.version == bindparam("read_version")
)


def visible(by: Actor) -> ColumnElement[bool]:
    """The condition that `by` may see an issue: private ones only managers, their readers, and the clock."""
    if by.is_manager or by.kind == "clock":
        return true()
    reads = exists().where(IssueReader.issue_id == Issue.id, IssueReader.person_id == (by.id or 0))
    return or_(~Issue.private, reads) if by.is_person else ~Issue.private


def named(typed: str) -> str:
    """The code that was typed, as it is stored. Raises NotFoundError if it is not a code."""
    return existing(tidy_code(typed, ISSUE_PREFIX))


def lock(session: Session, code: str, by: Actor) -> Issue:
    """Lock the issue called `code` against all other operations.

    Raises NotFoundError if `by` may not see it.
    """
    return existing(_by_code(by).row(session, {"code": code}))


def lock_by_id(session: Session, issue_id: int) -> Issue:
    """Like `lock`, by id and without regard to who asks."""
    return existing(_BY_ID.row(session, {"id": issue_id}))


@lru_cache
def _by_code(by: Actor) -> Locking[Issue]:
    return Locking(Issue, and_(_TABLE.c.code == bindparam("code"), visible(by)))


def see(session: Session, code: str, by: Actor) -> Issue:
    """The issue called `code`, not locked. Raises NotFoundError if `by` may not see it."""
    return existing(session.scalar(_seen(by), {"code": code}))


@lru_cache
def _seen(by: Actor) -> Select[Issue]:
    return select(Issue).where(Issue.code == bindparam("code"), visible(by))


def public(session: Session, code: str) -> Issue:
    """The issue called `code`, for the public. Raises NotFoundError also if it is private."""
    return existing(session.scalar(select(Issue).where(Issue.code == code, ~Issue.private)))


def change(session: Session, issue: Issue, **values: Any) -> None:  # noqa: ANN401  # columns
    """Write `values` if the row still has the version that `issue` was read at. Raises StaleIssueError."""
    session.flush()
    if "target_release" in values:
        values["release_order"] = release_order(values["target_release"])
    done = write(session, _AS_READ, {**values, "read_id": issue.id, "read_version": issue.version})
    if done != 1:
        raise StaleIssueError(issue.code)
    for name, value in values.items():
        set_committed_value(issue, name, value)
