"""The roster in a browser: read by all, changed by managers, and what was typed wrongly is kept (T7)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from tests.people import Desk, press, sign_in
from tests.tickets.ordering.ordering import soup, words

pytestmark = pytest.mark.row("T7")

PAGE = "/support/desk/roster"
SHIFTS, ABSENCES = f"{PAGE}/shifts", f"{PAGE}/absences"


@pytest.fixture
def mia(desk: Desk) -> FlaskClient:
    """The browser of a manager."""
    return sign_in(desk.app, "mia")


def test_a_manager_makes_a_roster_and_everybody_reads_it(desk: Desk, mia: FlaskClient) -> None:
    """“Ada is away 24–31 December, Ben stands in”; who is on duty now stands on top; each line says whose."""
    shift = {
        "person": desk.ada.id,
        "weekdays": ["0", "1"],
        "starts": "09:00",
        "ends": "17:00",
        "position": "1",
    }
    assert press(mia, PAGE, SHIFTS, **shift).status_code == 303
    assert press(mia, PAGE, SHIFTS, **shift | {"weekdays": [], "day": "2034-12-27"}).status_code == 303
    absence = {
        "absent": desk.ada.id,
        "first_day": "2034-12-24",
        "last_day": "2034-12-31",
        "substitute": desk.ben.id,
    }
    assert press(mia, PAGE, ABSENCES, **absence).status_code == 303
    for name in ("ada", "mia"):
        page = sign_in(desk.app, name).get(PAGE).text
        told = words(page)
        assert "On duty now, in order: Ada . Then the managers: Mia" in told, told
        assert "Ada is away: Sun 24 Dec 2034 – Sun 31 Dec 2034 · substitute: Ben" in told
        assert [len(table.select("tbody tr")) for table in soup(page).select("table")] == [2, 1]
        assert "Monday 09:00–17:00 1. Ada just now by Mia" in told
        # what only managers may do is not offered to others
        assert len(soup(page).select("aside form")) == (2 if name == "mia" else 0)
        assert ("Remove" in told) == (name == "mia")


def test_lines_are_taken_off_and_leave_a_trace(desk: Desk, mia: FlaskClient) -> None:
    """By a button of their own; who did it stands among the changes, with what was there before."""
    press(mia, PAGE, SHIFTS, person=desk.ada.id, weekdays="1", starts="09:00", ends="17:00", position="1")
    press(mia, PAGE, ABSENCES, absent=desk.ben.id, first_day="2034-03-20")
    for form in soup(mia.get(PAGE).text).select("form[action$=remove]"):
        assert press(mia, PAGE, str(form["action"])).status_code == 303
    page = soup(mia.get(PAGE).text)
    assert "No shifts yet" in words(page.get_text(" "))
    changes = page.find("a", string="Change history")
    told = [words(line.get_text(" ")) for line in soup(mia.get(changes["href"]).text).select("[data-ps-row]")]  # type: ignore[index]
    assert [line.partition(" Roster ")[0] for line in told] == [
        "Mia removed Ben, 2034-03-20–2034-03-20",
        "Mia removed Ada, Tue, 09:00–17:00",
        "Mia added Ben, 2034-03-20–2034-03-20",
        "Mia added Ada, Tue, 09:00–17:00",
    ]
    assert all(fact in told[1] for fact in ("Person Ada", "Day Tue", "From 09:00", "Until 17:00", "Order 1"))
    with desk.ctx() as ctx:
        rows = [*ctx.session.query(Shift), *ctx.session.query(Absence)]
        assert [row.removed_by for row in rows] == ["Mia", "Mia"]


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(desk: Desk, mia: FlaskClient) -> None:
    """Whatever the browser did not check."""
    answer = press(mia, PAGE, SHIFTS, person="", weekdays="3", starts="17:00", ends="soon", position="12")
    assert answer.status_code == 422
    page = soup(answer.text)
    said = {str(error["id"]): words(str(error)) for error in page.select(".ps-error")}
    assert set(said) == {"person-error", "ends-error", "position-error"}
    assert "Write a time like 09:00." in said["ends-error"]
    assert len(page.select(".ps-summary li")) == 3
    assert page.select_one("#starts")["value"] == "17:00"  # type: ignore[index]
    assert page.select_one("#position")["value"] == "12"  # type: ignore[index]
    assert page.select_one("#weekdays-3").has_attr("checked")  # type: ignore[union-attr]
    answer = press(mia, PAGE, ABSENCES, absent=desk.ada.id, first_day="2034-03-20", last_day="2034-03-19")
    assert answer.status_code == 422
    page = soup(answer.text)
    assert page.select_one("#last_day-error")
    assert page.select_one("#first_day")["value"] == "2034-03-20"  # type: ignore[index]
    assert page.select_one("#absent option[selected]")["value"] == str(desk.ada.id)  # type: ignore[index]
    assert not page.select("#person-error, #weekdays-error"), "the other form says nothing"


@pytest.mark.parametrize(
    "hostile", ["\x00", "9\r\n:00", "\u202e09:00", "9" * 5000, "<b>", "-1", "\u0660\u0669:\u0660\u0660"]
)
def test_nothing_that_is_typed_breaks_it(desk: Desk, mia: FlaskClient, hostile: str) -> None:
    """Refused with a sentence, never a fault."""
    good = {"person": desk.ada.id, "weekdays": "1", "starts": "09:00", "ends": "17:00", "position": "1"}
    for field in ("person", "weekdays", "day", "starts", "ends", "position"):
        assert press(mia, PAGE, SHIFTS, **good | {field: hostile}).status_code == 422, field
    good = {"absent": desk.ada.id, "first_day": "2034-03-20", "last_day": "", "substitute": ""}
    for field in good:
        assert press(mia, PAGE, ABSENCES, **good | {field: hostile}).status_code == 422, field


def test_others_are_refused_whatever_they_send(desk: Desk, mia: FlaskClient) -> None:
    """With every token right, and below the page: 403, and nothing changes."""
    shift = {"person": desk.ada.id, "weekdays": "1", "starts": "09:00", "ends": "17:00", "position": "1"}
    press(mia, PAGE, SHIFTS, **shift)
    ada = sign_in(desk.app, "ada")
    # her profile has a form with a key and a token of her own
    for url, fields in (
        (SHIFTS, shift | {"weekdays": "2"}),
        (ABSENCES, {"absent": desk.mia.id, "first_day": "2034-03-20"}),
        (f"{SHIFTS}/1/remove", {}),
        (f"{ABSENCES}/1/remove", {}),
    ):
        answer = press(ada, "/support/desk/profile", url, **fields)
        assert answer.status_code == 403, url
        assert "Only a manager can change the roster." in answer.text
    with desk.ctx() as ctx:
        seen = roster.overview(ctx)
        assert [(row.weekday, row.removed_at) for row in seen.week] == [(1, None)]
        assert seen.absences == []


def test_the_ticket_says_who_was_told(desk: Desk, mia: FlaskClient) -> None:
    """In its history, by name."""
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "cascade", "paid")  # it is frozen
    press(mia, PAGE, SHIFTS, person=desk.ada.id, weekdays="1", starts="09:00", ends="17:00", position="1")
    code = desk.order()
    for _ in range(2):
        desk.clock.forward(minutes=30)
        desk.work()
    told = words(mia.get(f"/support/desk/tickets/{code}/history").text)
    assert "The desk told Ada that it has no owner" in told
    assert "The desk told Mia that it has no owner" in told
    assert "The notice that it has no owner was sent" in told
