"""Customers, leads and invoices of the desk in an ERP: once each, whatever goes wrong (P17, T8, T19)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.connect.connections.tables import ConnectionTask, Remote
from paidsupport.demo.pay.server import AWAY, LOST, Fault
from paidsupport.kernel.codes import new_key
from paidsupport.sales.organisations.operations import records
from paidsupport.sales.organisations.operations.records import Record
from tests.connect.connections.connecting import connected
from tests.connect.erp.tryton_there import DATABASE, KEY, TrytonThere
from tests.leading import contact, lead, organisation, record
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P17")

MODEL = f"/{DATABASE}/rest/model"
#: Where each thing of ours is made there.
PARTY, OPPORTUNITY, INVOICE = f"{MODEL}/party.party", f"{MODEL}/sale.opportunity", f"{MODEL}/account.invoice"


class Books:
    """A desk with a Tryton."""

    def __init__(self, desk: Desk, there: TrytonThere, **values: str) -> None:
        self.desk, self.there = desk, there
        with desk.ctx() as ctx:
            # they are frozen
            object.__setattr__(ctx.services.settings, "connections_private", True)
        entered = {"url": there.url, "database": DATABASE, **values}
        self.reference = connected(desk, "tryton", entered, {"key": KEY}, name="Books")

    def work(self, **later: float) -> None:
        """What a worker does, after some time."""
        self.desk.clock.forward(**(later or {"minutes": 2}))
        self.desk.work()

    def accepted(self) -> str:
        """A lead whose customer has accepted an offer; its code."""
        desk, code = self.desk, lead(self.desk)
        desk.work()
        offer = desk.offer(code, desk.ada, price="500")
        desk.work()
        desk.answer(code, offer, "approved")
        return code

    def win(self, code: str) -> None:
        """Everything is delivered."""
        self.desk.work()
        self.desk.transition(code, "win", self.desk.ada, reason="paid", note="They have it.")

    def win_again(self, code: str) -> None:
        """It was not over after all, and now it is."""
        desk = self.desk
        desk.transition(code, "reopen", desk.ada, note="Something was missing.")
        desk.claim(code, desk.ada)
        desk.transition(code, "offer", desk.ada, note="As before.")
        desk.transition(code, "agree", desk.ada, note="On the phone.")
        self.win(code)

    def records(self, name: str) -> list[dict[str, Any]]:
        """What is there."""
        return self.there.records[name]

    def counts(self) -> list[int]:
        """How many customers, leads and invoices there are."""
        return [len(self.records(name)) for name in ("party.party", "sale.opportunity", "account.invoice")]

    def tasks(self, *states: str) -> list[ConnectionTask]:
        """The tasks in these states."""
        with self.desk.ctx() as ctx:
            return list(ctx.session.scalars(select(ConnectionTask).where(ConnectionTask.state.in_(states))))


@pytest.fixture
def there() -> Iterator[TrytonThere]:
    """What stands for Tryton."""
    with TrytonThere() as found:
        yield found


@pytest.fixture
def books(lite_desk: Desk, there: TrytonThere) -> Books:
    """A desk that keeps its books there."""
    return Books(lite_desk, there)


@pytest.fixture
def shop(lite_desk: Desk) -> str:
    """An organisation to which leads belong."""
    address = {"billing_name": "Example Shop Ltd.", "billing_address": "2 Side Street\n1010 Vienna"}
    reference = organisation(lite_desk, billing_email="bills@shop.example", notes="Pays late.", **address)
    contact(lite_desk, reference, email="jane@shop.example")
    return reference


def test_a_won_lead_becomes_one_draft(books: Books, shop: str) -> None:
    """With its customer first; nothing of its contacts and notes is told; won twice it is the same."""
    code = books.accepted()
    books.work()
    assert books.counts() == [1, 1, 0]
    books.win(code)
    books.work()
    (party,), (opportunity,), (invoice,) = map(
        books.records, ("party.party", "sale.opportunity", "account.invoice")
    )
    assert (party["code"], party["name"]) == (f"DESK-{shop}", "Example Shop Ltd.")
    assert (opportunity["reference"], opportunity["state"]) == (code, "converted")
    (line,) = invoice["lines"]
    assert (invoice["reference"], invoice["party"]) == (code, party["id"])
    assert (line["unit_price"]["decimal"], line["quantity"]) == ("420.17", 1)
    sent = repr([hit.body for hit in books.there.server.hits]).lower()
    assert "jane" not in sent
    assert "pays late" not in sent
    books.win_again(code)
    books.work()
    assert books.counts() == [1, 1, 1]
    assert books.tasks("queued", "sending", "failed", "uncertain") == []
    ada = sign_in(books.desk.app, "ada")
    page = ada.get(f"/support/desk/tickets/{code}").text
    assert f'{books.there.url}/#{DATABASE}/model/account.invoice/{invoice["id"]}"' in page
    page = ada.get(f"/support/desk/organisations/{shop}").text
    assert f'{books.there.url}/#{DATABASE}/model/party.party/{party["id"]}"' in page


@pytest.mark.parametrize("fault", [LOST, AWAY, Fault(502, "<h1>Bad</h1>"), Fault(502, "<h1>", handled=True)])
@pytest.mark.parametrize("path", [PARTY, OPPORTUNITY, f"{OPPORTUNITY}/*/convert", INVOICE])
@pytest.mark.usefixtures("shop")
def test_each_is_there_once_after_a_fault(books: Books, path: str, fault: Fault) -> None:
    """Whether it was done or not; what comes later waits its turn."""
    code = books.accepted()
    books.there.server.next("POST", path, fault)
    books.work()
    books.win(code)
    for _turn in range(4):
        books.work(hours=1)
    assert books.counts() == [1, 1, 1]
    assert books.tasks("queued", "sending", "failed", "uncertain") == []
    assert books.records("sale.opportunity")[0]["state"] == "converted"


@pytest.mark.usefixtures("shop")
def test_what_went_wrong_is_on_the_page(books: Books) -> None:
    """Until it is mended."""
    code = books.accepted()
    refused = Fault(400, {"message": "The account is closed."})
    books.there.server.next("POST", INVOICE, refused)
    books.win(code)
    books.work()
    ada = sign_in(books.desk.app, "ada")
    page = ada.get(f"/support/desk/tickets/{code}").text
    assert "The account is closed." in page
    assert "Not there yet" in page
    (task,) = books.tasks("failed")
    assert task.what == "invoice"


@pytest.mark.row("T8")
def test_a_person_is_told_only_for_an_invoice(lite_desk: Desk, there: TrytonThere) -> None:
    """Name and address of who has no organisation; not at all where the invoices are written here."""
    books = Books(lite_desk, there)
    code = books.accepted()
    books.work()
    assert books.counts() == [0, 0, 0]
    books.win(code)
    books.work()
    assert books.counts() == [1, 1, 1]
    assert books.records("party.party")[0]["name"] == "Jane Doe"


@pytest.mark.row("T19")
@pytest.mark.usefixtures("shop")
def test_the_desk_writes_the_invoice_where_that_was_chosen(lite_desk: Desk, there: TrytonThere) -> None:
    """Customer and lead are kept there nevertheless; a lost one is marked so."""
    books = Books(lite_desk, there, invoices="here")
    code = books.accepted()
    books.win(code)
    books.work()
    assert books.counts() == [1, 1, 0]
    other = books.accepted()
    books.work()
    lite_desk.transition(other, "lose", lite_desk.ada, reason="declined", note="They changed.")
    books.work()
    assert [each["state"] for each in books.records("sale.opportunity")] == ["converted", "lost"]


@pytest.mark.row("T8")
def test_a_record_follows_what_is_changed_here(books: Books, shop: str) -> None:
    """What was missing there is added when it is looked at next."""
    lead(books.desk)
    books.work()
    (party,) = books.records("party.party")
    before, version = party["contact_mechanisms"], record(books.desk, shop).version
    with books.desk.ctx(books.desk.ada) as ctx:
        typed = Record("Example Shop", billing_email="new@shop.example")
        records.edit(ctx, shop, typed, version=version, key=new_key())
    books.work(minutes=20)
    books.work()
    assert party["contact_mechanisms"] != before
    assert "new@shop.example" in repr(party)


@pytest.mark.row("T8")
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("chosen", "told"), [("nothing", False), ("link", True), ("text", True)])
def test_messages_are_noted_where_that_was_chosen(
    lite_desk: Desk,
    there: TrytonThere,
    chosen: str,
    told: bool,  # noqa: FBT001
) -> None:
    """With a link, or with their text; by default not at all."""
    books = Books(lite_desk, there, messages=chosen)
    code = lead(lite_desk)
    books.work()
    lite_desk.receive(code, "Does it print?")
    books.work()
    notes = [each["message"] for each in books.records("ir.note")]
    # the mail that opened it, too
    assert len(notes) == 2 * told
    assert ("Does it print?" in "".join(notes)) == (chosen == "text")
    assert all(code in each for each in notes)


def test_pages_of_those_without_anything_there_are_as_fast(books: Books) -> None:
    """Whether something is there is asked along with the ticket itself."""
    code, ada = lead(books.desk), sign_in(books.desk.app, "ada")
    ada.get(f"/support/desk/tickets/{code}")
    with books.desk.statements() as found:
        ada.get(f"/support/desk/tickets/{code}")
    assert not [each for each in found if "FROM paidsupport_remote JOIN" in each]
    with books.desk.ctx() as ctx:
        assert ctx.session.scalars(select(Remote)).all() == []
