"""The roster: who is on duty, in which order they are told, and who stands in for whom (T7).

All staff read it, managers change it. Nothing is ever deleted: a line that was taken off says
by whom and when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, NotFoundError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.roster import queries
from paidsupport.kernel.staff.roster.queries import Line
from paidsupport.kernel.staff.roster.tables import DAY, Absence, Shift
from paidsupport.kernel.staff.tables import Person

ENDS_FIRST = _(
    "It ends before it begins. Enter a shift through midnight as two: until 00:00, and from 00:00."
)
NO_TIME = _("Write a time like 09:00.")
_FOR_MANAGERS = for_managers(_("Only a manager can change the roster."))

#: The last place in the order.
LAST_PLACE = 9
#: Lines of the trace that are shown.
_TRACE = 20
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is told at one moment: one after the other who is on duty, then all managers at once."""

    people: list[Person]
    managers: list[Person]


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift as typed: on `weekdays` (0 is Monday) of every week, or once on `day`."""

    person: str
    weekdays: Sequence[str]
    day: str
    starts: str
    ends: str
    position: str


@dataclass(frozen=True, slots=True)
class NewAbsence:
    """Days away as typed; without a last day, only the first one."""

    absent: str
    first_day: str
    last_day: str
    substitute: str


@dataclass(frozen=True, slots=True)
class Roster:
    """All of the roster that still matters, the newest of what was changed, and everybody's name."""

    week: list[Shift]
    extra: list[Shift]
    absences: list[Absence]
    changes: list[Shift | Absence]
    names: Mapping[int, str]
    active: frozenset[int]


def duty_at(ctx: Context, moment: datetime) -> Duty:
    """Who is on duty at `moment`, by the desk's own clock, and the managers.

    A person who is away is replaced by their substitute, if they have one. Three queries.
    """
    local = moment.astimezone(ctx.services.hours.zone)
    day, minute = local.date(), local.hour * 60 + local.minute
    shifts, absences = queries.on_duty(ctx.session, day, minute), queries.away(ctx.session, day)
    active = {person.id: person for person in staff.everybody(ctx.session)}
    found = dict.fromkeys(_present(shift.person_id, absences) for shift in shifts)
    managers = people.in_charge(active.values())
    gone = {absence.person_id for absence in absences}
    # if all of them are away, all are told, so that the news reaches a person
    reachable = [person for person in managers if person.id not in gone] or managers
    return Duty([active[id_] for id_ in found if id_ in active], reachable)


def present(ctx: Context, person_id: int) -> int | None:
    """Who acts for a person today: they, or their substitute; None if all of these are away.

    Who works at the desk no more is away for good. Two queries.
    """
    here = _present(person_id, queries.away(ctx.session, ctx.today))
    person = ctx.session.get(Person, here) if here is not None else None
    return here if person and person.active else None


def overview(ctx: Context) -> Roster:
    """The roster as it is shown: what is over is only among the changes."""
    today = ctx.today
    shifts = queries.shifts(ctx.session)
    return Roster(
        sorted((row for row in shifts if row.weekday is not None), key=lambda row: row.weekday or 0),
        sorted((row for row in shifts if row.day and row.day >= today), key=lambda row: row.day or today),
        queries.absences(ctx.session, today),
        _changes(ctx),
        staff.names(ctx.session),
        frozenset(person.id for person in staff.everybody(ctx.session)),
    )


def add_shift(ctx: Context, typed: NewShift) -> list[Shift]:
    """Put a shift on the roster, one line for each weekday; what is there already stays as it is.

    Raises ManagersOnlyError, InvalidInputError.
    """
    _require_manager(ctx)
    problems: dict[str, list[str]] = {}
    person_id = _person(ctx, problems, "person", typed.person)
    starts = _minute(problems, "starts", typed.starts)
    ends = _minute(problems, "ends", typed.ends) or DAY
    if not problems and starts >= ends:
        problems["ends"] = [ENDS_FIRST]
    position = int(typed.position) if re.fullmatch(r"[1-9]", typed.position.strip()) else 0
    if not position:
        problems["position"] = [_("Write a place in the order from 1 to %(last)s.", last=LAST_PLACE)]
    weekdays = sorted({int(day) for day in typed.weekdays if re.fullmatch(r"[0-6]", day)})
    day = _day(problems, "day", typed.day) if typed.day.strip() else None
    if bool(weekdays) == (day is not None) and "day" not in problems:
        problems["weekdays"] = [_("Choose weekdays, or name one day; not both.")]
    if problems:
        raise InvalidInputError(problems)
    when: list[tuple[int | None, date | None]] = [(weekday, None) for weekday in weekdays] or [(None, day)]
    return [
        _keep(
            ctx,
            Shift(
                person_id=person_id,
                weekday=weekday,
                day=once,
                starts=starts,
                ends=ends,
                position=position,
                added_by=ctx.by.name,
                added_at=ctx.now,
            ),
            ("person_id", "weekday", "day", "starts", "ends"),
        )
        for weekday, once in when
    ]


