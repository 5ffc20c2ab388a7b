"""Which question it is, chosen without a mouse; what is missing, read on a small phone (T5, N8, P15)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_in_all_colours
from tests.intake.gaps.test_gaps import codes, pointed, undocumented, unhappy
from tests.intake.triage.test_triage import GUIDE, asked
from tests.people import Desk
from tests.tickets.test_pages import at

pytestmark = [pytest.mark.browser, pytest.mark.row("T5", "N8", "P15")]

QUESTION = "How are albums moved to another place?"


def test_a_question_is_chosen_and_a_page_missed_without_a_mouse(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """One choice with the arrow keys beside the email; a name typed where no page answers it."""
    for _ in range(2):
        pointed(lite_desk, QUESTION)
    page = open_browser(lite_live, "ada")
    press, type_ = page.keyboard.press, page.keyboard.type
    code = asked(lite_desk, "My albums must be moved.")
    page.goto(at(code, f"/documented?guide={GUIDE}"))
    page.get_by_role("radio", name="None of these").focus()
    press("ArrowUp")
    expect(page.get_by_role("radio", name=f"{QUESTION} (asked 2 times, helped 0)")).to_be_checked()
    page.get_by_role("button", name="Send message").focus()
    press("Enter")
    expect(page.get_by_text("queued")).to_be_visible()
    other = asked(lite_desk, "Can I sell them?")
    page.goto(at(other, "/documented"))
    page.get_by_label("Another question").focus()
    type_("Can albums be sold?")
    press("Enter")
    expect(page.get_by_text("counted as missing documentation")).to_be_visible()
    lite_desk.work()
    page.goto(at(other))
    page.get_by_role("link", name=codes(lite_desk)[0]).click()
    expect(page.get_by_role("heading", name="Requests about this gap")).to_be_visible()


def test_what_is_missing_is_fit_for_all(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """The table and the forms: nothing for axe, nothing wider than a small phone."""
    pointed(lite_desk, QUESTION, url="https://docs.example.org/a-very-long-name/of-a-page/that-does-not-end")
    for _ in range(2):
        unhappy(lite_desk)
    undocumented(lite_desk, asked(lite_desk), "Can albums be sold?")
    lite_desk.work()
    code = asked(lite_desk, "Albums?")
    page = open_browser(lite_live, "mia", reduced_motion="reduce", viewport={"width": 320, "height": 640})
    issue = f"/support/desk/issues/{codes(lite_desk)[0]}"
    email = at(code, f"/documented?guide={GUIDE}")
    for path in ("/support/desk/gaps", at(code, "/documented"), email, issue):
        page.goto(path)
        assert_fit_in_all_colours(page, path)
