"""The engine's order of effects, and what is said at the start of what is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from paidsupport import PaidSupport
from paidsupport.capabilities import ALL
from paidsupport.engines import checked, engines
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.transitions import Effect, Phase, in_order
from paidsupport.kernel.workflow import Guard, State, Transition, Workflow
from paidsupport.tickets.paid import PAID
from paidsupport.workflows import SHIPPED


def effect(name: str, phase: Phase = Phase.WRITE, ahead_of: str = "") -> Effect:
    """Something that does nothing."""
    return Effect(name, lambda _: None, phase, ahead_of=ahead_of)


def names(*effects: Effect) -> list[str]:
    """The order in which they run."""
    return [each.name for each in in_order(effects)]


def own(transition: dict[str, Any] | None = None, state: dict[str, Any] | None = None) -> Workflow:
    """The paid workflow with its last move or state changed."""
    transitions: tuple[Transition, ...] = (
        *PAID.transitions[:-1],
        replace(PAID.transitions[-1], **(transition or {})),
    )
    states: tuple[State, ...] = (*PAID.states[:-1], replace(PAID.states[-1], **(state or {})))
    return replace(PAID, name="own", transitions=transitions, states=states)


def test_effects_run_by_phase_and_then_in_the_order_of_their_table() -> None:
    """One that wants to run ahead of another one does, and nothing else moves."""
    after, before = effect("after", Phase.AFTER), effect("before", Phase.BEFORE)
    first, second = effect("first"), effect("second")
    late = effect("late", ahead_of="second")
    assert names(after, first, before, second, late) == ["before", "first", "late", "second", "after"]


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ((effect("one"), effect("one")), "Two effects have the name “one”"),
        ((effect("one", ahead_of="none"),), "“one” is to run before “none”, which does not exist"),
    ],
)
def test_effects_that_do_not_fit_together_are_named(effects: tuple[Effect, ...], said: str) -> None:
    """At the start of the application, not with the first transition."""
    with pytest.raises(ConfigurationError, match=said):
        in_order(effects)


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        (
            own({"guards": (Guard("moonlight", "It is day.", "It is night."),)}),
            "there is no guard “moonlight”",
        ),
        (own({"effects": ("fireworks",)}), "no effect “fireworks”"),
        (own(state={"effects": ("fireworks",)}), "no effect “fireworks”"),
    ],
)
def test_an_unknown_guard_or_effect_is_named_at_the_start(flow: Workflow, said: str) -> None:
    """A site learns of it when it makes its desk; with the guard or effect given, all is well."""
    with pytest.raises(ConfigurationError, match=f"Workflow own: .*{said}"):
        PaidSupport(workflows=[flow])
    PaidSupport(
        workflows=[flow], guards={"moonlight": lambda _: True}, effects=[effect("fireworks", Phase.AFTER)]
    )


def test_every_transition_has_its_guards_effects_and_steps() -> None:
    """All workflows that are shipped."""
    known = engines(Capabilities(ALL))
    for flow in SHIPPED.values():
        known["ticket"].check(flow)
    known["issue"].check(ISSUE)
    strange = replace(PAID.transitions[0], steps=("dream",))
    with pytest.raises(ConfigurationError, match="“dream”, which no capability proposes"):
        checked(Capabilities(ALL), [replace(PAID, transitions=(strange, *PAID.transitions[1:]))], known)


@pytest.mark.row("G4")
def test_every_guard_says_something_else_when_it_holds() -> None:
    """Both are whole sentences."""
    guards = [
        guard
        for flow in (*SHIPPED.values(), ISSUE)
        for transition in flow.transitions
        for guard in transition.guards
    ]
    assert all(
        guard.met != guard.unmet and guard.met.endswith(".") and guard.unmet.endswith(".") for guard in guards
    )
