"""From the approval to the release, by clicking: the stage, the email, the end of all of it (T18, T20)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.issues.test_resolution import approve, request, solving
from tests.people import Desk

pytestmark = pytest.mark.browser


@pytest.mark.row("T18", "T20")
def test_from_the_approval_to_the_release(desk: Desk, live: str, open_browser: Open) -> None:
    """Mia notes the stage, Ada is led to the email, everything ends by itself, Mia closes the release."""
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    mia, ada = open_browser(live, "mia"), open_browser(live, "ada")
    mia.goto(f"/support/desk/issues/{code}")
    mia.get_by_role("radio", name="In production").check()
    mia.get_by_label("Version").fill("2.1")
    mia.get_by_role("button", name="Save stage").click()
    expect(mia.get_by_role("main")).to_contain_text("In production, version 2.1")

    ada.goto("/support/desk/issues/to-tell")
    ada.get_by_role("link", name="Jane Doe").click()
    expect(ada.get_by_label("Message")).to_have_value(re.compile("We fixed the pictures."))
    ada.get_by_role("button", name="Send message").click()
    expect(ada.get_by_role("main")).to_contain_text("queued. The customer counts as told")
    desk.work()
    ada.goto(f"/support/desk/tickets/{ticket}")
    expect(ada.get_by_text("Resolved").first).to_be_visible()

    mia.goto("/support/desk/issues/releases")
    mia.get_by_role("textbox", name="Release").fill("2.1")
    mia.get_by_role("button", name="Close selected issues").click()
    expect(mia.locator("#release-notes")).to_contain_text(f"- Pictures stay dark ({code})")
    assert desk.issue(code).state == "closed"
    assert desk.broken() == {}
