"""The bar, its menus, the palette and the search in a real browser (P6, P15)."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import QUEUE, Open, assert_fit_for_all, press
from tests.leading import organisation
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]

SCHEMES: list[tuple[Literal["light", "dark"], Literal["active", "none"]]] = [
    ("light", "none"),
    ("dark", "none"),
    ("light", "active"),
]
#: The height of one line of the bar, and not of two.
MOST = 60


def height(of: Locator) -> float:
    """Of a box on the page."""
    box = of.bounding_box()
    assert box
    return box["height"]


@pytest.mark.parametrize(("scheme", "forced"), SCHEMES)
def test_the_bar_is_for_all(
    lite_desk: Desk,
    lite_live: str,
    open_browser: Open,
    scheme: Literal["light", "dark"],
    forced: Literal["active", "none"],
) -> None:
    """One line with its menus open and the palette over it: axe finds nothing, in any colours."""
    lite_desk.order()
    size = {"width": 1440, "height": 900}
    page = open_browser(lite_live, "mia", at=QUEUE, color_scheme=scheme, forced_colors=forced, viewport=size)
    bar = page.locator(".ps-bar")
    assert height(bar) < MOST
    bar.get_by_text("More").click()
    expect(bar.get_by_role("link", name="Invoices")).to_be_visible()
    assert_fit_for_all(page)
    # one menu at a time; Escape closes it and gives the focus back
    bar.get_by_text("Mia").click()
    expect(bar.get_by_role("link", name="Invoices")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(bar.get_by_role("link", name="Profile")).to_be_hidden()
    press(page, "Control+k")
    expect(page.get_by_role("combobox", name="Command")).to_be_focused()
    assert_fit_for_all(page)


def test_a_phone_has_a_small_bar(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Everything is in the menu, the search stays in sight, and the bar is one line."""
    lite_desk.order()
    page = open_browser(lite_live, "ada", at=QUEUE, viewport={"width": 390, "height": 844})
    bar = page.locator(".ps-bar")
    assert height(bar) < MOST
    expect(bar.get_by_role("searchbox")).to_be_visible()
    first = page.locator("[data-ps-row]").first.bounding_box()
    assert first
    assert first["y"] < 400
    bar.get_by_text("Menu", exact=True).click()
    assert_fit_for_all(page)
    bar.get_by_role("link", name="Triage").click()
    expect(page).to_have_url(re.compile("/desk/triage"))


def test_the_palette_is_worked_by_keyboard(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """It finds pages, actions of the page and of its row, what was open before, and codes."""
    code = lite_desk.order()
    other = lite_desk.order(details="Move our albums.")
    page = open_browser(lite_live, "ada", at=QUEUE)
    press(page, "Control+k")
    field = page.get_by_role("combobox", name="Command")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    page.keyboard.type("rost")
    expect(options.filter(has_text="Roster")).to_have_attribute("aria-selected", "true")
    press(page, "Escape")
    expect(page.locator("#ps-palette")).to_be_hidden()
    page.wait_for_function("!document.activeElement.closest('dialog')")
    # the row in focus comes first
    press(page, "j")
    press(page, "Control+k")
    page.keyboard.type("claim")
    expect(options.first).to_have_text(re.compile("^Claim PS-"))
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/tickets/({code}|{other})"))
    # an action of the page
    press(page, "Control+k")
    page.keyboard.type("new annot")
    press(page, "Enter")
    expect(page.get_by_label("New annotation")).to_be_focused()
    # another page, by arrows
    press(page, "Control+k")
    page.keyboard.type("guides")
    press(page, "ArrowDown")
    press(page, "ArrowUp")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/desk/guides/"))
    # what was open before, and a ticket by a part of its code
    press(page, "Control+k")
    expect(page.get_by_role("group", name="Recent")).to_contain_text(re.compile(f"{code}|{other}"))
    field.fill(other[3:7])
    press(page, "ArrowUp")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{other}"))


@pytest.mark.row("P6")
def test_the_search_finds_every_kind(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Tickets, issues, organisations and guides, each with the words marked; a guide by what it is about."""
    lite_desk.order(details="The upload of photos fails since Monday.")
    lite_desk.open_issue(lite_desk.ada, summary="Upload fails with large photos")
    organisation(lite_desk, "Upload Photos Ltd")
    page = open_browser(lite_live, "ada", at=QUEUE)
    press(page, "/")
    page.keyboard.type("upload photos")
    press(page, "Enter")
    for kind in ("Tickets", "Issues", "Organisations", "Guides"):
        section = page.locator(".ps-found").filter(has=page.get_by_role("heading", name=kind))
        expect(section.locator("mark").first).to_have_text(re.compile("upload|photos", re.IGNORECASE))
    assert_fit_for_all(page)
    press(page, "/")
    page.get_by_role("searchbox").fill("change the title")
    press(page, "Enter")
    guides = page.locator(".ps-found").filter(has=page.get_by_role("heading", name="Guides"))
    expect(guides.get_by_role("link").first).to_have_text("Changing title, colours and language")
