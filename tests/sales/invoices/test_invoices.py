"""Invoices: what was accepted is invoiced once, numbers have no gaps, and nothing changes later (T19)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    ManagersOnlyError,
    NotFoundError,
    NotTheOwnerError,
    TransitionRefusedError,
)
from paidsupport.ops.doctor import doctor
from paidsupport.ops.erasure import erasure
from paidsupport.sales.invoices.operations import invoices, invoicing
from paidsupport.sales.invoices.rules import Buyer
from paidsupport.sales.invoices.tables import Invoice, InvoiceCounter, InvoiceLine
from paidsupport.sales.invoices.typed import Typed
from paidsupport.testing import mount_of, take_over
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.decisions.tables import Decision
from tests import nursery
from tests.concurrency.processes import in_threads
from tests.ops.erasure.test_erasure import traces
from tests.ops.test_worker import environment
from tests.people import VISITOR, Desk
from tests.services import billed, paid_to
from tests.sites import site

pytestmark = pytest.mark.row("T19")

TYPED = Typed(
    buyer_name="Doe Ltd.",
    buyer_street="2 Side Street",
    buyer_postcode="1010",
    buyer_city="Vienna",
    buyer_country="at",
    buyer_email="bills@doe.example",
    buyer_vat_id="",
    pay_days="10",
    lines=[("Installation", "19")],
)


def drafted(desk: Desk, code: str = "", by: Actor | None = None) -> Invoice:
    """A draft over what was ordered."""
    code = code or desk.order(email=f"{new_key()}@example.com")
    paid_to(desk, "after", code)
    with desk.ctx(by or desk.mia) as ctx:
        return invoices.draft(ctx, code, key=new_key())


def code_of(desk: Desk, invoice: Invoice) -> str:
    """The code of its ticket."""
    with desk.ctx() as ctx:
        return tickets.by_id(ctx.session, invoice.ticket_id).code


def filled(desk: Desk, invoice: Invoice, **changed: Any) -> Invoice:  # noqa: ANN401  # fields of a Typed
    """The draft with all that an invoice needs."""
    with desk.ctx(desk.mia) as ctx:
        typed = replace(TYPED, **changed)
        version = invoice.version
        code = tickets.by_id(ctx.session, invoice.ticket_id).code
        return invoices.change(ctx, code, invoice.reference, typed, version=version, key=new_key())


def issued(desk: Desk, code: str = "") -> Invoice:
    """An invoice with a number."""
    draft = drafted(desk, code)
    with desk.ctx(desk.mia) as ctx:
        count = len(
            ctx.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == draft.id)).all()
        )
    return issue(desk, filled(desk, draft, lines=[(f"Thing {n}", "19") for n in range(count)]))


def issue(desk: Desk, invoice: Invoice, **more: Any) -> Invoice:  # noqa: ANN401  # the version or the key
    """Issue it is."""
    asked: dict[str, Any] = {"version": invoice.version, "key": new_key()} | more
    with desk.ctx(desk.mia) as ctx:
        code = tickets.by_id(ctx.session, invoice.ticket_id).code
        return invoices.issue(ctx, code, invoice.reference, **asked)


def deed(desk: Desk, name: str, invoice: Invoice, by: Actor | None = None, key: str = "") -> Invoice:
    """Mark it as paid, cancel it, or write about it."""
    act = {"paid": invoices.mark_paid, "cancel": invoices.cancel, "tell": invoices.tell}[name]
    with desk.ctx(by or desk.mia) as ctx:
        code = tickets.by_id(ctx.session, invoice.ticket_id).code
        return act(ctx, code, invoice.reference, key=key or new_key())


def serials(desk: Desk) -> list[str]:
    """Every number there is, in its order."""
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(Invoice).where(Invoice.number.is_not(None)).order_by(Invoice.id))
        return [invoicing.serial_of(row) for row in rows]


def extended(desk: Desk) -> str:
    """A ticket of 45 dollars with an accepted offer of 20, and one that was declined."""
    code = desk.in_progress(desk.ada)
    yes, no = desk.offer(code, desk.ada), desk.offer(code, desk.ada, price="99")
    desk.work()
    desk.answer(code, yes, "approved")
    desk.answer(code, no, "declined")
    return code


def test_an_invoice_from_draft_to_paid(desk: Desk) -> None:
    """What was ordered and accepted stands on it, tax inside; it gets a number and a day, then it is paid."""
    code = extended(desk)
    draft = drafted(desk, code)
    assert (draft.state, draft.number, draft.total_minor) == ("draft", None, 6500)
    assert (draft.net_minor, draft.tax_minor) == (5462, 1038)
    lines = [("Installation", "19"), ("E-cards", "7.5")]
    made = issue(desk, filled(desk, draft, lines=lines))
    assert invoicing.serial_of(made) == f"INV-{desk.clock().year}-0001"
    assert (made.state, made.buyer_country, made.seller["name"]) == ("issued", "AT", "Gallery Support Ltd.")
    assert made.issued_on == desk.clock().date()
    assert made.due_on == desk.clock().date() + timedelta(days=10)
    assert made.total_minor == 6500
    assert made.tax_minor == 718 + 140
    assert deed(desk, "paid", made).state == "paid"
    assert [kind for kind in desk.happened(code) if kind.startswith("invoice")] == [
        *("invoice-drafted", "invoice-changed", "invoice-issued", "invoice-paid"),
    ]
    assert desk.broken() == {}


def test_what_is_invoiced_is_not_invoiced_again(desk: Desk) -> None:
    """Not by a second draft, not by the database; only what was accepted since."""
    code = extended(desk)
    issued(desk, code)
    with pytest.raises(TransitionRefusedError, match="nothing to invoice"):
        drafted(desk, code)
    more = desk.offer(code, desk.ada, price="10.50", what="A further theme")
    desk.work()
    desk.answer(code, more, "approved")
    second = drafted(desk, code)
    assert second.total_minor == 1050
    with desk.ctx(desk.mia) as ctx:
        (line,) = ctx.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == second.id))
        assert line.description == "A further theme"
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.execute(update(InvoiceLine).where(InvoiceLine.id == line.id).values(work="order"))
    assert desk.broken() == {}


def test_a_cancelled_invoice_has_a_credit_note_and_frees_what_was_on_it(desk: Desk) -> None:
    """The credit note has its own number; both stay, and the work is invoiced anew under the next one."""
    first = issued(desk)
    year = desk.clock().year
    note = deed(desk, "cancel", first)
    assert (note.kind, note.state, note.credits_id) == ("credit-note", "issued", first.id)
    assert (note.total_minor, note.buyer_name) == (first.total_minor, first.buyer_name)
    with pytest.raises(TransitionRefusedError, match="be cancelled"):
        deed(desk, "cancel", note)
    with pytest.raises(TransitionRefusedError):
        deed(desk, "cancel", first)
    with pytest.raises(TransitionRefusedError):
        deed(desk, "paid", first)
    issued(desk, code_of(desk, first))
    assert deed(desk, "paid", note).state == "paid"
    assert serials(desk) == [f"INV-{year}-0001", f"CN-{year}-0001", f"INV-{year}-0002"]
    assert desk.broken() == {}


def test_a_draft_that_is_thrown_away_takes_no_number(desk: Desk) -> None:
    """The next one has the first number; the hook does not bring it back, a manager can."""
    draft = drafted(desk)
    code = code_of(desk, draft)
    assert deed(desk, "cancel", draft).number is None
    with desk.ctx(desk.ada) as ctx:
        assert invoices.start(ctx, tickets.lock(ctx.session, code)) is None
    assert invoicing.serial_of(issued(desk, code)).endswith("-0001")
    assert desk.happened(code)[-4:] == [
        *("invoice-discarded", "invoice-drafted", "invoice-changed", "invoice-issued"),
    ]
    assert desk.broken() == {}


def test_the_hook_drafts_once_and_refuses_nothing(desk: Desk) -> None:
    """Resolving leaves one draft for managers, by any person; with nothing to pay there is none."""
    code, free, direct = paid_to(desk, "after", extended(desk)), billed(desk), desk.order()
    with desk.ctx(desk.ada) as ctx:
        assert invoices.start(ctx, tickets.lock(ctx.session, direct)) is None
        first = invoices.start(ctx, tickets.lock(ctx.session, code), Buyer(name="Doe Ltd.", country="AT"))
        again = invoices.start(ctx, tickets.lock(ctx.session, code))
        assert first is again
        assert first
        assert (first.buyer_name, first.buyer_email, first.total_minor) == ("Doe Ltd.", "", 6500)
        ticket = tickets.lock(ctx.session, free)
        tickets.change(ctx.session, ticket, price_minor=0)
        assert invoices.start(ctx, ticket) is None
        tickets.change(ctx.session, ticket, price_minor=4500)
    assert desk.happened(code).count("invoice-drafted") == 1
    assert desk.broken() == {}


def test_every_submit_counts_once(desk: Desk) -> None:
    """The same form again does the same; the same key with other content is refused."""
    code = billed(desk)
    key = new_key()
    with desk.ctx(desk.mia) as ctx:
        draft = invoices.draft(ctx, code, key=key)
        assert invoices.draft(ctx, code, key=key).id == draft.id
        assert invoices.draft(ctx, code, key=new_key()).id == draft.id
    draft = filled(desk, draft)
    made = issue(desk, draft, key=key + "i")
    assert issue(desk, draft, key=key + "i").number == made.number == 1
    with pytest.raises(KeyReusedError):
        issue(desk, draft, key=key)
    with pytest.raises(TransitionRefusedError, match="changed"):
        issue(desk, draft)
    paid = new_key()
    assert deed(desk, "paid", made, key=paid).version == deed(desk, "paid", made, key=paid).version
    gone = new_key()
    assert deed(desk, "cancel", made, key=gone).id == deed(desk, "cancel", made, key=gone).id
    assert len(serials(desk)) == 2
    assert desk.broken() == {}


@pytest.mark.parametrize("name", ["ada", "visitor"])
def test_only_managers_write_invoices(lite_desk: Desk, name: str) -> None:
    """Colleagues are told so, all others get “not found”, and nothing is written."""
    desk = lite_desk
    by, error = (desk.ada, ManagersOnlyError) if name == "ada" else (VISITOR, NotFoundError)
    code = desk.order()
    with pytest.raises(error):
        drafted(desk, code, by)
    made = issued(desk, code)
    before = desk.ticket(code).event_count
    for each in ("paid", "cancel"):
        with pytest.raises(error):
            deed(desk, each, made, by)
    with desk.ctx(by) as ctx, pytest.raises(error):
        invoices.change(ctx, code, made.reference, TYPED, version=2, key=new_key())
    with desk.ctx(by) as ctx, pytest.raises(error):
        invoices.issue(ctx, code, made.reference, version=2, key=new_key())
    with desk.ctx(by) as ctx, pytest.raises(error):
        invoicing.listed(ctx)
    assert desk.ticket(code).event_count == before


def test_an_invoice_of_another_ticket_is_not_there(lite_desk: Desk) -> None:
    """A foreign reference is found by no operation."""
    made, other = issued(lite_desk), lite_desk.order()
    for act in (invoices.mark_paid, invoices.cancel, invoices.tell):
        with lite_desk.ctx(lite_desk.mia) as ctx, pytest.raises(NotFoundError):
            act(ctx, other, made.reference, key=new_key())


WRONG = [
    ({"buyer_country": "Austria"}, "buyer_country"),
    ({"buyer_country": "UK"}, "buyer_country"),
    ({"buyer_country": "EL"}, "buyer_country"),
    ({"buyer_country": "XX"}, "buyer_country"),
    ({"buyer_vat_id": "12"}, "buyer_vat_id"),
    ({"buyer_vat_id": "QQ123456789"}, "buyer_vat_id"),
    ({"buyer_email": "nobody"}, "buyer_email"),
    ({"buyer_name": "a\u2028b"}, "buyer_name"),
    ({"buyer_postcode": "9" * 41}, "buyer_postcode"),
    ({"pay_days": "0"}, "pay_days"),
    ({"pay_days": "9999999999999"}, "pay_days"),
    ({"untaxed": "because"}, "untaxed"),
    ({"lines": [(" ", "19")]}, "line_1_description"),
    ({"lines": [("x", "101")]}, "line_1_rate"),
    ({"lines": [("x", "-1")]}, "line_1_rate"),
    ({"lines": []}, "lines"),
    ({"lines": [("x", "0")], "untaxed": "exempt"}, "untaxed_reason"),
    ({"lines": [("x", "0")], "untaxed": "reverse-charge"}, "buyer_vat_id"),
]


@pytest.mark.parametrize(("changed", "at"), WRONG)
def test_what_is_wrong_is_said_at_its_field(lite_desk: Desk, changed: dict[str, Any], at: str) -> None:
    """One sentence there, and nothing is kept."""
    draft = drafted(lite_desk)
    with pytest.raises(InvalidInputError) as refused:
        filled(lite_desk, draft, **changed)
    assert list(refused.value.problems) == [at]
    with lite_desk.ctx() as ctx:
        assert ctx.session.scalars(select(Invoice)).one().version == 1


@pytest.mark.row("T19")
def test_a_draft_of_before_is_looked_at_once_more(lite_desk: Desk) -> None:
    """A country that was taken once, and no program takes, is refused before a number is used."""
    draft = filled(lite_desk, drafted(lite_desk))
    with lite_desk.ctx() as ctx:
        ctx.session.execute(update(Invoice).values(buyer_country="UK"))
    with pytest.raises(InvalidInputError) as refused:
        issue(lite_desk, draft)
    assert refused.value.problems == {"buyer_country": ["Write this country as GB, not as UK."]}
    assert serials(lite_desk) == []


def test_what_is_missing_is_said_before_there_is_a_number(lite_desk: Desk) -> None:
    """A draft may have holes, an invoice none."""
    draft = filled(lite_desk, drafted(lite_desk), buyer_street="", buyer_city=" ", lines=[("x", "0")])
    with pytest.raises(InvalidInputError) as refused:
        issue(lite_desk, draft)
    assert set(refused.value.problems) == {"buyer_street", "buyer_city", "untaxed"}
    assert serials(lite_desk) == []
    assert lite_desk.broken() == {}


def test_without_a_seller_nothing_is_invoiced(lite_app: Flask, lite_desk: Desk) -> None:
    """One sentence says what to do; the hook does nothing, and the desk works all the same."""
    code = lite_desk.order()
    object.__setattr__(mount_of(lite_app).settings, "seller", None)  # a frozen setting
    with pytest.raises(TransitionRefusedError, match="A manager has to enter the seller"):
        drafted(lite_desk, code)
    with lite_desk.ctx(lite_desk.ada) as ctx:
        assert invoices.start(ctx, tickets.lock(ctx.session, code)) is None


def test_no_credential_gets_onto_an_invoice(lite_desk: Desk) -> None:
    """What customers gave is refused in its words as in an email."""
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.give(code, "correct Horse")
    draft = drafted(lite_desk, code)
    with pytest.raises(InvalidInputError, match="reveals a login"):
        filled(lite_desk, draft, lines=[("Login with correct Horse", "19")])


def test_a_currency_without_cents(lite_desk: Desk) -> None:
    """Yen are whole: the tax is, too."""
    code = lite_desk.order()
    with lite_desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        tickets.change(ctx.session, ticket, currency="JPY")
    made = issue(lite_desk, filled(lite_desk, drafted(lite_desk, code), lines=[("x", "10")]))
    assert (made.currency, made.net_minor, made.tax_minor, made.total_minor) == ("JPY", 4091, 409, 4500)


class TestNumbers:
    """Neither a gap nor a double, whatever happens at once."""

    def test_what_is_rolled_back_leaves_no_gap(self, desk: Desk) -> None:
        """The number of a transaction that failed is given to the next one."""
        draft = filled(desk, drafted(desk))
        code = code_of(desk, draft)

        class _LostError(Exception):
            pass

        with suppress(_LostError), desk.ctx(desk.mia) as ctx:
            made = invoices.issue(ctx, code, draft.reference, version=draft.version, key=new_key())
            assert made.number == 1
            raise _LostError
        assert serials(desk) == []
        assert issue(desk, draft).number == 1
        assert desk.broken() == {}

    def test_each_year_counts_for_itself(self, lite_desk: Desk) -> None:
        """The first invoice of a year is number 1 of its series."""
        first = issued(lite_desk)
        lite_desk.clock.forward(days=366)
        second = issued(lite_desk)
        assert (first.number, second.number) == (1, 1)
        assert first.series != second.series
        assert lite_desk.broken() == {}

    def test_one_draft_issued_by_many_at_once_has_one_number(self, desk: Desk) -> None:
        """All but one are told that it has changed; nothing is counted for them."""
        draft = filled(desk, drafted(desk))
        won: list[int] = []

        def run(_: int) -> None:
            with suppress(TransitionRefusedError):
                won.append(issue(desk, draft).number or 0)

        in_threads(run, 6)
        assert won == [1]
        assert len(serials(desk)) == 1
        assert desk.broken() == {}

    def test_many_drafts_at_once_are_one(self, desk: Desk) -> None:
        """By managers and by the hook, each with a form of its own: one draft, one line, one event."""
        code = desk.order()

        def run(number: int) -> None:
            if number % 2:
                drafted(desk, code)
                return
            with desk.ctx(desk.ada) as ctx:
                invoices.start(ctx, tickets.lock(ctx.session, code))

        in_threads(run, 6)
        with desk.ctx() as ctx:
            assert len(ctx.session.scalars(select(InvoiceLine)).all()) == 1
        assert desk.happened(code).count("invoice-drafted") == 1
        assert desk.broken() == {}

    def test_many_invoices_at_once_and_some_that_fail(self, desk: Desk) -> None:
        """Threads issue, and every third throws its transaction away: 1, 2, 3 … without a hole."""
        drafts = [filled(desk, drafted(desk)) for _ in range(9)]

        def run(number: int) -> None:
            draft = drafts[number]
            if number % 3:
                issue(desk, draft)
                return
            with suppress(ZeroDivisionError), desk.ctx(desk.mia) as ctx:
                code = tickets.by_id(ctx.session, draft.ticket_id).code
                invoices.issue(ctx, code, draft.reference, version=draft.version, key=new_key())
                raise ZeroDivisionError

        in_threads(run, 9)
        year = desk.clock().year
        assert sorted(serials(desk)) == [f"INV-{year}-{n:04d}" for n in range(1, 7)]
        assert desk.broken() == {}

    def test_processes_count_together(self, desk: Desk, tmp_path: Path) -> None:
        """Four programs issue at once on one database, in a year that nothing was counted in yet."""
        for _ in range(12):
            filled(desk, drafted(desk))
        log = (tmp_path / "log").open("wb")
        run = [
            nursery.start(str(number), code=_PROGRAM, env=environment(desk, "keep:"), stdout=log, stderr=log)
            for number in range(4)
        ]
        assert [process.wait(120) for process in run] == [0] * 4, (tmp_path / "log").read_text()
        log.close()
        numbers = sorted(int(serial.rsplit("-", 1)[1]) for serial in serials(desk))
        assert numbers == list(range(1, 13))
        assert desk.broken() == {}


_PROGRAM = """
import sys
from sqlalchemy import select
from paidsupport.sales.invoices.operations import invoices
from paidsupport.kernel.context import Context
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.actors import Role
from paidsupport.kernel.codes import new_key
from paidsupport.demo import create_app
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Ticket
from paidsupport.testing import mount_of
app = create_app()
mount = mount_of(app)
with app.app_context():
    with mount.database.reading() as session:
        wanted = select(Ticket.code, Invoice.reference, Invoice.version).order_by(Invoice.id)
        rows = session.execute(wanted.join(Invoice, Invoice.ticket_id == Ticket.id)).all()
        mia = session.scalar(select(Person).where(Person.name == "Mia"))
        by = Actor("person", "Mia", mia.id, Role.MANAGER)
    for code, reference, version in rows[int(sys.argv[1])::4]:
        with mount.database.writing() as session:
            ctx = Context(mount.services, session, by, mount.clock())
            invoices.issue(ctx, code, reference, version=version, key=new_key())
