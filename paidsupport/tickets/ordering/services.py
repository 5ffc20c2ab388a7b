"""The services, and what this visitor has ordered before (G1)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route, visitor
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.operations.payment import payee_of
from paidsupport.tickets.ordering import operations as submissions


@route("/", Who.ANYONE)
def services(ctx: Context) -> ResponseReturnValue:
    """Show the services with their prices; a signed-in visitor also finds their own orders."""
    known, offered = visitor(), catalogue.services(ctx)
    payees = {payee_of(ctx, each.payee) for each in offered if each.price_minor}
    return show(
        "tickets/ordering/services.html",
        services=offered,
        direct=payees <= {Payee.DEVELOPER},
        orders=submissions.orders_of(ctx, known.id) if known else [],
        flows=ctx.services.workflows,
        link_of=ctx.services.links.customer,
    )
