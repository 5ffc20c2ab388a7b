"""The ways to pay: those that are declared, with what managers made of them, and their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from paidsupport.kernel.db.wording import Texts, said_of
from paidsupport.kernel.ways.rules import DECLARED, Check, WayState, WayToPay

#: The texts of a way that can be translated.
TEXTS = Texts(("label", "hint"))


def ways_of(rows: Iterable[Any]) -> tuple[WayToPay, ...]:
    """All ways that were not removed, in their order.

    Args:
        rows: Rows of `WayRow`, in order. Declared ways without one come last.
    """
    named, found = set(), []
    for row in rows:
        named.add(row.name)
        if row.state != WayState.REMOVED:
            found.append(_way(DECLARED.get(row.name) or WayToPay(row.name, row.label), row))
    return (*found, *(way for name, way in DECLARED.items() if name not in named))


def _way(declared: WayToPay, row: Any) -> WayToPay:  # noqa: ANN401  # a row, of a session or not
    texts = said_of(row, TEXTS.names, row.translations)
    return replace(
        declared,
        label=texts["label"] or declared.label,
        hint=texts["hint"] or declared.hint,
        example=row.example or declared.example,
        check=Check(row.check_for),
        offered=row.state == WayState.OFFERED,
    )
