"""Issues: their kinds, priorities, stages, and how time left and deadline are written (T15, T18)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext

#: The tag of every issue that was filed for a customer (T4).
CUSTOMER_TAG = "Customer"
#: What a note that stands in release notes is about.
RELEASE_NOTE = "release"

#: What an issue can be about, as it is called.
KINDS = {"bug": _("Bug"), "feature": _("Feature"), "documentation": _("Documentation")}

#: What notes of other kinds than the common ones are called.
NOTE_KINDS = {
    "phone": _("Phone call"),
    "kept": _("Personal data kept"),
    "slip": _("Delay"),
    "timeline": _("Timeline"),
    "draft": _("Draft"),
    "ask": _("Question"),
}

#: From the most urgent on.
PRIORITIES = {
    1: pgettext("priority", "Urgent"),
    2: pgettext("priority", "High"),
    3: pgettext("priority", "Normal"),
    4: pgettext("priority", "Low"),
}
NORMAL = 3

#: What each state means to whoever waits for the issue.
MEANINGS = {
    "new": _("We know about it and will look at it next."),
    "feedback": _("A developer is working out how to solve it and how long that takes."),
    "confirmed": _("We'll work on it. The date is set."),
    "assigned": _("A developer is working on it."),
    "review": _("We have a solution. A second developer is testing it."),
    "resolved": _("It's solved."),
    "closed": _("It shipped with a release, or we decided not to change anything."),
}

_MINUTES = 60


class Stage(StrEnum):
    """How far a solution has come; each includes those before it."""

    GIT = "git"
    STAGING = "staging"
    PRODUCTION = "production"


STAGES: dict[str, str] = {
    Stage.GIT: _("In the repository"),
    Stage.STAGING: _("On the test system"),
    Stage.PRODUCTION: _("In production"),
}
_ORDER = list(Stage)


class Outcome(StrEnum):
    """What came of trying to repeat a fault that is said to be solved (T17)."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not-reproduced"
    NOT_TRIED = "not-tried"


#: As they are called; of what is no fault: it is, or is not, as it was described.
OUTCOMES = {
    Outcome.REPRODUCED: _("Not solved yet"),
    Outcome.NOT_REPRODUCED: _("Solved: the fault no longer occurs"),
    Outcome.NOT_TRIED: _("Couldn't be tested"),
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


#: What is said of each; `%(name)s` is who did it.
OCCASIONS = {
    Occasion.ASKED: _("%(name)s asked you for feedback. Others are waiting for your answer."),
    Occasion.ASSIGNED: _("%(name)s assigned it to you."),
    Occasion.ANSWERED: _("%(name)s gave feedback."),
    Occasion.COLLECTED: _("All feedback is in. Set a timeline."),
    Occasion.INVESTIGATE: _("%(name)s set a timeline. Tell your customer that we're investigating."),
    Occasion.REVIEW: _("%(name)s asked you to review it."),
    Occasion.RETURNED: _("%(name)s sent it back: it isn't solved yet."),
    Occasion.APPROVED: _("%(name)s approved it."),
    Occasion.TELL: _("It's solved as far as your customer needs it. Tell them."),
    Occasion.SLIPS: _("There isn't enough time before the deadline. Announce a delay."),
    Occasion.SLIPPING: _("%(name)s announced a delay."),
    Occasion.MENTION: _("%(name)s mentioned you in a note."),
    Occasion.OVERDUE: _("Your feedback is overdue. Others are waiting for it."),
    Occasion.OPENED: _("%(name)s opened it."),
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
