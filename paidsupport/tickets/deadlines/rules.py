"""The deadlines of a ticket: when they are due, and how the time left is worded (P9)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.kernel.hours import HOUR, Hours
from paidsupport.kernel.i18n.messages import Message, ngettext, pgettext
from paidsupport.kernel.i18n.messages import gettext as _


class Outcome(StrEnum):
    """How a deadline ended."""

    MET = "met"
    LATE = "late"
    #: The ticket ended before, or its customer was erased.
    DROPPED = "dropped"


LABELS = {
    DeadlineKind.FIRST_CONTACT: pgettext("deadline", "First contact"),
    DeadlineKind.ANSWER: pgettext("deadline", "Answer"),
    DeadlineKind.RESOLUTION: pgettext("deadline", "Resolution"),
}
#: From this many days on, the time left is given in days instead of hours.
_TOLD_IN_DAYS = 2


def ends(left: int, warn_left: int, hours: Hours, now: datetime) -> tuple[datetime, datetime]:
    """When a deadline with `left` minutes is due, counted from `now`, and when staff are warned of it.

    If `left` is negative, it was due in the past; if the warning is overdue, it is given now.
    """
    due = hours.after(now, left) if left >= 0 else hours.before(now, -left)
    return due, hours.after(now, left - warn_left) if left > warn_left else min(now, due)


def time_left(due: datetime, now: datetime, hours: Hours) -> Message:
    """Format the working time left: “3 h left”, “2 days left”, “1 h overdue”."""
    minutes = hours.between(now, due)
    if due > now:
        return _("%(time)s left", time=how_long(minutes, hours, up=True))
    return _("%(time)s overdue", time=how_long(-minutes, hours)) if minutes else _("overdue")


def how_long(minutes: int, hours: Hours, *, up: bool = False) -> Message:
    """Format working time in its largest unit: “45 min”, “3 h”, “2 days”.

    Time left is rounded `up`, time passed is not.
    """
    more = 1 if up else 0
    if minutes < HOUR:
        return _("%(number)s min", number=minutes)
    if minutes < _TOLD_IN_DAYS * hours.day:
        return _("%(number)s h", number=(minutes - more) // HOUR + more)
    return ngettext("%(num)s day", "%(num)s days", (minutes - more) // hours.day + more)
