"""Time left and deadline: changed by whom it concerns, kept with who, when and why (T15)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from paidsupport.issues.operations import estimates
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.queries import work as issue_work
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.queries.families import left_in_parts
from paidsupport.issues.rules.kinds import headed
from paidsupport.issues.tables import NO_DEADLINE, Estimate
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, TransitionRefusedError
from tests.people import Desk

pytestmark = pytest.mark.row("T15")


def say(
    desk: Desk, code: str, by: Actor, left: str = "", until: str | None = None, because: str = ""
) -> None:
    """What a person types into the form."""
    with desk.ctx(by) as ctx:
        estimates.say(ctx, code, Said(left, until, because), key=new_key())


def kept(desk: Desk, code: str) -> list[tuple[Any, ...]]:
    """What was said, oldest first."""
    issue = desk.issue(code)
    with desk.ctx() as ctx:
        rows: list[Estimate] = issue_work.estimates_of(ctx.session, issue)
        return [(row.person_name, row.minutes_left, row.deadline, row.why) for row in rows]


def test_every_change_is_kept_and_the_subject_follows(desk: Desk) -> None:
    """Who, when and why; what is longer, or moves a deadline, needs a reason."""
    code = desk.open_issue(desk.ada)
    desk.issue_move(code, "grab", desk.ben)
    say(desk, code, desk.ben, "1d 4h")
    say(desk, code, desk.mia, until="2034-03-14")
    for typed in ({"left": "3d"}, {"until": "2034-03-15"}, {"until": ""}):
        with pytest.raises(InvalidInputError, match="Enter a reason"):
            say(desk, code, desk.mia, **typed)
    say(desk, code, desk.ben, "2-4h")
    say(desk, code, desk.mia, "5h", "2034-03-20", "The test system is away.")
    march = date(2034, 3, 14)
    said = kept(desk, code)
    assert said == [
        ("Ben", 12 * 60, NO_DEADLINE, ""),
        ("Mia", 12 * 60, march, ""),
        ("Ben", 240, march, ""),
        ("Mia", 300, date(2034, 3, 20), "The test system is away."),
    ]
    issue = desk.issue(code)
    assert headed(issue.summary, issue.minutes_left, issue.deadline) == "[5h, 2034-03-20] Pictures stay dark"
    say(desk, code, desk.mia, until="", because="No longer urgent.")
    say(desk, code, desk.ben, "0h")
    assert (desk.issue(code).deadline, desk.issue(code).minutes_left) == (NO_DEADLINE, 0)
    assert desk.broken() == {}


def test_only_whom_it_concerns_may_say(lite_desk: Desk) -> None:
    """Work left: the assignee and managers; deadlines: managers; no one once the issue is over."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    with pytest.raises(TransitionRefusedError, match="or a manager"):
        say(desk, code, desk.ada, "4h")
    desk.issue_move(code, "grab", desk.ada)
    with pytest.raises(TransitionRefusedError):
        say(desk, code, desk.ben, "4h")
    with pytest.raises(InvalidInputError, match="Only a manager can change the deadline"):
        say(desk, code, desk.ada, "4h", until="2034-03-14")
    for until in ("2034-02-30", "tomorrow", "1999-01-01", "9999-12-30"):
        with pytest.raises(InvalidInputError):
            say(desk, code, desk.mia, until=until)
    with pytest.raises(InvalidInputError) as wrong:
        say(desk, code, desk.ada, "soon")
    assert list(wrong.value.problems) == ["left"]
    desk.issue_move(code, "dismiss", desk.mia, reason="no-fault", note="As it should.")
    with pytest.raises(TransitionRefusedError):
        say(desk, code, desk.mia, "4h")
    assert kept(desk, code) == []


def test_a_reason_names_no_customer(lite_desk: Desk) -> None:
    """It is as public as the issue."""
    desk = lite_desk
    ticket = desk.order(name="Noor Haddad", email="noor@example.com")
    code = desk.open_issue(desk.ada, ticket)
    with pytest.raises(InvalidInputError) as wrong:
        say(desk, code, desk.mia, "4h", because="Noor Haddad has a large album.")
    assert list(wrong.value.problems) == ["because"]


def test_a_form_that_comes_twice_is_one_change(lite_desk: Desk) -> None:
    """And a change in between is not taken back by it."""
    desk = lite_desk
    code, key = desk.open_issue(desk.ada), new_key()
    desk.issue_move(code, "grab", desk.ada)
    for left in ("4h", "4h"):
        with desk.ctx(desk.ada) as ctx:
            estimates.note(ctx, code, "Half of it is done.", left, key=key)
        say(desk, code, desk.mia, "1h")
    assert desk.issue(code).minutes_left == 60
    with desk.ctx(desk.ada) as ctx, pytest.raises(KeyReusedError):
        estimates.note(ctx, code, "Half of it is done.", "5h", key=key)
    issue = desk.issue(code)
    with desk.ctx() as ctx:
        assert [note.body for note in notes_of(ctx.session, issue)] == ["Half of it is done."]
    assert [said[:2] for said in kept(desk, code)] == [("Ada", 240), ("Mia", 60)]


def test_a_note_with_time_that_cannot_be_read_leaves_nothing(lite_desk: Desk) -> None:
    """All of it or nothing; colleagues may leave a note, but not the time."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    desk.issue_move(code, "grab", desk.ada)
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError) as wrong:
        estimates.note(ctx, code, "Half of it.", "half", key=new_key())
    assert list(wrong.value.problems) == ["left_now"]
    with pytest.raises(TransitionRefusedError), desk.ctx(desk.ben) as ctx:
        estimates.note(ctx, code, "Half of it.", "2h", key=new_key())
    with desk.ctx(desk.ben) as ctx:
        issue = estimates.note(ctx, code, "Seen it as well.", "", key=new_key())
        assert [note.body for note in notes_of(ctx.session, issue)] == ["Seen it as well."]


def test_what_is_left_in_open_parts_is_summed_as_far_as_it_may_be_seen(desk: Desk) -> None:
    """Parts of parts count, closed and hidden ones do not."""
    whole = desk.open_issue(desk.ada)
    part = desk.open_issue(desk.ada, parent=whole)
    below = desk.open_issue(desk.ada, parent=part)
    over = desk.open_issue(desk.ada, parent=whole)
    hidden = desk.open_issue(desk.ada, parent=whole, private=True)
    for code, minutes in ((whole, 10), (part, 20), (below, 40), (over, 80), (hidden, 160)):
        desk.change_issue(code, minutes_left=minutes)
    desk.issue_move(over, "dismiss", desk.mia, reason="no-fault", note="As it should.")
    parent, alone = desk.issue(whole), desk.issue(over)
    for by, minutes in ((desk.ben, 60), (desk.mia, 220)):
        with desk.ctx(by) as ctx:
            assert left_in_parts(ctx.session, by, parent) == minutes
            assert left_in_parts(ctx.session, by, alone) is None
