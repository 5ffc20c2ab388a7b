"""The forms on the pages of issues."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from paidsupport.desk.issues.filing import Filing
from paidsupport.desk.issues.moves import Filled
from paidsupport.domain.issues import KINDS, STAGES
from paidsupport.domain.workflow import Move
from paidsupport.errors import MoveRefusedError
from paidsupport.web.forms import Form, VersionedForm, choices_of, line, text

#: What is said at every text that goes into an issue.
NO_NAMES = "Everybody at the desk may read it: no names, addresses or numbers of customers."


_STAGES = [SelectChoice(name.value, label) for name, label in STAGES.items()]
#: What the names of boxes begin with behind which something stays.
_KEEP = "keep-"
_KINDS = [SelectChoice(name, label) for name, label in KINDS.items()]


class NoteForm(Form):
    """A note on an issue."""

    # a draft has a body as well, on the same page
    body = TextAreaField("New note", [text], id="note-body", description=NO_NAMES)
    left_now = StringField("Time left now?", [line], description="If it has changed: like 45m, 4h or 1d 4h.")


class IssueForm(Form):
    """An issue that no customer waits for, or a part of another one."""

    kind = RadioField("What is it?", choices=_KINDS, validate_choice=False)
    summary = StringField("In one line", [line])
    details = TextAreaField("What happens, and how can it be repeated?", [text], description=NO_NAMES)
    private = BooleanField(
        "Private",
        description="Disclosing it early would do harm, as with a hole in security: only managers and those"
        " who work on it see it.",
    )


class FilingForm(VersionedForm):
    """An issue made of a request, or one that is there already, which the request follows."""

    kind = RadioField(
        "What is it?", choices=[choice for choice in _KINDS if choice.value != "documentation"], default="bug"
    )
    summary = StringField("In one line", [line])
    details = TextAreaField(
        "What happens, and how can it be repeated?",
        [text],
        description="What is recognised as personal is cut out when it is filed: see below.",
    )
    private = BooleanField(
        "Private",
        description="Choose it when disclosing the issue early would do harm, as with a hole in our security:"
        " only managers and those who work on it see it, and the customer gets no link.",
    )
    note = TextAreaField(
        "Private note: for what the issue must not say",
        [text],
        description="Who it is about, their account, their address: it stays on the request, and people of"
        " the desk see it beside the issue.",
    )
    stage = RadioField("When is the solution of use to this customer?", choices=_STAGES, default="production")
    issue = StringField("Issue", [line])
    #: Looking once more at what is cut out, without filing anything.
    look = StringField()

    def filing(self) -> Filing:
        """What was filled in."""
        return Filing(
            kind=self.kind.data or "",
            summary=self.summary.data or "",
            details=self.details.data or "",
            private=bool(self.private.data),
            note=self.note.data or "",
            stage=self.stage.data or "",
            issue=self.issue.data or "",
            kept=self.kept(),
            seen=set(request.form.getlist("seen")),
        )

    def kept(self) -> dict[str, str]:
        """The marks of what stays, each with the reason."""
        marks = (name.removeprefix(_KEEP) for name in request.form if name.startswith(_KEEP))
        return {mark: request.form.get(f"why-{mark}", "") for mark in marks}


class KeepForm(Form):
    """What may stay on an issue although it looks personal."""

    typed = StringField("What has to stay?", [line], description="As it was refused, for example 192.0.2.7.")
    reason = StringField("Why?", [line], description="Everybody who sees the issue reads this.")


class PrivateForm(Form):
    """Whether an issue is hidden from all but a few."""

    private = BooleanField("Private")


class MoveForm(VersionedForm):
    """What a move of an issue asks for; `move_form` takes out what it does not."""

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

    def explain(self, move: Move) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, MoveRefusedError):
            field_of = {need.unmet: need.field for need in move.needs}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


def move_form(move: Move, people: Iterable[tuple[int, str]], version: int) -> MoveForm:
    """The form with exactly what `move` takes; `people` are those it can be passed to."""
    form = MoveForm(version=version)
    form["reason"].choices = choices_of(move.reasons)
    form["colleague"].choices = [("", "Choose somebody"), *((str(id_), name) for id_, name in people)]
    form["note"].label.text = move.note_label
    for name in ("reason", "colleague", "release", "note"):
        if not move.takes(name):
            del form[name]
    return form
