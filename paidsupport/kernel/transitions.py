"""What a transition is made of: a person's attempt, the guards before it and its effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from paidsupport.kernel.edit import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.workflow import Holder, Part, State, Transition

Columns = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled into the form of a transition."""

    reason: str = ""
    note: str = ""
    colleague: int | None = None


C = TypeVar("C", bound=Context)
#: A row with `code`, `state`, `version`, `owner_id` and a history; mapped columns fit no protocol here.
R = TypeVar("R", bound=Any)
F = TypeVar("F", bound=Filled)


@dataclass
class Attempt(Generic[C, R, F]):
    """A transition of a record that a person sees or makes: all that guards and effects get.

    Attributes:
        source, target: the states that it leads from and to.
        page: what a page has read of the record already; guards read the rest themselves.
        values: the columns that are written with it.
        unsent: the references of emails that it withdrew.
    """

    ctx: C
    record: R
    transition: Transition
    filled: F
    source: State
    target: State
    page: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    unsent: list[str] = field(default_factory=list)


#: Whether a fact holds; None if it does not apply to the record.
Fact = Callable[[Any], bool | None]


class Phase(StrEnum):
    """When an effect runs, in this order."""

    #: Before the event is appended.
    BEFORE = "before"
    #: After the event, before the record's row is written.
    WRITE = "write"
    #: After the row is written.
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a transition brings about; `run` returns columns to be written with the record, if any.

    Attributes:
        on: by which transitions it is set off, besides those that name it or lead to a state that does.
        ahead_of: the effect right before which it runs; without, it runs at the end of its phase.
    """

    name: str
    run: Callable[[Any], Columns | None]
    phase: Phase = Phase.WRITE
    on: Callable[[Any], bool] | None = None
    ahead_of: str = ""

    def is_due(self, at: Attempt[Any, Any, Any]) -> bool:
        """Whether this transition sets it off."""
        named = self.name in at.transition.effects or (
            at.transition.target is not None and self.name in at.target.effects
        )
        return named or (self.on is not None and self.on(at))


def in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The effects as they run, one after another. Raises ConfigurationError for one twice or out of place."""
    found: list[Effect] = []
    for effect in effects:
        names = [other.name for other in found]
        if effect.name in names:
            raise ConfigurationError(f"Two effects have the name “{effect.name}”.")
        if effect.ahead_of and effect.ahead_of not in names:
            raise ConfigurationError(
                f"The effect “{effect.name}” is to run before “{effect.ahead_of}”, which does not exist."
            )
        found.insert(names.index(effect.ahead_of) if effect.ahead_of else len(found), effect)
    phases = list(Phase)
    return tuple(sorted(found, key=lambda effect: phases.index(effect.phase)))


def ends(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the transition leads to an end."""
    return at.target.part is Part.CLOSED


def frees(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the record has no owner after the transition."""
    return at.target.part is Part.UNASSIGNED


def reopens(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the transition leads out of an end."""
    return at.source.part is Part.CLOSED and at.target.part is not Part.CLOSED


def ends_claim(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the owner of the record loses it by the transition."""
    leaves = at.transition.holder in {Holder.DROPS, Holder.PASSES} or at.target.part is Part.CLOSED
    return leaves and at.record.owner_id is not None


def begins_work(at: Attempt[Any, Any, Any]) -> bool:
    """Whether work begins with the transition."""
    return at.target.working and not at.source.working
