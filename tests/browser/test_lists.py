"""Lists of tickets and issues: filters in the address, saved views, without scripts, on a phone (P6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, assert_fit_for_all, press
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P6")]

QUEUE, MINE, ISSUES = "/support/desk/", "/support/desk/mine", "/support/desk/issues"


def agree(page: Page, choice: str, value: str, *codes: str) -> None:
    """A control says what the address asks for, and the list shows just that."""
    expect(page.locator(f"#ps-{choice}")).to_have_value(value)
    expect(page.locator(".ps-queue .ps-code")).to_have_text(codes)
    assert (f"{choice}={value}" in page.url) is bool(value)


def test_what_is_filtered_stands_in_the_address_and_is_saved(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """Controls and list agree after a choice, Back, Forward and a reload; views keep it, and count."""
    codes = [lite_desk.order(details=f"Order {number}.") for number in range(3)]
    for code, owner in zip(codes, (lite_desk.ada, lite_desk.ben, lite_desk.ben), strict=True):
        lite_desk.claim(code, owner)
    ben = str(lite_desk.ben.id)
    ada = open_browser(lite_live, "ada")
    ada.goto(f"{QUEUE}?part=pending")
    ada.get_by_text("Filter and sort").click()
    ada.locator("#ps-owner").select_option(ben)
    expect(ada.locator("[data-ps-row]")).to_have_count(2)
    agree(ada, "owner", ben, *codes[1:])
    ada.go_back()
    agree(ada, "owner", "", *codes)
    ada.go_forward()
    agree(ada, "owner", ben, *codes[1:])
    ada.locator("[data-ps-row] a").first.click()
    ada.wait_for_url("**/tickets/*")
    ada.go_back()
    agree(ada, "owner", ben, *codes[1:])
    ada.reload()
    agree(ada, "owner", ben, *codes[1:])
    # the list as it is filtered now, under a name
    ada.get_by_role("link", name="Save view…").click()
    ada.get_by_label("Name").fill("Ben's")
    expect(ada.get_by_label("Share")).to_have_count(0)
    ada.get_by_role("button", name="Save view").click()
    own = ada.get_by_role("navigation", name="Lists").get_by_role("link", name="Ben's 2")
    expect(own).to_have_attribute("aria-current", "page")
    agree(ada, "owner", ben, *codes[1:])
    mia = open_browser(lite_live, "mia", at=QUEUE)
    tabs = mia.get_by_role("navigation", name="Lists")
    expect(tabs.get_by_role("link", name="Ben's")).to_have_count(0)
    mia.goto(f"{QUEUE}views/new?part=pending&turn=owner")
    mia.get_by_label("Name").fill("Ours to answer")
    mia.get_by_role("checkbox").check()
    mia.get_by_role("button", name="Save view").click()
    expect(tabs.get_by_role("link", name="Ours to answer 3")).to_be_visible()
    # others see a new one within a minute
    lite_desk.clock.forward(minutes=1)
    ada.goto(QUEUE)
    ada.get_by_role("link", name="Ours to answer 3").click()
    expect(ada.locator("[data-ps-row]")).to_have_count(3)
    expect(ada.locator("#ps-turn")).to_have_value("owner")
    # one's own is renamed and deleted; a shared one is the managers'
    ada.get_by_role("link", name="Edit views").click()
    expect(ada.get_by_role("button", name="Rename view")).to_have_count(1)
    ada.get_by_label("Name").fill("Of Ben")
    ada.get_by_role("button", name="Rename view").click()
    expect(ada.get_by_role("heading", name="Of Ben")).to_be_visible()
    assert_fit_for_all(ada)
    ada.get_by_role("button", name="Delete view").click()
    expect(ada.get_by_role("heading", name="Of Ben")).to_have_count(0)
    expect(ada.get_by_role("heading", name="Ours to answer")).to_be_visible()


def test_lists_work_without_scripts(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Filtering, doing one thing with several tickets, and taking it back: by buttons."""
    codes = [lite_desk.order(details=f"Order {number}.") for number in range(3)]
    ada = open_browser(lite_live, "ada", at=QUEUE, java_script_enabled=False)
    for code in codes[:2]:
        ada.get_by_role("checkbox", name=code).check()
    ada.locator("#ps-bulk-priority").select_option("high")
    ada.get_by_role("button", name="Set priority").click()
    expect(ada.get_by_text("Priority of 2 tickets changed.")).to_be_visible()
    ada.get_by_text("Filter and sort").click()
    ada.locator("#ps-priority").select_option("high")
    ada.get_by_role("button", name="Show").click()
    agree(ada, "priority", "high", *codes[:2])
    ada.get_by_role("link", name="Clear filters").click()
    agree(ada, "priority", "", *codes)
    ada.get_by_role("checkbox", name=codes[2]).check()
    ada.get_by_role("button", name="Close as spam").click()
    agree(ada, "priority", "", *codes[:2])
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("Undone.")).to_be_visible()
    agree(ada, "priority", "", *codes)
    lite_desk.open_issue(lite_desk.ada, summary="Photos stay dark")
    ada.goto(ISSUES)
    ada.get_by_text("Filter and sort").click()
    ada.locator("#ps-kind").select_option("feature")
    ada.get_by_role("button", name="Show").click()
    agree(ada, "kind", "feature")


