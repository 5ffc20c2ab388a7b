"""Services are changed, published and undone by keyboard alone, without JavaScript (P10)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.keyboard import fill, follow, go_to, push
from tests.people import Desk
from tests.services import paid_to

pytestmark = [pytest.mark.browser, pytest.mark.row("P10")]

SERVICES = "/support/desk/setup/services"
QUESTIONS = f"{SERVICES}/installation/questions"
CHECKLIST = "/support/desk/setup/checklist"


@dataclass(frozen=True)
class Terms:
    """What people see of the terms of an installation."""

    price: str
    asked: str
    asked_later: str
    item: str
    resolution: str
    settings_help: str


OLD = Terms(
    "USD 45.00",
    "Which PHP version does your server have?",
    "What is the title of your gallery?",
    "Look around before touching anything",
    "15 days left",
    "Sign in as administrator",
)
NEW = Terms(
    "USD 99.50",
    "Which version of PHP is there?",
    "What shall the gallery be called?",
    "Look at everything first",
    "4 days left",
    "Ask us how to change it.",
)


def change(page: Page) -> None:
    """Another price, deadline, two questions and an item of the checklist, all in drafts."""
    page.goto(SERVICES)
    follow(page, "Installation")
    fill(page, "Price", "99,50")
    fill(page, "Resolution", "4d")
    fill(page, "Help with settings", NEW.settings_help)
    push(page, "Save draft")
    expect(page.get_by_role("status")).to_contain_text("Draft saved.")
    for before, after in ((OLD.asked, NEW.asked), (OLD.asked_later, NEW.asked_later)):
        page.goto(QUESTIONS)
        follow(page, before)
        fill(page, "Question", after)
        push(page, "Save question")
        expect(page.get_by_role("status")).to_contain_text("Question saved.")
    page.goto(CHECKLIST)
    follow(page, OLD.item)
    fill(page, "What is to be done", NEW.item)
    push(page, "Save item")
    expect(page.get_by_role("status")).to_contain_text("Item saved.")


def publish(page: Page, word: str) -> None:
    """Publish all drafts, once there is a word for it."""
    page.goto(SERVICES)
    follow(page, "Publish changes…")
    expect(page.get_by_role("main")).to_contain_text("99.50")
    push(page, "Publish changes")
    expect(page.get_by_role("alert")).to_contain_text("Say what was changed, and why.")
    fill(page, "What was changed, and why", word)
    push(page, "Publish changes")
    expect(page.get_by_role("status")).to_contain_text("published.")


def see(main: Locator, terms: Terms, *names: str) -> None:
    """These of the terms are on a page, and none of the other ones."""
    other = NEW if terms is OLD else OLD
    for name in names:
        expect(main).to_contain_text(getattr(terms, name))
        expect(main).not_to_contain_text(getattr(other, name))


def open_form(page: Page) -> Page:
    """The order form of an installation."""
    page.goto("/support/order/installation")
    return page


def order(page: Page, terms: Terms) -> str:
    """Fill in the form that is open, check the answers, and place the order; returns its code."""
    see(page.get_by_role("main"), terms, "price", "asked")
    for box in page.get_by_role("checkbox").all()[:3]:
        go_to(page, box)
        page.keyboard.press("Space")
    fill(page, terms.asked, "8.2")
    go_to(page, page.get_by_label("MySQL or MariaDB"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("PostgreSQL")).to_be_checked()
    for name, text in (
        ("details", "A gallery for our club."),
        ("host_url", "https://gallery.example.com"),
        ("name", "Karla Meier"),
        ("email", "karla@example.com"),
    ):
        go_to(page, page.locator(f"[name={name}]"))
        page.keyboard.type(text)
    push(page, "Continue")
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    see(page.get_by_role("main"), terms, "price", "asked")
    push(page, "Place order")
    return page.locator(".ps-code").first.inner_text()


def confirmation(desk: Desk, code: str) -> str:
    """The email that a customer got about the order."""
    (mail,) = (mail for mail in desk.work() if code in mail["Subject"])
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def work(page: Page, desk: Desk, code: str, terms: Terms) -> None:
    """From the claim to the report: whatever a developer sees is under these terms."""
    page.goto(f"/support/desk/tickets/{code}")
    push(page, "Claim ticket")
    main, draft = page.get_by_role("main"), page.get_by_label("Message to")
    see(main, terms, "price", "asked", "resolution")
    for name in ("price", "asked", "asked_later"):
        expect(draft).to_have_value(re.compile(re.escape(getattr(terms, name))))
    push(page, "Send message")
    desk.work()
    page.goto(f"/support/desk/tickets/{code}")
    follow(page, "Start work")
    fill(page, "How was the work agreed?", "On the phone.")
    push(page, "Start work")
    see(main, terms, "price", "item")
    follow(page, "Closing report")
    report = page.get_by_label("Report", exact=True)
    for name in ("price", "settings_help"):
        expect(report).to_have_value(re.compile(re.escape(getattr(terms, name))))


def bill(page: Page, code: str, terms: Terms) -> None:
    """Draft the invoice of a ticket: it is about the price of that order."""
    page.goto(f"/support/desk/tickets/{code}/invoices")
    push(page, "Draft invoice")
    see(page.get_by_role("row", name="Total"), terms, "price")


def test_open_forms_and_running_tickets_keep_their_terms(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """What is published is for forms that are opened after it; undone by publishing what was before."""
    running = lite_desk.order()
    customer, fresh, page, ada = (
        open_browser(lite_live, name, java_script_enabled=False) for name in ("", "", "mia", "ada")
    )
    open_form(customer)
    change(page)
    page.goto(f"{SERVICES}/installation")
    follow(page, "Preview order form")
    see(page.get_by_role("main"), NEW, "price", "asked")
    see(open_form(fresh).get_by_role("main"), OLD, "price", "asked")
    publish(page, "It takes longer than we thought.")

    lite_desk.work()
    ordered = order(customer, OLD)
    assert OLD.price in confirmation(lite_desk, ordered)
    newer = order(open_form(fresh), NEW)
    assert NEW.price in confirmation(lite_desk, newer)
    for code, terms in ((running, OLD), (newer, NEW)):
        work(ada, lite_desk, code, terms)
        paid_to(lite_desk, "after", code)
        bill(page, code, terms)
    ada.goto(f"/support/desk/tickets/{ordered}")
    see(ada.get_by_role("main"), OLD, "price", "asked", "resolution")

    page.goto(f"{SERVICES}/installation")
    follow(page, "Versions")
    follow(page, "Version 1")
    follow(page, "Publish version 1 again…")
    fill(page, "What was changed, and why", "That was too much.")
    push(page, "Publish version 1 again")
    expect(page.get_by_role("status")).to_contain_text("Version 1 is in force again, as a new version.")
    see(open_form(fresh).get_by_role("main"), OLD, "price", "asked")
    ada.goto(f"/support/desk/tickets/{newer}")
    see(ada.get_by_role("main"), NEW, "price", "asked", "item")
    page.goto("/support/desk/setup/changes")
    for word in ("It takes longer than we thought.", "That was too much."):
        expect(page.locator("#ps-changes")).to_contain_text(word)
    assert lite_desk.broken() == {}


def test_two_managers_change_one_draft(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """What only one of them changed is kept; what both changed is shown to the second, who decides."""
    mia, ben = (open_browser(lite_live, name, java_script_enabled=False) for name in ("mia", "ben"))
    mia.goto("/support/desk/setup/staff")
    follow(mia, "Ben")
    go_to(mia, mia.get_by_label("Developer", exact=True))
    mia.keyboard.press("ArrowDown")
    push(mia, "Save changes")
    expect(mia.get_by_role("status")).to_contain_text("Ben saved.")
    for page in (mia, ben):
        page.goto(f"{SERVICES}/installation")
    fill(ben, "Summary", "We set it up.")
    fill(ben, "Price", "50")
    push(ben, "Save draft")
    expect(ben.get_by_role("status")).to_contain_text("Draft saved.")

    fill(mia, "Name", "Set-up")
    fill(mia, "Price", "60")
    push(mia, "Save draft")
    expect(mia.get_by_role("alert")).to_contain_text("This was changed to “50.00” meanwhile.")
    expect(mia.get_by_label("Price")).to_have_attribute("aria-invalid", "true")
    expect(mia.get_by_label("Price")).to_have_value("60")
    push(mia, "Save draft")
    expect(mia.get_by_role("status")).to_contain_text("Draft saved.")
    ben.reload()
    for label, text in (("Name", "Set-up"), ("Price", "60.00"), ("Summary (optional)", "We set it up.")):
        expect(ben.get_by_label(label, exact=True)).to_have_value(text)
