"""What drafts and versions differ in, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from paidsupport.catalogue.rules.differences import Difference, Path
from paidsupport.kernel.db.wording import TAG
from paidsupport.kernel.faults import Fault, at
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message, Sayable, _
from paidsupport.kernel.i18n.names import name_of

#: What fields are called, by their names in drafts and versions.
LABELS: Mapping[str, Message] = {
    "name": _("Name"),
    "summary": _("Summary"),
    "description": _("Description"),
    "price": _("Price"),
    "workflow": _("Workflow"),
    "asks_host": _("Ask which site to work on, and how to reach it"),
    "settings_help": _("Help with settings"),
    "purposes": _("Purposes"),
    "traits": _("Traits"),
    "deadlines": _("Deadlines"),
    "workflow_deadlines": _("Deadlines of the workflow"),
    "first-contact": _("First contact"),
    "answer": _("Answer"),
    "resolution": _("Resolution"),
    "warn": _("Warning"),
    "claim_hours": _("Hours until a claim lapses"),
    "work_hours": _("Hours until a claim lapses during work"),
    "requirements": _("Requirements"),
    "questions": _("Questions"),
    "question": _("Questions"),
    "checklist": _("Checklist"),
    "label": _("Label"),
    "kind": _("Kind"),
    "required": _("Required"),
    "help": _("Help"),
    "choices": _("Choices"),
    "moment": _("Asked"),
    "shown_by": _("Shown by"),
    "shown_value": _("Shown if the answer is"),
    "trait": _("Trait"),
    "trait_value": _("Answer that gives the trait"),
    "text": _("Text"),
    "reason": _("Reason"),
    "told": _("Sentence in the report"),
    "phase": _("Phase"),
    "services": _("Services"),
    "unless": _("Not with these traits"),
    "gates": _("Holds up"),
    "evidence": _("Evidence"),
    "consent": _("Needs approval"),
    "skippable": _("Can be skipped"),
    "guide": _("Guide"),
    "refuse": _("Refused"),
    "refusal": _("Sentence when refused"),
}
#: What holds the texts in other languages, by tag.
_LANGUAGES = "translations"
#: What holds parts by names that are no names of fields.
_NAMED = frozenset({"questions", "question", "checklist", "evidence"})


@dataclass(frozen=True, slots=True)
class Told:
    """One difference in words: what is there before and after; None if nothing is.

    Attributes:
        where: The way to it, each step with whether it is a name that people gave.
    """

    where: Sequence[tuple[str, bool]]
    before: str | None
    after: str | None


def told(found: Iterable[Difference]) -> list[Told]:
    """Differences in the language that is spoken now."""
    return [Told(_where(path), _said(before), _said(after)) for path, before, after in found]


def in_words(fault: Fault) -> Message:
    """A fault at what people call its thing and its field."""
    said = at(LABELS[fault.key], fault.sentence) if fault.key in LABELS else fault.sentence
    return at(fault.where, said) if fault.where else said


def _where(path: Path) -> list[tuple[str, bool]]:
    said = []
    for before, name in zip(("", *path), path, strict=False):
        if before == _LANGUAGES:
            said.append((name_of(name) if TAG.fullmatch(name) else name, True))
        elif name != _LANGUAGES:
            said.append((name, True) if before in _NAMED else (_label(name), False))
    return said


def _label(name: str) -> str:
    return str(translate(LABELS.get(name, name)))


def _said(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(translate(_("Yes") if value else _("No")))
    if isinstance(value, Mapping):
        lines = [(_label(str(name)), _said(each)) for name, each in value.items() if each or each is False]
        return "\n".join(f"{name}: {said}" for name, said in lines)
    if isinstance(value, list | tuple):
        return "\n".join(_said(each) or "" for each in value)
    return str(translate(value)) if isinstance(value, Sayable) else str(value)
