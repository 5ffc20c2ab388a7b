"""One's own work, time left, and deadlines that slip, as staff see them (T14, T15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import estimates
from tests.issues.test_slips import MONDAY, TUESDAY, WEDNESDAY, asked, held
from tests.people import Desk, press, sign_in

LIST = "/support/desk/issues"
MINE, SLIPS = "/support/desk/mine", f"{LIST}/slips"


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    """A developer who is signed in."""
    return sign_in(app, "ada")


@pytest.fixture
def mia(app: Flask) -> FlaskClient:
    """A manager who is signed in."""
    return sign_in(app, "mia")


@pytest.mark.row("T14")
def test_work_is_started_from_ones_own_list(desk: Desk, ada: FlaskClient, mia: FlaskClient) -> None:
    """In few queries; a manager can view a colleague's list, and starts nothing for them."""
    codes = [desk.open_issue(desk.ada, summary=f"No. {number}") for number in range(12)]
    for number, code in enumerate(codes):
        desk.change_issue(
            code,
            state="confirmed",
            owner_id=desk.ada.id if number % 2 else None,
            target_release=f"1.{number}",
            minutes_left=240,
            deadline=TUESDAY + timedelta(days=60),
        )
    with desk.statements() as seen:
        page = ada.get(MINE).text
    assert len(seen) <= 8
    found = [page.index(code) for code in (*codes[1::2], *codes[::2])]
    assert found == sorted(found)
    assert "[4h, 2034-05-13] No. 10" in page
    assert press(ada, MINE, f"{LIST}/{codes[2]}/moves/start", version=1).status_code == 303
    started = desk.issue(codes[2])
    assert (started.state, started.owner_id) == ("assigned", desk.ada.id)
    assert press(ada, MINE, f"{LIST}/{codes[2]}/moves/start", version=1).status_code == 409
    with desk.statements() as seen:
        theirs = mia.get(f"{MINE}?person={desk.ada.id}").text
    assert len(seen) <= 9
    assert "Work of Ada" in theirs
    assert mia.get(f"{LIST}/mine?person={desk.ada.id}").location.endswith(f"{MINE}?person={desk.ada.id}")
    assert codes[2] in theirs
    assert "/moves/start" not in theirs
    assert ada.get(f"{MINE}?person={desk.mia.id}").status_code == 403
    for person in ("999", "x", "9" * 30):
        assert mia.get(f"{MINE}?person={person}").status_code == 404


@pytest.mark.row("T15")
def test_time_left_and_deadline_are_changed_on_the_issues_page(
    desk: Desk, ada: FlaskClient, mia: FlaskClient
) -> None:
    """The assignee says how much is left, with a note or without; a manager until when."""
    code = held(desk, desk.ada, 6, MONDAY)
    here = f"{LIST}/{code}"
    assert 'name="until"' not in ada.get(here).text
    wrong = press(ada, here, f"{here}/estimate", left="soon", because="")
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.text
    more = press(ada, here, f"{here}/estimate", left="1d 2h", because="")
    assert "Enter a reason" in more.text
    assert press(ada, here, f"{here}/estimate", left="1d 2h", because="Two systems.").status_code == 303
    forged = press(ada, here, f"{here}/estimate", left="", until="2034-04-14", because="Later.")
    assert forged.status_code == 422
    desk.clock.forward(hours=1)
    assert press(ada, here, f"{here}/notes", body="One of them works.", left_now="3h").status_code == 303
    refused = press(ada, here, f"{here}/notes", body="Both of them.", left_now="x")
    assert refused.status_code == 422
    assert "Both of them." in refused.text
    assert (
        press(mia, here, f"{here}/estimate", left="3h", until="2034-03-21", because="Away.").status_code
        == 303
    )
    page = ada.get(here).text
    for words in (
        "<h1><bdi>[3h, 2034-03-21] Pictures stay dark",
        "Two systems.",
        "<svg",
        "10h left, due 2034-03-20",
    ):
        assert words in page
    assert "style=" not in page
    assert 'name="left_now"' not in sign_in(desk.app, "ben").get(here).text
    assert desk.broken() == {}


@pytest.mark.row("T15")
def test_what_slips_is_announced_with_one_form(desk: Desk, ada: FlaskClient, mia: FlaskClient) -> None:
    """The page says in words why; one text is in every issue, and none is taken along unseen."""
    first, second = held(desk, desk.ada, 9, TUESDAY), held(desk, desk.ada, 2, WEDNESDAY)
    third = held(desk, desk.ada, 2, MONDAY)
    words = "9h of work until 14 Mar 2034, but only 8h of working time"
    for page in (MINE, f"{LIST}/{first}", SLIPS):
        assert words in ada.get(page).text
    assert words in mia.get(f"{LIST}/{first}").text
    assert words not in ada.get(f"{LIST}/{second}").text
    empty = press(ada, SLIPS, SLIPS, asked=first, because="")
    assert empty.status_code == 422
    assert "Enter the reason for the delay" in empty.text
    with desk.ctx(desk.mia) as ctx:
        issue = issues.lock(ctx.session, second, desk.mia)
        estimates.change(ctx, issue, minutes_left=10 * 60)
    assert asked(desk, first, second, third) == [True, True, False]
    said = {"because": "The old tables are broken.", f"expected-{first}": "2034-03-17"}
    unseen = press(ada, SLIPS, SLIPS, asked=first, **said)
    assert unseen.status_code == 422
    assert f"Announce the delay of {second}" in unseen.text
    assert "The old tables are broken." in unseen.text
    done = press(ada, SLIPS, SLIPS, asked=[first, second], **{f"slips-{third}": "y"}, **said)
    assert done.status_code == 303
    assert "Delay announced on 3 issues." in ada.get(MINE).text
    for code in (first, second, third):
        page = mia.get(f"{LIST}/{code}").text
        assert "The old tables are broken." in page
        assert "A delay was announced" in page
        assert ("New date expected: 17 March 2034" in page) == (code == first)
    assert "announced a delay, now expected on 2034-03-17" in mia.get(f"{LIST}/{first}").text
    assert desk.issue(first).deadline == date(2034, 3, 14)
    assert desk.broken() == {}
