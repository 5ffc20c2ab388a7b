"""Data is taken out in the browser, by keyboard alone and without JavaScript (P13, P15)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, ask_axe
from tests.browser.keyboard import fill, follow, go_to, push, save_as
from tests.people import Desk
from tests.sales.invoices.test_invoices import issued

pytestmark = [pytest.mark.browser, pytest.mark.row("P13", "P15")]


def made(page: Page, desk: Desk, path: Path) -> zipfile.ZipFile:
    """Send the form, look on while a worker makes the export, and download it."""
    push(page, "Export data")
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    desk.work()
    follow(page, "Show how far it is")
    return zipfile.ZipFile(save_as(page, "Download export", path))


def test_everything_and_one_customer_are_taken_out(
    lite_desk: Desk, lite_live: str, open_browser: Open, tmp_path: Path
) -> None:
    """What a manager downloads; the page for the customer reads well on a phone, in the dark, for all."""
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.annotate(code, lite_desk.ada, "She is nervous.")
    lite_desk.look(code, lite_desk.give(code, "tulip-Field-9"), lite_desk.ada, reason="To install it.")
    asked = lite_desk.ask(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.answer(code, asked, "approved")
    issued(lite_desk, code)
    page = open_browser(lite_live, "mia", java_script_enabled=False)
    page.goto("/support/desk/setup/")
    follow(page, "Export data")
    with made(page, lite_desk, tmp_path / "all.zip") as everything:
        lines = [json.loads(line) for line in everything.read("desk.jsonl").splitlines()]
    assert {"person", "ticket", "message", "credential_look", "annotation"} <= {
        each["type"] for each in lines
    }

    go_to(page, page.get_by_label("Everything on this desk"))
    page.keyboard.press("ArrowDown")
    fill(page, "Customer", "jane@example.com")
    with made(page, lite_desk, tmp_path / "one.zip") as one:
        one.extractall(tmp_path / "one")
    small = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}
    customer = open_browser("", bypass_csp=True, **small)
    customer.goto((tmp_path / "one" / "index.html").as_uri())
    main = customer.locator("body")
    for said in (
        code,
        "I've taken your order",
        "Restart Apache",
        "Ada viewed it on",
        "To install it.",
        "Invoice",
    ):
        expect(main).to_contain_text(said)
    for hidden in ("nervous", "tulip"):
        expect(main).not_to_contain_text(hidden)
    customer.evaluate(AXE_SCRIPT)
    found = ask_axe(customer)
    assert found.violations_count == 0, found.generate_report()
    assert customer.evaluate("document.documentElement.scrollWidth <= innerWidth")
