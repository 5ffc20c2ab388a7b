"""The texts of the catalogue in the languages that the site has written them in (`kernel/db/wording.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.catalogue.tables import Requirement, Service, ServiceQuestion
from paidsupport.kernel.db.rows import replaced
from paidsupport.kernel.db.wording import Texts, forms, of_part, said_of
from paidsupport.kernel.i18n.messages import worded

QUESTION = Texts(("label", "help"), lists=("choices",))
SERVICE = Texts(
    ("name", "summary"), ("description", "settings_help"), ("requirements",), parts={"question": QUESTION}
)
TRAIT = Texts(("label",))
EVIDENCE = Texts(("label", "refusal"))
CHECKLIST = Texts(("text", "reason", "told"), parts={"evidence": EVIDENCE})
BOILERPLATE = Texts(("title",), ("body",))


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


def _question(translations: Mapping[str, Any], row: ServiceQuestion) -> ServiceQuestion:
    own = of_part(translations, "question", row.name)
    choices = [worded(text, forms(own, "choices", number)) for number, text in enumerate(row.choices)]
    return replaced(row, choices=choices, **said_of(row, QUESTION.names, own))
