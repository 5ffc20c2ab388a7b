"""The first run: from an empty desk to the first order, by keyboard alone and without JavaScript (P10)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUEUE, Open, serve
from tests.browser.keyboard import fill, follow, go_to, push
from tests.empty import code_of, empty_site


@pytest.fixture
def app(sqlite_uri: str, tmp_path: Path) -> Iterator[Flask]:
    """A site whose desk is empty."""
    yield from empty_site(sqlite_uri, tmp_path)


def fits(page: Page, heading: str) -> None:
    """See that nobody has to scroll sideways on the page with this heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.row("P10")
def test_from_an_empty_desk_to_the_first_order(app: Flask, open_browser: Open) -> None:
    """The code, a name, a service, how to be paid, and a test order; a step that went wrong says where."""
    for address in serve(app):
        small = {"width": 320, "height": 640}
        mia = open_browser(address, "mia", at=QUEUE, java_script_enabled=False, viewport=small)
        fill(mia, "Set-up code", "BCDF")
        push(mia, "Become the manager")
        expect(mia.get_by_role("alert")).to_contain_text("not the set-up code")
        fill(mia, "Set-up code", code_of(app).lower())
        push(mia, "Become the manager")
        expect(mia.get_by_role("heading", level=1)).to_have_text("First steps")

        follow(mia, "Name and time zone")
        fill(mia, "Name of the desk", "Photo help")
        fill(mia, "Time zone", "Europe/Nowhere")
        push(mia, "Save settings")
        expect(mia.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
        fill(mia, "Time zone", "Europe/Berlin")
        push(mia, "Save settings")

        follow(mia, "First service")
        follow(mia, "Ask a question")
        push(mia, "Publish service")
        expect(mia.get_by_text("Ask a question can be ordered now.")).to_be_visible()

        follow(mia, "Key of the vault")
        push(mia, "Make a key")
        expect(mia.get_by_text("PAIDSUPPORT_VAULT_KEYS")).to_be_visible()
        fits(mia, "Key of the vault")
        follow(mia, "All first steps")
        follow(mia, "Staff and payment")
        fill(mia, "Anything else (optional)", "PayPal: mia@example.org")
        push(mia, "Save profile")

        follow(mia, "Email", exact=True)
        fits(mia, "Email")
        follow(mia, "All first steps")
        follow(mia, "Link and test order")
        fits(mia, "Link and test order")
        follow(mia, "Place a test order")
        follow(mia, "Ask a question")
        fill(mia, "Your name", "Jane")
        fill(mia, "Your email address", "jane@example.com")
        go_to(mia, mia.locator("textarea[name=details]"))
        mia.keyboard.type("How do I begin with all of this?")
        push(mia, "Continue")
        go_to(mia, mia.locator("button[name=place]"))
        mia.keyboard.press("Enter")
        expect(mia.locator(".ps-code").first).to_contain_text("PS-")
        mia.goto("/support/desk/setup/")
        expect(mia.get_by_text("not finished")).to_have_count(0)

        ada = open_browser(address, "ada", at=QUEUE, java_script_enabled=False)
        expect(ada.get_by_label("Set-up code")).to_have_count(0)
        ada.goto("/support/")
        expect(ada.locator('a[href*="/setup"]')).to_have_count(0)
