"""What all pages about one issue share: their address, their sections, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.issues.operations import access
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.web.guards import View, Who, route


def issue_route(rule: str = "", methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Add a page for staff below the address of an issue; another spelling of its code leads there too.

    The view is called only for an issue that the person may see: for others nothing is here.
    """

    def add(view: View) -> View:
        @wraps(view)
        def tidied(ctx: Context, code: str, **parts: str) -> ResponseReturnValue:
            known = tidy_code(code, ISSUE_PREFIX)
            if known is None or not "".join(parts.values()).isprintable():
                raise NotFoundError
            access.see(ctx, known)
            if known != code:
                values: dict[str, Any] = {**parts, "code": known}
                return redirect(url_for(request.endpoint or "", **values), 308)
            return view(ctx, code, **parts)

        return route(f"/desk/issues/<code>{rule}", Who.STAFF, methods)(tidied)

    return add


def reread(ctx: Context, code: str) -> Issue:
    """An issue as it is in the database now, whatever a refused operation made of it.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return access.see(ctx, code)


def to_issue(code: str, anchor: str | None = None) -> Response:
    """After an operation: the issue's page."""
    return redirect(url_for("paidsupport.issue", code=code, _anchor=anchor), 303)
