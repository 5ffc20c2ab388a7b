"""The forms of the roster."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput, TimeInput

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.roster.operations import LAST_PLACE, NewAbsence, NewShift
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.forms import Form, line
from paidsupport.kernel.web.typed import typed_into

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


class ShiftForm(Form):
    """A period of duty."""

    person = SelectField(_("Person"), validate_choice=False)
    weekdays = SelectMultipleField(
        _("Every week on"),
        choices=[SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    day = StringField(_("Or once on"), [line], widget=DateInput())
    starts = StringField(_("From"), [line], default="09:00", widget=TimeInput())
    ends = StringField(_("Until"), [line], default="17:00", widget=TimeInput())
    position = StringField(
        _("Order"),
        [line],
        default="1",
        description=_("Of the people on duty, 1 is notified first."),
        widget=NumberInput(min=1, max=LAST_PLACE),
    )

    def typed(self) -> NewShift:
        """What was filled in."""
        return typed_into(self, NewShift, weekdays=self.weekdays.data or [])


class AbsenceForm(Form):
    """Days on which a person is away."""

    absent = SelectField(_("Person"), validate_choice=False)
    first_day = StringField(_("First day"), [line], widget=DateInput())
    last_day = StringField(
        _("Last day"), [line], widget=DateInput(), description=_("Leave empty for a single day.")
    )
    substitute = SelectField(_("Substitute"), validate_choice=False)

    def typed(self) -> NewAbsence:
        """What was filled in."""
        return typed_into(self, NewAbsence)


def shift_form(everybody: Sequence[Person], *, sent: bool = True) -> ShiftForm:
    """The form for a shift of one of these people: as it was sent, or empty."""
    form = ShiftForm() if sent else ShiftForm(formdata=None)
    form.person.choices = [SelectChoice("", _("Choose a colleague")), *_names(everybody)]
    return form


def absence_form(everybody: Sequence[Person], *, sent: bool = True) -> AbsenceForm:
    """The form for an absence of one of these people: as it was sent, or empty."""
    form = AbsenceForm() if sent else AbsenceForm(formdata=None)
    form.absent.choices = [SelectChoice("", _("Choose a colleague")), *_names(everybody)]
    form.substitute.choices = [SelectChoice("", _("None")), *_names(everybody)]
    return form


def _names(everybody: Sequence[Person]) -> list[SelectChoice]:
    return [SelectChoice(str(person.id), person.name) for person in everybody]
