"""The pages about the JSON API: what programs can ask for, and what each kind of problem means (P12)."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show


@route("/api/v1/", Who.ANYONE)
def api_reference(_ctx: Context) -> ResponseReturnValue:
    """Show every operation of the API with its fields and an example."""
    from paidsupport.connect.api.description import described  # noqa: PLC0415  # late: its models are large
    from paidsupport.connect.api.reference import reference  # noqa: PLC0415  # as above

    site = f"{request.scheme}://{request.host}"
    ask = cast("Any", current_app.view_functions["paidsupport_api.ask"])
    told = current().drawn.get(
        ("api reference", site, request.script_root),
        lambda: reference(described(ask.paidsupport_api()), site),
    )
    return show("connect/api/reference.html", told=told)


@route("/api/v1/problems", Who.ANYONE)
def api_problems(_ctx: Context) -> ResponseReturnValue:
    """List the kinds of problems that programs can meet."""
    from paidsupport.connect.api.reference import problem_kinds  # noqa: PLC0415  # few ask

    return show("connect/api/problems.html", kinds=problem_kinds().values())


@route("/api/v1/problems/<kind>", Who.ANYONE)
def api_problem(_ctx: Context, kind: str) -> ResponseReturnValue:
    """Show what one kind of problem means."""
    from paidsupport.connect.api.reference import problem_kinds  # noqa: PLC0415  # as above

    return show("connect/api/problem.html", problem=existing(problem_kinds().get(kind)))
