"""The desk's time zone holds wherever a time or a day is shown, typed or counted (P15)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.operations import set_values
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.ops.overview import operations as overview
from paidsupport.tickets.notices.operations import digests
from tests.browser.every_page import furnish
from tests.calling import call
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P15")


def transition_to(desk: Desk, zone: str) -> None:
    """Let the desk be in a time zone, as a manager sets it."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        set_values(ctx, change, {"time_zone": zone})


def test_no_page_and_no_mail_falls_back_to_utc(lite_app: Flask, lite_desk: Desk) -> None:
    """On every page of a furnished desk, and in all that was written from it."""
    transition_to(lite_desk, "Asia/Kathmandu")
    paths = furnish(lite_desk)
    readers = sign_in(lite_app, "ada"), sign_in(lite_app, "mia")
    # on the first two the zone is chosen among all of them; programs always get UTC
    chosen = {"first steps: name", "settings: times", "API reference"}
    pages = {
        name: [reader.get(path).text for reader in readers]
        for name, path in paths.items()
        if name not in chosen
    }
    assert [name for name, texts in pages.items() if any("UTC" in text for text in texts)] == []
    assert any("+0545" in text for texts in pages.values() for text in texts)
    bodies = [mail.get_body(("plain",)) for mail in lite_desk.transport.sent]
    assert len(bodies) > 10
    assert not [body.get_content() for body in bodies if body and "UTC" in body.get_content()]


def test_a_call_is_noted_by_the_clock_on_the_wall(lite_app: Flask, lite_desk: Desk) -> None:
    """The form begins with the local time, and what is typed there is kept as that moment."""
    transition_to(lite_desk, "America/New_York")
    lite_desk.clock.now = datetime(2034, 3, 14, 12, 30, tzinfo=UTC)
    ada = sign_in(lite_app, "ada")
    assert 'value="2034-03-14T08:30"' in ada.get("/support/desk/call").text
    made = call(lite_desk, called_at="2034-03-14T08:05")
    with lite_desk.ctx() as ctx:
        kept = ctx.session.scalars(select(Intake.called_at).where(Intake.ticket_id == made.id)).one()
    assert kept == datetime(2034, 3, 14, 12, 5, tzinfo=UTC)
    assert "14 Mar 2034, 08:05 EDT" in ada.get(f"/support/desk/tickets/{made.code}").text


def test_the_mail_of_the_day_comes_at_that_hour_of_the_desk(lite_desk: Desk) -> None:
    """Not at that hour in UTC."""
    transition_to(lite_desk, "Asia/Tokyo")
    lite_desk.clock.now = datetime(2034, 3, 14, 21, 30, tzinfo=UTC)  # half past six in the morning there
    with lite_desk.ctx(lite_desk.ada) as ctx:
        digests.prefer(ctx, dict.fromkeys(Concern, Way.DIGEST), 7)
        assert digests.due(ctx) == []
    lite_desk.clock.forward(minutes=30)
    with lite_desk.ctx() as ctx:
        assert lite_desk.ada.id in digests.due(ctx)


def test_days_and_weeks_are_counted_as_the_desk_has_them(desk: Desk) -> None:
    """Late on Sunday in UTC it is Monday in the east; also on the other side of a change of clocks."""
    transition_to(desk, "Europe/Berlin")
    for at in (datetime(2034, 3, 19, 23, 30, tzinfo=UTC), datetime(2034, 3, 26, 22, 30, tzinfo=UTC)):
        desk.clock.now = at
        desk.order()
    with desk.ctx(desk.mia) as ctx:
        (flow,) = [each for each in overview.count(ctx).figures if each.name == "flow"]
    assert flow.rows[-3:] == [["2034-W11", 0, 0], ["2034-W12", 1, 0], ["2034-W13", 1, 0]]
