"""Issues: their kinds, priorities and stages, and how work left and deadlines are written (T15, T18)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext

#: The tag of every issue that was filed for a customer (T4).
CUSTOMER_TAG = "Customer"
#: The subject (`about`) of a note with the text for the release notes.
RELEASE_NOTE = "release"

#: The kinds of issues, with their labels.
KINDS = {"bug": _("Bug"), "feature": _("Feature"), "documentation": _("Documentation")}

#: The labels of notes of special kinds.
NOTE_KINDS = {
    "phone": _("Phone call"),
    "kept": _("Personal data kept"),
    "slip": _("Delay"),
    "timeline": _("Timeline"),
    "draft": _("Draft"),
    "ask": _("Question"),
    "feedback": _("Solution"),
}

#: Labels, from the most urgent on.
PRIORITIES = {
    1: pgettext("priority", "Urgent"),
    2: pgettext("priority", "High"),
    3: pgettext("priority", "Normal"),
    4: pgettext("priority", "Low"),
}
NORMAL = 3

#: What each state means to a customer who waits for the issue.
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
    """The outcome of trying to reproduce a fault that should be solved (T17)."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not-reproduced"
    NOT_TRIED = "not-tried"


#: Labels of outcomes; for issues other than faults, whether it is as described.
OUTCOMES = {
    Outcome.REPRODUCED: _("Not solved yet"),
    Outcome.NOT_REPRODUCED: _("Solved: the fault no longer occurs"),
    Outcome.NOT_TRIED: _("Couldn't be tested"),
}


class Occasion(StrEnum):
    """Why a person is notified of an issue."""

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
    HEARD = "heard"


#: The sentence for each; `%(name)s` is the person who did it.
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
    Occasion.HEARD: _("There is something new in the tracker where it is filed."),
}


def reached(stage: str, wanted: str) -> bool:
    """Whether a solution at `stage` (empty: nowhere yet) is of use to a customer waiting for `wanted`."""
    return stage in STAGES and _ORDER.index(Stage(stage)) >= _ORDER.index(Stage(wanted))


def first_of(stage: str, other: str) -> str:
    """Of two stages, the one that a solution reaches first."""
    return min(stage, other, key=lambda each: _ORDER.index(Stage(each)))


def lasting(minutes: int) -> str:
    """An amount of work as people write it: `45m`, `4h`, `4h 30m`."""
    hours, rest = divmod(minutes, _MINUTES)
    return " ".join(
        part for part in (f"{hours}h" if hours else "", f"{rest}m" if rest or not hours else "") if part
    )


def mark(minutes_left: int | None, deadline: date | None) -> str:
    """Work left and deadline, to be put before a subject: `[4h, 2034-03-14]`; empty if neither is known."""
    parts = [lasting(minutes_left)] if minutes_left is not None else []
    if deadline is not None and deadline.year < date.max.year:
        parts.append(deadline.isoformat())
    return f"[{', '.join(parts)}]" if parts else ""


def headed(summary: str, minutes_left: int | None, deadline: date | None) -> str:
    """A subject preceded by its mark."""
    return " ".join(part for part in (mark(minutes_left, deadline), summary) if part)
