"""Back, forward and reload after every kind of form: nothing is sent again, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Locator, Page, Request, expect

from tests.browser.conftest import Open
from tests.browser.test_unsent import note_in
from tests.people import Desk
from tests.sales.invoices.test_invoices import drafted

pytestmark = pytest.mark.browser

TICKETS = "/support/desk/tickets"
TYPED = "Jane & the “gallery”"


def main_form(page: Page) -> Locator:
    """The form that a page is about."""
    return page.locator("main form[method=post]:has(.ps-primary)").first


def typed(name: str, text: str = TYPED) -> Callable[[Page], None]:
    """Fill one field, and send the form that a page is about."""

    def fill(page: Page) -> None:
        form = page.locator(f"main form[method=post]:has([name={name}])").first
        form.locator(f"[name={name}]").fill(text)
        form.locator(".ps-primary, .ps-danger").first.click()

    return fill


def shown(page: Page) -> tuple[str, list[str]]:
    """What stands on the page and in its fields."""
    fields = page.locator("main textarea, main input:not([type=hidden], [type=search])")
    return page.locator("main").inner_text(), fields.evaluate_all("found => found.map((each) => each.value)")


def go_back_and_forth(page: Page) -> None:
    """The answer to a form is a page like any other, with an address of its own."""
    page.wait_for_load_state()
    assert urlsplit(page.url).query, page.url
    before, sent = shown(page), list[str]()

    def note(request: Request) -> None:
        if request.method == "POST" and request.is_navigation_request():
            sent.append(request.url)

    page.on("request", note)
    page.reload()
    assert shown(page) == before
    here = page.url
    page.go_back()
    page.go_forward()
    page.wait_for_url(here)
    assert shown(page) == before
    assert sent == []


def test_back_and_reload_send_nothing_again(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """An order, a preview, a stale letter, a lost claim, an issue, a profile and an invoice."""
    visitor = open_browser(lite_live)
    customer = f"/support/t/{lite_desk.token(lite_desk.order())}"
    claimed = lite_desk.order()
    lite_desk.claim(claimed, lite_desk.ada)
    billed = lite_desk.order()
    invoice = f"{TICKETS}/{billed}/invoices/{drafted(lite_desk, billed).reference}"
    ada, mia = open_browser(lite_live, "ada"), open_browser(lite_live, "mia")
    for page, url, send in (
        (visitor, "/support/order/installation", typed("name")),
        (visitor, "/support/verify", typed("code", "PS-2222-2222")),
        (visitor, customer, typed("body", " ")),
        (ada, f"{TICKETS}/{claimed}/write", typed("body", "Nothing that a first contact needs.")),
        (ada, f"{TICKETS}/{lite_desk.order()}/moves/reject", typed("note")),
        (ada, "/support/desk/issues/new", typed("details")),
        (ada, "/support/desk/profile", typed("payment", "x" * 600)),
        (mia, invoice, typed("buyer_country", "Austria")),
    ):
        page.goto(url)
        with page.expect_navigation():
            send(page)
        go_back_and_forth(page)


@pytest.mark.row("G6")
def test_conflicts_are_pages_like_any_other(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """A lost claim and a letter over a thread that went on: they are shown again, and nothing is sent."""
    lost, stale = lite_desk.order(), lite_desk.order()
    lite_desk.claim(stale, lite_desk.ben)
    lite_desk.write(stale, lite_desk.ben)
    lite_desk.work()
    ben = open_browser(lite_live, "ben")
    # else the page may show that it was claimed before he presses the button
    ben.route("**/live?*", lambda route: route.abort())
    ben.goto(f"{TICKETS}/{lost}")
    lite_desk.claim(lost, lite_desk.ada)
    with ben.expect_navigation():
        ben.locator('form[action$="/claim"] button').first.click()
    expect(ben.get_by_text("Ada", exact=False).first).to_be_visible()
    go_back_and_forth(ben)
    ben.goto(f"{TICKETS}/{stale}/write")
    main_form(ben).locator("[name=body]").fill(TYPED)
    lite_desk.receive(stale, "One thing more.")
    with ben.expect_navigation():
        main_form(ben).locator("button[value=send]").click()
    expect(ben.get_by_text("One thing more.").first).to_be_visible()
    go_back_and_forth(ben)
    expect(main_form(ben).locator("[name=body]")).to_have_value(TYPED)


def test_unsaved_text_warns_before_it_is_left(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """An order warns until it is sent; on the desk what is saved may be left, and comes back."""
    visitor = open_browser(lite_live)
    asked = list[str]()

    def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    visitor.on("dialog", note)
    visitor.goto("/support/order/installation")
    name = main_form(visitor).locator("[name=name]")
    name.press_sequentially(TYPED[:4])
    visitor.locator("a[href$='/support/']").first.click()
    visitor.wait_for_function("document.querySelector('main form [name=name]').value")
    assert asked == ["beforeunload"]
    expect(name).to_have_value(TYPED[:4])
    main_form(visitor).locator("button.ps-primary").first.click()
    expect(visitor.get_by_role("alert").first).to_be_visible()
    ada, url = open_browser(lite_live, "ada"), f"{TICKETS}/{lite_desk.order()}"
    ada.on("dialog", note)
    ada.goto(url)
    note_in(ada).press_sequentially(TYPED)
    expect(ada.get_by_text("Draft saved")).to_be_visible()
    ada.goto("/support/desk/")
    ada.go_back()
    expect(note_in(ada)).to_have_value(TYPED)
    assert asked == ["beforeunload"]
