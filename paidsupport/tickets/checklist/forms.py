"""The forms for work on the customer's server: checklist, log, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wtforms import (
    IntegerField,
    MultipleFileField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, DateInput, HiddenInput, ListWidget, URLInput

from paidsupport.catalogue.rules.checklists import EvidenceKind
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form, line, text, uploads
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.forms import ONLY_US

#: Prefix for the names of evidence, so that they do not collide with fields of the form.
_EVIDENCE = "evidence_"


class ItemForm(Form):
    """What to do with an item, at the version that was seen; `item_form` adds its evidence."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The version is missing."))])
    #: The button that was pressed.
    action = StringField(default="tick")
    because = TextAreaField(_("Why does it not apply here?"), [text], description=ONLY_US)

    def blame(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Show the problems an operation found with a piece of evidence at its field."""
        fields = {name: f"{_EVIDENCE}{name}" for name in problems if f"{_EVIDENCE}{name}" in self}
        super().blame({fields.get(name, name): said for name, said in problems.items()})

    def typed(self, item: Item) -> dict[str, list[str]]:
        """The texts entered as evidence."""
        raw = {row["name"]: self[_EVIDENCE + row["name"]].raw_data or () for row in item.evidence}
        return {name: [value for value in values if isinstance(value, str)] for name, values in raw.items()}

    @staticmethod
    def files(item: Item) -> list[Upload]:
        """The files chosen as evidence."""
        names = [row["name"] for row in item.evidence if row["kind"] == EvidenceKind.FILE]
        return [upload for name in names for upload in uploads(_EVIDENCE + name)]


class TakeOverForm(Form):
    """Takes over the checklist of the version that was offered."""

    checklist = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The version is missing."))])


class TraitsForm(Form):
    """The traits of the server and the work."""

    traits = SelectMultipleField(
        _("What applies here"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class WorkForm(Form):
    """A stretch of work: started now, stopped now, or entered afterwards."""

    #: The button that was pressed.
    action = StringField()
    machine = StringField(_("Server"), [line])
    what = TextAreaField(
        _("What did you do?"), [text], description=_("It goes into the report to the customer.")
    )
    minutes = IntegerField(_("Minutes"), [Optional()])


def item_form(item: Item) -> ItemForm:
    """The form of one item, filled with what was entered before."""
    fields = {_EVIDENCE + row["name"]: _field(row["kind"], row["label"]) for row in item.evidence}
    made: type[ItemForm] = type("OneItemForm", (ItemForm,), fields)
    given = {_EVIDENCE + answer["name"]: answer["value"] for answer in item.answers}
    form = made(version=item.version, **given)
    for row in item.evidence:
        form[_EVIDENCE + row["name"]].flags.required = row["required"]
    return form


def evidence_fields(form: ItemForm, item: Item) -> list[object]:
    """The fields of `form` with evidence, in order."""
    return [form[_EVIDENCE + row["name"]] for row in item.evidence]


def _field(kind: str, label: str) -> object:
    return _FIELDS[EvidenceKind(kind)](label)


_FIELDS: dict[EvidenceKind, Callable[[str], object]] = {
    EvidenceKind.TEXT: StringField,
    # a text field on purpose: browsers empty a number field that holds anything but a number
    EvidenceKind.NUMBER: lambda label: StringField(label, render_kw={"inputmode": "decimal"}),
    EvidenceKind.LONG_TEXT: TextAreaField,
    EvidenceKind.LINK: lambda label: StringField(label, widget=URLInput()),
    EvidenceKind.DATE: lambda label: StringField(label, widget=DateInput()),
    EvidenceKind.FILE: MultipleFileField,
}
