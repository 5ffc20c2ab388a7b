"""From a mail to sales to an issue that is built, in Chromium (T8, T9)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, private_link
from tests.intake.mail.incoming import deliver, mail
from tests.leading import issues_of
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("T9")]

WISHED = "Orders can carry the photo of their receipt"


@pytest.mark.row("T8")
def test_a_merchants_wish_becomes_an_issue_by_one_click_of_theirs(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """Mail, organisation, qualifying, blocker, the manager's decision, offer, acceptance, issue."""
    asked = "Our merchants want photos of receipts. Can you build that?"
    sales = mail(
        asked, From="Jane Doe <jane@shop.example>", To="sales@example.org", Subject="Photos of receipts"
    )
    deliver(lite_desk, sales, to="sales@example.org")
    lite_desk.work()

    ada = open_browser(lite_live, "ada")
    ada.goto("/support/desk/sales")
    ada.get_by_role("link", name="Photos of receipts").click()
    ada.get_by_role("button", name="Claim").first.click()
    ada.get_by_text("Say whose it is").click()
    ada.get_by_role("link", name="New organisation of this customer").click()
    ada.get_by_label("Name", exact=True).fill("Example Shop")
    ada.get_by_label("Account holder").select_option(label="Ada")
    ada.get_by_role("button", name="Keep it").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Example Shop")
    expect(ada.get_by_role("main")).to_contain_text(asked)
    expect(ada.get_by_role("main")).to_contain_text("jane@shop.example")

    _note(ada)
    mia = open_browser(lite_live, "mia")
    _decide(mia)
    _offer(ada)
    assert any(email["X-Paidsupport-Kind"] == "offer" for email in lite_desk.work())
    customer = open_browser(lite_live)
    customer.goto(private_link(lite_desk))
    _accept(customer)

    code = ada.url.split("/")[-1].split("#")[0]
    (issue,) = issues_of(lite_desk, code)
    assert (issue.state, issue.owner_id, issue.summary) == ("new", None, WISHED)
    mia.goto(f"/support/desk/issues/{issue.code}")
    expect(mia.get_by_role("main")).to_contain_text("Customer")
    expect(mia.get_by_role("main")).to_contain_text("New")
    expect(mia.get_by_role("main")).not_to_contain_text("Jane Doe wants")
    ada.reload()
    expect(ada.get_by_role("main")).to_contain_text("Deliver what was agreed")
    ada.get_by_role("link", name="Example Shop").first.click()
    for said in (WISHED, "Please begin.", "USD 1,200.00", "Yes to the offer"):
        expect(ada.get_by_role("main")).to_contain_text(said)
    assert lite_desk.broken() == {}


def _note(ada: Page) -> None:
    """From the record to the lead: a blocker, and a wish that names nobody."""
    ada.get_by_role("link", name=re.compile("^PS-")).first.click()
    ada.get_by_role("link", name=re.compile("^Wishes and blockers")).click()
    ada.get_by_text("Note a blocker", exact=True).click()
    ada.get_by_label("What stands in the way?").select_option(label="The contract")
    ada.get_by_label("In a few words").fill("Their lawyers read it.")
    ada.get_by_role("button", name="Note the blocker").click()
    expect(ada.locator("#blockers + ol")).to_contain_text("Stands in the way")
    ada.get_by_text("Note a wish", exact=True).click()
    ada.get_by_label("What do they wish for?").fill("Photos of receipts")
    ada.get_by_label("Summary of the issue").fill("Jane Doe wants photos")
    ada.get_by_role("button", name="Note the wish").click()
    expect(ada.get_by_role("alert")).to_contain_text("looks personal")
    ada.get_by_label("Summary of the issue").fill(WISHED)
    ada.get_by_role("button", name="Note the wish").click()
    expect(ada.locator("#wishes + ol")).to_contain_text("Management has not decided yet.")


def _decide(mia: Page) -> None:
    """A manager finds it on the board, and lets it be offered."""
    mia.goto("/support/desk/sales?blocked=1")
    expect(mia.get_by_role("table")).to_contain_text("Their lawyers read it.")
    mia.get_by_role("table").get_by_role("link", name="Photos of receipts").last.click()
    mia.get_by_role("radio", name="Offer it").check()
    mia.get_by_label("Why?").fill("Three others asked for it.")
    mia.get_by_label("What is to be built").fill("A photo beside each order, at most 5 MB.")
    mia.get_by_role("button", name="Decide").click()
    expect(mia.locator("#wishes + ol")).to_contain_text("offer it")


def _offer(ada: Page) -> None:
    """Nothing stands in the way any more: the customer gets a price."""
    ada.reload()
    ada.get_by_role("button", name="Solved: Their lawyers read it.").click()
    expect(ada.get_by_role("status")).to_contain_text("Solved.")
    ada.get_by_role("link", name="Make an offer").click()
    ada.get_by_label("What do you offer?").fill("Photos of receipts")
    ada.get_by_label("What belongs to it, and why?").fill("Two days of work, and a test by you.")
    ada.get_by_label("Price on top").fill("1200")
    ada.get_by_role("button", name="Send the offer").click()
    expect(ada.get_by_role("main")).to_contain_text("Offered")


def _accept(customer: Page) -> None:
    """One click, with a word."""
    customer.get_by_role("link", name="Accept or decline").click()
    expect(customer.get_by_role("main")).to_contain_text("USD 1,200.00")
    customer.get_by_label("A word to").fill("Please begin.")
    customer.get_by_role("button", name="Accept").click()
    expect(customer.get_by_role("status")).to_contain_text("We begin, and you hear from us")
