"""Whether we can serve at all, for load balancers and monitors."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from paidsupport.desk.visit import Visit
from paidsupport.web.blueprint import blueprint
from paidsupport.web.guards import Who, route


@route(blueprint, "/healthz", Who.ANYONE)
def healthz(visit: Visit) -> ResponseReturnValue:
    """200 after one trivial query; without its database the blueprint answers 503."""
    visit.session.execute(select(1))
    return {"status": "ok"}
