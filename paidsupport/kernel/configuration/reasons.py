"""The reasons of workflows: those that are declared, with what managers made of them, and their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from paidsupport.kernel.db.wording import Texts, said_of
from paidsupport.kernel.workflow import Reason, Transition, Workflow

#: The texts of a reason.
TEXTS = Texts(("label", "told"))


def reasons_of(transition: Transition, rows: Sequence[Any]) -> tuple[Reason, ...]:
    """The reasons of a transition, in their order.

    Args:
        transition: As it is declared.
        rows: Rows of `ReasonRow` of this transition, in order. Declared reasons without one come last.
    """
    declared = {reason.name: reason for reason in transition.reasons}
    found = [_reason(declared.get(row.name) or Reason(row.name, row.label), row) for row in rows]
    named = {row.name for row in rows}
    return (*found, *(reason for name, reason in declared.items() if name not in named))


def overlaid(workflows: Mapping[str, Workflow], rows: Iterable[Any]) -> Mapping[str, Workflow]:
    """The workflows with what managers made of their reasons; the same ones if that is nothing."""
    ways: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        ways.setdefault((row.workflow, row.transition), []).append(row)
    if not ways:
        return workflows
    return {name: _with(workflow, ways) for name, workflow in workflows.items()}


def _with(workflow: Workflow, ways: Mapping[tuple[str, str], Sequence[Any]]) -> Workflow:
    return replace(
        workflow,
        transitions=tuple(
            replace(each, reasons=reasons_of(each, ways[workflow.name, each.name]))
            if each.reasons and (workflow.name, each.name) in ways
            else each
            for each in workflow.transitions
        ),
    )


def _reason(declared: Reason, row: Any) -> Reason:  # noqa: ANN401  # a row, of a session or not
    texts = said_of(row, TEXTS.names, row.translations)
    return replace(
        declared,
        label=texts["label"] or declared.label,
        told=texts["told"] or declared.told,
        offered=row.offered or declared.fixed,
    )
