"""The form of what somebody wants to be told."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    SelectChoice,
    SelectField,
)

from paidsupport.kernel.staff.concerns import Way
from paidsupport.kernel.web.forms import Form

#: How one can be told.
_WAYS = [
    SelectChoice(Way.NOW.value, "By mail at once"),
    SelectChoice(Way.DIGEST.value, "By one mail a day"),
    SelectChoice(Way.PAGE.value, "On the page only"),
    SelectChoice(Way.OFF.value, "Not at all"),
]


class NoticesForm(Form):
    """How somebody wants to be told of what."""

    mine = SelectField(
        "My tickets", choices=_WAYS, description="A word of the customer, of a colleague, a move."
    )
    mention = SelectField(
        "When I am mentioned", choices=_WAYS, description="With @ and my name, on any ticket."
    )
    watching = SelectField("Tickets that I watch", choices=_WAYS)
    unassigned = SelectField(
        "Unassigned tickets", choices=_WAYS, description="New ones, and those given back."
    )
    digest_hour = SelectField(
        "The mail of the day is written at",
        choices=[SelectChoice(str(hour), f"{hour:02}:00") for hour in range(24)],
    )
