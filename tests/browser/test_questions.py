"""Questions of a service: edited by keyboard alone without scripts, and asked where they apply (P10)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from paidsupport.catalogue.questions import queries
from tests.browser.conftest import Open
from tests.people import Desk
from tests.services import published

pytestmark = [pytest.mark.browser, pytest.mark.row("P10")]

PAGE = "/support/desk/setup/services/upgrade/questions"


def test_a_question_is_added_and_moved_without_a_mouse_or_scripts(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """After each move, the button that was pressed has the focus again, and the page says the new place."""
    page = open_browser(lite_live, "mia", java_script_enabled=False)
    page.goto(PAGE)
    press, type_ = page.keyboard.press, page.keyboard.type
    page.get_by_role("link", name="Add a question").focus()
    press("Enter")
    page.get_by_label("Question", exact=True).focus()
    type_("Is it urgent?")
    page.get_by_label("Kind of answer").focus()
    type_("Yes or no")
    press("Enter")
    page.get_by_role("button", name="Add question").focus()
    press("Enter")
    expect(page.get_by_text("Question added.")).to_be_visible()
    up = page.get_by_role("button", name="Move up: Is it urgent?")
    up.focus()
    for place in (6, 5):
        press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"“Is it urgent?” is now {place} of 7.")
        expect(up).to_be_focused()
    page.get_by_label("Position of Is it urgent?").focus()
    press("Control+a")
    type_("1")
    press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“Is it urgent?” is now 1 of 7.")
    expect(page.get_by_role("button", name="Move Is it urgent? to this position")).to_be_focused()
    with lite_desk.ctx() as ctx:
        names = [row.name for row in queries.service_called(ctx.session, "upgrade").questions]
    assert names[0] == "is_it_urgent"


def test_a_question_appears_above_the_one_that_it_hangs_on(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """In any order on the form, also over two steps: the first hangs on the second, this on the last."""
    with published(lite_desk, "upgrade") as service:
        first, second, *_rest = service.questions
        first.required = second.required = False
        first.shown_by, first.shown_value = second.name, "many"
        second.kind, second.choices = "choice", ["many", "few"]
        second.shown_by, second.shown_value = "disk", "no"
        labels = first.label, second.label
    page = open_browser(lite_live)
    page.goto("/support/order/upgrade")
    top, middle = page.get_by_label(labels[0]), page.get_by_role("radiogroup", name=labels[1])
    expect(middle).to_be_hidden()
    page.get_by_role("radiogroup", name="Is there as much free space").get_by_label("No").check()
    expect(middle).to_be_visible()
    expect(top).to_be_hidden()
    middle.get_by_label("many").check()
    expect(top).to_be_visible()
    page.get_by_role("radiogroup", name="Is there as much free space").get_by_label("Yes").check()
    expect(middle).to_be_hidden()
    expect(top).to_be_hidden()


def test_what_an_answer_shows_is_not_shown_by_the_words_of_another(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """Answers are compared whole, whatever stands in them."""
    zipped, quoted = "Zip", "“A” & \"B\" 'C' <d>"
    with published(lite_desk, "upgrade") as service:
        shower, first, second, *_rest = service.questions
        shower.kind, shower.choices = "several", [zipped, f"{zipped} upload", quoted]
        first.shown_by = second.shown_by = shower.name
        first.shown_value, second.shown_value = f"{zipped} upload", quoted
        first.kind = second.kind = "text"
        first.choices = second.choices = []
        labels = shower.label, first.label, second.label
    page = open_browser(lite_live)
    page.goto("/support/order/upgrade")
    answers = page.get_by_role("group", name=labels[0])
    upload, other = (page.get_by_label(label) for label in labels[1:])
    answers.get_by_label(zipped, exact=True).check()
    expect(answers.get_by_label(zipped, exact=True)).to_be_checked()
    expect(upload).to_be_hidden()
    expect(other).to_be_hidden()
    answers.get_by_label(f"{zipped} upload").check()
    expect(upload).to_be_visible()
    expect(other).to_be_hidden()
    answers.get_by_label(f"{zipped} upload").uncheck()
    answers.get_by_label(quoted).check()
    expect(upload).to_be_hidden()
    expect(other).to_be_visible()
