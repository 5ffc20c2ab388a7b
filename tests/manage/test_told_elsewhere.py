"""What is set up on pages of the desk is told among the changes as well (P10)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.intake.guides import operations as guides
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff.saved import operations as views
from tests.catalogue.rows import told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")


def test_a_guide_is_told_by_its_version(app: Flask, desk: Desk) -> None:
    """Without its text, which is in its versions; a form that is sent twice is told once."""
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            guides.add(ctx, "pills", title="Pills", body="One a day.", key=key)
    with desk.ctx(desk.ben) as ctx:
        guides.keep(ctx, "pills", title="Pills", body="Two a day.", seen=1, public=True)
    with desk.ctx(desk.ben) as ctx:
        guides.keep(ctx, "pills", title="Pills", body="Two a day.", seen=2, public=True)
    lines = [data for _kind, about, data in told(desk, "guide") if about == "guide:pills"]
    assert len(lines) == 2
    assert lines[1]["before"] == {"edition": 1, "public": False}
    assert lines[1]["after"] == {"edition": 2, "public": True}
    assert "a day" not in str(lines)
    page = BeautifulSoup(
        sign_in(app, "mia").get("/support/desk/setup/changes?about=guide:pills").text, "html.parser"
    )
    links = [str(link["href"]) for link in page.select("main ins a[href]")]
    assert links == [f"/support/desk/guides/pills/history/{number}" for number in (2, 1)]


def test_shared_views_are_told_and_personal_ones_are_not(desk: Desk) -> None:
    """Saved, saved again, renamed and deleted."""
    with desk.ctx(desk.mia) as ctx:
        view = views.keep(ctx, name="Late", query="due=over", shared=True, key=new_key())
        views.keep(ctx, name="Mine", query="q=x", shared=False)
    with desk.ctx(desk.mia) as ctx:
        views.keep(ctx, name="Late", query="due=today", shared=True)
        views.rename(ctx, view.id, "Today")
        views.drop(ctx, view.id)
    lines = told(desk, "view")
    assert [kind for kind, _about, _data in lines] == ["added", "changed", "changed", "removed"]
    assert (lines[1][2]["before"], lines[1][2]["after"]) == ({"query": "due=over"}, {"query": "due=today"})
    assert lines[3][2]["before"] == {"name": "Today", "query": "due=today"}
