"""Notifying staff about issues: on the page, and by mail (P8).

A notice is not an email: it stays on the page whatever becomes of its mail, and only records how that ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, update

from paidsupport.issues.queries import news as queries
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue, IssueNotice
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.staff.concerns import DIGEST_HOUR, Concern, Way, wishes

#: The field of the page of notices that says up to which one it was shown.
MARK = "issues_until"
#: Occasions that are concerns of their own in the settings; all others count as a person's own.
_CONCERNS = {Occasion.MENTION: Concern.MENTION, Occasion.OPENED: Concern.UNASSIGNED}


def tell(ctx: Context, issue: Issue, occasion: Occasion, person_ids: Iterable[int | None]) -> None:
    """Notify people of the newest event of an issue's history, which the caller has just written.

    People are not notified of what they did themselves, twice of one event, or of a private issue that they
    may not see; otherwise as their settings say.
    """
    wanted = {id_ for id_ in person_ids if id_ is not None and id_ != ctx.by.id}
    if not wanted:
        return
    for person, preference in queries.people_to_tell(ctx.session, issue, wanted):
        way = wishes(preference.said if preference else {})[_CONCERNS.get(occasion, Concern.MINE)]
        if way is Way.OFF:
            continue
        hour = preference.digest_hour if preference else DIGEST_HOUR
        due = {Way.NOW: ctx.now, Way.DIGEST: _next(ctx, hour)}.get(way)
        notice = IssueNotice(
            person_id=person.id,
            issue_id=issue.id,
            number=issue.event_count,
            occasion=occasion,
            at=ctx.now,
            mail="queued" if due else "",
            due_at=due,
        )
        ctx.session.add(notice)
    ctx.session.flush()


def read(ctx: Context, *, until: int, issue: Issue | None = None) -> int:
    """Mark this person's notices as read, of one issue or of all, up to the newest one that was shown.

    Returns how many there were. Emails that were due for them are dropped.
    """
    mine = and_(IssueNotice.person_id == ctx.by.id, IssueNotice.id <= until)
    if issue is not None:
        mine = and_(mine, IssueNotice.issue_id == issue.id)
    return _settle(ctx, mine)


def read_all(ctx: Context, marks: Mapping[str, int]) -> None:
    """Mark everything as read that the page of notices showed of issues."""
    read(ctx, until=marks.get(MARK, 0))


def hide(ctx: Context, issue: Issue) -> None:
    """Remove the notices of people who may not see an issue any more, because it has become private."""
    _settle(ctx, queries.hidden_from(issue))


def _settle(ctx: Context, which: ColumnElement[bool]) -> int:
    unread = update(IssueNotice).where(which, IssueNotice.read_at.is_(None))
    return changed(ctx.session, unread.values(read_at=ctx.now))


def _next(ctx: Context, hour: int) -> datetime:
    """The next moment at which it is that hour at the desk."""
    now = ctx.services.hours.local(ctx.now)
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (today if today > now else today + timedelta(days=1)).astimezone(UTC)
