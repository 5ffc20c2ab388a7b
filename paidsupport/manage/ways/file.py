"""The ways to pay, as a part of the file of the whole configuration; what staff fill in is never in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.kernel import faults
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import add_languages, listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.ways import queries
from paidsupport.kernel.ways.overlay import TEXTS, ways_of
from paidsupport.kernel.ways.rules import DECLARED, Check, WayState
from paidsupport.kernel.ways.tables import WayRow
from paidsupport.manage.ways.operations import blank, problems, write

_TEXTS = ("label", "hint", "example")
_KEYS = ("name", *_TEXTS, "check", "active")
_HELP = """\
Ways to pay, in their order. label: what staff and customers call it; hint and example: for staff. All three
may be empty for a way that the desk declares (bank-transfer, paypal, taler). check: what details have to be:
none, email, iban, address. active = false: it is retired. [way.de]: label and hint in another language.
What staff filled in stays with them: it is not in this file.
"""


class Ways(Configured):
    """The ways to pay; those that profiles know are never removed."""

    key, about, place, ordered = "way", "way", 57, True
    label = _("Ways to pay")
    help = _HELP
    tables = (WayRow,)

    def current(self, ctx: Context) -> State:
        there = {row.name: row for row in queries.way_rows(ctx.session)}
        names = [way.name for way in ways_of(there.values())]
        return {name: _values(there[name]) if name in there else _declared(name) for name in names}

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, dict[str, Any]]()
        for number, given in reader.tables(reading.document.get("way", []), "way"):
            where = reader.at(given, f"way “{given.get('name', number)}”")
            values: dict[str, Any] = {name: reader.text(given, name, where) for name in _TEXTS}
            values["name"] = reader.slug(given, "name", where)
            values["check"] = str(reader.one_of(Check, given, "check", Check.NONE, where))
            values["active"] = reader.switch(given, "active", where, default=True)
            values["translations"] = reader.translations(given, _KEYS, TEXTS, values, where)
            for name, sentence in problems(values["name"], values).items():
                reader.fault(where, faults.message(sentence), name)
            if values["name"] in found:
                reader.fault(where, faults.twice(values["name"]), "name")
            found[values["name"]] = values
        used = queries.users(reading.ctx.session)
        for name, values in reading.current["way"].items():
            if name in DECLARED or name in used:
                found.setdefault(name, {**values, "active": False})
        return found

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(map(_table, state.values()))

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change
        changed, there = [], {row.name: row for row in queries.way_rows(ctx.session)}
        for position, (name, values) in enumerate(after.items()):
            row = there.get(name) or blank(name)
            write(row, values, values["translations"])
            row.state = WayState.OFFERED if values["active"] else WayState.RETIRED
            row.position = position
            ctx.session.add(row)
            changed.append(row)
        for name in set(before) - set(after):
            there[name].state = WayState.REMOVED
            changed.append(there[name])
        rows.take_over(ctx, *changed)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return str(thing.get("label") or (DECLARED[name].label if name in DECLARED else name))


def _values(row: WayRow) -> dict[str, Any]:
    return {
        "name": row.name,
        **{name: getattr(row, name) for name in _TEXTS},
        "check": str(row.check_for),
        "active": row.state == WayState.OFFERED,
        "translations": row.translations,
    }


def _declared(name: str) -> dict[str, Any]:
    row = blank(name)
    row.check_for = DECLARED[name].check
    return _values(row)


def _table(values: Mapping[str, Any]) -> tomlkit.items.Table:
    made = table({name: values[name] for name in ("name", *_TEXTS, "check")})
    if not values["active"]:
        made.add("active", value=False)
    add_languages(made, values["translations"], TEXTS)
    return made
