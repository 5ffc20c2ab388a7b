"""Forms for an endpoint of webhooks: a new secret, and sending events again."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    SelectChoice,
    SelectField,
)

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form


class RenewForm(Form):
    """How long the former secret stays valid."""

    days = SelectField(
        _("Former secret is valid for"),
        choices=[
            SelectChoice("0", _("no longer")),
            SelectChoice("1", _("a day")),
            SelectChoice("7", _("a week")),
            SelectChoice("30", _("a month")),
        ],
        default="7",
        description=_("In that time events are signed with both, so that you can change the receiver."),
    )


class AgainForm(Form):
    """Which events are sent again."""

    hours = SelectField(
        _("Events of the last"),
        choices=[
            SelectChoice("1", _("hour")),
            SelectChoice("24", _("day")),
            SelectChoice("168", _("week")),
            SelectChoice("1008", _("six weeks")),
        ],
        default="24",
    )
    everything = BooleanField(
        _("Also those that arrived"), description=_("The receiver knows them by their ids.")
    )
