"""Whether we can serve at all, for load balancers and monitors."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.jobs import queries
from paidsupport.kernel.web.guards import Who, route


@route("/healthz", Who.ANYONE)
def healthz(ctx: Context) -> ResponseReturnValue:
    """200 after one small query, with the number of parked jobs if there are any.

    Without its database the blueprint answers 503.
    """
    parked = len(queries.parked(ctx.session))
    return {"status": "ok", "parked": parked} if parked else {"status": "ok"}
