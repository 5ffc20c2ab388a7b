"""One browser, two people: an open tab of somebody who has left, and a session that has ended."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.kernel.web.test_unsent import DESK, NOW_BEN, TEXT, noted
from tests.people import Desk


@pytest.mark.browser
@pytest.mark.row("G6", "G10")
def test_two_people_share_a_browser(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Ada's open tab does nothing for Ben until he sends it again; signed out, his text waits for him."""
    code = lite_desk.order()
    old = open_browser(lite_live, "ada")
    old.goto(f"{DESK}/tickets/{code}")
    old.locator('form[action$="/annotations"] [name=body]').fill(TEXT)
    other = old.context.new_page()
    _change_person(other)
    old.locator('form[action$="/annotations"] button').first.click()
    expect(old.get_by_text(NOW_BEN)).to_be_visible()
    assert noted(lite_desk) == []
    note = old.locator('form[action$="/annotations"]')
    expect(note.locator("[name=body]")).to_have_value(TEXT)
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    note.locator("button").first.click()
    _sign_in(old)
    expect(old.get_by_text("You were signed out before this was sent.")).to_be_visible()
    note = old.locator('form[action$="/annotations"]')
    expect(note.locator("[name=body]")).to_have_value(TEXT)
    note.locator("button").first.click()
    old.wait_for_url(f"**/tickets/{code}**")
    assert noted(lite_desk) == [(TEXT, lite_desk.ben.id)]


def _change_person(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login")
    _sign_in(page)
    page.wait_for_url("**/desk/")


def _sign_in(page: Page) -> None:
    page.get_by_label("Email address").fill("ben@example.org")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
