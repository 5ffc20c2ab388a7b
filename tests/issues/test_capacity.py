"""What fits is never asked about, what does not fit always is (T15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.issues.rules.capacity import Task, shortages

pytestmark = pytest.mark.row("T15")

TODAY = date(2034, 3, 1)
TASKS = st.lists(
    st.builds(
        Task,
        id=st.integers(1, 99),
        minutes=st.none() | st.integers(0, 3000),
        deadline=st.integers(-3, 20).map(lambda days: TODAY + timedelta(days=days)),
    ),
    max_size=8,
    unique_by=lambda task: task.id,
)
PACE = st.integers(0, 480)


def working(pace: int, task_day: date) -> int:
    """The minutes until the end of a day at so many a day; none for a day that is over."""
    return max(0, (task_day - TODAY).days + 1) * pace


def asked(tasks: list[Task], pace: int) -> set[int]:
    """The issues whose slip would be asked for."""
    return {id_ for short in shortages(tasks, lambda day: working(pace, day)) for id_ in short.ids}


@given(TASKS, PACE)
def test_nothing_is_asked_exactly_when_all_can_be_done(tasks: list[Task], pace: int) -> None:
    """Working through them minute by minute, the earliest first, is what has to succeed."""
    spent, late = 0, False
    for task in sorted(tasks, key=lambda task: task.deadline):
        spent += task.minutes or 0
        unknown = task.minutes is None and working(pace, task.deadline) == 0
        late |= unknown or (bool(task.minutes) and spent > working(pace, task.deadline))
    assert bool(asked(tasks, pace)) == late


@given(TASKS, PACE)
def test_whatever_cannot_fit_by_itself_is_asked_about(tasks: list[Task], pace: int) -> None:
    """One issue with more work than there is time until its deadline."""
    alone = {task.id for task in tasks if (task.minutes or 0) > working(pace, task.deadline)}
    assert alone <= asked(tasks, pace)


@given(TASKS, PACE, st.data())
def test_more_work_earlier_deadlines_and_less_time_only_ask_for_more(
    tasks: list[Task], pace: int, data: st.DataObject
) -> None:
    """No change for the worse takes a question back."""
    before = asked(tasks, pace)
    assert before <= asked(tasks, data.draw(st.integers(0, pace), label="slower"))
    new = Task(100, data.draw(st.integers(0, 3000)), TODAY + timedelta(days=data.draw(st.integers(-3, 20))))
    assert before <= asked([*tasks, new], pace)
    if tasks:
        place = data.draw(st.integers(0, len(tasks) - 1))
        if (minutes := tasks[place].minutes) is not None:
            more = replace(tasks[place], minutes=minutes + data.draw(st.integers(0, 600)))
            assert before <= asked([*tasks[:place], more, *tasks[place + 1 :]], pace)


def test_the_shortage_is_told_in_figures() -> None:
    """Ten hours until Thursday fit; with four more until Friday they do not."""
    thursday, friday = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    tasks = [Task(1, 600, thursday), Task(2, 240, friday), Task(3, 0, friday), Task(4, None, friday)]
    times = {thursday: 600, friday: 780}
    (found,) = shortages(tasks, times.__getitem__)
    assert (found.deadline, found.work, found.time, found.ids) == (friday, 840, 780, (2,))
