"""Settings that managers change while the desk runs: rows over what is configured (P10)."""

from __future__ import annotations

import pytest
from flask import Flask

from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.operations import set_values
from paidsupport.kernel.configuration.tables import Setting
from paidsupport.kernel.db.configured import set_aside
from paidsupport.testing import mount_of, worker_of
from tests.people import Desk

pytestmark = pytest.mark.row("P10")


def change(desk: Desk, **values: object) -> None:
    """Set them as a manager."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as under_way:
        assert set_values(ctx, under_way, values) == list(values)


def test_a_change_holds_at_once_and_is_taken_back(desk: Desk) -> None:
    """On pages, in operations and for a worker that runs already; None is what is configured."""
    app = desk.app
    client, hand = app.test_client(), worker_of(app)
    usual = mount_of(app).settings.name
    assert usual in client.get("/support/").text
    change(desk, name="Help for galleries", time_zone="Pacific/Auckland", claim_hours=5)
    page = client.get("/support/").text
    assert "Help for galleries" in page
    assert usual not in page
    with desk.ctx() as ctx:
        assert str(ctx.services.hours.zone) == "Pacific/Auckland"
        assert ctx.services.settings.claim_hours == 5
    with hand.reading() as ctx:
        assert ctx.services.settings.name == "Help for galleries"
    change(desk, name=None)
    assert usual in client.get("/support/").text
    assert desk.broken() == {}


def test_another_process_learns_of_it_within_seconds(lite_app: Flask, lite_desk: Desk) -> None:
    """It asks once in a while, not for every page."""
    mount = mount_of(lite_app)
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.add(Setting(name="name", value="Elsewhere", changed_at=ctx.now, changed_by="Mia"))
    client = lite_app.test_client()
    assert "Elsewhere" not in client.get("/support/").text
    lite_desk.clock.forward(seconds=2)
    assert "Elsewhere" in client.get("/support/").text
    assert mount.settings.name == "Elsewhere"


def test_a_value_that_went_wrong_leaves_what_is_configured(
    lite_app: Flask, lite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """An older version may have stored it; the desk goes on, and its log says so."""
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        for name, value in (("time_zone", "Mars/Olympus"), ("claim_hours", "many"), ("name", "Fine")):
            ctx.session.add(Setting(name=name, value=value, changed_at=ctx.now, changed_by="Mia"))
    lite_desk.clock.forward(seconds=2)
    assert "Fine" in lite_app.test_client().get("/support/").text
    assert mount_of(lite_app).settings.claim_hours == 48
    assert "time_zone is left as it is configured" in caplog.text
