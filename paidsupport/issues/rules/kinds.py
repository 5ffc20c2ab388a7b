"""Issues: their kinds, priorities, stages, and how time left and deadline are written (T15, T18)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

#: The tag of every issue that was filed for a customer (T4).
CUSTOMER_TAG = "Customer"
#: What a note that stands in release notes is about.
RELEASE_NOTE = "release"

#: What an issue can be about, as it is called.
KINDS = {"bug": "Bug", "feature": "Feature", "documentation": "Documentation"}

#: From the most urgent on.
PRIORITIES = {1: "Urgent", 2: "High", 3: "Normal", 4: "Low"}
NORMAL = 3

#: What each state means to whoever waits for the issue.
MEANINGS = {
    "new": "We know of it, and look at it next.",
    "feedback": "Somebody finds out how to solve it and how long that takes.",
    "confirmed": "We are going to work on it; when is decided.",
    "assigned": "Somebody works on it.",
    "review": "We think that it is solved, and somebody else tries whether it is.",
    "resolved": "It is solved.",
    "closed": "It is over: it shipped with a release, or nothing is done about it.",
}

_MINUTES = 60


class Stage(StrEnum):
    """How far a solution has come; each includes those before it."""

    GIT = "git"
    STAGING = "staging"
    PRODUCTION = "production"


STAGES = {
    Stage.GIT: "In the repository",
    Stage.STAGING: "On the test system",
    Stage.PRODUCTION: "In production",
}
_ORDER = list(Stage)


class Outcome(StrEnum):
    """What came of trying to repeat a fault that is said to be solved (T17)."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not-reproduced"
    NOT_TRIED = "not-tried"


#: As they are called; of what is no fault: it is, or is not, as it was described.
OUTCOMES = {
    Outcome.REPRODUCED: "Not solved yet",
    Outcome.NOT_REPRODUCED: "Solved: the fault could not be repeated",
    Outcome.NOT_TRIED: "Could not be tried",
}


class Occasion(StrEnum):
    """Why somebody is told of an issue."""

    ASKED = "asked"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    COLLECTED = "collected"
    INVESTIGATE = "investigate"
    REVIEW = "review"
    RETURNED = "returned"
    APPROVED = "approved"
    TELL = "tell"
    SLIPS = "slips"
    SLIPPING = "slipping"
    MENTION = "mention"
    OVERDUE = "overdue"
    OPENED = "opened"


#: What is said of each, after the name of whoever did it.
OCCASIONS = {
    Occasion.ASKED: "asks you for feedback: others wait for your answer.",
    Occasion.ASSIGNED: "assigned it to you.",
    Occasion.ANSWERED: "gave feedback.",
    Occasion.COLLECTED: "All feedback is in: it needs a timeline.",
    Occasion.INVESTIGATE: "set a timeline: tell your customer that we are investigating.",
    Occasion.REVIEW: "asks you to review it.",
    Occasion.RETURNED: "says that it is not solved yet.",
    Occasion.APPROVED: "approved it.",
    Occasion.TELL: "It is solved as far as your customer needs it: tell them.",
    Occasion.SLIPS: "Its deadline can hardly be met: announce it, in writing.",
    Occasion.SLIPPING: "announced that the deadline slips.",
    Occasion.MENTION: "called you in a note.",
    Occasion.OVERDUE: "Your feedback is overdue, and others wait for it.",
    Occasion.OPENED: "opened it.",
}


def reached(stage: str, wanted: str) -> bool:
    """Whether a solution at `stage` (nothing: nowhere yet) is of use to who waits for `wanted`."""
    return stage in STAGES and _ORDER.index(Stage(stage)) >= _ORDER.index(Stage(wanted))


def first_of(stage: str, other: str) -> str:
    """Of two stages the one that a solution reaches first."""
    return min(stage, other, key=lambda each: _ORDER.index(Stage(each)))


def lasting(minutes: int) -> str:
    """A length of work as people say it: `45m`, `4h`, `4h 30m`."""
    hours, rest = divmod(minutes, _MINUTES)
    return " ".join(
        part for part in (f"{hours}h" if hours else "", f"{rest}m" if rest or not hours else "") if part
    )


def mark(minutes_left: int | None, deadline: date | None) -> str:
    """Time left and deadline as before a subject: `[4h, 2034-03-14]`; nothing if neither is known."""
    parts = [lasting(minutes_left)] if minutes_left is not None else []
    if deadline is not None and deadline.year < date.max.year:
        parts.append(deadline.isoformat())
    return f"[{', '.join(parts)}]" if parts else ""


def headed(summary: str, minutes_left: int | None, deadline: date | None) -> str:
    """A subject with its mark before it."""
    return " ".join(part for part in (mark(minutes_left, deadline), summary) if part)
