"""The roster made by keyboard alone, and read on a small phone (T7, P15)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from paidsupport.kernel.staff.roster import operations as roster
from tests.browser.conftest import Open, assert_fit_in_all_colours
from tests.browser.every_page import fill_roster
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("T7", "P15")]

PAGE = "/support/desk/roster"


def test_a_manager_makes_a_roster_without_a_mouse(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """Who, two weekdays, from, until, place; sent with Enter, and a line taken off with Enter."""
    page = open_browser(lite_live, "mia")
    page.goto(PAGE)
    press, type_ = page.keyboard.press, page.keyboard.type
    form = page.locator("form").filter(has=page.get_by_role("button", name="Add shift"))
    form.get_by_label("Person").focus()
    type_("Ben")
    press("Tab")
    press("Space")  # Monday
    press("Tab")
    press("Space")  # Tuesday
    form.get_by_label("From").focus()
    type_("0800")
    form.get_by_label("Until").focus()
    type_("1200")
    form.get_by_label("Order").focus()
    press("Enter")
    expect(page.get_by_text("Shift added.")).to_be_visible()
    row = page.get_by_role("row", name="Monday 08:00–12:00 1. Ben")
    expect(row).to_be_visible()
    row.get_by_role("button").focus()
    press("Enter")
    expect(page.get_by_text("Removed from the roster.")).to_be_visible()
    with lite_desk.ctx() as ctx:
        assert [(line.weekday, line.starts, line.ends) for line in roster.overview(ctx).week] == [
            (1, 480, 720)
        ]


def test_a_refused_shift_is_fit_for_all(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """What was wrong: nothing for axe, nothing wider than a small phone; as it comes, all pages are tried."""
    fill_roster(lite_desk)
    page = open_browser(lite_live, "mia", reduced_motion="reduce", viewport={"width": 320, "height": 640})
    page.goto(PAGE)
    page.get_by_role("button", name="Add shift").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert_fit_in_all_colours(page, "refused")
    for link in page.get_by_role("alert").first.get_by_role("link").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1, target
