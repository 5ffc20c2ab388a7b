"""The reasons for which tickets and issues end, as a part of the file of the whole configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.kernel import faults
from paidsupport.kernel.configuration import queries, rows
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.reasons import TEXTS
from paidsupport.kernel.configuration.tables import Configuration, ReasonRow
from paidsupport.kernel.configuration.writing import add_languages, listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _
from paidsupport.manage.reasons.operations import FIXED, LAST_ONE, Way, declared, ways

_NOT_TOLD = _("Customers aren't told why an issue ends. Leave this out.")
_KEYS = ("workflow", "transition", "name", "label", "told", "active")
_HELP = """\
Reasons for which tickets and issues end, by workflow and transition, in their order. label: what staff
choose; told: what customers are told of a ticket. Both may be empty for a reason that the workflow declares.
active = false: it cannot be chosen any more. [reason.de]: label and told in another language.
"""


class Reasons(Configured):
    """What managers made of reasons; rows stay, for what was ended for them."""

    key, about, place, ordered = "reason", "reason", 55, True
    label = _("Reasons")
    help = _HELP
    tables = (ReasonRow,)

    def current(self, ctx: Context) -> State:
        known = {(each.workflow.name, each.transition.name) for each in ways(ctx)}
        there = [row for row in queries.reason_rows(ctx.session) if (row.workflow, row.transition) in known]
        there.sort(key=lambda row: (row.workflow, row.transition))
        return {_named(_values(row)): _values(row) for row in there}

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, dict[str, Any]]()
        known = {(each.workflow.name, each.transition.name): each for each in ways(reading.ctx)}
        for number, given in reader.tables(reading.document.get("reason", []), "reason"):
            where = reader.at(given, f"reason “{given.get('name', number)}”")
            values: dict[str, Any] = {
                name: reader.text(given, name, where, required=name == "transition")
                for name in ("workflow", "transition", "label", "told")
            }
            values["name"] = reader.slug(given, "name", where)
            values["active"] = reader.switch(given, "active", where, default=True)
            values["translations"] = reader.translations(given, _KEYS, TEXTS, values, where)
            at = known.get((values["workflow"], values["transition"]))
            if at is None:
                reader.fault(where, faults.one_of(f"{flow}, {move}" for flow, move in known), "transition")
            else:
                _check(reading, at, values, where)
            if _named(values) in found:
                reader.fault(where, faults.twice(values["name"]), "name")
            found[_named(values)] = values
        for name, values in reading.current["reason"].items():
            at = known[values["workflow"], values["transition"]]
            plain = {"label": "", "told": "", "translations": {}, "active": True}
            found.setdefault(
                name, {**values, **(plain if declared(at, values["name"]) else {"active": False})}
            )
        for at in known.values():
            theirs = [each for each in found.values() if _way(each) == (at.workflow.name, at.transition.name)]
            named = {each["name"] for each in theirs}
            left = (
                any(each["active"] for each in theirs)
                or {each.name for each in at.transition.reasons} - named
            )
            if not left:
                reader.fault(f"reason: {at.workflow.name}, {at.transition.name}", LAST_ONE)
        return dict(sorted(found.items(), key=lambda each: _way(each[1])))

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(map(_table, state.values()))

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change, before
        changed, there = [], {_named(_values(row)): row for row in queries.reason_rows(ctx.session)}
        for position, (name, values) in enumerate(after.items()):
            row = there.get(name) or ReasonRow(
                workflow=values["workflow"], transition=values["transition"], name=values["name"], version=0
            )
            row.label, row.told, row.translations = values["label"], values["told"], values["translations"]
            row.offered, row.position = values["active"], position
            ctx.session.add(row)
            changed.append(row)
        rows.take_over(ctx, *changed)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return str(thing.get("label") or name)

    def label_of(self, ctx: Context, name: str, thing: Mapping[str, Any]) -> str:
        for at in ways(ctx):
            if _way(thing) == (at.workflow.name, at.transition.name) and (own := declared(at, thing["name"])):
                return str(thing.get("label") or own.label)
        return self.name_of(name, thing)


def _check(reading: Reading, at: Way, values: Mapping[str, Any], where: str) -> None:
    own = declared(at, values["name"])
    if own is None and not values["label"]:
        reading.reader.fault(where, faults.MISSING, "label")
    if not at.tells:
        told = [values["told"], *(each.get("told") for each in values["translations"].values())]
        if any(told):
            reading.reader.fault(where, _NOT_TOLD, "told")
    if own is not None and own.fixed and not values["active"]:
        reading.reader.fault(where, FIXED, "active")


def _values(row: ReasonRow) -> dict[str, Any]:
    names = ("workflow", "transition", "label", "told", "name")
    plain = {name: getattr(row, name) for name in names}
    return {**plain, "active": row.offered, "translations": row.translations}


def _way(values: Mapping[str, Any]) -> tuple[str, str]:
    return values["workflow"], values["transition"]


def _named(values: Mapping[str, Any]) -> str:
    return f"{values['workflow']}/{values['transition']}/{values['name']}"


def _table(values: Mapping[str, Any]) -> tomlkit.items.Table:
    made = table({name: values[name] for name in _KEYS if name != "active"})
    if not values["active"]:
        made.add("active", value=False)
    add_languages(made, values["translations"], TEXTS)
    return made
