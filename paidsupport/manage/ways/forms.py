"""The forms of ways to pay."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    StringField,
)

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.ways.rules import Check
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.worded import TextsForm

#: What each check is called.
CHECKS = {
    Check.NONE: _("Nothing"),
    Check.EMAIL: _("An email address"),
    Check.IBAN: _("An IBAN with its check digits; after a comma, any text"),
    Check.ADDRESS: _("A web address (https://) or a GNU Taler address (taler://)"),
}


class WayForm(TextsForm):
    """What a way to pay is called, and what staff fill in for it."""

    worded = ("label", "hint")

    label = StringField(_("Name"), description=_("Staff and customers see it."))
    hint = StringField(_("What to fill in"), description=_("A sentence for staff, like “Your IBAN.”"))
    example = StringField(_("Example"), description=_("Staff see it below the name."))
    check = RadioField(
        _("Check"),
        choices=[SelectChoice(check.value, label) for check, label in CHECKS.items()],
        default=Check.NONE.value,
        validate_choice=False,
        description=_("What a detail has to be. It's checked when a profile is saved."),
    )


class OfferForm(Form):
    """Whether a way is offered."""

    offered = BooleanField()
