"""The form of a question of a service."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from paidsupport.catalogue.questions.operations import KINDS, MOMENTS, answers_of, condition
from paidsupport.catalogue.tables import Service, ServiceQuestion
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.worded import TextsForm

#: What the answers to a question of yes or no are called.
YES_NO = {"yes": _("Yes"), "no": _("No")}


class QuestionForm(TextsForm):
    """All of a question; `choices_for` says what can be chosen."""

    worded = ("label", "help", "choices")

    label = StringField(_("Question"))
    help = StringField(_("Help"), description=_("A sentence below the question."))
    kind = SelectField(
        _("Kind of answer"), choices=[SelectChoice(str(kind), label) for kind, label in KINDS.items()]
    )
    choices = TextAreaField(
        _("Answers to choose from"), description=_("One on each line; for the two kinds with a list.")
    )
    required = BooleanField(_("It must be answered"))
    moment = RadioField(
        _("When it is asked"), choices=[SelectChoice(str(moment), label) for moment, label in MOMENTS.items()]
    )
    condition = SelectField(
        _("Ask it only if"),
        description=_("Another question of the order form has this answer."),
    )
    trait = SelectField(
        _("Trait"),
        description=_("What applies to the work after a certain answer: it decides the checklist."),
    )
    trait_value = StringField(
        _("Answer that the trait follows from"),
        description=_("Exactly as it stands above. If the kind is yes or no, “yes” or “no”."),
    )
    name = StringField(
        _("Name"),
        description=_(
            "For files and programs: small letters, digits and _. If empty, made from the question."
        ),
    )


def choices_for(
    form: QuestionForm, service: Service, row: ServiceQuestion | None, traits: Sequence[tuple[str, str]]
) -> None:
    """Fill in what can be chosen: answers of the other questions, and traits."""
    conditions = [SelectChoice("", _("It is always asked"))]
    own = condition(row.shown_by, row.shown_value) if row else ""
    for other in (each for each in service.questions if each is not row):
        conditions += [
            SelectChoice(condition(other.name, answer), YES_NO.get(answer, answer), optgroup=other.label)
            for answer in answers_of(other)
        ]
    if own not in {each.value for each in conditions}:
        conditions.append(SelectChoice(own, own))
    form.condition.choices = conditions
    known = {"": _("None"), **dict(traits)}
    if row:
        known.setdefault(row.trait, row.trait)
    form.trait.choices = [SelectChoice(name, label) for name, label in known.items()]
