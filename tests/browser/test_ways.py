"""Ways to pay by keyboard, without scripts: a manager adds and moves one, a developer fills it in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.keyboard import fill, go_to, push
from tests.people import Desk

pytestmark = pytest.mark.browser


@pytest.mark.row("P10", "G7")
def test_a_way_to_pay_from_the_set_up_to_the_first_contact(
    lite_desk: Desk, lite_live: str, open_browser: Open
) -> None:
    """The button that was pressed has the focus again; a wrong detail is told at its field."""
    mia = open_browser(lite_live, "mia", at="/support/desk/setup/ways/new_way", java_script_enabled=False)
    fill(mia, "Name", "Cheque")
    push(mia, "Add way to pay")
    go_to(mia, mia.get_by_role("button", name="Move up: Cheque"))
    mia.keyboard.press("Enter")
    expect(mia.get_by_role("status")).to_contain_text("“Cheque” is now 3 of 4.")
    expect(mia.get_by_role("button", name="Move up: Cheque")).to_be_focused()

    ada = open_browser(lite_live, "ada", at="/support/desk/profile", java_script_enabled=False)
    fill(ada, "Bank transfer (optional)", "DE88 3704 0044 0532 0130 00")
    fill(ada, "Cheque (optional)", "To Ada Lovelace")
    push(ada, "Save profile")
    expect(ada.get_by_label("Bank transfer")).to_have_attribute("aria-invalid", "true")
    fill(ada, "Bank transfer (optional)", "DE89370400440532013000")
    push(ada, "Save profile")
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    ada.goto(f"/support/desk/tickets/{code}")
    said = "How to pay me: Bank transfer: DE89 3704 0044 0532 0130 00. Cheque: To Ada Lovelace."
    expect(ada.get_by_label("Message to Jane Doe")).to_have_value(re.compile(re.escape(said)))
