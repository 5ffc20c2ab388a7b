"""Writing TOML that people read: with comments, and in an order that never depends on the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tomlkit

from paidsupport.kernel.db.wording import Texts


def table(
    values: Mapping[str, Any], always: Iterable[str] = (), long: Iterable[str] = ()
) -> tomlkit.items.Table:
    """A table of the non-empty `values`, and of those that are `always` written.

    Args:
        values: By key; numbers and booleans are written even if they are 0 or false.
        always: The keys of texts and lists that are written even if they are empty.
        long: The keys of texts that may have several lines.
    """
    made = tomlkit.table()
    for name, value in values.items():
        if value in ("", [], {}, None) and name not in always:
            continue
        if isinstance(value, str):
            made.add(name, tomlkit.string(str(value), multiline=name in long and "\n" in value))
        else:
            made.add(name, value)
    return made


def lines(texts: Iterable[str]) -> tomlkit.items.Array:
    """A list of texts with a line for each."""
    made = tomlkit.array()
    made.extend(texts)
    return made.multiline(multiline=True)


def listed(tables: Iterable[tomlkit.items.Table]) -> tomlkit.items.AoT:
    """A list of tables."""
    made = tomlkit.aot()
    for each in tables:
        made.append(each)
    return made


def comment(document: tomlkit.TOMLDocument, text: str) -> None:
    """Add lines that programs pass over."""
    for line in text.splitlines():
        document.add(tomlkit.comment(line))


def add_languages(made: tomlkit.items.Table, translations: Mapping[str, Any], texts: Texts) -> None:
    """Add a table for each other language, in a fixed order, which the database does not keep."""
    for tag in sorted(translations):
        made.add(tag, _language(translations[tag], texts))


def _language(said: Mapping[str, Any], texts: Texts) -> tomlkit.items.Table:
    made = tomlkit.table()
    for name in texts.names:
        if name in said:
            text = said[name]
            made.add(name, tomlkit.string(text, multiline=name in texts.long and "\n" in text))
    for name in texts.lists:
        if name in said:
            made.add(name, lines(said[name]))
    for key, part in texts.parts.items():
        if key in said:
            parts = tomlkit.table(is_super_table=True)
            for name in sorted(said[key]):
                parts.add(name, _language(said[key][name], part))
            made.add(key, parts)
    return made
