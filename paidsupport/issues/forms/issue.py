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
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.web.forms import Form, VersionedForm, choices_of, line, text
from paidsupport.kernel.workflow import Transition

#: What is said at every text that goes into an issue.
NO_NAMES = "Everybody at the desk may read it: no names, addresses or numbers of customers."


STAGE_CHOICES = [SelectChoice(name.value, label) for name, label in STAGES.items()]
KIND_CHOICES = [SelectChoice(name, label) for name, label in KINDS.items()]


class NoteForm(Form):
    """A note on an issue."""

    # a draft has a body as well, on the same page
    body = TextAreaField("New note", [text], id="note-body", description=NO_NAMES)
    left_now = StringField("Time left now?", [line], description="If it has changed: like 45m, 4h or 1d 4h.")


class IssueForm(Form):
    """An issue that no customer waits for, or a part of another one."""

    kind = RadioField("What is it?", choices=KIND_CHOICES, validate_choice=False)
    summary = StringField("In one line", [line])
    details = TextAreaField("What happens, and how can it be repeated?", [text], description=NO_NAMES)
    private = BooleanField(
        "Private",
        description="Disclosing it early would do harm, as with a hole in security: only managers and those"
        " who work on it see it.",
    )


class PrivateForm(Form):
    """Whether an issue is hidden from all but a few."""

    private = BooleanField("Private")


class TransitionForm(VersionedForm):
    """What a transition of an issue asks for; `move_form` takes out what it does not."""

    reason = RadioField("Reason", validate_choice=False)
    colleague = SelectField("Who?", validate_choice=False)
    release = StringField("Release", [line])
    note = TextAreaField("Note", [text], description=NO_NAMES)

    def filled(self) -> Filled:
        """What was filled in; a colleague who is not in the list is nobody."""
        colleague = (self["colleague"].data or "") if "colleague" in self else ""
        known = colleague in {value for value, _ in self["colleague"].choices} if colleague else False
        return Filled(
            reason=(self["reason"].data or "") if "reason" in self else "",
            note=(self["note"].data or "") if "note" in self else "",
            colleague=int(colleague) if known else None,
            release=(self["release"].data or "") if "release" in self else "",
        )

    def explain(self, transition: Transition) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, TransitionRefusedError):
            field_of = {guard.unmet: guard.field for guard in transition.guards}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


def transition_form(
    transition: Transition, people: Iterable[tuple[int, str]], version: int
) -> TransitionForm:
    """The form with exactly what `move` takes; `people` are those it can be passed to."""
    form = TransitionForm(version=version)
    form["reason"].choices = choices_of(transition.reasons)
    form["colleague"].choices = [("", "Choose somebody"), *((str(id_), name) for id_, name in people)]
    form["note"].label.text = transition.note_label
    for name in ("reason", "colleague", "release", "note"):
        if not transition.takes(name):
            del form[name]
    return form
