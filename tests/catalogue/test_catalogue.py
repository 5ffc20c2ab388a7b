"""The catalogue: from TOML into rows and back, all or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.catalogue.rules.questions import Kind
from paidsupport.catalogue.tables import Boilerplate, Requirement, Service, ServiceQuestion, ServiceVersion
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.text import BadTextError, many_lines
from tests.people import Desk

SMALL = """
[[service]]
slug = "talk"
name = "A talk"
price = "10"
currency = "EUR"
"""


def load(desk: Desk, text: str) -> tuple[int, int]:
    """Load this file."""
    with desk.ctx() as ctx:
        return catalogue_file.load(ctx, text)


def dump(desk: Desk) -> str:
    """The file as it is dumped."""
    with desk.ctx() as ctx:
        return catalogue_file.dump(ctx)


def test_what_is_dumped_loads_to_the_same(desk: Desk) -> None:
    """Services, requirements, questions of every kind, boilerplate, and their order."""
    before = dump(desk)
    assert load(desk, before) == (7, 5)
    assert dump(desk) == before
    assert "# price: an amount as a text" in before
    for kind in ("choice", "several", "yes/no", "number", "url", "date", "long text"):
        assert f'kind = "{kind}"' in before


def test_any_text_survives_the_file(lite_desk: Desk) -> None:
    """Quotes, backslashes and line ends in boilerplate and descriptions come back as they were."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(st.characters(exclude_characters="{}"), min_size=1))
    @example('a "quoted" \\ back\\\nslash\\')
    @example('"""')
    @example('\'\'\'\n""""')
    @example('ends with "')
    @example("\ttab \n\n\n x")
    def check(text: str) -> None:
        try:
            text = many_lines(text)
        except BadTextError:
            return
        if not text.strip():
            return
        with lite_desk.ctx() as ctx:
            row = ctx.session.scalars(select(Boilerplate).order_by(Boilerplate.id)).first()
            service = ctx.session.scalars(select(Service)).first()
            assert row
            assert service
            row.body = service.description = text
            dumped = catalogue_file.dump(ctx)
            catalogue_file.load(ctx, dumped)
            ctx.session.refresh(row)
            ctx.session.refresh(service)
            assert row.body == service.description == text
            ctx.session.rollback()

    check()


def test_a_service_that_is_missing_is_retired_and_can_come_back(desk: Desk) -> None:
    """It takes no orders, its tickets go on, and loading it again opens it."""
    before = dump(desk)
    code = desk.in_progress(desk.ada)
    load(desk, SMALL)
    with desk.ctx() as ctx:
        assert [service.slug for service in catalogue.services(ctx)] == ["talk"]
        with pytest.raises(NotFoundError):
            catalogue.orderable(ctx, "installation")
    with pytest.raises(NotFoundError):
        desk.order()
    desk.finish(code, desk.ada)
    load(desk, before)
    assert desk.order()
    assert desk.ticket(code).service_name == "Installation"


def test_what_is_dumped_with_retired_services_loads_on_an_empty_desk(lite_desk: Desk) -> None:
    """Their traits have gone with them; only what can be ordered has to have all of its traits."""
    load(lite_desk, SMALL)
    dumped = dump(lite_desk)
    assert 'traits = ["upgrade"]' in dumped
    assert "[[trait]]" not in dumped
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        for table in (ServiceQuestion, Requirement, ServiceVersion, Service, Boilerplate):
            ctx.session.execute(delete(table))
    assert "[[" not in re.sub("^#.*$", "", dump(lite_desk), flags=re.MULTILINE)
    load(lite_desk, dumped)
    assert dump(lite_desk) == dumped
    with pytest.raises(InvalidInputError, match="traits: There is no “upgrade”"):
        load(lite_desk, dumped.replace("active = false\n", ""))


def test_a_change_of_the_catalogue_changes_no_order(desk: Desk) -> None:
    """Price and requirements are those that were ordered."""
    code = desk.order()
    load(desk, dump(desk).replace('"45.00"', '"99.00"').replace("PHP 7.4", "PHP 9"))
    ticket = desk.ticket(code)
    assert ticket.price_minor == 4500
    assert "PHP 7.4" in ticket.requirements[0]
    with desk.ctx() as ctx:
        assert catalogue.orderable(ctx, "installation").price_minor == 9900


FAULTS = """
colour = "red"

[[service]]
slug = "a b"
name = ""
price = "45,00"
currency = "euro"
workflow = "magic"
requirements = "none"
size = 3
[[service.question]]
name = "Bad Name"
label = ""
[[service.question]]
name = "k"
label = "K?"
kind = "riddle"
[[service.question]]
name = "c"
label = "C?"
kind = "choice"
choices = 5
shown_by = "later"

[[service]]
slug = "twin"
name = "T"
price = 45
currency = "EUR"
[[service]]
slug = "twin"
name = "T"
price = "30000000.00"
currency = "EUR"
[[service]]
slug = "this-slug-is-much-longer-than-its-column-in-the-table"
name = "L"
price = "1"
currency = "EUR"

[[boilerplate]]
title = "T"
body = "Dear {custmer}"
[[boilerplate]]
body = "x"
"""


def test_all_faults_are_told_and_nothing_is_half_loaded(desk: Desk) -> None:
    """One sentence for each, with the place where it is."""
    before = dump(desk)
    with pytest.raises(InvalidInputError) as refused:
        load(desk, FAULTS + SMALL)
    told = "\n".join(refused.value.problems["file"])
    for words in (
        "Line 2: colour: This key is not known.",
        "“a b”: slug: Use small letters, digits and hyphens",
        "“a b”: name: This is missing.",
        "“euro” is not a currency",
        "“a b”: workflow: There is no “magic”.",
        "“a b”: size: This key is not known.",
        '“a b”: requirements: Write it like this: requirements = ["…", "…"]',
        "question “Bad Name”: label: This is missing.",
        "question “Bad Name”: name: Use small letters",
        "question “k”: kind: Write one of these: text, ",
        'question “c”: choices: Write it like this: choices = ["…", "…"]',
        "question “c”: shown_by: There is no “later”.",
        "service “twin”: “twin” is there twice.",
        '“twin”: price: Write it like this: price = "…"',
        "“twin”: price: Enter a lower amount: 30000000.00 can't be kept",
        "table”: slug: Use",
        "boilerplate 1: body: {custmer} isn't a placeholder.",
        "boilerplate 2: title: This is missing.",
    ):
        assert words in told, words
    assert dump(desk) == before


@pytest.mark.parametrize(
    "text",
    ["not = = toml", "service = 5", "[service]\nslug = 'a'", "service = [1, 2]", "boilerplate = {}", "\0"],
)
def test_a_file_of_another_shape_is_refused_in_a_sentence(lite_desk: Desk, text: str) -> None:
    """No fault of the file is a crash."""
    before = dump(lite_desk)
    with pytest.raises(InvalidInputError):
        load(lite_desk, text)
    assert dump(lite_desk) == before


def test_the_questions_of_a_service_are_as_declared(lite_desk: Desk) -> None:
    """In their order, with kind and moment."""
    with lite_desk.ctx() as ctx:
        asked = catalogue.orderable(ctx, "upgrade").questions
    assert [question.name for question in asked][:4] == ["from_version", "albums", "disk", "other_space"]
    assert asked[3].kind is Kind.LONG_TEXT
    assert (asked[3].shown_by, asked[3].shown_value, asked[3].required) == ("disk", "no", True)
