"""Which guards and effects there are: the tables of all capabilities, put together for the engines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.configuration.events import KINDS as CHANGES
from paidsupport.kernel.engine import Engine
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.events import Events
from paidsupport.kernel.transitions import Effect, Fact
from paidsupport.kernel.workflow import Workflow
from paidsupport.tickets.events import transitions
from paidsupport.tickets.operations.transitions import TicketEngine

Engines = Mapping[str, Engine[Any, Any, Any]]


def engines(
    capabilities: Capabilities, own: Mapping[str, Fact] | None = None, more: Iterable[Effect] = ()
) -> Engines:
    """What makes the transitions of tickets and of other records.

    Args:
        capabilities: those that are mounted, whose tables are put together.
        own: guards of the site's own for tickets; one takes the place of ours of that name.
        more: effects of the site's own for tickets; they run after ours unless they say otherwise.

    Raises:
        ConfigurationError: effects have the same name, or run ahead of one that is not there.
    """
    guards = {**capabilities.merged("guards"), **(own or {})}
    others = {workflow.name: engine for workflow, engine in capabilities.all("engines")}
    return {"ticket": TicketEngine(guards, (*capabilities.all("effects"), *more)), **others}


def checked(capabilities: Capabilities, own: Iterable[Workflow], engines: Engines) -> Mapping[str, Workflow]:
    """The workflows of tickets, those of the site's `own` among them. Raises ConfigurationError."""
    shipped = {workflow.name: workflow for workflow in capabilities.all("workflows")}
    known = {name: _within(workflow, shipped) for name, workflow in shipped.items()}
    for workflow in own:
        if faults := workflow.faults():
            raise ConfigurationError(f"Workflow {workflow.name}: {'; '.join(faults)}.")
        known[workflow.name] = workflow
    steps = {kind for proposal in capabilities.proposals("ticket") for kind in proposal.kinds}
    for workflow in known.values():
        engines["ticket"].check(workflow)
        for transition in workflow.transitions:
            if strange := [step for step in transition.steps if step not in steps]:
                raise ConfigurationError(
                    f"Workflow {workflow.name}: {transition.name} is offered with the next step"
                    f" “{strange[0]}”, which no capability proposes."
                )
            into = known.get(transition.into)
            if transition.into and (
                into is None or transition.target not in {state.name for state in into.states}
            ):
                raise ConfigurationError(
                    f"Workflow {workflow.name}: {transition.name} leads to “{transition.target}” of"
                    f" “{transition.into}”, which does not exist."
                )
    for workflow, engine in capabilities.all("engines"):
        engine.check(workflow)
    return known


def _within(workflow: Workflow, mounted: Collection[str]) -> Workflow:
    """A shipped workflow without the transitions that lead into one whose capability is left out."""
    stay = tuple(each for each in workflow.transitions if not each.into or each.into in mounted)
    return replace(workflow, transitions=stay)


def events(capabilities: Capabilities, workflows: Mapping[str, Workflow]) -> Events:
    """The kinds of events of all capabilities, and the transitions of tickets under these workflows.

    Raises ConfigurationError when two of them have the same name.
    """
    kinds = (*CHANGES, *capabilities.all("events"), *transitions(workflows.values()))
    known = {**workflows, **{workflow.name: workflow for workflow, _ in capabilities.all("engines")}}
    return Events(kinds, known, capabilities.merged("words"))
