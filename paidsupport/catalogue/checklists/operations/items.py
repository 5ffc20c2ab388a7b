"""Editing the items of the checklist (P10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.rules.checklists import NEEDED, Phase, Template, circle_of, wait_for_each_other
from paidsupport.catalogue.rules.names import SLUG, proposed
from paidsupport.catalogue.tables import ChecklistItem
from paidsupport.catalogue.wording import CHECKLIST, template_of
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.faults import SLUG_RULE
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible
from paidsupport.kernel.workflow import Transition

#: When an item is due.
PHASES: Mapping[Phase, str] = {
    Phase.BEFORE: _("Before you start"),
    Phase.DURING: _("The work"),
    Phase.AFTER: _("Before you finish"),
}
#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {
    **dict.fromkeys(("text", "name", "reason", "told", "guide"), ""),
    **dict.fromkeys(("services", "traits", "unless", "moves", "items"), ()),
    "phase": str(Phase.DURING),
    "consent": False,
    "skippable": False,
}
_LISTS = ("services", "traits", "unless", "moves", "items")
#: The need of a transition that waits for the checklist.
_CHECKED = "checked"
NAME_TAKEN = _("Another one has this name. Choose another one.")


def transitions(ctx: Context) -> dict[str, Transition]:
    """The transitions that can wait for items, by name."""
    return {
        each.name: each
        for workflow in ctx.services.workflows.values()
        for each in workflow.transitions
        if any(guard.name == _CHECKED for guard in each.guards)
    }


def values_of(row: ChecklistItem, names: Iterable[str]) -> dict[str, Any]:
    """An item as its form shows it, without its evidence; `names`: those of all items."""
    others = set(names)
    plain = ("text", "name", "reason", "told", "phase", "consent", "skippable", "guide")
    return {
        **{name: getattr(row, name) for name in plain},
        **{name: sorted(getattr(row, name)) for name in ("services", "traits", "unless")},
        "moves": sorted(gate for gate in row.gates if gate not in others),
        "items": sorted(gate for gate in row.gates if gate in others),
        **rows.translated(row.translations, CHECKLIST),
    }


def keep(ctx: Context, name: str, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str) -> bool:
    """Add an item to the checklist, or change one.

    Args:
        ctx: Who edits it.
        name: The item; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such item.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = _tidied(fields, typed)
    fields.done()
    with configuration.edit(ctx, key=key, content=("item", name, sorted(filled.items()))) as change:
        if change.repeated:
            return True
        all_ = queries.items(ctx.session)
        names = [each.name for each in all_]
        row = queries.item(ctx.session, name) if name else None
        before = values_of(row, names) if row else None
        values = filled_in(before, seen, filled, NEW, _said)
        if not values["name"]:
            values["name"] = name or proposed(values["text"], names, joint="-", otherwise="item")
        _check(ctx, fields, row, values, all_)
        fields.done()
        kept = row or ChecklistItem(position=len(all_), evidence=[], translations={}, gates=[])
        _store(kept, values, all_)
        ctx.session.add(kept)
        ctx.session.flush()
        names = [each.name for each in queries.items(ctx.session)]
        rows.tell_kept(change, f"item:{kept.name}", kept.text, before, values_of(kept, names))
    return True


def remove(ctx: Context, name: str, *, key: str) -> bool:
    """Take an item out of the checklist; what waited only for it waits no longer, and tickets keep theirs.

    Raises:
        NotFoundError: There is no such item.
        KeyReusedError: The form was sent for another item.
    """
    with configuration.edit(ctx, key=key, content=("item removed", name)) as change:
        if change.repeated:
            return True
        all_ = queries.items(ctx.session)
        names = [each.name for each in all_]
        row = queries.item(ctx.session, name)
        rows.tell_removed(change, f"item:{name}", row.text, values_of(row, names))
        for other in (each for each in all_ if each is not row and name in each.gates):
            was = values_of(other, names)
            other.gates = [gate for gate in other.gates if gate != name]
            configuration.tell(
                change, "changed", f"item:{other.name}", other.text, was, values_of(other, names)
            )
        ctx.session.delete(row)
        rows.number(each for each in all_ if each is not row)
        ctx.session.flush()
    return True


