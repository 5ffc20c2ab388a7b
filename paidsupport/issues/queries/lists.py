"""Queries for lists of issues by keyset pages, what surrounds them, and sub-issues; fixed in number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, func, literal, select, tuple_
from sqlalchemy import text as sql
from sqlalchemy.orm import InstrumentedAttribute, Session

from paidsupport.issues.queries.words import holds
from paidsupport.issues.tables import OPEN, Issue, IssueNote, IssueNotice, IssueTag, visible
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.counts import COUNT_LIMIT
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.tags.rules import fold_tag

#: Issues on one page of a list.
PAGE = 50
#: Open issues in the order in which they should be done, or those changed last.
SORTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "priority": (Issue.priority, Issue.deadline, Issue.id),
    "changed": (Issue.changed_at, Issue.id),
}

_COLUMNS = (
    *(Issue.id, Issue.code, Issue.kind, Issue.state, Issue.summary, Issue.private, Issue.priority),
    *(Issue.target_release, Issue.release, Issue.deadline, Issue.minutes_left, Issue.version),
    *(Issue.owner_id, Issue.created_at, Issue.changed_at, Issue.feedback_due_at, Issue.slipping_since),
    Person.name.label("owner_name"),
    # tag names have no commas
    select(func.aggregate_strings(IssueTag.name, ","))
    .where(IssueTag.issue_id == Issue.id)
    .correlate(Issue)
    .scalar_subquery()
    .label("tags"),
)
#: The rows of a list, without conditions.
ROWS: Select[*tuple[Any, ...]] = select(*_COLUMNS).outerjoin(Person, Person.id == Issue.owner_id)

#: Kinds of notes that do not count as the last message: drafts of emails, and reasons to keep something.
_NO_WORDS = ("draft", "tone", "kept")
#: The number of characters of a note read for its first words.
_READ = 300
# aliases of the tables, because `aliased` would configure all mappers at import
_LAST, _NOTES = IssueNote.__table__.alias(), IssueNote.__table__.alias()
_newest = select(func.max(_NOTES.c.id)).where(_NOTES.c.issue_id == Issue.id, _NOTES.c.kind.not_in(_NO_WORDS))
_unread = exists().where(
    IssueNotice.issue_id == Issue.id,
    IssueNotice.person_id == bindparam("reader"),
    IssueNotice.read_at.is_(None),
)
#: `ROWS` with the last message, and whether there is news for a `reader`.
LISTED = ROWS.outerjoin(_LAST, and_(_LAST.c.id == _newest.correlate(Issue).scalar_subquery())).add_columns(
    Issue.reviewer_id,
    _LAST.c.author_name.label("last_author"),
    _LAST.c.at.label("last_at"),
    func.substr(_LAST.c.body, 1, _READ).label("last_words"),
    _unread.label("unread"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which issues to show; empty fields do not filter. `state` may be `open`: all that are not over."""

    state: str = "open"
    kind: str = ""
    owner: int | None = None
    tag: str = ""
    release: str = ""
    words: Sequence[str] = ()
    sort: str = "priority"
    #: The key of the last row of the previous page.
    after: tuple[Any, ...] | None = None
    #: How many at most.
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `following` is the key for the next page, None on the last one."""

    rows: Sequence[Row[Any]]
    following: tuple[Any, ...] | None


def page(session: Session, by: Actor, wanted: Wanted) -> Page:
    """The rows of one page that `by` may see: one query. If sorted by change, the newest come first."""
    query = _filtered(LISTED.where(visible(by)), wanted)
    keys = SORTS[wanted.sort]
    down = wanted.sort == "changed"
    if wanted.after is not None:
        values = [literal(value, key.type) for value, key in zip(wanted.after, keys, strict=True)]
        here, before = tuple_(*keys), tuple_(*values)
        query = query.where(here < before if down else here > before)
    order = [key.desc() for key in keys] if down else list(keys)
    rows = session.execute(query.order_by(*order).limit(wanted.limit + 1), {"reader": by.id or 0}).all()
    if len(rows) <= wanted.limit:
        return Page(rows, None)
    last = rows[wanted.limit - 1]
    return Page(rows[: wanted.limit], tuple(getattr(last, key.key) for key in keys))


def counts(session: Session, by: Actor) -> dict[str, int]:
    """The numbers of issues in each state that `by` may see, at most COUNT_LIMIT + 1: one query."""
    states = [state.name for state in ISSUE.states]
    wanted = []
    for state in states:
        some = select(literal(1)).select_from(Issue).where(Issue.state == state, visible(by))
        some_ = some.limit(COUNT_LIMIT + 1).subquery()
        wanted.append(select(func.count()).select_from(some_).scalar_subquery().label(state))
    row = session.execute(select(*wanted)).one()
    return dict(zip(states, row, strict=True))


def parts(session: Session, by: Actor, issue: Issue) -> Sequence[Row[Any]]:
    """The sub-issues of an issue that `by` may see, its parent, and the issue it duplicates."""
    return session.execute(_parts(by), {"issue": issue.id, "parent": issue.parent_id}).all()


@lru_cache
def _parts(by: Actor) -> Select[*tuple[Any, ...]]:
    related = (Issue.parent_id == bindparam("issue")) | (Issue.id == bindparam("parent"))
    columns = (Issue.parent_id, Issue.feedback_at)
    return ROWS.add_columns(*columns).where(related, visible(by)).order_by(Issue.id)


def _filtered(query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.state == "open":
        query = query.where(sql(f"paidsupport_issue.{OPEN}"))
    elif wanted.state != "all":
        query = query.where(Issue.state == wanted.state)
    if wanted.kind:
        query = query.where(Issue.kind == wanted.kind)
    if wanted.owner is not None:
        query = query.where(Issue.owner_id == wanted.owner)
    if wanted.release:
        query = query.where((Issue.target_release == wanted.release) | (Issue.release == wanted.release))
    if wanted.tag:
        tagged = select(IssueTag.issue_id).where(IssueTag.folded == fold_tag(wanted.tag))
        query = query.where(Issue.id.in_(tagged))
    return query.where(holds(list(wanted.words))) if wanted.words else query


def spelled(key: tuple[Any, ...]) -> str:
    """The key of a row as a text for addresses."""
    return "~".join(value.isoformat() if isinstance(value, date | datetime) else str(value) for value in key)


def key_of(text: str, sort: str) -> tuple[Any, ...] | None:
    """The key of the last row of the previous page, as written by `spelled`. Raises NotFoundError."""
    if not text:
        return None
    pieces = text.split("~")
    try:
        if sort == "changed":
            moment, last = pieces
            return datetime.fromisoformat(moment).astimezone(UTC), existing(whole_number(last))
        priority, deadline, last = pieces
        return existing(whole_number(priority)), date.fromisoformat(deadline), existing(whole_number(last))
    except (ValueError, OverflowError):
        raise NotFoundError from None
