"""A click on the demonstration site is answered within 100 ms: main pages and what is done on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.intake.guides.tables import Guide
from paidsupport.issues.tables import Issue
from paidsupport.tickets.tables import Ticket
from tests.people import Desk, press, sign_in

DESK = "/support/desk"
#: Seconds of the processor for one click. The clock on the wall tells on a busy machine what others do.
MOST = 0.1
#: Before them is one that does not count: templates are compiled then, and statements prepared.
CLICKS = 3

Click = Callable[[FlaskClient], object]


def cost(client: FlaskClient, click: Click) -> float:
    """The median of several, without the first one."""
    took = []
    for _ in range(CLICKS + 1):
        began = time.process_time()
        click(client)
        took.append(time.process_time() - began)
    return median(took[1:])


def opened(client: FlaskClient, path: str) -> None:
    """Show a page."""
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, path


def noted(client: FlaskClient, path: str) -> None:
    """Open a ticket, leave an annotation, and see it: three requests."""
    answer = press(client, path, f"{path}/annotations", body="A note.")
    assert answer.status_code == 303
    opened(client, path)


def slow(app: Flask, desk: Desk) -> dict[str, float]:
    """What takes longer: of what people open most, and of an action with the page after it."""
    with desk.ctx() as ctx:
        code = ctx.session.scalars(select(Ticket.code).order_by(Ticket.thread.desc())).first() or ""
        issue = ctx.session.scalars(select(Issue.code)).first()
        guide = ctx.session.scalars(select(Guide.slug)).first()
    visitor, mia = app.test_client(), sign_in(app, "mia")
    ticket = f"{DESK}/tickets/{code}"
    theirs = ("/support/", "/support/order/upgrade", f"/support/t/{desk.token(code)}")
    lists = ("", "?part=pending", "?q=albums", "mine", "triage", "issues", "sales", "search?q=albums")
    others = ("news", "profile", "roster", "guides/", "overview", f"guides/{guide}", f"issues/{issue}")
    took = {path: cost(visitor, partial(opened, path=path)) for path in theirs}
    for path in (*(f"{DESK}/{each}" for each in (*lists, *others)), ticket):
        took[path] = cost(mia, partial(opened, path=path))
    took["an annotation"] = cost(mia, partial(noted, path=ticket)) / 3
    return {name: seconds for name, seconds in took.items() if seconds > MOST}
