"""The public page of an issue, for customers who wait for it (T13)."""

from __future__ import annotations

from flask import make_response
from flask.typing import ResponseReturnValue

from paidsupport.issues import tables as issues
from paidsupport.issues.rules.kinds import KINDS, MEANINGS
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show


@route("/issues/<code>", Who.ANYONE)
def public_issue(ctx: Context, code: str) -> ResponseReturnValue:
    """Show an issue that is not private: what it is, its state, and the version it is solved in.

    A private one, one that does not exist, and a text that is not a code look the same: one query, 404.
    """
    found = issues.public(ctx.session, tidy_code(code, ISSUE_PREFIX) or "")
    page = show(
        "issues/public.html", issue=found, state=ISSUE.state(found.state), kinds=KINDS, meanings=MEANINGS
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
