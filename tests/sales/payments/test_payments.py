"""One payee, one price and one state of payment, on every page of an order."""

from __future__ import annotations

import pytest
from flask import Flask

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.sales.payments.operations import direct as payments
from tests.people import Desk, sign_in
from tests.sales.invoices.test_invoices import issued
from tests.tickets.decisions.test_pages import at, fields, words
from tests.tickets.report.test_report import drafted as report

pytestmark = pytest.mark.row("G7")

HOW = "PayPal: ada@example.org"


def test_everybody_reads_whom_the_customer_pays_and_what_has_arrived(
    lite_desk: Desk, lite_app: Flask
) -> None:
    """Not due yet, due, paid, an extra due on top, and taken back: on both sides and in the report."""
    desk, customer, ada = lite_desk, lite_app.test_client(), sign_in(lite_app, "ada")
    code = desk.order()

    def reads(*told: str) -> None:
        page = words(customer.get(f"/support/t/{desk.token(code)}").text)
        assert [each for each in told if each not in page] == []

    reads("Nothing is due yet. You pay your developer directly, once you've agreed the work.")
    desk.claim(code, desk.ada)
    reads("Nothing is due before you've agreed the work. You pay Ada directly: " + HOW)
    desk.write(code, desk.ada)
    desk.work()
    desk.transition(code, "start", desk.ada, note="On the phone.")
    reads("USD 45.00 due", HOW, "Ada will note it here when it arrives.")
    assert f"Please pay USD 45.00 directly to Ada: {HOW}" in report(desk, code)

    page = ada.get(at(code)).text
    assert "The customer pays Ada directly: " + HOW in words(page)
    sent = fields(page, "/payments") | {"day": "2034-03-14"}
    assert [ada.post(at(code, "/payments"), data=sent).status_code for _ in range(2)] == [303, 303]
    reads("Paid Ada received USD 45.00 on 14 March 2034.", "Ada noted your payment")
    assert "Ada received USD 45.00 on 14 March 2034.\nIt's paid." in report(desk, code)
    extra = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, extra, "approved")
    reads("USD 20.00 due")
    mia = sign_in(lite_app, "mia")
    warned = words(mia.get(at(code, "/invoices")).text)
    assert "already paid Ada directly: USD 45.00 on 14 March 2034" in warned

    page = ada.get(at(code)).text
    assert (
        ada.post(at(code, "/payments"), data=fields(page, "/payments") | {"day": "2034-03-13"}).status_code
        == 303
    )
    for _ in range(2):
        page = ada.get(at(code)).text
        undo = page.split("/undo")[0].rpartition("/")[2]
        url = at(code, f"/payments/{undo}/undo")
        assert ada.post(url, data=fields(page, f"{undo}/undo")).status_code == 303
    reads("USD 65.00 due")
    issued(desk, code)
    reads("Please pay invoice INV-2034-0001 by", "Invoiced · Invoice INV-2034-0001")
    assert desk.broken() == {}


def test_who_may_note_a_payment_and_when(lite_desk: Desk) -> None:
    """The owner and managers; not for what is free, paid, invoiced, or another day than one that has come."""
    desk = lite_desk

    def refused(code: str, who: str, day: str = "2034-03-14") -> str:
        with (
            pytest.raises((TransitionRefusedError, InvalidInputError)) as raised,
            desk.ctx(getattr(desk, who)) as ctx,
        ):
            payments.note(ctx, code, day, key=new_key())
        return str(raised.value)

    code = desk.order()
    assert "Claim it first" in refused(code, "mia")
    desk.claim(code, desk.ada)
    assert "Only the owner or a manager" in refused(code, "ben")
    assert "not in the future" in refused(code, "ada", "2034-03-15")
    assert "Enter the day" in refused(code, "ada", "yesterday")
    with desk.ctx(desk.mia) as ctx:
        payments.note(ctx, code, "2034-03-14", key=new_key())
    assert "Nothing is open" in refused(code, "ada")
    billed = desk.order(email="zoe@example.com")
    desk.claim(billed, desk.ada)
    issued(desk, billed)
    assert "Mark the invoice as paid" in refused(billed, "ada")
    assert desk.broken() == {}
