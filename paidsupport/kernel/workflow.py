"""The words a workflow is declared in: states, moves, what a transition needs and what it brings about.

A workflow is a frozen value. The names of its transitions become buttons, URLs, commands and event kinds;
each need has a sentence for when it holds and one for when it does not, the same in page, JSON and test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from paidsupport.kernel.actors import Role


class Part(StrEnum):
    """The third of the queue that a state belongs to (G3)."""

    UNASSIGNED = "unassigned"
    PENDING = "pending"
    CLOSED = "closed"


class Holder(StrEnum):
    """What a transition does to who holds the ticket."""

    KEEPS = "keeps"
    TAKES = "takes"
    DROPS = "drops"
    PASSES = "passes"


class Rest(StrEnum):
    """What the owner waits for in a state that rests until the customer writes."""

    #: Whether a page of the documentation helped.
    ASKED = "asked"
    #: A bug that is worked on elsewhere.
    FOLLOWED = "followed"
    #: The answer to an offer.
    OFFERED = "offered"
    #: What was accepted is being built.
    DELIVERING = "delivering"


@dataclass(frozen=True, slots=True)
class State:
    """One status with the meaning that is shown where it is chosen (G4).

    Whatever depends on a state reads one of these properties, never its name.
    """

    name: str
    label: str
    meaning: str
    part: Part
    #: Whether a claim lasts longer here, because work takes time or another person has to act.
    patient: bool = False
    #: Whether a claim never lapses here: what is promised takes as long as it takes.
    lasting: bool = False
    #: Whether what was agreed is being worked on.
    working: bool = False
    #: Whether it ended with what the customer asked for.
    fulfilled: bool = False
    #: What it rests for until the customer writes, if it does.
    rests: Rest | None = None
    #: The effects of every transition that leads here, by name.
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """A fact that must hold for a transition.

    What is said when it does not (`unmet`), and when it does (`met`).

    `field` names the form field that can provide it, if any.
    """

    name: str
    unmet: str
    met: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A need with whether it holds; `sentence` says so."""

    guard: Guard
    holds: bool

    @property
    def sentence(self) -> str:
        """What is true of it."""
        return self.guard.met if self.holds else self.guard.unmet


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of a transition's list of reasons."""

    name: str
    label: str
    #: The same in a sentence for the customer, if it says them anything.
    told: str = ""
    #: Whether the customer is not written to about this end.
    silent: bool = False
    #: Whether the desk itself ends tickets for it, so that it is always offered.
    fixed: bool = False
    #: Whether it can be chosen; one that cannot is there for what was ended for it.
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Transition:
    """A step from some states to one state; `target` None means the state stays as it is.

    `into`: the workflow that the ticket goes on in, if it is another one; the target is a state of that.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str | None
    who: frozenset[Role]
    guards: tuple[Guard, ...] = ()
    holder: Holder = Holder.KEEPS
    reasons: tuple[Reason, ...] = ()
    note_label: str = ""
    into: str = ""
    #: What a history says: “{who} claimed it”; without, who and the label.
    done: str = ""
    #: What its button's page says afterwards: “Ticket claimed. Write to the customer next.”
    said: str = ""
    #: What it brings about besides, by name; in which order, the engine's table of effects says.
    effects: tuple[str, ...] = ()
    #: The next steps of a ticket's owner that it is offered with.
    steps: tuple[str, ...] = ()
    #: The key that presses its button, if there is one.
    key: str = ""
    #: The page that its button leads to where it has one of its own, and what this button says.
    page: str = ""
    button: str = ""
    #: What leads to the usual page besides, if anything does.
    otherwise: str = ""
    #: Whether it ends what is spam, with the reason of that name if it has reasons.
    spam: bool = False

    @property
    def offered(self) -> tuple[Reason, ...]:
        """The reasons that can be chosen."""
        return tuple(reason for reason in self.reasons if reason.offered)

    def missing(self, facts: Mapping[str, bool | None]) -> tuple[Guard, ...]:
        """The needs that do not hold, given `facts`: a missing fact does not hold, None does not apply."""
        return tuple(guard for guard in self.guards if facts.get(guard.name, False) is False)

    def blocked(self, facts: Mapping[str, bool | None]) -> tuple[Guard, ...]:
        """The missing needs that no form field can provide: shown before a person clicks."""
        return tuple(guard for guard in self.missing(facts) if not guard.field)

    def conditions(self, facts: Mapping[str, bool | None]) -> tuple[Condition, ...]:
        """What a page says of the needs: not of those that do not apply, or that its form still asks for."""
        holds = {guard: facts.get(guard.name, False) for guard in self.guards}
        return tuple(
            Condition(guard, bool(met))
            for guard, met in holds.items()
            if met or (met is False and not guard.field)
        )

    def takes(self, field: str) -> bool:
        """Whether the form of this transition has `field`.

        One of reason, note, colleague, destroy, release.
        """
        return {
            "reason": bool(self.reasons),
            "note": bool(self.note_label),
            "colleague": self.holder is Holder.PASSES,
            "destroy": any(guard.field == "destroy" for guard in self.guards),
            "release": any(guard.field == "release" for guard in self.guards),
        }[field]


T = TypeVar("T", State, Transition)


@dataclass(frozen=True, slots=True)
class Workflow:
    """The declared rules of one kind of ticket."""

    name: str
    label: str
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    #: What a customer calls such a ticket, in pages and emails.
    word: str = "order"
    #: Whether such tickets are sorted before a developer works on them.
    sorted_first: bool = False

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The keys of its transitions, with what they do."""
        return [(transition.key, transition.label) for transition in self.transitions if transition.key]

    @property
    def is_order(self) -> bool:
        """Whether such tickets are work that was ordered, with a price and a checklist."""
        return self.word == "order"

    def state(self, name: str) -> State:
        """The state called `name`. Raises KeyError for an unknown one."""
        return _named(self.states, name)

    def names(self, part: Part) -> tuple[str, ...]:
        """The names of the states of one part."""
        return tuple(state.name for state in self.states if state.part is part)

    def transition(self, name: str) -> Transition:
        """The transition called `name`. Raises KeyError for an unknown one."""
        return _named(self.transitions, name)

    def reason(self, state: str, name: str) -> Reason | None:
        """The reason called `name` for which something has come to `state`, if there is one."""
        ways = (each.reasons for each in self.transitions if each.target == state)
        return next((reason for reasons in ways for reason in reasons if reason.name == name), None)

    def name_of(self, holder: Holder, role: Role) -> str:
        """The first transition that does so to who holds a ticket and that `role` may make; or nothing."""
        fitting = (each.name for each in self.transitions if each.holder is holder and role in each.who)
        return next(fitting, "")

    def transitions_for(self, state: str, roles: Collection[Role]) -> tuple[Transition, ...]:
        """The transitions that lead out of `state` and that a person with `roles` may try."""
        return tuple(
            transition
            for transition in self.transitions
            if state in transition.sources and transition.who & set(roles)
        )

    def faults(self) -> list[str]:
        """What is wrong with the declaration itself: unknown or unreachable states, doubled names."""
        known = {state.name for state in self.states}
        doubled = [name for name, count in Counter(m.name for m in self.transitions).items() if count > 1]
        doubled += [name for name, count in Counter(s.name for s in self.states).items() if count > 1]
        mentioned = {self.initial}
        for transition in self.transitions:
            mentioned.update(
                transition.sources, [transition.target] if transition.target and not transition.into else []
            )
        return [
            *(f"{name} is declared twice" for name in doubled),
            *(f"unknown state {name}" for name in sorted(mentioned - known)),
            *(f"no transition leads to {name}" for name in sorted(known - self._reachable())),
            *(
                f"no role may make the transition {transition.name}"
                for transition in self.transitions
                if not transition.who
            ),
            *(
                f"{transition.name} leads into a workflow, but to no state"
                for transition in self.transitions
                if transition.into and not transition.target
            ),
        ]

    def _inside(self) -> list[Transition]:
        return [transition for transition in self.transitions if not transition.into]

    def _reachable(self) -> set[str]:
        reached: set[str] = set()
        fresh = {self.initial}
        while fresh:
            reached |= fresh
            fresh = {m.target for m in self._inside() if m.target and reached & set(m.sources)} - reached
        return reached


def state_named(workflows: Mapping[str, Workflow], name: str, now: str) -> State | None:
    """The state `name` of the workflow `now`, else of another one: a ticket may have been there before."""
    of_now = [workflows[now]] if now in workflows else []
    for flow in (*of_now, *workflows.values()):
        for state in flow.states:
            if state.name == name:
                return state
    return None


def _named(values: tuple[T, ...], name: str) -> T:
    for value in values:
        if value.name == name:
            return value
    raise KeyError(name)
