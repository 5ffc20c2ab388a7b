"""Managers import statements, and decide about what no rule could match (P16)."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from paidsupport.kernel.db.configured import set_aside
from paidsupport.ops.erasure import erasure
from paidsupport.sales.payments import queries as payments
from paidsupport.sales.payments.bank.operations import forgetting
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.tickets.ordering.tables import FormFile
from tests.people import Desk, sign_in
from tests.sales.payments.bank.statements import VALUES, Sent, key, ordered, rf, set_up, statement, sums, take
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
        Sent("45.00", text=f"for {slip}", bank="2", name="Lena Fuchs"),
        Sent("12.00", text="membership fee", bank="3", name="Olaf"),
    )
    said = upload(mia, content)
    assert "3 new lines. 1 was a payment for a ticket." in said
    assert f"Perhaps for: {meant}" in said
    assert said.count(meant) == 1
    assert "0 new lines. 0 were payments for tickets. 3 lines were there already." in upload(mia, content)
    assert "breaks off" in upload(mia, content[:-9])
    foreign = statement(Sent("45.00", bank="9"), iban="DE02120300000000202051")
    assert "this one is of DE02" in upload(mia, foreign)

    line = f"{ALL}/{key(desk, '2')}"
    page = mia.get(line).text
    assert "Perhaps it was mistyped" in words(page)
    wrong = mia.post(line, data=fields(page, key(desk, "2")) | {"code": "PS-2222-2222"})
    assert "no such ticket" in words(mia.get(wrong.location).text if wrong.location else wrong.text)
    asked = mia.post(line, data=fields(page, key(desk, "2")) | {"code": meant}, follow_redirects=True)
    assert "Then all of it has been paid." in words(asked.text)
    assert sums(desk, [meant]) == [0]
    done = mia.post(line, data=fields(asked.text, key(desk, "2")), follow_redirects=True)
    assert "Transfer assigned." in words(done.text)
    assert sums(desk, [meant]) == [4500]
    assert "Mia assigned a bank transfer" in words(mia.get(f"/support/desk/tickets/{meant}/history").text)
    assert desk.broken() == {}

    undone = mia.post(f"{line}/undo", data=fields(mia.get(line).text, "/undo"), follow_redirects=True)
    assert "Taken back." in words(undone.text)
    assert sums(desk, [meant]) == [0]
    again = mia.post(line, data=fields(undone.text, key(desk, "2")) | {"code": exact}, follow_redirects=True)
    assert "Then USD 45.00 more than the price has been paid." in words(again.text)
    mia.post(line, data=fields(again.text, key(desk, "2")))
    assert sums(desk, [exact, meant]) == [9000, 0]

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


def test_a_statement_that_is_refused_is_not_chosen_again(lite_desk: Desk, lite_app: Flask) -> None:
    """It is of another account; once that is mended in the set-up, the same form imports it."""
    desk, mia = lite_desk, sign_in(lite_app, "mia")
    set_up(desk, iban="DE02120300000000202051")
    content = statement(Sent("45.00", bank="1"))
    sent = fields(mia.get(ALL).text, "/payments/bank")
    refused = mia.post(ALL, data=sent | {"file": (io.BytesIO(content), "march.xml")}, follow_redirects=True)
    assert "“march.xml” is kept for a day." in words(refused.text)
    with desk.ctx() as ctx, set_aside(ctx.session):
        row = payments.provider(ctx.session, "bank")
        assert row is not None
        row.values = VALUES
    again = mia.post(ALL, data=fields(refused.text, "/payments/bank"), follow_redirects=True)
    assert "1 new line." in words(again.text)
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(FormFile)) == 0