def test_a_phone_shows_tickets_at_once(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """The first ticket stands in the upper half; nothing is wider than a small phone; claimed rows vanish."""
    name = "Maximiliana Wolkenstein-Trostburg von und zu Beispielhausen"
    first, second = lite_desk.order(), lite_desk.order(name=name)
    lite_desk.claim(lite_desk.order(), lite_desk.ada)
    asked = lite_desk.open_issue(lite_desk.ben, summary="Photos stay dark")
    lite_desk.issue_move(asked, "grab", lite_desk.ada)
    ada = open_browser(lite_live, "ada", viewport={"width": 390, "height": 844})
    for width in (390, 320):
        ada.set_viewport_size({"width": width, "height": 844})
        for url in (QUEUE, f"{QUEUE}?part=pending", MINE, ISSUES):
            ada.goto(url)
            box = ada.locator("[data-ps-row]").first.bounding_box()
            assert box
            assert box["y"] < 400, (url, width)
            assert_fit_for_all(ada, f"{url} {width}")
    ada.set_viewport_size({"width": 1440, "height": 900})
    ada.goto(QUEUE)
    whole = ada.get_by_role("cell", name=name).evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    assert whole
    # one list of both kinds, with as many as its tab says
    ada.goto(MINE)
    expect(ada.locator("[data-ps-row] .ps-code")).to_have_text([re.compile("^IS-"), re.compile("^PS-")])
    expect(ada.get_by_role("link", name="Mine 2")).to_be_visible()
    lite_desk.claim(lite_desk.order(), lite_desk.ada)
    expect(ada.get_by_role("link", name="Mine 3")).to_be_visible()
    ada.goto(QUEUE)
    rows = ada.locator("[data-ps-row]")
    expect(rows).to_have_count(2)
    lite_desk.claim(first, lite_desk.ben)
    expect(rows).to_have_count(1)
    expect(rows.locator(".ps-code")).to_have_text(second)


def test_every_key_is_in_the_list_of_keys(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """What a page has by now: its own, those of its rows and those of the bar; s starts an issue."""
    lite_desk.order()
    code = lite_desk.open_issue(lite_desk.ben, summary="Photos stay dark")
    lite_desk.change_issue(code, state="confirmed", owner_id=lite_desk.ada.id)
    ada = open_browser(lite_live, "ada")
    for url in (QUEUE, MINE, ISSUES):
        ada.goto(url)
        press(ada, "?")
        keys = ada.locator("#ps-keys dt")
        shown = {" ".join(each.split()) for each in keys.all_inner_texts()}
        there = ada.locator("[data-ps-key]").evaluate_all("all => all.map(each => each.dataset.psKey)")
        assert set(there) <= shown, url
        assert len(shown) == keys.count(), url
        press(ada, "Escape")
    ada.goto(MINE)
    press(ada, "j")
    press(ada, "s")
    ada.wait_for_url(f"**/{code}")
    assert lite_desk.issue(code).state == "assigned"
