"""Editing traits, which decide about the checklist (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.checklists.operations.items import NAME_TAKEN
from paidsupport.catalogue.rules.names import SLUG, proposed
from paidsupport.catalogue.tables import Trait
from paidsupport.catalogue.wording import TRAIT
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.faults import SLUG_RULE
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible

#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {"label": "", "name": ""}


def found(ctx: Context, name: str) -> Trait:
    """The trait of this name. Raises NotFoundError."""
    return rows.called(queries.traits(ctx.session), name)


def values_of(row: Trait) -> dict[str, Any]:
    """A trait as its form shows it."""
    return {"label": row.label, "name": row.name, **rows.translated(row.translations, TRAIT)}


def keep(ctx: Context, name: str, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str) -> bool:
    """Add a trait, or change what one is called on screen; its name stays, because tickets have it.

    Args:
        ctx: Who edits it.
        name: The trait; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such trait.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = {**typed, **rows.texts_typed(fields, TRAIT, typed)}
    filled["name"] = name or fields.one_line("name", filled.get("name") or "")
    fields.done()
    with configuration.edit(ctx, key=key, content=("trait", name, sorted(filled.items()))) as change:
        if change.repeated:
            return True
        all_ = queries.traits(ctx.session)
        row = found(ctx, name) if name else None
        before = values_of(row) if row else None
        values = filled_in(before, seen, filled, NEW)
        taken = {each.name for each in all_ if each is not row}
        if not values["name"]:
            values["name"] = proposed(values["label"], taken, joint="-", otherwise="trait")
        _check(fields, values, taken)
        fields.done()
        kept = row or Trait(name=values["name"], position=len(all_))
        kept.label, kept.translations = values["label"], rows.translations(values, TRAIT)
        ctx.session.add(kept)
        rows.tell_kept(change, f"trait:{kept.name}", kept.label, before, values_of(kept))
        ctx.session.flush()
    return True


def remove(ctx: Context, name: str, *, key: str) -> bool:
    """Remove a trait that nothing needs.

    Raises:
        NotFoundError: There is no such trait.
        InvalidInputError: Something needs it, which is said.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("trait removed", name)) as change:
        if change.repeated:
            return True
        row = found(ctx, name)
        if sentences := [_used(*user) for user in queries.users_of_trait(ctx.session, name)]:
            raise InvalidInputError({"removal": sentences})
        rows.tell_removed(change, f"trait:{name}", row.label, values_of(row))
        ctx.session.delete(row)
        rows.number(each for each in queries.traits(ctx.session) if each is not row)
        ctx.session.flush()
    return True


def move(ctx: Context, name: str, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a trait: up, down, or to a place from 1.

    Returns:
        Its label, its place from 1, and how many there are.

    Raises:
        NotFoundError: There is no such trait.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("trait moved", name, to)) as change:
        all_ = queries.traits(ctx.session)
        row = found(ctx, name)
        before = all_.index(row) + 1
        if change.repeated:
            return row.label, before, len(all_)
        ordered = rows.in_order(all_, row, to)
        rows.number(ordered)
        after = ordered.index(row) + 1
        rows.tell_move(change, f"trait:{name}", row.label, before, after)
        ctx.session.flush()
    return row.label, after, len(all_)


def _check(fields: Fields, values: Mapping[str, Any], taken: set[str]) -> None:
    if not is_visible(values["label"]):
        fields.refuse("label", _("Enter what the trait is called."))
    if not SLUG.fullmatch(values["name"]):
        fields.refuse("name", SLUG_RULE)
    if values["name"] in taken:
        fields.refuse("name", NAME_TAKEN)
    rows.refuse_lost_translations(fields, TRAIT, values)


def _used(kind: str, label: str) -> str:
    if kind == "service":
        return _("The service “%(name)s” has this trait. Take it out there first.", name=label)
    if kind == "question":
        return _("The question “%(name)s” gives this trait. Take it out there first.", name=label)
    if kind == "item":
        return _("The item “%(name)s” depends on this trait. Take it out there first.", name=label)
    return _("The published version of “%(name)s” needs this trait. Publish a new one first.", name=label)