"""


class TestWhatWasIssued:
    """It says what it says, and whatever changes it is found."""

    def test_no_verb_changes_it(self, lite_desk: Desk) -> None:
        """Neither its words nor its sums; a draft of the same page is refused."""
        made = issued(lite_desk)
        with pytest.raises(TransitionRefusedError, match="changed"):
            filled(lite_desk, made, buyer_name="Somebody else")
        assert lite_desk.broken() == {}

    def test_an_offer_that_changed_under_the_draft_is_not_issued(self, lite_desk: Desk) -> None:
        """The draft is for another price than what stands."""
        code = extended(lite_desk)
        draft = filled(lite_desk, drafted(lite_desk, code), lines=[("a", "19"), ("b", "19")])
        with lite_desk.ctx() as ctx:
            wanted = update(Decision).where(Decision.answer == "approved")
            ctx.session.execute(wanted.values(price_minor=1))
        with pytest.raises(TransitionRefusedError, match="accepted prices have changed"):
            issue(lite_desk, draft)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (update(Invoice).values(buyer_name="x"), "issued invoices are unchanged"),
            (update(InvoiceLine).values(description="x"), "issued invoices are unchanged"),
            (update(InvoiceLine).values(counts=False), "issued invoices are unchanged"),
            (update(Invoice).values(net_minor=4499, tax_minor=1), "totals of invoices are right"),
            (update(InvoiceLine).values(rate=700), "totals of invoices are right"),
            (update(InvoiceLine).values(work="x"), "accepted work is invoiced once"),
            (update(InvoiceCounter).values(last=2), "invoices are numbered without gaps"),
            (update(Invoice).values(number=2), "invoices are numbered without gaps"),
        ],
    )
    def test_the_doctor_finds_what_was_changed(self, lite_desk: Desk, change: Any, told: str) -> None:  # noqa: ANN401
        """Past every operation, in the tables themselves."""
        issued(lite_desk)
        assert lite_desk.broken() == {}
        with lite_desk.ctx() as ctx:
            ctx.session.execute(change)
        assert told in lite_desk.broken()


class TestTheLetter:
    """The customer is told by the ticket's owner or, if it has none, by the desk."""

    def test_the_owner_tells_and_nobody_else(self, lite_desk: Desk) -> None:
        """Under their claim, as every email; once. A manager who does not hold it is refused."""
        desk = lite_desk
        code = extended(desk)
        made = issued(desk, code)
        for by in (desk.ben, desk.mia):
            with pytest.raises(NotTheOwnerError):
                deed(desk, "tell", made, by)
        deed(desk, "tell", made, desk.ada)
        with pytest.raises(TransitionRefusedError, match="already"):
            deed(desk, "tell", made, desk.ada)
        email = desk.emails(code)[-1]
        assert (email.kind, email.claim_number, email.state) == ("invoice", 1, "queued")
        assert email.subject == f"Your invoice for Installation ({code})"
        (mail,) = [mail for mail in desk.work() if mail["X-Paidsupport-Kind"] == "invoice"]
        body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        day = made.due_on
        assert day
        for said in (invoicing.serial_of(made), "USD 65.00", f"{day.day} {day:%B %Y}", "/support/t/"):
            assert said in " ".join(body.split())
        deed(desk, "tell", deed(desk, "cancel", made), desk.ada)
        assert desk.emails(code)[-1].subject == f"Your credit note for Installation ({code})"
        assert desk.broken() == {}

    def test_a_letter_that_was_taken_back_can_be_written_again(self, lite_desk: Desk) -> None:
        """The claim ended before it left: then the desk writes, because the ticket has no owner."""
        desk = lite_desk
        code = extended(desk)
        made = issued(desk, code)
        deed(desk, "tell", made, desk.ada)
        desk.transition(code, "release", desk.ada, note="No time.")
        assert desk.emails(code)[-1].state == "withdrawn"
        with pytest.raises(ManagersOnlyError):
            deed(desk, "tell", made, desk.ben)
        deed(desk, "tell", made, desk.mia)
        email = desk.emails(code)[-1]
        assert (email.kind, email.claim_number) == ("invoice", None)
        assert [mail["X-Paidsupport-Kind"] for mail in desk.work()].count("invoice") == 1
        assert desk.broken() == {}

    def test_a_draft_is_told_to_nobody(self, lite_desk: Desk) -> None:
        """It has no number."""
        with pytest.raises(TransitionRefusedError, match="draft"):
            deed(lite_desk, "tell", drafted(lite_desk))


