"""Two people on one ticket: each sees the other, and what happens, without reloading."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_for_all
from tests.people import Desk

pytestmark = pytest.mark.browser


@pytest.mark.row("G6", "P15")
def test_two_people_on_one_ticket(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Mia sees that Ada reads, claims, writes and has sent; a new message is announced, not forced on her."""
    code = lite_desk.in_progress(lite_desk.ben)
    lite_desk.transition(code, "release", lite_desk.ben, note="Take over, please.")
    mia, ada = open_browser(lite_live, "mia"), open_browser(lite_live, "ada")
    for page in (mia, ada):
        page.goto(f"/support/desk/tickets/{code}")
    expect(mia.locator("#ps-now")).to_contain_text("Ada is reading this")
    ada.get_by_role("button", name="Claim").first.click()
    expect(mia.locator("#ps-now")).to_contain_text("Ada has this ticket")
    lite_desk.write(code, lite_desk.ada, f"I have taken over {code}. USD 45.00, PayPal: ada@example.org")
    lite_desk.work()
    ada.goto(f"/support/desk/tickets/{code}")
    ada.get_by_label("Message to Jane Doe").press_sequentially("One more thing")
    expect(mia.locator("#ps-now")).to_contain_text("Ada is writing a reply")
    lite_desk.receive(code, "Please wait until Monday.")
    expect(ada.locator("#ps-now")).to_contain_text("1 new message")
    expect(ada.locator("#thread")).not_to_contain_text("until Monday")
    expect(ada.get_by_label("Message to Jane Doe")).to_have_value(re.compile("One more thing"))
    ada.get_by_role("link", name="Show", exact=True).click()
    expect(ada.locator("#thread")).to_contain_text("until Monday")
    ada.get_by_label("Message to Jane Doe").press("Control+Enter")
    # she has seen it: nothing stands against her reply
    expect(ada.locator("#thread")).to_contain_text("One more thing")
    expect(mia.locator("#ps-now")).to_contain_text("3 new messages")
    mia.evaluate("window.stayed = true")
    mia.get_by_role("link", name="Show", exact=True).click()
    expect(mia.locator("#thread")).to_contain_text("One more thing")
    assert mia.evaluate("window.stayed")


@pytest.mark.row("G20", "P15")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reply_with_a_canned_text_and_another_subject(
    lite_desk: Desk,
    lite_live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """The text goes between greeting and signature; the ticket is renamed in place; all of it reads well."""
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.receive(code, "Could you restart Apache?")
    ada = open_browser(lite_live, "ada", java_script_enabled=script, viewport={"width": 1440, "height": 900})
    ada.goto(f"/support/desk/tickets/{code}")
    for part in (ada.locator("#ps-next-step"), ada.get_by_label("Message to"), ada.locator("#message-2")):
        expect(part).to_be_in_viewport()
    expect(ada.locator(".ps-top[aria-current]")).to_have_text("Tickets")
    ada.locator("summary", has_text="Rename").click()
    ada.get_by_label("Subject").fill("Apache of the club")
    ada.get_by_role("button", name="Save subject").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Apache of the club")
    ada.locator("#message-2").get_by_role("link", name="Answer").click()
    expect(ada.locator("#ps-answered")).to_contain_text("Could you restart Apache?")
    ada.get_by_label("Canned reply").select_option(index=0)
    ada.get_by_role("button", name="Insert reply").click()
    body = ada.locator("textarea[name=body]").first
    expect(body).to_have_value(re.compile(r"^Hello Jane Doe,\n\n(?!\nHello).+\n\nAda$", re.DOTALL))
    assert body.input_value().count("Hello") == 1
    if script:
        assert_fit_for_all(ada)
    ada.get_by_role("button", name="Send message").click()
    expect(ada.locator("#thread .ps-desk-says").first).to_contain_text("Hello Jane Doe")
    for part in (ada.get_by_text("Message sent."), ada.locator("#ps-next-step")):
        expect(part).to_be_in_viewport()
    # what stands beside the conversation scrolls by itself
    ada.get_by_label("New tag").fill("restart")
    ada.get_by_role("button", name="Add tag").click()
    expect(ada).to_have_url(re.compile("#tags$"))
    expect(ada.get_by_role("link", name="restart", exact=True)).to_be_in_viewport()
    if script:
        expect(ada.locator("#ps-next-step")).to_be_in_viewport()
    # older messages come below what is there; without JavaScript, on a page of their own
    for number in range(25):
        lite_desk.receive(code, f"Photo {number} is still missing.")
    ada.goto(f"/support/desk/tickets/{code}")
    messages = ada.locator("#thread [reversed] > li[id^=message], #thread [reversed] > li[id^=letter]")
    expect(messages).to_have_count(10)
    ada.get_by_role("link", name="Show 18 older messages").click()
    expect(messages).to_have_count(28 if script else 18)
    expect(ada.locator("#ps-older")).to_have_count(0)
    if script:
        expect(ada).to_have_url(re.compile(f"/tickets/{code}$"))
    else:
        ada.get_by_role("link", name="Show newest messages").click()
        expect(messages).to_have_count(10)
