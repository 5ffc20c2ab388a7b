"""Tagging, merging and taking apart in Chromium, as people do it (P7)."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P7")]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_order_that_was_sent_twice(
    app: Flask,
    desk: Desk,
    live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Ada finds both by a tag and merges them; the customer writes by the old link; Ada takes them apart."""
    first, second = desk.order(details="A gallery for our club."), desk.order(details="Please, a gallery!")
    ada = open_browser(live, "ada", java_script_enabled=script)
    for code in (first, second):
        ada.goto(f"/support/desk/tickets/{code}")
        ada.get_by_label("New tag").fill("club gallery")
        ada.get_by_role("button", name="Add tag").click()
        expect(ada.locator(".ps-tag")).to_contain_text("club gallery")
    ada.locator(".ps-tag").get_by_role("link", name="club gallery").click()
    expect(ada.locator("[data-ps-row]")).to_have_count(2)

    ada.get_by_role("link", name="Please, a gallery!").click()
    ada.locator("summary", has_text="Linked tickets").click()
    ada.get_by_role("link", name="Merge into another ticket").click()
    ada.get_by_label("Code of the other ticket").fill(first.lower())
    ada.get_by_role("button", name="Compare the two").click()
    expect(ada.get_by_role("table")).to_contain_text("A gallery for our club")
    ada.get_by_role("button", name=f"Merge into {first}").click()
    expect(ada.get_by_role("main")).to_contain_text(f"Merged into {first}")

    customer = open_browser(live, java_script_enabled=script)
    customer.goto(f"/support/t/{desk.token(second)}")
    customer.get_by_text(f"Your order {second} is dealt with here as well").click()
    expect(customer.get_by_text("Please, a gallery!")).to_be_visible()
    customer.get_by_label("Your message").fill("I have sent it twice, sorry.")
    customer.get_by_role("button", name="Send").click()
    expect(customer.get_by_role("main")).to_contain_text("I have sent it twice, sorry.")

    ada.get_by_role("link", name=first).first.click()
    expect(ada.get_by_role("main")).to_contain_text("I have sent it twice, sorry.")
    ada.get_by_text(f"{second}: Please, a gallery!").click()
    ada.get_by_role("button", name=f"Undo the merge of {second}").click()
    expect(ada.get_by_role("status").first).to_contain_text("Merge undone")
    expect(ada.get_by_role("button", name="Claim").first).to_be_visible()
    ada.get_by_role("button", name="Remove the tag club gallery").click()
    expect(ada.locator(".ps-tag")).to_have_count(0)
    assert desk.ticket(second).state == "open"
    assert desk.ticket(first).thread == 1
    assert desk.broken() == {}
