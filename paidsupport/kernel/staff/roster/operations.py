"""The roster: who is on duty, in which order they are told, and who stands in for whom (T7).

All staff read it, managers change it, with a line in the history of the configuration. Nothing is ever
deleted: a line that was taken off says by whom and when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, existing, for_managers
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
#: Days of the week as the history and files call them, Monday first.
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: What stands before the id of a line in the history of the configuration.
_ABOUT = "roster:"
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
    """All of the roster that still matters, and everybody's name."""

    week: list[Shift]
    extra: list[Shift]
    absences: list[Absence]
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
    """The roster as it is shown, without what is over."""
    today = ctx.today
    shifts = queries.shifts(ctx.session)
    return Roster(
        sorted((row for row in shifts if row.weekday is not None), key=lambda row: row.weekday or 0),
        sorted((row for row in shifts if row.day and row.day >= today), key=lambda row: row.day or today),
        queries.absences(ctx.session, today),
        staff.names(ctx.session),
        frozenset(person.id for person in staff.everybody(ctx.session)),
    )


def add_shift(ctx: Context, typed: NewShift, *, key: str | None = None) -> list[Shift]:
    """Put a shift on the roster, one line for each weekday; what is there already stays as it is.

    Args:
        ctx: The manager who does it.
        typed: The shift.
        key: The one-time key of the form.

    Raises:
        ManagersOnlyError: A developer cannot.
        InvalidInputError: By field.
        KeyReusedError: The form was sent with another shift.
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
    content = ("shift", person_id, starts, ends, position, *when)
    with history.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return [_earlier(ctx, change, Shift)]
        kept = [
            _keep(
                ctx,
                change,
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
        if not any(is_new for _row, is_new in kept):
            change.nothing_new()
    return [row for row, _is_new in kept]


def add_absence(ctx: Context, typed: NewAbsence, *, key: str | None = None) -> Absence:
    """Record an absence, and the substitute; see `add_shift`."""
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
    content = ("absence", person_id, first, last, substitute_id)
    with history.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return _earlier(ctx, change, Absence)
        row, is_new = _keep(ctx, change, absence, ("person_id", "first_day", "last_day"))
        if not is_new:
            change.nothing_new()
    return row


def remove_shift(ctx: Context, shift_id: int, *, key: str | None = None) -> Shift:
    """Take a shift off the roster; done twice it is done once.

    Args:
        ctx: The manager who does it.
        shift_id: The shift.
        key: The one-time key of the form.

    Raises:
        ManagersOnlyError: A developer cannot.
        NotFoundError: There is no such line.
        KeyReusedError: The form was sent for another line.
    """
    return _remove(ctx, Shift, shift_id, key)


def remove_absence(ctx: Context, absence_id: int, *, key: str | None = None) -> Absence:
    """Take an absence off the roster, as `remove_shift`."""
    return _remove(ctx, Absence, absence_id, key)


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


def _keep(
    ctx: Context, change: Change[Context, Configuration], row: Line, same: Sequence[str]
) -> tuple[Line, bool]:
    """`row`, written, or the live line that is the same already; and whether it was written."""
    if before := queries.twin(ctx.session, row, same):
        return before, False
    ctx.session.add(row)
    ctx.session.flush()
    _tell(ctx, change, "added", row)
    return row, True


def _earlier(ctx: Context, change: Change[Context, Configuration], kind: type[Line]) -> Line:
    """The line that the same form has put on the roster before."""
    return ctx.session.get_one(kind, int(str(change.earlier["about"]).removeprefix(_ABOUT)))


def _remove(ctx: Context, kind: type[Line], line_id: int, key: str | None) -> Line:
    _require_manager(ctx)
    with history.edit(ctx, key=key, content=(kind.__name__, line_id)) as change:
        row = existing(ctx.session.get(kind, line_id, populate_existing=True))
        if not change.repeated and not take_off(ctx, change, row):
            change.nothing_new()
    return row


def take_off(ctx: Context, change: Change[Context, Configuration], row: Shift | Absence) -> bool:
    """Take a line off the roster; returns whether it was on it.

    Args:
        ctx: Who does it.
        change: The change of the configuration under way, which holds its lock.
        row: Read under that lock.
    """
    if row.removed_at is not None:
        return False
    row.removed_by, row.removed_at = ctx.by.name, ctx.now
    ctx.session.flush()
    _tell(ctx, change, "removed", row)
    return True


def _tell(ctx: Context, change: Change[Context, Configuration], kind: str, row: Shift | Absence) -> None:
    told = _told(row, staff.names(ctx.session))
    *rest, last = [text for name, text in told.items() if name not in {"order", "substitute"}]
    label = f"{', '.join(rest)}–{last}"
    was_there = kind == "removed"
    history.tell(
        change,
        kind,
        f"{_ABOUT}{row.id}",
        label,
        told if was_there else None,
        None if was_there else told,
    )


def _told(row: Shift | Absence, names: Mapping[int, str]) -> dict[str, Any]:
    """What the history says of a line."""
    person = names.get(row.person_id, "")
    if isinstance(row, Absence):
        days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
        away = {"person": person, **days}
        return away | ({"substitute": names.get(row.substitute_id, "")} if row.substitute_id else {})
    when = WEEKDAYS[row.weekday] if row.weekday is not None else row.day and row.day.isoformat()
    hours = {"from": clock(row.starts), "until": clock(row.ends)}
    return {"person": person, "day": when, **hours, "order": row.position}


def clock(minutes: int) -> str:
    """Minutes since midnight as a time of the day: 09:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _person(ctx: Context, problems: dict[str, list[str]], field: str, typed: str) -> int:
    known = {str(person.id): person.id for person in staff.everybody(ctx.session)}
    found = known.get(typed.strip())
    if not staff.stays(ctx.session, found):
        problems[field] = [_("Choose a person who works at the desk.")]
    return found or 0


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
