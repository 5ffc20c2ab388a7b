"""The forms of items, of their evidence, and of traits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from paidsupport.catalogue.checklists.operations.evidence import KINDS
from paidsupport.catalogue.checklists.operations.items import PHASES
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.worded import TextsForm

_NAME = _("For files and programs: small letters, digits and hyphens. If empty, made from the text.")


def _several(label: str, description: str = "") -> Any:  # noqa: ANN401  # an unbound field
    return SelectMultipleField(
        label,
        description=description,
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class TemplateForm(TextsForm):
    """All of an item but its evidence; `choices_for` says what can be chosen."""

    worded = ("text", "reason", "told")

    text = StringField(_("What is to be done"))
    reason = StringField(_("Reason"), description=_("One sentence: why it is done."))
    told = StringField(
        _("Sentence in the closing report"),
        description=_("What the customer reads once it is done. If empty, the report leaves the item out."),
    )
    phase = RadioField(
        _("Phase"), choices=[SelectChoice(str(phase), label) for phase, label in PHASES.items()]
    )
    services = _several(_("Services"), _("If none is chosen, it belongs to all of them."))
    traits = _several(_("Only if all of these apply"))
    unless = _several(_("Not if one of these applies"))
    moves = _several(_("What cannot be done before it"))
    items = _several(_("Items that wait for it"))
    consent = BooleanField(
        _("The customer must approve it"), description=_("It can be ticked only after their approval.")
    )
    skippable = BooleanField(
        _("It can be skipped"), description=_("The developer says why it does not apply to this server.")
    )
    guide = StringField(
        _("Guide"), description=_("The last part of the address of the guide that explains it.")
    )
    name = StringField(_("Name"), description=_NAME)


class EvidenceForm(TextsForm):
    """One thing to enter before an item counts as done."""

    worded = ("label", "refusal")

    label = StringField(_("What is to be entered"))
    kind = SelectField(
        _("Kind of answer"), choices=[SelectChoice(str(kind), each) for kind, each in KINDS.items()]
    )
    required = BooleanField(_("It must be answered"))
    refuse = TextAreaField(
        _("Versions that must not be used"), description=_("One on each line. Entering one is refused.")
    )
    refusal = StringField(_("Why they are refused"), description=_("A sentence for the developer."))
    name = StringField(_("Name"), description=_NAME)


class TraitForm(TextsForm):
    """What a trait is called on screen."""

    worded = ("label",)

    label = StringField(_("Trait"), description=_("A fact about the work or the server, like “as root”."))
    name = StringField(_("Name"), description=_NAME)


def choices_for(
    form: TemplateForm, known: Mapping[str, Mapping[str, str]], values: Mapping[str, Any]
) -> None:
    """Fill in what can be chosen.

    Args:
        form: The form.
        known: By field, what each choice is called.
        values: What is chosen now: it can be, even if it is not known any more.
    """
    for name, labels in known.items():
        listed = {**labels, **{each: each for each in values[name] if each not in labels}}
        form[name].choices = [SelectChoice(value, label) for value, label in listed.items()]
