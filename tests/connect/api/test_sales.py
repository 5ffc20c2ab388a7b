"""Sales by programs: organisations, leads, invoices, payments, and the books of the desk (P12)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.connect.api.programs import Caller
from tests.leading import lead
from tests.people import Desk
from tests.services import paid_to

pytestmark = pytest.mark.row("P12")


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Caller:
    """A program of Ada's, a developer."""
    return Caller(app, desk, "ada")


@pytest.fixture
def mia(app: Flask, desk: Desk) -> Caller:
    """A program of Mia's, a manager."""
    return Caller(app, desk, "mia", "manage")


def test_a_lead_is_won_invoiced_and_paid(desk: Desk, ada: Caller, mia: Caller) -> None:
    """Ada takes away what it waits for; Mia decides, invoices and marks as paid."""
    code = lead(desk)
    at = f"/leads/{code}"
    assert [row["code"] for row in ada.get("/leads?mine=true")["items"]] == [code]
    told = ada.post(f"{at}/blockers", blocker_kind="contract", blocker="They read it.")
    wished = ada.post(f"{at}/wishes", wish="A new logo", summary="A logo", details="In blue.")["wishes"][0]
    assert ada.get("/leads?blocked=true")["items"][0]["undecided"] == 1
    decision = {"decision": "offer", "reason": "It sells.", "summary": "A logo", "details": "In blue."}
    decide = f"{at}/wishes/{wished['reference']}/decision"
    ada.refused(403, "POST", decide, **decision)
    assert mia.post(decide, **decision)["wishes"][0]["decision"] == "offer"
    again = mia.refused(409, "POST", decide, **decision)
    assert again["detail"]
    ada.put(f"{at}/blockers/{told['blockers'][0]['reference']}", solved=True)
    assert ada.get(at)["blockers"][0]["solved_at"]
    offer = desk.offer(code, desk.ada, price="500")
    desk.work()
    desk.answer(code, offer, "approved")
    paid_to(desk, "after", code)
    invoices = f"/tickets/{code}/invoices"
    assert [work["price"] for work in ada.get(invoices)["open"]] == [50_000]
    ada.refused(403, "POST", invoices)
    draft = mia.post(invoices)
    here = f"{invoices}/{draft['reference']}"
    refused = mia.refused(422, "POST", f"{here}/issue", draft["version"])
    assert "#/buyer_street" in {each["pointer"] for each in refused["errors"]}
    sent = {"buyer_name": "Doe Ltd.", "buyer_street": "2 Side Street", "buyer_city": "Vienna"}
    sent |= {"buyer_country": "at", "pay_days": "10"}
    refused = mia.refused(422, "PUT", here, draft["version"], **sent, lines=[])
    assert refused["errors"][0]["pointer"] == "#/lines"
    lines = [{"description": "A new logo", "rate": "19"} for _line in draft["lines"]]
    kept = mia.put(here, draft["version"], **sent, lines=lines)
    mia.refused(409, "POST", f"{here}/issue", draft["version"])
    issued = mia.post(f"{here}/issue", kept["version"])
    assert (issued["state"], issued["total"], issued["buyer"]["country"]) == ("issued", 50_000, "AT")
    assert ada.ask("GET", f"{here}/pdf").data.startswith(b"%PDF")
    assert b"<" in ada.ask("GET", f"{here}/xml").data
    assert mia.get("/invoices?state=issued")["items"][0]["number"] == issued["number"]
    assert ada.refused(403, "GET", "/invoices")["detail"] == "Only a manager can see all invoices."
    assert mia.post(f"{here}/paid")["state"] == "paid"
    assert [row["received"] for row in ada.get(f"/tickets/{code}/payments")] == [50_000]
    books = mia.get("/books")
    assert [(row["currency"], row["received"]) for row in books["totals"]] == [(issued["currency"], 50_000)]
    assert mia.get("/books/movements")[0]["document"] == issued["number"]
    note = mia.post(f"{here}/cancel")
    assert (note["kind"], note["other"]) == ("credit-note", issued["number"])
    assert not desk.broken()


