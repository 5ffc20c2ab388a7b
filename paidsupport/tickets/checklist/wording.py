"""The items of a checklist in all the languages that the catalogue had when they were copied from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.catalogue.wording import CHECKLIST, EVIDENCE
from paidsupport.kernel.db.parts import Loaded, Part, hanging
from paidsupport.kernel.db.rows import replaced
from paidsupport.kernel.db.wording import forms, of_part, said_of
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import worded
from paidsupport.kernel.i18n.stored import storable, stored
from paidsupport.tickets.checklist.rules import EXTRA
from paidsupport.tickets.checklist.tables import Item

#: The reason shown for an item without a template.
WHY_EXTRA = storable(_("The customer has accepted an offer for it."))


def in_languages(item: Item) -> Item:
    """An item read from a session, with its texts in every language; what is written to it is not changed."""
    for name, value in _said(item).items():
        set_committed_value(item, name, value)
    return item


def text_of(line: Any) -> str:  # noqa: ANN401  # an Item, or what was read of one
    """What is to be done, in every language."""
    return worded(line.text, forms(line.translations, "text"))


def _said(item: Item) -> dict[str, Any]:
    """The attributes of an item whose value for display differs from its column."""
    if item.name.startswith(EXTRA):
        return {"reason": stored(item.reason)}
    if not item.translations:
        return {}
    said: dict[str, Any] = dict(said_of(item, CHECKLIST.names, item.translations))
    said["evidence"] = [_with(row, EVIDENCE.names, item.translations) for row in item.evidence]
    said["answers"] = [_with(row, ("label",), item.translations) for row in item.answers]
    return said


def _with(row: Mapping[str, Any], names: Sequence[str], translations: Mapping[str, Any]) -> dict[str, Any]:
    own = of_part(translations, "evidence", row["name"])
    return {**row, **{name: worded(row[name], forms(own, name)) for name in names}}


def _read(page: Loaded[Any]) -> list[Item]:
    return [replaced(row, **said) if (said := _said(row)) else row for row in _ROWS.read(page)]


_ROWS = hanging("items", Item.ticket_id, order=(Item.position, Item.id))
#: The checklist of a ticket.
ITEMS: Part[list[Item]] = replace(_ROWS, read=_read)
