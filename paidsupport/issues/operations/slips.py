"""Deadlines that can hardly be met: the desk asks for a statement in writing, and passes it on (T15).

A person's work has to fit into their working time, the earliest deadline first. If it does not, each late
issue is asked about once, until it fits again or is announced.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from paidsupport.issues.operations import followers, history, news, notes
from paidsupport.issues.operations.notes import tidied
from paidsupport.issues.queries import work as issue_work
from paidsupport.issues.queries.due import people_to_look_at
from paidsupport.issues.queries.news import managers
from paidsupport.issues.rules.capacity import Shortage, Task, shortages
from paidsupport.issues.rules.kinds import Occasion, lasting
from paidsupport.issues.tables import Issue
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.hours import Hours
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import gettext as _

#: The furthest that days are counted: no plans reach beyond it.
_HORIZON = timedelta(days=20 * 366)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A statement about issues that will be late: one text for all, and when each is expected now.

    `expected` holds days as typed, by the codes of the issues.
    """

    codes: Sequence[str]
    text: str
    expected: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Away(Container[date]):
    """The days without work: holidays, and a person's absences up to the last relevant day."""

    holidays: Container[date]
    away: Sequence[tuple[date, date]]
    last: date

    def __contains__(self, day: object) -> bool:
        """Whether the person does not work on a day."""
        if not isinstance(day, date) or day > self.last:
            return False  # an absence without an end date still ends here
        return day in self.holidays or any(first <= day <= last for first, last in self.away)


def short_of_time(ctx: Context, person_id: int) -> list[Shortage]:
    """The deadlines that a person can hardly meet, the earliest first: two queries; one without deadlines."""
    rows = issue_work.load(ctx.session, person_id)
    if not rows:
        return []
    return shortages_of(ctx, person_id, [Task(row.id, row.minutes_left, row.deadline) for row in rows])


def shortages_of(ctx: Context, person_id: int, tasks: Sequence[Task]) -> list[Shortage]:
    """Like `short_of_time`, for tasks that were read already: one query."""
    if not tasks:
        return []
    today = ctx.today
    last = min(max(task.deadline for task in tasks), today + _HORIZON)
    away = issue_work.away(ctx.session, person_id, today)
    hours = replace(ctx.services.hours, holidays=_Away(ctx.services.hours.holidays, away, last))
    return shortages(tasks, partial(_time_until, ctx.now, hours, last))


def due(ctx: Context) -> list[int]:
    """The ids of people to check: their issues changed since the last check, or it was an hour ago."""
    return people_to_look_at(ctx.session, ctx.now)


def tend(ctx: Context, person_id: int) -> list[str]:
    """Check whether a person's work fits; returns the codes of the issues for which something changed."""
    issue_work.look_begins(ctx.session, person_id, ctx.now)
    return look(ctx, person_id)


def look(ctx: Context, person_id: int, *, waiting: bool = True) -> list[str]:
    """Ask a person about issues that will be late, and withdraw the question about those that fit again.

    `waiting`: whether to wait for issues that are locked by others. A caller that holds the lock of an issue
    must not, and leaves them to the clock.
    """
    found = {id_: short for short in short_of_time(ctx, person_id) for id_ in short.ids}
    if not found and not issue_work.is_asked(ctx.session, person_id):
        return []
    by_clock, changed = replace(ctx, by=CLOCK), []
    for issue in issue_work.load_locked(ctx.session, person_id, waiting=waiting):
        short = found.get(issue.id)
        if short and issue.slip_asked_at is None and issue.slipping_since is None:
            data = {"deadline": short.deadline.isoformat(), "work": short.work, "time": short.time}
            history.tell(by_clock, issue, "slip-asked", data, slip_asked_at=ctx.now)
            news.tell(by_clock, issue, Occasion.SLIPS, [person_id])
        elif short is None and issue.slip_asked_at is not None:
            history.tell(by_clock, issue, "fits-again", slip_asked_at=None, slipping_since=None)
        else:
            continue
        changed.append(issue.code)
    return changed


