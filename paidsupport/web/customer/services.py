"""What can be ordered, and what this visitor has ordered before (G1)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.desk import catalogue, submissions
from paidsupport.desk.visit import Visit
from paidsupport.web.guards import Who, route, visitor
from paidsupport.web.htmx import show


@route("/", Who.ANYONE)
def services(visit: Visit) -> ResponseReturnValue:
    """The services with their prices; whoever is signed in at the site finds their own orders too."""
    known = visitor()
    return show(
        "customer/services.html",
        services=catalogue.services(visit.session),
        orders=submissions.orders_of(visit, known.id) if known else [],
        flows=visit.house.workflows,
        link_of=visit.house.links.customer,
    )
