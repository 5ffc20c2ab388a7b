"""The page of a form whose session had ended, once its person has signed in again."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.desk import unsent
from paidsupport.desk.visit import Visit
from paidsupport.web.guards import Who, route
from paidsupport.web.unsent import redrawn


@route("/desk/unsent/<token>", Who.STAFF)
def unsent_form(visit: Visit, token: str) -> ResponseReturnValue:
    """What was typed, on its own page, for whoever typed it and nobody else."""
    return redrawn(unsent.find(visit, token))
