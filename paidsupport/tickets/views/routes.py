"""What all pages about one ticket share: their address, and the ticket as it is now."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial, wraps
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.guards import View, Who, route
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage


def ticket_route(rule: str = "", methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Add a page for staff below the address of a ticket; another spelling of its code leads there too."""

    def add(view: View) -> View:
        @wraps(view)
        def tidied(ctx: Context, code: str, **parts: str) -> ResponseReturnValue:
            known = tidy_code(code)
            # what no page of ours links to is not asked of a database, which may not even take it
            if known is None or not "".join(parts.values()).isprintable():
                raise NotFoundError
            if known != code:
                values: dict[str, Any] = {**parts, "code": known}
                return redirect(url_for(request.endpoint or "", **values), 308)
            return view(ctx, code, **parts)

        return route(f"/desk/tickets/<code>{rule}", Who.STAFF, methods)(tidied)

    return add


def reread(ctx: Context, code: str) -> DeskPage:
    """A ticket as it is in the database now, whatever a refused operation made of it.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return pages.for_desk(ctx, code, partial(_kept, ctx))


def _kept(ctx: Context, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is made
    """What is the same for everybody is read once, and again a minute later: names change without a sign."""
    return current().drawn.get((key, int(ctx.now.timestamp() // 60)), make)


def to_ticket(code: str, anchor: str | None = None) -> Response:
    """After an operation: the ticket's page."""
    return redirect(url_for("paidsupport.ticket", code=code, _anchor=anchor), 303)
