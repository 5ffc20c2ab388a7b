"""The priorities of tickets and issues: the lower the number, the sooner."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import pgettext

NORMAL = 3
#: What each is called, by its number.
PRIORITIES = {
    1: pgettext("priority", "Urgent"),
    2: pgettext("priority", "High"),
    NORMAL: pgettext("priority", "Normal"),
    4: pgettext("priority", "Low"),
}
#: What programs call them, in addresses, in events and in the API.
NAMES = {1: "urgent", 2: "high", NORMAL: "normal", 4: "low"}
NUMBERS = {name: number for number, name in NAMES.items()}
