"""What all pages about one issue share: their address, their sections, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk.issues import access
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import ISSUE_PREFIX, tidy_code
from paidsupport.errors import NotFoundError
from paidsupport.store.issues import Issue
from paidsupport.web.guards import View, Who, route


def issue_route(rule: str = "", methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Add a page for staff below the address of an issue; another spelling of its code leads there too.

    The view is called only for an issue that the person may see: for others nothing is here.
    """

    def add(view: View) -> View:
        @wraps(view)
        def tidied(visit: Visit, code: str, **parts: str) -> ResponseReturnValue:
            known = tidy_code(code, ISSUE_PREFIX)
            if known is None or not "".join(parts.values()).isprintable():
                raise NotFoundError
            access.see(visit, known)
            if known != code:
                values: dict[str, Any] = {**parts, "code": known}
                return redirect(url_for(request.endpoint or "", **values), 308)
            return view(visit, code, **parts)

        return route(f"/desk/issues/<code>{rule}", Who.STAFF, methods)(tidied)

    return add


def reread(visit: Visit, code: str) -> Issue:
    """An issue as it is in the database now, whatever a refused verb made of it. Raises NotFoundError."""
    visit.session.expire_all()
    return access.see(visit, code)


def to_issue(code: str, anchor: str | None = None) -> Response:
    """After a deed: the issue's page."""
    return redirect(url_for("paidsupport.issue", code=code, _anchor=anchor), 303)
