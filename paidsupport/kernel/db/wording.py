"""Rows whose texts a site has written in several languages.

Each row stores its other languages in `translations`, by tag, beside its columns. Its texts are the values of
its columns, and are translated to the current language wherever they are shown. What a language lacks is
shown as it is in the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.i18n.messages import worded

R = TypeVar("R")
#: The tag of a language: texts may be in it before the desk speaks it.
TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Texts:
    """Which texts of a kind of thing can be translated.

    Attributes:
        lines: The names of texts of one line.
        long: The names of texts of any number of lines.
        lists: The names of lists of texts, which have the same length in every language.
        parts: What else in it has texts, by key and then by name.
    """

    lines: tuple[str, ...] = ()
    long: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    parts: Mapping[str, Texts] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its own texts."""
        return (*self.lines, *self.long)


def in_languages(rows: Iterable[R], texts: Texts) -> list[R]:
    """Rows of a session with their texts in every language; what is written to them is not changed."""
    found = list(rows)
    for row in found:
        translations: Mapping[str, Any] = row.translations  # type: ignore[attr-defined]  # as all of them
        if translations:
            for name, text in said_of(row, texts.names, translations).items():
                set_committed_value(row, name, text)
    return found


def said_of(row: object, names: Iterable[str], translations: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a row in every language, by name."""
    return {name: worded(getattr(row, name), forms(translations, name)) for name in names}


def of_part(translations: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """The translations of one part of a thing, such as a question."""
    return {tag: texts.get(key, {}).get(name, {}) for tag, texts in translations.items()}


def forms(translations: Mapping[str, Any], name: str, number: int = -1) -> dict[str, str]:
    """A text, or one text of a list, in each language that has it."""
    found: dict[str, str] = {}
    for tag, texts in translations.items():
        text: str | Sequence[str] = texts.get(name, "")
        if number >= 0:
            text = text[number] if number < len(text) else ""
        if isinstance(text, str) and text:
            found[tag] = text
    return found
