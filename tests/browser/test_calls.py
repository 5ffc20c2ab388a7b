"""A phone call, noted while the customer talks (T6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUEUE, Open, assert_fit_for_all, press
from tests.calling import CALL, call, take_calls
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("T6")]


def type_call(page: Page) -> None:
    """Fill in the form with the keyboard alone, in its one order."""
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for text in ("Jane Doe", "Example Shop", "", "030 123 45 67"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")


@pytest.mark.row("T1")
def test_a_call_is_noted_while_the_customer_talks(desk: Desk, live: str, open_browser: Open) -> None:
    """G and l open the form, earlier tickets appear while typing, and the code is there to be read out."""
    take_calls(desk)
    before = call(desk, desk.ben, take=True, email="", name="J. Doe")
    ada = open_browser(live, "ada", at=QUEUE)
    asked: list[str] = []
    ada.on("request", lambda sent: asked.append(sent.url) if "/call/earlier" in sent.url else None)
    press(ada, "g")
    press(ada, "l")
    expect(ada).to_have_url(re.compile("/desk/call$"))
    expect(ada.get_by_role("region", name="During the call")).to_contain_text("Promise nothing")
    type_call(ada)
    found = ada.get_by_role("region", name="Earlier tickets")
    expect(found).to_contain_text(before.code)
    expect(found).to_contain_text("same phone number")
    expect(ada.locator("#ps-found")).to_have_text("1 earlier ticket")
    assert all("csrf_token" not in url and "notes" not in url and "key=" not in url for url in asked)
    # the way to the ticket takes nothing away
    with ada.expect_popup() as popup:
        found.get_by_role("link", name=before.code).click()
    expect(popup.value.get_by_role("main")).to_contain_text(CALL.subject)
    popup.value.close()
    expect(ada.get_by_label("Name", exact=True)).to_have_value("Jane Doe")
    ada.get_by_role("radio", name="Merchant").focus()
    ada.keyboard.press("Space")
    ada.keyboard.press("Tab")
    ada.keyboard.type("Payments are refused")
    ada.keyboard.press("Tab")
    ada.keyboard.type("Since this morning, all of them.")
    ada.get_by_label("Claim the ticket for me").check()
    ada.get_by_role("button", name="Save call").press("Enter")
    expect(ada.locator(".ps-panel")).to_contain_text("Papa Sierra")
    code = ada.locator(".ps-panel .ps-code").first.inner_text()
    ada.get_by_role("link", name="View ticket").click()
    expect(ada.get_by_role("main")).to_contain_text("Phone call · Jane Doe · Merchant · Example Shop")
    ticket = desk.ticket(code)
    assert (ticket.owner_id, ticket.state, ticket.details) == (
        desk.ada.id,
        "triage",
        "Since this morning, all of them.",
    )


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_they_call_about_the_same_matter(
    lite_desk: Desk,
    lite_live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Found by name, with scripts or with the button; what was typed becomes an annotation."""
    take_calls(lite_desk)
    code = call(lite_desk).code
    ada = open_browser(lite_live, "ada", java_script_enabled=script)
    ada.goto("/support/desk/call")
    ada.get_by_label("Name", exact=True).fill("Jane Doe")
    if not script:
        # Enter looks up; it never saves half a call
        ada.get_by_label("Name", exact=True).press("Enter")
    expect(ada.get_by_role("region", name="Earlier tickets")).to_contain_text(code)
    ada.get_by_role("textbox", name="Notes").fill("It is still white.")
    ada.get_by_role("button", name=f"Add call to this ticket {code}").click()
    expect(ada).to_have_url(re.compile(f"{code}#annotations"))
    expect(ada.get_by_role("complementary")).to_contain_text("It is still white.")
    assert lite_desk.happened(code) == ["received", "annotated"]


def test_two_calls_at_once_do_not_meet(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """The form is open in two tabs; both are saved, and what is wrong in one is told there, with all kept."""
    take_calls(lite_desk)
    one = open_browser(lite_live, "ada", viewport={"width": 320, "height": 640})
    one.goto("/support/desk/call")
    two = one.context.new_page()
    two.goto("/support/desk/call")
    for page, name in ((one, "Jane"), (two, "Bob")):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Subject", exact=True).fill(f"Of {name}")
        page.get_by_role("button", name="Save call").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose a kind of customer")
        assert_fit_for_all(page)
        page.get_by_label("User", exact=True).check()
        page.get_by_label("Phone number").fill("030 123456")
    for page, name in ((two, "Bob"), (one, "Jane")):
        page.get_by_role("button", name="Save call").click()
        expect(page.locator(".ps-panel")).to_contain_text(f"Read this confirmation code to {name}")
