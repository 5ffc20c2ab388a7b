"""The priorities of tickets and issues: the lower the number, the more urgent."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import pgettext

NORMAL = 3
#: Labels, by number.
PRIORITIES = {
    1: pgettext("priority", "Urgent"),
    2: pgettext("priority", "High"),
    NORMAL: pgettext("priority", "Normal"),
    4: pgettext("priority", "Low"),
}
#: Names in addresses, in events and in the API.
NAMES = {1: "urgent", 2: "high", NORMAL: "normal", 4: "low"}
NUMBERS = {name: number for number, name in NAMES.items()}
