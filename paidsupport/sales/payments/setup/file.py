"""Providers of payments as a part of the file of the whole configuration: without their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.kernel import faults
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.messages import gettext as said
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.providers import Kind
from paidsupport.sales.payments.setup import operations
from paidsupport.sales.payments.tables import PaymentProvider

_HELP = """\
Providers of payments in the order in which customers see them: their kind, and what was entered.
active = false: customers cannot choose it. Their secrets are never in this file: a provider that is new
here is not offered before they were entered by hand.
"""


class Providers(Configured):
    """The providers that managers set up."""

    key, about, place, ordered = "provider", "provider", 97, True
    label = _("Providers of payments")
    help = _HELP
    tables = (PaymentProvider,)

    def current(self, ctx: Context) -> State:
        known = configured.kinds(ctx.services)
        rows = [row for row in queries.providers(ctx.session) if row.kind in known]
        return {row.kind: operations.values_of(known[row.kind], row) for row in rows}

    def read(self, reading: Reading) -> State:
        reader, known = reading.reader, configured.kinds(reading.ctx.services)
        found, here = dict[str, dict[str, Any]](), reading.current["provider"]
        for number, given in reader.tables(reading.document.get("provider", []), "provider"):
            where = reader.at(given, f"provider “{given.get('kind', number)}”")
            kind = known.get(reader.text(given, "kind", where, required=True))
            if kind is None:
                reader.fault(where, faults.one_of(known), "kind")
                continue
            if kind.name in found:
                reader.fault(where, faults.twice(kind.name))
            found[kind.name] = values = _read(reading, given, kind, where)
            secrets = any(each.secret and each.required for each in kind.values)
            if secrets and (kind.name not in here or _is_elsewhere(kind, here[kind.name], values)):
                reading.notes.append(
                    said("Enter the secrets of %(name)s once it is loaded.", name=kind.label)
                )
        _refuse_under_way(reading, here, found)
        return found

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(_table(name, values) for name, values in state.items())

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change
        known = configured.kinds(ctx.services)
        rows = {row.kind: row for row in queries.providers(ctx.session)}
        for name, row in rows.items():
            if name not in after and name in known:
                ctx.session.delete(row)
        for position, (name, values) in enumerate(after.items()):
            row, kind = rows.get(name) or PaymentProvider(kind=name, sealed={}), known[name]
            was = before.get(name)
            if was is None or _is_elsewhere(kind, was, values):
                row.sealed = {}
            if was != values:
                row.changed_at = ctx.now
            row.position, row.active = position, values["active"]
            row.values = operations.entering(kind).kept(values)
            ctx.session.add(row)

    def label_of(self, ctx: Context, name: str, thing: Mapping[str, Any]) -> str:
        del thing
        kind = configured.kinds(ctx.services).get(name)
        return str(kind.label) if kind else name


def _refuse_under_way(
    reading: Reading, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> None:
    """Let no provider go, or move to another account, of which payments are still to be heard."""
    known = configured.kinds(reading.ctx.services)
    for name, values in before.items():
        gone = name not in after or _is_elsewhere(known[name], values, after[name])
        if gone and queries.is_under_way(reading.ctx.session, name):
            reading.reader.fault(f"provider “{name}”", operations.UNDER_WAY)


def _read(reading: Reading, given: Mapping[str, Any], kind: Kind, where: str) -> dict[str, Any]:
    """One provider as its form would hold it."""
    reading.reader.unknown_keys(given, ("kind", "active", *operations.entering(kind).keys), where)
    values: dict[str, Any] = operations.entering(kind).read(reading.reader, given, where)
    return {**values, "active": reading.reader.switch(given, "active", where, default=True)}


def _is_elsewhere(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether secrets that belong to these values have to be entered again."""
    wanted = operations.entering(kind)
    return wanted.is_elsewhere(wanted.kept(before), wanted.kept(after))


def _table(name: str, values: Mapping[str, Any]) -> tomlkit.items.Table:
    given = {key.removeprefix(f"{name}_"): value for key, value in values.items() if key != "active"}
    made = table({"kind": name, **{key: value for key, value in given.items() if value}})
    if not values["active"]:
        made.add("active", value=False)
    return made
