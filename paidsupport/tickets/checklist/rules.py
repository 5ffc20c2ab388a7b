"""The checklist for work on a customer's host: which items apply, what ticks them, what they hold back.

Source of the rules: Gallery's Paid Support Guidelines, “What to do when you are logged in” (rows G12-G14).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import BadTextError
from paidsupport.tickets.catalogue.rules import Answer, Kind, Question, as_row


class Phase(StrEnum):
    """When an item is done."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


#: How the names of lines begin that no template has: they say what the customer wanted on top.
EXTRA = "extra-"
#: What of a template says when it applies; the items of tickets are copies of all else.
WHEN = ("services", "traits", "unless")
#: The gate that is the end of the work, not a part of it.
_END = "close"


class ItemState(StrEnum):
    """What has become of an item; `refused`: the customer declined what it needs."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"


class EvidenceKind(StrEnum):
    """What sort of evidence an item asks for."""

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
    """One thing to be shown before an item counts as done.

    `refuse` lists versions that must not be used; naming one is answered with `refusal` (G13).
    """

    name: str
    label: str
    kind: EvidenceKind = EvidenceKind.TEXT
    required: bool = True
    refuse: tuple[str, ...] = ()
    refusal: str = ""

    def check(self, typed: Sequence[str], files: int) -> Answer:
        """The evidence as it is kept; for files their number. Raises BadTextError with a sentence."""
        if self.kind is EvidenceKind.FILE:
            if self.required and not files:
                raise BadTextError(_("Choose the file that shows it."))
            return f"{files} file{'s' if files != 1 else ''}" if files else ""
        kind = _QUESTION_KINDS[self.kind]
        value = Question(self.name, self.label, kind=kind).check(typed)
        if self.required and not value:
            raise BadTextError(_("Fill this in: the item is about it."))
        if any(re.search(rf"(?<![\d.]){re.escape(version)}(?!\d)", str(value)) for version in self.refuse):
            raise BadTextError(self.refusal or _("%(version)s must not be used.", version=value))
        return value

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Evidence:
        """The evidence that a row keeps."""
        return cls(**{**row, "kind": EvidenceKind(row["kind"]), "refuse": tuple(row["refuse"])})


@dataclass(frozen=True, slots=True)
class Template:
    """An item as the catalogue declares it.

    It applies to the `services` named (none: to all) when the work has all `traits` and none of `unless`.
    `gates` names moves and other items that must wait for it; `told` is what the closing report says of it.
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
        """What a row keeps of it."""
        return as_row(self) | {"evidence": [as_row(each) for each in self.evidence]}

    def applies(self, service: str, traits: Collection[str]) -> bool:
        """Whether a ticket for `service` with these `traits` has this item."""
        if self.services and service not in self.services:
            return False
        return set(self.traits) <= set(traits) and not set(self.unless) & set(traits)


class ItemLine(Protocol):
    """What the rules need to know of an item of a ticket."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def state(self) -> str:
        """An ItemState."""

    @property
    def gates(self) -> Sequence[str]:
        """What waits for it."""

    @property
    def phase(self) -> str:
        """A Phase."""


L = TypeVar("L", bound=ItemLine)


def holding_back(name: str, lines: Iterable[L]) -> list[L]:
    """The open items that the transition or item called `name` has to wait for."""
    return [line for line in lines if line.state == ItemState.OPEN and _gates(line, name)]


def resting_on(line: ItemLine, lines: Iterable[L]) -> list[L]:
    """The items that were done because `line` was: it cannot be undone while they are."""
    return [other for other in lines if other.state == ItemState.DONE and _gates(line, other.name)]


def _gates(line: ItemLine, name: str) -> bool:
    """Whether the transition or item called `name` waits for `line`.

    No template knows the names of extras: they wait for whatever the main work waits for before it begins.
    """
    if name.startswith(EXTRA):
        return line.phase == Phase.BEFORE and any(gate != _END for gate in line.gates)
    return name in line.gates


def check_evidence(
    declared: Iterable[Evidence], typed: Mapping[str, Sequence[str]], files: int
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """What is kept of the evidence (name, label, kind, value), and the problems by name."""
    kept: list[dict[str, Any]] = []
    problems: dict[str, list[str]] = {}
    for evidence in declared:
        try:
            value = evidence.check(typed.get(evidence.name, ()), files)
        except BadTextError as error:
            problems[evidence.name] = [str(error)]
            continue
        if value:
            kept.append(
                {"name": evidence.name, "label": evidence.label, "kind": evidence.kind, "value": value}
            )
    return kept, problems


def declaration_faults(
    templates: Sequence[Template],
    *,
    transitions: Collection[str],
    services: Collection[str],
    traits: Collection[str],
) -> list[str]:
    """What is wrong with a list of templates itself, one sentence each."""
    names = [template.name for template in templates]
    faults = [f"checklist “{name}” is there twice" for name in {n for n in names if names.count(n) > 1}]
    for template in templates:
        where = f"checklist “{template.name}”"
        for what, given, known in (
            ("move or item", template.gates, {*transitions, *names} - {template.name}),
            ("service", template.services, set(services)),
            ("trait", (*template.traits, *template.unless), set(traits)),
        ):
            faults += [f"{where}: there is no {what} “{word}”" for word in given if word not in known]
        fields = [evidence.name for evidence in template.evidence]
        faults += [
            f"{where}: evidence “{name}” is there twice"
            for name in {n for n in fields if fields.count(n) > 1}
        ]
        if template.skippable and set(template.gates) & set(names):
            faults.append(f"{where}: other items wait for it, so it cannot be left out")
    return faults + _circles(templates)


def _circles(templates: Sequence[Template]) -> list[str]:
    """Items that wait for each other would never be done."""
    gates = {template.name: set(template.gates) for template in templates}
    faults = []
    for name in gates:
        reached, fresh = set[str](), {name}
        while fresh:
            fresh = {gated for one in fresh for gated in gates.get(one, ())} - reached
            reached |= fresh
        if name in reached:
            faults.append(f"checklist “{name}” waits for itself")
    return faults
