"""A question comes by mail, is answered with a page, which does not help, and is resolved (T1, T2, T5)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUEUE, Open, press, private_link, send
from tests.intake.mail.incoming import answer, deliver, mail
from tests.people import Desk

pytestmark = pytest.mark.browser


@pytest.mark.row("T1", "T2", "T5")
def test_from_a_mail_to_the_resolved_question(desk: Desk, live: str, open_browser: Open) -> None:
    """Sorted by keys alone; the customer says no on their page, gets an answer, and says thanks by mail."""
    code = deliver(desk, mail("Every upload ends with an error.", Subject="Upload of photos fails")).ticket
    spam = deliver(desk, mail("Buy now.", Subject="Cheap", From="x@example.net")).ticket
    desk.clock.forward(minutes=5)
    desk.work()
    ada = open_browser(live, "ada", at=QUEUE)
    press(ada, "g")
    press(ada, "t")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Upload of photos fails")
    press(ada, "n")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Cheap")
    press(ada, "s")
    expect(ada.get_by_text(f"{spam} marked as spam.")).to_be_visible()
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text(f"{spam} is back in triage.")).to_be_visible()
    ada.goto("/support/desk/triage")
    press(ada, "b")
    expect(ada.get_by_role("heading", level=1)).to_contain_text("Issue for")
    ada.goto("/support/desk/triage")
    press(ada, "d")
    expect(ada.get_by_role("link", name="Photos do not upload")).to_be_visible()
    press(ada, "j")
    press(ada, "Enter")
    email = ada.get_by_label("Message")
    expect(email).to_have_value(re.compile("/support/help/photos-do-not-upload"))
    ada.get_by_role("button", name="Send message").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Cheap")
    desk.work()

    customer = open_browser(live)
    customer.goto(private_link(desk))
    expect(customer.get_by_role("heading", name="Did this answer your question?")).to_be_visible()
    customer.get_by_label("If not, what is missing?").fill("The disk is not full, and nothing is too large.")
    customer.get_by_role("button", name="No").click()
    expect(customer.get_by_role("main")).to_contain_text("Ada is looking into it")

    ada.goto(f"/support/desk/tickets/{code}")
    expect(ada.get_by_role("main")).to_contain_text("The disk is not full")
    press(ada, "w")
    ada.get_by_label("Message to Jane Doe").fill("Then it is the memory limit: set it to 256 MB.\n\nAda")
    send(ada.get_by_role("button", name="Send message", exact=True))
    [out] = [each for each in desk.work() if each["To"] == "jane@example.com"]
    deliver(desk, answer(out, "That was it, it works now."))
    ada.goto(f"/support/desk/tickets/{code}/moves/resolve")
    ada.get_by_role("main").get_by_role("button", name="Resolve").click()
    expect(ada.get_by_text("Resolved").first).to_be_visible()
    customer.reload()
    expect(customer.get_by_role("main")).to_contain_text("This is settled")
    assert desk.broken() == {}
