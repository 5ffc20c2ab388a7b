"""Editing the questions of a service in the browser, without scripts (P10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations import file
from paidsupport.catalogue.questions import operations as questions
from paidsupport.catalogue.questions import queries
from paidsupport.catalogue.tables import ServiceQuestion, ServiceVersion
from paidsupport.kernel.errors import InvalidInputError
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in
from tests.services import publish_all

pytestmark = pytest.mark.row("P10")

THERE = "/support/desk/setup/services/upgrade/questions"
NEW = f"{THERE}/new-question"


def asked(desk: Desk, slug: str = "upgrade") -> dict[str, ServiceQuestion]:
    """The questions of a draft by name, in order."""
    with desk.ctx() as ctx:
        return {row.name: row for row in queries.service_called(ctx.session, slug).questions}


def add(app: Flask, label: str, **typed: Any) -> Any:  # noqa: ANN401  # fields, and a response
    """Add a question as a manager does."""
    return Manager(app).send(NEW, label=label, **typed)


def change(app: Flask, question: str, /, **typed: Any) -> Any:  # noqa: ANN401  # as above
    """Change a question as a manager does."""
    return Manager(app).send(f"{THERE}/{question}", **typed)


def press(app: Flask, name: str, what: str, **typed: str) -> Any:  # noqa: ANN401  # as above
    """Press one of the buttons of a question in the list, or below its form."""
    where = THERE if what == "move" else f"{THERE}/{name}"
    return Manager(app).press(where, f"{THERE}/{name}/{what}", **typed)


def test_a_question_is_added_changed_moved_and_removed(app: Flask, desk: Desk) -> None:
    """With its texts in other languages; each step is told, and reaches orders only when published."""
    before = list(asked(desk))
    page = add(
        app,
        "Wie groß ist Ihre Galerie?",
        kind="choice",
        choices="Small\r\n\r\n Large ",
        required="y",
        condition="disk=no",
        label_de="Größe?",
        choices_de="Klein\nGroß",
    )
    assert page.status_code == 303
    row = asked(desk)["wie_gross_ist_ihre_galerie"]
    assert (row.kind, row.choices, row.required) == ("choice", ["Small", "Large"], True)
    assert (row.shown_by, row.shown_value, row.moment) == ("disk", "no", "order")
    with desk.ctx() as ctx:
        service = queries.service_called(ctx.session, "upgrade")
        assert service.translations["de"]["question"][row.name] == {
            "label": "Größe?",
            "choices": ["Klein", "Groß"],
        }
        assert row.name not in {each.name for each in catalogue.orderable(ctx, "upgrade").questions}
    # its name is free until it is published, and what names it follows
    assert change(app, row.name, name="size", help="In photos.").status_code == 303
    assert add(app, "Why so large?", condition="size=Large").status_code == 303
    assert change(app, "size", name="extent").status_code == 303
    assert asked(desk)["why_so_large"].shown_by == "extent"
    moved = press(app, "extent", "move", to="up")
    assert moved.location.endswith("?focus=extent-up")
    page = BeautifulSoup(sign_in(app, "mia").get(moved.location).text, "html.parser")
    assert page.select_one("#extent-up[autofocus]")
    assert press(app, "extent", "move", to="place", place="1").status_code == 303
    assert list(asked(desk)) == ["extent", *before, "why_so_large"]
    assert "whole number" in errors(press(app, "extent", "move", to="place", place="first"))
    publish_all(desk)
    with desk.ctx() as ctx:
        terms = catalogue.orderable(ctx, "upgrade")
    assert [each.name for each in terms.questions] == ["extent", *before, "why_so_large"]
    assert press(app, "why_so_large", "remove").status_code == 303
    assert press(app, "extent", "remove").status_code == 303
    assert list(asked(desk)) == before
    with desk.ctx() as ctx:
        service = queries.service_called(ctx.session, "upgrade")
        assert "extent" not in json.dumps(service.translations)
    kinds = [kind for kind, _about, _data in told(desk, "question")]
    assert kinds == ["added", "changed", "added", "changed", "moved", "moved", "removed", "removed"]
    assert told(desk, "question")[1][2]["before"] == {"name": "wie_gross_ist_ihre_galerie", "help": ""}
    assert desk.broken() == {}


def test_what_would_break_another_question_is_refused(app: Flask, desk: Desk) -> None:
    """Each with the place that uses it; circles with the whole way round."""
    add(app, "Colour", kind="choice", choices="Red\nBlue", trait="zip", trait_value="Red")
    add(app, "Shade", kind="yes/no", condition="colour=Red")
    add(app, "Why", kind="yes/no", condition="shade=yes")
    assert "“Shade” is only asked after" in errors(press(app, "colour", "remove"))
    assert "“Shade” is only asked after the answer “Red”" in errors(
        change(app, "colour", choices="Crimson\nBlue", trait_value="Crimson")
    )
    assert "“Why” is only asked after the answer “yes”" in errors(change(app, "shade", kind="text"))
    assert "“Shade” needs the answer on the order form" in errors(change(app, "colour", moment="contact"))
    assert "Colour → Why → Shade → Colour" in errors(change(app, "colour", condition="why=yes"))
    assert change(app, "shade", condition="").status_code == 303
    assert "follows from the answer “Red”" in errors(change(app, "colour", choices="Crimson\nBlue"))
    assert "Enter one of these answers: Red, Blue." in errors(change(app, "colour", trait_value="Green"))
    assert change(app, "colour", choices="Crimson\nBlue", trait_value="Crimson").status_code == 303
    assert "not on the order form" in errors(
        add(app, "And then?", condition="later=yes")
        if add(app, "Later", kind="yes/no", moment="contact").status_code == 303
        else None
    )


def test_wrong_input_is_refused_at_its_field_and_kept(app: Flask, desk: Desk) -> None:
    """What was typed stays in the form."""
    refused = add(app, " ", kind="choice", name="Größe", help_de="Hilfe", trait_value="x")
    said = errors(refused)
    for sentence in (
        "Enter the question.",
        "Use small letters",
        "Enter the answers, one on each line.",
        "Fill in the field above first",
        "Choose the trait",
    ):
        assert sentence in said
    assert "Größe" in refused.text
    assert "Hilfe" in refused.text
    assert "is there twice" in errors(add(app, "A", kind="several", choices="x\nx"))
    assert "as many lines as there are answers above: 2" in errors(
        add(app, "A", kind="several", choices="x\ny", choices_de="z")
    )
    assert "Only questions with a list" in errors(add(app, "A", kind="date", choices="x"))
    assert "Another question has this name" in errors(add(app, "A", name="disk"))
    assert "a single line" in errors(add(app, "A\u2028B"))
    assert told(desk, "question") == []


def test_what_was_published_keeps_its_name_and_kind(app: Flask, desk: Desk) -> None:
    """Its answers are stored under them; also after it was removed."""
    assert "Keep the name “disk”" in errors(change(app, "disk", name="room"))
    assert "Keep the kind “Yes or no”" in errors(change(app, "disk", kind="text"))
    page = sign_in(app, "mia").get(f"{THERE}/disk").text
    assert "its name and its kind (Yes or no) stay" in page
    for name, row in asked(desk).items():
        if row.shown_by == "disk":
            change(app, name, condition="")
    assert press(app, "disk", "remove").status_code == 303
    assert "had the kind “Yes or no”" in errors(add(app, "Disk", name="disk"))
    assert add(app, "Disk", name="disk", kind="yes/no").status_code == 303


def test_two_managers_on_one_question(app: Flask, desk: Desk) -> None:
    """Different fields are merged; the second learns what became of the same one, and can insist."""
    manager = Manager(app)
    mia = manager.client
    opened = [manager.filled(f"{THERE}/disk", help=said) for said in ("Two gigabytes.", "Three gigabytes.")]
    other = manager.filled(f"{THERE}/disk", label="Is there room?")
    assert mia.post(f"{THERE}/disk", data=opened[0]).status_code == 303
    assert mia.post(f"{THERE}/disk", data=other).status_code == 303
    assert (asked(desk)["disk"].help, asked(desk)["disk"].label) == ("Two gigabytes.", "Is there room?")
    refused = mia.post(f"{THERE}/disk", data=opened[1])
    assert "This was changed to “Two gigabytes.” meanwhile" in errors(refused)
    page = BeautifulSoup(refused.text, "html.parser").select_one("form.ps-narrow")
    assert page is not None
    seen = page.select_one("input[name=seen]")
    assert seen is not None
    again = {**opened[1], "label": "Is there room?", "seen": seen["value"]}
    assert mia.post(f"{THERE}/disk", data=again).status_code == 303
    assert asked(desk)["disk"].help == "Three gigabytes."
    assert mia.post(f"{THERE}/disk", data=again).status_code == 303, "sent again, it changes nothing"
    assert [kind for kind, *_ in told(desk, "question")] == ["changed"] * 3


def test_only_managers_edit_and_only_what_is_there(app: Flask, desk: Desk) -> None:
    """A developer is told so; another service or question is not found."""
    assert sign_in(app, "ada").get(THERE).status_code == 403
    mia = sign_in(app, "mia")
    assert mia.get("/support/desk/setup/services/nothing/questions").status_code == 404
    assert mia.get(f"{THERE}/nothing").status_code == 404
    with desk.ctx() as ctx:
        service = queries.service_called(ctx.session, "upgrade")
        assert ctx.session.scalar(
            select(ServiceVersion.number).where(ServiceVersion.service_id == service.id)
        )
        assert set(questions.values_of(service, service.questions[0])) >= set(questions.NEW)


def test_a_file_changes_no_kind_either(desk: Desk) -> None:
    """The fault names the question; nothing is loaded."""
    with desk.ctx() as ctx:
        text = file.dump(ctx)
    changed = text.replace('kind = "yes/no"', 'kind = "text"', 1)
    assert changed != text
    told = "Keep the kind “yes/no”"
    with pytest.raises(InvalidInputError, match=told), desk.ctx(desk.mia) as ctx:
        file.load(ctx, changed)
    assert asked(desk)["disk"].kind == "yes/no"
