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
    # filters act at once, and stand in the address
    ada.get_by_label("Mine").check()
    expect(ada.get_by_text("No leads here")).to_be_visible()
    expect(ada).to_have_url(re.compile(r"/sales\?mine=1$"))
    ada.get_by_label("Mine").uncheck()
    ada.get_by_role("link", name="Photos of receipts").click()
    ada.get_by_role("button", name="Claim").first.click()
    ada.get_by_text("Choose the organisation").click()
    ada.get_by_role("link", name="Add a new organisation").click()
    ada.get_by_label("Name", exact=True).fill("Example Shop")
    ada.get_by_label("Account manager").select_option(label="Ada")
    ada.get_by_role("button", name="Save organisation").click()
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
    expect(ada.get_by_role("main")).to_contain_text("Next: deliver what was agreed")
    ada.get_by_role("link", name="Example Shop").first.click()
    for said in (WISHED, "Please begin.", "USD 1,200.00", "Offer accepted"):
        expect(ada.get_by_role("main")).to_contain_text(said)
    assert lite_desk.broken() == {}


def _note(ada: Page) -> None:
    """From the record to the lead: a blocker, and a wish that names nobody."""
    ada.get_by_role("link", name=re.compile("^PS-")).first.click()
    ada.get_by_role("link", name=re.compile("^Feature requests")).click()
    ada.get_by_text("Add a blocker", exact=True).click()
    ada.get_by_label("Kind of blocker").select_option(label="Contract")
    ada.get_by_label("Blocker", exact=True).fill("Their lawyers read it.")
    ada.get_by_role("button", name="Add blocker").click()
    expect(ada.locator("#blockers + ol")).to_contain_text("Open")
    ada.get_by_text("Add a feature request", exact=True).click()
    ada.get_by_label("What they want").fill("Photos of receipts")
    ada.get_by_label("Subject of the issue").fill("Jane Doe wants photos")
    ada.get_by_role("button", name="Add feature request").click()
    expect(ada.get_by_role("alert")).to_contain_text("Remove the personal data")
    ada.get_by_label("Subject of the issue").fill(WISHED)
    ada.get_by_role("button", name="Add feature request").click()
    expect(ada.locator("#wishes + ol")).to_contain_text("A manager hasn't decided yet.")


def _decide(mia: Page) -> None:
    """A manager finds it on the board, and lets it be offered."""
    mia.goto("/support/desk/sales?blocked=1")
    expect(mia.get_by_role("main")).to_contain_text("Their lawyers read it.")
    mia.get_by_role("main").get_by_role("link", name="Photos of receipts").last.click()
    mia.get_by_role("radio", name="Offer it").check()
    mia.get_by_label("Reason").fill("Three others asked for it.")
    mia.get_by_label("What is to be built").fill("A photo beside each order, at most 5 MB.")
    mia.get_by_role("button", name="Save decision").click()
    expect(mia.locator("#wishes + ol")).to_contain_text("Offer it")


def _offer(ada: Page) -> None:
    """Nothing stands in the way any more: the customer gets a price."""
    ada.reload()
    ada.get_by_role("button", name=re.compile("^Mark as solved")).click()
    expect(ada.get_by_role("status")).to_contain_text("Blocker solved.")
    ada.get_by_role("link", name="Make an offer").click()
    ada.get_by_label("What do you offer?").fill("Photos of receipts")
    ada.get_by_label("What is included, and why?").fill("Two days of work, and a test by you.")
    ada.get_by_label("Extra cost").fill("1200")
    ada.get_by_role("button", name="Send offer").click()
    expect(ada.get_by_role("main")).to_contain_text("Offered")


def _accept(customer: Page) -> None:
    """One click, with a word."""
    expect(customer.get_by_role("main")).to_contain_text("USD 1,200.00")
    customer.get_by_text("Add a message", exact=True).click()
    customer.get_by_label("Message to your developer").fill("Please begin.")
    customer.get_by_role("button", name="Accept for USD 1,200.00").click()
    expect(customer.get_by_role("status")).to_contain_text("Offer accepted")
