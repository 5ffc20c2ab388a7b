"""The forms of bank lines: a statement, the ticket that a line is for, why it is for none."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    FileField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
)

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form, line
from paidsupport.sales.payments.bank.rules.matching import Aside

#: Why a line was set aside, in words.
ASIDE = {
    Aside.NOT_OURS: _("Not for us"),
    Aside.PAID_BACK: _("Paid back to the sender"),
    Aside.OWN: _("A transfer of our own"),
    Aside.OTHER: _("Booked in another program"),
    Aside.OLD: _("Too old"),
}


class StatementForm(Form):
    """A statement of the bank."""

    file = FileField(
        _("Bank statement"),
        description=_(
            "CAMT.053, CAMT.054 or MT940, of up to 10 MB. Lines that are here already are left out."
        ),
    )


class AssignForm(Form):
    """The ticket that a line is for; confirmed on the page that says what will happen."""

    code = StringField(_("Code of the ticket"), [line], description=_("Like PS-7K3M-9QXT."))
    confirmed = HiddenField()


class AsideForm(Form):
    """Why a line is for no ticket."""

    reason = SelectField(
        _("Why it is for no ticket"),
        choices=[SelectChoice(str(each), label) for each, label in ASIDE.items() if each != Aside.OLD],
        validate_choice=False,
    )
