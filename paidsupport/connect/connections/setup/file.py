"""Connections as a part of the file of the whole configuration: without their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.setup import operations
from paidsupport.connect.connections.tables import Connection
from paidsupport.kernel import faults
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.messages import gettext as said

_HELP = """\
Connections to other programs: their name here, their kind, what staff call them, and what was entered.
active = false: switched off. Their secrets are never in this file: a connection that is new here does not
work before they were entered by hand.
"""
_NEEDED = _("The desk still needs this connection. Leave it in the file; active = false switches it off.")


class Connections(Configured):
    """The connections that managers set up."""

    key, about, place = "connection", "connection", 98
    label = _("Connections")
    help = _HELP
    tables = (Connection,)

    def current(self, ctx: Context) -> State:
        known = configured.kinds(ctx.services)
        return {
            row.reference: {"kind": row.kind, **operations.values_of(ctx, known[row.kind], row)}
            for row, _state in queries.connections(ctx.session)
            if row.kind in known
        }

    def read(self, reading: Reading) -> State:
        reader, known = reading.reader, configured.kinds(reading.ctx.services)
        found, here = dict[str, dict[str, Any]](), reading.current["connection"]
        for number, given in reader.tables(reading.document.get("connection", []), "connection"):
            where = reader.at(given, f"connection “{given.get('key', number)}”")
            key = reader.text(given, "key", where, required=True)
            kind = known.get(reader.text(given, "kind", where, required=True))
            if kind is None:
                reader.fault(where, faults.one_of(known), "kind")
                continue
            if key in found:
                reader.fault(where, faults.twice(key))
            wanted = operations.entering(reading.ctx, kind, key)
            reader.unknown_keys(given, ("key", "kind", "name", "active", *wanted.keys), where)
            found[key] = values = {
                "kind": kind.name,
                "name": reader.text(given, "name", where, required=True),
                **wanted.read(reader, given, where),
                "active": reader.switch(given, "active", where, default=True),
            }
            secrets = any(each.secret and each.required for each in kind.values)
            if secrets and _is_new(reading.ctx, key, here.get(key), values):
                reading.notes.append(
                    said("Enter the secrets of %(name)s once it is loaded.", name=values["name"])
                )
        for key in here.keys() - found.keys():
            row = queries.by_reference(reading.ctx.session, key)
            if queries.has_remotes(reading.ctx.session, row.id):
                reader.fault(f"connection “{key}”", _NEEDED)
        for key, values in found.items():
            if key in here and here[key]["kind"] != values["kind"]:
                reader.fault(f"connection “{key}”", faults.one_of([here[key]["kind"]]), "kind")
        return found

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(_table(key, values) for key, values in state.items())

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change
        known = configured.kinds(ctx.services)
        rows = {row.reference: row for row, _state in queries.connections(ctx.session)}
        for key, row in rows.items():
            if key not in after and row.kind in known:
                operations.refuse_needed(ctx, row)
                operations.delete(ctx, row)
        for key, values in after.items():
            kind, was = known[values["kind"]], before.get(key)
            if was == values:
                continue
            row = rows.get(key) or Connection(
                reference=key, kind=kind.name, active=False, sealed={}, created_at=ctx.now
            )
            if _is_new(ctx, key, was, values):
                row.sealed = {}
            wakes = values["active"] and not row.active
            row.name, row.active, row.changed_at = values["name"], values["active"], ctx.now
            row.values = operations.entering(ctx, kind, key).kept(values)
            ctx.session.add(row)
            ctx.session.flush()
            if key not in rows:
                operations.begin(ctx, row, kind)
            elif wakes:
                operations.wake(ctx, row, kind)

    def label_of(self, ctx: Context, name: str, thing: Mapping[str, Any]) -> str:
        del ctx
        return str(thing.get("name") or name)


def _is_new(ctx: Context, key: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Whether its secrets have to be entered: it was not there, or was for another account or server."""
    if before is None or before["kind"] != after["kind"]:
        return True
    wanted = operations.entering(ctx, operations.kind_of(ctx, after["kind"]), key)
    return wanted.is_elsewhere(wanted.kept(before), wanted.kept(after))


def _table(key: str, values: Mapping[str, Any]) -> tomlkit.items.Table:
    kind = values["kind"]
    given = {name.removeprefix(f"{kind}_"): value for name, value in values.items()}
    del given["active"]
    made = table({"key": key, **{name: value for name, value in given.items() if value}})
    if not values["active"]:
        made.add("active", value=False)
    return made
