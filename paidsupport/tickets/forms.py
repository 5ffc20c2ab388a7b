"""The forms of the staff pages."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.web.forms import Form, VersionedForm, choices_of, text
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.operations.transitions import Filled

ONLY_US = "Only people of the desk see it."


class AnnotationForm(Form):
    """A note for colleagues, with files."""

    body = TextAreaField("New annotation", [text], description=ONLY_US)
    files = MultipleFileField("Files")


class TransitionForm(VersionedForm):
    """What a transition asks for; `move_form` takes out what it does not."""

    reason = RadioField("Reason", validate_choice=False)
    colleague = SelectField("Who takes it over", validate_choice=False)
    destroy = BooleanField("Destroy what the customer gave of their access")
    note = TextAreaField("Note", [text], description=ONLY_US)

    def filled(self) -> Filled:
        """What was filled in; a colleague who is not in the list is nobody."""
        colleague = self["colleague"].data if "colleague" in self else ""
        known = "colleague" in self and colleague in {value for value, _ in self["colleague"].choices}
        return Filled(
            reason=(self["reason"].data or "") if "reason" in self else "",
            note=(self["note"].data or "") if "note" in self else "",
            colleague=int(colleague) if known and colleague else None,
            destroy="destroy" in self and bool(self["destroy"].data),
        )

    def explain(self, transition: Transition) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, TransitionRefusedError):
            field_of = {guard.unmet: guard.field for guard in transition.guards}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


class SettleForm(Form):
    """What became of an email that got stuck; `back` is the page to go back to."""

    decision = StringField(validators=[InputRequired("Choose what became of the letter.")])
    back = HiddenField()


class ReadForm(Form):
    """What one was told is read, up to the newest notice that the page showed."""

    until = IntegerField(widget=HiddenInput(), validators=[InputRequired("Say what you have read.")])


def transition_form(
    transition: Transition, people: Iterable[tuple[int, str]], version: int
) -> TransitionForm:
    """The form with exactly what `move` takes; `people` are those it can be passed to."""
    form = TransitionForm(version=version)
    form["reason"].choices = choices_of(transition.reasons)
    form["colleague"].choices = [("", "Choose a colleague"), *((str(id_), name) for id_, name in people)]
    form["note"].label.text = transition.note_label
    for name in ("reason", "colleague", "note", "destroy"):
        if not transition.takes(name):
            del form[name]
    return form
