"""The rule of one payee: wherever an order says whom its customer pays, it says the same one (P16)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.catalogue import queries as catalogue
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.sales.invoices.operations import invoices
from paidsupport.sales.payments.bank.transfer import transfer_for
from paidsupport.sales.payments.operations import direct
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import boilerplate, correspondence
from paidsupport.tickets.operations.representation import of_ticket
from tests.people import Desk, sign_in
from tests.sales.payments.bank import statements
from tests.tickets.decisions.test_pages import at, words
from tests.tickets.ordering.ordering import FILLED, hidden
from tests.tickets.report.test_report import drafted as report

pytestmark = pytest.mark.row("P16")

#: How pages and emails name each payee.
NAMES = {
    "developer": (
        *("You pay your developer directly", "You pay Ada directly", "directly to Ada"),
        *("How to pay me", "The customer pays Ada directly", "ada@example.org"),
    ),
    "before": ("You pay us before the work begins", "The customer pays the desk before the work begins"),
    "after": ("You pay us after the work, by invoice", "The customer pays by invoice"),
}
#: A service of the demonstration with each payee, and what its order form wants besides.
SERVICES: dict[str, dict[str, Any]] = {
    "developer": {"service": "installation"},
    "before": {"service": "checkup", "acknowledged": frozenset({0}), "answers": {}},
    "after": {
        "service": "archive",
        "acknowledged": frozenset({0, 1}),
        "answers": {"from_version": ["2.2"]},
    },
}


def named(text: str) -> set[str]:
    """The payees that a text names."""
    flat = " ".join(text.split())
    return {payee for payee, names in NAMES.items() if any(name in flat for name in names)}


def checked(client: FlaskClient, service: str) -> str:
    """The page that shows all answers before an order is placed."""
    url = f"/support/order/{service}"
    given = {**FILLED, "answer_from_version": "2.2", **hidden(client.get(url).text)}
    page = client.post(url, data=given)
    assert "Check your answers" in words(page.text)
    return page.text


@pytest.mark.parametrize("payee", list(NAMES))
def test_every_page_and_email_of_an_order_names_the_same_payee(
    lite_desk: Desk, lite_app: Flask, payee: str
) -> None:
    """From the order form to the report, for the customer and for staff."""
    desk, ada, customer = lite_desk, sign_in(lite_app, "ada"), lite_app.test_client()
    order = SERVICES[payee]
    said = {
        "order form": customer.get(f"/support/order/{order['service']}", follow_redirects=True).text,
        "check page": checked(lite_app.test_client(), order["service"]),
    }
    code = desk.order(**order)
    mine = f"/support/t/{desk.token(code)}"
    said["confirmation"] = desk.emails(code)[-1].body
    said["page of the order"] = customer.get(mine).text
    desk.claim(code, desk.ada)
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        said["first contact"] = correspondence.open_email(ctx, ticket).body
        rows = catalogue.boilerplate(ctx.session, ctx.by.id)
        how = next(row.id for row in rows if row.title == "How to pay")
        said["canned reply"] = boilerplate.filled(ctx, ticket, how)
    said["page before the contact"] = words(ada.get(at(code)).text)
    desk.write(code, desk.ada)
    desk.work()
    said["page while agreeing"] = customer.get(mine).text
    said["ticket"] = words(ada.get(at(code)).text)
    said["report"] = report(desk, code)
    desk.offer(code, desk.ada)
    said["offer"] = desk.emails(code)[-1].body
    said["page with an offer"] = customer.get(mine).text
    assert {name: named(words(text)) for name, text in said.items()} == {name: {payee} for name in said}
    assert desk.broken() == {}


def test_who_is_paid_is_the_only_one_who_can_ask(lite_desk: Desk) -> None:
    """Developers are paid without invoices; for what the desk is paid, they neither ask nor note payments."""
    desk = lite_desk
    codes = {payee: desk.order(**order) for payee, order in SERVICES.items()}
    for code in codes.values():
        desk.claim(code, desk.ada)
    with (
        pytest.raises(TransitionRefusedError, match="paid to its developer directly"),
        desk.ctx(desk.mia) as ctx,
    ):
        invoices.draft(ctx, codes["developer"], key=new_key())
    for payee, why in (("before", "before the work begins"), ("after", "Write the invoice first")):
        with pytest.raises(TransitionRefusedError, match=why), desk.ctx(desk.ada) as ctx:
            direct.note(ctx, codes[payee], "2034-03-14", key=new_key())
        with desk.ctx(desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, codes[payee])
            body = correspondence.open_email(ctx, ticket).body
            right = next(line for line in body.splitlines() if line.startswith("You pay us"))
            for wrong, sentence in (
                (body.replace(right, "PayPal: ada@example.org"), "Take out how customers pay you"),
                (body.replace(right, ""), "Add how this is paid"),
            ):
                with pytest.raises(InvalidInputError, match=sentence):
                    correspondence.check(ctx, ticket, wrong)
            assert correspondence.check(ctx, ticket, body)


def test_a_desk_without_a_seller_leaves_invoices_to_its_developers(lite_desk: Desk, lite_app: Flask) -> None:
    """What would be paid by invoice is paid to the developer, on every page."""
    object.__setattr__(mount_of(lite_app).settings, "seller", None)  # a frozen setting
    page = lite_app.test_client().get("/support/order/archive", follow_redirects=True).text
    assert named(words(page)) == {"developer"}
    code = lite_desk.order(**SERVICES["after"])
    assert named(lite_desk.emails(code)[-1].body) == {"developer"}
    with lite_desk.ctx(lite_desk.mia) as ctx:
        assert of_ticket(ctx, code)[1]["payment"]["payee"] == "developer"
    statements.set_up(lite_desk)
    sent = statements.Sent(f"{lite_desk.ticket(code).price_minor / 100:.2f}", reference=statements.rf(code))
    assert statements.take(lite_desk, statements.statement(sent)).matched == 0
    with lite_desk.ctx() as ctx:
        assert transfer_for(ctx, lite_desk.ticket(code)) is None
