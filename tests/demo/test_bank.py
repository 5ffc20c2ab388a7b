"""The bank of the demonstration: a statement that it makes is one that the desk takes."""

from __future__ import annotations

from flask import Flask

from paidsupport.demo.pay.standing import standing
from tests.paying import to_be_paid
from tests.people import Desk, csrf_token
from tests.sales.payments.bank.statements import rf, sums, take


def test_a_statement_of_the_test_bank_pays_an_order(lite_desk: Desk, lite_app: Flask) -> None:
    """Each one has a transfer of its own; what is wrong is told, and written into no statement."""
    code = to_be_paid(lite_desk)
    with standing("http://localhost", 0) as pay, lite_desk.ctx(lite_desk.mia) as ctx:
        pay.set_up(ctx)
    client = lite_app.test_client()
    sent = {"csrf_token": csrf_token(client, "/bank"), "reference": rf(code), "currency": "USD"}
    for amount in ("", "-5", "many", "0", "1e30"):
        assert client.post("/bank", data={**sent, "amount": amount}).status_code == 422, amount
    first, second = (client.post("/bank", data={**sent, "amount": "22.5"}).data for _ in range(2))
    assert [take(lite_desk, each).matched for each in (first, second, first)] == [1, 1, 0]
    assert sums(lite_desk, [code]) == [4500]
    odd = client.post("/bank", data={**sent, "amount": "1", "reference": "<a> & {b}"}).data
    assert (take(lite_desk, odd).new, lite_desk.broken()) == (1, {})
