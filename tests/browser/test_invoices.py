"""An invoice written by keyboard, kept by the customer, and fit for all (T19, P15)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_for_all, assert_fit_in_all_colours
from tests.people import Desk
from tests.sales.invoices.test_invoices import drafted
from tests.services import billed

pytestmark = [pytest.mark.browser, pytest.mark.row("T19", "P15")]

LONG = "Dieser-Name-ist-mit-Absicht-sehr-lang-und-hat-keine-Stelle-zum-Umbrechen GmbH"


def test_a_manager_issues_an_invoice_and_the_customer_keeps_it(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """Draft, a mistake that is said at its field, issue; then the customer saves the PDF from their page."""
    code = billed(lite_desk)
    page = open_browser(lite_live, "mia")
    page.goto(f"/support/desk/tickets/{code}")
    page.get_by_role("link", name="Invoices of this ticket").click()
    page.get_by_role("button", name="Draft invoice").click()
    for label, text in (("Street and number", "2 Side Street"), ("Town", "Vienna"), ("Country", "Austria")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Issue invoice…").click()
    expect(page.get_by_role("alert")).to_contain_text("two letters")
    page.get_by_label("Country", exact=True).fill("at")
    page.get_by_label("Line 1: tax rate in percent").fill("20")
    page.get_by_role("button", name="Issue invoice…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("This can't be undone")).to_be_visible()
    assert_fit_for_all(page, "confirmation")
    page.get_by_role("button", name="Issue invoice").click()
    expect(page.get_by_text("Invoice INV-2034-0001 issued.")).to_be_visible()
    expect(page.get_by_role("row", name="Total")).to_contain_text("USD 7.50")
    customer = open_browser(lite_live)
    customer.goto(f"/support/t/{lite_desk.token(code)}")
    with customer.expect_download() as saved:
        customer.get_by_role("link", name="Download PDF of INV-2034-0001").click()
    assert saved.value.suggested_filename == "INV-2034-0001.pdf"
    page.get_by_role("link", name="Cancel with credit note…").click()
    expect(page.get_by_text("This can't be undone.")).to_be_visible()
    assert_fit_for_all(page, "cancelling")
    page.get_by_role("button", name="Cancel invoice").click()
    expect(page.get_by_role("link", name="CN-2034-0001")).to_be_visible()
    assert lite_desk.broken() == {}


def test_a_refused_draft_is_fit_for_all(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """What was wrong: nothing for axe, nothing wider than a small phone; as it comes, all pages are tried."""
    other = lite_desk.order(name=LONG, email="long@example.com")
    draft = drafted(lite_desk, other)
    page = open_browser(lite_live, "mia", reduced_motion="reduce", viewport={"width": 320, "height": 640})
    page.goto(f"/support/desk/tickets/{other}/invoices/{draft.reference}")
    page.get_by_role("button", name="Issue invoice…").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert_fit_in_all_colours(page, "refused")
