"""What came, what is open, what developers are owed, and the table for the bookkeeper (P16, T19)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from paidsupport.kernel.codes import new_key, new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, ManagersOnlyError
from paidsupport.kernel.money import Money
from paidsupport.sales.bookkeeping.operations import books, payouts
from paidsupport.sales.bookkeeping.operations.payouts import Paid
from paidsupport.sales.bookkeeping.rules import Covering, Period, covering, period_of
from paidsupport.sales.payments.bank import queries as bank
from paidsupport.sales.payments.operations.settling import settle
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import Payment
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.tables import Ticket
from tests.concurrency.processes import in_threads
from tests.people import Desk, sign_in
from tests.sales.invoices.test_invoices import code_of, deed, issued
from tests.tickets.decisions.test_pages import fields, words

pytestmark = pytest.mark.row("P16", "T19")

YEAR = Period(2034)
THERE = "/support/desk/payments"


def collected(desk: Desk, code: str, payee: str = "before") -> str:
    """The ticket, for which the desk is paid."""
    with desk.ctx() as ctx:
        tickets.change(ctx.session, tickets.lock(ctx.session, code), payee=payee)
    return code


def told(ctx: Context, payment: Payment, minor: int, refunds: dict[str, int]) -> None:
    """Its provider says what came and went back."""
    back = {name: Money(amount, payment.currency) for name, amount in refunds.items()}
    remote = f"R-{payment.reference}"
    came = Money(minor, payment.currency)
    settle(ctx, payment.id, Truth(PaymentStep.RECEIVED, came, back, remote=remote, capture=f"C-{remote}"))


def came(desk: Desk, code: str, minor: int = 4500, **refunds: int) -> str:
    """A payment for a ticket that a provider tells of, with refunds by their names; returns its name."""
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        payment = Payment(
            ticket_id=ticket.id,
            provider="paypal",
            reference=new_reference(),
            amount_minor=minor,
            currency=ticket.currency,
            step=PaymentStep.OPEN,
            payee="",
            noted_by="",
            noted_at=ctx.now,
        )
        ctx.session.add(payment)
        ctx.session.flush()
        told(ctx, payment, minor, refunds)
        return payment.reference


def refunded(desk: Desk, reference: str, **refunds: int) -> None:
    """The provider has paid back since."""
    with desk.ctx() as ctx:
        payment = ctx.session.scalars(select(Payment).where(Payment.reference == reference)).one()
        told(ctx, payment, payment.received_minor, refunds)


def done(desk: Desk, minor: int = 4500) -> str:
    """What came at the desk for a ticket that Ada has resolved."""
    code = collected(desk, desk.in_progress(desk.ada))
    desk.finish(code, desk.ada)
    return came(desk, code, minor)


def shown(desk: Desk, period: Period = YEAR) -> books.Books:
    """The books, as a manager sees them."""
    with desk.ctx(desk.mia) as ctx:
        return books.shown(ctx, period)


def moved(desk: Desk, period: Period = YEAR) -> list[books.Movement]:
    """What the bookkeeper gets."""
    with desk.ctx(desk.mia) as ctx:
        return books.movements(ctx, period)


def owed(desk: Desk) -> list[tuple[str, str, int, int, int]]:
    """What each developer is owed: name, currency, earned, paid out, left."""
    with desk.ctx(desk.mia) as ctx:
        found = payouts.owed(ctx)
        return [(each.person.name, each.currency, each.earned, each.paid_out, each.left) for each in found]


def pay_out(desk: Desk, amount: str, key: str = "", **changed: str) -> None:
    """Mia notes that Ada was paid out."""
    with desk.ctx(desk.mia) as ctx:
        typed = {"amount": amount, "currency": "USD", "day": ctx.today.isoformat()} | changed
        payouts.note(ctx, desk.ada.id or 0, Paid(**typed), key=key or new_key())


def test_payments_are_summed_by_service_and_month(desk: Desk) -> None:
    """What came in a month, and what was paid back in a later one."""
    reference = came(desk, collected(desk, desk.order()))
    desk.clock.forward(days=40)
    refunded(desk, reference, one=1000, two=500)
    (total,) = shown(desk).totals
    assert (total.currency, total.received, total.refunded, total.direct) == ("USD", 4500, 1500, 0)
    assert total.kept == 3000
    first, second = shown(desk).months
    assert (first.received, first.refunded, second.received, second.refunded) == (4500, 0, 0, 1500)
    (service,) = shown(desk, Period(2034, int(second.name))).services
    assert (service.received, service.refunded) == (0, 1500)
    assert shown(desk, Period(2033)).services == []
    assert desk.broken() == {}


def test_currencies_are_kept_apart_and_tests_are_not_counted(desk: Desk) -> None:
    """Nothing is added that cannot be added."""
    euros = desk.order(email="euro@example.com")
    with desk.ctx() as ctx:
        tickets.change(ctx.session, tickets.lock(ctx.session, euros), currency="EUR")
    came(desk, euros, 100)
    came(desk, desk.order(), 200)
    tried = came(desk, desk.order(), 400)
    with desk.ctx() as ctx:
        ctx.session.execute(update(Payment).where(Payment.reference == tried).values(test=True))
    found = shown(desk)
    assert [(each.currency, each.received) for each in found.totals] == [("EUR", 100), ("USD", 200)]
    assert found.tests == 1
    assert {each.minor for each in moved(desk)} == {100, 200}


def test_open_amounts_are_told_by_who_is_paid_and_age(desk: Desk) -> None:
    """Only what is due: before the work at once, after it when it is done, directly once it is agreed."""
    old = collected(desk, desk.order())
    with desk.ctx() as ctx:
        at = ctx.now - timedelta(days=45)
        ctx.session.execute(update(Ticket).where(Ticket.code == old).values(submitted_at=at))
    came(desk, old, 500)
    collected(desk, desk.order(), "after")  # not done yet
    collected(desk, desk.order(), "developer")  # not agreed yet
    desk.in_progress(desk.ada)
    gone = collected(desk, desk.in_progress(desk.ada))
    desk.transition(gone, "abandon", desk.ada, reason="backed-out", note="They left.")
    collects, direct = shown(desk).open
    assert (collects.desk, collects.number, collects.total) == (True, 1, Money(4000, "USD"))
    assert [each.minor for each in collects.sums] == [0, 4000, 0]
    assert (direct.desk, direct.number, direct.total) == (False, 1, Money(4500, "USD"))
    assert shown(desk).oldest[0].code == old


def test_a_developer_is_owed_what_came_for_resolved_tickets(desk: Desk) -> None:
    """Less refunds and pay-outs; open work does not count."""
    reference = done(desk)
    came(desk, collected(desk, desk.in_progress(desk.ada)))
    assert owed(desk) == [("Ada", "USD", 4500, 0, 4500)]
    pay_out(desk, "20.00", note="T-1")
    assert owed(desk) == [("Ada", "USD", 4500, 2000, 2500)]
    refunded(desk, reference, one=3000)
    assert owed(desk) == [("Ada", "USD", 1500, 2000, -500)]
    with desk.ctx(desk.mia) as ctx:
        (row,) = payouts.account(ctx, desk.ada.id or 0).payouts
        for _ in range(2):
            payouts.take_back(ctx, desk.ada.id or 0, row.reference)
    assert owed(desk) == [("Ada", "USD", 1500, 0, 1500)]


def test_no_more_is_paid_out_than_is_owed_and_each_form_counts_once(lite_desk: Desk) -> None:
    """A sum that is too high, a day to come, and another currency are refused at their fields."""
    done(lite_desk)
    for typed, at in (
        ({"amount": "45.01"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"currency": "EUR"}, "amount"),
        ({"day": "2099-01-01"}, "day"),
        ({"day": "soon"}, "day"),
        ({"note": "a\u2028b"}, "note"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            pay_out(lite_desk, **{"amount": "5.00"} | typed)
        assert list(refused.value.problems) == [at]
    key = new_key()
    for _ in range(2):
        pay_out(lite_desk, "5.00", key)
    with pytest.raises(KeyReusedError):
        pay_out(lite_desk, "6.00", key)
    assert owed(lite_desk) == [("Ada", "USD", 4500, 500, 4000)]


def test_managers_at_once_do_not_pay_out_twice(desk: Desk) -> None:
    """The second finds nothing left."""
    done(desk)
    refused = list[int]()

    def pay(number: int) -> None:
        try:
            pay_out(desk, "45.00")
        except InvalidInputError:
            refused.append(number)

    in_threads(pay, 4)
    assert len(refused) == 3
    assert owed(desk) == [("Ada", "USD", 4500, 4500, 0)]


def test_the_bookkeeper_gets_documents_tax_and_originals(desk: Desk) -> None:
    """As far as they are known: of the invoice that the money was for, and of what a refund takes back."""
    code = code_of(desk, issued(desk))
    came(desk, code)
    plain = collected(desk, desk.order())
    reference = came(desk, plain, one=500)
    found = {(each.ticket, each.refund): each for each in moved(desk)}
    paid, back = found[code, False], found[plain, True]
    assert (paid.document, paid.minor, paid.rate, paid.tax) == ("INV-2034-0001", 4500, "19", 718)
    assert paid.customer == "Doe Ltd."
    assert (back.minor, back.document, back.rate, back.tax) == (-500, "", "", None)
    assert back.original == reference
    assert found[plain, False].remote.startswith("C-R-")
    assert moved(desk, Period(2033)) == []


def test_what_was_paid_by_invoice_and_taken_back_has_both_documents(desk: Desk) -> None:
    """The invoice for what came, the credit note for what was paid back, with the tax of either."""
    billed = issued(desk)
    deed(desk, "paid", billed)
    deed(desk, "paid", deed(desk, "cancel", billed))
    found = [(each.document, each.refund, each.minor, each.tax, each.provider) for each in moved(desk)]
    assert found == [
        ("INV-2034-0001", False, 4500, 718, "invoice"),
        ("CN-2034-0001", True, -4500, -718, "invoice"),
    ]
    assert desk.broken() == {}


def test_the_files_are_read_by_spreadsheets_and_run_nothing(lite_desk: Desk, lite_app: Flask) -> None:
    """Figures are figures and texts are texts, as either country writes them."""
    reference = came(lite_desk, collected(lite_desk, lite_desk.order(name="=1+1")), 123400, one=1050)
    mia = sign_in(lite_app, "mia")
    answer = mia.get(f"{THERE}.csv?year=2034")
    assert answer.headers["Content-Disposition"] == "attachment; filename=payments-2034.csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:2] == ["Date", "Document number"]
    assert len(head) == len(first) == len(second)
    assert (first[5], first[6], second[6], second[13]) == ("'=1+1", "1234.00", "-10.50", reference)
    german = mia.get(f"{THERE}.csv?year=2034&form=de&bom=0").data
    rows = list(csv.reader(io.StringIO(german.decode()), delimiter=";"))
    assert (rows[1][6], rows[2][6]) == ("1234,00", "-10,50")
    assert rows[1][0].count(".") == 2


def test_a_manager_pays_out_on_a_page(lite_desk: Desk, lite_app: Flask) -> None:
    """From the overview to the developer, with the tickets behind the sum; and takes it back."""
    done(lite_desk)
    mia = sign_in(lite_app, "mia")
    page = mia.get(THERE)
    assert "USD 45.00" in words(page.text)
    url = f"{THERE}/developers/{lite_desk.ada.id}"
    assert url in page.text
    page = mia.get(url)
    typed = {"currency": "USD", "day": "2034-03-01", "note": "T-1"}
    refused = mia.post(url, data=fields(page.text, url) | typed | {"amount": "46"}, follow_redirects=True)
    assert "Enter at most USD 45.00: that is what Ada is owed." in words(refused.text)
    assert mia.post(url, data=fields(refused.text, url) | typed | {"amount": "45"}).status_code == 303
    page = mia.get(url)
    assert "USD 0.00: USD 45.00 received for their work, USD 45.00 paid out" in words(page.text)
    undo = page.text.partition("/undo")[0].rpartition('"')[2] + "/undo"
    assert mia.post(undo, data=fields(page.text, undo)).status_code == 303
    assert "Taken back" in words(mia.get(url).text)
    assert lite_desk.broken() == {}


def test_money_is_for_managers(lite_desk: Desk, lite_app: Flask) -> None:
    """Developers see their own sums, neither those of the desk nor of colleagues, and pay nothing out."""
    done(lite_desk)
    ada: FlaskClient = sign_in(lite_app, "ada")
    own = ada.get(f"{THERE}/developers/{lite_desk.ada.id}")
    assert "USD 45.00 received for their work" in words(own.text)
    assert '<form class="ps-narrow"' not in own.text
    for url in (THERE, f"{THERE}.csv", f"{THERE}/developers/{lite_desk.ben.id}"):
        assert ada.get(url).status_code == 403
    assert "/desk/payments" not in ada.get("/support/desk/").text
    paid, who = Paid("1", "USD", "2034-03-01"), lite_desk.ada.id or 0
    acts: tuple[Callable[[Context], object], ...] = (
        lambda ctx: books.movements(ctx, YEAR),
        lambda ctx: payouts.note(ctx, who, paid, key=new_key()),
        lambda ctx: payouts.take_back(ctx, who, "x"),
    )
    for act in acts:
        with lite_desk.ctx(lite_desk.ada) as ctx, pytest.raises(ManagersOnlyError):
            act(ctx)


def test_more_payments_cost_no_more_queries(lite_desk: Desk, lite_app: Flask) -> None:
    """Neither the pages nor the file."""
    done(lite_desk)
    mia = sign_in(lite_app, "mia")
    urls = (THERE, f"{THERE}.csv", f"{THERE}/developers/{lite_desk.ada.id}")
    made = list[str]()

    def costs() -> list[int]:
        found = []
        for url in urls:
            mia.get(url)
            made.clear()
            assert mia.get(url).status_code == 200
            found.append(len(made))
        return found

    with lite_desk.ctx() as ctx:
        engine = ctx.session.get_bind()

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        made.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    before = costs()
    for _ in range(3):
        done(lite_desk)
    after = costs()
    event.remove(engine, "before_cursor_execute", note)
    assert after == before


def test_what_has_to_be_decided_is_told_with_its_page(
    lite_desk: Desk, lite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bank lines without a ticket, and tickets that are overpaid or disputed, before the sums."""
    done(lite_desk)
    mia = sign_in(lite_app, "mia")
    assert "bank line" not in words(mia.get(THERE).text)
    monkeypatch.setattr(bank, "waiting", lambda _session: 3)
    over, disputed = (collected(lite_desk, lite_desk.order()) for _each in range(2))
    came(lite_desk, over, 5000)
    with lite_desk.ctx() as ctx:
        tickets.change(ctx.session, tickets.lock(ctx.session, disputed), payment_mark="disputed")
    page = mia.get(THERE)
    assert "3 bank lines have no ticket yet." in words(page.text)
    assert f"{over} Jane Doe Installation USD 5.00 too much" in words(page.text)
    assert f"{disputed} Jane Doe Installation Disputed" in words(page.text)
    with lite_app.test_request_context():
        assert url_for("paidsupport.bank_transfers") in page.text


def test_periods_are_what_a_calendar_has() -> None:
    """Whatever stands in the address."""
    today = Period(2034, 3).first
    assert period_of(None, 5, today) == Period(2034)
    assert period_of(10**9, 1, today) == Period(2034)
    assert period_of(2033, 13, today) == Period(2033)
    assert Period(2033, 12).end == Period(2033).end == Period(2034).first
    assert (Period(2033, 2).end, Period(2033, 2).name) == (Period(2033, 3).first, "2033-02")


def bill(reference: str, total: int = 100, *, stands: bool = True, is_note: bool = False) -> Covering:
    """An invoice."""
    return Covering(reference, reference, is_note, stands, "", total, 0, 0, 0)


def test_the_invoice_of_a_payment_is_told_where_it_is_clear() -> None:
    """By its name, as the only one, or by its sum; else it is not guessed."""
    one, two = bill("one"), bill("two", 200)
    assert covering([one, two], "two", 100) is two
    assert covering([one, bill("gone", stands=False), bill("note", is_note=True)], "x", 7) is one
    assert covering([one, two], "x", 200) is two
    assert covering([one, two], "x", 300) is None
    assert covering([], "x", 300) is None
