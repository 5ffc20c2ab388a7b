"""The history of the configuration, as managers see and search it (P10)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update

from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.operations import set_values
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from tests.people import Desk, sign_in
from tests.services import published

pytestmark = pytest.mark.row("P10")


def listed(app: Flask, **filters: object) -> list[str]:
    """The lines that a manager sees."""
    page = sign_in(app, "mia").get("/support/desk/setup/changes", query_string=filters)
    assert page.status_code == 200
    lines = BeautifulSoup(page.text, "html.parser").select("#ps-changes > ol > li")
    return [" ".join(line.get_text(" ").split()) for line in lines]


def test_each_change_says_who_made_it_and_what_was_before(app: Flask, desk: Desk) -> None:
    """Newest first, found by its words in any case, by who made it, by day and by what it is about."""
    with published(desk, word="Dearer since spring.") as service:
        service.price_minor = 9900
    desk.clock.forward(days=2)
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        set_values(ctx, change, {"name": "ÖLSARDINE <b>"})
    newest, before, *_ = listed(app)
    assert newest.startswith("Mia changed name")
    assert "ÖLSARDINE <b>" in newest
    assert before.startswith("Mia published Installation : Dearer since spring.")
    assert "Price USD 45.00 USD 99.00" in before
    assert listed(app, words="ölsardine") == [newest]
    assert listed(app, words="spring DEARER") == [before]
    assert listed(app, words="a zebra of the kind") == listed(app, by="Nobody") == []
    assert listed(app, about="setting:name") == [newest]
    assert listed(app, by="Mia")[:2] == [newest, before]
    assert listed(app, since="2034-03-15") == [newest]
    assert newest not in listed(app, until="2034-03-15")
    assert listed(app, since="someday", until="0001-01-01", before="x")[0] == newest
    # no filter that someone made up is a fault
    assert listed(app, before=10**30)[0] == listed(app, before="9" * 5000)[0] == newest
    assert listed(app, words="mia " * 3000)
    assert sign_in(app, "ada").get("/support/desk/setup/changes").status_code == 403


def test_pages_follow_each_other(lite_app: Flask, lite_desk: Desk) -> None:
    """Fifty lines each, none twice, none left out."""
    with lite_desk.ctx(lite_desk.mia) as ctx:
        for number in range(60):
            with configuration.edit(ctx) as change:
                set_values(ctx, change, {"link_days": number + 1})
    seen, address = [], "/support/desk/setup/changes"
    while address:
        page = BeautifulSoup(sign_in(lite_app, "mia").get(address).text, "html.parser")
        seen += [line["id"] for line in page.select("#ps-changes > ol > li")]
        older = page.select_one("#ps-changes > p > a")
        address = str(older["href"]) if older else ""
    assert len(seen) == len(set(seen)) >= 60


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("data", {}), ("kind", "moved"), ("about", "setting:zone"), ("words", "nothing"), ("number", 4711)),
        *(("actor_name", "Eve"), ("actor_id", 4711), ("actor_kind", "clock"), ("claim_number", 1)),
        *(("at", datetime(2020, 1, 1, tzinfo=UTC)), ("salt", "x"), ("digest", "x")),
        *(("previous", "x"), ("hash", "x")),
    ],
)
def test_a_line_that_was_changed_is_found(lite_desk: Desk, column: str, value: object) -> None:
    """The doctor says which, as for the history of a ticket; also if only the search would not find it."""
    with lite_desk.ctx(lite_desk.mia) as ctx, configuration.edit(ctx) as change:
        set_values(ctx, change, {"name": "Help"})
    with lite_desk.ctx() as ctx:
        first = update(ConfigurationEvent).where(ConfigurationEvent.number == 1)
        ctx.session.execute(first.values({column: value}))
    broken = str(lite_desk.broken()["the history of the configuration is unbroken"])
    assert "configuration: event" in broken
