"""Releases: all resolved issues are closed in one step, and the release notes are made (T20)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, update

from paidsupport.issues.operations import history, notes
from paidsupport.issues.queries import releases as queries
from paidsupport.issues.queries.followers import lock_issues
from paidsupport.issues.rules.kinds import RELEASE_NOTE
from paidsupport.issues.tables import Issue
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
    for_managers,
)
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext

_FOR_MANAGERS = for_managers(_("Only a manager can close issues with a release."))

T = TypeVar("T")

#: Rows written in one statement.
_BATCH = 500
_NAME = re.compile(r"\w[\w.+ -]*")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
#: Characters that would start a list or underline a heading at the beginning of a line.
_BEGINS = re.compile(r"^([^\S\n]*+\d*+)([-+=.)])(?=[\s=-]|$)", re.MULTILINE)
_TABLE = Base.metadata.tables[Issue.__tablename__]
#: The columns that change when an issue is closed, from the row as it was read.
_CLOSED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("read_id"), _TABLE.c.version == bindparam("read_version"))
    .where(_TABLE.c.state == RESOLVED.name)
)


def close_all(ctx: Context, name: str, codes: Iterable[str], *, key: str) -> list[str]:
    """Close these resolved issues with the release `name`: all or none, each with its event.

    Returns:
        The codes of the issues that were closed; empty for a repeated key.

    Raises:
        ManagersOnlyError: This person is not a manager.
        InvalidInputError: By field (`name`, `issues`).
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: One of them is not resolved any more.
        KeyReusedError: The form was sent with other content.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
    name, wanted = _checked(name, codes)
    change = history.create(ctx, key=key, content=("release", name, wanted, ctx.by.id))
    if change.repeated:
        return []
    found = _locked(ctx, wanted)
    if moved := [issue.code for issue in found if issue.state != RESOLVED.name]:
        shown = ", ".join(moved[:5]) + (" …" if len(moved) > 5 else "")  # noqa: PLR2004
        raise TransitionRefusedError(
            moved[0], [_("No longer resolved: %(codes)s. No issue was closed.", codes=shown)]
        )
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
    """Set the text about an issue in the release notes, in customers' words; without it, the subject is used.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: At `words`, also for personal data.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("release-note", code, words)) as change:
        issue = change.record
        if change.repeated:
            return issue
        body = notes.tidied(words, "words", "")
        notes.keep(ctx, issue, "note", body, about=RELEASE_NOTE, field="words")
        data = {"text": fingerprint(body)}
        change.tell("release-noted", data)
    return issue


def markdown(ctx: Context, name: str, *, documentation: bool = False) -> str:
    """The release notes: what customers waited for and what is new. Never anything private. Two queries.

    `documentation`: whether to include improvements of it. Raises NotFoundError if nothing was released.
    """
    if not queries.is_shipped(ctx.session, ctx.by, name):
        raise NotFoundError
    rows = queries.shipped_in(ctx.session, name)
    parts = [f"# {escaped(ctx.services.settings.name)} {escaped(name)}"]
    for kind, heading in _HEADINGS.items():
        lines = [_line(row) for row in rows if row.kind == kind]
        if lines and (kind != "documentation" or documentation):
            parts.append("\n".join([f"## {heading}", "", *lines]))
    if len(parts) == 1:
        parts.append(_("No changes that customers would notice."))
    return "\n\n".join(parts) + "\n"


#: The sections of release notes, by kind of issue.
_HEADINGS = {
    "feature": pgettext("release notes", "New"),
    "bug": pgettext("release notes", "Fixed"),
    "documentation": _("Documentation"),
}


def escaped(text: str) -> str:
    """`text` as Markdown that reads the same, with all special characters escaped."""
    return _BEGINS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _line(row: Any) -> str:  # noqa: ANN401  # a row
    said = escaped(row.said or row.summary).splitlines()
    return "\n".join([f"- {said[0]} ({row.code})", *(f"  {line}" for line in said[1:])])


def _checked(name: str, codes: Iterable[str]) -> tuple[str, list[str]]:
    fields = Fields()
    name = fields.one_line("name", name, limit=40)
    if not _NAME.fullmatch(name):
        fields.refuse("name", _("Enter a name with letters, digits, dots and dashes, like 2.1 or 2030-04."))
    wanted = sorted({tidy_code(code, ISSUE_PREFIX) or code for code in codes})
    if not wanted:
        fields.refuse("issues", _("Choose at least one issue."))
    fields.done()
    return name, wanted


def _locked(ctx: Context, codes: Sequence[str]) -> list[Issue]:
    """Lock the issues with these codes in the order of their ids. Raises NotFoundError."""
    ids: list[int] = []
    for some in _batches(codes):
        ids += queries.ids_called(ctx.session, ctx.by, some)
    if len(ids) != len(codes):
        raise NotFoundError
    return [issue for some in _batches(sorted(ids)) for issue in lock_issues(ctx.session, some)]


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
