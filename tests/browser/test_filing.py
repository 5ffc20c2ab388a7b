"""An issue is made of a request, with and without JavaScript (T3, T4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, press
from tests.intake.filing.test_filing import MAIL
from tests.intake.triage.test_triage import asked
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("T3", "T4")]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_bug_is_filed_in_the_browser(
    lite_desk: Desk, lite_live: str, open_browser: Open, *, scripts: bool
) -> None:
    """What is personal is struck through; one number stays for a reason; the customer is named nowhere."""
    code = asked(lite_desk, MAIL, Subject="Jane Doe: upload fails")
    ada = open_browser(lite_live, "ada", java_script_enabled=scripts)
    ada.goto("/support/desk/triage")
    if scripts:
        press(ada, "b")
    else:
        ada.get_by_role("link", name="File issue…").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text(f"Issue for {code}")
    expect(ada.locator("del").filter(has_text="+49 30 7654321")).to_be_visible()
    ada.get_by_label("Keep this: 10.1.2.3").check()
    reason = _reason(ada, "10.1.2.3")
    expect(reason).to_be_visible()
    # the reasons of what goes are not asked for
    expect(_reason(ada, "4711-08")).to_be_visible(visible=not scripts)
    ada.get_by_role("button", name="Update preview").click()
    expect(ada.locator("mark")).to_have_text("10.1.2.3")
    ada.get_by_role("button", name="File issue").click()
    expect(ada.get_by_role("alert").first).to_contain_text("Enter a reason for keeping “10.1.2.3”")
    _reason(ada, "10.1.2.3").fill("The fault depends on this network.")
    ada.get_by_label("Private note").fill("It is Jane Doe, account 4711-08.")
    ada.get_by_role("button", name="File issue").click()
    expect(ada.get_by_text(f"{code} is waiting for IS-")).to_be_visible()
    ada.goto(f"/support/desk/tickets/{code}")
    ada.locator("#issues a").click()
    main = ada.get_by_role("main")
    for said in ("[name]: upload fails", "10.1.2.3", "It is Jane Doe, account"):
        expect(main).to_contain_text(said)
    expect(main.locator(".ps-prose").first).not_to_contain_text("Jane")
    assert lite_desk.broken() == {}


def _reason(page: Page, text: str) -> Locator:
    """Where one says why something has to stay."""
    shown = page.locator(".ps-cut").filter(has=page.locator("bdi", has_text=text))
    return shown.locator("input[name^=why-]")