def announce(ctx: Context, said: Announcement, *, key: str) -> list[Issue]:
    """Announce that deadlines will not be met: a note on each of the issues, on all or none.

    Managers and the owners of waiting tickets are notified: they decide what customers are told.

    Raises:
        InvalidInputError: By field (`because`, `expected-<code>`), or for the whole form if issues are
            missing or not this person's any more.
        KeyReusedError: The form was sent with other content.
    """
    held = issue_work.load_locked(ctx.session, ctx.by.id or 0, waiting=True)
    with history.create(ctx, key=key, content=("slip", said)) as change:
        if change.repeated:
            return []
        return _announce(ctx, held, said, change)


def _announce(
    ctx: Context, held: Sequence[Issue], said: Announcement, change: Change[Context, Issue]
) -> list[Issue]:
    chosen = [issue for issue in held if issue.code in said.codes]
    _require_all(held, chosen, said)
    days = _expected(ctx, chosen, said)
    body = tidied(said.text, "because", _("Enter the reason for the delay."))
    managing = managers(ctx.session)
    for issue in chosen:
        day = days.get(issue.code)
        note = f"{body}\n\n{_expected_now(day)}" if day else body
        notes.keep(ctx, issue, "slip", note, field="because")
        data = {"note": fingerprint(note), "deadline": issue.deadline.isoformat()}
        data |= {"expected": day.isoformat()} if day else {}
        # the first of them takes the form's key
        change.record = issue
        change.tell("slip", data, slipping_since=issue.slipping_since or ctx.now)
        owners = [each.ticket.owner_id for each in followers.waiting(ctx, issue)]
        news.tell(ctx, issue, Occasion.SLIPPING, [*managing, *owners])
    return chosen


def _expected_now(day: date) -> str:
    return str(translate(_("New date expected: %(day)s", day=spoken().formats.day(day))))


def in_words(short: Shortage) -> str:
    """The figures of a shortage: “14h of work until 3 Dec, 9h of working time left”."""
    return _(
        "%(work)s of work until %(day)s, but only %(time)s of working time.",
        work=lasting(short.work),
        day=spoken().formats.short(short.deadline),
        time=lasting(short.time),
    )


def open_questions(held: Sequence[Issue]) -> list[Issue]:
    """The issues for which the desk asks whether they will be late, and has no answer yet."""
    return [issue for issue in held if issue.slip_asked_at is not None and issue.slipping_since is None]


def _require_all(held: Sequence[Issue], chosen: Sequence[Issue], said: Announcement) -> None:
    missing = [issue.code for issue in open_questions(held) if issue not in chosen]
    if missing:
        raise InvalidInputError({"": [_("Announce the delay of %(codes)s, too.", codes=", ".join(missing))]})
    known = {issue.code for issue in chosen}
    gone = [code for code in said.codes if code not in known]
    if gone:
        raise InvalidInputError(
            {"": [_("No longer yours, or without a deadline: %(codes)s.", codes=", ".join(gone))]}
        )
    if not chosen:
        raise InvalidInputError({"": [_("Choose at least one issue.")]})


def _expected(ctx: Context, chosen: Sequence[Issue], said: Announcement) -> dict[str, date]:
    today = ctx.today
    problems: dict[str, list[str]] = {}
    days: dict[str, date] = {}
    for issue in chosen:
        typed = said.expected.get(issue.code, "").strip()
        if not typed:
            continue
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            problems[f"expected-{issue.code}"] = [
                _("Enter a date for %(code)s like 2034-03-14.", code=issue.code)
            ]
            continue
        if day <= max(issue.deadline, today - timedelta(days=1)):
            problems[f"expected-{issue.code}"] = [
                _("Choose a date after the deadline of %(code)s.", code=issue.code)
            ]
        days[issue.code] = day
    if problems:
        raise InvalidInputError(problems)
    return days


def _time_until(now: datetime, hours: Hours, last: date, day: date) -> int:
    """The working minutes from now until the end of a day."""
    end = datetime.combine(min(day, last) + timedelta(days=1), time(), tzinfo=hours.zone)
    return max(0, hours.between(now, end)) if end > now else 0
