"""Guides as a part of the file of the whole configuration; a file removes none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.intake.guides.operations import ADDRESS_TAKEN, LIMIT, TAKEN, Written, bring
from paidsupport.intake.guides.queries import GUIDE, SLUG, every
from paidsupport.intake.guides.tables import Guide
from paidsupport.kernel import faults
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import add_languages, listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _, ngettext

_KEYS = ("slug", "title", "order", "public", "explains", "body")
_HELP = """\
Guides in Markdown. order: their places in the list. public = true: customers can read it.
explains: names of states and moves that link to it. [guide.de]: title and body in another language.
Every earlier edition is kept, so a guide that is missing here stays as it is.
"""


class Guides(Configured):
    """All guides as they are now."""

    key, about, place, tells = "guide", "guide", 70, True
    label = _("Guides")
    help = _HELP
    tables = (Guide,)

    def current(self, ctx: Context) -> State:
        return {guide.slug: _state(guide) for guide in every(ctx.session)}

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, dict[str, Any]]()
        for number, given in reader.tables(reading.document.get("guide", []), "guide"):
            where = reader.at(given, f"guide “{given.get('slug', number)}”")
            slug = reader.text(given, "slug", where, required=True)
            if slug and not SLUG.fullmatch(slug):
                reader.fault(where, faults.SLUG_RULE, "slug")
            elif slug in TAKEN:
                reader.fault(where, ADDRESS_TAKEN, "slug")
            if slug in found:
                reader.fault(where, faults.twice(slug), "slug")
            texts = {
                "title": reader.text(given, "title", where, required=True),
                "body": reader.text(given, "body", where, line=False, required=True, limit=LIMIT),
            }
            found[slug] = {
                **texts,
                "order": reader.number(given, "order", where) or 0,
                "public": reader.switch(given, "public", where, default=False),
                "explains": reader.texts(given, "explains", where, lines=("explains",)),
                "translations": reader.translations(given, _KEYS, GUIDE, texts, where, limit=LIMIT),
            }
        if stay := len(reading.current["guide"].keys() - found.keys()):
            reading.notes.append(
                ngettext(
                    "%(num)s guide is not in the file. It stays as it is.",
                    "%(num)s guides are not in the file. They stay as they are.",
                    stay,
                )
            )
        return {**reading.current["guide"], **found}

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(_table(slug, each) for slug, each in state.items())

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        known = {guide.slug: guide for guide in every(ctx.session)}
        for slug, values in after.items():
            if before.get(slug) != values:
                bring(ctx, change, known.get(slug), slug, _written(values))

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return str(thing.get("title") or name)


def _state(guide: Guide) -> dict[str, Any]:
    return {
        "title": guide.title,
        "body": guide.body,
        "order": guide.position,
        "public": guide.public,
        "explains": guide.explains,
        "translations": guide.translations,
    }


def _written(values: Mapping[str, Any]) -> Written:
    return Written(
        values["title"],
        values["body"],
        tuple(values["explains"]),
        values["order"],
        values["public"],
        values["translations"],
    )


def _table(slug: str, values: Mapping[str, Any]) -> tomlkit.items.Table:
    said = {name: {**values, "slug": slug}[name] for name in _KEYS if name != "body"}
    made = table({name: value for name, value in said.items() if value is not False})
    made.add("body", tomlkit.string(values["body"], multiline=True))
    add_languages(made, values["translations"], GUIDE)
    return made
