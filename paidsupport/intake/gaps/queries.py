"""Queries: what was counted of pages and questions lately, and which of it needs an issue (T5, N8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    distinct,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from paidsupport.intake.gaps.rules import SILENT, WEEKS, WINDOW, Counts, TopicKind
from paidsupport.intake.gaps.tables import Asked, Gap, Topic
from paidsupport.intake.guides.tables import Guide
from paidsupport.issues.tables import Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.parts import Loaded, Part, any_with
from paidsupport.kernel.db.rows import ReadOnly
from paidsupport.kernel.db.wording import forms
from paidsupport.kernel.i18n.messages import worded
from paidsupport.tickets.tables import Ticket

#: The most topics on a page, and in a table for spreadsheets.
MOST, MOST_ROWS = 100, 10_000
#: This many of the latest pages that customers were pointed to tell which sites are documentation.
_MOST_PAGES = 500
#: The most pages named in an issue about a question.
_PAGES = 6


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A topic with its recent counts, and its open issue."""

    topic_id: int
    kind: str
    name: str
    #: The guide's slug, and its title in the reader's language; empty for other pages and for questions.
    slug: str
    title: str
    counts: Counts
    #: The number of customers who have not answered for a long time.
    silent: int
    #: How often it came up, week by week, the present one last.
    weeks: tuple[int, ...]
    #: The code of the issue; empty if none is open.
    issue: str


def needed(
    session: Session, now: datetime, *, unhappy: int, repeated: int, until: datetime | None = None
) -> Sequence[int]:
    """The ids of topics that have reached a threshold and have no open issue.

    Questions come first: they say more than their pages. `until`: later requests are not counted.
    """
    values = {"since": now - WINDOW, "unhappy": unhappy, "repeated": repeated, "until": until}
    return session.scalars(_needed(past=until is not None), values).all()


@cache
def _needed(*, past: bool) -> Select[int]:
    """The statement; built once like the next one, because workers run it all the time."""
    wanted = _uncounted(bindparam("since", type_=Asked.counted_at.type)).join(
        Topic, Topic.id == Asked.topic_id
    )
    if past:
        wanted = wanted.where(Asked.counted_at <= bindparam("until", type_=Asked.counted_at.type))
    enough = or_(
        _requests(Asked.answer == "nowhere") >= 1,
        _requests(Asked.answer == "not-helped") >= bindparam("unhappy"),
        _requests() >= bindparam("repeated"),
    )
    wanted = wanted.group_by(Asked.topic_id, Topic.kind).having(enough)
    return wanted.order_by(Topic.kind.desc(), Asked.topic_id)


def unsettled(session: Session) -> Sequence[int]:
    """The ids of topics whose issue has ended or was reopened, or got requests that count towards it."""
    return session.scalars(_unsettled()).all()


@cache
def _unsettled() -> Select[int]:
    newer = aliased(Asked)
    more = (newer.topic_id == Gap.topic_id, newer.gap_id.is_(None), newer.counted_at >= Gap.opened_at)
    other = aliased(Gap)
    none_open = ~select(other.id).where(other.topic_id == Gap.topic_id, other.ended_at.is_(None)).exists()
    later = aliased(Gap)
    last = ~select(later.id).where(later.topic_id == Gap.topic_id, later.id > Gap.id).exists()
    goes_on = or_(Issue.ended_at.is_not(None), select(newer.id).where(*more).exists())
    changed = or_(
        and_(Gap.ended_at.is_(None), goes_on),
        and_(Gap.ended_at.is_not(None), Issue.ended_at.is_(None), none_open, last),
    )
    wanted = select(Gap.topic_id).join(Issue, Issue.id == Gap.issue_id).where(changed)
    return wanted.order_by(Gap.topic_id)