def test_an_organisation_gets_contacts_and_tickets(desk: Desk, ada: Caller) -> None:
    """A record is changed as it was seen, or not at all; two records of one organisation become one."""
    made = ada.post("/organisations", name="Mill & Sons", kind="merchant", billing_email=" a@mill.example ")
    at = f"/organisations/{made['reference']}"
    refused = ada.refused(422, "POST", "/organisations", name="Mill & Sons", kind="shop", billing_email="a")
    assert {each["pointer"] for each in refused["errors"]} == {"#/billing_email"}
    refused = ada.refused(422, "POST", "/organisations", name="mill & sons", kind="shop")
    assert {each["pointer"] for each in refused["errors"]} == {"#/name", "#/kind"}
    ada.refused(428, "PUT", at, name="Mill")
    changed = ada.put(at, made["version"], name="Mill", vat_id="DE123456788")
    ada.refused(409, "PUT", at, made["version"], name="Miller")
    code = desk.order(email="jo@mill.example")
    assert ada.put(f"/tickets/{code}/organisation", organisation="Mill")["organisation"]["name"] == "Mill"
    ada.post(f"{at}/contacts", name="Jo", email="jo@mill.example", role="accounts")
    refused = ada.refused(422, "POST", f"{at}/contacts", name="Jo", email="no address")
    assert refused["errors"][0]["pointer"] == "#/email"
    told = ada.get(at)
    assert [each["name"] for each in told["contacts"]] == ["Jo"]
    assert [each["code"] for each in told["tickets"]] == [code]
    assert ada.get("/organisations?q=jo")["items"][0]["contacts"] == 1
    other = ada.post("/organisations", name="The Mill")
    there = f"/organisations/{other['reference']}"
    page = ada.get("/organisations?limit=1")
    rest = ada.get(f"/organisations?limit=1&after={page['next']}")
    assert [row["name"] for row in (*page["items"], *rest["items"])] == ["Mill", "The Mill"]
    into = ada.post(f"{at}/merge", ada.get(at)["version"], organisation="The Mill")
    assert into["reference"] == other["reference"]
    assert ada.get(at)["merged_into"] == other["reference"]
    contact = ada.get(there)["contacts"][0]["reference"]
    assert ada.ask("DELETE", f"{there}/contacts/{contact}").status_code == 200
    assert ada.ask("DELETE", f"/tickets/{code}/organisation").json == {"ticket": code, "organisation": None}
    assert ada.post(f"{there}/archive")["archived_at"]
    assert ada.post(f"{there}/restore")["archived_at"] is None
    assert changed["version"] == 2
    assert not desk.broken()


def test_payments_are_noted_denied_and_refunded(desk: Desk, ada: Caller, mia: Caller) -> None:
    """What went to a developer is noted by its owner; only managers see books, bank and refunds."""
    code = desk.in_progress(desk.ada)
    at = f"/tickets/{code}/payments"
    refused = ada.refused(422, "POST", at, day="soon")
    assert refused["errors"] == [{"pointer": "#/day", "detail": "Enter the day on which it arrived."}]
    today = desk.clock().date().isoformat()
    noted = ada.post(at, day=today)
    assert (noted["provider"], noted["received"], noted["noted_by"]) == ("direct", 4500, "Ada")
    assert "address" not in noted
    one = f"{at}/{noted['reference']}"
    ada.refused(403, "GET", f"{one}/refunds")
    ada.refused(403, "POST", f"{one}/refunds", amount="1", reason="A gift.")
    assert mia.get(f"{one}/refunds")["left"] == 4500
    refused = mia.refused(409, "POST", f"{one}/refunds", amount="1", reason="A gift.")
    assert refused["detail"] == mia.get(f"{one}/refunds")["against"]
    ada.refused(409, "POST", f"{one}/missing")
    ada.post(f"{one}/undo")
    assert ada.get(at) == []
    for path in ("/books", "/books/movements", "/payouts", "/bank-lines", f"/payouts/{desk.ben.id}"):
        ada.refused(403, "GET", path)
    assert ada.get(f"/payouts/{desk.ada.id}") == {"owed": [], "payouts": []}
    sent = {"amount": "20", "currency": "USD", "day": today}
    refused = mia.refused(422, "POST", f"/payouts/{desk.ada.id}", **sent)
    assert refused["errors"][0]["pointer"] == "#/amount"
    assert mia.get("/bank-lines") == {"items": [], "next": None}
    refused = mia.refused(422, "POST", "/bank-statements", file={"name": "a.xml", "content": "PHg+"})
    assert refused["errors"][0]["pointer"] == "#/file", refused
    mia.refused(404, "POST", "/bank-lines/none/assign", code=code)
    assert not desk.broken()
