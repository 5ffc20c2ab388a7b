"""Customers pay in a browser: at a provider and back, with a wallet, after leaving it, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect

from paidsupport.demo.pay.standing import StandIns, standing
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.sales.payments.bank.rules.references import rf_of
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from tests.browser.conftest import Open, assert_fit_in_all_colours, private_link, send
from tests.browser.keyboard import fill, follow, go_to, push
from tests.paying import to_be_paid
from tests.people import Desk
from tests.sales.payments.bank.statements import Sent, statement

pytestmark = [pytest.mark.browser, pytest.mark.row("P16")]


@dataclass
class Customer:
    """At the private page of an order that is paid before the work."""

    desk: Desk
    page: Page
    code: str
    sum: str = "USD 45.00"

    @property
    def home(self) -> str:
        """The private page."""
        return f"/support/t/{self.desk.token(self.code)}"

    def begin(self, provider: str) -> None:
        """Choose a provider, and wait until a worker has asked it."""
        self.page.goto(self.home)
        send(self.page.get_by_role("button", name=f"Pay {self.sum} with {provider}"))
        expect(self.page.get_by_role("heading", name="One moment…")).to_be_visible()
        self.desk.work()

    def arrived(self, more: str = "It's all paid, so the work can begin.") -> None:
        """The page says so by itself once a worker has looked."""
        self.desk.clock.forward(seconds=20)
        self.desk.work()
        expect(self.page.locator("#ps-pay")).to_contain_text(f"Thank you: we've received {self.sum}")
        expect(self.page.locator("#ps-pay")).to_contain_text(more)

    def pay(self, more: str = "It's all paid, so the work can begin.") -> None:
        """With PayPal, there and back."""
        self.begin("PayPal")
        self.page.get_by_role("link", name=f"Pay {self.sum} with PayPal").click()
        self.page.get_by_role("button", name="Approve payment").click()
        self.page.wait_for_url(f"**{self.home}/pay/*")
        self.arrived(more)


@pytest.fixture
def stand_ins(app: Flask, live: str, lite_desk: Desk) -> Iterator[StandIns]:
    """Those of the demonstration, set up on the site."""
    object.__setattr__(mount_of(app).settings, "base_url", live)  # frozen
    with standing(live, 0) as pay:
        with lite_desk.ctx(lite_desk.mia) as ctx:
            pay.set_up(ctx)
        yield pay


@pytest.fixture
def paying(live: str, stand_ins: StandIns) -> str:  # they are there
    """The address of the site with the stand-ins."""
    return live


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


def test_a_transfer_finds_its_order_and_one_with_a_slip_is_assigned(
    lite_desk: Desk, paying: str, open_browser: Open
) -> None:
    """Account, reference and code; a statement of the bank; a manager sees what the other one may be for."""
    page = open_browser(paying, reduced_motion="reduce")
    jane, karl = (Customer(lite_desk, page, to_be_paid(lite_desk), "EUR 45.00") for _ in range(2))
    for each in (jane, karl):
        with lite_desk.ctx() as ctx:
            tickets.lock(ctx.session, each.code).currency = "EUR"
    page.goto(jane.home)
    page.get_by_role("link", name="Pay EUR 45.00 by bank transfer").click()
    expect(page.get_by_text("DE89 3704 0044 0532 0130 00")).to_be_visible()
    expect(page.get_by_text("Test bank: no real money moves")).to_be_visible()
    expect(page.get_by_role("img", name="QR code of the transfer")).to_be_visible()
    assert_fit_in_all_colours(page, "transfer")
    right = page.locator("dd", has_text=re.compile("^RF")).inner_text()
    slip = rf_of(karl.code)[:-1] + ("W" if karl.code[-1] != "W" else "X")
    sent = statement(
        Sent("45.00", reference=right, bank="1", currency="EUR"),
        Sent("45.00", text=f"gallery {slip}", bank="2", currency="EUR", name="Karl Berg"),
    )
    mia = open_browser(paying, "mia", at="/support/desk/payments/bank")
    mia.get_by_label("Bank statement").set_input_files(
        FilePayload(name="march.xml", mimeType="application/xml", buffer=sent)
    )
    send(mia.get_by_role("button", name="Import statement"))
    expect(mia.locator("[data-ps-row]")).to_have_count(1)
    expect(mia.locator("[data-ps-row]")).to_contain_text(karl.code)
    page.goto(jane.home)
    expect(page.get_by_role("definition").filter(has_text="Paid")).to_be_visible()
    expect(page.get_by_role("link", name="Pay EUR")).to_have_count(0)
    page.goto(karl.home)
    expect(page.get_by_role("link", name="Pay EUR 45.00 by bank transfer")).to_be_visible()
    mia.get_by_role("link", name="EUR 45.00, Karl Berg").click()
    send(mia.get_by_role("button", name=f"Choose {karl.code}…").first)
    expect(mia.get_by_text("Then all of it has been paid.")).to_be_visible()
    send(mia.get_by_role("button", name="Assign transfer"))
    page.goto(karl.home)
    expect(page.get_by_role("definition").filter(has_text="Paid")).to_be_visible()
    assert [lite_desk.ticket(each.code).paid_minor for each in (jane, karl)] == [4500, 4500]
    assert lite_desk.broken() == {}


def test_an_extra_is_paid_as_well_and_a_part_comes_back(
    lite_desk: Desk, paying: str, stand_ins: StandIns, open_browser: Open
) -> None:
    """The work waits for the first payment; an accepted offer is due anew; a manager refunds some of it."""
    page = open_browser(paying, reduced_motion="reduce")
    jane = Customer(lite_desk, page, to_be_paid(lite_desk))
    lite_desk.write(jane.code, lite_desk.ada)
    with pytest.raises(TransitionRefusedError):
        lite_desk.transition(jane.code, "start", lite_desk.ada, note="On the phone.")
    jane.pay()
    lite_desk.transition(jane.code, "start", lite_desk.ada, note="On the phone.")
    lite_desk.offer(jane.code, lite_desk.ada)
    lite_desk.work()
    page.goto(jane.home)
    send(page.get_by_role("button", name="Accept for USD 20.00"))
    ada = open_browser(paying, "ada", at=f"/support/desk/tickets/{jane.code}")
    expect(ada.locator("#payment")).to_contain_text("USD 45.00 of USD 65.00 paid")
    extra = Customer(lite_desk, page, jane.code, "USD 20.00")
    extra.pay("It's all paid. There's nothing more you need to do.")

    mia = open_browser(paying, "mia", at=f"/support/desk/tickets/{jane.code}#payment")
    expect(mia.locator("#payment")).to_contain_text("USD 65.00 of USD 65.00 paid")
    expect(mia.get_by_role("heading", name="Payment")).to_be_visible()
    mia.get_by_role("link", name="Refund USD 20.00…").click()
    mia.get_by_label("Amount").fill("5")
    mia.get_by_label("Reason").fill("It took less time.")
    send(mia.get_by_role("button", name="Check refund…"))
    expect(mia.get_by_text("This can't be undone.")).to_be_visible()
    send(mia.get_by_role("button", name="Refund payment"))
    lite_desk.work()
    [back] = stand_ins.paypal.refunds
    assert back["amount"] == {"currency_code": "USD", "value": "5.00"}
    page.goto(jane.home)
    expect(page.get_by_role("main")).to_contain_text("USD 5.00 was refunded.")
    expect(page.get_by_role("main")).to_contain_text("It took less time.")
    assert (lite_desk.ticket(jane.code).paid_minor, lite_desk.broken()) == (6000, {})


def test_a_developer_is_paid_directly(lite_desk: Desk, paying: str, open_browser: Open) -> None:
    """From the first contact to “paid”, and nothing else is offered."""
    code = lite_desk.order()
    ada = open_browser(paying, "ada", at=f"/support/desk/tickets/{code}")
    send(ada.get_by_role("button", name="Claim").first)
    expect(ada.get_by_label("Message to Jane Doe")).to_have_value(re.compile("PayPal: ada@example.org"))
    send(ada.get_by_role("button", name="Send message"))
    lite_desk.work()
    lite_desk.transition(code, "start", lite_desk.ada, note="On the phone.")
    page = open_browser(paying, at=f"/support/t/{lite_desk.token(code)}")
    expect(page.get_by_text("You pay Ada directly: PayPal: ada@example.org").first).to_be_visible()
    expect(page.get_by_role("button", name="with PayPal")).to_have_count(0)
    send(page.get_by_role("button", name="I've paid USD 45.00"))
    expect(page.get_by_text("Ada will confirm it when it arrives.").first).to_be_visible()
    ada.goto(f"/support/desk/tickets/{code}#payment")
    send(ada.get_by_role("button", name="Mark USD 45.00 as paid"))
    page.reload()
    expect(page.get_by_text("Ada received USD 45.00 on").first).to_be_visible()
    assert lite_desk.broken() == {}


def test_from_the_order_form_to_paid_by_keyboard_without_scripts(
    lite_desk: Desk, paying: str, open_browser: Open
) -> None:
    """Tab, Space and Enter, on the pages of the desk and on those of the provider."""
    page = open_browser(paying, at="/support/order/checkup", java_script_enabled=False)
    fill(page, "Your name", "Jane")
    fill(page, "Your email address", "jane@example.com")
    for name in ("details", "host_url"):
        go_to(page, page.locator(f"[name={name}]"))
        page.keyboard.type("gallery.example.com")
    go_to(page, page.locator("[name=requirement_0]"))
    page.keyboard.press("Space")
    push(page, "Continue")
    go_to(page, page.locator("button[name=place]"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    code = page.locator(".ps-code").first.inner_text()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.work()
    page.goto(private_link(lite_desk))
    push(page, "Pay USD 25.00 with PayPal")
    lite_desk.work()
    follow(page, "Continue")
    follow(page, "Pay USD 25.00 with PayPal")
    push(page, "Approve payment")
    push(page, "Check now")
    lite_desk.clock.forward(seconds=20)
    lite_desk.work()
    page.reload()
    expect(page.locator("#ps-pay")).to_contain_text("Thank you: we've received USD 25.00")
    follow(page, "Back to your order")
    expect(page.get_by_role("definition").filter(has_text="Paid")).to_be_visible()
