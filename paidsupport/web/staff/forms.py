"""The forms of the staff pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import Email, InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.desk.moves import Filled
from paidsupport.desk.relations import KINDS
from paidsupport.domain.codes import new_key
from paidsupport.domain.letters import PLACEHOLDERS
from paidsupport.domain.workflow import Move
from paidsupport.errors import KeyReusedError, MoveRefusedError
from paidsupport.web.forms import Form, VersionedForm, choices_of, line, text

ONLY_US = "Only people of the desk see it."


class AnnotationForm(Form):
    """A note for colleagues, with files."""

    body = TextAreaField("New annotation", [text], description=ONLY_US)
    files = MultipleFileField("Files")


class MoveForm(VersionedForm):
    """What a move asks for; `move_form` takes out what it does not."""

    reason = RadioField("Reason", validate_choice=False)
    colleague = SelectField("Who takes it over", validate_choice=False)
    note = TextAreaField("Note", [text], description=ONLY_US)

    def filled(self) -> Filled:
        """What was filled in; a colleague who is not in the list is nobody."""
        colleague = self["colleague"].data if "colleague" in self else ""
        known = "colleague" in self and colleague in {value for value, _ in self["colleague"].choices}
        return Filled(
            reason=(self["reason"].data or "") if "reason" in self else "",
            note=(self["note"].data or "") if "note" in self else "",
            colleague=int(colleague) if known and colleague else None,
        )

    def explain(self, move: Move) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, MoveRefusedError):
            field_of = {need.sentence: need.field for need in move.needs}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


class LetterForm(Form):
    """A letter to the customer, with the claim and the state of the thread its author saw (design §5.3)."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])
    files = MultipleFileField("Files")


class SettleForm(Form):
    """What became of a letter that got stuck; `back` is the page to go back to."""

    decision = StringField(validators=[InputRequired("Choose what became of the letter.")])
    back = HiddenField()


class BoilerplateForm(Form):
    """A text to start messages from."""

    title = StringField("Title", [line])
    body = TextAreaField("Text", [text])
    shared = BooleanField("Everybody at the desk may use and change it")


class LinkForm(Form):
    """Another ticket that belongs to this one."""

    other = StringField("Code of the other ticket")
    kind = SelectField(
        "How they belong together",
        choices=[SelectChoice(kind, said) for kind, said in KINDS.items()],
        validate_choice=False,
    )


class RequestForm(Form):
    """A further wish of the same customer, as a ticket of its own."""

    service = RadioField("Service", validate_choice=False)
    details = TextAreaField(
        "What the customer wants", [text], description="The customer sees it on the page of the new ticket."
    )


class GuideForm(Form):
    """A guide in Markdown, with the edition that its author read."""

    edition = IntegerField(widget=HiddenInput(), validators=[InputRequired("The edition is missing.")])
    title = StringField("Title")
    body = TextAreaField("Text")


class NewGuideForm(Form):
    """A guide that is not there yet."""

    title = StringField("Title")
    slug = StringField("Address", description="Empty: made of the title.")
    body = TextAreaField("Text")


class ProfileForm(Form):
    """Where notices go, and how customers pay."""

    email = EmailField(
        "E-mail address for notices",
        [line, Email("Write an e-mail address, for example ada@example.org.")],
        description="The desk writes here when a customer answers and before a claim lapses.",
    )
    payment = StringField(
        "How customers pay you",
        [line],
        description="One line, for example “PayPal: ada@example.org”. Every first contact must have it.",
    )


def move_form(move: Move, people: Iterable[tuple[int, str]], version: int) -> MoveForm:
    """The form with exactly what `move` takes; `people` are those it can be passed to."""
    form = MoveForm(version=version)
    form["reason"].choices = choices_of(move.reasons)
    form["colleague"].choices = [("", "Choose a colleague"), *((str(id_), name) for id_, name in people)]
    form["note"].label.text = move.note_label
    for name in ("reason", "colleague", "note"):
        if not move.takes(name):
            del form[name]
    return form


def renew(form: Form, values: Mapping[str, int]) -> None:
    """Let `form` carry what the page shows now, so that sending it again applies to that.

    A key that was used up is replaced as well.
    """
    for name, value in values.items():
        set_data(form[name], value)
    if isinstance(form.conflict, KeyReusedError):
        form.key.data = new_key()


def set_data(field: Field, value: object) -> None:
    """Give `field` another value than the one that was typed."""
    field.raw_data = None
    field.data = value


def placeholders() -> list[tuple[str, str]]:
    """What can stand between braces in boilerplate, with what it becomes."""
    return [(f"{{{name}}}", meaning) for name, meaning in PLACEHOLDERS.items()]
