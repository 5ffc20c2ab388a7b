"""Customers pay in a browser: at a provider and back, with a wallet, after leaving it, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from paidsupport.demo.pay.standing import standing
from paidsupport.testing import mount_of
from tests.browser.conftest import Open, assert_fit_in_all_colours, send
from tests.paying import to_be_paid
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P16")]


@dataclass
class Customer:
    """At the private page of an order of USD 45.00 that is paid before the work."""

    desk: Desk
    page: Page
    code: str

    @property
    def home(self) -> str:
        """The private page."""
        return f"/support/t/{self.desk.token(self.code)}"

    def begin(self, provider: str) -> None:
        """Choose a provider, and wait until a worker has asked it."""
        self.page.goto(self.home)
        send(self.page.get_by_role("button", name=f"Pay USD 45.00 with {provider}"))
        expect(self.page.get_by_role("heading", name="One moment…")).to_be_visible()
        self.desk.work()

    def arrived(self, more: str = "It's all paid, so the work can begin.") -> None:
        """The page says so by itself once a worker has looked."""
        self.desk.clock.forward(seconds=20)
        self.desk.work()
        expect(self.page.locator("#ps-pay")).to_contain_text("Thank you: we've received USD 45.00")
        expect(self.page.locator("#ps-pay")).to_contain_text(more)


@pytest.fixture
def paying(app: Flask, live: str, lite_desk: Desk) -> Iterator[str]:
    """The address of the site, with the stand-ins of the demonstration set up."""
    object.__setattr__(mount_of(app).settings, "base_url", live)  # frozen
    with standing(live, 0) as pay:
        with lite_desk.ctx(lite_desk.mia) as ctx:
            pay.set_up(ctx)
        yield live


def test_an_order_is_paid_with_paypal_after_it_was_left(
    lite_desk: Desk, paying: str, open_browser: Open
) -> None:
    """There and back, and again: the same payment is gone on with; by keys alone, and fit for all."""
    page = open_browser(paying, reduced_motion="reduce")
    jane = Customer(lite_desk, page, to_be_paid(lite_desk))
    page.goto(jane.home)
    assert_fit_in_all_colours(page, "to be paid")
    jane.begin("PayPal")
    way = page.get_by_role("link", name="Pay USD 45.00 with PayPal")
    expect(way).to_be_visible()
    expect(page.get_by_text("Test payment")).to_be_visible()
    assert_fit_in_all_colours(page, "on the way")
    way.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Test payment")).to_be_visible()
    assert page.evaluate("document.referrer") == ""
    here = f"**{jane.home}/pay/*"
    page.get_by_role("button", name="Cancel payment").click()
    page.wait_for_url(here)
    expect(page.get_by_role("link", name="Pay another way")).to_be_visible()
    page.get_by_role("link", name="Back to your order").click()
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url(here)
    way.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Approve payment").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(here)
    jane.arrived()
    assert_fit_in_all_colours(page, "paid")
    page.goto(jane.home)
    expect(page.get_by_role("button", name="Pay USD")).to_have_count(0)
    mia = open_browser(paying, "mia", at=f"/support/desk/tickets/{jane.code}")
    expect(mia.locator("#payment")).to_contain_text("PayPal")
    lite_desk.write(jane.code, lite_desk.ada)
    extra = lite_desk.offer(jane.code, lite_desk.ada)
    lite_desk.work()
    lite_desk.answer(jane.code, extra, "approved")
    page.goto(jane.home)
    expect(page.get_by_role("button", name="Pay USD 20.00 with PayPal")).to_be_visible()
    assert lite_desk.broken() == {}


def test_an_order_is_paid_with_a_wallet_and_then_again(
    lite_desk: Desk, paying: str, open_browser: Open
) -> None:
    """By GNU Taler, with a code to scan; what was begun with PayPal before comes as well, and is told."""
    page = open_browser(paying, reduced_motion="reduce")
    jane = Customer(lite_desk, page, to_be_paid(lite_desk))
    jane.begin("PayPal")
    expect(page.get_by_role("link", name="Pay USD 45.00 with PayPal")).to_be_visible()
    first, way = page.url, page.get_by_role("link", name="Pay USD 45.00 with PayPal").get_attribute("href")
    jane.begin("GNU Taler")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    wallet = page.get_by_role("link", name="Open the wallet")
    expect(wallet).to_have_attribute("href", re.compile(r"^taler\+http://pay/"))
    assert_fit_in_all_colours(page, "with a wallet")
    second = page.url
    page.get_by_role("link", name="Pay on 127.0.0.1").click()
    page.get_by_role("button", name="Pay USD").click()
    page.goto(second)
    jane.arrived()
    page.goto(first)
    expect(page.get_by_role("heading", name="Nothing to pay")).to_be_visible()
    page.goto(way or "")
    page.get_by_role("button", name="Approve payment").click()
    page.wait_for_url(f"**{jane.home}/pay/*")
    jane.arrived("That is USD 45.00 more than was due. We'll refund it.")
    page.goto(jane.home)
    expect(page.get_by_role("heading", name="You've paid USD 45.00 more than was due")).to_be_visible()
    assert_fit_in_all_colours(page, "paid twice")


def test_an_order_is_paid_without_scripts_on_a_phone(
    lite_desk: Desk, paying: str, open_browser: Open
) -> None:
    """The same by links and buttons alone."""
    page = open_browser(paying, java_script_enabled=False, viewport={"width": 320, "height": 700})
    jane = Customer(lite_desk, page, to_be_paid(lite_desk))
    jane.begin("PayPal")
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("link", name="Pay USD 45.00 with PayPal").click()
    page.get_by_role("button", name="Approve payment").click()
    page.wait_for_url(f"**{jane.home}/pay/*")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("status")).to_contain_text("Look at this page again in a few seconds.")
    lite_desk.work()
    page.reload()
    jane.arrived()
