"""The deadlines of a service or workflow: how much working time each allows, and when it is near (P9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel import faults
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.hours import HOUR, Hours
from paidsupport.kernel.i18n.messages import gettext as _


class DeadlineKind(StrEnum):
    """What has to be done in time; also the keys of the rules."""

    #: From the order until the first email to the customer.
    FIRST_CONTACT = "first-contact"
    #: From a message of the customer until staff write to them.
    ANSWER = "answer"
    #: From the order until the end, without the customer's turns.
    RESOLUTION = "resolution"


#: The key of a rule that says after what percentage of the time staff are warned.
WARN = "warn"
#: The percentage if no rule says otherwise; 100 means no warning.
WARN_AFTER = 75
#: The value for a service that does not want a deadline of its workflow.
NONE = "none"
#: The keys of rules, in the order in which they are documented.
KEYS = (*DeadlineKind, WARN)
#: The comment about them in the catalogue file.
HELP = """\
Deadlines in working time, by the workflow of the tickets: "30m", "8h", "3d" (working days).
first-contact: from the order until the first email to the customer;
answer: from a message of the customer until staff write to them;
resolution: from the order until the end, not counting time in which we wait for the customer.
warn: the percentage of the time after which staff are warned (75). A kind that is not listed has no
deadline; a service that does not want one of its workflow's deadlines sets it to "none".
"""
DURATION_RULE = _("Enter a time like 30m, 8h or 3d, or “%(none)s” for no deadline.", none=NONE)
_DURATION = re.compile(r"([1-9]\d{0,2})\s*([mhd])")

#: Rules as they are in the catalogue: durations by kind, and `warn`.
Rules = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Allowance:
    """The working minutes that a deadline allows, and how many are left when staff are warned."""

    minutes: int
    warn_left: int


def declaration_faults(rules: Mapping[str, object]) -> list[Fault]:
    """Find faults in rules, each at its key."""
    found = []
    for name, value in rules.items():
        if name == WARN:
            most = 100
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
                found.append(Fault("", faults.number_between(1, most), name))
        elif name not in set(DeadlineKind):
            found.append(Fault("", faults.UNKNOWN_KEY, name))
        elif not isinstance(value, str) or not (value == NONE or _DURATION.fullmatch(value)):
            found.append(Fault("", DURATION_RULE, name))
    return found


def allowances(own: Rules, default: Rules, hours: Hours) -> dict[DeadlineKind, Allowance]:
    """What the rules of a service allow, falling back to those of its workflow. Neither may have faults."""
    rules = {**default, **own}
    share = int(rules.get(WARN, WARN_AFTER))
    found = {}
    for kind in DeadlineKind:
        text = str(rules.get(kind, NONE))
        if text != NONE:
            minutes = minutes_of(text, hours)
            found[kind] = Allowance(minutes, minutes - minutes * share // 100)
    return found


def minutes_of(text: str, hours: Hours) -> int:
    """The working minutes of a duration; a day is a working day. Raises ValueError."""
    parts = _DURATION.fullmatch(text)
    if parts is None:
        raise ValueError(f"“{text}” is no duration.")
    return int(parts[1]) * {"m": 1, "h": HOUR, "d": hours.day}[parts[2]]
