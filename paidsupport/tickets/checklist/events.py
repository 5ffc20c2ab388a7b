"""Kinds of events of the work on a ticket: its checklist, what applies to it, the clock, reminders."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line, count, label
from paidsupport.tickets.events import FILES, event

_REMINDED = {"password": "changing their passwords", "backup": "the backup"}


def _item(line: Line) -> str:
    return line.style.text(line.get("line") or line.get("item") or "")


def _traits(line: Line) -> str:
    return line.style.text(", ".join(line.get("traits") or ()) or "nothing special")


def _minutes(line: Line) -> str:
    seconds = line.get("seconds")
    return f"{round(seconds / 60)} min" if seconds else ""


_ticked = partial(event, fields=FILES | {"item": _item})
_worked = partial(event, fields={"minutes": _minutes})

KINDS = (
    event("checklist-laid", "{who} laid out the checklist[ ({items})]", {"items": count("added", "item")}),
    event("traits-set", "{who} said what applies: {traits}", {"traits": _traits}),
    _ticked("item-done", "{who} ticked[ “{item}”][, with {files}]"),
    _ticked("item-skipped", "{who} left out[ “{item}”][, with {files}]"),
    _ticked("item-opened", "{who} opened again[ “{item}”][, with {files}]"),
    _worked("work-started", "{who} started the clock[ ({minutes})]"),
    _worked("work-stopped", "{who} stopped the clock[ ({minutes})]"),
    _worked("work-added", "{who} entered work[ ({minutes})]"),
    event(
        "reminded",
        "{who} reminded the customer of {what}",
        {"what": label("of", _REMINDED, "something")},
        keeps=frozenset({"of"}),
    ),
)
