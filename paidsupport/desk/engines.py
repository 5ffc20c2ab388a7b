"""Which guards and effects there are: the tables of all capabilities, put together for the engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paidsupport.desk import effects, guards
from paidsupport.desk.issues import effects as issue_effects
from paidsupport.desk.issues import guards as issue_guards
from paidsupport.desk.issues import leaving
from paidsupport.desk.issues.moves import IssueEngine
from paidsupport.desk.moves import TicketEngine
from paidsupport.desk.sales import building
from paidsupport.domain.workflow import Workflow
from paidsupport.domain.workflows import SHIPPED
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import ConfigurationError
from paidsupport.kernel.engine import Engine
from paidsupport.kernel.transitions import Effect, Guard

Engines = Mapping[str, Engine[Any, Any, Any]]


def engines(own: Mapping[str, Guard] | None = None, more: Iterable[Effect] = ()) -> Engines:
    """What makes the transitions of tickets and of issues.

    Args:
        own: guards of the site's own for tickets; one takes the place of ours of that name.
        more: effects of the site's own for tickets; they run after ours unless they say otherwise.

    Raises:
        ConfigurationError: effects have the same name, or run ahead of one that is not there.
    """
    facts = {**guards.GUARDS, **leaving.GUARDS, **building.GUARDS, **(own or {})}
    return {
        "ticket": TicketEngine(facts, (*effects.EFFECTS, *leaving.EFFECTS, *building.EFFECTS, *more)),
        "issue": IssueEngine(issue_guards.GUARDS, issue_effects.EFFECTS),
    }


def checked(own: Iterable[Workflow], engines: Engines) -> Mapping[str, Workflow]:
    """The workflows of tickets, those of the site's `own` among them. Raises ConfigurationError."""
    known = dict(SHIPPED)
    for workflow in own:
        if faults := workflow.faults():
            raise ConfigurationError(f"Workflow {workflow.name}: {'; '.join(faults)}.")
        known[workflow.name] = workflow
    for workflow in known.values():
        engines["ticket"].check(workflow)
        for move in workflow.moves:
            into = known.get(move.into)
            if move.into and (into is None or move.target not in {state.name for state in into.states}):
                raise ConfigurationError(
                    f"Workflow {workflow.name}: {move.name} leads to “{move.target}” of “{move.into}”,"
                    " which is not there."
                )
    engines["issue"].check(ISSUE)
    return known
