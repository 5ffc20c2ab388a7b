"""Helpers for all pages about one issue: their address, their sections, and the way back."""

from __future__ import annotations

from functools import partial

from flask import redirect, url_for
from werkzeug import Response

from paidsupport.issues.operations import access
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.records import pages_of

#: Adds a page below the address of an issue, for staff who may see the issue.
issue_route = pages_of("/desk/issues", partial(tidy_code, prefix=ISSUE_PREFIX), access.see)
#: The same for a page whose view reads the issue by `reread` before it does anything else.
read_by_view = pages_of("/desk/issues", partial(tidy_code, prefix=ISSUE_PREFIX))


def reread(ctx: Context, code: str) -> Issue:
    """Read an issue from the database again, without the changes of a refused operation.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return access.see(ctx, code)


def to_issue(code: str, anchor: str | None = None) -> Response:
    """Redirect to the issue's page after an operation."""
    return redirect(url_for("paidsupport.issue", code=code, _anchor=anchor), 303)
