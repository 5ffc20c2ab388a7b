"""Several tickets at once, by keyboard and by mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUEUE, Open
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P6")]


def test_tickets_are_selected_tagged_and_untagged_again(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """X selects a ticket, Shift a range, one box all; what was done is undone by one button."""
    codes = [lite_desk.order(details=f"Order {number}.") for number in range(4)]
    ada = open_browser(lite_live, "ada", at=QUEUE)
    told, boxes = ada.locator("[data-ps-selected]"), ada.locator(".ps-rows tbody [type=checkbox]")
    ada.keyboard.press("j")
    ada.keyboard.press("x")
    expect(told).to_have_text("1 selected")
    boxes.nth(2).click(modifiers=["Shift"])
    expect(told).to_have_text("3 selected")
    # the list draws itself again when another order comes
    lite_desk.order(details="One more.")
    expect(boxes).to_have_count(5)
    expect(told).to_have_text("3 selected")
    ada.get_by_label("Select all on this page").check()
    expect(told).to_have_text("5 selected")
    ada.locator("#ps-bulk-tag").fill("spring")
    ada.get_by_role("button", name="Add tag").click()
    expect(ada.get_by_text("5 tickets tagged.")).to_be_visible()
    expect(ada.locator(".ps-tag")).to_have_count(5)
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("Undone.")).to_be_visible()
    expect(ada.locator(".ps-tag")).to_have_count(0)
    assert lite_desk.happened(codes[0])[-2:] == ["tagged", "untagged"]
