"""A lead that is won becomes one draft in a real Tryton that is killed in the middle of it (P17)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from paidsupport.connect.connections.tables import ConnectionTask
from tests.connect.connections.connecting import connected
from tests.leading import contact, lead, organisation
from tests.peers.between import Between, When
from tests.peers.tryton import REVENUE, Tryton, decimal
from tests.people import Desk, press, sign_in

pytestmark = [pytest.mark.row("P17"), pytest.mark.row("T19")]

#: What 500 become without the demonstration's tax of 19 %.
NET = decimal("420.17")


def kept(desk: Desk) -> list[tuple[str, str]]:
    """What was asked of Tryton, and what became of it."""
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(ConnectionTask).order_by(ConnectionTask.id))
        return [(each.what, each.state) for each in rows]


def sold(desk: Desk) -> str:
    """A lead whose customer has accepted an offer; its code."""
    code = lead(desk)
    desk.work()
    offer = desk.offer(code, desk.ada, price="500")
    desk.work()
    desk.answer(code, offer, "approved")
    desk.work()
    return code


@pytest.mark.parametrize("when", When)
def test_one_draft_of_a_won_lead(lite_desk: Desk, tryton: Tryton, to_tryton: Between, when: When) -> None:
    """With the right customer, line and total, however its end was lost; won twice it is the same."""
    desk = lite_desk
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "connections_private", True)  # they are frozen
    entered = {"url": to_tryton.url, "database": tryton.database, "account": REVENUE}
    connected(desk, "tryton", entered, {"key": tryton.key}, name="Books")
    address = {"billing_name": "Example Shop Ltd.", "billing_address": "2 Side Street\n1010 Vienna"}
    shop = organisation(desk, billing_email="bills@shop.example", **address)
    contact(desk, shop, email="jane@shop.example")
    code = sold(desk)
    page = f"/support/desk/tickets/{code}"
    ada = sign_in(desk.app, "ada")
    form = {"note": "They have it.", "reason": "paid"}
    to_tryton.cut("POST", "/account.invoice", when, tryton.kill)
    assert press(ada, f"{page}/moves/win", f"{page}/moves/win", **form).status_code == 303
    for _turn in range(3):
        desk.clock.forward(minutes=10)
        desk.work()
    assert ("invoice", "queued") in kept(desk)
    tryton.start()
    for _turn in range(3):
        desk.clock.forward(hours=2)
        desk.work()
    assert {state for _what, state in kept(desk)} == {"sent"}
    [invoice] = tryton.find(
        "account.invoice", [], "reference", "state", "untaxed_amount", "party.code", "currency.code"
    )
    assert (invoice["reference"], invoice["state"]) == (code, "draft")
    assert invoice["party."]["code"] == f"DESK-{shop}"
    assert (invoice["untaxed_amount"], invoice["currency."]["code"]) == (NET, "USD")
    [line] = tryton.find("account.invoice.line", [], "quantity", "unit_price")
    assert (line["quantity"], line["unit_price"]) == (1, NET)
    [party] = tryton.find("party.party", [["code", "=", f"DESK-{shop}"]], "name", "email")
    assert (party["name"], party["email"]) == ("Example Shop Ltd.", "bills@shop.example")
    [opportunity] = tryton.find("sale.opportunity", [["reference", "=", code]], "state")
    assert opportunity["state"] == "converted"
    assert f"/#{tryton.database}/model/account.invoice/{invoice['id']}" in ada.get(page).text
