"""The templates of checklist items: when each applies, the evidence it needs, and what waits for it.

Source of the rules: Gallery's Paid Support Guidelines, “What to do when you are logged in” (rows G12-G14).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from paidsupport.catalogue.rules.circles import circle
from paidsupport.catalogue.rules.questions import Answer, Kind, Question, as_row
from paidsupport.kernel import faults
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.text import BadTextError


class Phase(StrEnum):
    """When an item is due."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


NEEDED = _("Other items wait for this one, so it cannot be skipped.")
#: The keys of a template that decide when it applies; everything else is copied into a ticket's items.
WHEN = ("services", "traits", "unless")


class EvidenceKind(StrEnum):
    """What kind of evidence an item needs."""

    TEXT = "text"
    LONG_TEXT = "long text"
    NUMBER = "number"
    LINK = "link"
    DATE = "date"
    FILE = "file"


_QUESTION_KINDS = {
    EvidenceKind.TEXT: Kind.TEXT,
    EvidenceKind.LONG_TEXT: Kind.LONG_TEXT,
    EvidenceKind.NUMBER: Kind.NUMBER,
    EvidenceKind.LINK: Kind.URL,
    EvidenceKind.DATE: Kind.DATE,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence that an item needs before it counts as done.

    `refuse` lists versions that must not be used; entering one is answered with the text `refusal` (G13).
    """

    name: str
    label: str
    kind: EvidenceKind = EvidenceKind.TEXT
    required: bool = True
    refuse: tuple[str, ...] = ()
    refusal: str = ""

    def check(self, typed: Sequence[str], files: int) -> Answer:
        """The evidence as it is stored; of files, their number. Raises BadTextError with a sentence."""
        if self.kind is EvidenceKind.FILE:
            if self.required and not files:
                raise BadTextError(_("Choose the file that shows it."))
            return f"{files} file{'s' if files != 1 else ''}" if files else ""
        kind = _QUESTION_KINDS[self.kind]
        value = Question(self.name, self.label, kind=kind).check(typed)
        if self.required and not value:
            raise BadTextError(_("Enter what you found or did."))
        if any(re.search(rf"(?<![\d.]){re.escape(version)}(?!\d)", str(value)) for version in self.refuse):
            raise BadTextError(self.refusal or _("%(version)s must not be used.", version=value))
        return value

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Evidence:
        """The evidence that a row describes."""
        return cls(**{**row, "kind": EvidenceKind(row["kind"]), "refuse": tuple(row["refuse"])})


@dataclass(frozen=True, slots=True)
class Template:
    """An item as the catalogue declares it.

    It applies to the `services` named (all, if none is) when the work has every trait in `traits` and none in
    `unless`. `gates` names the transitions and items that wait for it; `told` is its sentence in the report.
    """

    name: str
    text: str
    reason: str
    told: str = ""
    phase: Phase = Phase.DURING
    services: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    consent: bool = False
    skippable: bool = False
    guide: str = ""
    #: Its texts in other languages, by tag.
    translations: Mapping[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """The columns of its row."""
        return as_row(self) | {"evidence": [as_row(each) for each in self.evidence]}

    def applies(self, service: str, traits: Collection[str]) -> bool:
        """Whether a ticket for `service` with these `traits` gets this item."""
        if self.services and service not in self.services:
            return False
        return set(self.traits) <= set(traits) and not set(self.unless) & set(traits)


def declaration_faults(
    templates: Sequence[Template],
    *,
    transitions: Collection[str],
    services: Collection[str],
    traits: Collection[str],
    called: Mapping[str, str] | None = None,
) -> list[Fault]:
    """Find faults in a list of templates, each at the name of one.

    Args:
        templates: The list.
        transitions: The names of all transitions there are.
        services: The slugs of all services.
        traits: The names of all traits.
        called: What readers call the templates, by their names; if it is not given, by these.
    """
    names = [template.name for template in templates]
    found = [Fault(name, faults.twice(name), "name") for name in _twice(names)]
    for template in templates:
        for key, known in (
            ("gates", {*transitions, *names} - {template.name}),
            ("services", set(services)),
            ("traits", set(traits)),
            ("unless", set(traits)),
        ):
            given: Sequence[str] = getattr(template, key)
            found += [
                Fault(template.name, faults.none_called(word), key) for word in given if word not in known
            ]
        fields = [evidence.name for evidence in template.evidence]
        found += [Fault(template.name, faults.twice(name), "evidence") for name in _twice(fields)]
        if template.skippable and set(template.gates) & set(names):
            found.append(Fault(template.name, NEEDED, "skippable"))
    return found + _circles(templates, called or {name: name for name in names})


def wait_for_each_other(way: Iterable[str]) -> Message:
    """Why items could never be done, with the way from one back to itself."""
    return _("These items would wait for each other: %(path)s.", path=" → ".join(way))


def circle_of(name: str, templates: Iterable[Template]) -> list[str]:
    """The names from an item back to itself, each waiting for the one before it; empty if there is none."""
    return circle(name, {each.name: each.gates for each in templates})


def _circles(templates: Sequence[Template], called: Mapping[str, str]) -> list[Fault]:
    """Find items that wait for each other and so could never be done."""
    ways = [circle_of(each.name, templates) for each in templates]
    return [Fault(way[0], wait_for_each_other(called[each] for each in way), "gates") for way in ways if way]


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
