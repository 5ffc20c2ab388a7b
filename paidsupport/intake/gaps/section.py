"""The requests that count towards an issue about missing documentation (T5)."""

from __future__ import annotations

from typing import Any

from paidsupport.intake.gaps import queries as gaps
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.sections import section


@section("issue", "issues/_gaps.html", 70)
def _gaps_section(ctx: Context, view: IssueView, _refused: Form | None) -> dict[str, Any] | None:
    if view.issue.kind != "documentation":
        return None
    found = gaps.towards(ctx.session, view.issue.id)
    return {"requests": found} if found else None


#: The sections it adds to the pages of issues.
SECTIONS = (_gaps_section,)
