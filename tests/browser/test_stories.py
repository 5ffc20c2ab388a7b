"""Whole stories, played in Chromium as people would play them, on both databases."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import QUEUE, Open, assert_fit_for_all, press, private_link, send
from tests.people import Desk

pytestmark = pytest.mark.browser


def order(page: Page, name: str = "Jane Doe") -> str:
    """Order an installation on the form; returns the code that the customer is shown."""
    page.goto("/support/")
    page.get_by_role("link", name="Installation").first.click()
    for number in range(3):
        page.locator(f"[name=requirement_{number}]").check()
    page.get_by_label("Which PHP version does your server have?").fill("8.2")
    page.get_by_label("PostgreSQL").check()
    page.locator("[name=details]").fill("A gallery for our club.")
    page.locator("[name=host_url]").fill("gallery.example.com")
    page.locator("[name=host_access]").fill("SSH, no root")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill("jane@example.com")
    page.locator("[name=files]").set_input_files(
        files=FilePayload(name="error log.txt", mimeType="text/plain", buffer=b"500")
    )
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.get_by_role("button", name="Place order").click()
    code = page.locator(".ps-code").first
    expect(code).to_have_text(re.compile(r"PS-\w{4}-\w{4}"))
    return code.inner_text()


def write_first_contact(ada: Page, code: str, *, script: bool) -> None:
    """From the page of a ticket that was just claimed: all of it is on one screen, and nothing is missing."""
    ada.set_viewport_size({"width": 1440, "height": 900})
    for part in ("h1", "#ps-next-step", "#ps-reply-body", "#message-0"):
        expect(ada.locator(part)).to_be_in_viewport()
    ada.get_by_role("link", name=re.compile("first contact", re.IGNORECASE)).first.click()
    email = ada.locator("#ps-letter [name=body]")
    for words in (code, "USD 45.00", "PayPal: ada@example.org", "What is the title of your gallery?"):
        expect(email).to_have_value(re.compile(re.escape(words)))
    if script:
        # what it must say is ticked while she types; without it, it stays where it is and says so
        payment = ada.locator(".ps-needs li", has_text="How to pay you")
        drafted = email.input_value()
        email.fill(drafted.replace("PayPal: ada@example.org", ""))
        expect(payment).not_to_have_class(re.compile("ps-met"))
        email.press("Control+Enter")
        expect(ada.get_by_role("alert")).to_contain_text("Add how to pay you")
        expect(ada.locator("#ps-reply-body-error")).to_be_visible()
        expect(ada.get_by_role("heading", name="Details")).to_be_visible()
        assert_fit_for_all(ada)
        email.fill(drafted)
        expect(payment).to_have_class(re.compile("ps-met"))
    else:
        ada.get_by_role("button", name="Preview").click()
        expect(ada.locator(".ps-letter")).to_contain_text("I've taken your order")
    ada.get_by_role("button", name="Send message").click()


@pytest.mark.row("G1", "G2", "G3", "G4", "G5", "G7", "G8", "G9", "P2", "P3", "P5", "P15")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_order_to_the_closed_ticket(
    app: Flask,
    desk: Desk,
    live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """A customer orders, one developer claims and writes, they agree, the work is done and closed."""
    customer = open_browser(live, java_script_enabled=script)
    code = order(customer)
    desk.work()
    customer.goto(private_link(desk))
    expect(customer.get_by_text(code).first).to_be_visible()

    ada = open_browser(live, "ada", at=QUEUE, java_script_enabled=script)
    send(ada.get_by_role("button", name=f"Claim {code}"))
    expect(ada.get_by_text("Pending").first).to_be_visible()
    write_first_contact(ada, code, script=script)
    expect(ada.get_by_role("main")).to_contain_text("I've taken your order")
    assert [mail["To"] for mail in desk.work()] == ["jane@example.com"]

    customer.reload()
    expect(customer.get_by_role("main")).to_contain_text("I'm Ada")
    customer.locator("[name=body]").fill("Yes, please. The title is “Our photos”.")
    send(customer.get_by_role("button", name="Send"))
    expect(customer.get_by_role("main")).to_contain_text("Our photos")

    ada.goto(f"/support/desk/tickets/{code}")
    expect(ada.get_by_role("main")).to_contain_text("Our photos")
    ada.goto(f"/support/desk/tickets/{code}/moves/start")
    send(ada.get_by_role("main").get_by_role("button", name="Start work"))
    expect(ada.get_by_text("In progress").first).to_be_visible()
    desk.tick_all(code, desk.ada)
    desk.report(code, desk.ada)
    desk.work()
    ada.goto(f"/support/desk/tickets/{code}/moves/close")
    send(ada.get_by_role("main").get_by_role("button", name="Close", exact=False).first)
    expect(ada.get_by_text("Closed").first).to_be_visible()
    ada.goto("/support/desk/?part=closed")
    expect(ada.get_by_role("row").filter(has_text=code)).to_contain_text("Ada")
    assert desk.ticket(code).state == "closed"


@pytest.mark.row("G5", "G6")
def test_a_claimed_ticket_leaves_every_open_queue(desk: Desk, live: str, open_browser: Open) -> None:
    """Ben sees a ticket go within seconds, without reloading; a late click is told who has it."""
    first, second = desk.order(), desk.order(details="Another one.")
    ben = open_browser(live, "ben", at=QUEUE)
    late = open_browser(live, "mia", at=QUEUE, java_script_enabled=False)
    ada = open_browser(live, "ada", at=QUEUE)
    expect(ben.get_by_role("button", name=f"Claim {first}")).to_be_visible()

    ada.get_by_role("button", name=f"Claim {first}").click()
    expect(ada).to_have_url(re.compile(first))
    expect(ben.get_by_role("button", name=f"Claim {first}")).to_have_count(0)
    expect(ben.get_by_role("button", name=f"Claim {second}")).to_be_visible()
    expect(ben.locator(".ps-tabs")).to_contain_text("Pending 1")

    with late.expect_response(lambda answer: answer.request.method == "POST") as answered:
        late.get_by_role("button", name=f"Claim {first}").click()
    assert answered.value.status == 303
    expect(late.get_by_role("main")).to_contain_text("Ada")
    # back, and the next ticket from the same page: its key is good for each ticket once
    late.go_back()
    late.get_by_role("button", name=f"Claim {second}").click()
    expect(late).to_have_url(re.compile(second))


@pytest.mark.row("G5")
def test_news_take_nothing_away_from_who_is_typing(desk: Desk, live: str, open_browser: Open) -> None:
    """What somebody has chosen in the filters and where the focus is survives the refresh."""
    desk.order()
    ada = open_browser(live, "ada", at=QUEUE)
    ada.get_by_text("Filter and sort").click()
    ada.get_by_label("Sort by").select_option(index=1)
    chosen = ada.get_by_label("Sort by").input_value()
    ada.get_by_label("Service").focus()
    desk.order(details="Brand new.")
    expect(ada.get_by_role("row")).to_have_count(3)
    expect(ada.get_by_label("Sort by")).to_have_value(chosen)
    expect(ada.get_by_label("Service")).to_be_focused()


@pytest.mark.row("P15")
def test_the_desk_is_worked_by_keyboard(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """J moves to the first ticket, c claims it, / searches, ? lists the keys, its way out in focus."""
    code = lite_desk.order()
    ada = open_browser(lite_live, "ada", at=QUEUE)
    press(ada, "?")
    expect(ada.get_by_role("dialog")).to_contain_text("Next row")
    expect(ada.get_by_role("button", name="Close")).to_be_focused()
    press(ada, "Escape")
    expect(ada.get_by_role("dialog")).to_be_hidden()
    # a browser gives the focus back a moment after the dialog is gone
    ada.wait_for_function("!document.activeElement.closest('dialog')")
    press(ada, "j")
    expect(ada.get_by_role("link", name="A gallery for our club")).to_be_focused()
    press(ada, "c")
    expect(ada).to_have_url(re.compile(code))
    press(ada, "/")
    expect(ada.get_by_label("Search the desk")).to_be_focused()
    ada.keyboard.type("gallery club")
    press(ada, "Enter")
    expect(ada.get_by_role("row").filter(has_text=code)).to_be_visible()
    for letter, there in (("s", "sales"), ("r", "roster")):
        press(ada, "g")
        press(ada, letter)
        expect(ada).to_have_url(re.compile(f"/desk/{there}$"))


@pytest.mark.row("G6")
def test_a_letter_over_a_stale_thread_is_shown_what_is_new(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """The customer writes while Ada does: nothing is sent, the new part is shown, one click sends it."""
    code = lite_desk.in_progress(lite_desk.ada)
    ada = open_browser(lite_live, "ada")
    ada.goto(f"/support/desk/tickets/{code}")
    ada.get_by_label("Message to Jane Doe").fill("I begin with the albums.")
    lite_desk.receive(code, "Not before Tuesday, please!")
    ada.get_by_label("Message to Jane Doe").press("Control+Enter")
    expect(ada.get_by_role("main")).to_contain_text("Not before Tuesday, please!")
    expect(ada.locator("#ps-letter [name=body]")).to_have_value("I begin with the albums.")
    assert [mail["To"].addresses[0].username for mail in lite_desk.work()] == ["ada"]
    ada.get_by_role("button", name="Send anyway").click()
    expect(ada).to_have_url(re.compile(f"{code}(#.*)?$"))
    assert [mail["To"] for mail in lite_desk.work()] == ["jane@example.com"]
