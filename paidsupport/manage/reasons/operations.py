"""Adding, renaming, moving and retiring reasons (P10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.catalogue.rules.names import proposed
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import queries, rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.configuration.reasons import TEXTS, reasons_of
from paidsupport.kernel.configuration.tables import ReasonRow
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible
from paidsupport.kernel.workflow import Reason, Transition, Workflow

FIXED = _("The desk itself uses this reason, so it has to stay.")
LAST_ONE = _("One reason has to stay. Add another one first.")
#: What stands in the form of a new one.
NEW: Mapping[str, str] = {"label": "", "told": ""}
#: The longest key of what a line of the history is about.
_ABOUT = 120


@dataclass(frozen=True, slots=True)
class Way:
    """A transition that asks for a reason, with all that it has.

    `tells`: whether customers are told the reason; those of an issue are told in other words.
    """

    workflow: Workflow
    transition: Transition
    reasons: Sequence[Reason]
    tells: bool

    @property
    def offered(self) -> list[Reason]:
        """Those that can be chosen."""
        return [each for each in self.reasons if each.offered]

    @property
    def retired(self) -> list[Reason]:
        """Those that cannot be chosen any more."""
        return [each for each in self.reasons if not each.offered]


def ways(ctx: Context) -> list[Way]:
    """Every transition of tickets and issues that asks for a reason, by workflow."""
    all_ = queries.reason_rows(ctx.session)
    return [
        Way(
            workflow,
            each,
            reasons_of(each, _of(all_, workflow.name, each.name)),
            tells=name in ctx.services.workflows,
        )
        for name, workflow in sorted(ctx.services.present.declared.items())
        for each in workflow.transitions
        if each.reasons
    ]


def way(ctx: Context, workflow: str, transition: str) -> Way:
    """One of them. Raises NotFoundError."""
    found = (
        each for each in ways(ctx) if (each.workflow.name, each.transition.name) == (workflow, transition)
    )
    return existing(next(found, None))


def declared(at: Way, name: str) -> Reason | None:
    """The reason as the workflow declares it; None for one of the desk's own."""
    return next((each for each in at.transition.reasons if each.name == name), None)


def values_of(ctx: Context, at: Way, name: str) -> dict[str, Any]:
    """A reason as its form shows it: of a declared one, what was changed. Raises NotFoundError."""
    if name not in {each.name for each in at.reasons}:
        raise NotFoundError
    those = _of(queries.reason_rows(ctx.session), at.workflow.name, at.transition.name)
    row = next((each for each in those if each.name == name), None)
    return _values(row) if row else dict(NEW)


def keep(  # each is a part of the form
    ctx: Context,
    workflow: str,
    transition: str,
    name: str,
    typed: Mapping[str, Any],
    *,
    seen: Mapping[str, Any],
    key: str,
) -> bool:
    """Add a reason to a transition, or change what one is called and what customers are told.

    Args:
        ctx: Who edits it.
        workflow: The name of the workflow.
        transition: That of the transition.
        name: The reason; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such reason.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = rows.texts_typed(fields, TEXTS, typed)
    fields.done()
    content = ("reason", workflow, transition, name, sorted(filled.items()))
    with configuration.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return True
        at = way(ctx, workflow, transition)
        those = _rows(ctx, at)
        row = rows.called(those, name) if name else None
        before = _values(row) if row else None
        values = filled_in(before, seen, filled, NEW)
        if not is_visible(values["label"]) and not declared(at, name):
            fields.refuse("label", _("Enter the reason."))
        rows.refuse_lost_translations(fields, TEXTS, values)
        fields.done()
        if row is None:
            taken = {each.name for each in those}
            own = proposed(values["label"], taken, joint="-", otherwise="reason")
            row = ReasonRow(workflow=workflow, transition=transition, name=own, position=len(those))
            row.version, row.offered = 0, True
            ctx.session.add(row)
        row.label, row.told = values["label"], values["told"]
        row.translations = rows.translations(values, TEXTS)
        rows.tell_kept(change, _about(row), _label(at, row), before, _values(row))
        rows.take_over(ctx, row)
    return True


def offer(  # each is a part of the form
    ctx: Context, workflow: str, transition: str, name: str, *, offered: bool, key: str
) -> str:
    """Let a reason be chosen again, or not any more; what was ended for it keeps its words.

    Returns:
        What it is called.

    Raises:
        NotFoundError: There is no such reason.
        InvalidInputError: It has to stay.
        KeyReusedError: The form was sent for another one.
    """
    content = ("reason offered", workflow, transition, name, offered)
    with configuration.edit(ctx, key=key, content=content) as change:
        at = way(ctx, workflow, transition)
        those = _rows(ctx, at)
        row = rows.called(those, name)
        label = _label(at, row)
        if change.repeated:
            return label
        if row.offered == offered:
            change.nothing_new()
            return label
        if not offered:
            _refuse_to_retire(at, those, name)
        row.offered = offered
        configuration.tell(change, "reinstated" if offered else "retired", _about(row), label)
        rows.take_over(ctx, row)
    return label


def move(
    ctx: Context, workflow: str, transition: str, name: str, to: str, *, key: str
) -> tuple[str, int, int]:
    """Move a reason among those that can be chosen: up, down, or to a place from 1.

    Returns:
        What it is called, its place from 1, and how many there are.

    Raises:
        NotFoundError: There is no such reason among them.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    content = ("reason moved", workflow, transition, name, to)
    with configuration.edit(ctx, key=key, content=content) as change:
        at = way(ctx, workflow, transition)
        all_ = _rows(ctx, at)
        those = [each for each in all_ if each.offered]
        row = rows.called(those, name)
        label, before = _label(at, row), those.index(row) + 1
        if change.repeated:
            return label, before, len(those)
        ordered = rows.in_order(those, row, to)
        rows.number([*ordered, *(each for each in all_ if not each.offered)])
        after = ordered.index(row) + 1
        rows.tell_move(change, _about(row), label, before, after)
        rows.take_over(ctx, row)
    return label, after, len(those)


def _refuse_to_retire(at: Way, those: Sequence[ReasonRow], name: str) -> None:
    own = declared(at, name)
    if own and own.fixed:
        raise InvalidInputError({"offered": [FIXED]})
    if sum(each.offered for each in those) == 1:
        raise InvalidInputError({"offered": [LAST_ONE]})


def _of(all_: Sequence[ReasonRow], workflow: str, transition: str) -> list[ReasonRow]:
    return [each for each in all_ if (each.workflow, each.transition) == (workflow, transition)]


def _rows(ctx: Context, at: Way) -> list[ReasonRow]:
    """The rows of a transition in order; declared reasons get theirs now, because their order counts."""
    found = _of(queries.reason_rows(ctx.session), at.workflow.name, at.transition.name)
    named = {each.name for each in found}
    for reason in at.transition.reasons:
        if reason.name not in named:
            row = ReasonRow(workflow=at.workflow.name, transition=at.transition.name, name=reason.name)
            row.position, row.label, row.told, row.translations = len(found), "", "", {}
            row.offered, row.version = True, 1
            ctx.session.add(row)
            found.append(row)
    ctx.session.flush()
    return found


def _values(row: ReasonRow) -> dict[str, Any]:
    return {"label": row.label, "told": row.told, **rows.translated(row.translations, TEXTS)}


def _label(at: Way, row: ReasonRow) -> str:
    own = declared(at, row.name)
    return row.label or (own.label if own else row.name)


def _about(row: ReasonRow) -> str:
    return f"reason:{row.workflow}/{row.transition}/{row.name}"[:_ABOUT]
