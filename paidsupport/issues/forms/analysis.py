"""The forms of analysis: asking, feedback, the timeline, and steps."""

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
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.typed import typed_into

#: Sub-issues that the form for feedback has room for.
PARTS = 3


class AskForm(VersionedForm):
    """How urgent it is and who is asked, in one step; `back`: the inbox, if it was sent from there."""

    priority = SelectField(
        "Priority", choices=[SelectChoice(str(rank), label) for rank, label in PRIORITIES.items()]
    )
    colleague = SelectField("Ask", validate_choice=False)
    note = TextAreaField("What should they look at?", [text], description=NO_NAMES, id="ask-note")

    def offer(self, people: Iterable[Person]) -> None:
        """Let these be asked."""
        self.colleague.choices = [("", "Choose somebody"), *((str(each.id), each.name) for each in people)]

    @property
    def asked(self) -> int | None:
        """Who was chosen."""
        return whole_number(self.colleague.data or "")

    @property
    def rank(self) -> int:
        """The priority that was chosen; 0 for none that there is."""
        return whole_number(self.priority.data or "") or 0


class FeedbackForm(VersionedForm):
    """How long it takes and how it is solved, or where it is solved already; sub-issues for others."""

    estimate = StringField(
        "How long does it take?",
        [line],
        description="Realistic and conservative, for example 4h, 90m, 1d 4h or 2-3 days: of a range the upper"
        " end counts. Days are working days.",
    )
    path = TextAreaField("How is it solved?", [text], description=NO_NAMES)
    fixed_where = SelectField(
        "Solved already?",
        choices=[
            SelectChoice("", "No"),
            *(SelectChoice(stage.value, label) for stage, label in STAGES.items()),
        ],
        validate_choice=False,
    )
    fixed_version = StringField("In which version?", [line])

    def offer(self, people: Iterable[Person], me: int | None) -> None:
        """Let these be asked about sub-issues."""
        choices = [("", "Nobody yet"), *((str(each.id), each.name) for each in people if each.id != me)]
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
    setattr(FeedbackForm, f"part{_row}", StringField(f"Sub-issue {_row}", [line]))
    setattr(FeedbackForm, f"who{_row}", SelectField(f"Who is asked about {_row}", validate_choice=False))


class TimelineForm(Form):
    """Until when, and for which release."""

    deadline = StringField("Deadline", [line], widget=DateInput(), id="timeline-deadline")
    release = StringField("Release it is meant for", [line], id="timeline-release")
    why = StringField("Why so?", [line], description=NO_NAMES, id="timeline-why")

    @property
    def timeline(self) -> Timeline:
        """What was filled in."""
        return typed_into(self, Timeline)


class StepForm(Form):
    """Something to be done; `ticket`: whose account or data it touches."""

    what = StringField("What is to be done?", [line], description=NO_NAMES)
    ticket = SelectField(
        "Does it touch a customer’s account or data?",
        validate_choice=False,
        description="Setting a password anew, for example: only whom management assigned to it may do that.",
    )

    def offer(self, codes: Iterable[str]) -> None:
        """Let these tickets be chosen."""
        self.ticket.choices = [("", "No"), *((code, f"Yes, of the customer of {code}") for code in codes)]

    @property
    def wanted(self) -> Wanted:
        """What was filled in."""
        return typed_into(self, Wanted)


class StepDoneForm(Form):
    """That a step is done."""


class PhoneForm(Form):
    """What was said on the phone."""

    body = TextAreaField("What was said?", [text], description="Only people of the desk see it.")
