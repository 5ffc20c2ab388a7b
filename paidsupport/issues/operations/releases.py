"""Releases: all that is resolved is closed in one step; what customers gain by it is noted (T20)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, exists, func, or_, select, update

from paidsupport.issues.operations import access, history, notes
from paidsupport.issues.tables import Follower, Issue, IssueNote
from paidsupport.issues.workflow import CLOSE, CLOSED, RESOLVED
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import (
    ManagersOnlyError,
    NotFoundError,
    StaleIssueError,
    TransitionRefusedError,
)
from paidsupport.kernel.fields import Fields

T = TypeVar("T")

#: What a note that stands in release notes is about.
ABOUT = "release"
#: Rows sent to the database at once.
_BATCH = 500
#: Releases that are listed.
_MOST = 50
_NAME = re.compile(r"\w[\w.+ -]*")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
#: What would begin a list or underline a heading at the beginning of a line.
_BEGINS = re.compile(r"^([^\S\n]*+\d*+)([-+=.)])(?=[\s=-]|$)", re.MULTILINE)
_TABLE = Base.metadata.tables[Issue.__tablename__]
#: What changes when an issue is closed, by the row as it was read.
_CLOSED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("read_id"), _TABLE.c.version == bindparam("read_version"))
    .where(_TABLE.c.state == RESOLVED.name)
)


@dataclass(frozen=True, slots=True)
class Release:
    """A release, how many issues it closed, and when the last of these."""

    name: str
    count: int
    at: datetime


def resolved(ctx: Context, name: str = "") -> Sequence[Issue]:
    """All resolved issues that can be closed, those meant for the release `name` first: one query."""
    wanted = select(Issue).where(Issue.state == RESOLVED.name, access.visible(ctx))
    return list(ctx.session.scalars(wanted.order_by(Issue.target_release != name, Issue.priority, Issue.id)))


def shipped(ctx: Context) -> list[Release]:
    """The releases that closed something, the newest first: one query."""
    last = func.max(Issue.ended_at)
    wanted = select(Issue.release, func.count(), last).where(Issue.release != "", Issue.state == CLOSED.name)
    wanted = wanted.where(access.visible(ctx))
    rows = ctx.session.execute(wanted.group_by(Issue.release).order_by(last.desc()).limit(_MOST))
    return [Release(name, count, at) for name, count, at in rows if at is not None]


def close_all(ctx: Context, name: str, codes: Iterable[str], *, key: str) -> list[str]:
    """Close these resolved issues with the release `name`: all or none, each with its line of history.

    Raises ManagersOnlyError, InvalidInputError (fields `name`, `issues`), NotFoundError,
    TransitionRefusedError (one of them is not resolved any more), KeyReusedError. Returns the codes of what
    was closed; nothing for a resent `key`.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError("close issues with a release")
    name, wanted = _checked(name, codes)
    change = history.create(ctx, key=key, content=("release", name, wanted, ctx.by.id))
    if change.repeated:
        return []
    found = _locked(ctx, wanted)
    if moved := [issue.code for issue in found if issue.state != RESOLVED.name]:
        shown = ", ".join(moved[:5]) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")  # noqa: PLR2004
        raise TransitionRefusedError(moved[0], [f"No longer resolved: {shown}. Nothing was closed."])
    change.tell_each(CLOSE.name, [(issue, _told(issue)) for issue in found])
    rows = [_closed(ctx, issue, name) for issue in found]
    done = 0
    for batch in _batches(rows):
        columns: dict[str, Any] = {
            column: bindparam(column) for column in batch[0] if not column.startswith("read_")
        }
        done += write(ctx.session, _CLOSED.values(columns), list(batch))
    if done != len(rows):
        raise StaleIssueError(found[0].code)
    closed = [issue.code for issue in found]
    ctx.session.expire_all()
    return closed


def describe(ctx: Context, code: str, words: str, *, key: str) -> Issue:
    """What release notes say of an issue, in the words of customers; without any its subject stands there.

    Raises NotFoundError, InvalidInputError (field `words`: also for personal data), KeyReusedError.
    """
    with history.edit(ctx, code, key=key, content=("release-note", code, words)) as change:
        issue = change.record
        if change.repeated:
            return issue
        body = notes.tidied(words, "words", "")
        notes.keep(ctx, issue, "note", body, about=ABOUT, field="words")
        data = {"text": fingerprint(body)}
        change.tell("release-noted", data)
    return issue


