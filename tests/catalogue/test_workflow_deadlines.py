"""Managers edit the deadlines of workflows (P10)."""

from __future__ import annotations

import pytest
from flask import Flask

from paidsupport.catalogue import queries as catalogue
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

THERE = "/support/desk/setup/deadlines"
PAID = f"{THERE}/paid"


def rules(desk: Desk) -> dict[str, object]:
    """The rules of the workflow as they are stored."""
    with desk.ctx() as ctx:
        return catalogue.deadline_rules(ctx.session).get("paid", {})


def test_deadlines_are_changed_merged_and_told(app: Flask, desk: Desk) -> None:
    """Each field by itself; the draft alone changes, and the history has what was before."""
    mia, before = Manager(app), len(told(desk, "deadlines"))
    assert mia.send(PAID, first_contact="3 H", answer="", resolution="None", warn="80").status_code == 303
    assert rules(desk) == {"first-contact": "3h", "resolution": "none", "warn": 80}
    # a colleague who had opened the form before changes another field
    opened = mia.filled(PAID, answer="2d")
    assert mia.send(PAID, first_contact="5h").status_code == 303
    assert mia.client.post(PAID, data=opened).status_code == 303
    assert rules(desk) == {"first-contact": "5h", "answer": "2d", "resolution": "none", "warn": 80}
    stale = mia.filled(PAID, answer="30m")
    assert mia.send(PAID, answer="45m").status_code == 303
    assert "45m" in errors(mia.client.post(PAID, data=stale))
    assert rules(desk)["answer"] == "45m"
    mia.send(PAID)
    lines = told(desk, "deadlines")[before:]
    assert [(kind, about) for kind, about, _ in lines] == [("changed", "deadlines:paid")] * 4
    assert lines[-1][2]["after"] == {"answer": "45m"}
    assert "45m" in mia.page(THERE).text
    assert desk.broken() == {}


def test_what_is_no_time_is_refused_at_its_field(app: Flask, desk: Desk) -> None:
    """With an example; nothing is stored, and developers have no such page."""
    mia, before = Manager(app), rules(desk)
    refused = mia.send(PAID, first_contact="soon", resolution="0d", warn="101")
    assert errors(refused).count("Enter a time like 30m, 8h or 3d") >= 2
    assert "Enter a number from 1 to 100" in errors(refused)
    assert 'value="soon"' in refused.text
    assert rules(desk) == before
    assert mia.client.get(f"{THERE}/nothing").status_code == 404
    assert sign_in(app, "ada").get(PAID).status_code == 403
