"""Asking and answering in Chromium: a no that locks a line, and an offer that raises the price."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import Open, private_link
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("N4")]


@pytest.mark.row("G14")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_customer_says_no_and_the_line_is_locked(
    app: Flask,
    desk: Desk,
    live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Ada asks to restart Apache, the customer declines with one click, and the line says so."""
    code = desk.risky(desk.ada)
    ada = open_browser(live, "ada", java_script_enabled=script)
    ada.goto(f"/support/desk/tickets/{code}")
    line = ada.locator("#item-configuration")
    expect(line).to_contain_text("Ask the customer for approval first")
    line.get_by_role("link", name="Ask for approval").click()
    ada.get_by_label("What do you want to do?").fill("Restart Apache on web1")
    ada.get_by_label("Why?").fill("The new module is not loaded before.")
    ada.get_by_label("How can it be undone?").fill("By taking the module out.")
    ada.get_by_role("button", name="Ask for approval").click()
    # what is missing is said on the ticket's page, at its field, which has the focus
    ada.wait_for_url(re.compile(rf"/tickets/{code}\?kept="))
    expect(ada.get_by_label("Why?")).to_have_value("The new module is not loaded before.")
    risk = ada.get_by_label("What can go wrong?")
    expect(risk).to_have_attribute("aria-invalid", "true")
    expect(risk).to_be_focused()
    expect(risk).to_be_in_viewport()
    risk.fill("All sites are away for some seconds.")
    ada.get_by_role("button", name="Ask for approval").click()
    expect(ada.locator("#decision-1")).to_contain_text("Not answered yet")
    expect(line).to_contain_text("has not answered")
    assert [mail["To"] for mail in desk.work()] == ["jane@example.com"]

    customer = open_browser(live, java_script_enabled=script)
    customer.goto(private_link(desk))
    expect(customer.get_by_role("heading", name="Ada needs a decision from you")).to_be_visible()
    expect(customer.locator("#ps-decisions")).to_contain_text("All sites are away for some seconds.")
    expect(customer.get_by_role("complementary")).to_have_css("text-decoration-line", "none")  # no link
    customer.get_by_text("Add a message").click()
    customer.get_by_label("Message to your developer").fill("The shop runs on it.")
    customer.get_by_role("button", name="Don't approve: Restart Apache").click()
    expect(customer.get_by_role("status")).to_contain_text("it's left out")
    expect(customer.get_by_role("main")).to_contain_text("You didn't approve this")
    expect(customer.get_by_role("button", name="Don't approve")).to_have_count(0)

    if script:
        # a folded part with a refused form is unfolded
        ada.locator("summary").filter(has_text="Tags").click()
        ada.reload()
        expect(ada.get_by_label("New tag")).to_be_hidden()
        ada.locator("summary").filter(has_text="Tags").click()
        ada.get_by_label("New tag").fill("one, two")
        ada.evaluate("localStorage['psFold-tags'] = 'closed'")
        ada.get_by_role("button", name="Add tag").click()
        ada.wait_for_url(re.compile(r"\?kept="))
        expect(ada.get_by_label("New tag")).to_be_focused()
        ada.goto(f"/support/desk/tickets/{code}")

    ada.reload()
    expect(line).to_contain_text("The customer does not want this: it stays undone.")
    expect(ada.locator("#decision-1")).to_contain_text("The shop runs on it.")
    line.get_by_role("link").first.click()
    expect(ada.get_by_role("button", name="Tick item")).to_have_count(0)
    assert desk.items(code)["configuration"].state == "refused"


@pytest.mark.row("G17")
def test_an_accepted_offer_is_on_the_bill_and_on_the_checklist(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """“Can you also …” becomes an offer, one click accepts it, the price goes up, the line appears."""
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.receive(code, "Oh, can you also add e-cards?")
    ada = open_browser(lite_live, "ada")
    ada.goto(f"/support/desk/tickets/{code}")
    ada.locator("#message-2").get_by_role("link", name="Make an offer").click()
    expect(ada.get_by_label("What is included, and why?")).to_have_value(
        re.compile("can you also add e-cards?")
    )
    expect(ada).to_have_url(re.compile(f"{code}$"))
    ada.get_by_label("What do you offer?").fill("E-cards")
    ada.get_by_label("What is included, and why?").fill("The module and its settings.")
    ada.get_by_label("Extra cost").fill("20")
    ada.get_by_role("button", name="Send offer").click()
    expect(ada).to_have_url(re.compile("#decisions$"))
    lite_desk.work()

    customer = open_browser(lite_live)
    customer.goto(private_link(lite_desk))
    expect(customer.locator("#ps-decisions")).to_contain_text("your new total is USD 65.00")
    customer.get_by_role("button", name="Accept for USD 20.00").click()
    expect(customer.get_by_role("status")).to_contain_text("Added to your order. New total: USD 65.00.")
    expect(customer.get_by_role("main")).to_contain_text("USD 65.00")

    ada.reload()
    expect(ada.locator(".ps-price").first).to_have_text("USD 65.00")
    ada.locator("#item-extra-1").get_by_role("button", name="Tick: E-cards").click()
    expect(ada.locator("#item-extra-1")).to_have_class("ps-item-done")
    assert lite_desk.broken() == {}
