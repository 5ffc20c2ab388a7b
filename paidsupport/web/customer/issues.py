"""What everybody may know of an issue: customers who wait for one are sent here (T13)."""

from __future__ import annotations

from flask import make_response
from flask.typing import ResponseReturnValue

from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import ISSUE_PREFIX, tidy_code
from paidsupport.domain.issues import KINDS, MEANINGS
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.store import issues
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show


@route("/issues/<code>", Who.ANYONE)
def public_issue(visit: Visit, code: str) -> ResponseReturnValue:
    """An issue that is not private: what it is, how it stands, and in which version it is solved.

    A private one, one that does not exist, and a text that is no code look the same: the same query, 404.
    """
    found = issues.public(visit.session, tidy_code(code, ISSUE_PREFIX) or "")
    page = show(
        "customer/issue.html", issue=found, state=ISSUE.state(found.state), kinds=KINDS, meanings=MEANINGS
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
