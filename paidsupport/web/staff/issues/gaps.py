"""The requests that count towards an issue about missing documentation (T5)."""

from __future__ import annotations

from typing import Any

from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store import gaps
from paidsupport.store.issues import Issue
from paidsupport.web.forms import Form


@section("issue", "issues/_gaps.html", 70)
def _gaps_section(visit: Visit, issue: Issue, _refused: Form | None) -> dict[str, Any] | None:
    if issue.kind != "documentation":
        return None
    found = gaps.towards(visit.session, issue.id)
    return {"requests": found} if found else None


#: What it shows on the pages of issues.
SECTIONS = (_gaps_section,)
