"""A customer says that they have paid their developer, who confirms it, or answers that nothing came."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

import paidsupport
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import direct, settling
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import Payment
from paidsupport.tickets import tables as tickets
from tests.people import Desk, sign_in
from tests.sales.payments.test_settling import sums
from tests.tickets.decisions.test_pages import at, fields, words

pytestmark = pytest.mark.row("P16")


def say(desk: Desk, code: str, key: str = "") -> str:
    """Say as the customer that everything is paid; the reference of the payment."""
    with desk.ctx(CUSTOMER) as ctx:
        return direct.say(ctx, tickets.lock(ctx.session, code), key=key or new_key()).reference


def deny(desk: Desk, code: str, reference: str, who: str = "ada") -> None:
    """Answer as the developer that nothing has arrived."""
    with desk.ctx(getattr(desk, who)) as ctx:
        direct.deny(ctx, code, reference, key=new_key())


def confirm(desk: Desk, code: str) -> str:
    """Confirm as the developer; the reference of the payment."""
    with desk.ctx(desk.ada) as ctx:
        return direct.note(ctx, code, "2034-03-14", key=new_key()).reference


def test_said_missed_said_again_and_confirmed_in_the_browser(lite_desk: Desk, lite_app: Flask) -> None:
    """Each side reads what the other has done; each press counts once."""
    desk, customer, ada = lite_desk, lite_app.test_client(), sign_in(lite_app, "ada")
    code = desk.in_progress(desk.ada)
    mine = f"/support/t/{desk.token(code)}"

    def reads() -> str:
        return words(customer.get(mine).text)

    def press() -> list[int]:
        sent = fields(customer.get(mine).text, "/paid")
        return [customer.post(f"{mine}/paid", data=sent).status_code for _ in range(2)]

    assert press() == [303, 303]
    said = "You said that you've paid USD 45.00. Ada will confirm it when it arrives."
    assert said in reads()
    assert "I've paid" not in reads()
    assert sums(desk, code) == (0, 0, "begun")
    assert desk.happened(code).count("payment-said") == 1
    assert "To confirm" in ada.get("/support/desk/?part=pending").text
    page = ada.get(at(code)).text
    assert "The customer says that they've paid Ada USD 45.00" in words(page)
    missing = page.split("/missing")[0].rpartition("/")[2]
    url, sent = at(code, f"/payments/{missing}/missing"), fields(page, f"{missing}/missing")
    assert [ada.post(url, data=sent).status_code for _ in range(2)] == [303, 303]
    assert "Ada hasn't received your payment yet. Check that it has left" in reads()
    assert sums(desk, code) == (0, 0, "")
    assert press() == [303, 303]
    extra = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, extra, "approved")
    page = ada.get(at(code)).text
    assert "Mark USD 45.00 as paid" in page
    sent = fields(page, "/payments") | {"day": "2034-03-14"}
    assert ada.post(at(code, "/payments"), data=sent).status_code == 303
    assert sums(desk, code) == (4500, 0, "")
    assert all(
        each in reads() for each in ("USD 20.00 due", "USD 45.00 of USD 65.00 paid", "I've paid USD 20.00")
    )
    assert "that USD 45.00 has not arrived." in words(ada.get(at(code)).text)
    assert desk.broken() == {}


def test_whose_word_counts(desk: Desk) -> None:
    """The owner's or a manager's; what is decided stays, and nothing is said where nothing is due."""
    code = desk.order()
    with pytest.raises(TransitionRefusedError, match="Nothing is open"):
        say(desk, code)
    desk.claim(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="Nothing is open"):
        say(desk, code)
    desk.write(code, desk.ada)
    desk.work()
    desk.transition(code, "start", desk.ada, note="On the phone.")
    reference = say(desk, code)
    assert say(desk, code) == reference
    with pytest.raises(TransitionRefusedError, match="Only the owner or a manager"):
        deny(desk, code, reference, "ben")
    assert confirm(desk, code) == reference
    with pytest.raises(TransitionRefusedError, match="confirmed meanwhile"):
        deny(desk, code, reference)
    with pytest.raises(TransitionRefusedError, match="Nothing is open"):
        say(desk, code)
    with desk.ctx(desk.mia) as ctx:
        direct.undo(ctx, code, reference, key=new_key())
    assert sums(desk, code) == (0, 0, "")
    reference = say(desk, code)
    deny(desk, code, reference, "mia")
    deny(desk, code, reference)
    assert desk.happened(code).count("payment-missing") == 1
    assert say(desk, code) != reference
    desk.transition(code, "release", desk.ada, note="On holiday.")
    with desk.ctx(desk.mia) as ctx:
        row = direct.note(ctx, code, "2034-03-14", key=new_key())
        assert (row.payee, row.noted_by) == ("Ada", "Mia")
    assert desk.broken() == {}


def test_the_owner_is_told_what_the_customer_says(lite_desk: Desk, lite_app: Flask) -> None:
    """In the news of the owner."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    say(desk, code)
    desk.work()
    news = words(sign_in(lite_app, "ada").get("/support/desk/news").text)
    assert "The customer said that they have paid: USD 45.00" in news


