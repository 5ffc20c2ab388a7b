"""A colleague leaves: what they hold is handed over by keyboard alone, without JavaScript (P10, P15)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_for_all
from tests.browser.keyboard import follow, go_to, push
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P10", "P15")]


def test_a_manager_disables_a_colleague_without_a_mouse(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """From the hub to the page of what they hold; three claims go to Ben, all are told, and Ada is out."""
    codes = [lite_desk.in_progress(lite_desk.ada) for _ in range(3)]
    script = {"java_script_enabled": False}
    ada, ben = (open_browser(lite_live, name, at="/support/desk/mine", **script) for name in ("ada", "ben"))
    page = open_browser(lite_live, "mia", viewport={"width": 320, "height": 640}, **script)
    page.goto("/support/desk/setup/")
    follow(page, "Staff")
    follow(page, "Disable… Ada")
    expect(page.get_by_role("heading", name="3 tickets to hand over")).to_be_visible()
    # sent at once: nothing is done before a colleague is chosen
    push(page, "Disable Ada")
    expect(page.get_by_role("alert")).to_contain_text("Choose what happens to the tickets.")
    go_to(page, page.get_by_label("Hand the tickets over to"))
    page.keyboard.type("Ben")
    push(page, "Disable Ada")
    expect(page.get_by_text("Ada is disabled.")).to_be_visible()

    ben.reload()
    customer = open_browser(lite_live, **script)
    for code in codes:
        expect(ben.get_by_role("main")).to_contain_text(code)
        customer.goto(f"/support/t/{lite_desk.token(code)}")
        expect(customer.get_by_role("main")).to_contain_text(re.compile(r"Your developer\s+Ben"))
    follow(ben, "A gallery for our club")
    expect(ben.get_by_role("main")).to_contain_text("Owned by you")
    answer = ada.reload()
    assert answer
    assert answer.status == 404
    page.goto("/support/desk/setup/changes")
    expect(page.locator("#ps-changes")).to_contain_text("Ada")
    assert lite_desk.broken() == {}


def test_the_rules_are_read_on_a_small_phone(lite_live: str, open_browser: Open) -> None:
    """All tables of the page “Who may do what” fit, also opened."""
    page = open_browser(lite_live, "mia", viewport={"width": 320, "height": 640})
    page.goto("/support/desk/setup/roles")
    for summary in page.locator("main details > summary").all():
        summary.press("Enter")
    assert_fit_for_all(page, "opened")