class TestErasure:
    """Issued invoices are kept as the law wants it, everything else goes (P13)."""

    def ended(self, desk: Desk) -> str:
        """A ticket that has ended."""
        code = desk.order(email="gone@example.com")
        desk.transition(code, "reject", desk.mia, reason="spam", note="x")
        return code

    def test_the_buyer_stays_for_the_years_of_the_law_and_then_goes(self, desk: Desk) -> None:
        """It is said which invoices are kept; the worker empties them when their time is over."""
        code = self.ended(desk)
        made = issued(desk, code)
        with desk.ctx() as ctx:
            erased = erasure.erase(ctx, "gone@example.com")
        assert erased.kept == [invoicing.serial_of(made)]
        assert desk.broken() == {}
        assert traces(desk, "doe ltd.") == {"paidsupport_invoice.buyer_name"}
        desk.clock.forward(days=365 * 10)
        desk.work()
        assert self.row(desk).buyer_name == "Doe Ltd."
        desk.clock.forward(days=366 + 3)
        desk.work()
        row = self.row(desk)
        assert (row.buyer_name, row.buyer_street, row.number, row.total_minor) == ("", "", 1, 4500)
        assert row.emptied_at is not None
        assert traces(desk, "doe ltd.") == set()
        with desk.ctx() as ctx, pytest.raises(NotFoundError):
            invoicing.paper(ctx, tickets.lock(ctx.session, code), ctx.session.get_one(Invoice, row.id))
        assert desk.broken() == {}

    def test_a_draft_goes_at_once(self, desk: Desk) -> None:
        """What has no number is no invoice."""
        code = self.ended(desk)
        filled(desk, drafted(desk, code))
        with desk.ctx() as ctx:
            assert erasure.erase(ctx, "gone@example.com").kept == []
            assert ctx.session.scalars(select(Invoice)).all() == []
            assert ctx.session.scalars(select(InvoiceLine)).all() == []
        assert traces(desk, "doe ltd.") == set()
        with pytest.raises(TransitionRefusedError, match="erased"):
            drafted(desk, code)
        assert desk.broken() == {}

    def row(self, desk: Desk) -> Invoice:
        """The one invoice there is."""
        with desk.ctx() as ctx:
            return ctx.session.scalars(select(Invoice)).one()


def test_invoices_of_years_ago_are_not_kept(tmp_path: Path, sqlite_site: Path) -> None:
    """A customer erased after that leaves nothing; here the law requires one year."""
    copy = tmp_path / "site.sqlite3"
    copy.write_bytes(sqlite_site.read_bytes())
    for app in sited(copy, tmp_path):
        desk = Desk(app, *take_over(app))
        code = desk.order(email="gone@example.com")
        issued(desk, code)
        desk.transition(code, "reject", desk.mia, reason="spam", note="x")
        desk.clock.forward(days=2 * 366)
        with desk.ctx() as ctx:
            assert erasure.erase(ctx, "gone@example.com").kept == []
        with desk.ctx() as ctx:
            assert ctx.session.scalars(select(Invoice.buyer_name)).all() == [""]
            assert not any(doctor.examine(ctx).values())


def sited(database: Path, folder: Path) -> Iterator[Flask]:
    """A site that keeps invoices for a year."""
    yield from site(f"sqlite:///{database}", folder, prepare=False, PAIDSUPPORT_INVOICES_KEPT_YEARS=1)