def move(ctx: Context, name: str, to: str, *, key: str) -> tuple[str, int, int]:
    """Move an item among those of its phase: up, down, or to a place from 1.

    Returns:
        Its text, its place from 1, and how many items the phase has.

    Raises:
        NotFoundError: There is no such item.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("item moved", name, to)) as change:
        all_ = queries.items(ctx.session)
        row = queries.item(ctx.session, name)
        those = [each for each in all_ if each.phase == row.phase]
        before = those.index(row) + 1
        if change.repeated:
            return row.text, before, len(those)
        ordered = rows.in_order(those, row, to)
        # the items of other phases stay where they are
        places = iter(ordered)
        rows.number([next(places) if each.phase == row.phase else each for each in all_])
        after = ordered.index(row) + 1
        rows.tell_move(change, f"item:{name}", row.text, before, after)
        ctx.session.flush()
    return row.text, after, len(those)


def _tidied(fields: Fields, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, each field as it would be stored."""
    filled = {**typed, **rows.texts_typed(fields, CHECKLIST, typed)}
    for name in ("name", "guide"):
        if name in filled:
            filled[name] = fields.one_line(name, filled[name] or "")
    return filled | {name: sorted(filled[name] or ()) for name in _LISTS if name in filled}


def _check(
    ctx: Context,
    fields: Fields,
    row: ChecklistItem | None,
    values: Mapping[str, Any],
    all_: Sequence[ChecklistItem],
) -> None:
    if not is_visible(values["text"]):
        fields.refuse("text", _("Say what is to be done."))
    if not is_visible(values["reason"]):
        fields.refuse("reason", _("Say in one sentence why it is to be done."))
    others = [each for each in all_ if each is not row]
    _check_name(ctx, fields, row, values["name"], {each.name for each in others})
    if values["guide"] and not SLUG.fullmatch(values["guide"]):
        fields.refuse("guide", _("Enter the address of a guide: its small letters, digits and hyphens."))
    if both := set(values["traits"]) & set(values["unless"]):
        fields.refuse(
            "unless",
            _("“%(trait)s” is chosen in both lists, so the item would never apply.", trait=min(both)),
        )
    rows.refuse_lost_translations(fields, CHECKLIST, values)
    _check_gates(fields, row, values, [template_of(each) for each in others])


def _check_name(ctx: Context, fields: Fields, row: ChecklistItem | None, name: str, taken: set[str]) -> None:
    if not SLUG.fullmatch(name):
        fields.refuse("name", SLUG_RULE)
    if name in taken or name in transitions(ctx):
        fields.refuse("name", NAME_TAKEN)
    if row and row.name != name and row.name in queries.published(ctx.session):
        fields.refuse("name", kept_name(row.name))


def kept_name(name: str) -> str:
    """Why a published name stays."""
    return _("Keep the name “%(name)s”: tickets have it since it was published.", name=name)


def _check_gates(
    fields: Fields, row: ChecklistItem | None, values: Mapping[str, Any], others: Sequence[Template]
) -> None:
    name, before = values["name"], row.name if row else values["name"]
    renamed = [
        replace(each, gates=tuple(name if gate == before else gate for gate in each.gates)) for each in others
    ]
    new = Template(name, values["text"], values["reason"], gates=tuple(values["items"]))
    if values["skippable"] and values["items"]:
        fields.refuse("skippable", NEEDED)
    if way := circle_of(name, [*renamed, new]):
        texts = {each.name: each.text for each in (*renamed, new)}
        fields.refuse("items", wait_for_each_other(texts[each] for each in way))


def _store(row: ChecklistItem, values: Mapping[str, Any], all_: Sequence[ChecklistItem]) -> None:
    """Write the values, and let what waits for the item follow it to a new name."""
    before = row.name
    for name in ("name", "text", "reason", "told", "phase", "consent", "skippable", "guide"):
        setattr(row, name, values[name])
    for name in ("services", "traits", "unless"):
        setattr(row, name, _listed(getattr(row, name) or (), values[name]))
    row.gates = _listed(row.gates or (), [*values["moves"], *values["items"]])
    row.translations = rows.with_own(row.translations, CHECKLIST, rows.translations(values, CHECKLIST))
    for other in all_:
        if before and before != row.name and before in other.gates:
            other.gates = [row.name if gate == before else gate for gate in other.gates]


def _listed(before: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """What is wanted, in the order that it had before."""
    kept = [each for each in before if each in wanted]
    return [*kept, *(each for each in wanted if each not in kept)]


def _said(name: str, value: Any) -> object:  # noqa: ANN401  # whatever a field holds
    """How a value of a field is told to people."""
    if name == "phase":
        return PHASES[Phase(value)]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(value) if isinstance(value, list) else value
