"""What the set-up is called on screen: fields by the labels of their forms, values by what they are (P10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from paidsupport.kernel.configuration import file
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.configuration.telling import LANGUAGES, Telling, together
from tests.manage.test_file import furnish
from tests.people import Desk, sign_in
from tests.services import published

pytestmark = pytest.mark.row("P10")


def without_label(telling: Telling, kind: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a thing that nothing calls anything, and those of its parts."""
    things = telling.ctx.services.capabilities.things
    for name, value in values.items():
        if name == LANGUAGES:
            for texts in value.values():
                yield from without_label(telling, kind, texts)
            continue
        if telling.label(kind, name) is None:
            yield f"{kind}: {name}"
        field = things.get(kind, {}).get(name)
        if field and field.holds and isinstance(value, Mapping):
            yield from without_label(telling, field.holds, value)
        elif field and field.parts:
            for part in value.values() if isinstance(value, Mapping) else value:
                if isinstance(part, Mapping):
                    yield from without_label(telling, field.parts, part)


def of_files(desk: Desk) -> set[str]:
    """What no part of the file has a label for."""
    with desk.ctx() as ctx:
        telling = Telling(ctx)
        return {
            each
            for part in file.parts_of(ctx)
            for thing in part.current(ctx).values()
            for each in without_label(telling, part.about, together(thing))
        }


def of_history(desk: Desk) -> set[str]:
    """What no line of the history has a label for."""
    with desk.ctx() as ctx:
        telling = Telling(ctx)
        return {
            each
            for row in ctx.session.scalars(select(ConfigurationEvent))
            for state in (row.data.get("before"), row.data.get("after"))
            for each in without_label(telling, row.about.partition(":")[0], together(state or {}))
        }


def test_every_field_of_the_set_up_has_a_label(lite_desk: Desk) -> None:
    """In the file and in the history, with something in every part."""
    furnish(lite_desk)
    assert of_files(lite_desk) | of_history(lite_desk) == set()


def test_every_field_of_a_desk_that_is_lived_in_has_a_label(furnished_desk: Desk) -> None:
    """Whatever its managers have changed."""
    assert of_files(furnished_desk) | of_history(furnished_desk) == set()


def test_a_change_is_told_in_the_words_of_its_form(lite_app: Flask, lite_desk: Desk) -> None:
    """No internal name, no value of a program: on “Changes”, and before and after a publication."""
    with published(lite_desk, "upgrade") as service:
        first, second, *_rest = service.questions
        service.price_minor, service.claim_hours = 9900, 30
        service.deadlines = {"first-contact": "2d", "answer": "90m"}
        service.traits = ["upgrade", "zip"]
        second.kind, second.choices, second.required = "choice", ["Many", "Few"], True
        first.shown_by, first.shown_value, first.moment = second.name, "Many", "order"
        labels = first.label, second.label
    browser = sign_in(lite_app, "mia")
    for path in ("changes", "services/upgrade/versions/2"):
        page = BeautifulSoup(browser.get(f"/support/desk/setup/{path}").text, "html.parser")
        said = " ".join(page.get_text(" ").split())
        for words in (
            "Price USD 60.00 USD 99.00",
            "Hours until a claim lapses 30 h",
            "First contact 2 working days",
            "Answer 1 h 30 min",
            f"Questions / {labels[1]} / Kind of answer One line of text One answer from a list",
            f"Questions / {labels[1]} / It must be answered No Yes",
            f"Questions / {labels[0]} / Shown by empty {labels[1]}",
        ):
            assert words in said.replace("\u203a", "/"), (words, said)
        for name in ("claim_hours", "first-contact", "price_minor", "shown_by", "True", "90m"):
            assert name not in said, name


def test_the_version_page_names_a_workflow_as_people_do(lite_app: Flask) -> None:
    """And transitions, phases and services."""
    page = sign_in(lite_app, "mia").get("/support/desk/setup/services/upgrade/versions/1")
    said = BeautifulSoup(page.text, "html.parser").select_one("main") or BeautifulSoup(
        page.text, "html.parser"
    )
    terms = {
        " ".join(term.get_text(" ").split()): " ".join(term.find_next("dd").get_text(" ").split())  # type: ignore[union-attr]
        for term in said.select("dl.ps-facts > dt")
    }
    assert terms["Workflow"] == "Paid support"
    assert not [value for value in terms.values() if value in {"paid", "during", "close", "yes/no"}]
