"""The overview: what is counted is what happened, without names, quick to open (P11)."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.kernel.worker import Worker
from paidsupport.ops.overview import operations as overview
from paidsupport.ops.overview.tables import Overview
from paidsupport.testing import mount_of
from tests.people import Desk, sign_in

PAGE = "/support/desk/overview"


def figures(desk: Desk) -> dict[str, dict[str, list[object]]]:
    """What is counted now: the rows of each figure by their first column."""
    with desk.ctx(desk.mia) as ctx:
        return {
            each.name: {str(row[0]): row[1:] for row in each.rows} for each in overview.count(ctx).figures
        }


@pytest.mark.row("P11")
def test_what_is_counted_is_what_happened(desk: Desk) -> None:
    """Orders, ends, claims, waiting, deadlines, revenue, issues and their estimates."""
    old = desk.order()
    desk.clock.forward(days=10)
    done = desk.in_progress(desk.ada)
    desk.finish(done, desk.ada)
    desk.claim(desk.order(), desk.ben)
    code = desk.open_issue(desk.ada, private=False)
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    found = figures(desk)
    week, _, _ = desk.clock.now.isocalendar(), None, None
    assert found["flow"][f"{week.year}-W{week.week:02}"] == [2, 1]
    assert sum(row[0] for row in found["flow"].values()) == 3  # type: ignore[misc]  # numbers
    assert found["age"]["7 to 30 days"] == [1, 0]
    assert found["waits"]["Unassigned"][0] == 1
    assert found["waits"]["Ben"] == [1, 0, 1, 0, 0]
    assert sum(row[0] for row in found["first-contact-kept"].values()) == 1  # type: ignore[misc]
    assert found["revenue"][f"{desk.clock.now:%Y-%m}"] == [float(desk.ticket(done).price_minor) / 100]
    assert sum(row[0] for row in found["issues"].values()) == 1  # type: ignore[misc]
    assert desk.ticket(old).part == "unassigned"


@pytest.mark.row("P11")
def test_the_page_is_for_managers_and_shows_what_a_worker_counted(app: Flask, desk: Desk) -> None:
    """One query for the figures; the worker counts when something happened and it is time, and only then."""
    desk.in_progress(desk.ada)
    mia, ada = sign_in(app, "mia"), sign_in(app, "ada")
    assert ada.get(PAGE).status_code == 403
    assert mia.get(PAGE).status_code == 200  # counted on the spot: no worker has yet
    mount = mount_of(app)
    worker = Worker(mount.services, mount.database, mount.transport, mount.clock)
    worker.once()
    with desk.statements() as seen:
        page = mia.get(PAGE)
    assert len(seen) <= 3
    assert page.text.count("<svg") >= 4
    assert "Jane Doe" not in page.text
    assert "jane@" not in page.text
    with desk.ctx(desk.mia) as ctx:
        counted = ctx.session.scalars(select(Overview.at)).one()
    worker.once()
    desk.order()
    worker.once()  # too soon
    with desk.ctx(desk.mia) as ctx:
        assert ctx.session.scalars(select(Overview.at)).one() == counted
    desk.clock.forward(hours=1)
    worker.once()
    with desk.ctx(desk.mia) as ctx:
        assert ctx.session.scalars(select(Overview.at)).one() > counted


@pytest.mark.row("P11")
def test_each_table_goes_into_a_spreadsheet(app: Flask, desk: Desk) -> None:
    """The same numbers as in the page, and no address for what is not counted."""
    desk.order()
    mia = sign_in(app, "mia")
    for name in figures(desk):
        answer = mia.get(f"{PAGE}/{name}.csv")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert len(list(csv.reader(io.StringIO(answer.text)))) >= 1
    rows = list(csv.reader(io.StringIO(mia.get(f"{PAGE}/flow.csv").get_data().decode("utf-8-sig"))))
    assert rows[0] == ["Week", "Received", "Closed"]
    assert rows[-1][1:] == ["1", "0"]
    assert mia.get(f"{PAGE}/nothing.csv").status_code == 404
    assert sign_in(app, "ben").get(f"{PAGE}/flow.csv").status_code == 403
