"""All that managers set up, on one page (P10)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.manage.first.steps import is_unfinished


@route("/desk/setup/", Who.MANAGER)
def setup(ctx: Context) -> ResponseReturnValue:
    """Show what there is to set up, with a link to each."""
    return show(
        "manage/setup/setup.html", areas=ctx.services.capabilities.areas, unfinished=is_unfinished(ctx)
    )
