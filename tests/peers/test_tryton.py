"""What the desk does in a real Tryton: each thing once, also if that is killed in the middle of it (P17)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.protocol import Draft, Erp, Item, Lead, Party, Stage, What
from paidsupport.connect.erp.tryton import Tryton as Adapter
from paidsupport.connect.erp.tryton_client import TIMEOUT
from paidsupport.connect.outgoing import Line
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from tests.peers.between import Between, When
from tests.peers.tryton import COMPANY, REVENUE, Tryton, decimal

pytestmark = pytest.mark.row("P17")

SHOP = Party(
    "DESK-7F3K",
    "Müller & Söhne GmbH",
    email="office@mueller.example",
    street="Große Straße 5",
    postcode="10115",
    city="Köln",
    country="DE",
)
LEAD = Lead("PS-7K3F-9QXM", SHOP.ref, "A gallery with 20 seats", Money(240_000, "EUR"), "Asked by mail.")
DRAFT = Draft(
    LEAD.ref,
    SHOP.ref,
    (
        Item("Installation", Money(12_050, "EUR")),
        Item("Hours", Money(9_999, "EUR"), Decimal("2.5")),
    ),
    note="Agreed on 14 March 2034.",
)
MODELS = {
    What.PARTY: "party.party",
    What.LEAD: "sale.opportunity",
    What.INVOICE: "account.invoice",
}


def adapter(tryton: Tryton, url: str = "", *, key: str = "", account: str = REVENUE) -> Adapter:
    """What the desk asks it with, which knows nothing yet."""
    line = Line(url or tryton.url, private=True, timeout=TIMEOUT)
    return Adapter(line, tryton.database, key or tryton.key, account=account)


def all_done(erp: Erp) -> tuple[str, str, str]:
    """A customer, a lead and an invoice, as a worker does it, from the beginning."""
    party, lead = erp.party(SHOP), erp.lead(LEAD)
    erp.stage(LEAD.ref, Stage.WON)
    return party, lead, erp.invoice_draft(DRAFT)


def ours(tryton: Tryton) -> dict[What, list[int]]:
    """What is there under our references."""
    where = {What.PARTY: ["code", "=", SHOP.ref], What.LEAD: ["reference", "=", LEAD.ref]}
    where[What.INVOICE] = ["reference", "=", DRAFT.ref]
    return {
        what: [each["id"] for each in tryton.find(MODELS[what], [domain])] for what, domain in where.items()
    }


def test_it_stands_up_again(tryton: Tryton) -> None:
    """With its company; what was committed before it was killed is still there."""
    [company] = tryton.find("company.company", [], "party.rec_name", "currency.code")
    assert (company["party."]["rec_name"], company["currency."]["code"]) == (COMPANY, "EUR")
    party = tryton.make("party.party", name="Müller & Söhne", code="DESK-1")
    tryton.kill()
    tryton.start()
    [found] = tryton.find("party.party", [["code", "=", "DESK-1"]], "name")
    assert (found["id"], found["name"]) == (party, "Müller & Söhne")


def test_a_lead_is_won_and_becomes_one_draft_of_an_invoice(tryton: Tryton) -> None:
    """With its customer and all its lines, to the cent; asked for twice it is the same."""
    erp = adapter(tryton)
    assert erp.check() == ""
    done = all_done(erp)
    assert all_done(erp) == all_done(adapter(tryton)) == done
    assert {what: [str(each) for each in found] for what, found in ours(tryton).items()} == {
        what: [number] for what, number in zip(What, done, strict=True)
    }
    assert done == tuple(erp.find(what, LEAD.ref if what is not What.PARTY else SHOP.ref) for what in What)
    [party] = tryton.find("party.party", [["code", "=", SHOP.ref]], "name", "email", "addresses.full_address")
    assert (party["name"], party["email"]) == (SHOP.name, SHOP.email)
    [address] = party["addresses."]
    assert address["full_address"].splitlines() == [SHOP.street, f"{SHOP.postcode} {SHOP.city}", "GERMANY"]
    [lead] = tryton.find("sale.opportunity", [], "state", "description", "amount", "party", "comment")
    assert (lead["state"], lead["description"], lead["comment"]) == ("converted", LEAD.title, LEAD.note)
    assert str(lead["party"]) == done[0]
    [invoice] = tryton.find("account.invoice", [], "state", "type", "party", "untaxed_amount", "comment")
    assert (invoice["state"], invoice["type"], str(invoice["party"])) == ("draft", "out", done[0])
    assert (invoice["untaxed_amount"], invoice["comment"]) == (decimal("370.48"), DRAFT.note)
    lines = tryton.find("account.invoice.line", [], "description", "quantity", "unit_price", "account.code")
    assert [
        (each["description"], each["quantity"], each["unit_price"], each["account."]["code"])
        for each in lines
    ] == [("Installation", 1, decimal("120.50"), REVENUE), ("Hours", 2.5, decimal("99.99"), REVENUE)]


@pytest.mark.parametrize(
    ("path", "when"),
    [
        ("/party.party", When.SENT),
        ("/sale.opportunity", When.ANSWERED),
        ("/opportunity", When.SENT),
        ("/convert", When.ANSWERED),
        ("/account.invoice", When.SENT),
        ("/account.invoice", When.ANSWERED),
    ],
)
def test_each_thing_is_there_once_after_tryton_was_killed_over_it(
    tryton: Tryton, to_tryton: Between, path: str, when: When
) -> None:
    """Whether it had done it or not: the end is unknown, and the next attempt looks for it first."""
    to_tryton.cut("POST", path, when, tryton.kill)
    with pytest.raises(UnclearError):
        all_done(adapter(tryton, to_tryton.url))
    with pytest.raises(NotSentError):
        all_done(adapter(tryton))
    tryton.start()
    done = all_done(adapter(tryton, to_tryton.url))
    assert {what: len(found) for what, found in ours(tryton).items()} == dict.fromkeys(What, 1)
    assert done == tuple(str(found) for [found] in ours(tryton).values())
    [lead] = tryton.find("sale.opportunity", [], "state")
    assert (lead["state"], len(tryton.find("sale.sale", []))) == ("converted", 1)


def test_what_is_there_is_completed_and_never_overwritten(tryton: Tryton) -> None:
    """An accountant knows better what a customer is called; archived ones are found again."""
    erp, ours = adapter(tryton), [["code", "=", SHOP.ref]]
    number = erp.party(Party(SHOP.ref, "mueller"))
    tryton.rpc("model.party.party.write", [int(number)], {"name": "Müller und Söhne KG"})
    assert erp.party(SHOP) == erp.party(SHOP) == number
    [party] = tryton.find("party.party", ours, "name", "email", "addresses.city", "contact_mechanisms")
    assert (party["name"], party["email"]) == ("Müller und Söhne KG", SHOP.email)
    assert (len(party["addresses."]), len(party["contact_mechanisms"])) == (1, 1)
    tryton.rpc("model.party.party.write", [int(number)], {"active": False})
    assert erp.party(replace(SHOP, phone="+49 221 123456")) == number


def test_an_invoice_needs_no_address_and_may_be_in_another_currency(tryton: Tryton) -> None:
    """The accountant adds the one, and the other is what was agreed on."""
    erp = adapter(tryton)
    erp.party(Party("DESK-1", "Pat Miller"))
    draft = Draft("PS-1", "DESK-1", [Item("Work", Money(5, "USD"))])
    number = erp.invoice_draft(draft)
    tryton.rpc("model.account.invoice.cancel", [int(number)])
    assert erp.invoice_draft(draft) == number
    [invoice] = tryton.find("account.invoice", [], "currency.code", "untaxed_amount", "state")
    assert (invoice["currency."]["code"], invoice["untaxed_amount"]) == ("USD", decimal("0.05"))
    assert invoice["state"] == "cancelled"


def test_a_lead_goes_on_from_wherever_it_is(tryton: Tryton) -> None:
    """Lost and won again; only what was sold there has to be taken back there."""
    erp = adapter(tryton)
    erp.party(SHOP)
    erp.lead(replace(LEAD, price=Money(1_00, "USD")))
    states = []
    for stage in (Stage.NEW, Stage.LOST, Stage.LOST, Stage.OFFERED, Stage.NEW, Stage.WON, Stage.OFFERED):
        erp.stage(LEAD.ref, stage)
        states += [each["state"] for each in tryton.find("sale.opportunity", [], "state")]
    assert states == ["lead", "lost", "lost", *["opportunity"] * 2, *["converted"] * 2]
    with pytest.raises(NotSentError, match="cannot be moved on") as error:
        erp.stage(LEAD.ref, Stage.LOST)
    assert error.value.permanent
    [lead] = tryton.find("sale.opportunity", [], "amount", "comment")
    assert (lead["amount"], lead["comment"]) == (None, "USD 1.00\nAsked by mail.")


def test_what_was_said_is_added_once_to_a_record(tryton: Tryton) -> None:
    """Whatever it holds, and whatever its key is made of."""
    erp = adapter(tryton)
    erp.party(SHOP)
    for key in ("PS-1/1", "PS_1/1", "PS%", "PS-1/1"):
        erp.note(What.PARTY, SHOP.ref, key, "Grüße 100 %\n“Ja”")
    found = [each["message"] for each in tryton.find("ir.note", [], "message")]
    assert found == [f"Grüße 100 %\n“Ja”\n[{key}]" for key in ("PS-1/1", "PS_1/1", "PS%")]


def _no_rights(tryton: Tryton) -> None:
    [user] = tryton.find("res.user", [["login", "=", "desk"]], "groups")
    tryton.rpc("model.res.user.write", [user["id"]], {"groups": [["remove", user["groups"]]]})


def _no_employee(tryton: Tryton) -> None:
    [user] = tryton.find("res.user", [["login", "=", "desk"]], "employees")
    values = {"employee": None, "employees": [["remove", user["employees"]]]}
    tryton.rpc("model.res.user.write", [user["id"]], values)


def _closed(tryton: Tryton) -> None:
    [account] = tryton.find("account.account", [["code", "=", REVENUE]])
    tryton.rpc("model.account.account.write", [account["id"]], {"closed": True, "template_override": True})


def test_the_check_says_what_has_to_be_mended(tryton: Tryton) -> None:
    """In a sentence for a manager, one after the other."""

    def said(**more: str) -> str:
        try:
            return adapter(tryton, **more).check()
        except NotSentError as error:
            return str(error)

    assert said(key="of-another") == sentences.KEY_REFUSED
    assert said(account="") == sentences.NO_USUAL_ACCOUNT
    assert said(account="9.9.9") == "The ERP has no open revenue account 9.9.9. Correct its code."
    assert said() == ""
    _closed(tryton)
    assert said().startswith(f"The ERP has no open revenue account {REVENUE}.")
    _no_rights(tryton)
    assert said().startswith("The ERP refused it: You are not allowed to access")
    _no_employee(tryton)
    assert said() == sentences.NO_EMPLOYEE


def test_no_other_program_is_taken_for_it(tryton: Tryton) -> None:
    """Nor another database."""
    with pytest.raises(NotSentError, match="no Tryton with this database"):
        Adapter(Line(tryton.url, private=True), "another", tryton.key).check()
    tryton.kill()
    with pytest.raises(NotSentError, match="could not be reached"):
        adapter(tryton).check()
