"""The working hours of a desk come from its settings; public holidays from a library."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from paidsupport import PaidSupport
from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.mount import current
from paidsupport.settings import Settings

pytestmark = pytest.mark.row("P9")


def test_holidays_of_the_place_are_free() -> None:
    """Epiphany is a holiday in Bavaria and not in Berlin."""
    moment = datetime(2034, 1, 6, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    for place, is_open in (("DE-BY", False), ("de-BE", True), ("", True)):
        settings = Settings(time_zone="Europe/Berlin", holidays=place)
        assert hours_of(settings).is_open(moment) == is_open


def test_no_time_runs_while_the_desk_is_closed() -> None:
    """Beside public holidays; a range of days has its last day in it."""
    settings = Settings(closed_days="2034-05-15, 2034-12-25 to 2035-01-02", holidays="DE")
    hours = hours_of(settings)
    for day, is_open in (("2034-12-22", True), ("2034-12-27", False), ("2035-01-02", False)):
        assert hours.is_open(datetime.fromisoformat(f"{day}T12:00Z")) == is_open
    assert date(2034, 10, 3) in hours.holidays
    friday, eight_hours = datetime(2034, 12, 22, 12, tzinfo=UTC), 8 * 60
    assert hours.after(friday, eight_hours) == datetime(2035, 1, 3, 12, tzinfo=UTC)


def test_the_house_has_the_hours_of_its_settings(tmp_path: Path) -> None:
    """Operations find them at `ctx.services.hours`."""
    app = Flask("host", instance_path=str(tmp_path))
    app.config.update(
        SECRET_KEY="a secret",
        PAIDSUPPORT_WORKING_HOURS="Sat 10:00-12:00",
        PAIDSUPPORT_TIME_ZONE="Asia/Tokyo",
        PAIDSUPPORT_HOLIDAYS="JP",
    )
    PaidSupport(app)
    with app.app_context():
        hours = current().services.hours
    assert hours.week[5] == ((600, 720),)
    assert hours.zone == ZoneInfo("Asia/Tokyo")
    assert date(2034, 1, 1) in hours.holidays
    app.extensions["paidsupport"].database.engine.dispose()


def test_without_the_library_holidays_cannot_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start says what to install; without holidays nothing is missing."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    monkeypatch.setattr("paidsupport.kernel.calendars.find_spec", lambda _: None)
    app = Flask("host")
    app.config["PAIDSUPPORT_HOLIDAYS"] = "DE"
    with pytest.raises(ConfigurationError, match=r"pip install 'paidsupport\[hours\]'"):
        PaidSupport(app)
    assert not app.extensions
    PaidSupport(Flask("host"))
