"""Issues as rows of a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import Row

from paidsupport.issues.rules.kinds import NORMAL, PRIORITIES, headed
from paidsupport.issues.tables import NO_DEADLINE
from paidsupport.issues.workflow import STATES, IssueState
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.titles import opening_of
from paidsupport.kernel.web.filters import full_moment
from paidsupport.kernel.web.lists import Act, Line, Said, tags_of
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.deadlines.rules import time_left
from paidsupport.tickets.turn import FIRST_WORDS, LABELS, Whose

#: The columns of lists of issues; of closed ones, and of those that any developer may start.
COLUMNS = ("code", "priority", "subject", "release", "turn", "last", "owner", "state", "due")
OVER_COLUMNS = ("code", "priority", "subject", "release", "owner", "state", "changed")
FREE_COLUMNS = ("code", "priority", "subject", "release", "state", "due")
_YOU = pgettext("turn", "You")


def of_rows(ctx: Context, rows: Iterable[Row[Any]], *, acts: bool = False) -> list[Line]:
    """Turn rows of `queries.lists.LISTED` into lines for this person.

    `acts`: whether to add a button to those they may start.
    """
    base = url_for("paidsupport.issues") + "/"
    return [_of_row(ctx, row, base, acts=acts) for row in rows]


def _of_row(ctx: Context, row: Any, base: str, *, acts: bool) -> Line:  # noqa: ANN401  # a row
    state = STATES[row.state]
    turn, yours = _turn(ctx, row, state)
    due_at, due = _due(ctx, row, state)
    return Line(
        id=row.id,
        code=row.code,
        url=base + row.code,
        version=row.version,
        subject=headed(row.summary, row.minutes_left, row.deadline),
        release=row.release or row.target_release,
        state=(state.name, state.label, state.part),
        turn=turn,
        yours=yours,
        said=_said(row),
        owner=row.owner_name or "",
        priority=row.priority,
        urgency="" if row.priority == NORMAL else PRIORITIES[row.priority],
        received=row.created_at,
        changed=row.changed_at,
        due=due,
        due_at=due_at,
        tags=tags_of(row.tags),
        notes=_notes(row, state),
        unread=bool(row.unread),
        act=_start(row, base) if acts and state.fills_time and not state.worked_on else None,
    )


def _said(row: Any) -> Said | None:  # noqa: ANN401  # a row
    if row.last_at is None:
        return None
    return Said(row.last_author, row.last_at, opening_of(row.last_words, limit=FIRST_WORDS))


def _notes(row: Any, state: IssueState) -> list[str]:  # noqa: ANN401  # a row
    late = row.slipping_since is not None and state.part != Part.CLOSED
    return [word for word, holds in ((_("Private"), row.private), (_("Delayed"), late)) if holds]


def _start(row: Any, base: str) -> Act:  # noqa: ANN401  # a row
    about = _("Start %(code)s", code=row.code)
    return Act(pgettext("button", "Start"), about, f"{base}{row.code}/moves/start", "s")


def _turn(ctx: Context, row: Any, state: IssueState) -> tuple[str, bool]:  # noqa: ANN401  # a row
    """Whose turn it is, as worded for this person, and whether it is theirs."""
    if state.part == Part.CLOSED:
        return "", False
    if state.sorted_next:
        return pgettext("turn", "Manager"), ctx.by.is_manager
    if state.tried:
        mine = row.reviewer_id is not None and row.reviewer_id == ctx.by.id
        return (_YOU, True) if mine else (LABELS[Whose.COLLEAGUE if row.reviewer_id else Whose.DESK], False)
    if row.owner_id is None:
        return LABELS[Whose.DESK], False
    return (_YOU, True) if row.owner_id == ctx.by.id else (row.owner_name or "", False)


def _due(ctx: Context, row: Any, state: IssueState) -> tuple[datetime | None, Markup]:  # noqa: ANN401  # a row
    """When something is due, and how that is worded: feedback in working time, a deadline as a day."""
    hours = ctx.services.hours
    if state.asked and row.feedback_due_at is not None:
        title = translate(_("Feedback: %(moment)s", moment=full_moment(row.feedback_due_at)))
        words = translate(time_left(row.feedback_due_at, ctx.now, hours))
        return row.feedback_due_at, _marked(words, title, late=row.feedback_due_at <= ctx.now)
    if state.part == Part.CLOSED or row.deadline >= NO_DEADLINE:
        return None, Markup()
    end = datetime.combine(row.deadline + timedelta(days=1), time(), tzinfo=hours.zone).astimezone(UTC)
    return end, _marked(spoken().formats.short(row.deadline), translate(_("Deadline")), late=end <= ctx.now)


def _marked(words: str, title: str, *, late: bool) -> Markup:
    return Markup('<{0} title="{1}">{2}</{0}>').format("b" if late else "span", title, words)
