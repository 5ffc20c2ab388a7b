"""What all pages about one issue share: their address, their sections, and the way back."""

from __future__ import annotations

from functools import partial

from flask import redirect, url_for
from werkzeug import Response

from paidsupport.issues.operations import access
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.records import pages_of

#: Adds a page for staff below the address of an issue, for those who may see the issue.
issue_route = pages_of("/desk/issues", partial(tidy_code, prefix=ISSUE_PREFIX), access.see)
#: The same for a page whose view does nothing before it has read the issue by `reread`.
read_by_view = pages_of("/desk/issues", partial(tidy_code, prefix=ISSUE_PREFIX))


def reread(ctx: Context, code: str) -> Issue:
    """An issue as it is in the database now, whatever a refused operation made of it.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return access.see(ctx, code)


def to_issue(code: str, anchor: str | None = None) -> Response:
    """After an operation: the issue's page."""
    return redirect(url_for("paidsupport.issue", code=code, _anchor=anchor), 303)
