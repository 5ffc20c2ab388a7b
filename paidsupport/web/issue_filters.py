"""How states, estimates and headings of issues are written in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from paidsupport.domain.issues import headed, lasting
from paidsupport.domain.workflows.issue import ISSUE


def estimate(data: Mapping[str, Any]) -> str:
    """A change of time left and deadline, from its line of the history: “4h left, until 2034-03-14”."""
    left, until = data.get("left"), data.get("deadline")
    said = [f"{lasting(left)} left" if left is not None else "time left is not known"]
    return ", ".join([*said, f"until {until}" if until else "no deadline"])


#: Their names in our templates.
ALL: dict[str, Callable[..., Any]] = {
    "estimate": estimate,
    "lasting": lasting,
    "issue_state": lambda name: ISSUE.state(name).label,
    "headed": lambda issue: headed(issue.summary, issue.minutes_left, issue.deadline),
}
