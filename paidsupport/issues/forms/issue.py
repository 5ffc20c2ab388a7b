"""The forms on the pages of issues."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.rules.kinds import KINDS, STAGES
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.web import transitions
from paidsupport.kernel.web.forms import Form, line, text
from paidsupport.kernel.workflow import Transition

#: The help of every text field of an issue.
NO_NAMES = _("Leave out names, addresses and phone numbers of customers.")


STAGE_CHOICES = [SelectChoice(str(name), label) for name, label in STAGES.items()]
KIND_CHOICES = [SelectChoice(name, label) for name, label in KINDS.items()]


class NoteForm(Form):
    """A note on an issue."""

    # the draft on the same page has a field of this name as well
    body = TextAreaField(_("New note"), [text], id="note-body", description=NO_NAMES)
    left_now = StringField(
        _("Time left now"), [line], description=_("If it has changed, like 45m, 4h or 1d 4h.")
    )


class IssueForm(Form):
    """An issue that no customer waits for, or a sub-issue."""

    kind = RadioField(_("Kind"), choices=KIND_CHOICES, validate_choice=False)
    summary = StringField(_("Subject"), [line])
    details = TextAreaField(_("Description and steps to reproduce"), [text], description=NO_NAMES)
    private = BooleanField(
        pgettext("issue", "Private"),
        description=_(
            "For anything that would do harm if it became known early, such as a security hole."
            " Only managers and the people working on it can see it."
        ),
    )


class PrivateForm(Form):
    """Whether an issue is private."""

    private = BooleanField(pgettext("issue", "Private"))


class TransitionForm(transitions.TransitionForm):
    """The fields of a transition of an issue."""

    colleague = SelectField(_("Colleague"), validate_choice=False)
    release = StringField(pgettext("software", "Release"), [line])
    note = TextAreaField(_("Note"), [text], description=NO_NAMES)

    def filled(self) -> Filled:
        """What was filled in."""
        return Filled(**self.shared(), release=self.typed("release"))


def transition_form(
    transition: Transition, people: Iterable[tuple[int, str]], version: int
) -> TransitionForm:
    """Build the form with exactly the fields of a transition; `people`: those it can be passed to."""
    form = TransitionForm(version=version)
    form.take(transition, people, _("Choose a colleague"))
    return form
