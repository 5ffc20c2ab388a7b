"""An order on a phone: mistakes, files, second thoughts, Back at every step, a mistyped address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from paidsupport.tickets.conversation.tables import File
from tests.browser.conftest import Open, assert_fit_in_all_colours
from tests.people import Desk

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    # colours change at once: axe looks at them right after
    "reduced_motion": "reduce",
}
LOG = FilePayload(name="error log.txt", mimeType="text/plain", buffer=b"500")
PICTURE = FilePayload(name="club house.png", mimeType="image/png", buffer=b"png")
LARGE = FilePayload(name="film.mp4", mimeType="video/mp4", buffer=b"x" * (10 * 1024 * 1024 + 1))


def goes_on(page: Page) -> None:
    """Press the button of the form."""
    page.get_by_role("button", name="Continue").click()


def mistakes(page: Page, *, script: bool) -> None:
    """A form with holes, a file that is too large, and one that is taken away again."""
    page.goto("/support/order/upgrade")
    page.locator("[name=answer_albums]").fill("about a dozen")
    files = page.locator("[name=files]")
    if script:
        files.evaluate("one => one.dataset.psMost = 5")
        files.set_input_files([LOG, PICTURE])
        said = "Choose smaller files, or fewer: up to 50 MB can be sent at once."
        expect(page.get_by_role("alert")).to_have_text(said)
        files.evaluate("one => one.dataset.psMost = 99999999")
    files.set_input_files([LOG, LARGE, PICTURE])
    expect(page.get_by_role("alert")).to_have_count(0)
    page.locator("[name=name]").fill("Karla Meier")
    goes_on(page)
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("“film.mp4” is too large. A file can have up to 10 MB.")
    expect(summary).to_contain_text("Enter your email address.")
    page.get_by_role("button", name="Remove club house.png").click()
    added = page.get_by_role("list", name="Files you've added")
    expect(added.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def complete(page: Page) -> None:
    """What was still missing, behind Back; the address is mistyped."""
    page.go_back()  # the browser asks nothing
    expect(page.locator("[name=answer_albums]")).to_have_value("about a dozen")
    for number in range(3):
        page.locator(f"[name=requirement_{number}]").check()
    page.locator("[name=answer_from_version]").fill("1.5.4")
    page.locator("[name=answer_disk][value=yes]").check()
    page.locator("[name=subject]").fill("Our old gallery")
    page.locator("[name=details]").fill("Hello,\n\nthe old gallery stopped working.")
    page.locator("[name=host_url]").fill("gallery.example.com")
    page.locator("[name=email]").fill("karla@exmaple.com")
    goes_on(page)
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    for said in ("about a dozen", "error log.txt", "USD 60.00", "Karla Meier", "within 3 working days"):
        expect(page.get_by_role("main")).to_contain_text(said)
    expect(page.get_by_role("main")).not_to_contain_text("club house.png")


def change(page: Page) -> None:
    """Reload, Back, and a link beside an answer lead to everything as it was."""
    page.reload()
    page.go_back()
    expect(page.locator("[name=host_url]")).to_have_value("gallery.example.com")
    page.go_forward()
    page.get_by_role("link", name="Change How many albums are there, roughly?").click()
    expect(page).to_have_url(re.compile("#answer_albums$"))
    expect(page.locator("[name=details]")).to_have_value(re.compile("stopped working"))
    page.locator("[name=answer_albums]").fill("12")
    goes_on(page)
    expect(page.get_by_role("main")).to_contain_text("Our old gallery")


def correct(page: Page) -> None:
    """Another address on the receipt, at the second attempt."""
    page.get_by_text("Wrong address? Change it.").click()
    page.get_by_label("Correct email address").fill("karla@example")
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an email address like name@example.org.")
    page.get_by_label("Correct email address").fill("karla@example.com")
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("main")).to_contain_text("We've changed your address to karla@example.com.")


@pytest.mark.row("G1", "G2", "P15")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_order_on_a_phone(
    desk: Desk,
    live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Nothing typed or uploaded is lost, and no page asks to send a form again."""
    page = open_browser(live, java_script_enabled=script, **PHONE)
    mistakes(page, script=script)
    complete(page)
    if script:
        assert_fit_in_all_colours(page, "all answers")
    change(page)
    page.get_by_role("button", name="Place order").click()
    code = page.locator(".ps-code").first
    expect(code).to_have_text(re.compile(r"PS-\w{4}-\w{4}"))
    expect(page.get_by_role("main")).to_contain_text("We'll email karla@exmaple.com as soon as we can.")
    placed = code.inner_text()
    page.go_back()
    page.reload()
    expect(page.locator(".ps-code").first).to_have_text(placed)
    correct(page)
    if script:
        assert_fit_in_all_colours(page, "receipt")
    assert [mail["To"] for mail in desk.work()] == ["karla@example.com"]
    with desk.ctx() as ctx:
        assert [file.name for file in ctx.session.scalars(select(File))] == ["error log.txt"]
    ticket = desk.ticket(placed)
    assert (ticket.summary, ticket.answers[1]["value"]) == ("Our old gallery", "12")
    assert desk.broken() == {}
