"""The forms of analysis: asking for feedback, feedback, the timeline, and steps."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import DateInput

from paidsupport.issues.forms.issue import NO_NAMES
from paidsupport.issues.operations.analysis import Feedback, Part, Timeline
from paidsupport.issues.operations.steps import Wanted
from paidsupport.issues.rules.kinds import PRIORITIES, STAGES
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.typed import typed_into

#: Sub-issues that the feedback form has fields for.
PARTS = 3


class AskForm(VersionedForm):
    """The priority and the person to ask, in one step; `back`: whether it was sent from the inbox."""

    priority = SelectField(
        _("Priority"), choices=[SelectChoice(str(rank), label) for rank, label in PRIORITIES.items()]
    )
    colleague = SelectField(_("Colleague"), validate_choice=False)
    note = TextAreaField(_("What to look at"), [text], description=NO_NAMES, id="ask-note")

    def offer(self, people: Iterable[Person]) -> None:
        """Offer these people for the choice."""
        self.colleague.choices = [
            ("", _("Choose a colleague")),
            *((str(each.id), each.name) for each in people),
        ]

    @property
    def asked(self) -> int | None:
        """The person who was chosen."""
        return whole_number(self.colleague.data or "")

    @property
    def rank(self) -> int:
        """The priority that was chosen; 0 if it is not one."""
        return whole_number(self.priority.data or "") or 0


class FeedbackForm(VersionedForm):
    """How long it takes and how to solve it, or where it is solved already; sub-issues for colleagues."""

    estimate = StringField(
        _("Estimate"),
        [line],
        description=_(
            "A cautious figure in working days, hours or minutes, like 4h, 90m, 1d 4h or 2-3 days."
            " The upper end of a range counts."
        ),
    )
    path = TextAreaField(_("Solution"), [text], description=NO_NAMES)
    fixed_where = SelectField(
        _("Already solved"),
        choices=[
            SelectChoice("", _("No")),
            *(SelectChoice(str(stage), label) for stage, label in STAGES.items()),
        ],
        validate_choice=False,
    )
    fixed_version = StringField(_("Solved in version"), [line])

    def offer(self, people: Iterable[Person], me: int | None) -> None:
        """Offer these people for sub-issues."""
        choices = [
            ("", _("Choose a colleague")),
            *((str(each.id), each.name) for each in people if each.id != me),
        ]
        for row in range(1, PARTS + 1):
            self[f"who{row}"].choices = choices

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sub-issues that were filled in."""
        rows = range(1, PARTS + 1)
        typed = ((self[f"part{row}"].data or "", self[f"who{row}"].data or "") for row in rows)
        return tuple(Part(what, whole_number(who)) for what, who in typed)

    @property
    def feedback(self) -> Feedback:
        """What was filled in."""
        return typed_into(self, Feedback, parts=self.parts)


for _row in range(1, PARTS + 1):
    setattr(FeedbackForm, f"part{_row}", StringField(_("Sub-issue %(number)s", number=_row), [line]))
    setattr(
        FeedbackForm,
        f"who{_row}",
        SelectField(_("Colleague for sub-issue %(number)s", number=_row), validate_choice=False),
    )


class TimelineForm(Form):
    """A deadline and a release."""

    deadline = StringField(_("Deadline"), [line], widget=DateInput(), id="timeline-deadline")
    release = StringField(_("Planned for release"), [line], id="timeline-release")
    why = StringField(_("Reason"), [line], description=NO_NAMES, id="timeline-why")

    @property
    def timeline(self) -> Timeline:
        """What was filled in."""
        return typed_into(self, Timeline)


class StepForm(Form):
    """Something to do; `ticket`: the ticket whose account or data it affects."""

    what = StringField(_("Step"), [line], description=NO_NAMES)
    ticket = SelectField(
        _("Affects a customer's account or data"),
        validate_choice=False,
        description=_(
            "Resetting a password, for example. Only the assignee chosen by a manager can do such a step."
        ),
    )

    def offer(self, codes: Iterable[str]) -> None:
        """Offer these tickets for the choice."""
        self.ticket.choices = [
            ("", _("No")),
            *((code, _("Yes, for the customer of %(code)s", code=code)) for code in codes),
        ]

    @property
    def wanted(self) -> Wanted:
        """What was filled in."""
        return typed_into(self, Wanted)


class StepDoneForm(Form):
    """Confirms that a step is done."""


class PhoneForm(Form):
    """What was said on the phone."""

    body = TextAreaField(_("What you said"), [text], description=_("Only staff see it."))
