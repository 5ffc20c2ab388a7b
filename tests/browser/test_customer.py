"""A customer on their private page: news while they type, Back after forms, a new address, and the end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from paidsupport.tickets.views import customer
from tests.browser.conftest import Open, assert_fit_for_all, private_link, send
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("G2", "P5")]

#: Pixels that the page of an ended order may have at 1280 by 900.
LONGEST = 2000


def asks_nothing(page: Page) -> None:
    """Reload, Back and forward after a form send nothing again."""
    page.wait_for_load_state()
    sent = list[str]()

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.on("request", note)
    page.reload()
    here = page.url
    page.go_back()
    page.go_forward()
    page.wait_for_url(here)
    page.remove_listener("request", note)
    assert sent == []


def follow(desk: Desk, page: Page, code: str) -> None:
    """What the developer writes appears by itself, and takes nothing away from who is typing."""
    reply = page.get_by_role("textbox", name="Your message")
    reply.press_sequentially("Could you also")
    desk.write(code, desk.ada, "Which colours do you like?")
    desk.work()
    expect(page.locator("#ps-live")).to_contain_text("Which colours do you like?")
    expect(reply).to_have_value("Could you also")
    expect(reply).to_be_focused()
    page.keyboard.type(" use blue?")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("status")).to_contain_text("Message sent.")
    expect(page.locator("#ps-live")).to_contain_text("Could you also use blue?")
    expect(reply).to_have_value("")
    asks_nothing(page)


def decide(desk: Desk, page: Page, code: str) -> None:
    """An offer is accepted in place, and what is due grows by it."""
    desk.transition(code, "start", desk.ada, note="Blue.")
    desk.offer(code, desk.ada)
    desk.work()
    page.reload()
    expect(page.locator("#ps-due")).to_have_text("USD 45.00 due")
    page.get_by_role("button", name=re.compile("Accept for USD 20.00")).click()
    expect(page.locator("#ps-due")).to_have_text("USD 65.00 due")
    asks_nothing(page)
    desk.work()  # the receipt of it


def move(desk: Desk, page: Page) -> None:
    """A new address counts once the code that was sent there is entered; a wrong one is said at its field."""
    page.get_by_role("link", name="Change address").click()
    page.get_by_label("New email address").fill("jane@home.example")
    send(page.get_by_role("button", name="Send code"))
    (mail,) = desk.work()
    body = mail.get_body(("plain",))
    assert body is not None
    (proof,) = re.findall(r"^\d{6}$", body.get_content(), re.MULTILINE)
    code = page.get_by_label("Code from the email")
    code.fill("12")
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("alert")).to_contain_text("This isn't the code we sent.")
    asks_nothing(page)
    assert_fit_for_all(page, "code")
    old = page.url
    code.fill(proof)
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("status")).to_contain_text("Address changed.")
    expect(page.get_by_role("complementary")).to_contain_text("jane@home.example")
    page.reload()
    assert {mail["To"] for mail in desk.work()} == {"jane@example.com", "jane@home.example"}
    assert page.request.get(old).status == 404


def end(desk: Desk, page: Page, code: str) -> None:
    """The one thing that is left stands on top of a page that is not long; then it can be rated."""
    desk.give(code, "correct Horse", kind="account")
    for number in range(6):
        desk.receive(code, f"Question {number}. " + "It is a long story. " * 40)
        desk.write(code, desk.ada, f"Answer {number}. " + "That takes a while to tell. " * 40)
        desk.work()
    desk.finish(code, desk.ada)
    page.reload()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Your order is done")
    expect(page.locator(".ps-ask").first).to_contain_text("Delete the account you made for Ada")
    expect(page.get_by_text("Ada finished the work")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST
    page.get_by_role("button", name=re.compile("I've deleted")).click()
    expect(page.get_by_role("status")).to_contain_text("We won't remind you")
    asks_nothing(page)
    page.get_by_label("Great").check()
    page.get_by_role("button", name="Send rating").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you for your rating.")
    asks_nothing(page)


def test_a_customer_follows_their_order_to_its_end(
    lite_desk: Desk, lite_live: str, open_browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live news, an answer, an offer, another address, and what is left to do in the end."""
    monkeypatch.setattr(customer, "POLL_SECONDS", 1)
    desk, code = lite_desk, lite_desk.order()
    desk.hush()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    page = open_browser(lite_live, viewport={"width": 1280, "height": 900})
    page.goto(private_link(desk))
    follow(desk, page, code)
    decide(desk, page, code)
    move(desk, page)
    end(desk, page, code)
    assert desk.broken() == {}


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_customer_withdraws_an_order_that_nobody_has_begun(
    lite_desk: Desk,
    lite_live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Through the form on their page; they are told, and nothing is due."""
    code = lite_desk.order()
    lite_desk.work()
    page = open_browser(lite_live, java_script_enabled=script)
    page.goto(private_link(lite_desk))
    page.get_by_text("Withdraw this order").click()
    page.get_by_role("button", name="Withdraw order").click()
    expect(page.get_by_role("status")).to_contain_text("Order withdrawn.")
    expect(page.get_by_role("heading", name="You've withdrawn this order")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("There's nothing to pay.")
    expect(page.get_by_role("button", name="Withdraw order")).to_have_count(0)
    asks_nothing(page)
    assert lite_desk.ticket(code).end_reason == "withdrawn"
    (told,) = [mail for mail in lite_desk.work() if mail["To"] == "jane@example.com"]
    body = told.get_body(("plain",))
    assert body is not None
    assert "withdr" in body.get_content()
