"""The texts of the catalogue in the languages that the site has written them in.

Each thing in the catalogue stores its other languages in `translations`, by tag, beside its columns. Its
texts are the values of its columns, and are translated to the current language wherever they are shown. What
a language lacks is shown as it is in the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.db.rows import replaced
from paidsupport.kernel.i18n.messages import worded
from paidsupport.tickets.catalogue.tables import Requirement, Service, ServiceQuestion

R = TypeVar("R")


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


QUESTION = Texts(("label", "help"), lists=("choices",))
SERVICE = Texts(
    ("name", "summary"), ("description", "settings_help"), ("requirements",), parts={"question": QUESTION}
)
TRAIT = Texts(("label",))
EVIDENCE = Texts(("label", "refusal"))
CHECKLIST = Texts(("text", "reason", "told"), parts={"evidence": EVIDENCE})
BOILERPLATE = Texts(("title",), ("body",))

#: A language: texts may be in it before the desk speaks it.
TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def in_languages(rows: Iterable[R], texts: Texts) -> list[R]:
    """Rows of a session with their texts in every language; what is written to them is not changed."""
    found = list(rows)
    for row in found:
        translations: Mapping[str, Any] = row.translations  # type: ignore[attr-defined]  # as all of them
        if translations:
            for name, text in said_of(row, texts.names, translations).items():
                set_committed_value(row, name, text)
    return found


def service_in_languages(service: Service) -> Service:
    """A read-only service, with its own texts in every language."""
    return replaced(service, **said_of(service, SERVICE.names, service.translations))


def requirements_in_languages(service: Service, rows: Sequence[Requirement]) -> list[Requirement]:
    """Its requirements in every language, read-only."""
    said = requirement_texts(service, rows)
    return [replaced(row, text=text) for row, text in zip(rows, said, strict=True)]


def questions_in_languages(service: Service, rows: Sequence[ServiceQuestion]) -> list[ServiceQuestion]:
    """Its questions in every language, read-only."""
    return [_question(service.translations, row) for row in rows]


def labels(service: Service) -> dict[str, str]:
    """The labels of its questions, by name."""
    return {
        row.name: worded(row.label, forms(of_part(service.translations, "question", row.name), "label"))
        for row in service.questions
    }


def requirement_texts(service: Service, rows: Sequence[Requirement] | None = None) -> list[str]:
    """What its customers confirm: its requirements, or these `rows`."""
    return [
        worded(row.text, forms(service.translations, "requirements", number))
        for number, row in enumerate(service.requirements if rows is None else rows)
    ]


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


def _question(translations: Mapping[str, Any], row: ServiceQuestion) -> ServiceQuestion:
    own = of_part(translations, "question", row.name)
    choices = [worded(text, forms(own, "choices", number)) for number, text in enumerate(row.choices)]
    return replaced(row, choices=choices, **said_of(row, QUESTION.names, own))
