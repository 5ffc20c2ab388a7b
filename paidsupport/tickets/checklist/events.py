"""Kinds of events of the work on a ticket: checklist, traits, clock, reminders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from paidsupport.kernel.events import Line, count, label
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.tickets.events import FILES, event

_REMINDED = {"password": _("changing their passwords"), "backup": _("the backup")}


def _item(line: Line) -> str:
    return line.style.text(line.get("line") or line.get("item") or "")


def _traits(line: Line) -> str:
    return line.style.text(", ".join(line.get("traits") or ()) or translate(_("nothing special")))


def _texts(name: str) -> Callable[[Line], str]:
    return lambda line: line.style.text("; ".join(line.get(name) or ()))


def _minutes(line: Line) -> str:
    seconds = line.get("seconds")
    return str(translate(_("%(number)s min", number=round(seconds / 60)))) if seconds else ""


_ITEMS = {"items": count("added", lambda number: ngettext("%(num)s item", "%(num)s items", number))}
_ticked = partial(event, fields=FILES | {"item": _item})
_worked = partial(event, fields={"minutes": _minutes})

KINDS = (
    event(
        "checklist-laid",
        _("{who} updated the checklist[ ({items})]"),
        _ITEMS,
    ),
    event(
        "checklist-taken-over",
        _(
            "{who} took over the checklist of version {version}[, added: {added}][, changed: {changed}]"
            "[, removed: {removed}]"
        ),
        {name: _texts(name) for name in ("added", "changed", "removed")},
        keeps=frozenset({"version"}),
    ),
    event("traits-set", _("{who} set what applies: {traits}"), {"traits": _traits}),
    _ticked("item-done", _("{who} ticked[ “{item}”][, with {files}]")),
    _ticked("item-skipped", _("{who} skipped[ “{item}”][, with {files}]")),
    _ticked("item-opened", _("{who} reopened[ “{item}”][, with {files}]")),
    _worked("work-started", _("{who} started the timer[ ({minutes})]")),
    _worked("work-stopped", _("{who} stopped the timer[ ({minutes})]")),
    _worked("work-added", _("{who} added an entry to the work log[ ({minutes})]")),
    event(
        "reminded",
        _("{who} reminded the customer about {what}"),
        {"what": label("of", _REMINDED, _("something"))},
        keeps=frozenset({"of"}),
    ),
)