def words_for(ctx: Context, issue: Issue) -> str:
    """What somebody wrote for the release notes; nothing if the subject stands there."""
    wanted = select(IssueNote.body).where(IssueNote.issue_id == issue.id, IssueNote.about == ABOUT)
    return ctx.session.scalar(wanted.order_by(IssueNote.id.desc()).limit(1)) or ""


def markdown(ctx: Context, name: str, *, documentation: bool = False) -> str:
    """The release notes: what customers waited for and what is new. Never what is private. Two queries.

    `documentation`: with what was improved there. Raises NotFoundError for a release that closed nothing.
    """
    known = select(Issue.id).where(Issue.release == name, Issue.state == CLOSED.name, Issue.release != "")
    known = known.where(access.visible(ctx))
    if ctx.session.scalar(known.limit(1)) is None:
        raise NotFoundError
    followed = exists().where(Follower.issue_id == Issue.id)
    said = (
        select(IssueNote.body)
        .where(IssueNote.issue_id == Issue.id, IssueNote.about == ABOUT)
        .order_by(IssueNote.id.desc())
        .limit(1)
        .correlate(Issue)
        .scalar_subquery()
    )
    wanted = (
        select(Issue.kind, Issue.code, Issue.summary, said.label("said"))
        .where(Issue.release == name, Issue.state == CLOSED.name, ~Issue.private)
        .where(or_(followed, Issue.kind == "feature", Issue.kind == "documentation"))
        .order_by(Issue.priority, Issue.id)
    )
    rows = ctx.session.execute(wanted).all()
    parts = [f"# {escaped(ctx.services.settings.name)} {escaped(name)}"]
    for kind, heading in _HEADINGS.items():
        lines = [_line(row) for row in rows if row.kind == kind]
        if lines and (kind != "documentation" or documentation):
            parts.append("\n".join([f"## {heading}", "", *lines]))
    if len(parts) == 1:
        parts.append("Nothing that customers would notice.")
    return "\n\n".join(parts) + "\n"


#: The parts of release notes, by the kind of issue.
_HEADINGS = {"feature": "New", "bug": "Fixed", "documentation": "Documentation"}


def escaped(text: str) -> str:
    """`text` as Markdown that says the same: nothing in it has any meaning."""
    return _BEGINS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _line(row: Any) -> str:  # noqa: ANN401  # a row
    said = escaped(row.said or row.summary).splitlines()
    return "\n".join([f"- {said[0]} ({row.code})", *(f"  {line}" for line in said[1:])])


def _checked(name: str, codes: Iterable[str]) -> tuple[str, list[str]]:
    fields = Fields()
    name = fields.one_line("name", name, limit=40)
    if not _NAME.fullmatch(name):
        fields.refuse("name", "Name the release, with letters, digits, dots and dashes: 2.1, or 2030-04.")
    wanted = sorted({tidy_code(code, ISSUE_PREFIX) or code for code in codes})
    if not wanted:
        fields.refuse("issues", "Choose at least one issue.")
    fields.done()
    return name, wanted


def _locked(ctx: Context, codes: Sequence[str]) -> list[Issue]:
    """The issues with these codes, locked in the order of their ids. Raises NotFoundError."""
    ids: list[int] = []
    for some in _batches(codes):
        named = select(Issue.id).where(Issue.code.in_(some), access.visible(ctx))
        ids += ctx.session.scalars(named)
    if len(ids) != len(codes):
        raise NotFoundError
    return list(_in_order(ctx, sorted(ids)))


def _in_order(ctx: Context, ids: Sequence[int]) -> Iterator[Issue]:
    for some in _batches(ids):
        wanted = select(Issue).where(Issue.id.in_(some)).order_by(Issue.id).with_for_update()
        yield from ctx.session.scalars(wanted.execution_options(populate_existing=True))


def _told(issue: Issue) -> dict[str, object]:
    return {"from": issue.state, "to": CLOSED.name, "claim": issue.claim_number + 1}


def _closed(ctx: Context, issue: Issue, name: str) -> dict[str, object]:
    return {
        "read_id": issue.id,
        "read_version": issue.version,
        "state": CLOSED.name,
        "version": issue.version + 1,
        "owner_id": None,
        "assigned_by_id": None,
        "claim_number": issue.claim_number + 1,
        "release": name,
        "ended_at": ctx.now,
        "event_count": issue.event_count,
        "event_hash": issue.event_hash,
        "changed_at": ctx.now,
    }


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
