"""News on a phone: called by a colleague, read, followed, and wished otherwise (P7, P8)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import QUEUE, Open
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P8"), pytest.mark.row("P7")]


def test_a_mention_reaches_a_phone(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Ben calls Ada; she finds it in her news, opens the ticket, reads it, watches it, and wants no mail."""
    code = lite_desk.order()
    lite_desk.tell()
    ben = open_browser(lite_live, "ben")
    ben.goto(f"/support/desk/tickets/{code}")
    ben.get_by_label("New annotation").fill("@Ada: do you know this host?")
    ben.get_by_role("button", name="Add annotation").click()
    expect(ben.locator(".ps-mention")).to_have_text("@Ada")
    assert [
        mail["To"].addresses[0].display_name for mail in lite_desk.work() if "Ben" in mail["Subject"]
    ] == ["Ada"]

    ada = open_browser(lite_live, "ada", at=QUEUE, viewport={"width": 320, "height": 640})
    expect(ada.get_by_role("link", name="News 2 unread")).to_be_visible()
    lite_desk.annotate(code, lite_desk.mia, "@Ada: it is mine.")
    lite_desk.tell()
    # an open queue hears of it by itself
    ada.get_by_role("link", name="News 3 unread").click()
    expect(ada.get_by_role("heading", name="Today")).to_be_visible()
    news = ada.locator(".ps-news li")
    expect(news.first).to_contain_text("mentions you")
    assert ada.evaluate("document.documentElement.scrollWidth") <= 320
    news.first.get_by_role("link", name=code).click()
    # having it open reads what one was told of it
    ada.locator("summary", has_text="Watchers").click()
    ada.get_by_role("button", name="Watch ticket").click()
    expect(ada.get_by_role("link", name="News", exact=True)).to_be_visible()
    # what a person has unfolded stays so
    ada.get_by_role("button", name="Stop watching").press("Enter")
    expect(ada.get_by_role("button", name="Watch ticket")).to_have_count(1)

    ada.goto("/support/desk/profile")
    ada.get_by_label("Mentions").select_option("On the page only")
    ada.get_by_role("button", name="Save notifications").click()
    expect(ada.get_by_text("Notifications saved.")).to_be_visible()
    lite_desk.annotate(code, lite_desk.ben, "@Ada: solved.")
    assert [mail for mail in lite_desk.work() if "Ben" in mail["Subject"]] == []
    ada.goto("/support/desk/news")
    ada.get_by_role("button", name="Mark all as read").click()
    expect(ada.get_by_role("link", name="News", exact=True)).to_be_visible()


def test_a_part_unfolded_before_the_page_is_ready_stays_so(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """On a slow line a person clicks before the page's script has run."""
    code = lite_desk.order()
    ada = open_browser(lite_live, "ada")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    ada.route("**/ticket.js*", hold)
    ada.goto(f"/support/desk/tickets/{code}", wait_until="commit")
    ada.locator("summary", has_text="Watchers").click()
    expect(ada.get_by_role("button", name="Watch ticket")).to_be_visible()
    late.pop().continue_()
    ada.wait_for_load_state()
    ada.unroute("**/ticket.js*")
    ada.reload()
    expect(ada.get_by_role("button", name="Watch ticket")).to_be_visible()
