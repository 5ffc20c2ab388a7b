"""The form of the notification settings."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    SelectChoice,
    SelectField,
)

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.concerns import Way
from paidsupport.kernel.web.forms import Form

#: The ways to be notified.
_WAYS = [
    SelectChoice(Way.NOW.value, _("Email at once")),
    SelectChoice(Way.DIGEST.value, _("One email a day")),
    SelectChoice(Way.PAGE.value, _("On the page only")),
    SelectChoice(Way.OFF.value, _("Not at all")),
]


class NoticesForm(Form):
    """How a person wants to be notified of each concern."""

    mine = SelectField(
        _("My tickets"), choices=_WAYS, description=_("Messages, annotations and changes of state.")
    )
    mention = SelectField(_("Mentions"), choices=_WAYS, description=_("With @ and your name, on any ticket."))
    watching = SelectField(_("Tickets I'm watching"), choices=_WAYS)
    unassigned = SelectField(
        _("Unassigned tickets"), choices=_WAYS, description=_("New and released tickets.")
    )
    digest_hour = SelectField(
        _("Time of the daily email"),
        choices=[SelectChoice(str(hour), f"{hour:02}:00") for hour in range(24)],
    )
