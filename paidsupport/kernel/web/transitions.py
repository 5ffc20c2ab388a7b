"""What the forms of all transitions have in common, whatever record they move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import RadioField

from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.web.forms import VersionedForm, choices_of
from paidsupport.kernel.workflow import Transition


class TransitionForm(VersionedForm):
    """What a transition asks for; `take` leaves what it asks for, of the fields of a kind of record."""

    reason = RadioField("Reason", validate_choice=False)

    def take(self, transition: Transition, people: Iterable[tuple[int, str]], nobody: str) -> None:
        """Ask for exactly what `transition` takes; `people` are those it can be passed to, or `nobody`."""
        self["reason"].choices = choices_of(transition.offered)
        self["colleague"].choices = [("", nobody), *((str(id_), name) for id_, name in people)]
        self["note"].label.text = transition.note_label
        for field in [each for each in self if getattr(each.widget, "input_type", "") != "hidden"]:
            if not transition.takes(field.name):
                del self[field.name]

    def typed(self, name: str) -> str:
        """What was filled into a field; nothing if it is not there."""
        return (self[name].data or "") if name in self else ""

    def shared(self) -> dict[str, Any]:
        """What was filled into the fields of every kind; a colleague who is not in the list is nobody."""
        colleague = self.typed("colleague")
        known = colleague and colleague in {value for value, _ in self["colleague"].choices}
        return {
            "reason": self.typed("reason"),
            "note": self.typed("note"),
            "colleague": int(colleague) if known else None,
        }

    def explain(self, transition: Transition) -> None:
        """Put each sentence of a refusal at the field that can answer it, else on top."""
        if isinstance(self.conflict, TransitionRefusedError):
            field_of = {guard.unmet: guard.field for guard in transition.guards}
            for sentence in self.conflict.sentences:
                self.blame({field_of.get(sentence, ""): [sentence]})


def explained(transition: Transition, facts: Mapping[str, bool | None]) -> dict[str, Any]:
    """What the page of a form says of its transition: what it needs, and what of that a field can answer."""
    return {
        "transition": transition,
        "conditions": transition.conditions(facts),
        "asked": {guard.field: guard.unmet for guard in transition.missing(facts) if guard.field},
    }
