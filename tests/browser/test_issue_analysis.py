"""From a new issue to “we are investigating”: asked, answered in parts, planned (T10, T12, T13)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, press
from tests.people import Desk

pytestmark = pytest.mark.browser


@pytest.mark.row("T10", "T12", "T13")
def test_from_the_inbox_to_the_confirmed_issue(desk: Desk, live: str, open_browser: Open) -> None:
    """Mia asks, Ben answers and asks Ada about a part, Mia plans, and Ben tells his customer."""
    ticket = desk.order()
    desk.claim(ticket, desk.ben)
    desk.write(ticket, desk.ben)
    desk.work()
    code = desk.open_issue(desk.ada, ticket, summary="Uploads stay dark")
    mia, ben, ada = (open_browser(live, name) for name in ("mia", "ben", "ada"))
    mia.goto("/support/desk/issues")
    press(mia, "a")
    expect(mia.get_by_role("heading", level=1)).to_have_text("Issue inbox")
    mia.get_by_label(re.compile("^Priority")).select_option("Urgent")
    mia.get_by_label(re.compile("^Ask")).select_option("Ben")
    mia.get_by_role("button", name="Ask for feedback").click()
    expect(mia.get_by_text(f"Ben has been asked for feedback on {code}.")).to_be_visible()

    ben.goto(f"/support/desk/issues/{code}")
    # what is on the page one reads is read by that
    expect(ben.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(ben.get_by_text("Mia asked you for feedback")).to_be_visible()
    ben.get_by_label("Estimate", exact=True).fill("2 to 3 fortnights")
    ben.get_by_label("Solution", exact=True).fill("Read the header before the body.")
    ben.get_by_role("button", name="Give feedback").click()
    expect(ben.get_by_role("alert")).to_contain_text("“fortnights”")
    expect(ben.get_by_label("Solution", exact=True)).to_have_value("Read the header before the body.")
    ben.get_by_label("Estimate", exact=True).fill("2-3 days")
    ben.get_by_text("Sub-issues for colleagues").click()
    ben.get_by_label("Sub-issue 1", exact=True).fill("The packages")
    ben.get_by_label("Colleague for sub-issue 1").select_option("Ada")
    ben.get_by_role("button", name="Give feedback").click()
    expect(ben.get_by_role("main")).to_contain_text("Waiting for feedback on")

    ada.goto("/support/desk/issues")
    ada.get_by_role("link", name=re.compile("The packages")).first.click()
    ada.get_by_label("Estimate", exact=True).fill("halber Tag")
    ada.get_by_label("Solution", exact=True).fill("Build them anew.")
    ada.get_by_role("button", name="Give feedback").click()
    expect(ada.get_by_role("main")).to_contain_text("4h")

    mia.goto("/support/desk/issues/inbox")
    expect(mia.get_by_role("heading", name="Ready for a timeline")).to_be_visible()
    mia.get_by_role("link", name="Set timeline…").first.click()
    mia.get_by_label("Planned for release").fill("2.1")
    mia.get_by_role("button", name="Save timeline").click()
    expect(mia.get_by_role("main")).to_contain_text("0 of 1 told that we")

    ben.goto(f"/support/desk/tickets/{ticket}")
    ben.get_by_role("link", name="Tell customer…").click()
    expect(ben.get_by_label("Message")).to_have_value(re.compile(f"/support/issues/{code}"))
    ben.get_by_role("button", name="Send message").click()
    expect(ben.get_by_text("Message queued")).to_be_visible()
    desk.work()
    desk.work()
    mia.reload()
    expect(mia.get_by_role("main")).to_contain_text("1 of 1 told that we")
    assert desk.issue(code).state == "confirmed"
