"""The forms of the staff pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
from wtforms.validators import Email, InputRequired, Optional
from wtforms.widgets import DateTimeLocalInput, EmailInput, HiddenInput, TelInput

from paidsupport.desk.calls import CALLERS, PURPOSES, Call
from paidsupport.desk.gaps import Choice, Proposal
from paidsupport.desk.moves import Filled
from paidsupport.desk.relations import KINDS
from paidsupport.domain.codes import new_key
from paidsupport.domain.gaps import Counts
from paidsupport.domain.letters import PLACEHOLDERS
from paidsupport.domain.notices import Way
from paidsupport.domain.public_keys import check_public_key, is_private
from paidsupport.domain.text import BadTextError
from paidsupport.domain.workflow import Move
from paidsupport.errors import KeyReusedError, MoveRefusedError
from paidsupport.web.forms import Form, VersionedForm, address, choices_of, line, text

ONLY_US = "Only people of the desk see it."
PUBLIC = "It stands on the help pages, and customers can be pointed to it."


#: How one can be told.
_WAYS = [
    SelectChoice(Way.NOW.value, "By mail at once"),
    SelectChoice(Way.DIGEST.value, "By one mail a day"),
    SelectChoice(Way.PAGE.value, "On the page only"),
    SelectChoice(Way.OFF.value, "Not at all"),
]


class AnnotationForm(Form):
    """A note for colleagues, with files."""

    body = TextAreaField("New annotation", [text], description=ONLY_US)
    files = MultipleFileField("Files")


class MoveForm(VersionedForm):
    """What a move asks for; `move_form` takes out what it does not."""

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

    def explain(self, move: Move) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, MoveRefusedError):
            field_of = {need.unmet: need.field for need in move.needs}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


class LetterForm(Form):
    """A letter to the customer, with the claim and the state of the thread its author saw (design §5.3)."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])
    files = MultipleFileField("Files")
    #: The remarks on its tone that were shown; never kept from what came in.
    seen = HiddenField()


class SettleForm(Form):
    """What became of a letter that got stuck; `back` is the page to go back to."""

    decision = StringField(validators=[InputRequired("Choose what became of the letter.")])
    back = HiddenField()


class TriageForm(VersionedForm):
    """What a request is; `note` says where a bug is followed."""

    decision = StringField()
    note = StringField("Where is it followed?", [line], description="The number or the address of the issue.")


class QuestionForm(VersionedForm):
    """Which question a request asks: one that was named before, or a new one."""

    question = RadioField("Which question is this?", validate_choice=False, default="")
    naming = StringField(
        "Another question, in a few words",
        [line],
        description="It is counted under this name, and may stand in an issue: nothing about whoever asks.",
    )

    def propose(self, proposals: Sequence[Proposal]) -> None:
        """Let one of these questions be chosen, or none."""
        none = "None of these" if proposals else "It has no name yet"
        self.question.choices = [
            *(SelectChoice(str(one.topic_id), f"{one.name} ({counted(one.counts)})") for one in proposals),
            SelectChoice("", none),
        ]

    def choice(self) -> Choice:
        """What was chosen and typed."""
        return Choice(self.question.data or "", self.naming.data or "")