def test_the_ticket_lists_every_payment(lite_desk: Desk, lite_app: Flask) -> None:
    """With provider, amount, day, state, its name at the provider, and what went wrong."""
    desk, ada = lite_desk, sign_in(lite_app, "ada")
    code = desk.in_progress(desk.ada)
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        for n, (step, came, back, problem) in enumerate(
            (
                (PaymentStep.RECEIVED, 5000, 1000, ""),
                (PaymentStep.ENDED, 0, 0, "The card was declined."),
                (PaymentStep.OPEN, 0, 0, ""),
            )
        ):
            row = Payment(
                ticket_id=ticket.id,
                provider="console",
                reference=f"pay_{n}",
                amount_minor=4500,
                currency="USD",
                step=step,
                received_minor=came,
                refunded_minor=back,
                received_on=ctx.today if came else None,
                payee="",
                noted_by="",
                noted_at=ctx.now,
                remote=f"R-{n}",
                test=True,
                problem=problem,
            )
            ctx.session.add(row)
        ctx.session.flush()
        columns = settling.resum(ctx, ticket)
        ctx.session.execute(update(tickets.Ticket).where(tickets.Ticket.id == ticket.id).values(columns))
    page = words(ada.get(at(code)).text)
    for told in (
        "USD 40.00 of USD 45.00 paid · USD 10.00 refunded",
        "Paid · 14 March 2034 · USD 45.00 asked · USD 10.00 refunded · Test payment · R-0",
        "Ended",
        "The card was declined.",
        "Begun",
    ):
        assert told in page
    with desk.ctx() as ctx:
        assert len(payments.of(ctx.session, tickets.lock(ctx.session, code))) == 3


def test_the_webhook_hears_of_money(lite_desk: Desk) -> None:
    """Of what came and went back, under the name of the payment, with nothing personal."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "webhook_url", "https://hooks.example/")  # they are frozen
    reference = say(desk, code)
    confirm(desk, code)
    with desk.ctx(desk.mia) as ctx:
        direct.undo(ctx, code, reference, key=new_key())
        told = [(row.event, json.loads(row.body)) for row in ctx.session.scalars(select(Delivery))]
    assert [event for event, _body in told] == ["payment-received", "payment-reversed"]
    facts = {
        "payment": reference,
        "provider": "direct",
        "amount": 4500,
        "refunded": 0,
        "currency": "USD",
        "ticket": code,
    }
    assert all(body | facts == body for _event, body in told)
    assert "jane" not in str(told).lower()


def test_whatever_writes_a_payment_adds_up_its_ticket() -> None:
    """Each module that makes one, or says how far one is, calls what writes the sums."""
    root = Path(paidsupport.__file__).parent
    silent = set()
    for path in root.rglob("*.py"):
        text = path.read_text("utf-8")
        if "payments.tables" not in text and "payments import tables" not in text:
            continue
        tree = ast.parse(text)
        calls = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        written = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }
        writes = "Payment" in calls or written & {"received_minor", "refunded_minor"}
        if writes and not calls & {"resum", "settle"}:
            silent.add(str(path.relative_to(root)))
    assert silent <= {"sales/invoices/operations/paying.py"}  # whoever marks an invoice adds up
