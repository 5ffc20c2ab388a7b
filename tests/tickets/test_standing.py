"""How a ticket's payment stands: from its columns, in lists and filters, to programs, before the work."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.tickets import standing
from paidsupport.tickets.standing import Standing
from paidsupport.tickets.tables import Ticket
from tests.connect.api.test_api import Program
from tests.people import Desk, sign_in
from tests.tickets.queue.test_queue import codes, multiply
from tests.tickets.test_conditions import conditions

pytestmark = pytest.mark.row("P16")

MISSING, MET = "Wait for the payment. This is paid before the work.", "It has been paid in advance."


def paid(desk: Desk, code: str, **columns: int | str) -> None:
    """Give a ticket other columns, past all operations."""
    with desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).where(Ticket.code == code).values(**columns))


def test_the_filter_finds_what_the_list_says(desk: Desk) -> None:
    """For each price, sum and mark: the one standing that the rule says, in no other list."""
    first = desk.order()
    cases = list(product((0, 45), (0, 20, 45, 60), (0, 10, 45), ("", "begun", "disputed")))
    multiply(desk, first, len(cases) - 1)
    with desk.ctx() as ctx:
        rows = list(ctx.session.scalars(select(Ticket).order_by(Ticket.id)))
        for row, (price, kept, back, mark) in zip(rows, cases, strict=True):
            values = {
                "price_minor": price,
                "paid_minor": kept,
                "refunded_minor": back,
                "payment_mark": mark,
            }
            ctx.session.execute(update(Ticket).where(Ticket.id == row.id).values(**values))
    with desk.ctx() as ctx:
        expected: dict[Standing | None, set[str]] = {each: set() for each in (None, *Standing)}
        for row in ctx.session.scalars(select(Ticket)):
            expected[standing.stands(row)].add(row.code)
    assert {each: codes(desk, payment=each) for each in Standing} == {
        each: expected[each] for each in Standing
    }
    assert all(expected.values())


def test_what_was_paid_back_is_not_asked_for_again() -> None:
    """An amount is open until it has come once; a dispute is more important than all sums."""
    for price, received, refunded, mark, stands, left in (
        (45, 0, 0, "", "due", 45),
        (45, 0, 0, "begun", "begun", 45),
        (45, 20, 0, "begun", "part", 25),
        (45, 45, 10, "", "refunded", 0),
        (45, 90, 45, "", "paid", 0),
        (65, 45, 45, "", "refunded", 20),
        (65, 45, 10, "", "part", 20),
        (45, 60, 0, "begun", "overpaid", 0),
        (45, 45, 0, "disputed", "disputed", 0),
    ):
        sums = standing.Sums(received, refunded, mark)
        assert (standing.standing(price, sums), sums.left(price)) == (stands, left)


@pytest.mark.parametrize("payee", ["developer", "before", "after"])
def test_work_that_is_paid_in_advance_waits_for_the_payment(
    lite_app: Flask, lite_desk: Desk, payee: str
) -> None:
    """On the page of the transition, on the ticket and for a program; for other payees nothing is asked."""
    desk = lite_desk
    code = desk.order()
    paid(desk, code, payee=payee)
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.receive(code, "Go ahead.")
    start = f"tickets/{code}/moves/start"
    said = conditions(lite_app, start)
    if payee != "before":
        assert {MISSING, MET}.isdisjoint(said)
        desk.transition(code, "start", desk.ada)
        return
    assert said[MISSING] is False
    desk.write(code, desk.ada, "Please pay first.")
    desk.work()
    page = sign_in(lite_app, "ada").get(f"/support/desk/tickets/{code}").text
    assert "Wait for the payment" in page
    assert "USD 45.00 is still due" in page
    api = Program(lite_app, desk, "ada")
    told: dict[str, Any] = api.get(f"/{code}").json or {}
    assert told["payment"] == {
        "payee": "before",
        "price": 4500,
        "paid": 0,
        "refunded": 0,
        "open": 4500,
        "state": "due",
    }
    refused = api.post(f"/{code}/moves/start", told["version"], note="Agreed.")
    assert (refused.status_code, (refused.json or {})["sentences"]) == (409, [MISSING])
    for columns in ({"paid_minor": 4400}, {"paid_minor": 4500, "payment_mark": "disputed"}):
        paid(desk, code, **columns)
        with pytest.raises(TransitionRefusedError):
            desk.transition(code, "start", desk.ada, note="On the phone.")
    paid(desk, code, paid_minor=4500, payment_mark="")
    assert conditions(lite_app, start)[MET] is True
    desk.transition(code, "start", desk.ada, note="On the phone.")
    paid(desk, code, price_minor=6500)  # an extra that was agreed during the work
    assert standing.paid_first(desk.ticket(code)) is False
    assert "Wait for the payment" not in sign_in(lite_app, "ada").get(f"/support/desk/tickets/{code}").text


def test_the_queue_shows_how_payments_stand(lite_app: Flask, lite_desk: Desk) -> None:
    """In words, with a symbol; a filter narrows it; what is due needs no column."""
    desk, ada = lite_desk, sign_in(lite_app, "ada")
    code, other = desk.order(), desk.order(email="zoe@example.com")
    assert 'class="ps-payment' not in ada.get("/support/desk/?part=unassigned").text
    for columns, word in (
        ({"payment_mark": "begun"}, "To confirm"),
        ({"payment_mark": "begun", "payee": "before"}, "Begun"),
        ({"paid_minor": 2000}, "Part paid"),
        ({"payee": "developer"}, "To confirm"),
        ({"paid_minor": 4500}, "Paid"),
        ({"paid_minor": 5000}, "Overpaid"),
        ({"paid_minor": 0, "refunded_minor": 4500}, "Refunded"),
        ({"payment_mark": "disputed"}, "Disputed"),
    ):
        paid(desk, code, **columns)
        desk.annotate(code, desk.mia)  # the queue is drawn again when something happened
        assert f"</svg>{word}" in ada.get("/support/desk/?part=unassigned").text
    narrow = ada.get("/support/desk/?part=unassigned&payment=disputed").text
    assert code in narrow
    assert other not in narrow
    assert ada.get("/support/desk/?payment=lost").status_code == 404