class PreparedForm(VersionedForm):
    """A letter that the desk has prepared, with the claim and the state of the thread its author saw."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])
    #: The remarks on its tone that were shown.
    seen = HiddenField()


class PointerForm(PreparedForm, QuestionForm):
    """The letter that points a customer to a page; which one stands in the address."""


class BoilerplateForm(Form):
    """A text to start messages from."""

    title = StringField("Title", [line])
    body = TextAreaField("Text", [text])
    shared = BooleanField("Everybody at the desk may use and change it")


class ReadForm(Form):
    """What one was told is read, up to the newest notice that the page showed."""

    until = IntegerField(widget=HiddenInput(), validators=[InputRequired("Say what you have read.")])
    #: The same of issues.
    issues_until = IntegerField(widget=HiddenInput(), validators=[Optional()])


class NoticesForm(Form):
    """How somebody wants to be told of what."""

    mine = SelectField(
        "My tickets", choices=_WAYS, description="A word of the customer, of a colleague, a move."
    )
    mention = SelectField(
        "When I am mentioned", choices=_WAYS, description="With @ and my name, on any ticket."
    )
    watching = SelectField("Tickets that I watch", choices=_WAYS)
    unassigned = SelectField(
        "Unassigned tickets", choices=_WAYS, description="New ones, and those given back."
    )
    digest_hour = SelectField(
        "The mail of the day is written at",
        choices=[SelectChoice(str(hour), f"{hour:02}:00") for hour in range(24)],
    )


class LinkForm(Form):
    """Another ticket that belongs to this one."""

    other = StringField("Code of the other ticket")
    kind = SelectField(
        "How they belong together",
        choices=[SelectChoice(kind, said) for kind, said in KINDS.items()],
        validate_choice=False,
    )


class MergeForm(VersionedForm):
    """The ticket that this one repeats, and how both were seen."""

    other = StringField("Code of the other ticket")
    other_version = IntegerField(widget=HiddenInput(), validators=[InputRequired("A version is missing.")])


class TagForm(Form):
    """One more tag on a ticket."""

    tag = StringField("New tag")


class RequestForm(Form):
    """A further wish of the same customer, as a ticket of its own."""

    service = RadioField("Service", validate_choice=False)
    details = TextAreaField(
        "What the customer wants", [text], description="The customer sees it on the page of the new ticket."
    )


class CallForm(Form):
    """What is noted while somebody calls. What of it can be kept is decided by the verb, all in one go."""

    name = StringField("Name")
    organisation = StringField("Organisation")
    email = StringField("E-mail address", [address], widget=EmailInput())
    phone = StringField("Phone number", widget=TelInput())
    caller = RadioField(
        "Kind of customer",
        choices=[SelectChoice(kind, label) for kind, label in CALLERS.items()],
        validate_choice=False,
    )
    subject = StringField("What it is about", description="A few words: colleagues see them in the queue.")
    notes = TextAreaField(
        "What they say",
        description="The customer can read it on their page, unless it is a note to management.",
    )
    # a text field on purpose: what is no date is shown again as it was typed
    called_at = StringField("Date and time of the call", widget=DateTimeLocalInput())
    purpose = RadioField(
        "Where it goes",
        choices=[SelectChoice(purpose, label) for purpose, label in PURPOSES.items()],
        default="support",
        validate_choice=False,
    )
    take = BooleanField("I take it on", description="It is claimed for you: you have spoken with them.")
    confirm = BooleanField(
        "Send them the code by mail",
        default=True,
        description="Where there is an address; never for a note to management.",
    )

    def call(self) -> Call:
        """What was filled in, as the verb takes it."""
        texts = {name: self[name].data or "" for name in _TEXTS_OF_A_CALL}
        return Call(**texts, take=bool(self.take.data), confirm=bool(self.confirm.data))

    def who(self) -> dict[str, str]:
        """What is known of whoever calls, to look them up."""
        return {name: self[name].data or "" for name in WHO}


#: What somebody who calls is looked up by.
WHO = ("name", "organisation", "email", "phone")
_TEXTS_OF_A_CALL = (*WHO, "caller", "subject", "notes", "called_at", "purpose")


class GuideForm(Form):
    """A guide in Markdown, with the edition that its author read."""

    edition = IntegerField(widget=HiddenInput(), validators=[InputRequired("The edition is missing.")])
    title = StringField("Title")
    body = TextAreaField("Text")
    public = BooleanField("Customers can read it", description=PUBLIC)


class NewGuideForm(Form):
    """A guide that is not there yet."""

    title = StringField("Title")
    slug = StringField("Address", description="Empty: made of the title.")
    body = TextAreaField("Text")
    public = BooleanField("Customers can read it", description=PUBLIC)


class ProfileForm(Form):
    """Where notices go, how customers pay, and how they let somebody in."""

    email = EmailField(
        "E-mail address for notices",
        [line, Email("Write an e-mail address, for example ada@example.org.")],
        description="What you want to be told by mail goes here, and warnings before a claim lapses.",
    )
    payment = StringField(
        "How customers pay you",
        [line],
        description="One line, for example “PayPal: ada@example.org”. Every first contact must have it.",
    )
    public_key = StringField(
        "Your public SSH key",
        description=(
            "The line of your .pub file. Customers who can add it to their host need not give you a password."
        ),
    )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """As for every form. A private key is not even shown again."""
        fine = super().validate(extra_validators)
        if is_private(self.public_key.data or ""):
            self.blame(_private_key_problem(self.public_key.data or ""))
            set_data(self.public_key, "")
            return False
        return fine


class LookForm(Form):
    """A look at one credential, under the claim its page showed."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    reason = StringField(
        "What do you need it for?",
        [line],
        description="The customer sees your name, the time and this sentence.",
    )


def counted(counts: Counts) -> str:
    """How often something came up lately, and what came of it."""
    asked = "asked once" if counts.asked == 1 else f"asked {counts.asked} times"
    return f"{asked}, helped {counts.helped}"


def _private_key_problem(typed: str) -> dict[str, list[str]]:
    try:
        check_public_key(typed)
    except BadTextError as error:
        return {"public_key": [str(error)]}
    return {}


def move_form(move: Move, people: Iterable[tuple[int, str]], version: int) -> MoveForm:
    """The form with exactly what `move` takes; `people` are those it can be passed to."""
    form = MoveForm(version=version)
    form["reason"].choices = choices_of(move.reasons)
    form["colleague"].choices = [("", "Choose a colleague"), *((str(id_), name) for id_, name in people)]
    form["note"].label.text = move.note_label
    for name in ("reason", "colleague", "note", "destroy"):
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
