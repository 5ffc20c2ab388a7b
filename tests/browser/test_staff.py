"""A colleague leaves: what they hold is handed over by keyboard alone, without JavaScript (P10, P15)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_for_all
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P10", "P15")]


def test_a_manager_disables_a_colleague_without_a_mouse(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """From the hub to the list and the page of what they hold; three claims go to Ben, and Ada is out."""
    codes = [lite_desk.in_progress(lite_desk.ada) for _ in range(3)]
    ada = open_browser(lite_live, "ada")
    ada.goto("/support/desk/")
    page = open_browser(lite_live, "mia", java_script_enabled=False, viewport={"width": 320, "height": 640})
    press = page.keyboard.press
    page.goto("/support/desk/setup/")
    page.get_by_role("link", name="Staff").focus()
    press("Enter")
    page.get_by_role("link", name="Disable… Ada").focus()
    press("Enter")
    expect(page.get_by_role("heading", name="3 tickets to hand over")).to_be_visible()
    # sent at once: nothing is done before a colleague is chosen
    page.get_by_role("button", name="Disable").focus()
    press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose what happens to the tickets.")
    page.get_by_label("Hand the tickets over to").focus()
    page.keyboard.type("Ben")
    page.get_by_role("button", name="Disable").focus()
    press("Enter")
    expect(page.get_by_text("Ada is disabled.")).to_be_visible()
    assert {lite_desk.ticket(code).owner_id for code in codes} == {lite_desk.ben.id}
    answer = ada.goto("/support/desk/")
    assert answer
    assert answer.status == 404


def test_the_rules_are_read_on_a_small_phone(lite_live: str, open_browser: Open) -> None:
    """All tables of the page “Who may do what” fit, also opened."""
    page = open_browser(lite_live, "mia", viewport={"width": 320, "height": 640})
    page.goto("/support/desk/setup/roles")
    for summary in page.locator("main details > summary").all():
        summary.press("Enter")
    assert_fit_for_all(page, "opened")
