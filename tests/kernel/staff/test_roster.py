"""The roster: who is told at which moment, in which order, and who may change that (T7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, NotFoundError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewAbsence, NewShift
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from paidsupport.kernel.staff.tables import Person
from tests.concurrency.processes import in_threads
from tests.people import Desk

pytestmark = pytest.mark.row("T7")

#: Tuesday, 14 March 2034, in the middle of the working day.
NOON = datetime(2034, 3, 14, 12, 0, tzinfo=UTC)


def shift(desk: Desk, who: Actor, *weekdays: int, **changed: str) -> list[Shift]:
    """Put somebody on the roster, from 9 to 17 in the first place if nothing else is said."""
    typed = NewShift(str(who.id), [str(day) for day in weekdays], "", "09:00", "17:00", "1")
    with desk.ctx(desk.mia) as ctx:
        return roster.add_shift(ctx, replace(typed, **changed))


def away(desk: Desk, who: Actor, first: str, last: str = "", substitute: Actor | None = None) -> Absence:
    """Note that somebody is away."""
    typed = NewAbsence(str(who.id), first, last, str(substitute.id) if substitute else "")
    with desk.ctx(desk.mia) as ctx:
        return roster.add_absence(ctx, typed)


def order(desk: Desk, moment: datetime = NOON) -> list[str]:
    """Who is told at a moment, by name."""
    with desk.ctx() as ctx:
        duty = roster.duty_at(ctx, moment)
    return [person.name for person in (*duty.people, *duty.managers)]


def test_the_order_follows_the_week_and_ends_with_the_managers(desk: Desk) -> None:
    """Only those whose shift it is, by their place; managers on duty too; the list is never without them."""
    assert order(desk) == ["Mia"]
    shift(desk, desk.ada, 1, position="2")
    shift(desk, desk.ben, 0, 1, 2, position="1", ends="13:00")
    shift(desk, desk.mia, 1, position="3")
    assert order(desk) == ["Ben", "Ada", "Mia", "Mia"]
    assert order(desk, NOON.replace(hour=13)) == ["Ada", "Mia", "Mia"], "a shift ends with its last minute"
    assert order(desk, NOON.replace(hour=9)) == ["Ben", "Ada", "Mia", "Mia"]
    assert order(desk, NOON.replace(hour=8, minute=59)) == ["Mia"]
    assert order(desk, NOON.replace(day=15)) == ["Ben", "Mia"]
    assert order(desk, NOON.replace(day=16)) == ["Mia"]


def test_somebody_away_has_a_substitute_in_their_place(desk: Desk) -> None:
    """On the first and the last day as well; a substitute who is away passes it on; circles end."""
    shift(desk, desk.ada, 0, 1, 2, 3)
    shift(desk, desk.mia, 0, 1, 2, 3, position="2")
    away(desk, desk.ada, "2034-03-14", "2034-03-15", desk.ben)
    assert order(desk, NOON.replace(day=13)) == ["Ada", "Mia", "Mia"]
    assert order(desk) == order(desk, NOON.replace(day=15)) == ["Ben", "Mia", "Mia"]
    assert order(desk, NOON.replace(day=16)) == ["Ada", "Mia", "Mia"]
    away(desk, desk.ben, "2034-03-15", substitute=desk.ada)
    assert order(desk, NOON.replace(day=15)) == ["Mia", "Mia"]
    away(desk, desk.mia, "2034-03-14")
    assert order(desk) == ["Ben", "Mia"], "when all managers are away, all are told"


def test_who_stands_in_and_is_on_duty_comes_once(desk: Desk) -> None:
    """In the better of the two places."""
    shift(desk, desk.ada, 1, position="1")
    shift(desk, desk.mia, 1, position="2")
    shift(desk, desk.ben, 1, position="3")
    away(desk, desk.ada, "2034-03-14", substitute=desk.ben)
    assert order(desk) == ["Ben", "Mia", "Mia"]


def test_nobody_who_has_left_the_desk_is_told(desk: Desk) -> None:
    """Neither on duty, nor as a substitute, nor as a manager."""
    shift(desk, desk.ben, 1)
    shift(desk, desk.ada, 1, position="2")
    with desk.ctx() as ctx:
        people.remove(ctx, "ben@example.org")
    assert order(desk) == ["Ada", "Mia"]
    away(desk, desk.ada, "2034-03-14", substitute=desk.mia)
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).where(Person.name == "Mia").values(active=False))
    # who is left hears of it, even away: nobody manages the desk
    assert order(desk) == ["Ada"]


def test_an_extra_shift_counts_once_and_midnight_is_an_end(desk: Desk) -> None:
    """On its day alone, until 24:00."""
    shift(desk, desk.ada, day="2034-03-18", starts="20:00", ends="00:00")
    saturday = datetime(2034, 3, 18, 23, 59, 59, tzinfo=UTC)
    assert order(desk, saturday) == ["Ada", "Mia"]
    assert order(desk, saturday.replace(day=25)) == ["Mia"]
    assert order(desk, saturday.replace(hour=19)) == ["Mia"]


def test_the_clock_is_that_of_the_desk(desk: Desk) -> None:
    """In Auckland it is Wednesday already, and summer time counts."""
    with desk.ctx() as ctx:
        hours = replace(ctx.services.hours, zone=ZoneInfo("Pacific/Auckland"))
        object.__setattr__(ctx.services, "hours", hours)  # frozen, as the rest of the services
    shift(desk, desk.ada, 2, starts="01:00", ends="02:00")
    assert order(desk, NOON) == ["Ada", "Mia"]
    assert order(desk, NOON.replace(month=6, day=13)) == ["Mia"], "an hour earlier in winter"


def test_only_managers_change_the_roster(desk: Desk) -> None:
    """Whoever else tries is refused, whatever page they came from."""
    [line] = shift(desk, desk.ada, 1)
    absence = away(desk, desk.ada, "2034-03-20")
    typed = NewShift(str(desk.ben.id), ["1"], "", "09:00", "17:00", "1")
    for deed in (
        lambda v: roster.add_shift(v, typed),
        lambda v: roster.add_absence(v, NewAbsence(str(desk.ben.id), "2034-03-20", "", "")),
        lambda v: roster.remove_shift(v, line.id),
        lambda v: roster.remove_absence(v, absence.id),
    ):
        with pytest.raises(ManagersOnlyError), desk.ctx(desk.ada) as ctx:
            deed(ctx)
    assert order(desk) == ["Ada", "Mia"]


def test_what_was_taken_off_says_by_whom(desk: Desk) -> None:
    """It counts no longer and stays as a trace; done twice it is done once."""
    [line] = shift(desk, desk.ada, 1)
    absence = away(desk, desk.ben, "2034-03-20", "2034-03-22")
    desk.clock.forward(hours=1)
    for _ in range(2):
        with desk.ctx(desk.mia) as ctx:
            roster.remove_shift(ctx, line.id)
            roster.remove_absence(ctx, absence.id)
        desk.clock.forward(hours=1)
    assert order(desk) == ["Mia"]
    with desk.ctx(desk.ada) as ctx:
        seen = roster.overview(ctx)
        assert (seen.week, seen.absences) == ([], [])
        gone: list[Shift | Absence] = [
            ctx.session.get_one(Shift, line.id),
            ctx.session.get_one(Absence, absence.id),
        ]
        assert [(row.added_by, row.removed_by) for row in gone] == [("Mia", "Mia")] * 2
        assert {row.removed_at for row in gone} == {datetime(2034, 3, 14, 10, tzinfo=UTC)}
    with pytest.raises(NotFoundError), desk.ctx(desk.mia) as ctx:
        roster.remove_shift(ctx, 4711)


def test_the_same_line_is_there_once(desk: Desk) -> None:
    """However often it is sent, and by however many at once; after it was taken off it can come back."""
    in_threads(lambda _: shift(desk, desk.ada, 0, 1), 6)
    in_threads(lambda _: away(desk, desk.ada, "2034-04-01"), 6)
    with desk.ctx(desk.mia) as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Shift)) == 2
        assert ctx.session.scalar(select(func.count()).select_from(Absence)) == 1
        roster.remove_shift(ctx, roster.overview(ctx).week[1].id)
    assert order(desk) == ["Mia"]
    shift(desk, desk.ada, 1)
    assert order(desk) == ["Ada", "Mia"]


GOOD = NewShift("", ["1"], "", "09:00", "17:00", "1")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"person": "4711"}, "person"),
        ({"person": "x"}, "person"),
        ({"starts": ""}, "starts"),
        ({"starts": "9"}, "starts"),
        ({"starts": "09:60"}, "starts"),
        ({"ends": "25:00"}, "ends"),
        ({"ends": "08:00"}, "ends"),
        ({"ends": "09:00"}, "ends"),
        ({"starts": "22:00", "ends": "06:00"}, "ends"),
        ({"position": "0"}, "position"),
        ({"position": "٣"}, "position"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["7"]}, "weekdays"),
        ({"day": "2034-03-18"}, "weekdays"),
        ({"weekdays": [], "day": "18.3.2034"}, "day"),
    ],
)
def test_what_is_wrong_with_a_shift_is_said_at_its_field(
    lite_desk: Desk, changed: dict[str, str], field: str
) -> None:
    """One sentence for each, and nothing is kept."""
    typed = replace(GOOD, **{"person": str(lite_desk.ada.id), **changed})
    with pytest.raises(InvalidInputError) as caught, lite_desk.ctx(lite_desk.mia) as ctx:
        roster.add_shift(ctx, typed)
    assert list(caught.value.problems) == [field]
    with lite_desk.ctx() as ctx:
        assert roster.overview(ctx).week == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"absent": ""}, "absent"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "2034-02-30"}, "first_day"),
        ({"last_day": "2034-03-13"}, "last_day"),
        ({"last_day": "soon"}, "last_day"),
        ({"substitute": "4711"}, "substitute"),
    ],
)
def test_what_is_wrong_with_an_absence_is_said_at_its_field(
    lite_desk: Desk, changed: dict[str, str], field: str
) -> None:
    """Likewise; and nobody stands in for themselves."""
    typed = NewAbsence(str(lite_desk.ada.id), "2034-03-14", "2034-03-15", "")
    wrong = [replace(typed, **changed), replace(typed, substitute=typed.absent)]
    for each, name in zip(wrong, (field, "substitute"), strict=True):
        with pytest.raises(InvalidInputError) as caught, lite_desk.ctx(lite_desk.mia) as ctx:
            roster.add_absence(ctx, each)
        assert list(caught.value.problems) == [name]
