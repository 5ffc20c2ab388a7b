"""Managers import statements, and decide about what no rule could match (P16)."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.ops.erasure import erasure
from paidsupport.sales.payments.bank.operations import forgetting
from paidsupport.sales.payments.bank.tables import BankLine
from tests.people import Desk, sign_in
from tests.sales.payments.bank.statements import Sent, key, ordered, rf, set_up, statement, sums, take
from tests.tickets.decisions.test_pages import fields, words

pytestmark = pytest.mark.row("P16")

ALL = "/support/desk/payments/bank"


def upload(browser: FlaskClient, content: bytes) -> str:
    """Send a file as the form on the page does; what the page says then."""
    sent = fields(browser.get(ALL).text, "/payments/bank") | {"file": (io.BytesIO(content), "statement.xml")}
    answer = browser.post(ALL, data=sent, content_type="multipart/form-data", follow_redirects=True)
    return words(answer.text)


def test_a_manager_imports_assigns_and_takes_back(lite_desk: Desk, lite_app: Flask) -> None:
    """From the first empty page to a line that was set aside; each step says what it did."""
    desk, mia = lite_desk, sign_in(lite_app, "mia")
    assert "Set up bank transfer first" in words(mia.get(ALL).text)
    set_up(desk)
    assert "No statements yet" in words(mia.get(ALL).text)
    assert sign_in(lite_app, "ada").get(ALL).status_code == 403
    exact, meant = ordered(desk), ordered(desk)
    slip = meant[:-1] + ("3" if meant.endswith("2") else "2")
    content = statement(
        Sent("45.00", reference=rf(exact), bank="1"),
        Sent("44.00", text=f"for {slip}", bank="2", name="Lena Fuchs"),
        Sent("12.00", text="membership fee", bank="3", name="Olaf"),
    )
    said = upload(mia, content)
    assert "3 new lines. 1 was a payment for a ticket." in said
    assert f"Perhaps for: {meant}" in said
    assert "0 new lines. 0 were payments for tickets. 3 lines were there already." in upload(mia, content)
    assert "breaks off" in upload(mia, content[:-9])

    line = f"{ALL}/{key(desk, '2')}"
    page = mia.get(line).text
    assert "Perhaps it was mistyped" in words(page)
    wrong = mia.post(line, data=fields(page, key(desk, "2")) | {"code": "PS-2222-2222"})
    assert "no such ticket" in words(mia.get(wrong.location).text if wrong.location else wrong.text)
    asked = mia.post(line, data=fields(page, key(desk, "2")) | {"code": meant}, follow_redirects=True)
    assert "Then USD 1.00 is still open." in words(asked.text)
    assert sums(desk, [meant]) == [0]
    done = mia.post(line, data=fields(asked.text, key(desk, "2")), follow_redirects=True)
    assert "Transfer assigned." in words(done.text)
    assert sums(desk, [meant]) == [4400]
    assert "Mia assigned a bank transfer" in words(mia.get(f"/support/desk/tickets/{meant}/history").text)
    assert desk.broken() == {}

    undone = mia.post(f"{line}/undo", data=fields(mia.get(line).text, "/undo"), follow_redirects=True)
    assert "Taken back." in words(undone.text)
    assert sums(desk, [meant]) == [0]
    again = mia.post(line, data=fields(undone.text, key(desk, "2")) | {"code": exact}, follow_redirects=True)
    assert "Then USD 44.00 more than the price has been paid." in words(again.text)
    mia.post(line, data=fields(again.text, key(desk, "2")))
    assert sums(desk, [exact, meant]) == [8900, 0]

    other = f"{ALL}/{key(desk, '3')}"
    aside = fields(mia.get(other).text, "/aside") | {"reason": "not-ours"}
    assert "Line set aside." in words(mia.post(f"{other}/aside", data=aside, follow_redirects=True).text)
    assert "Every transfer has its ticket." in words(mia.get(ALL).text)
    assert "Not for us" in words(mia.get(f"{ALL}?part=aside").text)
    assert exact in words(mia.get(f"{ALL}?part=matched").text)
    assert desk.broken() == {}


def test_old_lines_without_a_ticket_forget_who_paid(lite_desk: Desk) -> None:
    """After 400 days without a decision; what has a ticket goes with the erasure of that."""
    desk = lite_desk
    set_up(desk)
    code = ordered(desk, "karla@example.com")
    content = statement(Sent("45.00", reference=rf(code), bank="1"), Sent("9.00", text="Olaf", bank="2"))
    take(desk, content)

    def told() -> dict[str, tuple[str, str]]:
        with desk.ctx() as ctx:
            return {
                row.bank_reference: (row.name, row.state) for row in ctx.session.scalars(select(BankLine))
            }

    desk.clock.forward(days=399)
    with desk.ctx() as ctx:
        assert forgetting.forget(ctx) == 0
    desk.clock.forward(days=3)
    with desk.ctx() as ctx:
        assert [forgetting.forget(ctx), forgetting.forget(ctx)] == [1, 0]
    assert told() == {"1": ("Karla Meier", "matched"), "2": ("", "aside")}
    desk.transition(code, "reject", desk.mia, reason="spam", note="No.")
    with desk.ctx(desk.mia) as ctx:
        assert erasure.erase(ctx, "karla@example.com").codes == [code]
    assert told()["1"] == ("", "matched")
    assert take(desk, content).new == 0
    assert desk.broken() == {}