def add_absence(ctx: Context, typed: NewAbsence) -> Absence:
    """Record an absence, and the substitute. Raises ManagersOnlyError, InvalidInputError."""
    _require_manager(ctx)
    problems: dict[str, list[str]] = {}
    person_id = _person(ctx, problems, "absent", typed.absent)
    first = _day(problems, "first_day", typed.first_day)
    last = _day(problems, "last_day", typed.last_day) if typed.last_day.strip() else first
    substitute_id = None
    if typed.substitute.strip():
        substitute_id = _person(ctx, problems, "substitute", typed.substitute)
    if not problems and last < first:
        problems["last_day"] = [_("The last day is before the first.")]
    if not problems and substitute_id == person_id:
        problems["substitute"] = [_("Choose a colleague: people can't stand in for themselves.")]
    if problems:
        raise InvalidInputError(problems)
    absence = Absence(
        person_id=person_id,
        first_day=first,
        last_day=last,
        substitute_id=substitute_id,
        added_by=ctx.by.name,
        added_at=ctx.now,
    )
    return _keep(ctx, absence, ("person_id", "first_day", "last_day"))


def remove_shift(ctx: Context, shift_id: int) -> Shift:
    """Take a shift off the roster; done twice it is done once. Raises ManagersOnlyError, NotFoundError."""
    return _remove(ctx, ctx.session.get(Shift, shift_id))


def remove_absence(ctx: Context, absence_id: int) -> Absence:
    """Take an absence off the roster, as `remove_shift`. Raises ManagersOnlyError, NotFoundError."""
    return _remove(ctx, ctx.session.get(Absence, absence_id))


def may_change(ctx: Context) -> bool:
    """Whether this person may change the roster."""
    return ctx.by.is_manager


def _require_manager(ctx: Context) -> None:
    if not may_change(ctx):
        raise ManagersOnlyError(_FOR_MANAGERS)


def _present(person_id: int, absences: Sequence[Absence]) -> int | None:
    """Who acts for this person: they, their substitute, the substitute's substitute, or None."""
    seen: set[int] = set()
    here: int | None = person_id
    while here is not None and here not in seen:
        seen.add(here)
        of_them = [absence for absence in absences if absence.person_id == here]
        if not of_them:
            return here
        here = next((absence.substitute_id for absence in of_them if absence.substitute_id), None)
    return None


def _changes(ctx: Context) -> list[Shift | Absence]:
    """The lines that were put on or taken off last, the newest first."""
    rows: list[Shift | Absence] = []
    rows += queries.newest(ctx.session, Shift, _TRACE)
    rows += queries.newest(ctx.session, Absence, _TRACE)
    rows.sort(key=lambda row: row.removed_at or row.added_at, reverse=True)
    return rows[:_TRACE]


def _keep(ctx: Context, row: Line, same: Sequence[str]) -> Line:
    """`row`, written, or the live line that is the same already: a form that is sent twice adds once."""
    if before := queries.twin(ctx.session, row, same):
        return before
    try:
        with ctx.session.begin_nested():
            ctx.session.add(row)
            ctx.session.flush()
    except IntegrityError:
        # the same form arrived twice at once, and the other one was first
        if before := queries.twin(ctx.session, row, same):
            return before
        raise
    return row


def _remove(ctx: Context, row: Line | None) -> Line:
    _require_manager(ctx)
    if row is None:
        raise NotFoundError
    if row.removed_at is None:
        row.removed_by, row.removed_at = ctx.by.name, ctx.now
        ctx.session.flush()
    return row


def _person(ctx: Context, problems: dict[str, list[str]], field: str, typed: str) -> int:
    known = {str(person.id): person.id for person in staff.everybody(ctx.session)}
    if typed.strip() not in known:
        problems[field] = [_("Choose a person who works at the desk.")]
    return known.get(typed.strip(), 0)


def _minute(problems: dict[str, list[str]], field: str, typed: str) -> int:
    """Minutes since midnight; 24:00 is another word for 00:00, which ends a day as well."""
    found = _CLOCK.fullmatch(typed.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1  # noqa: PLR2004
    if not 0 <= minute <= DAY:
        problems[field] = [NO_TIME]
        return 0
    return minute % DAY


def _day(problems: dict[str, list[str]], field: str, typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        problems[field] = [_("Write a day like 2030-12-24.")]
        return date.max
