"""Letters that only a person can decide about (design §5.4)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.desk import letters
from paidsupport.desk.visit import Visit
from paidsupport.store import pages
from paidsupport.web.blueprint import blueprint
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.staff.forms import SettleForm


@route(blueprint, "/desk/outbox", Who.STAFF)
def outbox(visit: Visit) -> ResponseReturnValue:
    """The letters that got stuck, oldest first, with what can be decided about each."""
    stuck = [
        (letter, ticket, letters.decisions(visit, ticket, letter), SettleForm(formdata=None, back="outbox"))
        for letter, ticket in pages.stuck_letters(visit.session)
    ]
    return show("staff/outbox.html", stuck=stuck)
