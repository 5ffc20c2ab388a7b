"""Editing the evidence of an item (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.checklists.operations.items import NAME_TAKEN, kept_name
from paidsupport.catalogue.rules.checklists import Evidence, EvidenceKind
from paidsupport.catalogue.rules.names import SLUG, proposed
from paidsupport.catalogue.rules.questions import as_row
from paidsupport.catalogue.tables import ChecklistItem
from paidsupport.catalogue.wording import EVIDENCE
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import of_part
from paidsupport.kernel.errors import existing
from paidsupport.kernel.faults import SLUG_RULE
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible

#: What the kinds of evidence are called.
KINDS: Mapping[EvidenceKind, str] = {
    EvidenceKind.TEXT: _("One line of text"),
    EvidenceKind.LONG_TEXT: _("Several lines of text"),
    EvidenceKind.NUMBER: _("A number"),
    EvidenceKind.LINK: _("A web address"),
    EvidenceKind.DATE: _("A date"),
    EvidenceKind.FILE: _("A file"),
}
#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {
    **dict.fromkeys(("label", "name", "refuse", "refusal"), ""),
    "kind": str(EvidenceKind.TEXT),
    "required": True,
}


def found(item: ChecklistItem, name: str) -> Evidence:
    """The evidence of an item that is called so. Raises NotFoundError."""
    return Evidence.of_row(existing(next((row for row in item.evidence if row["name"] == name), None)))


def values_of(item: ChecklistItem, evidence: Evidence) -> dict[str, Any]:
    """A piece of evidence as its form shows it."""
    own = of_part(item.translations, "evidence", evidence.name)
    plain = as_row(evidence) | {"refuse": "\n".join(evidence.refuse)}
    return {**plain, **rows.translated(own, EVIDENCE)}


def keep(
    ctx: Context, of: str, name: str, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str
) -> bool:
    """Add a piece of evidence to an item, or change one.

    Args:
        ctx: Who edits it.
        of: The item.
        name: The evidence; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such item or evidence.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = _tidied(fields, typed)
    fields.done()
    with configuration.edit(ctx, key=key, content=("evidence", of, name, sorted(filled.items()))) as change:
        if change.repeated:
            return True
        item = queries.item(ctx.session, of)
        before = values_of(item, found(item, name)) if name else None
        values = filled_in(before, seen, filled, NEW)
        taken = {row["name"] for row in item.evidence} - {name}
        if not values["name"]:
            values["name"] = name or proposed(values["label"], taken, joint="-", otherwise="evidence")
        _check(ctx, fields, item, name, values, taken)
        fields.done()
        new = _evidence(values)
        row = as_row(new)
        there = [row if each["name"] == name else each for each in item.evidence]
        item.evidence = there if name else [*there, row]
        texts = rows.translations(values, EVIDENCE)
        item.translations = rows.with_part(item.translations, "evidence", name or new.name, new.name, texts)
        rows.tell_kept(change, f"evidence:{of}/{new.name}", new.label, before, values_of(item, new))
        ctx.session.flush()
    return True


def remove(ctx: Context, of: str, name: str, *, key: str) -> bool:
    """Take a piece of evidence out of an item; what was entered stays with its tickets.

    Raises:
        NotFoundError: There is no such item or evidence.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("evidence removed", of, name)) as change:
        if change.repeated:
            return True
        item = queries.item(ctx.session, of)
        evidence = found(item, name)
        rows.tell_removed(change, f"evidence:{of}/{name}", evidence.label, values_of(item, evidence))
        item.evidence = [row for row in item.evidence if row["name"] != name]
        item.translations = rows.with_part(item.translations, "evidence", name, "", {})
        ctx.session.flush()
    return True


def move(ctx: Context, of: str, name: str, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a piece of evidence: up, down, or to a place from 1.

    Returns:
        Its label, its place from 1, and how many there are.

    Raises:
        NotFoundError: There is no such item or evidence.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("evidence moved", of, name, to)) as change:
        item = queries.item(ctx.session, of)
        label, names = found(item, name).label, [row["name"] for row in item.evidence]
        before = names.index(name) + 1
        if change.repeated:
            return label, before, len(names)
        ordered = rows.in_order(names, name, to)
        item.evidence = sorted(item.evidence, key=lambda row: ordered.index(row["name"]))
        after = ordered.index(name) + 1
        rows.tell_move(change, f"evidence:{of}/{name}", label, before, after)
        ctx.session.flush()
    return label, after, len(names)


def _tidied(fields: Fields, typed: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**typed, **rows.texts_typed(fields, EVIDENCE, typed)}
    if "name" in filled:
        filled["name"] = fields.one_line("name", filled["name"] or "")
    if "refuse" in filled:
        filled["refuse"] = rows.one_each(fields, "refuse", filled["refuse"] or "")
    return filled


def _check(
    ctx: Context, fields: Fields, item: ChecklistItem, name: str, values: Mapping[str, Any], taken: set[str]
) -> None:
    if not is_visible(values["label"]):
        fields.refuse("label", _("Say what is to be entered."))
    if not SLUG.fullmatch(values["name"]):
        fields.refuse("name", SLUG_RULE)
    if values["name"] in taken:
        fields.refuse("name", NAME_TAKEN)
    if name and values["name"] != name and name in queries.published(ctx.session).get(item.name, ()):
        fields.refuse("name", kept_name(name))
    if values["refusal"] and not values["refuse"]:
        fields.refuse("refuse", _("Enter the versions that this sentence is about."))
    rows.refuse_lost_translations(fields, EVIDENCE, values)


def _evidence(values: Mapping[str, Any]) -> Evidence:
    return Evidence(
        name=values["name"],
        label=values["label"],
        kind=EvidenceKind(values["kind"]),
        required=bool(values["required"]),
        refuse=tuple(values["refuse"].splitlines()),
        refusal=values["refusal"],
    )
