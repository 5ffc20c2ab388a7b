"""Telling staff what concerns them of an issue: in the page, and by mail (P8).

A notice is no email: it goes to one of us, and stands on the page whatever becomes of its mail. So it is in
no outbox, and only has a mark of how that ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, update

from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue, IssueEvent, IssueNotice, IssueReader, visible
from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.notices.rules import DIGEST_HOUR, Concern, Way, wishes
from paidsupport.tickets.notices.tables import Preference

#: Notices of one person in one mail, and on one page.
MOST = 50
#: Waiting times between attempts to mail; after the last one the page has to do.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
#: A mail that is being sent for longer has lost its worker: it may have left, and is not sent twice.
LOST_AFTER = timedelta(minutes=5)
#: What of this is a concern of its own among what people choose; all else is theirs.
_CONCERNS = {Occasion.MENTION: Concern.MENTION, Occasion.OPENED: Concern.UNASSIGNED}

_MAY_SEE = or_(
    ~Issue.private,
    Person.role == Role.MANAGER,
    exists().where(IssueReader.issue_id == Issue.id, IssueReader.person_id == Person.id),
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """All notices of one person whose mail is due, with the lines and issues they are about."""

    person: Person
    rows: Sequence[Row[IssueNotice, IssueEvent, Issue]]


def tell(ctx: Context, issue: Issue, occasion: Occasion, person_ids: Iterable[int | None]) -> None:
    """Tell people of the newest line of an issue's history; the caller has just written it.

    Nobody is told of what they did themselves, of one line twice, or of a private issue that they may not
    see; each as they chose for such concerns.
    """
    wanted = {id_ for id_ in person_ids if id_ is not None and id_ != ctx.by.id}
    if not wanted:
        return
    told = exists().where(
        IssueNotice.issue_id == issue.id,
        IssueNotice.number == issue.event_count,
        IssueNotice.person_id == Person.id,
    )
    people = (
        select(Person, Preference)
        .outerjoin(Preference, Preference.person_id == Person.id)
        .join(Issue, Issue.id == issue.id)
        .where(Person.id.in_(wanted), Person.active, ~told, _MAY_SEE)
        .order_by(Person.id)
    )
    for person, row in ctx.session.execute(people):
        preference: Preference | None = row
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


def managers(ctx: Context) -> list[int]:
    """The ids of those who manage the desk."""
    wanted = select(Person.id).where(Person.active, Person.role == Role.MANAGER)
    return list(ctx.session.scalars(wanted))


def page(ctx: Context, *, unread: bool = False) -> Sequence[Row[IssueNotice, IssueEvent, Issue]]:
    """What this person was told of issues that they may still see, newest first."""
    wanted = _told().where(IssueNotice.person_id == ctx.by.id, visible(ctx.by))
    if unread:
        wanted = wanted.where(IssueNotice.read_at.is_(None))
    return ctx.session.execute(wanted.order_by(IssueNotice.id.desc()).limit(MOST)).all()


def unread_of(ctx: Context, issue: Issue) -> Sequence[Row[IssueNotice, IssueEvent, Issue]]:
    """What this person was told of an issue and has not read, oldest first."""
    mine = IssueNotice.issue_id == issue.id, IssueNotice.person_id == ctx.by.id
    wanted = _told().where(*mine, IssueNotice.read_at.is_(None))
    return ctx.session.execute(wanted.order_by(IssueNotice.id).limit(MOST)).all()


def read(ctx: Context, *, until: int, issue: Issue | None = None) -> int:
    """Mark this person's notices as read, of one issue or of all, up to the newest one that was shown.

    Returns how many there were. What waited for a mail needs none any more.
    """
    mine = and_(IssueNotice.person_id == ctx.by.id, IssueNotice.id <= until)
    if issue is not None:
        mine = and_(mine, IssueNotice.issue_id == issue.id)
    return _settle(ctx, mine)


def hide(ctx: Context, issue: Issue) -> None:
    """An issue has become private: who may not see it any more is not told of it either."""
    hidden = select(Person.id).join(Issue, Issue.id == issue.id).where(~_MAY_SEE)
    _settle(ctx, and_(IssueNotice.issue_id == issue.id, IssueNotice.person_id.in_(hidden)))


def due(ctx: Context) -> list[int]:
    """The ids of people for whom a mail is due."""
    wanted = select(IssueNotice.person_id).where(*_waits(ctx.now)).distinct()
    return list(ctx.session.scalars(wanted.limit(MOST)))


def take(ctx: Context, person_id: int) -> Parcel | None:
    """Mark what is due for a person as being sent; None if another worker was faster, or nothing is left.

    What they have read, may not see any more, or would get without working here, is sent to nobody.
    """
    mine = IssueNotice.person_id == person_id, *_waits(ctx.now)
    ids = list(ctx.session.scalars(select(IssueNotice.id).where(*mine).limit(MOST).with_for_update()))
    taken = update(IssueNotice).where(IssueNotice.id.in_(ids), *mine)
    values = {"mail": "sending", "attempts": IssueNotice.attempts + 1, "due_at": ctx.now}
    if not ids or changed(ctx.session, taken.values(**values)) != len(ids):
        return None
    good = _told().join(Person, Person.id == IssueNotice.person_id)
    good = good.where(IssueNotice.id.in_(ids), IssueNotice.read_at.is_(None), Person.active, _MAY_SEE)
    rows = ctx.session.execute(good.order_by(IssueNotice.id)).all()
    left = set(ids) - {row[0].id for row in rows}
    ctx.session.execute(update(IssueNotice).where(IssueNotice.id.in_(left)).values(mail=""))
    person = ctx.session.get(Person, person_id)
    return Parcel(person, rows) if person is not None and rows else None


def note(ctx: Context, ids: Sequence[int], *, left: bool, again: bool = False) -> None:
    """Write down how sending a parcel ended: it `left`, or it did not and is tried `again` later."""
    for notice in ctx.session.scalars(select(IssueNotice).where(IssueNotice.id.in_(ids))):
        if notice.mail != "sending":
            continue
        more = again and notice.attempts <= len(BACK_OFF)
        notice.mail = "sent" if left else "queued" if more else "failed"
        if more and not left:
            notice.due_at = ctx.now + BACK_OFF[notice.attempts - 1]


def give_up_lost(ctx: Context) -> None:
    """What was being sent when its worker died may have arrived: it is not sent twice."""
    lost = update(IssueNotice).where(IssueNotice.mail == "sending", IssueNotice.due_at < ctx.now - LOST_AFTER)
    changed(ctx.session, lost.values(mail="failed"))


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return IssueNotice.mail == "queued", IssueNotice.due_at <= now


def _told() -> Any:  # noqa: ANN401  # a select of three classes
    line = and_(IssueEvent.issue_id == IssueNotice.issue_id, IssueEvent.number == IssueNotice.number)
    return (
        select(IssueNotice, IssueEvent, Issue)
        .join(IssueEvent, line)
        .join(Issue, Issue.id == IssueNotice.issue_id)
    )


def _settle(ctx: Context, which: ColumnElement[bool]) -> int:
    unread = update(IssueNotice).where(which, IssueNotice.read_at.is_(None))
    return changed(ctx.session, unread.values(read_at=ctx.now))


def _next(ctx: Context, hour: int) -> datetime:
    """The next moment at which it is that hour at the desk."""
    now = ctx.services.hours.local(ctx.now)
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (today if today > now else today + timedelta(days=1)).astimezone(UTC)