def uncounted(session: Session, topic_id: int, now: datetime) -> Sequence[Asked]:
    """Requests of a topic that count towards no issue yet, locked, with those of the same pointers.

    If two workers want the same rows, the later one gets those that are left.
    """
    shared = select(Asked.pointer_id).where(Asked.topic_id == topic_id, Asked.pointer_id.is_not(None))
    wanted = select(Asked).where(
        or_(Asked.topic_id == topic_id, Asked.pointer_id.in_(shared)),
        Asked.gap_id.is_(None),
        Asked.counted_at >= now - WINDOW,
    )
    wanted = (
        wanted.order_by(Asked.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def _uncounted(since: datetime | BindParameter[datetime]) -> Select[int]:
    is_open = select(Gap.id).where(Gap.topic_id == Asked.topic_id, Gap.ended_at.is_(None)).exists()
    return select(Asked.topic_id).where(Asked.counted_at >= since, Asked.gap_id.is_(None), ~is_open)


def _requests(which: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """The number of requests, each counted once however often the topic came up in it."""
    if which is None:
        return func.count(distinct(Asked.ticket_id))
    return func.count(distinct(case((which, Asked.ticket_id))))


def of_topics(session: Session, kind: TopicKind, now: datetime, most: int) -> list[tuple[Topic, Counts]]:
    """The topics of one kind that came up lately, the most frequent first, with their counts."""
    wanted = (
        select(Topic, *_counts())
        .join(Asked, Asked.topic_id == Topic.id)
        .where(Topic.kind == kind, Asked.counted_at >= now - WINDOW)
        .group_by(Topic.id)
        .order_by(_requests().desc(), Topic.id)
        .limit(most)
    )
    return [(row[0], _counted(row)) for row in session.execute(wanted)]


def with_page(session: Session, key: str, now: datetime) -> set[int]:
    """The ids of questions that were lately answered with the page of this key."""
    on_page, question = aliased(Asked), aliased(Asked)
    wanted = (
        select(question.topic_id)
        .join(on_page, on_page.pointer_id == question.pointer_id)
        .join(Topic, Topic.id == on_page.topic_id)
        .where(Topic.kind == TopicKind.PAGE, Topic.key == key, on_page.counted_at >= now - WINDOW)
        .where(question.topic_id != on_page.topic_id)
    )
    return set(session.scalars(wanted.distinct()))


def lines(session: Session, by: Actor, kind: TopicKind, now: datetime, most: int = MOST) -> list[CountedLine]:
    """The topics of one kind that came up lately, the most needed first: one query.

    Issues are included only as far as `by` may see them.
    """
    week = timedelta(weeks=1)
    begins = [now - week * (WEEKS - number) for number in range(WEEKS + 1)]
    weeks = [
        func.count().filter(Asked.asked_at > begin, Asked.asked_at <= begin + week).label(f"week_{number}")
        for number, begin in enumerate(begins[:-1])
    ]
    silent = _requests(and_(Asked.answer == "", Asked.asked_at <= now - SILENT)).label("silent")
    counted = (
        select(Asked.topic_id, *_counts(), silent, *weeks)
        .join(Topic, Topic.id == Asked.topic_id)
        .where(Topic.kind == kind, Asked.counted_at >= now - WINDOW)
        .group_by(Asked.topic_id)
        .subquery()
    )
    wanted = (
        select(
            *(
                Topic.id.label("topic_id"),
                Topic.kind,
                Topic.name,
                Guide.slug,
                Guide.title,
                Guide.translations,
            ),
            Issue.code.label("issue"),
            *(column for column in counted.c if column.name != "topic_id"),
        )
        .join(counted, counted.c.topic_id == Topic.id)
        .outerjoin(Guide, Guide.id == Topic.guide_id)
        .outerjoin(Gap, and_(Gap.topic_id == Topic.id, Gap.ended_at.is_(None)))
        .outerjoin(Issue, and_(Issue.id == Gap.issue_id, visible(by)))
        .order_by(
            (counted.c.unhappy + counted.c.nowhere).desc(), counted.c.asked.desc(), Topic.name, Topic.id
        )
        .limit(most)
    )
    return [_line(row) for row in session.execute(wanted)]


def _line(row: Any) -> CountedLine:  # noqa: ANN401  # a row of the query above
    return CountedLine(
        row.topic_id,
        row.kind,
        row.name,
        row.slug or "",
        worded(row.title, forms(row.translations, "title")) if row.slug else "",
        _counted(row),
        row.silent,
        tuple(getattr(row, f"week_{number}") for number in range(WEEKS)),
        row.issue or "",
    )


def _counts() -> list[ColumnElement[int]]:
    return [
        _requests().label("asked"),
        _requests(Asked.answer == "helped").label("helped"),
        _requests(Asked.answer == "not-helped").label("unhappy"),
        _requests(Asked.answer == "nowhere").label("nowhere"),
    ]


def _counted(row: Any) -> Counts:  # noqa: ANN401  # a row with the columns above
    return Counts(row.asked, row.helped, row.unhappy, row.nowhere)


@dataclass(frozen=True, slots=True)
class Counted:
    """A request that counts towards an issue."""

    code: str
    #: The customer's last answer about the page: `helped`, `not-helped`, empty; `nowhere` without a page.
    answer: str
    asked_at: datetime


def towards(session: Session, issue_id: int) -> list[Counted]:
    """The requests that count towards an automatically opened issue, each once, newest first."""
    wanted = (
        select(Ticket.code, Asked.answer, Asked.asked_at)
        .join(Ticket, Ticket.id == Asked.ticket_id)
        .join(Gap, Gap.id == Asked.gap_id)
        .where(Gap.issue_id == issue_id)
        .order_by(Asked.counted_at, Asked.id)
    )
    newest = {row.code: Counted(row.code, row.answer, row.asked_at) for row in session.execute(wanted)}
    return sorted(newest.values(), key=lambda each: each.asked_at, reverse=True)


def topic(session: Session, kind: TopicKind, key: str) -> Topic | None:
    """The topic with this key."""
    return session.scalar(select(Topic).where(Topic.kind == kind, Topic.key == key))


def lock_topic(session: Session, topic_id: int) -> Topic | None:
    """Lock one topic against other workers."""
    return session.scalar(select(Topic).where(Topic.id == topic_id).with_for_update(key_share=True))


def newest_gap(session: Session, topic: Topic, *which: ColumnElement[bool]) -> Row[Gap, Issue] | None:
    """The newest matching gap of a topic with its issue, read afresh."""
    wanted = select(Gap, Issue).join(Issue, Issue.id == Gap.issue_id).where(Gap.topic_id == topic.id)
    wanted = wanted.where(*which).order_by(Gap.id.desc()).limit(1)
    return session.execute(wanted, execution_options={"populate_existing": True}).one_or_none()


def pages_for(session: Session, question: Topic, now: datetime) -> Sequence[str]:
    """The pages that a question was answered with lately, the most used first."""
    here, page = aliased(Asked), aliased(Asked)
    wanted = select(Topic.name).join(page, page.topic_id == Topic.id)
    wanted = wanted.join(here, here.pointer_id == page.pointer_id).where(Topic.kind == TopicKind.PAGE)
    wanted = wanted.where(here.topic_id == question.id, here.counted_at >= now - WINDOW)
    wanted = wanted.group_by(Topic.name).order_by(func.count().desc(), Topic.name)
    return session.scalars(wanted.limit(_PAGES)).all()


def last_pages(session: Session) -> Sequence[str]:
    """The pages of documentation that customers were pointed to last."""
    wanted = select(Topic.name).where(Topic.kind == TopicKind.PAGE).order_by(Topic.id.desc())
    return session.scalars(wanted.limit(_MOST_PAGES)).all()


_ROWS = ReadOnly(Gap)
_WANTED = (
    select(*_ROWS.columns)
    .where(
        Gap.id.in_(select(Asked.gap_id).where(Asked.ticket_id == bindparam("record"))),
        Gap.issue_id.in_(select(Issue.id).where(~Issue.private)),
    )
    .order_by(Gap.id)
)


def _missing(page: Loaded[Any]) -> list[Gap]:
    return _ROWS.rows(page.ask(_WANTED))


#: The documentation gap that a ticket counts towards, unless its issue is private.
GAPS: Part[list[Gap]] = Part(
    "gaps",
    any_with(Asked.ticket_id, Asked.gap_id.is_not(None)),
    _missing,
)
