"""Rules of tone as a part of the file of the whole configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.kernel import faults
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import TAG
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.tone import queries
from paidsupport.tickets.tone.operations import MOST_PHRASES, MOST_RULES, values_of
from paidsupport.tickets.tone.tables import ToneRule

_KEYS = ("words", "reason", "suggestion", "language")
_HELP = """\
Rules of tone: words that staff should reconsider before an email leaves, with the reason, and
optionally a suggestion and the tag of the language of emails that the rule is for (none: every one).
"""


class Tone(Configured):
    """The rules of tone that managers wrote."""

    key, about, place = "tone", "tone", 65
    label = _("Rules of tone")
    help = _HELP
    tables = (ToneRule,)

    def current(self, ctx: Context) -> State:
        return {_named(values): values for values in map(_values, queries.rules(ctx.session))}

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, dict[str, Any]]()
        for number, given in reader.tables(reading.document.get("tone", []), "tone"):
            where = reader.at(given, f"tone {number}")
            reader.unknown_keys(given, _KEYS, where)
            values: dict[str, Any] = {
                "words": reader.texts(given, "words", where, lines=("words",)),
                "reason": reader.text(given, "reason", where, required=True),
                "suggestion": reader.text(given, "suggestion", where),
                "language": reader.text(given, "language", where),
            }
            if not all(values["words"] or [""]):
                reader.fault(where, faults.MISSING, "words")
            elif len(values["words"]) > MOST_PHRASES:
                reader.fault(where, faults.at_most(MOST_PHRASES), "words")
            if values["language"] and not TAG.fullmatch(values["language"]):
                reader.fault(where, faults.written_as('language = "de"'), "language")
            if _named(values) in found:
                reader.fault(where, faults.twice(", ".join(values["words"])))
            found[_named(values)] = values
        if len(found) > MOST_RULES:
            reader.fault("tone", faults.at_most(MOST_RULES))
        return found

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(table(values) for values in state.values())

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change, before
        rows = {_named(_values(row)): row for row in queries.rules(ctx.session)}
        for name, row in rows.items():
            if name not in after:
                ctx.session.delete(row)
        for name, values in after.items():
            row = rows.get(name) or ToneRule()
            for key, value in values.items():
                setattr(row, key, "\n".join(value) if key == "words" else value)
            ctx.session.add(row)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        del name
        return str(thing["words"][0])


def _values(row: ToneRule) -> dict[str, Any]:
    return {**values_of(row), "words": row.words.splitlines()}


def _named(values: Mapping[str, Any]) -> str:
    return f"{values['language']}: {' / '.join(values['words'])}"
