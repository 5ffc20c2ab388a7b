"""What both sides changed of an issue since they agreed last: compared field by field, decided by nobody.

A connection remembers of each issue how it was here and there when both agreed: `{"ours": …, "theirs": …}`.
The two need not be equal, since a workflow may have no way to follow what was done there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paidsupport.connect.trackers.protocol import Abilities, Fields, Resolution, Stage, There
from paidsupport.issues.tables import Issue
from paidsupport.kernel.i18n.messages import pgettext

#: The stage there of each state here.
STAGES = {
    "new": Stage.NEW,
    "feedback": Stage.ACKNOWLEDGED,
    "confirmed": Stage.CONFIRMED,
    "assigned": Stage.ASSIGNED,
    "review": Stage.ASSIGNED,
    "resolved": Stage.RESOLVED,
    "closed": Stage.CLOSED,
}
#: The transition here that follows a stage there, if the workflow allows it by itself.
FOLLOWS = {Stage.CONFIRMED: "confirm", Stage.RESOLVED: "resolve", Stage.CLOSED: "resolve"}
#: The labels of stages, wherever the tracker has no word of its own.
LABELS = {
    Stage.NEW: pgettext("state", "New"),
    Stage.ACKNOWLEDGED: pgettext("state", "Feedback"),
    Stage.CONFIRMED: pgettext("state", "Confirmed"),
    Stage.ASSIGNED: pgettext("state", "Assigned"),
    Stage.RESOLVED: pgettext("state", "Resolved"),
    Stage.CLOSED: pgettext("state", "Closed"),
}

#: Fields by name, as they are kept in JSON.
Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a comparison.

    Attributes:
        ours: How it was here when both agreed last, by now.
        theirs: The same for there.
        news: The fields that were changed there alone.
        conflicts: The fields that were changed differently on both sides.
    """

    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)
    news: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def ours(issue: Issue, abilities: Abilities) -> dict[str, Any]:
    """An issue here, by the fields that such a tracker has, as that would show them."""
    found: dict[str, Any] = {"stage": str(abilities.nearest(STAGES[issue.state]))}
    if abilities.priority:
        found["priority"] = issue.priority
    if abilities.release:
        shipped = issue.release if abilities.one_release else ""
        found["release"] = shipped or issue.target_release
    if abilities.private_issue:
        found["private"] = issue.private
    return found


def theirs(there: There, abilities: Abilities) -> dict[str, Any]:
    """The same for an issue there."""
    found: dict[str, Any] = {"stage": str(abilities.nearest(there.stage))}
    if abilities.priority:
        found["priority"] = there.priority
    if abilities.release:
        found["release"] = there.release
    if abilities.private_issue:
        found["private"] = there.private
    return found


def merged(agreed: Known, here: Known, there: Known) -> Merged:
    """Compare both sides with what they were when they agreed last: `agreed` has `ours` and `theirs`."""
    found = Merged(dict(agreed.get("ours", {})), dict(agreed.get("theirs", {})))
    for name, value in there.items():
        was_here, was_there = found.ours.get(name, here.get(name)), found.theirs.get(name, value)
        changed_here, changed_there = here.get(name) != was_here, value != was_there
        if changed_there and changed_here and here.get(name) != value:
            found.conflicts.append(name)
            continue
        if changed_there and not changed_here:
            found.news.append(name)
        if changed_there or not changed_here or here.get(name) == value:
            found.ours[name], found.theirs[name] = here.get(name), value
    return found


def pending(agreed: Known, here: Known) -> dict[str, Any]:
    """What was changed here and is not there yet."""
    before, there = agreed.get("ours", {}), agreed.get("theirs", {})
    return {
        name: value
        for name, value in here.items()
        if value != before.get(name, value) and value != there.get(name)
    }


def fields(issue: Issue, wanted: Known) -> Fields:
    """The changes that bring `wanted` about; what came of the issue goes with its stage."""
    stage = Stage(wanted["stage"]) if "stage" in wanted else None
    over = stage in {Stage.RESOLVED, Stage.CLOSED}
    dismissed = issue.end_reason if over and not issue.release and issue.resolved_at is None else ""
    return Fields(
        stage=stage,
        priority=wanted.get("priority"),
        release=wanted.get("release"),
        resolution=_resolution(dismissed) if over else Resolution.OPEN,
        fixed_in=issue.release if over else "",
        private=wanted.get("private"),
    )


def _resolution(dismissed: str) -> Resolution:
    if not dismissed:
        return Resolution.FIXED
    return Resolution(dismissed) if dismissed in set(Resolution) else Resolution.OTHER


def seen(there: There) -> dict[str, Any]:
    """What staff see of an issue there."""
    return {
        "state": there.state,
        "stage": str(there.stage),
        "resolution": there.resolution,
        "priority": there.priority,
        "release": there.release,
        "fixed_in": there.fixed_in,
        "private": there.private,
    }
