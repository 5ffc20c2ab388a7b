"""The texts of a service in the languages that its site has written them in.

They are English as values, and said in the language spoken wherever they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.db.rows import replaced
from paidsupport.kernel.i18n.messages import worded
from paidsupport.tickets.catalogue.tables import Requirement, Service, ServiceQuestion

#: Texts of a service, and of a question, that can be in several languages.
TEXTS = ("name", "summary", "description", "settings_help")
ASKED = ("label", "help")


def named(services: Iterable[Service]) -> list[Service]:
    """Services of a session, with their own texts; what is written to them stays what it was."""
    found = list(services)
    for service in found:
        for name, text in _texts(service, TEXTS, service.translations).items():
            set_committed_value(service, name, text)
    return found


def service_in_languages(service: Service) -> Service:
    """A service that was read only, with its own texts."""
    return replaced(service, **_texts(service, TEXTS, service.translations))


def requirements_in_languages(service: Service, rows: Sequence[Requirement]) -> list[Requirement]:
    """Its requirements, read only."""
    return [
        replaced(row, text=worded(row.text, _forms(service.translations, "requirements", number)))
        for number, row in enumerate(rows)
    ]


def questions_in_languages(service: Service, rows: Sequence[ServiceQuestion]) -> list[ServiceQuestion]:
    """Its questions, read only."""
    return [_question(service.translations, row) for row in rows]


def labels(service: Service) -> dict[str, str]:
    """Its questions by their names."""
    asked = {
        row.name: {
            tag: texts.get("question", {}).get(row.name, {}) for tag, texts in service.translations.items()
        }
        for row in service.questions
    }
    return {row.name: worded(row.label, _forms(asked[row.name], "label")) for row in service.questions}


def requirement_texts(service: Service) -> list[str]:
    """What its customers confirm."""
    return [
        worded(row.text, _forms(service.translations, "requirements", number))
        for number, row in enumerate(service.requirements)
    ]


def _question(translations: Mapping[str, Any], row: ServiceQuestion) -> ServiceQuestion:
    own = {tag: texts.get("question", {}).get(row.name, {}) for tag, texts in translations.items()}
    choices = [worded(text, _forms(own, "choices", number)) for number, text in enumerate(row.choices)]
    return replaced(row, choices=choices, **_texts(row, ASKED, own))


def _texts(row: object, names: Iterable[str], translations: Mapping[str, Any]) -> dict[str, str]:
    return {name: worded(getattr(row, name), _forms(translations, name)) for name in names}


def _forms(translations: Mapping[str, Any], name: str, number: int = -1) -> dict[str, str]:
    """What a text, or one of a list, is in each language that has it."""
    found: dict[str, str] = {}
    for tag, texts in translations.items():
        text: str | Sequence[str] = texts.get(name, "")
        if number >= 0:
            text = text[number] if number < len(text) else ""
        if isinstance(text, str) and text:
            found[tag] = text
    return found
