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

from paidsupport.kernel.staff.roster.operations import LAST_PLACE, NewAbsence, NewShift
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.forms import Form, line
from paidsupport.kernel.web.typed import typed_into

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ShiftForm(Form):
    """A stretch of duty."""

    person = SelectField("Who", validate_choice=False)
    weekdays = SelectMultipleField(
        "Every week on",
        choices=[SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    day = StringField("Or once, on", [line], widget=DateInput())
    starts = StringField("From", [line], default="09:00", widget=TimeInput())
    ends = StringField("Until", [line], default="17:00", widget=TimeInput())
    position = StringField(
        "Place in the order",
        [line],
        default="1",
        description="Of those who are on duty together, 1 is told first.",
        widget=NumberInput(min=1, max=LAST_PLACE),
    )

    def typed(self) -> NewShift:
        """What was filled in."""
        return typed_into(self, NewShift, weekdays=self.weekdays.data or [])


class AbsenceForm(Form):
    """Days on which somebody is away."""

    absent = SelectField("Who is away", validate_choice=False)
    first_day = StringField("First day", [line], widget=DateInput())
    last_day = StringField("Last day", [line], widget=DateInput(), description="Empty: one day only.")
    substitute = SelectField("Who stands in", validate_choice=False)

    def typed(self) -> NewAbsence:
        """What was filled in."""
        return typed_into(self, NewAbsence)


def shift_form(everybody: Sequence[Person], *, sent: bool = True) -> ShiftForm:
    """The form for a shift of one of `everybody`: as it was sent, or empty."""
    form = ShiftForm() if sent else ShiftForm(formdata=None)
    form.person.choices = [SelectChoice("", "Choose"), *_names(everybody)]
    return form


def absence_form(everybody: Sequence[Person], *, sent: bool = True) -> AbsenceForm:
    """The form for an absence of one of `everybody`, likewise."""
    form = AbsenceForm() if sent else AbsenceForm(formdata=None)
    form.absent.choices = [SelectChoice("", "Choose"), *_names(everybody)]
    form.substitute.choices = [SelectChoice("", "Nobody"), *_names(everybody)]
    return form


def _names(everybody: Sequence[Person]) -> list[SelectChoice]:
    return [SelectChoice(str(person.id), person.name) for person in everybody]
