"""Deadlines in pages: time left in the queue and on the ticket, what is overdue, and in which order (P9)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.staff import operations as people
from paidsupport.tickets.queue import queries as queue
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P9")

DESK = "/support/desk/"


def soup(client: FlaskClient, address: str = "") -> BeautifulSoup:
    """A page of the desk."""
    answer = client.get(DESK + address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def codes(client: FlaskClient, address: str) -> list[str]:
    """The codes in a queue, in their order; of cells that, as HTML allows, are not closed."""
    return [
        cell.get_text().strip()[: len("PS-XXXX-XXXX")] for cell in soup(client, address).select("td.ps-code")
    ]


def due_of(page: BeautifulSoup, code: str) -> Tag:
    """The time left in the row of a ticket."""
    (row,) = [row for row in page.select("[data-ps-row]") if row.get_text().strip().startswith(code)]
    return row.select("span, b, time")[-1]


def said(page: BeautifulSoup) -> str:
    """What the next step says, in one line."""
    box = page.select_one(".ps-next")
    assert box is not None
    return " ".join(box.get_text(" ").split())


def test_the_queue_tells_the_time_left(app: Flask, desk: Desk) -> None:
    """Unmarked while there is enough, marked once it is near; with the exact moment in the title."""
    ada, code = sign_in(app, "ada"), desk.order()
    calm = due_of(soup(ada), code)
    assert (calm.name, calm.get_text()) == ("span", "3 days left")
    assert calm["title"] == "First contact: 16 Mar, 17:00 UTC"
    desk.clock.forward(days=2, hours=5)
    near = due_of(soup(ada), code)
    assert (near.name, near.get_text()) == ("b", "3 h left")
    desk.clock.forward(hours=20)
    assert due_of(soup(ada), code).get_text() == "1 h overdue"
    desk.claim(code, desk.ada)
    assert due_of(soup(ada, "?part=pending"), code).get_text() == "1 h overdue"


def test_where_nothing_is_due_there_is_no_column(app: Flask, desk: Desk) -> None:
    """Neither among ended tickets nor while all wait for their customers."""
    ada, code = sign_in(app, "ada"), desk.in_progress(desk.ada)
    refused = desk.order()
    desk.transition(refused, "reject", desk.ada, reason="spam", note="Spam.")
    for part, shown in (("pending", code), ("closed", refused)):
        page = soup(ada, f"?part={part}")
        assert shown in page.get_text()
        assert "Due" not in [head.get_text()[:3] for head in page.select("thead th")]


def test_what_is_overdue_can_be_listed(app: Flask, desk: Desk) -> None:
    """A notice counts it and leads to the list of all parts; every tab and filter narrows it down."""
    mia = sign_in(app, "mia")
    held, open_ = desk.order(), desk.order(email="b@example.com")
    desk.claim(held, desk.ada)
    assert "overdue" not in soup(mia).select_one("#ps-tickets").get_text().replace("Overdue", "")  # type: ignore[union-attr]
    desk.clock.forward(days=7)
    fresh = desk.order(email="c@example.com")
    (notice,) = [link for link in soup(mia).select(".ps-warn a") if "overdue" in link.get_text()]
    assert notice.get_text() == "2 tickets are overdue"
    listed = str(notice["href"]).removeprefix(DESK)
    assert codes(mia, listed) == [held, open_]
    page = soup(mia, listed)
    assert not [link for link in page.select(".ps-warn a") if "overdue" in link.get_text()]
    assert page.select_one("#ps-due [selected]")["value"] == "over"  # type: ignore[index]
    (pending,) = [tab for tab in page.select(".ps-tabs a") if "Pending" in tab.get_text()]
    assert codes(mia, str(pending["href"]).removeprefix(DESK)) == [held]
    assert codes(mia, "?part=unassigned&due=over") == [open_]
    assert codes(mia, "?part=closed&due=over") == []
    assert set(codes(mia, "?part=unassigned")) == {open_, fresh}


def test_the_queue_can_be_sorted_by_what_is_due_first(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no deadline that runs comes last, page by page, and first in the other direction."""
    monkeypatch.setattr(queue, "PAGE", 2)
    mia = sign_in(app, "mia")
    waiting = desk.in_progress(desk.ada)
    late = desk.order(
        service="customization", answers={"wish": ["Dates."], "theme": ["Matrix"]}, email="b@example.com"
    )
    soon, sooner = (desk.order(email=f"{name}@example.com") for name in "cd")
    for code in (late, soon, sooner):
        desk.claim(code, desk.ben)
    found, address = list[str](), "?part=pending&sort=due"
    while address:
        page = soup(mia, address)
        found += [cell.get_text()[: len("PS-XXXX-XXXX")] for cell in page.select("td.ps-code")]
        following = page.select_one("a[rel=next]")
        address = str(following["href"]).removeprefix(DESK) if following else ""
    assert found == [soon, sooner, late, waiting]
    assert codes(mia, "?part=pending&sort=due&order=down")[0] == waiting


def test_the_next_step_says_what_is_due(app: Flask, desk: Desk) -> None:
    """The nearest first; what stands still says so, and that it was missed before."""
    ada, code = sign_in(app, "ada"), desk.order()
    page = f"tickets/{code}"
    assert "First contact: 3 days left · Resolution: 15 days left" in said(soup(ada, page))
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert "Resolution: 15 days left, paused until the customer writes" in said(soup(ada, page))
    desk.work()
    desk.receive(code, "Yes.")
    shown = soup(ada, page)
    assert "Answer: 2 days left · Resolution: 15 days left" in said(shown)
    assert not shown.select(".ps-next .ps-due")
    (answer, _) = shown.select(".ps-next .ps-meta time")
    assert answer["datetime"] == "2034-03-15T17:00Z"
    assert answer["title"] == "Answer: 15 Mar 2034, 17:00 UTC"
    desk.clock.forward(days=35)
    desk.work()
    desk.claim(code, desk.ada)
    shown = soup(ada, page)
    assert "overdue · Resolution: 10 days overdue" in said(shown)
    assert len(shown.select(".ps-next .ps-due")) == 2
    desk.write(code, desk.ada)
    assert "Resolution: 10 days overdue, paused" in said(soup(ada, page))
    told = soup(ada, f"tickets/{code}/history").get_text(" ")
    assert "The desk reported a missed deadline: an answer" in " ".join(told.split())


def test_customers_see_nothing_of_it(app: Flask, desk: Desk) -> None:
    """Deadlines are ours: their page promises nothing."""
    code = desk.order()
    desk.clock.forward(days=7)
    page = app.test_client().get(f"/support/t/{desk.token(code)}").text
    assert code in page
    for word in ("overdue", "days left", "Deadline"):
        assert word not in page


def test_programs_see_what_is_due(app: Flask, desk: Desk) -> None:
    """In the list and on the ticket: the moment and the kind, or neither."""
    code, quiet = desk.order(), desk.in_progress(desk.ada)
    with desk.ctx(desk.mia) as ctx:
        token = people.new_token(ctx, "mia@example.org", "test", days=1)
    client = app.test_client()
    for address, found in (
        ("/tickets", lambda answer: answer["items"]),
        (f"/tickets/{code}", lambda a: [a]),
    ):
        answer = client.get(f"/support/api/v1{address}", headers={"Authorization": f"Bearer {token}"})
        rows = {row["code"]: (row["due_at"], row["due_kind"]) for row in found(answer.json)}
        assert rows[code] == ("2034-03-16T17:00:00+00:00", "first-contact")
        assert rows.get(quiet, (None, None)) == (None, None)
