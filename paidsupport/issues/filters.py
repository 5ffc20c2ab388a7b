"""How states, estimates and headings of issues are written in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paidsupport.issues.rules.kinds import headed, lasting
from paidsupport.issues.workflow import ISSUE

#: Their names in our templates.
ALL: dict[str, Callable[..., Any]] = {
    "lasting": lasting,
    "issue_state": lambda name: ISSUE.state(name).label,
    "headed": lambda issue: headed(issue.summary, issue.minutes_left, issue.deadline),
}
