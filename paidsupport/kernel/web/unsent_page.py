"""The page of a form whose session had ended, once its person has signed in again."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.unsent import Typed, redrawn


@route("/desk/unsent/<token>", Who.STAFF)
def unsent_form(ctx: Context, token: str) -> ResponseReturnValue:
    """What was typed, on its own page, for whoever typed it and nobody else."""
    path, query, fields = unsent.find(ctx, token)
    return redrawn(Typed(path, query, [(name, value) for name, value in fields]))
