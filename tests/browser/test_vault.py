"""A credential from the customer's hands to its end, played in Chromium (G15, N2)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, assert_fit_for_all, private_link
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("G15", "N2")]

PASSWORD = "correct Horse/battery+staple"


def test_a_password_is_given_looked_at_stopped_and_taken_back(
    desk: Desk, live: str, open_browser: Open
) -> None:
    """The customer gives it, sees the look and takes it back; the developer cannot send it on."""
    code = desk.in_progress(desk.ada)
    link = private_link(desk)
    jane, ada = open_browser(live), open_browser(live, "ada")

    jane.goto(link)
    jane.get_by_role("link", name="Share a login").click()
    jane.get_by_label("A password you use yourself").check()
    jane.get_by_label("What does it open?").fill("SSH on gallery.example.com")
    jane.get_by_label("User name").fill("jane")
    password = jane.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    for button, shown in (("Show", "text"), ("Hide", "password")):
        jane.get_by_role("button", name=button, exact=True).click()
        expect(password).to_have_attribute("type", shown)
    jane.get_by_role("button", name="Share access").click()
    expect(jane.get_by_role("status")).to_contain_text("Login shared. It's encrypted")
    expect(jane.get_by_role("main")).to_contain_text("Not viewed yet.")
    expect(jane.get_by_role("main")).not_to_contain_text(PASSWORD)
    assert_fit_for_all(jane)

    ada.goto(f"/support/desk/tickets/{code}")
    assert_fit_for_all(ada)
    ada.get_by_role("link", name="View login", exact=True).click()
    # all of it in the section of the ticket's page
    ada.get_by_label("What do you need it for?").press("Enter")
    expect(ada.locator("#ps-look .ps-error")).to_be_visible()
    ada.get_by_label("What do you need it for?").fill("To install the gallery.")
    ada.get_by_role("button", name="View login").click()
    expect(ada.locator("#ps-secret")).to_have_text(PASSWORD)
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.get_by_role("button", name="Copy password").click()
    expect(ada.get_by_text("Copied to the clipboard.")).to_be_visible()
    assert ada.evaluate("navigator.clipboard.readText()") == PASSWORD
    expect(ada).to_have_url(re.compile(f"/tickets/{code}$"))
    expect(ada.locator("#ps-logins")).to_contain_text("viewed once, by Ada")
    assert_fit_for_all(ada)
    ada.get_by_role("button", name="Hide login").click()
    expect(ada.locator("#ps-secret")).to_have_count(0)

    jane.reload()
    expect(jane.get_by_role("main")).to_contain_text(
        re.compile(r"Ada viewed it on .*: To install the gallery\.")
    )

    ada.goto(f"/support/desk/tickets/{code}/write")
    ada.locator("[name=body]").fill(f"Hello,\nI logged in with {PASSWORD}.")
    ada.get_by_role("button", name="Send message", exact=True).click()
    expect(ada.get_by_role("alert").first).to_contain_text("Line 2 reveals a login of this ticket")
    expect(ada.locator("[name=body]")).to_have_value(f"Hello,\nI logged in with {PASSWORD}.")
    assert [mail["To"] for mail in desk.work() if "jane" in str(mail["To"])] == []

    jane.get_by_role("button", name="Delete the login").click()
    expect(jane.get_by_role("main")).to_contain_text("You deleted it on")
    jane.get_by_role("button", name="I've changed the password").click()
    expect(jane.get_by_role("main")).to_contain_text("You changed the password")
    ada.goto(f"/support/desk/tickets/{code}")
    expect(ada.get_by_role("link", name="View login", exact=True)).to_have_count(0)
    assert desk.broken() == {}
