"""A service is changed, published and undone by keyboard alone, without JavaScript (P10)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as checklists
from paidsupport.tickets.tables import Ticket
from tests.browser.conftest import Open
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P10")]

SERVICES = "/support/desk/setup/services"
CHECKLIST = "/support/desk/setup/checklist"
PHP, LOOK = "Which PHP version does your server have?", "Look around before touching anything"


def follow(page: Page, link: str) -> None:
    """Go where a link leads, by Enter."""
    page.get_by_role("link", name=link).first.press("Enter")


def fill(page: Page, label: str, text: str) -> None:
    """Type another text into a field, by keys alone."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def push(page: Page, button: str) -> None:
    """Press a button by Enter."""
    page.get_by_role("button", name=button, exact=True).press("Enter")


def change(page: Page) -> None:
    """Another price, another question and another item of the checklist, all in drafts."""
    page.goto(SERVICES)
    follow(page, "Installation")
    fill(page, "Price", "99.50")
    push(page, "Save draft")
    expect(page.get_by_role("status")).to_contain_text("Draft saved.")
    page.goto(f"{SERVICES}/installation/questions")
    follow(page, PHP)
    fill(page, "Question", "Which version of PHP is there?")
    push(page, "Save question")
    expect(page.get_by_role("status")).to_contain_text("Question saved.")
    page.goto(CHECKLIST)
    follow(page, LOOK)
    fill(page, "What is to be done", "Look at everything first")
    push(page, "Save item")
    expect(page.get_by_role("status")).to_contain_text("Item saved.")


def order(page: Page) -> None:
    """Send the form that is open, and place the order."""
    for box in page.get_by_role("checkbox").all()[:3]:
        box.press("Space")
    page.locator("[name=answer_php]").fill("8.2")
    page.locator("[name=answer_database][value=PostgreSQL]").check()
    page.locator("[name=details]").fill("A gallery for our club.")
    page.locator("[name=host_url]").fill("https://gallery.example.com")
    page.locator("[name=name]").fill("Karla Meier")
    page.locator("[name=email]").fill("karla@example.com")
    push(page, "Continue")
    page.get_by_role("button", name="Place order").press("Enter")
    expect(page.locator(".ps-code").first).to_be_visible()


def newest(desk: Desk) -> Ticket:
    """The ticket that was ordered last."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def test_open_forms_and_running_tickets_keep_their_terms(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """What is published is for forms that are opened after it; undone by publishing what was before."""
    running = lite_desk.in_progress(lite_desk.ada)
    customer = open_browser(lite_live, java_script_enabled=False)
    customer.goto("/support/order/installation")
    page = open_browser(lite_live, "mia", java_script_enabled=False)
    change(page)
    page.goto(f"{SERVICES}/installation")
    follow(page, "Preview order form")
    expect(page.locator("main")).to_contain_text("99.50")
    expect(page.locator("main")).to_contain_text("Which version of PHP is there?")
    page.goto(SERVICES)
    follow(page, "Publish changes…")
    push(page, "Publish changes")
    expect(page.get_by_role("alert")).to_contain_text("Say what was changed, and why.")
    fill(page, "What was changed, and why", "It takes longer than we thought.")
    push(page, "Publish changes")
    expect(page.get_by_role("status")).to_contain_text("published.")

    order(customer)
    ordered = newest(lite_desk)
    assert ordered.price_minor == 4500
    assert ordered.answers[0]["label"] == PHP
    with lite_desk.ctx() as ctx:
        texts = [item.text for item in checklists.items(ctx.session, tickets.lock(ctx.session, running))]
    assert any(text.startswith(LOOK) for text in texts)

    fresh = open_browser(lite_live, java_script_enabled=False)
    fresh.goto("/support/order/installation")
    expect(fresh.locator("main")).to_contain_text("99.50")
    order(fresh)
    assert newest(lite_desk).price_minor == 9950

    page.goto(f"{SERVICES}/installation/versions/1")
    follow(page, "Publish version 1 again…")
    fill(page, "What was changed, and why", "That was too much.")
    push(page, "Publish version 1 again")
    expect(page.get_by_role("status")).to_contain_text("Version 1 is in force again, as a new version.")
    fresh.goto("/support/order/installation")
    expect(fresh.locator("main")).to_contain_text("45.00")
    expect(fresh.locator("main")).to_contain_text(PHP)
    page.goto("/support/desk/setup/changes")
    expect(page.locator("#ps-changes")).to_contain_text("It takes longer than we thought.")
    expect(page.locator("#ps-changes")).to_contain_text("That was too much.")
